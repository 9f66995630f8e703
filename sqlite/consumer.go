package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
)

func scanConsumer(row *row) storage.Consumer {
	return storage.Consumer{Name: row.text(), Position: storage.Position(row.int()), UpdatedAt: row.time()}
}

const (
	consumersSQL = `
SELECT name, position, updated_at
FROM change_consumers
ORDER BY name`
	consumerSQL = `
SELECT name, position, updated_at
FROM change_consumers
WHERE name = ?`
)

// Consumers implements backend.ChangeRows.
func (r *rows) Consumers(context.Context) (all []storage.Consumer, err error) {
	err = r.c.query(consumersSQL, nil, func(row *row) error {
		all = append(all, scanConsumer(row))
		return nil
	})
	return all, err
}

// Consumer implements backend.ChangeRows.
func (r *rows) Consumer(_ context.Context, name string) (c storage.Consumer, err error) {
	err = r.c.one(consumerSQL, func(a *args) { a.text(name) }, func(row *row) error {
		c = scanConsumer(row)
		return nil
	})
	return c, err
}

const setConsumerSQL = `
INSERT INTO change_consumers (name, position, updated_at)
VALUES (?, ?, ?)
ON CONFLICT DO UPDATE
SET position = excluded.position, updated_at = excluded.updated_at`

// SetConsumer implements backend.ChangeRows.
func (r *rows) SetConsumer(_ context.Context, c *storage.Consumer) error {
	r.pending.bytes += rowBytes
	return r.c.exec(setConsumerSQL, func(a *args) {
		a.text(c.Name)
		a.int(int64(c.Position))
		a.time(c.UpdatedAt)
	})
}

const deleteConsumerSQL = `
DELETE FROM change_consumers
WHERE name = ?`

// DeleteConsumer implements backend.ChangeRows.
func (r *rows) DeleteConsumer(_ context.Context, name string) error {
	return r.c.exec(deleteConsumerSQL, func(a *args) { a.text(name) })
}
