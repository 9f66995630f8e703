package storage

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
// stands, it covers
//
//   - the messages in the room, or by the user in any room, with their
//     tombstones, revisions and attachments;
//   - the attachments in the room, or that the user uploaded, and the messages
//     that carry them, or carried them until they were deleted;
//   - the room, or the user;
//   - every room that has such a message or attachment, and every user who said or
//     uploaded one, since nobody could tell any more who said what where.
//
// Of what is covered, DeleteMessage, PurgeMessage, DeleteAttachment, DeleteRoom,
// DeleteUser and EraseUser are ErrForbidden with ReasonHeld, and what works on many passes
// over it: DeleteMessages, PurgeMessages, PurgeAttachments, and all that Maintain
// takes away of messages, attachments and rooms. What has expired is hidden
// from readers all the same, and edits go on, since their revisions stay.
//
// Nothing else is held: rooms change and close, members come and go, reactions
// and pins are taken back, sessions end. What was deleted before stays deleted: of
// a room that is gone, what is left goes on to be taken away. The audit log is not
// covered either, not even the entries about holds: PruneAudit and EraseAudit do as
// they are told. The hold itself is never taken away, released or not; it names
// whom and what it named, also when these are gone. No change of the feed tells of
// holds.
type Hold struct {
	ID         HoldID    `json:"id"`
	RoomID     RoomID    `json:"room_id,omitzero"`    // either a room
	UserID     UserID    `json:"user_id,omitzero"`    // or a user: everything by this author, in every room
	Reason     string    `json:"reason"`              // must be given
	CreatedBy  UserID    `json:"created_by,omitzero"` // zero: the server
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
// come first, ties by ID descending. A room or user that does not exist has
// those that it had.
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

// HoldWriter changes legal holds. The functions [HoldRoom], [HoldUser] and
// [EndHold] do so with an entry in the audit log.
type HoldWriter interface {
	// CreateHold stores a hold and sets in *h what the store decides: ID if it
	// is unset, CreatedAt, and ReleasedAt and ReleasedBy to none. Several may
	// cover the same. A room, user or CreatedBy that does not exist is
	// ErrNotFound, an ID that is taken ErrDuplicate. After an error *h is as it
	// was.
	CreateHold(ctx context.Context, h *Hold) error

	// ReleaseHold ends a hold and returns it. One that was released already
	// stays as it is; one that does not exist is ErrNotFound, and so is who
	// releases it.
	ReleaseHold(ctx context.Context, id HoldID, by UserID) (Hold, error)
}

// The actions of the audit entries about holds. TargetKind and TargetID name the
// room or the user, RoomID the room, ActorID who did it; Subject.Detail is the
// reason of the hold.
const (
	AuditHoldCreated  = "hold.create"
	AuditHoldReleased = "hold.release"
)

// HoldRoom creates a hold on a room and appends its audit entry, both or
// neither. By is who asks for it; zero: the server.
func HoldRoom(ctx context.Context, s Store, room RoomID, by UserID, reason string) (Hold, error) {
	return hold(ctx, s, "hold room", "RoomID", Hold{RoomID: room, CreatedBy: by, Reason: reason})
}

// HoldUser is HoldRoom for a user.
func HoldUser(ctx context.Context, s Store, user, by UserID, reason string) (Hold, error) {
	return hold(ctx, s, "hold user", "UserID", Hold{UserID: user, CreatedBy: by, Reason: reason})
}

// hold stores a hold of which the field tells what is held.
func hold(ctx context.Context, s Store, op, field string, h Hold) (Hold, error) {
	err := s.Update(ctx, func(ctx context.Context, tx Tx) error {
		if h.RoomID.IsZero() && h.UserID.IsZero() {
			return Invalid(field, "unset")
		}
		if err := tx.CreateHold(ctx, &h); err != nil {
			return err
		}
		return tx.AppendAudit(ctx, h.entry(AuditHoldCreated, h.CreatedBy))
	})
	if err != nil {
		return Hold{}, WithOp(op, err)
	}
	return h, nil
}

// EndHold releases a hold and appends its audit entry, both or neither. For one
// that was released already there is no entry.
func EndHold(ctx context.Context, s Store, id HoldID, by UserID) (Hold, error) {
	var h Hold
	err := s.Update(ctx, func(ctx context.Context, tx Tx) (err error) {
		if h, err = tx.Hold(ctx, id); err != nil {
			return err
		}
		stood := h.Stands()
		if h, err = tx.ReleaseHold(ctx, id, by); err != nil || !stood {
			return err
		}
		return tx.AppendAudit(ctx, h.entry(AuditHoldReleased, by))
	})
	if err != nil {
		return Hold{}, WithOp("end hold", err)
	}
	return h, nil
}

// entry returns the audit entry about what was done to a hold.
func (h Hold) entry(action string, by UserID) *AuditEntry {
	e := AuditEntry{Action: action, ActorID: by, Subject: AuditSubject{Detail: h.Reason}}
	if h.UserID.IsZero() {
		e.TargetKind, e.TargetID, e.RoomID = EntityRoom, h.RoomID.String(), h.RoomID
	} else {
		e.TargetKind, e.TargetID = EntityUser, h.UserID.String()
	}
	return &e
}
