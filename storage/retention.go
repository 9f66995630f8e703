package storage

import (
	"context"
	"time"
)

// RetentionQuery selects the rooms in which something is due to be taken away by
// its age or its number: by the room's own settings (RetentionDays,
// RetentionMax), and otherwise by the server's. The room that was created first
// comes first, ties by ID.
type RetentionQuery struct {
	For    time.Duration // how long messages stay in rooms that do not say; 0: for ever
	Keep   int64         // how many messages stay in rooms that do not say; 0: all
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c.
func (q RetentionQuery) WithCursor(c Cursor) RetentionQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q RetentionQuery) Validate() error {
	switch {
	case q.For < 0:
		return Invalid("For", "negative")
	case q.Keep < 0:
		return Invalid("Keep", "negative")
	}
	return nil
}

// RoomDue is a room in which something may be due.
type RoomDue struct {
	Room RoomID
	To   time.Time // what was created before is due; zero: nothing is so old
	Keep int64     // all but the newest so many messages are due; 0: there are no more
}

// RetentionReader tells what is due.
type RetentionReader interface {
	// RoomsDue lists the rooms that q selects, a page at a time, without reading
	// their histories: those with a message or a tombstone that is too old, and
	// those with too many messages that readers still see, be they pinned. Rooms
	// on which a legal hold stands are not among them. Ages are in days of 24
	// hours; one that is longer than the calendar lets nothing go.
	RoomsDue(ctx context.Context, q RetentionQuery) (Page[RoomDue], error)

	// CountDue tells what Maintain would take away if it ran at this moment, and
	// nobody else wrote. What goes with a room, or has expired, or is too old as
	// well as too many is told once, where Maintain would find it. But invites and
	// sanctions that go with a room are told if they have ended; what Maintain
	// itself tells the feed is not counted, and of Changes that come in one
	// transaction, which go all or none, there may be some too many. Blobs are not
	// told, since which are free shows when all that have them are gone. It reads
	// what it counts, from one snapshot, and holds up nobody.
	CountDue(ctx context.Context, o MaintainOptions) (MaintainReport, error)
}

// RetentionWriter takes away what has ended long ago.
type RetentionWriter interface {
	// DeleteInvites takes away a batch of the invites that had ended before a
	// time (Invite.EndsAt), at most limit (DefaultLimit if 0, at most MaxLimit),
	// and returns how many. Live ones stay, even if before is to come. The feed
	// is not told. Without a time it is ErrInvalid.
	DeleteInvites(ctx context.Context, before time.Time, limit int) (deleted int, err error)

	// DeleteSanctions is DeleteInvites for sanctions (Sanction.EndsAt): bans and
	// mutes that are in force stay.
	DeleteSanctions(ctx context.Context, before time.Time, limit int) (deleted int, err error)
}
