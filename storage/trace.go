package storage

// What a user has left in rooms, which no list of a noun gives.

import (
	"context"
	"time"
)

// UserRoomQuery selects the rooms in which a user, who must be given, has left
// something, by ID.
type UserRoomQuery struct {
	User   UserID
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c.
func (q UserRoomQuery) WithCursor(c Cursor) UserRoomQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q UserRoomQuery) Validate() error {
	if q.User.IsZero() {
		return Invalid("User", "unset")
	}
	return nil
}

// TraceQuery selects what a user has left in a room, both of which must be
// given.
type TraceQuery struct {
	Room        RoomID
	User        UserID
	WithExpired bool // also what messages are about whose time is over, as long as they are stored
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q TraceQuery) WithCursor(c Cursor) TraceQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q TraceQuery) Validate() error {
	switch {
	case q.Room.IsZero():
		return Invalid("Room", "unset")
	case q.User.IsZero():
		return Invalid("User", "unset")
	}
	return nil
}

// MessageReceipt tells that a user has read a message, and when.
type MessageReceipt struct {
	MessageID MessageID `json:"message_id"`
	Seq       int64     `json:"seq"`
	ReadAt    time.Time `json:"read_at"`
}

// TraceReader reads what a user has left in rooms, for ExportUser. A user or a
// room that does not exist has nothing, and what has expired is there only if it
// is asked for.
type TraceReader interface {
	// UserRooms lists the rooms of which the user is a member, or in which the user
	// has written a message, be it a tombstone by now or expired, reacted to one,
	// read something, or is mentioned. Others where any of this was once may be
	// among them. Each page costs what all these rooms do, and not their messages.
	UserRooms(ctx context.Context, q UserRoomQuery) (Page[RoomID], error)

	// UserMessages lists what a user has written in a room, tombstones too, by Seq.
	// Reactions and Thread, which are others', are unset.
	UserMessages(ctx context.Context, q TraceQuery) (Page[Message], error)

	// UserReactions lists the reactions of a user in a room in the order of the
	// messages' Seq, those to one message by emoji, bytewise.
	UserReactions(ctx context.Context, q TraceQuery) (Page[Reaction], error)

	// UserReceipts lists the messages of a room that a user has read, as
	// ReadReceipts tells it, tombstones too, by Seq. Its cost grows with the
	// messages that it passes, whether the user has read them or not.
	UserReceipts(ctx context.Context, q TraceQuery) (Page[MessageReceipt], error)
}
