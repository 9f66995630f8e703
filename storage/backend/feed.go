package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// changed tells the feed. The changes of one transaction are marked as one.
func (t *rules) changed(ctx context.Context, c storage.Change) error {
	_, err := t.changedAt(ctx, c)
	return err
}

// changedAt is changed, and returns the change's position.
func (t *rules) changedAt(ctx context.Context, c storage.Change) (storage.Position, error) {
	c.At, c.Tx = t.now, t.firstChange
	if err := t.rows.AppendChange(ctx, &c); err != nil {
		return 0, err
	}
	// A savepoint that is rolled back takes the first change with it: then this
	// one has its position.
	t.firstChange = c.Tx
	var err error
	t.touched, err = appendTouch(ctx, t.rows, t.touched, &c)
	return c.Position, err
}

// counted tells the rollups.
func (t *rules) counted(ctx context.Context, a Activity) error {
	return t.rows.AddActivity(ctx, a)
}

// countedMessage tells the rollups of one message more, or less.
func (t *rules) countedMessage(ctx context.Context, m *storage.Message, n int64) error {
	return t.counted(ctx, Activity{At: m.CreatedAt, Room: m.RoomID, User: m.AuthorID, Type: m.Type, Messages: n})
}
