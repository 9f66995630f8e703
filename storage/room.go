package storage

import (
	"context"
	"encoding/json"
	"reflect"
	"time"
)

// Limits of a room's texts, in bytes.
const (
	MaxRoomName    = 128
	MaxDescription = 4096
	MaxTopic       = 1024
	MaxUploadTypes = 64
	MaxMediaType   = 255 // RFC 6838, section 4.2: two names of 127 and a slash
)

// RoomType is what a room is for.
type RoomType uint8

// The types of rooms.
const (
	RoomChannel RoomType = iota + 1
	RoomGroup
	RoomDirectMessage
	RoomSystem
	RoomTemporary
)

var roomTypes = enum[RoomType]{"RoomType", []string{"channel", "group", "direct_message", "system", "temporary"}}

// ParseRoomType returns the type that [RoomType.String] writes as s.
func ParseRoomType(s string) (RoomType, error) { return roomTypes.parse(s) }

// Valid reports whether t is one of the types.
func (t RoomType) Valid() bool { return roomTypes.valid(t) }

// String returns the type's name.
func (t RoomType) String() string { return roomTypes.string(t) }

// MarshalText returns the type's name, "" when it is unset.
func (t RoomType) MarshalText() ([]byte, error) { return roomTypes.marshal(t) }

// UnmarshalText is the inverse of [RoomType.MarshalText].
func (t *RoomType) UnmarshalText(text []byte) error { return roomTypes.unmarshal(t, text) }

// Privacy is who may find and enter a room.
type Privacy uint8

// The privacies of rooms.
const (
	PrivacyPublic    Privacy = iota + 1 // everybody finds it and may join
	PrivacyPrivate                      // by invitation
	PrivacyProtected                    // with a password
	PrivacySystem                       // the server's own
)

var privacies = enum[Privacy]{"Privacy", []string{"public", "private", "protected", "system"}}

// ParsePrivacy returns the privacy that [Privacy.String] writes as s.
func ParsePrivacy(s string) (Privacy, error) { return privacies.parse(s) }

// Valid reports whether p is one of the privacies.
func (p Privacy) Valid() bool { return privacies.valid(p) }

// String returns the privacy's name.
func (p Privacy) String() string { return privacies.string(p) }

// MarshalText returns the privacy's name, "" when it is unset.
func (p Privacy) MarshalText() ([]byte, error) { return privacies.marshal(p) }

// UnmarshalText is the inverse of [Privacy.MarshalText].
func (p *Privacy) UnmarshalText(text []byte) error { return privacies.unmarshal(p, text) }

// Room is a place where messages are.
type Room struct {
	ID           RoomID       `json:"id"`
	Name         string       `json:"name,omitzero"` // unique by its folded form unless empty, kept as typed
	DisplayName  string       `json:"display_name,omitzero"`
	Description  string       `json:"description,omitzero"`
	Topic        string       `json:"topic,omitzero"`
	Type         RoomType     `json:"type"`    // RoomChannel unless given
	Privacy      Privacy      `json:"privacy"` // PrivacyPrivate unless given
	PasswordHash Secret       `json:"-"`       // for PrivacyProtected
	Settings     RoomSettings `json:"settings,omitzero"`
	CreatorID    UserID       `json:"creator_id,omitzero"` // nobody, once that user is deleted
	Active       bool         `json:"active"`              // an inactive room takes nothing new: see RoomWriter
	ExpiresAt    time.Time    `json:"expires_at,omitzero"` // only for RoomTemporary: see Expired; zero: never
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"` // when Version last rose
	Version      int64        `json:"version"`    // 1, 2, 3 …; messages and members do not raise it

	LastSeq       int64     `json:"last_seq"`                 // the highest Seq ever dealt in the room; it never falls
	LastMessageAt time.Time `json:"last_message_at,omitzero"` // the latest CreatedAt of any message ever stored in the room
	MessageCount  int64     `json:"message_count"`            // messages stored, without tombstones
	MemberCount   int64     `json:"member_count"`
}

