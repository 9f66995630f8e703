package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roleCases = []testCase{
	{"on the server", testRoleServer},
	{"on the server by permission", testRolePermission},
	{"in rooms", testRoleRooms},
	{"follow what happens", testRoleFollow},
	{"follow what happens in rooms", testRoleFollowRooms},
	{"list", testRoleList},
	{"list of rooms", testRoleListRooms},
	{"list limits", testRoleListLimits},
	{"list cursors", testRoleListCursors},
	{"list while roles change", testRoleListLive},
	{"list refuses", testRoleListRefused},
}

func (f *fixture) rolePages(q storage.RoleQuery) pages[storage.RoleHolder] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.RoleHolder], error) {
		q.Limit, q.Cursor = limit, c
		return f.RoleHolders(f.ctx, q)
	}
}

// wantHolders requires who holds the roles that a query asks for.
func (f *fixture) wantHolders(q storage.RoleQuery, want ...storage.RoleHolder) {
	f.t.Helper()
	if len(want) == 0 {
		want = nil
	}
	require.Equal(f.t, want, list(f, f.RoleHolders, q))
}

// ranked stores a user with a role.
func (f *fixture) ranked(name string, n byte, role storage.Role) storage.UserID {
	f.t.Helper()
	return f.user(name, func(u *storage.User) { u.ID, u.Role = id[storage.User](n), role }).ID
}

func testRoleServer(t *testing.T, f *fixture) {
	f.wantHolders(storage.RoleQuery{})
	mod, boss := f.ranked("mod", 1, storage.RoleModerator), f.ranked("boss", 2, storage.RoleAdmin)
	ann, guest := f.ranked("ann", 3, storage.RoleUser), f.ranked("guest", 4, storage.RoleGuest)
	other := f.ranked("other", 5, storage.RoleAdmin)
	require.NoError(t, f.DeactivateUser(f.ctx, other))
	f.room("room", mod) // of which this is not about
	holds := func(user storage.UserID, role storage.Role) storage.RoleHolder {
		return storage.RoleHolder{UserID: user, Active: user != other, Role: role}
	}
	bosses := []storage.RoleHolder{holds(boss, storage.RoleAdmin), holds(other, storage.RoleAdmin)}
	staff := append(slices.Clone(bosses), holds(mod, storage.RoleModerator))
	f.wantHolders(storage.RoleQuery{}, staff...)
	f.wantHolders(storage.RoleQuery{Roles: []storage.Role{storage.RoleAdmin}}, bosses...)
	f.wantHolders(storage.RoleQuery{Roles: []storage.Role{storage.RoleGuest, storage.RoleAdmin, storage.RoleGuest}},
		append(slices.Clone(bosses), holds(guest, storage.RoleGuest))...)
	f.wantHolders(storage.RoleQuery{User: mod}, holds(mod, storage.RoleModerator))
	f.wantHolders(storage.RoleQuery{User: other}, bosses[1])
	f.wantHolders(storage.RoleQuery{User: ann})
	f.wantHolders(storage.RoleQuery{User: ann, Roles: []storage.Role{storage.RoleUser}}, holds(ann, storage.RoleUser))
	f.wantHolders(storage.RoleQuery{User: mod, Roles: []storage.Role{storage.RoleAdmin, storage.RoleUser}})
	f.wantHolders(storage.RoleQuery{User: nobody})
}

// testRolePermission asks of each permission who has it, and compares with the
// table.
func testRolePermission(t *testing.T, f *fixture) {
	var all []storage.RoleHolder
	for n, role := range []storage.Role{storage.RoleAdmin, storage.RoleModerator, storage.RoleUser, storage.RoleGuest} {
		for m := range byte(2) {
			user := f.ranked(fmt.Sprintf("%v%d", role, m), 9*m+byte(n), role)
			all = append(all, storage.RoleHolder{UserID: user, Active: true, Role: role})
		}
	}
	for p := storage.Permission(1); p.Valid(); p++ {
		want := slices.DeleteFunc(slices.Clone(all), func(h storage.RoleHolder) bool { return !h.Role.Can(p) })
		require.NotEmpty(t, want, p)
		f.wantHolders(storage.RoleQuery{Permission: p}, want...)
		for _, h := range all {
			f.wantHolders(storage.RoleQuery{Permission: p, Roles: []storage.Role{h.Role}},
				slices.DeleteFunc(slices.Clone(want), func(o storage.RoleHolder) bool { return o.Role != h.Role })...)
			f.wantHolders(storage.RoleQuery{Permission: p, User: h.UserID},
				slices.DeleteFunc(slices.Clone(want), func(o storage.RoleHolder) bool { return o != h })...)
		}
	}
}

