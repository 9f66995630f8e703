package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var ownerCases = []testCase{
	{"the last owner stays", testLastOwner},
	{"one of two owners may go", testTwoOwners},
	{"alone, the owner may leave", testOwnerAlone},
	{"without an owner everybody may leave", testNoOwner},
	{"deleting the owner's account", testOwnerDeleted},
	{"transfer", testTransferOwnership},
	{"transfer between owners", testTransferBetweenOwners},
	{"transfer refused", testTransferRefused},
	{"add several", testAddMembers},
	{"add several, all or none", testAddMembersRefused},
	{"add several up to the limit", testAddMembersFull},
	{"add too many", testAddMembersLimit},
}

// roles returns the roles in a room, by name.
func (f *fixture) roles(room storage.RoomID) map[string]storage.MemberRole {
	f.t.Helper()
	roles := map[string]storage.MemberRole{}
	for _, m := range list(f, f.Memberships, storage.MembershipQuery{Room: room}) {
		roles[f.readUser(m.UserID).Username] = m.Role
	}
	return roles
}

func testLastOwner(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room, elsewhere := f.room("general", ann.ID), f.room("elsewhere", bob.ID)
	f.join(room.ID, bob.ID)
	f.join(elsewhere.ID, ann.ID)
	for _, leave := range []func() error{
		func() error { return f.RemoveMember(f.ctx, room.ID, ann.ID) },
		func() error { return f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberAdmin) },
		func() error { return f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberGuest) },
	} {
		e := f.refused(t, leave, storage.ErrForbidden)
		require.Equal(t, storage.ReasonLastOwner, e.Reason)
	}
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberOwner), "no change")
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob.ID), "others may leave")
	require.NoError(t, f.RemoveMember(f.ctx, elsewhere.ID, ann.ID), "of another room, where bob is the owner")
}

func testTwoOwners(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	for _, u := range []storage.User{bob, carol} {
		f.join(room.ID, u.ID, func(m *storage.Membership) { m.Role = storage.MemberOwner })
	}
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberMember))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob.ID))
	e := f.refused(t, func() error { return f.RemoveMember(f.ctx, room.ID, carol.ID) }, storage.ErrForbidden)
	require.Equal(t, storage.ReasonLastOwner, e.Reason)
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberOwner))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, carol.ID))
	require.Equal(t, map[string]storage.MemberRole{"ann": storage.MemberOwner}, f.roles(room.ID))
}

func testOwnerAlone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann.ID))
	got := f.readRoom(room.ID)
	require.Zero(t, got.MemberCount)
	require.Equal(t, ann.ID, got.CreatorID)
	require.Equal(t, storage.MemberMember, f.join(room.ID, ann.ID).Role, "coming back gives no ownership")
}

func testNoOwner(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", storage.UserID{})
	f.join(room.ID, ann.ID, func(m *storage.Membership) { m.Role = storage.MemberAdmin })
	f.join(room.ID, bob.ID)
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, ann.ID, storage.MemberMember))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann.ID))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob.ID))
}

func testOwnerDeleted(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	f.join(room.ID, bob.ID)
	f.join(room.ID, carol.ID)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	require.Equal(t, map[string]storage.MemberRole{"bob": storage.MemberMember, "carol": storage.MemberMember}, f.roles(room.ID))
	require.NoError(t, f.SetMemberRole(f.ctx, room.ID, bob.ID, storage.MemberOwner))
	e := f.refused(t, func() error { return f.RemoveMember(f.ctx, room.ID, bob.ID) }, storage.ErrForbidden)
	require.Equal(t, storage.ReasonLastOwner, e.Reason)
}

func testTransferOwnership(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	f.join(room.ID, bob.ID)
	f.join(room.ID, carol.ID)
	before := f.readMember(room.ID, bob.ID)
	require.NoError(t, f.TransferOwnership(f.ctx, room.ID, ann.ID, bob.ID))
	require.Equal(t, map[string]storage.MemberRole{
		"ann": storage.MemberAdmin, "bob": storage.MemberOwner, "carol": storage.MemberMember,
	}, f.roles(room.ID))
	before.Role = storage.MemberOwner
	require.Equal(t, before, f.readMember(room.ID, bob.ID))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann.ID))
}

func testTransferBetweenOwners(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	f.join(room.ID, bob.ID, func(m *storage.Membership) { m.Role = storage.MemberOwner })
	require.NoError(t, f.TransferOwnership(f.ctx, room.ID, ann.ID, bob.ID))
	require.Equal(t, map[string]storage.MemberRole{"ann": storage.MemberAdmin, "bob": storage.MemberOwner}, f.roles(room.ID))
}