// RoomSettings are a room's rules.
//
// What HistoryHidden hides from a member are the messages up to the room's
// LastSeq at the member's latest joining, as long as it is set, whenever it was
// set. The readers that are told for whom they read keep to it: Changes and
// Watch of a user, SearchMessages with a Reader, and the LastMessage of Inbox.
// All others, Message and Messages first, are told of no reader, or of one who
// is no more than the viewer of what is shown; there it is for the server to
// keep to it, in Unread and UnreadMessages too once MarkUnread has put a marker
// before the joining. Where a member joined is the ReadSeq that AddMember sets,
// and the Seq of ChangeMemberAdded, which the server remembers, since ReadSeq
// moves on.
type RoomSettings struct {
	MaxMembers    int64           `json:"max_members,omitzero"`    // 0: no limit, and nothing else for a direct room
	RetentionDays int64           `json:"retention_days,omitzero"` // 0: as the server's (MaintainOptions)
	RetentionMax  int64           `json:"retention_max,omitzero"`  // messages to keep; 0: as the server's, which is no limit unless it is told one
	HistoryHidden bool            `json:"history_hidden,omitzero"` // who joins does not see what was before: see below
	Uploads       UploadRules     `json:"uploads,omitzero"`
	RateLimit     int64           `json:"rate_limit,omitzero"` // messages a minute from one author; 0: no limit
	Moderated     bool            `json:"moderated,omitzero"`  // only moderators and above post
	Custom        json.RawMessage `json:"custom,omitzero"`     // a JSON object, kept byte for byte
}

// UploadRules limit attachments in a room.
type UploadRules struct {
	Forbidden bool     `json:"forbidden,omitzero"`
	MaxBytes  int64    `json:"max_bytes,omitzero"` // 0: no limit
	Types     []string `json:"types,omitzero"`     // media types allowed, such as image/png; none: all
}

// Expired reports whether the room's time is over. From then on it takes
// nothing new, as an inactive room, and no members (ErrForbidden with
// ReasonRoomExpired), and Maintain deletes it unless a legal hold covers it.
func (r Room) Expired(now time.Time) bool {
	return !r.ExpiresAt.IsZero() && !now.Before(r.ExpiresAt)
}

// Clone returns a copy that shares nothing with r.
func (r Room) Clone() Room {
	r.Settings.Uploads.Types = cloneSlice(r.Settings.Uploads.Types)
	r.Settings.Custom = cloneSlice(r.Settings.Custom)
	return r
}

// Validate refuses a room that cannot be stored.
func (r Room) Validate() error {
	if err := checkTexts(
		text{"Name", r.Name, MaxRoomName},
		text{"DisplayName", r.DisplayName, MaxDisplayName},
		text{"Description", r.Description, MaxDescription},
		text{"Topic", r.Topic, MaxTopic},
		text{"PasswordHash", string(r.PasswordHash), MaxPasswordHash},
	); err != nil {
		return err
	}
	if err := roomTypes.check("Type", r.Type); err != nil {
		return err
	}
	if err := privacies.check("Privacy", r.Privacy); err != nil {
		return err
	}
	if r.Type == RoomDirectMessage && r.Name != "" {
		return Invalid("Name", "a direct room has no name")
	}
	if r.Type == RoomDirectMessage && r.Privacy != 0 && r.Privacy != PrivacyPrivate {
		return Invalid("Privacy", "a direct room is private")
	}
	if r.Type == RoomDirectMessage && r.Settings.MaxMembers != 0 {
		return Invalid("Settings.MaxMembers", "a direct room has two members")
	}
	if r.Type != RoomTemporary && !r.ExpiresAt.IsZero() {
		return Invalid("ExpiresAt", "only a temporary room expires")
	}
	if err := checkTime("ExpiresAt", r.ExpiresAt); err != nil {
		return err
	}
	return r.Settings.validate()
}

