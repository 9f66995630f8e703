package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// Rows is what a backend implements: reading, and row-sized writes, within
// one transaction or snapshot. It holds data access and no rules. What it is
// given is valid and in its normal form; it keeps nothing of it and gives
// away nothing of its own (slices are copies).
//
// A single record that is not there is storage.ErrNotFound, as it is; the
// layers above say of which record. Methods that return lists return nil when
// there is nothing.
type Rows interface {
	UserRows
	RoomRows
	MembershipRows
	MessageRows
	RevisionRows
	ReactionRows
	SearchRows

	// Savepoint runs fn and undoes everything that it wrote if it returns an
	// error, panics or exits its goroutine. Savepoints nest.
	Savepoint(ctx context.Context, fn func() error) error
}

// Scan is the part of a list that is wanted: at most Limit rows in the order
// of the query's columns, ascending or descending, ties broken by the ID in
// the same direction; only rows strictly beyond After, if it is not nil.
type Scan struct {
	After *storage.Keyset
	Desc  bool
	Limit int
}

// UserScan is a list of users. After holds the order's column in Text
// (UsersByName: the folded name) or Int (times as microseconds since 1970, 0
// for never), and the ID.
type UserScan struct {
	storage.UserQuery          // Limit and Cursor are unset, Order is set
	Prefixes          []string // each begins one of a user's Words
	Scan
}

// UserRow is a user as it is stored.
type UserRow struct {
	storage.User
	FoldedName  string
	FoldedEmail string   // empty if there is none
	Words       []string // sorted, distinct: what text queries find the user by
}

// UserRows reads and writes users.
type UserRows interface {
	User(ctx context.Context, id storage.UserID) (storage.User, error)
	UserByUsername(ctx context.Context, folded string) (storage.User, error)
	UserByEmail(ctx context.Context, folded string) (storage.User, error)
	UserByExternalID(ctx context.Context, externalID string) (storage.User, error)
	UserExists(ctx context.Context, id storage.UserID) (bool, error)

	// UsersByID returns those that exist, in the order of ids, which are
	// distinct.
	UsersByID(ctx context.Context, ids []storage.UserID) ([]storage.User, error)
	Users(ctx context.Context, s UserScan) ([]storage.User, error)
	CountUsers(ctx context.Context, s UserScan) (int64, error)

	// InsertUser stores a user whose unique values are known to be free.
	InsertUser(ctx context.Context, u *UserRow) error

	// UpdateUser replaces the user that has the same ID.
	UpdateUser(ctx context.Context, u *UserRow) error

	// TouchUser sets LastSeenAt, which is known to rise.
	TouchUser(ctx context.Context, id storage.UserID, at time.Time) error

	// DeleteUser removes the user, its reactions and its memberships, lowering
	// the rooms' MemberCount. Every reference to the user reads back as the zero ID from
	// then on (creator, inviter, author, who deleted or edited), but for Mentions, which
	// stay as written. A later user with the same ID is another user.
	DeleteUser(ctx context.Context, id storage.UserID) error
}

// RoomScan is a list of rooms. After holds the order's column in Text
// (RoomsByName: the folded name) or Int (a count, or a time as microseconds
// since 1970, 0 for never), and the ID.
type RoomScan struct {
	storage.RoomQuery          // Limit and Cursor are unset, Order is set
	Prefixes          []string // each begins one of a room's Words
	Scan
}

// RoomRow is a room as it is stored.
type RoomRow struct {
	storage.Room
	FoldedName string   // empty if there is none
	Words      []string // sorted, distinct: what text queries find the room by
}

// RoomState is what a message's writer must know of a room.
type RoomState struct {
	Active  bool
	LastSeq int64
}

// RoomRows reads and writes rooms. LastSeq, LastMessageAt, MessageCount and
// MemberCount are kept by the rows that insert and delete messages and
// memberships.
type RoomRows interface {
	Room(ctx context.Context, id storage.RoomID) (storage.Room, error)
	RoomByName(ctx context.Context, folded string) (storage.Room, error)
	RoomState(ctx context.Context, id storage.RoomID) (RoomState, error)

	// RoomsByID returns those that exist, in the order of ids, which are
	// distinct.
	RoomsByID(ctx context.Context, ids []storage.RoomID) ([]storage.Room, error)
	Rooms(ctx context.Context, s RoomScan) ([]storage.Room, error)
	CountRooms(ctx context.Context, s RoomScan) (int64, error)

	// InsertRoom stores a room whose unique values are known to be free, with
	// its counters at 0.
	InsertRoom(ctx context.Context, r *RoomRow) error

	// UpdateRoom replaces the room that has the same ID, but for its counters.
	UpdateRoom(ctx context.Context, r *RoomRow) error

	// DeleteRoom removes the room and its memberships. No reader finds its
	// messages from then on; they go with SweepRooms.
	DeleteRoom(ctx context.Context, id storage.RoomID) error

	// SweepRooms takes away up to limit messages of deleted rooms, with all
	// that hangs on them, or fewer where that holds the writer for too long,
	// and reports whether there are more.
	SweepRooms(ctx context.Context, limit int) (more bool, err error)
}

// MembershipScan is a list of memberships. After holds the order's column in
// Int, as microseconds since 1970, 0 for never, and the ID: the user's where a
// room's members are listed, the room's otherwise.
type MembershipScan struct {
	storage.MembershipQuery // Limit and Cursor are unset, Order is set
	Scan
}

