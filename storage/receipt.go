package storage

import (
	"context"
	"time"
)

// Unread is what a member has not read in a room.
//
// A message is unread for a member if its Seq is beyond the member's read
// marker (Membership.ReadSeq), and it is neither the member's own, nor a system
// message, nor a tombstone, nor expired, nor purged. The counts are exact,
// whatever is edited, deleted or purged meanwhile.
type Unread struct {
	Messages int64     `json:"messages"`           // unread messages
	Mentions int64     `json:"mentions"`           // of these, those that mention the member, or everybody
	FirstID  MessageID `json:"first_id,omitzero"`  // the unread message with the lowest Seq
	FirstSeq int64     `json:"first_seq,omitzero"` // its Seq, 0 if nothing is unread
}

// ReadReceipt tells that a user has read a message, and when.
type ReadReceipt struct {
	UserID UserID    `json:"user_id"`
	ReadAt time.Time `json:"read_at"`
}

// ReceiptQuery selects the receipts of a message, which must be given: who
// read it first, first, ties by user.
type ReceiptQuery struct {
	Message MessageID
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q ReceiptQuery) WithCursor(c Cursor) ReceiptQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q ReceiptQuery) Validate() error {
	if q.Message.IsZero() {
		return Invalid("Message", "unset")
	}
	return nil
}

// InboxQuery selects the rooms of a user, who must be given, by last activity:
// the latest Room.LastMessageAt first, rooms without a message as if theirs was
// at the beginning of 1970, ties by the room's ID descending.
type InboxQuery struct {
	User       UserID
	Types      []RoomType // any of these
	Active     *bool      // active rooms, or inactive ones
	UnreadOnly bool       // only rooms with something unread; pages may come back short with their Next set
	Limit      int
	Cursor     Cursor
}

// WithCursor returns the query for the page at c.
func (q InboxQuery) WithCursor(c Cursor) InboxQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q InboxQuery) Validate() error {
	if q.User.IsZero() {
		return Invalid("User", "unset")
	}
	return roomTypes.checkAll("Types", q.Types)
}

// InboxEntry is one room of a user's inbox.
type InboxEntry struct {
	Room        Room       `json:"room"`
	Membership  Membership `json:"membership"`
	LastMessage Message    `json:"last_message,omitzero"` // of the highest Seq, as a tombstone if it is one; not expired, not purged; zero: none, or one that the room hides from the member (HistoryHidden)
	Unread      Unread     `json:"unread"`
}

// Clone returns a copy that shares nothing with e.
func (e InboxEntry) Clone() InboxEntry {
	e.Room = e.Room.Clone()
	e.Membership = e.Membership.Clone()
	e.LastMessage = e.LastMessage.Clone()
	return e
}

// ReceiptReader reads who has read what. UnreadMessages is a function.
type ReceiptReader interface {
	// ReadReceipts lists who has read a message, a page at a time: the members
	// whose marker passed it, by MarkRead or by a message of their own, and
	// those of AddReadReceipt. The time is that of the first of these; where
	// the clock was put back in between, it may be that of a later one. The
	// author is never among them, and leaving the room takes no receipt away.
	// A message that does not exist, has expired or was purged is ErrNotFound.
	ReadReceipts(ctx context.Context, q ReceiptQuery) (Page[ReadReceipt], error)

	// Unread returns what a member has not read in a room; ErrNotFound if the
	// user is no member.
	Unread(ctx context.Context, room RoomID, user UserID) (Unread, error)

	// Inbox lists a user's rooms, each with all that a list of chats shows, a
	// page at a time, at a cost that does not grow with the history. Inactive
	// rooms are there, deleted ones not. A user who does not exist has none.
	Inbox(ctx context.Context, q InboxQuery) (Page[InboxEntry], error)
}

// ReceiptWriter moves read markers. A room, a message or a membership that
// does not exist is ErrNotFound.
//
// Joining sets the marker to the room's LastSeq, so that nothing is unread;
// joining again does so anew. Sending marks the room read for its author up to
// the message sent, but for CreateMessages, which touches no marker.
type ReceiptWriter interface {
	// MarkRead moves the member's marker forward to upTo, which is read too;
	// the zero Anchor means to the end, and a Seq beyond LastSeq is taken for
	// LastSeq. It never moves back: an earlier place changes nothing. The
	// messages passed get receipts of the present. An anchor that is no
	// message of the room, nor was, is ErrNotFound.
	MarkRead(ctx context.Context, room RoomID, user UserID, upTo Anchor) error

	// AddReadReceipt records that the user, a member, has read one message,
	// leaving the marker and Unread as they are. A receipt that is there
	// already, of whatever origin, keeps its time, and the author's own message
	// gets none. A tombstone is legal, a message that has expired or was purged
	// ErrNotFound.
	AddReadReceipt(ctx context.Context, message MessageID, user UserID) error

	// MarkUnread moves the member's marker back so that from and what comes
	// after it are unread, as far as they can be: the member's own messages
	// among them do not count. It never moves forward: a place beyond the marker
	// changes nothing. It may move before the place where the member joined.
	// Receipts stay. The zero Anchor is ErrInvalid.
	MarkUnread(ctx context.Context, room RoomID, user UserID, from Anchor) error
}
