package storage

// Access to rooms. Declared here as the contract to come; no backend
// implements it yet, and Store does not have it.

import "time"

// The reasons, beside those of the writers, for which Can refuses an action
// with [ErrForbidden], and those of writers to come.
const (
	ReasonNotMember    Reason = "not a member"
	ReasonRole         Reason = "role too low"
	ReasonPrivate      Reason = "by invitation only"
	ReasonPassword     Reason = "password needed"
	ReasonUserInactive Reason = "user inactive"
	ReasonHeld         Reason = "legal hold"
)

// Action is what a user wants to do in a room.
type Action uint8

// The actions.
const (
	ActionJoin         Action = iota + 1 // become a member without an invite
	ActionRead                           // read messages, members and who is typing
	ActionPost                           // post, reply, edit and delete one's own, upload
	ActionReact                          // add and remove one's own reactions
	ActionPin                            // pin and unpin anybody's messages
	ActionInvite                         // create invites, and revoke one's own
	ActionModerate                       // mute, kick and ban members below oneself, revoke anybody's invites
	ActionManage                         // change the room, its settings and members' roles, deactivate and delete it
	ActionDeleteOthers                   // delete and purge other people's messages
)

var actions = enum[Action]{"Action", []string{
	"join", "read", "post", "react", "pin", "invite", "moderate", "manage", "delete_others",
}}

// ParseAction returns the action that [Action.String] writes as s.
func ParseAction(s string) (Action, error) { return actions.parse(s) }

// Valid reports whether a is one of the actions.
func (a Action) Valid() bool { return actions.valid(a) }

// String returns the action's name.
func (a Action) String() string { return actions.string(a) }

// MarshalText returns the action's name, "" when it is unset.
func (a Action) MarshalText() ([]byte, error) { return actions.marshal(a) }

// UnmarshalText is the inverse of [Action.MarshalText].
func (a *Action) UnmarshalText(text []byte) error { return actions.unmarshal(a, text) }

// Access is what the decision whether a user may do something in a room is
// made from. A function decides it, without reading anything:
//
//	func Can(a Access, action Action) error
//
// It returns nil, or ErrForbidden with its Reason; ErrInvalid for an unknown
// action. The first line that applies decides:
//
//	user deactivated               ReasonUserInactive
//	a ban in force                 ReasonBanned, to RoleAdmin too
//	room expired                   ReasonRoomExpired
//	room inactive                  ReasonRoomInactive, but for read and manage
//	a mute in force                ReasonMuted, for post and react
//	RoleAdmin                      may, but in a direct room only as its member
//	RoleModerator                  may read, moderate, delete others' and pin, but in a direct room only as its member
//	join: member already           may
//	join: PrivacyPublic            may, but RoleGuest (ReasonRole)
//	join: PrivacyProtected         may with Unlocked, else ReasonPassword
//	join: any other                ReasonPrivate
//	no member                      may read where PrivacyPublic, else ReasonNotMember
//	member                         by the role in the room, else ReasonRole:
//
//	action         direct  system     any other room
//	read           member  guest      guest
//	post           member  moderator  guest; moderator where Settings.Moderated
//	react          member  guest      guest; member where Settings.Moderated
//	pin            member  moderator  moderator
//	invite         nobody  admin      member; moderator where PrivacyPrivate
//	moderate       nobody  moderator  moderator
//	manage         nobody  admin      admin; to make or unmake an owner, owner
//	delete others  nobody  moderator  moderator
//
// "direct" is RoomDirectMessage, "system" RoomSystem or PrivacySystem; a role
// stands for itself and those above it. Whether a moderator acts on somebody
// below is asked by comparing roles: MemberRole.AtLeast, beside it.
//
// A second function fetches what the first needs:
//
//	func Authorize(ctx context.Context, r Reader, user UserID, room RoomID, action Action) error
//
// A user or room that does not exist is ErrNotFound, and so is a private room
// to one who is no member and asks for anything but to join: who must not know
// of a room is not told of it. Inside Update, r being the Tx, the answer still
// holds when the write is done.
//
// The writers themselves do not ask who is calling, since servers post for
// bots and bridges. They keep what must always hold: no messages in an
// inactive room, bans, capacity, mutes of the author, the room's rate limit
// and upload rules.
//
// With access, RoomQuery gets the field VisibleTo (a UserID): rooms that this
// user may find, which are those that the user is a member of or has a live
// invite to, and those of PrivacyPublic and PrivacyProtected that are active
// and that the user is not banned from.
type Access struct {
	User       User        // who asks
	Room       Room        // where
	Membership *Membership // the user's in the room; nil: none
	Sanctions  []Sanction  // against the user, in the room and everywhere; those not in force at Now are passed over
	Unlocked   bool        // the user has just given the room's password, and VerifyPassword agreed
	Now        time.Time
}
