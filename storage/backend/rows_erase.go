package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// TraceScan is a list of what a user has left in a room, or in all rooms where
// Room is zero, in the order of the messages' Seq and, of reactions to one, of
// the emoji. After holds these in Int and Text; it is unset where Room is zero.
type TraceScan struct {
	Room storage.RoomID
	User storage.UserID
	Now  time.Time // messages that have expired by then are left out; zero: none are
	Scan
}

// TraceRows reads what a user has left in rooms that are there.
type TraceRows interface {
	// UserRooms returns the rooms of storage.TraceReader, in any order.
	UserRooms(ctx context.Context, user storage.UserID) ([]storage.RoomID, error)
	UserReactions(ctx context.Context, s TraceScan) ([]storage.Reaction, error)

	// UserReceipts is asked about one room.
	UserReceipts(ctx context.Context, s TraceScan) ([]storage.MessageReceipt, error)
}

// UserTrim says what of a user who exists is to be trimmed.
type UserTrim struct {
	User  storage.UserID
	Email string   // the folded address, empty if there is none
	Login []string // the logins under which attempts of nobody may be the user's
	Limit int      // records
}

// TrimmedUser counts what was trimmed.
type TrimmedUser struct {
	Sessions, Logins, Invites, Blocks, Sanctions int64
}

// Total returns how many records they are.
func (t TrimmedUser) Total() int64 {
	return t.Sessions + t.Logins + t.Invites + t.Blocks + t.Sanctions
}

// EraseRows takes away what is held about a person.
type EraseRows interface {
	// AttachmentsLeft returns the attachments that a message carries, or carried
	// until it was deleted.
	AttachmentsLeft(ctx context.Context, message storage.MessageID) ([]storage.AttachmentID, error)

	// DisownMessage takes author, nonce and digest off a tombstone, to which
	// AttachmentsLeft is nothing. Where sending it has moved a read marker, that
	// does not count any more.
	DisownMessage(ctx context.Context, id storage.MessageID) error

	// TrimUser removes up to Limit of what is the user's alone, of which there
	// may be much: before all else attempts of nobody under a Login and from a
	// Network from which an attempt of the user's has succeeded; then sessions,
	// login attempts of the user, invites to the user or the address,
	// blocks of and against the user and, after all else, sanctions against the
	// user.
	TrimUser(ctx context.Context, u UserTrim) (TrimmedUser, error)

	// TrimReadings removes up to limit records of what a user has read, in rooms
	// of which the user is no member any more, and reports whether there may be
	// more. What it counts as a record is its own affair.
	TrimReadings(ctx context.Context, user storage.UserID, limit int) (more bool, err error)

	// TrimMentions removes up to limit records by which messages are found that
	// mention the user, if DeleteUser would take long for these, and reports
	// whether there may be more. What it counts as a record is its own affair.
	TrimMentions(ctx context.Context, user storage.UserID, limit int) (more bool, err error)

	// ForgetEmojiOf takes the Emoji off up to limit changes whose UserID is the
	// user, who may be gone, in the order of their positions.
	ForgetEmojiOf(ctx context.Context, user storage.UserID, limit int) (forgotten int, err error)
}
