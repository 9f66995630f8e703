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
	User     storage.UserID      // nobody, where the author was deleted
	Type     storage.MessageType // of the messages
	Messages int64
	Joins    int64
	Leaves   int64
	Users    int64 // registrations
}

// MessageStatsScan selects messages to sum up. From and To are at quarters of
// an hour; each may be the zero time.
type MessageStatsScan struct {
	Room     storage.RoomID
	User     storage.UserID
	From, To time.Time
	Top      int
	Now      time.Time // what has expired by then is left out
}

// ActivityScan selects what happened between each two of the bounds, which are
// at quarters of an hour.
type ActivityScan struct {
	Room   storage.RoomID
	User   storage.UserID
	Bounds []time.Time
	Now    time.Time // what has expired by then is left out
}

// StatsRows sums things up. Maps are not nil. The package rollup helps.
type StatsRows interface {
	UserStats(ctx context.Context, now time.Time) (storage.UserStats, error)
	RoomStats(ctx context.Context, top int, now time.Time) (storage.RoomStats, error)

	// MessageStats leaves Members and PerMember at 0.
	MessageStats(ctx context.Context, s MessageStatsScan) (storage.MessageStats, error)

	// Activity returns one bucket less than there are bounds.
	Activity(ctx context.Context, s ActivityScan) ([]storage.Bucket, error)

	// AddActivity adds to the rollups, in the same transaction. Messages that
	// SweepRooms takes away are not told: they count no more once their room
	// is deleted.
	AddActivity(ctx context.Context, a Activity) error
}
