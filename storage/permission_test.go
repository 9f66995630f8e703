package storage_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestRoleCan(t *testing.T) {
	type row struct{ admin, moderator, user, guest bool }
	everybody, staff, admins := row{true, true, true, false}, row{true, true, false, false}, row{true, false, false, false}
	want := map[storage.Permission]row{
		storage.PermissionCreateRooms:    everybody,
		storage.PermissionDirectMessages: everybody,
		storage.PermissionInvite:         everybody,
		storage.PermissionUpload:         everybody,
		storage.PermissionViewUsers:      staff,
		storage.PermissionSanction:       staff,
		storage.PermissionModerateRooms:  staff,
		storage.PermissionViewAudit:      staff,
		storage.PermissionViewStats:      staff,
		storage.PermissionManageRooms:    admins,
		storage.PermissionManageUsers:    admins,
		storage.PermissionManageRoles:    admins,
		storage.PermissionConfigure:      admins,
		storage.PermissionRetain:         admins,
		storage.PermissionExport:         admins,
	}
	require.Len(t, want, len(values[storage.Permission]()), "permissions")
	for p, row := range want {
		got := [...]bool{storage.RoleAdmin.Can(p), storage.RoleModerator.Can(p), storage.RoleUser.Can(p), storage.RoleGuest.Can(p)}
		assert.Equal(t, [...]bool{row.admin, row.moderator, row.user, row.guest}, got, "%v of admin, moderator, user, guest", p)
		for _, unknown := range []storage.Role{0, 99} {
			assert.False(t, unknown.Can(p), "%v.Can(%v)", unknown, p)
		}
	}
	for _, unknown := range []storage.Permission{0, storage.PermissionExport + 1, 255} {
		assert.False(t, storage.RoleAdmin.Can(unknown), "%v", unknown)
	}
}

func TestRoleAtLeast(t *testing.T) {
	roles := values[storage.Role]()
	for i, r := range roles {
		for j, other := range roles {
			assert.Equal(t, i <= j, r.AtLeast(other), "%v.AtLeast(%v)", r, other)
		}
		for _, unknown := range []storage.Role{0, 99} {
			assert.False(t, r.AtLeast(unknown), "%v.AtLeast(%v)", r, unknown)
			assert.False(t, unknown.AtLeast(r), "%v.AtLeast(%v)", unknown, r)
			assert.False(t, unknown.AtLeast(unknown), "%v", unknown)
		}
	}
}
