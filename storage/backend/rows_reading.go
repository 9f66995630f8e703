package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// AttachmentScan is a list of attachments, in the order of CreatedAt and ID.
// After holds these, CreatedAt in Int as microseconds since 1970.
type AttachmentScan struct {
	storage.AttachmentQuery           // Limit and Cursor are unset
	Now                     time.Time // those of messages that have expired by then are left out; zero: none are
	Scan
}

// AttachmentRows reads and writes attachments. Those of deleted rooms are not
// there.
type AttachmentRows interface {
	Attachment(ctx context.Context, id storage.AttachmentID) (storage.Attachment, error)
	Attachments(ctx context.Context, s AttachmentScan) ([]storage.Attachment, error)

	// InsertAttachment stores an attachment of a room and an uploader that
	// exist. An ID that is taken (if only by one of a deleted room) is
	// storage.ErrDuplicate.
	InsertAttachment(ctx context.Context, a *storage.Attachment) error

	// DeleteAttachment removes an attachment that exists, if only in a deleted
	// room, and returns its blob if no other attachment has it, or "". The search
	// entry of a message that carries it lacks it already, or is in a deleted room.
	DeleteAttachment(ctx context.Context, id storage.AttachmentID) (freed string, err error)

	// AttachmentsToPurge returns up to limit attachments of deleted rooms, or
	// that no message carries and that were detached, or else created, by then,
	// if it is set, and that no legal hold covers.
	AttachmentsToPurge(ctx context.Context, unattached time.Time, limit int) ([]storage.AttachmentID, error)
}

// ReceiptScan is a list of the receipts of a message, in the order of ReadAt
// and user. After holds these in Int (as microseconds since 1970) and ID.
type ReceiptScan struct {
	Message storage.MessageID
	Scan
}

// InboxScan is a list of the rooms of a user, in the order of LastMessageAt and
// ID. After holds these, LastMessageAt in Int as microseconds since 1970, 0 for
// never.
type InboxScan struct {
	storage.InboxQuery // Limit and Cursor are unset
	Scan
}

// InboxPlace is a room's place in an inbox.
type InboxPlace struct {
	Room          storage.RoomID
	LastMessageAt time.Time
}

// ReceiptRows reads and writes what members have read. A receipt comes from a
// marker that moved beyond the message, by MoveMarker or by a message that
// Marks, or from InsertReceipt; where there are several, it has the earliest of
// their times, unless the clock was put back between two moves of a marker. An author has none for a message of his own.
type ReceiptRows interface {
	// Receipts returns receipts of a message that is there, also of users who
	// are members no more.
	Receipts(ctx context.Context, s ReceiptScan) ([]storage.ReadReceipt, error)

	// HasReceipt reports whether a user has read a message, of which he is not
	// the author.
	HasReceipt(ctx context.Context, message storage.MessageID, user storage.UserID) (bool, error)

	// InsertReceipt stores a receipt of one message for a user who has none.
	InsertReceipt(ctx context.Context, message storage.MessageID, user storage.UserID, at time.Time) error

	// MoveMarker moves the marker of a membership that exists forward from m's
	// ReadSeq, as it was read, to a place that is known to be beyond it; the
	// messages passed get receipts.
	MoveMarker(ctx context.Context, m *storage.Membership, to int64, at time.Time) error

	// SetMarkerBack moves the marker of a membership that exists back to a place
	// that is known to be before m's ReadSeq, as it was read.
	SetMarkerBack(ctx context.Context, m *storage.Membership, to int64) error

	// Unread returns what a member has not read in a room, ErrNotFound if there
	// is no membership.
	Unread(ctx context.Context, room storage.RoomID, user storage.UserID, now time.Time) (storage.Unread, error)

	// InboxPlaces returns rooms of a user, UnreadOnly or not.
	InboxPlaces(ctx context.Context, s InboxScan) ([]InboxPlace, error)

	// InboxEntries returns the entries of rooms of which the user is a member,
	// in their order.
	InboxEntries(ctx context.Context, user storage.UserID, rooms []storage.RoomID, now time.Time) ([]storage.InboxEntry, error)
}

// PurgeScan is a list of messages to purge, those that a legal hold covers left
// out, in the order that storage.MessagePurger names; where two have the same time, by the age of their
// rooms, then by Seq.
type PurgeScan struct {
	storage.PurgeQuery       // Limit is unset
	First              int64 // not beyond the first so many messages of Room that readers see by Now, all but the newest Keep; negative: no bound
	Unexpired          bool  // what has expired by Now is left out
	Now                time.Time
	Limit              int
}

// PurgeRows takes messages away.
type PurgeRows interface {
	// MessagesToPurge returns the messages that a scan selects, those that have
	// expired too.
	MessagesToPurge(ctx context.Context, s PurgeScan) ([]storage.Message, error)

	// PurgeMessage takes away a message or tombstone, as it was read and with its
	// Attachments, with all that hangs on it, the attachments that a tombstone carried before and the
	// Emoji of its changes, and leaves a stub for MessagePlace. The room's
	// MessageCount falls unless it was a tombstone, it is no reply of its thread
	// any more, and no marker moves. Receipts of other messages stay, if it was
	// it that gave them, too. It returns how many attachments went, and the
	// blobs that no other attachment has.
	PurgeMessage(ctx context.Context, m *storage.Message) (attachments int64, freed []string, err error)
}
