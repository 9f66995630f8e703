package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// HoldScan is a list of holds, in the order of CreatedAt and ID. After holds
// these, CreatedAt in Int as microseconds since 1970.
type HoldScan struct {
	storage.HoldQuery // Limit and Cursor are unset
	Scan
}

// HoldRows reads and writes legal holds, and tells what those that stand cover,
// as storage.Hold says it. A hold names rooms and users by their identifiers, also
// when these are gone: a later room or user with the same identifier is another.
type HoldRows interface {
	Hold(ctx context.Context, id storage.HoldID) (storage.Hold, error)
	Holds(ctx context.Context, s HoldScan) ([]storage.Hold, error)

	// InsertHold stores a hold on a room or a user that exists. An ID that is
	// taken is storage.ErrDuplicate.
	InsertHold(ctx context.Context, h *storage.Hold) error

	// UpdateHold sets the ReleasedAt and ReleasedBy of a hold.
	UpdateHold(ctx context.Context, h *storage.Hold) error

	// MessageHeld, AttachmentHeld, RoomHeld and UserHeld report whether a hold
	// covers what is named, which does not exist in a deleted room alone. What
	// does not exist is not held.
	MessageHeld(ctx context.Context, id storage.MessageID) (bool, error)
	AttachmentHeld(ctx context.Context, id storage.AttachmentID) (bool, error)
	RoomHeld(ctx context.Context, id storage.RoomID) (bool, error)
	UserHeld(ctx context.Context, id storage.UserID) (bool, error)
}
