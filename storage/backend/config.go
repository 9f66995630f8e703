package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// missingConfig names the setting behind a bare ErrNotFound.
func missingConfig(err error, key string) error {
	return missingKey(err, storage.EntityConfig, func() string { return key })
}

// ConfigValue implements storage.ConfigReader.
func (r Reader) ConfigValue(ctx context.Context, key string) (storage.Config, error) {
	check := func() error { return storage.CheckConfigKey("key", key) }
	return readOne(ctx, r.in, "read configuration", check, func(rows Rows) (storage.Config, error) {
		c, err := rows.Config(ctx, key)
		return c, missingConfig(err, key)
	})
}

// ConfigValues implements storage.ConfigReader.
func (r Reader) ConfigValues(ctx context.Context, q storage.ConfigQuery) (storage.Page[storage.Config], error) {
	var p *pager
	s := ConfigScan{ConfigQuery: storage.ConfigQuery{Prefix: q.Prefix}}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		p, err = newPager(s.ConfigQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list configuration", check, func(rows Rows) ([]storage.Config, error) {
		s.Scan = p.scan(false)
		return rows.Configs(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Config]{}, err
	}
	return page(p, items, func(c storage.Config) storage.Keyset { return storage.Keyset{Text: c.Key} })
}

// SetConfig implements storage.ConfigWriter.
func (w Writer) SetConfig(ctx context.Context, c *storage.Config) error {
	var next storage.Config
	check := func() error {
		if c == nil {
			return storage.Invalid("c", "nil")
		}
		next = *c
		next.Normalize()
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "set configuration", check, func(t *rules) error { return t.setConfig(ctx, &next) })
	if err != nil {
		return err
	}
	*c = next
	return nil
}

func (t *rules) setConfig(ctx context.Context, next *storage.Config) error {
	old, err := t.rows.Config(ctx, next.Key)
	exists, err := found(err)
	if err != nil {
		return err
	}
	next.UpdatedAt = old.UpdatedAt
	if exists && *next == old {
		return nil
	}
	next.UpdatedAt = t.now
	return t.rows.SetConfig(ctx, next)
}

// DeleteConfig implements storage.ConfigWriter.
func (w Writer) DeleteConfig(ctx context.Context, key string) error {
	check := func() error { return storage.CheckConfigKey("key", key) }
	return writeOnly(ctx, w.in, "delete configuration", check, func(t *rules) error {
		return missingConfig(t.rows.DeleteConfig(ctx, key), key)
	})
}
