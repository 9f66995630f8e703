package memory

import (
	"context"

	"github.com/lairchat/lair/storage"
)

func (r *rows) Consumers(context.Context) (all []storage.Consumer, err error) {
	r.consumers.Scan(func(_ string, c storage.Consumer) bool {
		all = append(all, c)
		return true
	})
	return all, nil
}

func (r *rows) Consumer(_ context.Context, name string) (storage.Consumer, error) {
	c, ok := r.consumers.Get(name)
	if !ok {
		return storage.Consumer{}, storage.ErrNotFound
	}
	return c, nil
}

func (r *rows) SetConsumer(_ context.Context, c *storage.Consumer) error {
	r.consumers.Set(c.Name, *c)
	return nil
}

func (r *rows) DeleteConsumer(_ context.Context, name string) error {
	r.consumers.Delete(name)
	return nil
}
