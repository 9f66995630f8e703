package backend

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/lairchat/lair/storage"
)

// DirectRows reads and writes which room is the direct room of two users, in
// either order. What was written outlives the users, and goes with the room.
type DirectRows interface {
	DirectRoom(ctx context.Context, a, b storage.UserID) (storage.Room, error)

	// InsertDirectRoom makes a room that exists the one of two users who have
	// none.
	InsertDirectRoom(ctx context.Context, a, b storage.UserID, room storage.RoomID) error
}

// InviteScan is a list of invites, in the order of CreatedAt and ID. After holds
// these, CreatedAt in Int as microseconds since 1970.
type InviteScan struct {
	storage.InviteQuery           // Limit and Cursor are unset
	Email               string    // the folded address of the Invitee, if there is one: invites to it are the Invitee's, too
	Now                 time.Time // for Live
	Scan
}

// InviteRow is an invite as it is stored.
type InviteRow struct {
	storage.Invite
	FoldedEmail string // empty if there is none
	CodeHash    SecretHash
}

// InviteRows reads and writes invites. Those of deleted rooms are not there, nor
// those to a deleted user.
type InviteRows interface {
	Invite(ctx context.Context, id storage.InviteID) (storage.Invite, error)
	InviteByCode(ctx context.Context, hash [sha256.Size]byte) (storage.Invite, error)
	Invites(ctx context.Context, s InviteScan) ([]storage.Invite, error)

	// InsertInvite stores an invite to a room that exists, by an inviter and to
	// an invitee who do, if they are set. An ID that is taken is
	// storage.ErrDuplicate.
	InsertInvite(ctx context.Context, i *InviteRow) error

	// UpdateInvite sets the Uses and RevokedAt of an invite.
	UpdateInvite(ctx context.Context, i *storage.Invite) error
}

// SanctionScan is a list of sanctions, in the order of CreatedAt and ID. After
// holds these, CreatedAt in Int as microseconds since 1970.
type SanctionScan struct {
	storage.SanctionQuery           // Limit and Cursor are unset
	Now                   time.Time // for InForce
	Scan
}

// SanctionRows reads and writes sanctions. Those in deleted rooms are not there,
// nor those against a deleted user.
type SanctionRows interface {
	Sanction(ctx context.Context, id storage.SanctionID) (storage.Sanction, error)
	Sanctions(ctx context.Context, s SanctionScan) ([]storage.Sanction, error)

	// ActiveSanctions returns the bans and mutes that bind a user in a room at
	// now, be they for the room or everywhere; only the latter where room is
	// zero. A user who does not exist has none.
	ActiveSanctions(ctx context.Context, user storage.UserID, room storage.RoomID, now time.Time) ([]storage.Sanction, error)

	// InsertSanction stores a sanction against a user, in a room and by a
	// moderator who exist, as far as they are set. An ID that is taken is
	// storage.ErrDuplicate.
	InsertSanction(ctx context.Context, s *storage.Sanction) error

	// UpdateSanction sets the LiftedAt and LiftedBy of a sanction.
	UpdateSanction(ctx context.Context, s *storage.Sanction) error
}
