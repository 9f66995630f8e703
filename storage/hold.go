package storage

// Legal holds. Declared here as the contract to come; no backend implements it
// yet, and Store does not have it.

import (
	"context"
	"time"
)

// EntityHold names a legal hold in an [Error].
const EntityHold Entity = "legal hold"

// MaxHoldReason is the limit of the reason of a hold, in bytes.
const MaxHoldReason = 4096

// HoldID identifies a legal hold.
type HoldID = ID[Hold]

// Hold forbids taking away what was said in a room, or by a user. While one
// stands, DeleteMessage, PurgeMessage, DeleteAttachment, DeleteRoom, DeleteUser
// and EraseUser are ErrForbidden with ReasonHeld for what it covers, and what
// works on many (DeleteMessages, PurgeMessages, retention, expiry) passes over
// it. What has expired is hidden from readers all the same, and edits go on,
// since their revisions stay.
type Hold struct {
	ID         HoldID    `json:"id"`
	RoomID     RoomID    `json:"room_id,omitzero"` // either a room
	UserID     UserID    `json:"user_id,omitzero"` // or a user: everything by this author, in every room
	Reason     string    `json:"reason"`           // must be given
	CreatedBy  UserID    `json:"created_by,omitzero"`
	CreatedAt  time.Time `json:"created_at"`
	ReleasedBy UserID    `json:"released_by,omitzero"`
	ReleasedAt time.Time `json:"released_at,omitzero"` // zero: it stands
}

// Stands reports whether the hold has not been released.
func (h Hold) Stands() bool { return h.ReleasedAt.IsZero() }

// Validate refuses a hold that cannot be stored.
func (h Hold) Validate() error {
	switch {
	case h.RoomID.IsZero() && h.UserID.IsZero():
		return Invalid("RoomID", "neither RoomID nor UserID")
	case !h.RoomID.IsZero() && !h.UserID.IsZero():
		return Invalid("UserID", "both RoomID and UserID")
	case h.Reason == "":
		return Invalid("Reason", "empty")
	}
	return CheckText("Reason", h.Reason, MaxHoldReason)
}

// HoldQuery selects holds; the zero value selects all that stand. The newest
// come first, ties by ID descending.
type HoldQuery struct {
	Room         RoomID
	User         UserID
	WithReleased bool // released ones too
	Limit        int
	Cursor       Cursor
}

// WithCursor returns the query for the page at c.
func (q HoldQuery) WithCursor(c Cursor) HoldQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q HoldQuery) Validate() error {
	if !q.Room.IsZero() && !q.User.IsZero() {
		return Invalid("User", "both Room and User")
	}
	return nil
}

// HoldReader reads legal holds.
type HoldReader interface {
	// Hold returns a hold, released or not; ErrNotFound if it does not exist.
	Hold(ctx context.Context, id HoldID) (Hold, error)

	// Holds lists the holds that q selects, a page at a time.
	Holds(ctx context.Context, q HoldQuery) (Page[Hold], error)
}

// HoldWriter changes legal holds. The functions HoldRoom and HoldUser, which
// come with it, create a hold and append its audit entry in one Update.
type HoldWriter interface {
	// CreateHold stores a hold and sets in *h what the store decides: ID if it
	// is unset, CreatedAt, and ReleasedAt and ReleasedBy to none. Several may
	// cover the same. A room or user that does not exist is ErrNotFound. After
	// an error *h is as it was.
	CreateHold(ctx context.Context, h *Hold) error

	// ReleaseHold ends a hold and returns it. One that was released already
	// stays as it is; one that does not exist is ErrNotFound.
	ReleaseHold(ctx context.Context, id HoldID, by UserID) (Hold, error)
}
