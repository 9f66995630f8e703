package storage

import (
	"context"
	"encoding/json"
	"reflect"
	"time"
)

// Limits of a user's texts, in bytes.
const (
	MaxUsername      = 64
	MaxEmail         = 254 // RFC 5321, section 4.5.3.1.3, less the angle brackets
	MaxExternalID    = 255
	MaxDisplayName   = 256
	MaxAvatar        = 2048
	MaxStatusMessage = 512
	MaxBio           = 4096
	MaxTimezone      = 64
	MaxLanguage      = 35 // RFC 5646, section 4.4.1
	MaxTheme         = 64
	MaxPasswordHash  = 512
)

// Role is a user's role on the whole server.
type Role uint8

// The roles, from the most to the least powerful.
const (
	RoleAdmin Role = iota + 1
	RoleModerator
	RoleUser
	RoleGuest
)

var roles = enum[Role]{"Role", []string{"admin", "moderator", "user", "guest"}}

// ParseRole returns the role that [Role.String] writes as s.
func ParseRole(s string) (Role, error) { return roles.parse(s) }

// Valid reports whether r is one of the roles.
func (r Role) Valid() bool { return roles.valid(r) }

// String returns the role's name.
func (r Role) String() string { return roles.string(r) }

// MarshalText returns the role's name, "" when it is unset.
func (r Role) MarshalText() ([]byte, error) { return roles.marshal(r) }

// UnmarshalText is the inverse of [Role.MarshalText].
func (r *Role) UnmarshalText(text []byte) error { return roles.unmarshal(r, text) }

// User is an account.
type User struct {
	ID           UserID       `json:"id"`
	ExternalID   string       `json:"external_id,omitzero"` // the embedder's own identifier; unique unless empty
	Username     string       `json:"username"`             // unique by its folded form, kept as typed
	Email        string       `json:"email,omitzero"`       // unique by its folded form unless empty
	Role         Role         `json:"role"`                 // RoleUser unless given
	Active       bool         `json:"active"`               // set by DeactivateUser and ReactivateUser; new users are active
	PasswordHash Secret       `json:"-"`
	Profile      Profile      `json:"profile,omitzero"`
	Settings     UserSettings `json:"settings,omitzero"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`            // when Version last rose
	LastSeenAt   time.Time    `json:"last_seen_at,omitzero"` // kept by TouchUser; zero: never
	Version      int64        `json:"version"`               // 1, 2, 3 …
}

// Profile is what a user tells others.
type Profile struct {
	DisplayName   string          `json:"display_name,omitzero"`
	Avatar        string          `json:"avatar,omitzero"` // a URL or a blob's name, as the embedder likes
	StatusMessage string          `json:"status_message,omitzero"`
	Bio           string          `json:"bio,omitzero"`
	Timezone      string          `json:"timezone,omitzero"` // an IANA name
	Language      string          `json:"language,omitzero"` // a BCP 47 tag
	Custom        json.RawMessage `json:"custom,omitzero"`   // a JSON object, kept byte for byte
}

// UserSettings are a user's choices. The store keeps them; it is the
// embedder's server that acts on them.
type UserSettings struct {
	Theme         string               `json:"theme,omitzero"`
	Notifications NotificationSettings `json:"notifications,omitzero"`
	Privacy       UserPrivacy          `json:"privacy,omitzero"`
	Chat          json.RawMessage      `json:"chat,omitzero"` // chat preferences: a JSON object, kept byte for byte
}

// NotificationSettings tell what a user wants to be notified of.
type NotificationSettings struct {
	Mentions       bool   `json:"mentions,omitzero"`
	DirectMessages bool   `json:"direct_messages,omitzero"`
	Rooms          bool   `json:"rooms,omitzero"`
	Sound          bool   `json:"sound,omitzero"`
	DoNotDisturb   bool   `json:"do_not_disturb,omitzero"`
	QuietFrom      string `json:"quiet_from,omitzero"` // "22:00", in the user's time zone; both or neither
	QuietTo        string `json:"quiet_to,omitzero"`
}

// UserPrivacy tells what a user lets others see and do.
type UserPrivacy struct {
	ShowOnline    bool `json:"show_online,omitzero"`
	StrangerDMs   bool `json:"stranger_dms,omitzero"`
	ShowTyping    bool `json:"show_typing,omitzero"`
	SendReceipts  bool `json:"send_receipts,omitzero"`
	DiscoverEmail bool `json:"discover_email,omitzero"`
}

