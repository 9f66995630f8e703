package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// checkConsumer refuses what no consumer is named.
func checkConsumer(name string) error {
	if name == "" {
		return storage.Invalid("name", "empty")
	}
	return storage.CheckText("name", name, storage.MaxConsumer)
}

func missingConsumer(err error, name string) error {
	return missingKey(err, storage.EntityConsumer, func() string { return name })
}

// ConsumerPosition implements storage.ChangeReader.
func (r Reader) ConsumerPosition(ctx context.Context, name string) (storage.Position, error) {
	check := func() error { return checkConsumer(name) }
	return readOne(ctx, r.in, "read consumer position", check, func(rows Rows) (storage.Position, error) {
		c, err := rows.Consumer(ctx, name)
		return c.Position, missingConsumer(err, name)
	})
}

// Consumers implements storage.ChangeReader.
func (r Reader) Consumers(ctx context.Context) ([]storage.Consumer, error) {
	return readList(ctx, r.in, "list consumers", unchecked, func(rows Rows) ([]storage.Consumer, error) {
		return rows.Consumers(ctx)
	})
}

// AdvanceConsumer implements storage.ChangeWriter.
func (w Writer) AdvanceConsumer(ctx context.Context, name string, position storage.Position) error {
	check := func() error {
		if position < 0 {
			return storage.Invalid("position", "negative")
		}
		return checkConsumer(name)
	}
	return writeOnly(ctx, w.in, "advance consumer", check, func(t *rules) error {
		head, err := t.rows.ChangeHead(ctx)
		if err != nil {
			return err
		}
		if position > head.Newest {
			return storage.Invalid("position", "beyond the newest change")
		}
		c, err := t.rows.Consumer(ctx, name)
		exists, err := found(err)
		if err != nil || exists && position <= c.Position {
			return err
		}
		return t.rows.SetConsumer(ctx, &storage.Consumer{Name: name, Position: position, UpdatedAt: t.now})
	})
}

// DeleteConsumer implements storage.ChangeWriter.
func (w Writer) DeleteConsumer(ctx context.Context, name string) error {
	check := func() error { return checkConsumer(name) }
	return writeOnly(ctx, w.in, "delete consumer", check, func(t *rules) error {
		if _, err := t.rows.Consumer(ctx, name); err != nil {
			return missingConsumer(err, name)
		}
		return t.rows.DeleteConsumer(ctx, name)
	})
}
