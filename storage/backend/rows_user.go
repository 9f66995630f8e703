package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// BlockScan is a list of blocks, in the order of CreatedAt and the other user's
// ID: whom the User blocks, where one is given, and who blocks otherwise. After
// holds these, CreatedAt in Int as microseconds since 1970.
type BlockScan struct {
	storage.BlockQuery // Limit and Cursor are unset
	Scan
}

// BlockRows reads and writes who blocks whom.
type BlockRows interface {
	HasBlocked(ctx context.Context, user, other storage.UserID) (bool, error)
	Blocks(ctx context.Context, s BlockScan) ([]storage.Block, error)

	// InsertBlock stores a block that is known to be new, between users who
	// exist.
	InsertBlock(ctx context.Context, b *storage.Block) error

	// DeleteBlock removes a block that exists.
	DeleteBlock(ctx context.Context, user, other storage.UserID) error
}

// RoleScan is a list of who holds a role.
type RoleScan struct {
	storage.RoleQuery                // Limit and Cursor are unset; the roles asked for are set, in order
	AfterRoom         storage.RoomID // of After, where it is about rooms
	Scan
}

// RoleRows reads who holds which role.
type RoleRows interface {
	// ServerRoles lists who holds one of Roles, in the order of role and ID,
	// which After holds, the role in Int.
	ServerRoles(ctx context.Context, s RoleScan) ([]storage.RoleHolder, error)

	// RoomRoles lists who holds one of MemberRoles in a room, in the order of
	// the room's ID and the user's. After holds the latter, AfterRoom the
	// former.
	RoomRoles(ctx context.Context, s RoleScan) ([]storage.RoleHolder, error)
}

// UserTotals are the counts of storage.UserActivity that no other rows give.
type UserTotals struct {
	LastMessageAt  time.Time
	Messages       int64
	RecentMessages storage.Recent
	Reactions      int64
	Attachments    int64
	AttachedBytes  int64
	Sanctions      int64
}

// The spans of storage.Recent: what is recent is in one of them, which reach up to
// the present.
const (
	RecentDay   = 24 * time.Hour
	RecentWeek  = 7 * RecentDay
	RecentMonth = 30 * RecentDay
)

// CountRecent counts what happened at a time among what is recent.
func CountRecent(n *storage.Recent, at, now time.Time) {
	if at.After(now) {
		return
	}
	for _, span := range []struct {
		length time.Duration
		count  *int64
	}{{RecentDay, &n.Day}, {RecentWeek, &n.Week}, {RecentMonth, &n.Month}} {
		if !at.Before(now.Add(-span.length)) {
			*span.count++
		}
	}
}
