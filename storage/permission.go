package storage

// Permission is something that a role on the server may allow: [Role.Can]
// tells. What a user may do in a room is [Access].
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

// leastRoles are the roles that stand beside the permissions above.
var leastRoles = [...]Role{
	PermissionCreateRooms:    RoleUser,
	PermissionDirectMessages: RoleUser,
	PermissionInvite:         RoleUser,
	PermissionUpload:         RoleUser,
	PermissionViewUsers:      RoleModerator,
	PermissionSanction:       RoleModerator,
	PermissionModerateRooms:  RoleModerator,
	PermissionViewAudit:      RoleModerator,
	PermissionViewStats:      RoleModerator,
	PermissionManageRooms:    RoleAdmin,
	PermissionManageUsers:    RoleAdmin,
	PermissionManageRoles:    RoleAdmin,
	PermissionConfigure:      RoleAdmin,
	PermissionRetain:         RoleAdmin,
	PermissionExport:         RoleAdmin,
}

// Can reports whether the role has a permission. A role or a permission that
// is unset or unknown has none.
func (r Role) Can(p Permission) bool { return p.Valid() && r.AtLeast(leastRoles[p]) }

// AtLeast reports whether r is as powerful as other, or more; it is not if
// either is unset or unknown.
func (r Role) AtLeast(other Role) bool { return r.Valid() && other.Valid() && r <= other }