// Clone returns a copy that shares nothing with u.
func (u User) Clone() User {
	u.Profile.Custom = cloneSlice(u.Profile.Custom)
	u.Settings.Chat = cloneSlice(u.Settings.Chat)
	return u
}

// Validate refuses a user that cannot be stored.
func (u User) Validate() error {
	if _, err := FoldUsername(u.Username); err != nil {
		return err
	}
	if err := checkEmail(u.Email); err != nil {
		return err
	}
	if err := roles.check("Role", u.Role); err != nil {
		return err
	}
	if err := checkTexts(text{"ExternalID", u.ExternalID, MaxExternalID},
		text{"PasswordHash", string(u.PasswordHash), MaxPasswordHash}); err != nil {
		return err
	}
	if err := u.Profile.validate(); err != nil {
		return err
	}
	return u.Settings.validate()
}

func (p Profile) validate() error {
	if err := checkTexts(
		text{"Profile.DisplayName", p.DisplayName, MaxDisplayName},
		text{"Profile.Avatar", p.Avatar, MaxAvatar},
		text{"Profile.StatusMessage", p.StatusMessage, MaxStatusMessage},
		text{"Profile.Bio", p.Bio, MaxBio},
		text{"Profile.Timezone", p.Timezone, MaxTimezone},
		text{"Profile.Language", p.Language, MaxLanguage},
	); err != nil {
		return err
	}
	return checkCustom("Profile.Custom", p.Custom)
}

func (s UserSettings) validate() error {
	if err := CheckText("Settings.Theme", s.Theme, MaxTheme); err != nil {
		return err
	}
	n := s.Notifications
	if (n.QuietFrom == "") != (n.QuietTo == "") {
		return Invalid("Settings.Notifications.QuietTo", "quiet hours need both ends")
	}
	for _, clock := range []string{n.QuietFrom, n.QuietTo} {
		if _, err := time.Parse("15:04", clock); clock != "" && (err != nil || len(clock) != 5) {
			return Invalid("Settings.Notifications.QuietFrom", "not a time of day such as 22:00")
		}
	}
	return checkCustom("Settings.Chat", s.Chat)
}

// Normalize fills in the defaults of a new user and turns empty slices into
// nil.
func (u *User) Normalize() {
	if u.Role == 0 {
		u.Role = RoleUser
	}
	u.Profile.Custom = nilIfEmpty(u.Profile.Custom)
	u.Settings.Chat = nilIfEmpty(u.Settings.Chat)
}

// UserPatch changes the fields that are not nil.
type UserPatch struct {
	ExternalID *string
	Username   *string
	Email      *string
	Profile    *Profile
	Settings   *UserSettings
	IfVersion  int64 // 0, or the version that the change is based on: ErrConflict if it is stale, ErrInvalid if negative
}

// Apply changes u and reports whether anything is different now. The result
// is to be validated.
func (p UserPatch) Apply(u *User) (changed bool) {
	before := *u
	set(&u.ExternalID, p.ExternalID)
	set(&u.Username, p.Username)
	set(&u.Email, p.Email)
	set(&u.Profile, p.Profile)
	set(&u.Settings, p.Settings)
	u.Normalize()
	return !reflect.DeepEqual(before, *u)
}

// UserOrder is the order of a list of users. Ties are broken by ID, in the
// same direction.
type UserOrder uint8

// The orders of users.
const (
	UsersByName     UserOrder = iota + 1 // by folded username, bytewise
	UsersByCreation                      // newest first
	UsersBySeen                          // last seen first, those never seen at the end
)

var userOrders = enum[UserOrder]{"UserOrder", []string{"name", "creation", "seen"}}

// UserQuery selects users; the zero value selects all, by name. Conditions
// are combined with AND.
type UserQuery struct {
	Roles       []Role    // any of these
	Active      *bool     // active, or deactivated
	SeenSince   time.Time // last seen then or later
	CreatedFrom time.Time // inclusive
	CreatedTo   time.Time // exclusive
	Text        string    // each word begins a word of username, display name or email (storage/search)
	Order       UserOrder // UsersByName unless given
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q UserQuery) WithCursor(c Cursor) UserQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q UserQuery) Validate() error {
	if err := roles.checkAll("Roles", q.Roles); err != nil {
		return err
	}
	if err := userOrders.check("Order", q.Order); err != nil {
		return err
	}
	if err := checkTime("SeenSince", q.SeenSince); err != nil {
		return err
	}
	if err := checkRange("CreatedTo", q.CreatedFrom, q.CreatedTo); err != nil {
		return err
	}
	return CheckText("Text", q.Text, MaxQueryText)
}

