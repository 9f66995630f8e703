package storage

import (
	"context"
	"time"
)

// MaxInviteCode is the limit of an invite's code, in bytes. Codes that the
// store makes are shorter.
const MaxInviteCode = 128

// InviteID identifies an invite.
type InviteID = ID[Invite]

// Invite lets users into a room. Each has a code, of 128 random bits or more,
// which CreateInvite tells once and of which only a digest is kept. One that
// names an invitee or an email address serves that user alone.
//
// The store takes the address in a user's record for that user's own: whoever
// gets an address into it may use the invites to it, with the code or, by
// AcceptInvite, without. Have addresses verified before they are stored.
type Invite struct {
	ID        InviteID   `json:"id"`
	RoomID    RoomID     `json:"room_id"`
	InviterID UserID     `json:"inviter_id,omitzero"` // nobody, once that user is deleted
	InviteeID UserID     `json:"invitee_id,omitzero"` // only this user; the invite goes when that user is deleted
	Email     string     `json:"email,omitzero"`      // only the user whose record has this address, by its folded form
	Role      MemberRole `json:"role"`                // given to who redeems it; MemberMember unless given
	MaxUses   int64      `json:"max_uses,omitzero"`   // 0: no limit, or 1 where there is an invitee or an email address
	Uses      int64      `json:"uses,omitzero"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at,omitzero"` // from then on it is of no use; zero: never
	RevokedAt time.Time  `json:"revoked_at,omitzero"`
}

// Live reports whether the invite can be redeemed at now: it was not revoked,
// has not expired and is not used up.
func (i Invite) Live(now time.Time) bool {
	return i.RevokedAt.IsZero() && (i.MaxUses == 0 || i.Uses < i.MaxUses) &&
		(i.ExpiresAt.IsZero() || now.Before(i.ExpiresAt))
}

// EndsAt returns when the invite comes to be of no use, or has come to be: when it
// expires or is revoked, whichever is first; the zero time for never. Of one that
// is used up nobody knows when it was: it counts from CreatedAt.
func (i Invite) EndsAt() time.Time {
	if i.MaxUses > 0 && i.Uses >= i.MaxUses {
		return i.CreatedAt
	}
	return earlier(i.ExpiresAt, i.RevokedAt)
}

// Validate refuses an invite that cannot be stored.
func (i Invite) Validate() error {
	switch {
	case i.RoomID.IsZero():
		return Invalid("RoomID", "unset")
	case !i.InviteeID.IsZero() && i.Email != "":
		return Invalid("Email", "both InviteeID and Email")
	case i.MaxUses < 0:
		return Invalid("MaxUses", "negative")
	}
	if err := memberRoles.check("Role", i.Role); err != nil {
		return err
	}
	if err := checkTime("ExpiresAt", i.ExpiresAt); err != nil {
		return err
	}
	return checkEmail(i.Email)
}

// Normalize fills in the defaults of a new invite and gives its times their
// stored form.
func (i *Invite) Normalize() {
	if i.Role == 0 {
		i.Role = MemberMember
	}
	if i.MaxUses == 0 && (!i.InviteeID.IsZero() || i.Email != "") {
		i.MaxUses = 1
	}
	i.ExpiresAt = Timestamp(i.ExpiresAt)
}

// InviteQuery selects invites; the zero value selects all. Conditions are
// combined with AND. The newest come first, ties by ID descending.
type InviteQuery struct {
	Room    RoomID
	Inviter UserID
	Invitee UserID // named by its ID, or by the address that the user has now
	Live    *bool  // those that can be redeemed now, or those that cannot
	Limit   int
	Cursor  Cursor
}

// WithCursor returns the query for the page at c.
func (q InviteQuery) WithCursor(c Cursor) InviteQuery { q.Cursor = c; return q }

// InviteReader reads invites. Those of deleted rooms are not there.
type InviteReader interface {
	// Invite returns an invite, live or not; ErrNotFound if it does not exist.
	Invite(ctx context.Context, id InviteID) (Invite, error)

	// InviteByCode returns the live invite with a code, to show what it leads
	// to. Whatever is wrong with the code is ErrNotFound.
	InviteByCode(ctx context.Context, code Secret) (Invite, error)

	// Invites lists the invites that q selects, a page at a time. A room or
	// user that does not exist has none.
	Invites(ctx context.Context, q InviteQuery) (Page[Invite], error)
}

// InviteWriter changes invites.
type InviteWriter interface {
	// CreateInvite stores an invite, sets in *i what the store decides (ID,
	// Role and MaxUses if they are unset, Uses, CreatedAt, RevokedAt) and
	// returns its code, which nothing tells again. An ExpiresAt that is not
	// after CreatedAt, and a direct room, is ErrInvalid; a room, inviter or invitee
	// that does not exist is ErrNotFound, an ID that is taken ErrDuplicate.
	// After an error *i is as it was.
	CreateInvite(ctx context.Context, i *Invite) (code Secret, err error)

	// RedeemInvite makes the user a member by a code, with the invite's role
	// and InvitedBy, and counts the use: of several who race for the last use
	// one wins. Whatever is wrong with the code (unknown, expired, used up,
	// revoked, for somebody else) is ErrNotFound and tells no more. A member
	// already is ErrDuplicate, a ban, a full room or one that has expired
	// ErrForbidden, as by AddMember, and none of these counts as a use. A user who does not exist
	// is ErrNotFound.
	RedeemInvite(ctx context.Context, code Secret, user UserID) (Membership, error)

	// AcceptInvite is RedeemInvite for an invite that names the user, by
	// identifier or by the address in the user's record, found by Invites,
	// without its code. Any other is ErrNotFound.
	AcceptInvite(ctx context.Context, id InviteID, user UserID) (Membership, error)

	// RevokeInvite puts an invite out of use. Doing so again changes nothing;
	// one that does not exist is ErrNotFound. Members it brought in stay.
	RevokeInvite(ctx context.Context, id InviteID) error
}
