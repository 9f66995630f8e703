package storage

import (
	"context"
	"time"
)

// MaxTyping is how long a typing indicator lasts at most.
const MaxTyping = time.Minute

// TypingReader reads who is typing. It is outside transactions: a Store has
// it, a Tx has not.
type TypingReader interface {
	// TypingUsers returns who is typing in a room now, sorted by ID. A room
	// that does not exist, or is unset, has nobody.
	TypingUsers(ctx context.Context, room RoomID) ([]UserID, error)
}

// TypingWriter changes who is typing. What it is told lives in memory, is
// never written to disk, is not seen by other processes, and is gone when it
// expires or the store is closed. It costs no transaction: rooms and users are
// not looked up, and within View and Update, whose outcome does not matter to
// it, it may be called on the Store. Whoever is deleted or erased by this process
// is typing nowhere any more once that is committed, and as before if it is rolled
// back.
type TypingWriter interface {
	// SetTyping says that a user is typing in a room until then, which is
	// exclusive and counts as MaxTyping from now if it is later. A time that
	// has passed is ClearTyping. A zero room or user is ErrInvalid.
	SetTyping(ctx context.Context, room RoomID, user UserID, until time.Time) error

	// ClearTyping says that the user is no longer typing. Who was not is no
	// error. A zero room or user is ErrInvalid.
	ClearTyping(ctx context.Context, room RoomID, user UserID) error
}