func testRoleRooms(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.ranked("cid", 9, storage.RoleModerator)
	f.wantHolders(storage.RoleQuery{Rooms: true})
	hall, attic := f.room("hall", ann).ID, f.room("attic", bob).ID
	as := func(role storage.MemberRole) func(*storage.Membership) {
		return func(m *storage.Membership) { m.Role = role }
	}
	f.join(hall, bob, as(storage.MemberModerator))
	f.join(hall, cid)
	f.join(attic, ann, as(storage.MemberAdmin))
	f.join(attic, cid, as(storage.MemberGuest))
	require.NoError(t, f.DeactivateUser(f.ctx, bob))
	holds := func(room storage.RoomID, user storage.UserID, role storage.MemberRole) storage.RoleHolder {
		u := f.readUser(user)
		return storage.RoleHolder{UserID: user, Active: u.Active, Role: u.Role, RoomID: room, MemberRole: role}
	}
	annOwns, bobHelps := holds(hall, ann, storage.MemberOwner), holds(hall, bob, storage.MemberModerator)
	annHelps, bobOwns := holds(attic, ann, storage.MemberAdmin), holds(attic, bob, storage.MemberOwner)
	cidThere := holds(hall, cid, storage.MemberMember)
	f.wantHolders(storage.RoleQuery{Rooms: true}, annOwns, bobHelps, annHelps, bobOwns)
	f.wantHolders(storage.RoleQuery{Room: attic}, annHelps, bobOwns)
	f.wantHolders(storage.RoleQuery{Rooms: true, Room: hall}, annOwns, bobHelps)
	f.wantHolders(storage.RoleQuery{Rooms: true, User: bob}, bobHelps, bobOwns)
	f.wantHolders(storage.RoleQuery{Room: hall, User: bob}, bobHelps)
	f.wantHolders(storage.RoleQuery{Rooms: true, User: cid})
	f.wantHolders(storage.RoleQuery{Room: hall, User: cid, MemberRoles: []storage.MemberRole{storage.MemberMember}}, cidThere)
	f.wantHolders(storage.RoleQuery{Rooms: true, MemberRoles: []storage.MemberRole{storage.MemberOwner}}, annOwns, bobOwns)
	f.wantHolders(storage.RoleQuery{Rooms: true, MemberRoles: []storage.MemberRole{storage.MemberMember, storage.MemberOwner}},
		cidThere, annOwns, bobOwns)
	f.wantHolders(storage.RoleQuery{Room: nowhere})
	f.wantHolders(storage.RoleQuery{Rooms: true, User: nobody})
}

func testRoleFollow(t *testing.T, f *fixture) {
	ann := f.ranked("ann", 1, storage.RoleAdmin)
	bob := f.user("bob").ID
	holds := func(user storage.UserID, role storage.Role) storage.RoleHolder {
		return storage.RoleHolder{UserID: user, Active: true, Role: role}
	}
	require.NoError(t, f.SetUserRole(f.ctx, bob, storage.RoleModerator))
	f.wantHolders(storage.RoleQuery{}, holds(ann, storage.RoleAdmin), holds(bob, storage.RoleModerator))
	require.NoError(t, f.SetUserRole(f.ctx, bob, storage.RoleAdmin))
	f.wantHolders(storage.RoleQuery{Roles: []storage.Role{storage.RoleModerator}})
	require.NoError(t, f.TouchUser(f.ctx, bob))
	_, err := f.UpdateUser(f.ctx, bob, storage.UserPatch{Username: new("robert")})
	require.NoError(t, err)
	f.wantHolders(storage.RoleQuery{}, holds(ann, storage.RoleAdmin), holds(bob, storage.RoleAdmin))
	require.NoError(t, f.SetUserRole(f.ctx, ann, storage.RoleGuest))
	f.wantHolders(storage.RoleQuery{}, holds(bob, storage.RoleAdmin))
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	f.wantHolders(storage.RoleQuery{})
}

func testRoleFollowRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", ann).ID, f.room("attic", ann).ID
	f.join(hall, bob)
	holders := func(room storage.RoomID) (names string) {
		for _, h := range list(f, f.RoleHolders, storage.RoleQuery{Room: room}) {
			names += fmt.Sprint(f.readUser(h.UserID).Username, " ", h.MemberRole, " ")
		}
		return names
	}
	require.NoError(t, f.SetMemberRole(f.ctx, hall, bob, storage.MemberAdmin))
	require.Equal(t, "ann owner bob admin ", holders(hall))
	require.NoError(t, f.UpdateMemberSettings(f.ctx, hall, bob, storage.MemberSettings{Nickname: "b"}))
	require.NoError(t, f.TransferOwnership(f.ctx, hall, ann, bob))
	require.Equal(t, "ann admin bob owner ", holders(hall))
	require.NoError(t, f.RemoveMember(f.ctx, hall, ann))
	require.Equal(t, "bob owner ", holders(hall))
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	require.Empty(t, holders(hall))
	require.Equal(t, "ann owner ", holders(attic))
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	f.wantHolders(storage.RoleQuery{Rooms: true})
}

// garrison stores users of all roles, many of each.
func (f *fixture) garrison() (all []storage.RoleHolder) {
	f.t.Helper()
	for n := range 24 {
		role := storage.Role(n%4 + 1)
		user := f.ranked(fmt.Sprint("u", n), byte(67*n), role)
		all = append(all, storage.RoleHolder{UserID: user, Active: true, Role: role})
	}
	slices.SortFunc(all, func(a, b storage.RoleHolder) int {
		return cmp.Or(cmp.Compare(a.Role, b.Role), a.UserID.Compare(b.UserID))
	})
	return all
}

func testRoleList(_ *testing.T, f *fixture) {
	all := f.garrison()
	for _, roles := range [][]storage.Role{
		{storage.RoleAdmin, storage.RoleModerator}, {storage.RoleUser}, {storage.RoleAdmin, storage.RoleUser},
		{storage.RoleAdmin, storage.RoleModerator, storage.RoleUser, storage.RoleGuest}, {storage.RoleGuest, storage.RoleModerator},
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(h storage.RoleHolder) bool { return !slices.Contains(roles, h.Role) })
		wantList(f.t, want, f.rolePages(storage.RoleQuery{Roles: roles}))
	}
	wantList(f.t, all[:12], f.rolePages(storage.RoleQuery{}))
	wantList(f.t, all[:12], f.rolePages(storage.RoleQuery{Permission: storage.PermissionSanction}))
	wantList(f.t, all[:18], f.rolePages(storage.RoleQuery{Permission: storage.PermissionInvite}))
}

// barracks stores rooms with members of all roles, and returns their
// memberships.
func (f *fixture) barracks() (all []storage.RoleHolder) {
	f.t.Helper()
	var users []storage.UserID
	for n := range 6 {
		users = append(users, f.ranked(fmt.Sprint("u", n), byte(67*n+1), storage.Role(n%4+1)))
	}
	for n := range 7 {
		room := f.room(fmt.Sprint("r", n), storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](byte(101*n + 1)) }).ID
		for m, user := range users {
			if (n+m)%3 == 0 || n == 3 {
				continue // one room has nobody, the others have some
			}
			role := storage.MemberRole((n+2*m)%5 + 1)
			f.join(room, user, func(m *storage.Membership) { m.Role = role })
			all = append(all, storage.RoleHolder{
				UserID: user, Active: true, Role: storage.Role(m%4 + 1), RoomID: room, MemberRole: role,
			})
		}
	}
	slices.SortFunc(all, func(a, b storage.RoleHolder) int {
		return cmp.Or(a.RoomID.Compare(b.RoomID), a.UserID.Compare(b.UserID))
	})
	return all
}