func testTransferRefused(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	f.room("elsewhere", bob.ID)
	f.join(room.ID, bob.ID, func(m *storage.Membership) { m.Role = storage.MemberAdmin })
	transfer := func(from, to storage.User) func() error {
		return func() error { return f.TransferOwnership(f.ctx, room.ID, from.ID, to.ID) }
	}
	e := f.refused(t, transfer(bob, ann), storage.ErrForbidden)
	require.Equal(t, storage.ReasonNotOwner, e.Reason)
	f.refused(t, transfer(ann, carol), storage.ErrNotFound)
	f.refused(t, transfer(carol, ann), storage.ErrNotFound)
}

func testAddMembers(t *testing.T, f *fixture) {
	ann, bob, carol, dan := f.user("ann"), f.user("bob"), f.user("carol"), f.user("dan")
	room := f.room("general", ann.ID)
	owner := f.readMember(room.ID, ann.ID)
	added, err := f.AddMembers(f.ctx, room.ID, 0, carol.ID, ann.ID, bob.ID, carol.ID)
	require.NoError(t, err)
	require.Equal(t, 2, added)
	require.Equal(t, owner, f.readMember(room.ID, ann.ID), "a member already")
	for _, u := range []storage.User{bob, carol} {
		require.Equal(t, storage.Membership{
			RoomID: room.ID, UserID: u.ID, Role: storage.MemberMember, JoinedAt: f.now(),
		}, f.readMember(room.ID, u.ID))
	}
	require.Equal(t, int64(3), f.readRoom(room.ID).MemberCount)

	added, err = f.AddMembers(f.ctx, room.ID, storage.MemberGuest, bob.ID, dan.ID)
	require.NoError(t, err)
	require.Equal(t, 1, added)
	require.Equal(t, map[string]storage.MemberRole{
		"ann": storage.MemberOwner, "bob": storage.MemberMember, "carol": storage.MemberMember, "dan": storage.MemberGuest,
	}, f.roles(room.ID))
	before := f.dump()
	for _, users := range [][]storage.UserID{nil, {ann.ID}} {
		added, err = f.AddMembers(f.ctx, room.ID, storage.MemberGuest, users...)
		require.NoError(t, err)
		require.Zero(t, added)
	}
	require.Equal(t, before, f.dump(), "nobody was new")
}

func testAddMembersRefused(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	add := func(room storage.RoomID, users ...storage.UserID) func() error {
		return func() error {
			added, err := f.AddMembers(f.ctx, room, 0, users...)
			require.Zero(t, added, "added beside an error")
			return err
		}
	}
	e := f.refused(t, add(room.ID, bob.ID, nobody), storage.ErrNotFound)
	require.Equal(t, storage.EntityUser, e.Entity)
	e = f.refused(t, add(nowhere, bob.ID), storage.ErrNotFound)
	require.Equal(t, storage.EntityRoom, e.Entity)
}

func testAddMembersFull(t *testing.T, f *fixture) {
	ann, bob, carol, dan := f.user("ann"), f.user("bob"), f.user("carol"), f.user("dan")
	room := f.room("general", ann.ID, func(r *storage.Room) { r.Settings.MaxMembers = 3 })
	e := f.refused(t, func() error {
		_, err := f.AddMembers(f.ctx, room.ID, 0, bob.ID, carol.ID, dan.ID)
		return err
	}, storage.ErrForbidden)
	require.Equal(t, storage.ReasonRoomFull, e.Reason)

	added, err := f.AddMembers(f.ctx, room.ID, 0, ann.ID, bob.ID, carol.ID, bob.ID)
	require.NoError(t, err, "members already take no place")
	require.Equal(t, 2, added)
	added, err = f.AddMembers(f.ctx, room.ID, 0, bob.ID, ann.ID)
	require.NoError(t, err, "a full room and nobody new")
	require.Zero(t, added)
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, carol.ID))
	require.NoError(t, f.AddMember(f.ctx, &storage.Membership{RoomID: room.ID, UserID: dan.ID}))
}

func testAddMembersLimit(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", storage.UserID{})
	users := make([]storage.UserID, storage.MaxBatch+1)
	for i := range users {
		users[i] = ann.ID
	}
	f.refused(t, func() error { _, err := f.AddMembers(f.ctx, room.ID, 0, users...); return err }, storage.ErrInvalid)
	added, err := f.AddMembers(f.ctx, room.ID, 0, users[1:]...)
	require.NoError(t, err)
	require.Equal(t, 1, added)
}