func (s RoomSettings) validate() error {
	for _, limit := range []struct {
		field string
		value int64
	}{
		{"Settings.MaxMembers", s.MaxMembers},
		{"Settings.RetentionDays", s.RetentionDays},
		{"Settings.RetentionMax", s.RetentionMax},
		{"Settings.RateLimit", s.RateLimit},
		{"Settings.Uploads.MaxBytes", s.Uploads.MaxBytes},
	} {
		if limit.value < 0 {
			return Invalid(limit.field, "negative")
		}
	}
	if len(s.Uploads.Types) > MaxUploadTypes {
		return Invalid("Settings.Uploads.Types", "too many")
	}
	for _, t := range s.Uploads.Types {
		if err := CheckText("Settings.Uploads.Types", t, MaxMediaType); err != nil {
			return err
		}
	}
	return checkCustom("Settings.Custom", s.Custom)
}

// Normalize fills in the defaults of a new room and turns empty slices into
// nil.
func (r *Room) Normalize() {
	if r.Type == 0 {
		r.Type = RoomChannel
	}
	if r.Privacy == 0 {
		r.Privacy = PrivacyPrivate
	}
	r.ExpiresAt = Timestamp(r.ExpiresAt)
	r.Settings.Uploads.Types = nilIfEmpty(r.Settings.Uploads.Types)
	r.Settings.Custom = nilIfEmpty(r.Settings.Custom)
}

// FoldRoomName returns the form by which room names are unique and sorted:
// cases folded, compatibility-composed (NFKC).
func FoldRoomName(name string) string { return foldText(name) }

// RoomPatch changes the fields that are not nil.
type RoomPatch struct {
	Name         *string
	DisplayName  *string
	Description  *string
	Topic        *string
	Privacy      *Privacy
	PasswordHash *Secret
	ExpiresAt    *time.Time
	IfVersion    int64 // 0, or the version that the change is based on: ErrConflict if it is stale, ErrInvalid if negative
}

// Apply changes r and reports whether anything is different now. The result
// is to be validated.
func (p RoomPatch) Apply(r *Room) (changed bool) {
	before := *r
	set(&r.Name, p.Name)
	set(&r.DisplayName, p.DisplayName)
	set(&r.Description, p.Description)
	set(&r.Topic, p.Topic)
	set(&r.Privacy, p.Privacy)
	set(&r.PasswordHash, p.PasswordHash)
	set(&r.ExpiresAt, p.ExpiresAt)
	r.Normalize()
	return !reflect.DeepEqual(before, *r)
}

// ApplySettings replaces the settings and reports whether anything is
// different now. The result is to be validated.
func (r *Room) ApplySettings(s RoomSettings) (changed bool) {
	before := *r
	r.Settings = s
	r.Normalize()
	return !reflect.DeepEqual(before, *r)
}

// RoomReader reads rooms. A room that does not exist is ErrNotFound.
type RoomReader interface {
	Room(ctx context.Context, id RoomID) (Room, error)

	// RoomsByID returns those of the rooms that exist, in the order of ids,
	// each once. At most MaxLimit identifiers.
	RoomsByID(ctx context.Context, ids ...RoomID) ([]Room, error)

	// RoomByName finds a room by the folded form of a name. No room is found
	// by the empty one; text that no field may hold is ErrInvalid.
	RoomByName(ctx context.Context, name string) (Room, error)

	// DirectRoom returns the direct room of a and b, in either order, whether
	// or not they are in it at present. It is ErrNotFound if none was ever
	// opened, it was deleted, or a user does not exist. A room with oneself (a
	// and b the same) is one like any other.
	DirectRoom(ctx context.Context, a, b UserID) (Room, error)

	// Rooms lists the rooms that q selects, a page at a time.
	Rooms(ctx context.Context, q RoomQuery) (Page[Room], error)

	// CountRooms counts all the rooms that q selects, whatever its Limit,
	// Cursor and Order.
	CountRooms(ctx context.Context, q RoomQuery) (int64, error)
}