func testRoleListRooms(_ *testing.T, f *fixture) {
	all := f.barracks()
	owners, users := []storage.MemberRole{storage.MemberOwner}, []storage.UserID{{}}
	for _, h := range all {
		if !slices.Contains(users, h.UserID) {
			users = append(users, h.UserID)
		}
	}
	staff := []storage.MemberRole{storage.MemberOwner, storage.MemberAdmin, storage.MemberModerator}
	for _, roles := range [][]storage.MemberRole{nil, owners, {storage.MemberModerator, storage.MemberGuest}, append(staff, storage.MemberMember, storage.MemberGuest)} {
		for _, user := range users {
			for _, room := range []storage.RoomID{{}, all[0].RoomID} {
				q := storage.RoleQuery{Rooms: true, User: user, Room: room, MemberRoles: roles}
				want := slices.DeleteFunc(slices.Clone(all), func(h storage.RoleHolder) bool {
					named := slices.Contains(roles, h.MemberRole) || roles == nil && slices.Contains(staff, h.MemberRole)
					return !user.IsZero() && h.UserID != user || !room.IsZero() && h.RoomID != room || !named
				})
				wantWalk(f.t, want, 2, f.rolePages(q))
				wantWalk(f.t, want, 50, f.rolePages(q))
			}
		}
	}
	every := storage.RoleQuery{Rooms: true}
	wantList(f.t, list(f, f.RoleHolders, every), f.rolePages(every))
}

func testRoleListLimits(t *testing.T, f *fixture) {
	room := f.room("room", storage.UserID{}).ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.MaxLimit + 1 {
			u := storage.User{Username: fmt.Sprint("u", n), Role: storage.RoleModerator}
			require.NoError(t, tx.CreateUser(ctx, &u))
			require.NoError(t, tx.AddMember(ctx, &storage.Membership{RoomID: room, UserID: u.ID, Role: storage.MemberAdmin}))
		}
	})
	wantLimits(t, f.rolePages(storage.RoleQuery{}))
	wantLimits(t, f.rolePages(storage.RoleQuery{Rooms: true}))
}

func testRoleListCursors(t *testing.T, f *fixture) {
	all := f.garrison()
	read := f.rolePages(storage.RoleQuery{})
	wantOtherLimit(t, all[:12], read)
	wantTampered(t, read, next(t, read))
	room := f.room("room", all[0].UserID).ID
	for _, h := range all[1:] {
		f.join(room, h.UserID, func(m *storage.Membership) { m.Role = storage.MemberAdmin })
	}
	inRooms := f.rolePages(storage.RoleQuery{Rooms: true})
	wantTampered(t, inRooms, next(t, inRooms))
	wantForeign(t, read,
		next(t, inRooms), next(t, f.rolePages(storage.RoleQuery{Permission: storage.PermissionInvite})),
		next(t, f.rolePages(storage.RoleQuery{Roles: []storage.Role{storage.RoleUser}})))
	wantForeign(t, inRooms, next(t, read), next(t, f.rolePages(storage.RoleQuery{Room: room})),
		next(t, f.rolePages(storage.RoleQuery{Rooms: true, MemberRoles: []storage.MemberRole{storage.MemberAdmin}})))
}

// A cursor serves on when who it stands at holds another role, or none.
func testRoleListLive(t *testing.T, f *fixture) {
	all := f.garrison()
	read := f.rolePages(storage.RoleQuery{})
	first := wantPage(t, all[:12], 0, 4, read, "")
	require.NoError(t, f.SetUserRole(f.ctx, all[3].UserID, storage.RoleGuest))
	require.NoError(t, f.DeleteUser(f.ctx, all[4].UserID))
	second, err := read(3, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[5:8], second.Items)
	back, err := read(9, second.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:3], back.Items)
}

func testRoleListRefused(t *testing.T, f *fixture) {
	for field, q := range map[string]storage.RoleQuery{
		"Limit":       {Limit: -1},
		"Roles":       {Roles: []storage.Role{0}},
		"MemberRoles": {MemberRoles: []storage.MemberRole{storage.MemberOwner}},
		"Permission":  {Permission: 99},
	} {
		_, err := f.RoleHolders(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
	for field, q := range map[string]storage.RoleQuery{
		"Limit":       {Limit: -1},
		"Roles":       {Roles: []storage.Role{storage.RoleAdmin}},
		"MemberRoles": {MemberRoles: []storage.MemberRole{99}},
		"Permission":  {Permission: storage.PermissionExport},
	} {
		for _, room := range []storage.RoomID{{}, nowhere} {
			q.Rooms, q.Room = room.IsZero(), room
			_, err := f.RoleHolders(f.ctx, q)
			wantErr(t, err, storage.ErrInvalid, field)
		}
	}
}
