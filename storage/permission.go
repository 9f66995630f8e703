package storage

// Permissions on the whole server. Declared here as the contract to come; no
// backend implements it yet, and Store does not have it.

import "context"

// Permission is something that a role on the server may allow. One table says
// which roles have which; two methods ask it:
//
//	func (r Role) Can(p Permission) bool  // unset and unknown roles can nothing
//	func (r Role) AtLeast(other Role) bool  // as powerful as other, or more; false if either is unset or unknown
//
// What a user may do in a room is [Access].
type Permission uint8

// The permissions, with the least powerful role that has each.
const (
	PermissionCreateRooms    Permission = iota + 1 // RoleUser: create rooms other than system rooms
	PermissionDirectMessages                       // RoleUser: open direct rooms
	PermissionInvite                               // RoleUser: create invites, where the room allows it
	PermissionUpload                               // RoleUser: create attachments, where the room allows it
	PermissionViewUsers                            // RoleModerator: emails, sessions and activity of others
	PermissionSanction                             // RoleModerator: ban and mute everywhere
	PermissionModerateRooms                        // RoleModerator: moderate rooms without being a member
	PermissionViewAudit                            // RoleModerator: read the audit log
	PermissionViewStats                            // RoleModerator: read statistics
	PermissionManageRooms                          // RoleAdmin: manage any room, and system rooms
	PermissionManageUsers                          // RoleAdmin: create, change, deactivate and delete accounts
	PermissionManageRoles                          // RoleAdmin: change roles on the server
	PermissionConfigure                            // RoleAdmin: read and change the configuration
	PermissionRetain                               // RoleAdmin: legal holds, retention, purges, erasure
	PermissionExport                               // RoleAdmin: dumps, and exports about others
)

var permissions = enum[Permission]{"Permission", []string{
	"create_rooms", "direct_messages", "invite", "upload", "view_users", "sanction",
	"moderate_rooms", "view_audit", "view_stats", "manage_rooms", "manage_users",
	"manage_roles", "configure", "retain", "export",
}}

// ParsePermission returns the permission that [Permission.String] writes as s.
func ParsePermission(s string) (Permission, error) { return permissions.parse(s) }

// Valid reports whether p is one of the permissions.
func (p Permission) Valid() bool { return permissions.valid(p) }

// String returns the permission's name.
func (p Permission) String() string { return permissions.string(p) }

// MarshalText returns the permission's name, "" when it is unset.
func (p Permission) MarshalText() ([]byte, error) { return permissions.marshal(p) }

// UnmarshalText is the inverse of [Permission.MarshalText].
func (p *Permission) UnmarshalText(text []byte) error { return permissions.unmarshal(p, text) }

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