// RoomWriter changes rooms. A room that does not exist is ErrNotFound. What
// changes nothing keeps version and UpdatedAt; all else raises them. A room's
// Type never changes.
//
// A room that is inactive or has expired takes nothing new: CreateMessage,
// CreateMessages, EditMessage, AddReaction, PinMessage and CreateAttachment are
// ErrForbidden (ReasonRoomInactive, or else ReasonRoomExpired). What takes away
// goes on (DeleteMessage, RemoveReaction, UnpinMessage, DeleteAttachment, purges,
// RemoveMember), and so do reading and MarkRead.
type RoomWriter interface {
	// CreateRoom stores a new room and sets in *r what the store decides: ID,
	// Type and Privacy if they are unset, Active, CreatedAt, UpdatedAt,
	// Version and the counters. The creator, unless there is none, becomes its
	// first member, as MemberOwner. A creator who does not exist is
	// ErrNotFound, one who is banned everywhere ErrForbidden with ReasonBanned,
	// a name or ID that is taken ErrDuplicate with its Field.
	// RoomDirectMessage is ErrInvalid: OpenDirectRoom makes those. So is an
	// ExpiresAt for any type but RoomTemporary; one that has passed is legal.
	// After an error *r is as it was.
	CreateRoom(ctx context.Context, r *Room) error

	// OpenDirectRoom returns the direct room of a and b and makes it where
	// there is none: one per pair, under any race. It is of type
	// RoomDirectMessage and privacy PrivacyPrivate, which it keeps, has neither
	// name nor creator, neither expires nor has a limit of members, and both
	// are in it as MemberMember. Opening it again brings back whoever has left,
	// with nothing unread, and reactivates nothing. A user who does not
	// exist is ErrNotFound, one who is banned, from the room or everywhere,
	// ErrForbidden with ReasonBanned. Nobody is added to it or invited
	// otherwise, and roles in it do not change (ErrConstraint). It outlives the
	// deletion of one of its users; a later user with the same ID is another.
	OpenDirectRoom(ctx context.Context, a, b UserID) (room Room, created bool, err error)

	// UpdateRoom applies a patch and returns the room as it is then. What a
	// room of its type must not have is ErrInvalid: a name, or another privacy
	// than PrivacyPrivate, of a direct room, an ExpiresAt of any but a temporary
	// one. A stale IfVersion is ErrConflict, another room's name ErrDuplicate.
	UpdateRoom(ctx context.Context, id RoomID, p RoomPatch) (Room, error)

	// UpdateRoomSettings replaces the settings and returns the room as it is
	// then. A MaxMembers below the number of members keeps newcomers out and
	// removes nobody; any for a direct room is ErrInvalid.
	UpdateRoomSettings(ctx context.Context, id RoomID, s RoomSettings) (Room, error)

	// DeactivateRoom closes the room: it takes nothing new any more. Doing so
	// again changes nothing.
	DeactivateRoom(ctx context.Context, id RoomID) error

	// ReactivateRoom is the inverse of DeactivateRoom.
	ReactivateRoom(ctx context.Context, id RoomID) error

	// DeleteRoom removes the room with its memberships, messages, invites and
	// sanctions. It is gone for every reader at once, with all of these, and its
	// name is free. What it held is taken away in batches before the call
	// returns, others writing meanwhile; a context that is done or a crash
	// leaves the rest to the next opening, deletion or purge (PurgeMessages, and
	// so Maintain), and identifiers of messages stay taken until then. A later
	// room with the same ID is another room. A legal hold that covers the room, or
	// anything in it, is ErrForbidden with ReasonHeld.
	DeleteRoom(ctx context.Context, id RoomID) error
}

// RoomNameExists reports whether a room's name is taken, by its folded form.
func RoomNameExists(ctx context.Context, r RoomReader, name string) (bool, error) {
	_, err := r.RoomByName(ctx, name)
	return exists(err)
}
