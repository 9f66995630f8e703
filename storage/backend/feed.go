package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// ChangeRows is implemented by rows that keep the change feed.
type ChangeRows interface {
	// AppendChanges appends to the feed, in the same transaction. Position, Tx
	// and At are for the rows to fill in.
	AppendChanges(ctx context.Context, changes ...storage.Change) error
}

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

// changed tells the feed, where the backend keeps one.
func (t *rules) changed(ctx context.Context, c storage.Change) error {
	if feed, ok := t.rows.(ChangeRows); ok {
		return feed.AppendChanges(ctx, c)
	}
	return nil
}

// counted tells the rollups, where the backend keeps them.
func (t *rules) counted(ctx context.Context, a Activity) error {
	if rollups, ok := t.rows.(ActivityRows); ok {
		return rollups.AddActivity(ctx, a)
	}
	return nil
}
