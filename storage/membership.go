package storage

import (
	"context"
	"encoding/json"
	"reflect"
	"time"
)

// MaxNickname is the limit of a nickname, in bytes.
const MaxNickname = 256

// MemberRole is a member's role in one room.
type MemberRole uint8

// The roles in a room, from the most to the least powerful.
const (
	MemberOwner MemberRole = iota + 1
	MemberAdmin
	MemberModerator
	MemberMember
	MemberGuest
)

var memberRoles = enum[MemberRole]{"MemberRole", []string{"owner", "admin", "moderator", "member", "guest"}}

// ParseMemberRole returns the role that [MemberRole.String] writes as s.
func ParseMemberRole(s string) (MemberRole, error) { return memberRoles.parse(s) }

// Valid reports whether r is one of the roles.
func (r MemberRole) Valid() bool { return memberRoles.valid(r) }

// String returns the role's name.
func (r MemberRole) String() string { return memberRoles.string(r) }

// MarshalText returns the role's name, "" when it is unset.
func (r MemberRole) MarshalText() ([]byte, error) { return memberRoles.marshal(r) }

// UnmarshalText is the inverse of [MemberRole.MarshalText].
func (r *MemberRole) UnmarshalText(text []byte) error { return memberRoles.unmarshal(r, text) }

// AtLeast reports whether r is as powerful as other, or more; it is not if
// either is unset or unknown.
func (r MemberRole) AtLeast(other MemberRole) bool { return r.Valid() && other.Valid() && r <= other }

// NotificationLevel is what a member wants to be notified of in one room.
type NotificationLevel uint8

// The levels.
const (
	NotifyAll NotificationLevel = iota + 1
	NotifyMentions
	NotifyNone
)

var notificationLevels = enum[NotificationLevel]{"NotificationLevel", []string{"all", "mentions", "none"}}

// ParseNotificationLevel returns the level that [NotificationLevel.String]
// writes as s.
func ParseNotificationLevel(s string) (NotificationLevel, error) { return notificationLevels.parse(s) }

// Valid reports whether l is one of the levels.
func (l NotificationLevel) Valid() bool { return notificationLevels.valid(l) }

// String returns the level's name.
func (l NotificationLevel) String() string { return notificationLevels.string(l) }

// MarshalText returns the level's name, "" when it is unset.
func (l NotificationLevel) MarshalText() ([]byte, error) { return notificationLevels.marshal(l) }

// UnmarshalText is the inverse of [NotificationLevel.MarshalText].
func (l *NotificationLevel) UnmarshalText(text []byte) error {
	return notificationLevels.unmarshal(l, text)
}

// Membership is a user's place in a room.
type Membership struct {
	RoomID       RoomID         `json:"room_id"`
	UserID       UserID         `json:"user_id"`
	Role         MemberRole     `json:"role"` // MemberMember unless given
	Settings     MemberSettings `json:"settings,omitzero"`
	JoinedAt     time.Time      `json:"joined_at"`
	LastActiveAt time.Time      `json:"last_active_at,omitzero"` // kept by TouchMember; zero: never
	InvitedBy    UserID         `json:"invited_by,omitzero"`     // nobody, once that user is deleted
	ReadSeq      int64          `json:"read_seq"`                // the read marker: joining starts at the room's LastSeq
}

// MemberSettings are a member's choices for one room.
type MemberSettings struct {
	Nickname      string            `json:"nickname,omitzero"`
	Notifications NotificationLevel `json:"notifications,omitzero"` // unset: as the user's settings say
	MutedUntil    time.Time         `json:"muted_until,omitzero"`   // the member mutes the room; zero: not
	Theme         string            `json:"theme,omitzero"`
	Custom        json.RawMessage   `json:"custom,omitzero"` // a JSON object, kept byte for byte
}

// Clone returns a copy that shares nothing with m.
func (m Membership) Clone() Membership {
	m.Settings.Custom = cloneSlice(m.Settings.Custom)
	return m
}

// Validate refuses a membership that cannot be stored.
func (m Membership) Validate() error {
	if m.RoomID.IsZero() {
		return Invalid("RoomID", "unset")
	}
	if m.UserID.IsZero() {
		return Invalid("UserID", "unset")
	}
	if err := memberRoles.check("Role", m.Role); err != nil {
		return err
	}
	return m.Settings.Validate()
}

// Validate refuses settings that cannot be stored.
func (s MemberSettings) Validate() error {
	if err := checkTexts(
		text{"Settings.Nickname", s.Nickname, MaxNickname},
		text{"Settings.Theme", s.Theme, MaxTheme},
	); err != nil {
		return err
	}
	if err := notificationLevels.check("Settings.Notifications", s.Notifications); err != nil {
		return err
	}
	if err := checkTime("Settings.MutedUntil", s.MutedUntil); err != nil {
		return err
	}
	return checkCustom("Settings.Custom", s.Custom)
}