// MembershipRows reads and writes memberships.
type MembershipRows interface {
	Membership(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error)
	IsMember(ctx context.Context, room storage.RoomID, user storage.UserID) (bool, error)
	Memberships(ctx context.Context, s MembershipScan) ([]storage.Membership, error)
	CountMembers(ctx context.Context, s MembershipScan) (int64, error)

	// InsertMembership stores a membership that is known to be new, of a room
	// and a user that exist, and raises the room's MemberCount.
	InsertMembership(ctx context.Context, m *storage.Membership) error

	// UpdateMembership replaces the membership of the same room and user.
	UpdateMembership(ctx context.Context, m *storage.Membership) error

	// DeleteMembership removes a membership that exists and lowers the room's
	// MemberCount.
	DeleteMembership(ctx context.Context, room storage.RoomID, user storage.UserID) error
}

// MessageScan is a list of messages: those with Low < Seq < High (0: no bound)
// in the order of Seq where Room is set; otherwise in the order of CreatedAt
// and ID, with Scan.After holding these (Int as microseconds since 1970); it is
// unset where Room is set. Expired ones are left out.
type MessageScan struct {
	storage.MessageQuery // Limit, Cursor and anchors are unset, Order is set
	Low, High            int64
	Now                  time.Time // what has expired by then is left out
	Scan
}

// MessageRow is a message as it is stored.
type MessageRow struct {
	storage.Message
	Digest [16]byte // of the request, if there is a Nonce
	Text   string   // SearchText of the message
}

// MessageRows reads and writes messages. Those of deleted rooms are not there.
// Reactions are unset in all that it returns: SetReactions sets them.
type MessageRows interface {
	Message(ctx context.Context, id storage.MessageID) (storage.Message, error)

	// MessagesByID returns those that exist, in the order of ids, which are
	// distinct.
	MessagesByID(ctx context.Context, ids []storage.MessageID) ([]storage.Message, error)
	Messages(ctx context.Context, s MessageScan) ([]storage.Message, error)
	CountMessages(ctx context.Context, s MessageScan) (int64, error)

	// MessageSeq returns the place of a message of the room, even if it is a
	// tombstone, has expired, or was purged.
	MessageSeq(ctx context.Context, room storage.RoomID, id storage.MessageID) (int64, error)

	// MessageByNonce returns the message, or the tombstone, that was stored
	// under a nonce, and the digest of its request.
	MessageByNonce(ctx context.Context, room storage.RoomID, author storage.UserID, nonce string) (storage.Message, [16]byte, error)

	// InsertMessage stores a message in a room that exists and sets its Seq.
	// It raises the room's LastSeq, MessageCount and LastMessageAt (if it is
	// later). An ID that is taken (if only by a message of a deleted room that
	// is not swept yet), or a nonce that is for the author and room, is
	// storage.ErrDuplicate, and nothing has changed then.
	InsertMessage(ctx context.Context, m *MessageRow) error

	// UpdateMessage replaces old, as it was read, by m, which has the same
	// place, author, thread, nonce and digest. If m is a tombstone
	// and old is not, the room's MessageCount falls, and the search entry, the
	// revisions and the reactions go.
	UpdateMessage(ctx context.Context, old *storage.Message, m *MessageRow) error

	// PinMessage sets PinnedAt, zero to unpin, and Version of a message.
	PinMessage(ctx context.Context, id storage.MessageID, at time.Time, version int64) error
}

// RevisionScan is a list of the revisions of a message, in the order of their
// Version. After holds that in Int.
type RevisionScan struct {
	Message storage.MessageID
	Scan
}

// RevisionRows reads and writes revisions, of messages that are there.
type RevisionRows interface {
	Revision(ctx context.Context, message storage.MessageID, version int64) (storage.Revision, error)
	Revisions(ctx context.Context, s RevisionScan) ([]storage.Revision, error)

	// InsertRevision stores a revision, whose Version is known to be new.
	InsertRevision(ctx context.Context, v *storage.Revision) error
}

// ReactionScan is a list of the reactions to a message, in the order of
// CreatedAt, user and emoji. After holds these in Int (as microseconds since
// 1970), ID and Text.
type ReactionScan struct {
	Message storage.MessageID
	Emoji   string // "" for all
	Scan
}

// ReactionRows reads and writes reactions, of messages that are there.
type ReactionRows interface {
	Reactions(ctx context.Context, s ReactionScan) ([]storage.Reaction, error)

	// SetReactions sets the Reactions of messages that were read in the same
	// transaction or snapshot, tombstones too, in a number of steps that does
	// not grow with theirs. viewer may be nobody, or somebody who does not
	// exist.
	SetReactions(ctx context.Context, ms []storage.Message, viewer storage.UserID) error

	// HasReaction reports whether a user has put an emoji on a message, or
	// anybody has, where user is zero.
	HasReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error)

	// CountEmoji returns how many different emoji are on a message.
	CountEmoji(ctx context.Context, message storage.MessageID) (int, error)

	// InsertReaction stores a reaction that is known to be new.
	InsertReaction(ctx context.Context, r *storage.Reaction) error

	// DeleteReaction removes a reaction that exists.
	DeleteReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) error
}

// SearchScan is a search: the messages that match Query, are in one of Rooms
// and in a room of Reader and by Author, as far as these are set, in the order
// in which they were stored, beyond the position After (0: from the beginning
// or the end).
type SearchScan struct {
	Query  search.Query
	Rooms  []storage.RoomID // distinct
	Reader storage.UserID
	Author storage.UserID
	After  int64
	Desc   bool
	Limit  int
	Now    time.Time // what has expired by then is left out
}

// SearchHit is a message that was found, and its position in the order of
// storing, from 1.
type SearchHit struct {
	Message  storage.Message
	Position int64
}

// SearchRows searches messages.
type SearchRows interface {
	// SearchMessages returns what was found. A walk that has become long may
	// end before Limit hits: then resume is the last position that it looked
	// at, and otherwise 0.
	SearchMessages(ctx context.Context, s SearchScan) (hits []SearchHit, resume int64, err error)
}
