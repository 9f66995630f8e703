package storage

// Who holds which role. Declared here as the contract to come; no backend
// implements it yet, and Store does not have it.

import "context"

// RoleHolder is a role that somebody holds, on the server or in a room.
type RoleHolder struct {
	UserID     UserID     `json:"user_id"`
	Active     bool       `json:"active"`               // of the account
	Role       Role       `json:"role"`                 // on the server
	RoomID     RoomID     `json:"room_id,omitzero"`     // zero: this is about the server
	MemberRole MemberRole `json:"member_role,omitzero"` // in the room
}

// RoleQuery selects the roles that are held, for an audit of permissions. The
// zero value selects everybody above RoleUser on the server, and with Rooms
// those above MemberMember in rooms too. Roles on the server come first, by
// user; then those in rooms, by room and user.
type RoleQuery struct {
	User       UserID
	Room       RoomID     // only roles in this room
	Permission Permission // only roles on the server that have it, whatever their rank
	Rooms      bool       // roles in rooms too
	Limit      int
	Cursor     Cursor
}

// WithCursor returns the query for the page at c.
func (q RoleQuery) WithCursor(c Cursor) RoleQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q RoleQuery) Validate() error {
	if q.Permission != 0 && (q.Rooms || !q.Room.IsZero()) {
		return Invalid("Permission", "together with rooms")
	}
	return permissions.check("Permission", q.Permission)
}

// RoleReader reads who holds which role.
type RoleReader interface {
	// RoleHolders lists the roles that q selects, a page at a time.
	RoleHolders(ctx context.Context, q RoleQuery) (Page[RoleHolder], error)
}
