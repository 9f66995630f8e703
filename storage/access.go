package storage

// Access to rooms: who may do what, decided from records that were read
// before. Authorize, which reads them, is in authorize.go.

import (
	"slices"
	"time"
)

// The reasons, beside those of the writers, for which [Can] refuses an action
// with [ErrForbidden].
const (
	ReasonNotMember    Reason = "not a member"
	ReasonRole         Reason = "role too low"
	ReasonPrivate      Reason = "by invitation only"
	ReasonPassword     Reason = "password needed"
	ReasonUserInactive Reason = "user inactive"
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
// made from. [Can] decides, by the first line that applies:
//
//	user deactivated               ReasonUserInactive
//	a ban in force                 ReasonBanned, to RoleAdmin too
//	room expired                   ReasonRoomExpired
//	room inactive                  ReasonRoomInactive, but for read and manage
//	a mute in force                ReasonMuted, for post and react
//	RoleAdmin                      may, but for direct rooms
//	RoleModerator                  may read, pin, moderate and delete others', but for direct rooms
//	join: member already           may
//	join: direct room              ReasonPrivate
//	join: PrivacyPublic            may from RoleUser, else ReasonRole
//	join: PrivacyProtected         may with Unlocked, else ReasonPassword
//	join: any other                ReasonPrivate
//	no member                      may read where PrivacyPublic and no direct room, else ReasonNotMember
//	member                         by the role in the room, else ReasonRole:
//
//	action         direct  system     any other room
//	read           member  guest      guest
//	post           member  moderator  guest; moderator where Settings.Moderated
//	react          member  guest      guest; member where Settings.Moderated
//	pin            member  moderator  moderator
//	invite         nobody  admin      member; moderator where PrivacyPrivate
//	moderate       nobody  moderator  moderator
//	manage         nobody  admin      admin
//	delete others  nobody  moderator  moderator
//
// "direct" is RoomDirectMessage, whatever its privacy, where a role on the
// server counts for nothing; "system" is RoomSystem or PrivacySystem. A role
// stands for itself and those above it; unknown roles can nothing.
//
// Two questions are left to [MemberRole.AtLeast], since they are about somebody
// else's role too: who moderates acts on members below, and only an owner makes
// or unmakes an owner. What a role on the server allows everywhere, such as to
// create invites or to upload, is asked with [Role.Can] beside it.
//
// The writers themselves do not ask who is calling, since servers post for
// bots and bridges. They keep what must always hold: nothing new in a room that
// is inactive or has expired, bans and mutes of whoever writes (by the same
// actions as here), capacity, the room's rate limit and upload rules. To delete
// and to remove they refuse nobody.
type Access struct {
	User       User        // who asks
	Room       Room        // where
	Membership *Membership // the user's in the room; nil: none
	Sanctions  []Sanction  // against the user; those in other rooms and those not in force at Now are passed over
	Unlocked   bool        // the user has just given the room's password, and VerifyPassword agreed
	Now        time.Time
}

// needs is the least role in a room that an action takes, by what the room is.
// The last two add to other: what it takes where posts are moderated, and
// where people come by invitation. The zero role is nobody's.
type needs struct{ direct, system, other, moderated, private MemberRole }

var memberNeeds = [...]needs{
	ActionRead:         {direct: MemberMember, system: MemberGuest, other: MemberGuest},
	ActionPost:         {direct: MemberMember, system: MemberModerator, other: MemberGuest, moderated: MemberModerator},
	ActionReact:        {direct: MemberMember, system: MemberGuest, other: MemberGuest, moderated: MemberMember},
	ActionPin:          {direct: MemberMember, system: MemberModerator, other: MemberModerator},
	ActionInvite:       {system: MemberAdmin, other: MemberMember, private: MemberModerator},
	ActionModerate:     {system: MemberModerator, other: MemberModerator},
	ActionManage:       {system: MemberAdmin, other: MemberAdmin},
	ActionDeleteOthers: {system: MemberModerator, other: MemberModerator},
}

// in returns the least role that it takes in a room.
func (n needs) in(r Room) MemberRole {
	switch {
	case r.Type == RoomDirectMessage:
		return n.direct
	case r.Type == RoomSystem || r.Privacy == PrivacySystem:
		return n.system
	case r.Settings.Moderated && n.moderated != 0:
		return n.moderated
	case r.Privacy == PrivacyPrivate && n.private != 0:
		return n.private
	}
	return n.other
}

// Can reports whether a user may do something in a room, by the table at
// [Access]: nil, or ErrForbidden with its Reason. It reads nothing. An unknown
// action is ErrInvalid.
func Can(a Access, action Action) error {
	if !action.Valid() {
		return Invalid("Action", "unset or unknown")
	}
	if reason := a.refusal(action); reason != "" {
		return Forbidden(EntityRoom, a.Room.ID.String(), reason)
	}
	return nil
}

// allowed is the refusal of nothing.
const allowed Reason = ""

// refusal is the table: why the action is refused, if it is.
func (a Access) refusal(action Action) Reason {
	public := a.Room.Privacy == PrivacyPublic && a.Room.Type != RoomDirectMessage
	switch {
	case !a.User.Active:
		return ReasonUserInactive
	case a.bound(SanctionBan):
		return ReasonBanned
	case a.Room.Expired(a.Now):
		return ReasonRoomExpired
	case !a.Room.Active && action != ActionRead && action != ActionManage:
		return ReasonRoomInactive
	case (action == ActionPost || action == ActionReact) && a.bound(SanctionMute):
		return ReasonMuted
	case a.byServerRole(action):
		return allowed
	case action == ActionJoin:
		return a.joining()
	case a.Membership == nil && public && action == ActionRead:
		return allowed
	case a.Membership == nil:
		return ReasonNotMember
	case a.Membership.Role.AtLeast(memberNeeds[action].in(a.Room)):
		return allowed
	}
	return ReasonRole
}

// byServerRole reports whether the role on the server is enough.
func (a Access) byServerRole(action Action) bool {
	if a.Room.Type == RoomDirectMessage {
		return false
	}
	switch a.User.Role {
	case RoleAdmin:
		return true
	case RoleModerator:
		return action == ActionRead || action == ActionPin || action == ActionModerate || action == ActionDeleteOthers
	}
	return false
}

// joining is why a user may not become a member without an invite.
func (a Access) joining() Reason {
	switch {
	case a.Membership != nil:
		return allowed
	case a.Room.Type == RoomDirectMessage:
		return ReasonPrivate
	case a.Room.Privacy == PrivacyPublic && a.User.Role.AtLeast(RoleUser):
		return allowed
	case a.Room.Privacy == PrivacyPublic:
		return ReasonRole
	case a.Room.Privacy == PrivacyProtected && a.Unlocked:
		return allowed
	case a.Room.Privacy == PrivacyProtected:
		return ReasonPassword
	}
	return ReasonPrivate
}

// bound reports whether a sanction of a kind is in force in the room.
func (a Access) bound(kind SanctionKind) bool {
	return slices.ContainsFunc(a.Sanctions, func(s Sanction) bool {
		return s.Kind == kind && (s.RoomID.IsZero() || s.RoomID == a.Room.ID) && s.InForce(a.Now)
	})
}
