package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// Activity is what one write adds to the rollups of statistics.
type Activity struct {
	At       time.Time // picks the quarter of an hour
	Room     storage.RoomID
	User     storage.UserID
	Messages int64
	Joins    int64
	Leaves   int64
	Users    int64 // registrations
}

// ActivityRows is implemented by rows that keep rollups.
type ActivityRows interface {
	// AddActivity adds to the rollups, in the same transaction.
	AddActivity(ctx context.Context, a Activity) error
}

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

// counted tells the rollups, where the backend keeps them.
func (t *rules) counted(ctx context.Context, a Activity) error {
	if rollups, ok := t.rows.(ActivityRows); ok {
		return rollups.AddActivity(ctx, a)
	}
	return nil
}
