package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// RoomAge is what retention asks of a room.
type RoomAge struct {
	Room      storage.RoomID
	CreatedAt time.Time
	Days, Max int64     // RetentionDays and RetentionMax of its settings
	Messages  int64     // its MessageCount
	Oldest    time.Time // the earliest CreatedAt of its messages and tombstones, expired ones too; zero: it has none
}

// RetentionRows reads what is to be taken away by its age, and takes away what has
// nothing else to go with.
type RetentionRows interface {
	// RoomAges returns rooms in the order of CreatedAt and ID, but those on which
	// a legal hold stands. After holds these, CreatedAt in Int as microseconds
	// since 1970. It does not read the rooms' histories.
	RoomAges(ctx context.Context, s Scan) ([]RoomAge, error)

	// CountPurge counts the messages that a scan selects, and the attachments that
	// would go with them, whatever the Limit. Unattached are those of tombstones
	// which AttachmentsToPurge gives for the time of that name.
	CountPurge(ctx context.Context, s PurgeScan, unattached time.Time) (PurgeCount, error)

	// CountExpired counts the messages of a room that have expired by now and are
	// no tombstones, in a number of steps that grows with theirs only.
	CountExpired(ctx context.Context, room storage.RoomID, now time.Time) (int64, error)

	// CountEnded counts what the deletion of its kind would remove.
	CountEnded(ctx context.Context, kind Ended, before time.Time) (int64, error)

	// DeleteInvites removes up to limit invites that had ended (storage.Invite's
	// EndsAt) before a time, in the order of their ends and their IDs.
	DeleteInvites(ctx context.Context, before time.Time, limit int) (deleted int, err error)

	// DeleteSanctions is DeleteInvites for sanctions.
	DeleteSanctions(ctx context.Context, before time.Time, limit int) (deleted int, err error)
}

// PurgeCount is how much a purge takes away.
type PurgeCount struct {
	Messages, Attachments int64
	Unattached            int64 // of the attachments
}

// Ended is a kind of record that ends.
type Ended uint8

// The kinds.
const (
	EndedSessions Ended = iota + 1
	EndedInvites
	EndedSanctions
)
