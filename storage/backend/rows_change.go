package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// ChangeScan is a part of the change feed: changes beyond a position, in order.
type ChangeScan struct {
	After storage.Position
	Room  storage.RoomID       // zero: all
	Kinds []storage.ChangeKind // any of these; nil: all
	Limit int                  // changes to return
	Walk  int                  // changes to look at
}

// Stay is a time in which a user was a member of a room, by the changes that
// began and ended it.
type Stay struct {
	Room storage.RoomID
	From storage.Position
	To   storage.Position // 0: it goes on
	Seq  int64            // the room's LastSeq when it began
}

// ChangeRows reads and writes the change feed, and what tells who may see what
// of it.
type ChangeRows interface {
	// AppendChange appends to the feed and sets the change's Position, and its
	// Tx to the same if it is 0.
	AppendChange(ctx context.Context, c *storage.Change) error

	// Changes returns what a scan selects, and the position of the last change
	// that it looked at, s.After if there was none.
	Changes(ctx context.Context, s ChangeScan) ([]storage.Change, storage.Position, error)
	ChangeHead(ctx context.Context) (storage.ChangeHead, error)

	// BeginStay records that a user became a member of a room.
	BeginStay(ctx context.Context, user storage.UserID, s Stay) error

	// EndStays ends the stays of a user in a room: in all where room is zero,
	// of all where user is.
	EndStays(ctx context.Context, room storage.RoomID, user storage.UserID, at storage.Position) error

	// Stays returns the stays of a user, who may be deleted, in rooms that may
	// be; those in one room in their order.
	Stays(ctx context.Context, user storage.UserID) ([]Stay, error)

	// StayedTogether reports whether two users were in one room at a position.
	StayedTogether(ctx context.Context, a, b storage.UserID, at storage.Position) (bool, error)

	// HistoryHidden reports whether a room is deleted, or hides its history.
	HistoryHidden(ctx context.Context, room storage.RoomID) (bool, error)

	// HiddenUpTo returns, for the rooms that a user is a member of and that hide
	// their history, the Seq of the stay that goes on: up to there they hide it.
	HiddenUpTo(ctx context.Context, user storage.UserID) (map[storage.RoomID]int64, error)

	Consumers(ctx context.Context) ([]storage.Consumer, error)
	Consumer(ctx context.Context, name string) (storage.Consumer, error)

	// SetConsumer stores a consumer, whether there is one of the name or not.
	SetConsumer(ctx context.Context, c *storage.Consumer) error
	DeleteConsumer(ctx context.Context, name string) error

	// PruneChanges removes the oldest changes that p selects, of each
	// transaction all or none, and stays that ended before what is left, and
	// returns how many changes went.
	PruneChanges(ctx context.Context, p ChangePruning) (int, error)

	// Pruned returns the position of the last change about a subject that
	// PruneChanges has removed, 0 if there is none. A subject is the identifier
	// of a room; the zero one, for changes in no room; or that of a user, for
	// changes in rooms whose kind is one of ToldToNamed, and for the ends of the
	// user's stays. With the change that tells of a room's or a user's deletion
	// goes what was known of that subject.
	Pruned(ctx context.Context, subject [16]byte) (storage.Position, error)
}

// ToldToNamed are the kinds of changes that are told to the user whom they name,
// whether that user is in their room or not.
var ToldToNamed = []storage.ChangeKind{
	storage.ChangeInviteCreated, storage.ChangeInviteRevoked, storage.ChangeSanctionCreated, storage.ChangeSanctionLifted,
}

// ChangePruning selects the oldest changes: those made at Until or before (zero:
// none), and those beyond the newest Keep (0: none). No transaction goes that
// has a change beyond Last. Once Limit changes go, no other transaction does.
type ChangePruning struct {
	Until time.Time
	Keep  int64
	Last  storage.Position
	Limit int
}
