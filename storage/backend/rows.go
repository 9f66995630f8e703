package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
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
	BlockRows
	RoleRows
	RoomRows
	DirectRows
	MembershipRows
	InviteRows
	SanctionRows
	HoldRows
	SessionRows
	LoginRows
	ConfigRows
	AuditRows
	MessageRows
	RevisionRows
	ReactionRows
	AttachmentRows
	ReceiptRows
	PurgeRows
	RetentionRows
	TraceRows
	EraseRows
	SearchRows
	ChangeRows
	StatsRows

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

	// UserTotals sums up what a user who exists has in all rooms that exist.
	UserTotals(ctx context.Context, id storage.UserID, now time.Time) (UserTotals, error)

	// InsertUser stores a user whose unique values are known to be free.
	InsertUser(ctx context.Context, u *UserRow) error

	// UpdateUser replaces the user that has the same ID.
	UpdateUser(ctx context.Context, u *UserRow) error

	// TouchUser sets LastSeenAt, which is known to rise.
	TouchUser(ctx context.Context, id storage.UserID, at time.Time) error

	// DeleteUser removes the user, its reactions, receipts and memberships,
	// lowering the rooms' MemberCount, the invites to it, its sanctions, its
	// sessions and login attempts, and the blocks of and against it. Every
	// reference to the user reads back as the zero ID from then on (creator,
	// inviter, author, who deleted or edited), but for Mentions, which stay as
	// written. A later user with the same ID is another user.
	DeleteUser(ctx context.Context, id storage.UserID) error
}

// RoomScan is a list of rooms. After holds the order's column in Text
// (RoomsByName: the folded name) or Int (a count, or a time as microseconds
// since 1970, 0 for never), and the ID.
type RoomScan struct {
	storage.RoomQuery           // Limit and Cursor are unset, Order is set
	Prefixes          []string  // each begins one of a room's Words
	Email             string    // the folded address of VisibleTo, who exists, if there is one: invites to it are that user's, too
	Now               time.Time // for Expired and VisibleTo
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
	Type      storage.RoomType
	Active    bool
	ExpiresAt time.Time
	RateLimit int64 // of the settings
	LastSeq   int64
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

	// DeleteRoom removes the room. No reader finds it or what was in it from
	// then on: messages, memberships, invites, sanctions. These may go with
	// SweepRooms, so that nobody waits for a large room, but only the
	// identifiers of messages stay taken until then.
	DeleteRoom(ctx context.Context, id storage.RoomID) error

	// SweepRooms takes away up to limit messages of deleted rooms, with all
	// that hangs on them but attachments (AttachmentsToPurge), or fewer where
	// that holds the writer for too long, and what else deleted rooms have
	// left, and reports whether there is more.
	SweepRooms(ctx context.Context, limit int) (more bool, err error)
}

// MembershipScan is a list of memberships. After holds the order's column in
// Int, as microseconds since 1970, 0 for never, and the ID: the user's where a
// room's members are listed, the room's otherwise.
type MembershipScan struct {
	storage.MembershipQuery // Limit and Cursor are unset, Order is set
	Scan
}

// MembershipRows reads and writes memberships. ReadSeq is where the member's
// marker is now, by whatever it was moved.
type MembershipRows interface {
	Membership(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error)
	IsMember(ctx context.Context, room storage.RoomID, user storage.UserID) (bool, error)
	Memberships(ctx context.Context, s MembershipScan) ([]storage.Membership, error)
	CountMembers(ctx context.Context, s MembershipScan) (int64, error)

	// InsertMembership stores a membership that is known to be new, of a room
	// and a user that exist, and raises the room's MemberCount.
	InsertMembership(ctx context.Context, m *storage.Membership) error

	// UpdateMembership replaces the membership of the same room and user, whose
	// ReadSeq is as it was read.
	UpdateMembership(ctx context.Context, m *storage.Membership) error

	// DeleteMembership removes a membership that exists and lowers the room's
	// MemberCount. Receipts stay.
	DeleteMembership(ctx context.Context, room storage.RoomID, user storage.UserID) error
}
