package storage

import (
	"context"
	"time"
)

// MaxSanctionReason is the limit of the reason of a sanction, in bytes.
const MaxSanctionReason = 1024

// SanctionKind is what a sanction does.
type SanctionKind uint8

// The kinds of sanctions.
const (
	SanctionBan  SanctionKind = iota + 1 // out of the room, and no way back in while it is in force
	SanctionMute                         // nothing said while it is in force: no messages, edits, reactions and uploads
	SanctionKick                         // out of the room, once: never in force
)

var sanctionKinds = enum[SanctionKind]{"SanctionKind", []string{"ban", "mute", "kick"}}

// ParseSanctionKind returns the kind that [SanctionKind.String] writes as s.
func ParseSanctionKind(s string) (SanctionKind, error) { return sanctionKinds.parse(s) }

// Valid reports whether k is one of the kinds.
func (k SanctionKind) Valid() bool { return sanctionKinds.valid(k) }

// String returns the kind's name.
func (k SanctionKind) String() string { return sanctionKinds.string(k) }

// MarshalText returns the kind's name, "" when it is unset.
func (k SanctionKind) MarshalText() ([]byte, error) { return sanctionKinds.marshal(k) }

// UnmarshalText is the inverse of [SanctionKind.MarshalText].
func (k *SanctionKind) UnmarshalText(text []byte) error { return sanctionKinds.unmarshal(k, text) }

// SanctionID identifies a sanction.
type SanctionID = ID[Sanction]

// Sanction is a measure against a user, in one room or everywhere. It stays on
// record after it has expired or been lifted.
type Sanction struct {
	ID          SanctionID   `json:"id"`
	UserID      UserID       `json:"user_id"`
	RoomID      RoomID       `json:"room_id,omitzero"` // zero: everywhere
	Kind        SanctionKind `json:"kind"`
	ModeratorID UserID       `json:"moderator_id,omitzero"` // nobody, once that user is deleted
	Reason      string       `json:"reason,omitzero"`
	CreatedAt   time.Time    `json:"created_at"`
	ExpiresAt   time.Time    `json:"expires_at,omitzero"` // from then on it is not in force; zero: never
	LiftedAt    time.Time    `json:"lifted_at,omitzero"`  // zero: it was not lifted
	LiftedBy    UserID       `json:"lifted_by,omitzero"`
}

// InForce reports whether the sanction binds at now: it is no kick, has not
// been lifted and has not expired.
func (s Sanction) InForce(now time.Time) bool {
	return s.Kind != SanctionKick && s.LiftedAt.IsZero() &&
		(s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt))
}

// EndsAt returns when the sanction ends, or has ended: when it expires or is
// lifted, whichever is first; the zero time for never. A kick ends as it begins.
func (s Sanction) EndsAt() time.Time {
	if s.Kind == SanctionKick {
		return s.CreatedAt
	}
	return earlier(s.ExpiresAt, s.LiftedAt)
}

// Validate refuses a sanction that cannot be stored.
func (s Sanction) Validate() error {
	if s.UserID.IsZero() {
		return Invalid("UserID", "unset")
	}
	if !s.Kind.Valid() {
		return Invalid("Kind", "unset or unknown")
	}
	if s.Kind == SanctionKick && !s.ExpiresAt.IsZero() {
		return Invalid("ExpiresAt", "a kick does not last")
	}
	if err := checkTime("ExpiresAt", s.ExpiresAt); err != nil {
		return err
	}
	return CheckText("Reason", s.Reason, MaxSanctionReason)
}

// Normalize gives the times their stored form.
func (s *Sanction) Normalize() { s.ExpiresAt = Timestamp(s.ExpiresAt) }

// SanctionQuery selects sanctions; the zero value selects all. Conditions are
// combined with AND. The newest come first, ties by ID descending.
type SanctionQuery struct {
	User       UserID
	Room       RoomID // in this room; those everywhere are not among them
	Everywhere bool   // only those everywhere
	Kinds      []SanctionKind
	Moderator  UserID
	InForce    bool // only those in force now
	Limit      int
	Cursor     Cursor
}

// WithCursor returns the query for the page at c.
func (q SanctionQuery) WithCursor(c Cursor) SanctionQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q SanctionQuery) Validate() error {
	if q.Everywhere && !q.Room.IsZero() {
		return Invalid("Everywhere", "together with Room")
	}
	return sanctionKinds.checkAll("Kinds", q.Kinds)
}

// SanctionReader reads sanctions.
type SanctionReader interface {
	// Sanction returns a sanction, in force or not; ErrNotFound if it does not
	// exist.
	Sanction(ctx context.Context, id SanctionID) (Sanction, error)

	// Sanctions lists the sanctions that q selects, a page at a time. A user
	// or room that does not exist has none.
	Sanctions(ctx context.Context, q SanctionQuery) (Page[Sanction], error)

	// ActiveSanction returns the sanction of a kind that binds a user in a
	// room now, be it for the room or everywhere: of several the one that ends
	// last, of those that end together the one for the room, then the newest.
	// It is ErrNotFound if there is none. A zero room asks for those
	// everywhere only; SanctionKick is ErrInvalid.
	ActiveSanction(ctx context.Context, user UserID, room RoomID, kind SanctionKind) (Sanction, error)
}

// SanctionWriter changes sanctions.
type SanctionWriter interface {
	// CreateSanction stores a sanction and sets in *s what the store decides:
	// ID if it is unset, CreatedAt, LiftedAt and LiftedBy. A ban or a kick
	// ends the membership of the room, or all memberships where it is for
	// everywhere, a last owner's too; where the user is no member it is
	// recorded all the same. An ExpiresAt that is not after CreatedAt is
	// ErrInvalid; a user, room or moderator who does not exist is ErrNotFound,
	// an ID that is taken ErrDuplicate. After an error *s is as it was.
	//
	// While a ban is in force, AddMember, AddMembers, OpenDirectRoom, redeeming
	// an invite, CreateMessage, EditMessage, AddReaction, PinMessage and
	// CreateAttachment are ErrForbidden with ReasonBanned for the user, and
	// CreateRoom is while one is in force everywhere; while a mute is,
	// CreateMessage, EditMessage, AddReaction and CreateAttachment are with
	// ReasonMuted. Whoever does it is asked about: author, editor, uploader;
	// where that is nobody, it is the server, which no sanction binds. What
	// removes (DeleteMessage, RemoveReaction, UnpinMessage, DeleteAttachment,
	// RemoveMember) asks for no sanction, and neither do imports
	// (CreateMessages).
	CreateSanction(ctx context.Context, s *Sanction) error

	// LiftSanction ends a sanction and returns it; by may be nobody. One that
	// was lifted or has expired stays as it is, a kick too. One that does not
	// exist is ErrNotFound.
	LiftSanction(ctx context.Context, id SanctionID, by UserID) (Sanction, error)
}
