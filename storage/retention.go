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
	// those with too many messages, be they pinned. Rooms on which a legal hold
	// stands are not among them.
	RoomsDue(ctx context.Context, q RetentionQuery) (Page[RoomDue], error)

	// CountDue tells what Maintain would take away at this moment, each kind by
	// itself: what two would take is told of both, such as expired messages in
	// rooms that have expired. What retention takes by age and by number is told
	// once. Blobs are not told, since which are free shows when all that have
	// them are gone; and of Changes that come in one transaction, which go all or
	// none, there may be some too many. It reads what it counts, from one
	// snapshot, and holds up nobody.
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