// UserReader reads users. A user that does not exist is ErrNotFound.
type UserReader interface {
	User(ctx context.Context, id UserID) (User, error)

	// UsersByID returns those of the users that exist, in the order of ids,
	// each once: the authors of a page, say. At most MaxLimit identifiers.
	UsersByID(ctx context.Context, ids ...UserID) ([]User, error)

	// UserByUsername finds a user by the folded form of a username. A name that
	// no user could have is ErrInvalid.
	UserByUsername(ctx context.Context, username string) (User, error)

	// UserByEmail finds a user by the folded form of an address. No user is
	// found by the empty one; text that no field may hold is ErrInvalid.
	UserByEmail(ctx context.Context, email string) (User, error)

	// UserByExternalID finds a user by the embedder's identifier, which is
	// compared bytewise. No user is found by the empty one; text that no field
	// may hold is ErrInvalid.
	UserByExternalID(ctx context.Context, externalID string) (User, error)

	// Users lists the users that q selects, a page at a time.
	Users(ctx context.Context, q UserQuery) (Page[User], error)

	// CountUsers counts all the users that q selects, whatever its Limit,
	// Cursor and Order.
	CountUsers(ctx context.Context, q UserQuery) (int64, error)

	// UserActivity sums up one user. Its cost grows with what is the user's own
	// (messages, reactions, attachments, memberships, sessions, login attempts,
	// sanctions), tombstones included, and with nobody else's.
	UserActivity(ctx context.Context, id UserID) (UserActivity, error)
}

// UserWriter changes users. A user that does not exist is ErrNotFound. What
// changes nothing keeps version and UpdatedAt; all else raises them, but for
// TouchUser.
type UserWriter interface {
	// CreateUser stores a new user and sets in *u what the store decides: ID
	// and Role if they are unset, Active, CreatedAt, UpdatedAt, LastSeenAt and
	// Version. A username, email, external identifier or ID that is taken is
	// ErrDuplicate with its Field. After an error *u is as it was.
	CreateUser(ctx context.Context, u *User) error

	// UpdateUser applies a patch and returns the user as it is then. A stale
	// IfVersion is ErrConflict; a username, email or external identifier of
	// somebody else is ErrDuplicate.
	UpdateUser(ctx context.Context, id UserID, p UserPatch) (User, error)

	// SetUserRole changes the role on the server.
	SetUserRole(ctx context.Context, id UserID, role Role) error

	// SetPasswordHash replaces the password hash; an empty one removes it.
	SetPasswordHash(ctx context.Context, id UserID, hash Secret) error

	// TouchUser moves LastSeenAt forward to the present. It changes neither
	// the version nor UpdatedAt.
	TouchUser(ctx context.Context, id UserID) error

	// DeactivateUser takes the account out of use and revokes its sessions.
	// Doing so again changes nothing.
	DeactivateUser(ctx context.Context, id UserID) error

	// ReactivateUser is the inverse of DeactivateUser, but for the sessions,
	// which stay revoked.
	ReactivateUser(ctx context.Context, id UserID) error

	// DeleteUser removes the account and its memberships, even where it is a
	// room's last owner, its reactions, its receipts, its sessions and login
	// attempts, and the blocks of and against it. What the user wrote stays,
	// authored by nobody, and rooms that the user created stay. Messages
	// that mention the user still say so, but a later user with the same ID is
	// another one, whom they do not mention. A legal hold that covers the user, or
	// anything that the user said, is ErrForbidden with ReasonHeld.
	DeleteUser(ctx context.Context, id UserID) error
}

// UsernameExists reports whether a username is taken, by its folded form.
func UsernameExists(ctx context.Context, r UserReader, username string) (bool, error) {
	_, err := r.UserByUsername(ctx, username)
	return exists(err)
}

// EmailExists reports whether an email address is taken, by its folded form.
func EmailExists(ctx context.Context, r UserReader, email string) (bool, error) {
	_, err := r.UserByEmail(ctx, email)
	return exists(err)
}
