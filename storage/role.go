package storage

import (
	"context"
	"slices"
)

// RoleHolder is a role that somebody holds: on the server, or in a room.
type RoleHolder struct {
	UserID     UserID     `json:"user_id"`
	Active     bool       `json:"active"`               // of the account
	Role       Role       `json:"role"`                 // on the server
	RoomID     RoomID     `json:"room_id,omitzero"`     // zero: this is about the server
	MemberRole MemberRole `json:"member_role,omitzero"` // in the room
}

// RoleQuery selects roles that are held, for an audit of permissions: on the
// server or, with Rooms or a Room, in rooms. Conditions are combined with AND.
//
// The zero value selects everybody above RoleUser on the server. They come by
// role, the most powerful first, and by ID. With Rooms it selects everybody
// above MemberMember in any room, by the room's ID and the user's. Accounts
// that are deactivated are among them.
type RoleQuery struct {
	User        UserID
	Permission  Permission   // on the server: roles that have it, whatever their rank
	Roles       []Role       // on the server: any of these, whatever their rank
	Rooms       bool         // in rooms, and not on the server
	Room        RoomID       // in this room, with Rooms or without it
	MemberRoles []MemberRole // in rooms: any of these, whatever their rank
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q RoleQuery) WithCursor(c Cursor) RoleQuery { q.Cursor = c; return q }

// InRooms reports whether the query is about rooms, and not about the server.
func (q RoleQuery) InRooms() bool { return q.Rooms || !q.Room.IsZero() }

// Validate refuses a query that means nothing.
func (q RoleQuery) Validate() error {
	switch {
	case q.InRooms() && q.Permission != 0:
		return Invalid("Permission", "together with rooms")
	case q.InRooms() && len(q.Roles) > 0:
		return Invalid("Roles", "together with rooms")
	case !q.InRooms() && len(q.MemberRoles) > 0:
		return Invalid("MemberRoles", "without rooms")
	}
	if err := permissions.check("Permission", q.Permission); err != nil {
		return err
	}
	if err := roles.checkAll("Roles", q.Roles); err != nil {
		return err
	}
	return memberRoles.checkAll("MemberRoles", q.MemberRoles)
}

// Normalize gives the query the roles that it asks for without naming them,
// each once, from the most to the least powerful. None are left if no role has
// all that is asked for.
func (q *RoleQuery) Normalize() {
	if q.InRooms() {
		q.Rooms = true
		if len(q.MemberRoles) == 0 {
			q.MemberRoles = []MemberRole{MemberOwner, MemberAdmin, MemberModerator}
		}
		q.MemberRoles = sorted(q.MemberRoles)
		return
	}
	switch {
	case len(q.Roles) > 0:
	case q.Permission != 0:
		q.Roles = []Role{RoleAdmin, RoleModerator, RoleUser, RoleGuest}
	default:
		q.Roles = []Role{RoleAdmin, RoleModerator}
	}
	q.Roles = sorted(q.Roles)
	if q.Permission != 0 {
		q.Roles = slices.DeleteFunc(q.Roles, func(r Role) bool { return !r.Can(q.Permission) })
	}
}

// sorted returns the elements of a list in order, each once.
func sorted[E ~uint8](s []E) []E { return slices.Compact(slices.Sorted(slices.Values(s))) }

// RoleReader reads who holds which role.
type RoleReader interface {
	// RoleHolders lists the roles that q selects, a page at a time. A room or
	// user that does not exist has none. Its cost grows with the page, and
	// where it is about rooms, with those in which nobody holds such a role
	// between those in which somebody does.
	RoleHolders(ctx context.Context, q RoleQuery) (Page[RoleHolder], error)
}
