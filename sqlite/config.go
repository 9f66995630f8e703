package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const configColumns = `c.key, c.type, c.value, c.sensitive, c.updated_at`

func scanConfig(row *row) storage.Config {
	return storage.Config{
		Key: row.text(), Type: known[storage.ConfigType](row), Value: storage.Secret(row.text()),
		Sensitive: row.bool(), UpdatedAt: row.time(),
	}
}

const configSQL = `
SELECT ` + configColumns + `
FROM server_config AS c
WHERE c.key = ?`

// Config implements backend.ConfigRows.
func (r *rows) Config(_ context.Context, key string) (c storage.Config, err error) {
	err = r.c.one(configSQL, func(a *args) { a.text(key) }, func(row *row) error {
		c = scanConfig(row)
		return nil
	})
	return c, err
}

// Configs implements backend.ConfigRows.
func (r *rows) Configs(_ context.Context, s backend.ConfigScan) ([]storage.Config, error) {
	return listed(r, configList(s), scanConfig)
}

func configList(s backend.ConfigScan) list {
	l := from(configColumns, "server_config AS c")
	if s.Prefix != "" {
		l.where("c.key >= ?", s.Prefix)
		l.where("c.key < ?", s.Prefix+"\xff") // which no text goes on with
	}
	switch {
	case s.After == nil:
	case s.Desc:
		l.where("c.key < ?", s.After.Text)
	default:
		l.where("c.key > ?", s.After.Text)
	}
	l.scan(order{column: "c.key"}, s.Scan)
	return l
}

const setConfigSQL = `
INSERT INTO server_config (key, type, value, sensitive, updated_at)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE
SET type = excluded.type, value = excluded.value, sensitive = excluded.sensitive, updated_at = excluded.updated_at`

// SetConfig implements backend.ConfigRows.
func (r *rows) SetConfig(_ context.Context, c *storage.Config) error {
	r.pending.bytes += rowBytes + len(c.Value)
	return r.c.exec(setConfigSQL, func(a *args) {
		a.text(c.Key)
		a.int(int64(c.Type))
		a.text(string(c.Value))
		a.bool(c.Sensitive)
		a.time(c.UpdatedAt)
	})
}

const deleteConfigSQL = `
DELETE FROM server_config
WHERE key = ?`

// DeleteConfig implements backend.ConfigRows.
func (r *rows) DeleteConfig(_ context.Context, key string) error {
	r.pending.bytes += rowBytes
	return r.execOne(deleteConfigSQL, func(a *args) { a.text(key) })
}
