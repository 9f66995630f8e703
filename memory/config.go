package memory

import (
	"context"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) Config(_ context.Context, key string) (storage.Config, error) {
	c, ok := r.configs.Get(key)
	if !ok {
		return storage.Config{}, storage.ErrNotFound
	}
	return c, nil
}

func (r *rows) Configs(_ context.Context, s backend.ConfigScan) (all []storage.Config, err error) {
	take := func(key string, c storage.Config) bool {
		switch {
		case s.After != nil && key == s.After.Text,
			s.Desc && key > s.Prefix && !strings.HasPrefix(key, s.Prefix): // not there yet
			return true
		case !strings.HasPrefix(key, s.Prefix):
			return false
		}
		all = append(all, c)
		return len(all) < s.Scan.Limit
	}
	switch {
	case s.After == nil && s.Desc:
		r.configs.Reverse(take)
	case s.Desc:
		r.configs.Descend(s.After.Text, take)
	case s.After == nil:
		r.configs.Ascend(s.Prefix, take)
	default:
		r.configs.Ascend(s.After.Text, take)
	}
	return all, nil
}

func (r *rows) SetConfig(_ context.Context, c *storage.Config) error {
	r.configs.Set(c.Key, *c)
	return nil
}

func (r *rows) DeleteConfig(_ context.Context, key string) error {
	if _, existed := r.configs.Delete(key); !existed {
		return storage.ErrNotFound
	}
	return nil
}