// Equal reports whether two sets of settings say the same.
func (s MemberSettings) Equal(other MemberSettings) bool { return reflect.DeepEqual(s, other) }

// Normalize fills in the defaults of a new membership and gives its times and
// slices their stored form.
func (m *Membership) Normalize() {
	if m.Role == 0 {
		m.Role = MemberMember
	}
	m.Settings.MutedUntil = Timestamp(m.Settings.MutedUntil)
	m.Settings.Custom = nilIfEmpty(m.Settings.Custom)
}

// MembershipOrder is the order of a list of memberships. Ties are broken by
// the identifier of the user, or of the room where one user's memberships are
// listed, in the same direction.
type MembershipOrder uint8

// The orders of memberships.
const (
	MembersByJoining  MembershipOrder = iota + 1 // who joined first, first
	MembersByActivity                            // last active first, those never active at the end
)

var membershipOrders = enum[MembershipOrder]{"MembershipOrder", []string{"joining", "activity"}}

// MembershipQuery selects the memberships of a room or of a user: one of Room
// and User must be given, both is ErrInvalid (that is Membership).
type MembershipQuery struct {
	Room        RoomID
	User        UserID
	Roles       []MemberRole    // any of these
	ActiveSince time.Time       // last active then or later
	Order       MembershipOrder // MembersByJoining unless given
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q MembershipQuery) WithCursor(c Cursor) MembershipQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q MembershipQuery) Validate() error {
	switch {
	case q.Room.IsZero() && q.User.IsZero():
		return Invalid("Room", "neither Room nor User")
	case !q.Room.IsZero() && !q.User.IsZero():
		return Invalid("User", "both Room and User")
	}
	if err := memberRoles.checkAll("Roles", q.Roles); err != nil {
		return err
	}
	if err := membershipOrders.check("Order", q.Order); err != nil {
		return err
	}
	return checkTime("ActiveSince", q.ActiveSince)
}

// MembershipReader reads who is where.
type MembershipReader interface {
	// Membership returns a user's membership of a room; ErrNotFound if the
	// user is no member, or either does not exist.
	Membership(ctx context.Context, room RoomID, user UserID) (Membership, error)

	// IsMember reports whether the user is a member of the room; a room or
	// user that does not exist is no error.
	IsMember(ctx context.Context, room RoomID, user UserID) (bool, error)

	// Memberships lists the memberships that q selects, a page at a time. A
	// room or user that does not exist has none.
	Memberships(ctx context.Context, q MembershipQuery) (Page[Membership], error)

	// CountMembers counts the memberships that q selects, whatever its Limit,
	// Cursor and Order.
	CountMembers(ctx context.Context, q MembershipQuery) (int64, error)
}

// MembershipWriter changes who is where. A membership that does not exist is
// ErrNotFound.
//
// A room that has an owner keeps one as long as it has other members: the last
// owner cannot leave or be demoted while others remain (ErrForbidden with
// ReasonLastOwner). Deleting the owner's account is not held up by it.
type MembershipWriter interface {
	// AddMember makes m.UserID a member of m.RoomID and sets in *m what the
	// store decides: Role if it is unset, JoinedAt, LastActiveAt and ReadSeq.
	// A room, user or InvitedBy that does not exist is ErrNotFound, a direct
	// room ErrConstraint, a member already ErrDuplicate. For whoever is no
	// member yet, a ban, an expired room and a full one are ErrForbidden
	// (ReasonBanned, ReasonRoomExpired, ReasonRoomFull).
	// After an error *m is as it was.
	AddMember(ctx context.Context, m *Membership) error

	// AddMembers makes several users members of one room, all or none, with
	// one role (MemberMember if it is unset). Those who are members already
	// stay as they are and are not counted.
	AddMembers(ctx context.Context, room RoomID, role MemberRole, users ...UserID) (added int, err error)

	// RemoveMember ends a membership.
	RemoveMember(ctx context.Context, room RoomID, user UserID) error

	// SetMemberRole changes a member's role in the room.
	SetMemberRole(ctx context.Context, room RoomID, user UserID, role MemberRole) error

	// UpdateMemberSettings replaces a member's settings.
	UpdateMemberSettings(ctx context.Context, room RoomID, user UserID, s MemberSettings) error

	// TouchMember moves LastActiveAt forward to the present.
	TouchMember(ctx context.Context, room RoomID, user UserID) error

	// TransferOwnership makes member to, who must be another than from
	// (ErrInvalid), an owner and member from, who must be one (ErrForbidden with ReasonNotOwner otherwise), an admin.
	TransferOwnership(ctx context.Context, room RoomID, from, to UserID) error
}
