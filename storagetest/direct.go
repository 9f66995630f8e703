package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var directCases = []testCase{
	{"the same room either way", testDirectBothWays},
	{"as it is made", testDirectMade},
	{"with oneself", testDirectSelf},
	{"one for each pair", testDirectPairs},
	{"none was opened", testDirectNone},
	{"opening brings back who left", testDirectReturn},
	{"opening reactivates nothing", testDirectInactive},
	{"neither a time nor a limit", testDirectBounds},
	{"after the room is deleted", testDirectDeleted},
	{"after a user is deleted", testDirectUserDeleted},
	{"a later user with the same ID", testDirectSameID},
	{"nobody is added", testDirectClosed},
	{"no roles", testDirectRoles},
	{"no name, and private", testDirectNameless},
	{"everybody may leave", testDirectLeave},
	{"the banned", testDirectBanned},
	{"a refused opening makes nothing", testDirectRefused},
	{"who sees it", testDirectVisible},
}

// direct opens the direct room of two users.
func (f *fixture) direct(a, b storage.UserID) storage.Room {
	f.t.Helper()
	room, _, err := f.OpenDirectRoom(f.ctx, a, b)
	require.NoError(f.t, err)
	return room
}

// wantDirect requires that two users have a direct room, in either order.
func (f *fixture) wantDirect(want storage.Room, a, b storage.UserID) {
	f.t.Helper()
	for _, pair := range [][2]storage.UserID{{a, b}, {b, a}} {
		got, err := f.DirectRoom(f.ctx, pair[0], pair[1])
		require.NoError(f.t, err)
		require.Equal(f.t, want, got, "DirectRoom")
		got, created, err := f.OpenDirectRoom(f.ctx, pair[0], pair[1])
		require.NoError(f.t, err)
		require.Equal(f.t, want, got, "OpenDirectRoom")
		require.False(f.t, created, "created")
	}
}

func (f *fixture) wantNoDirect(a, b storage.UserID) {
	f.t.Helper()
	for _, pair := range [][2]storage.UserID{{a, b}, {b, a}} {
		_, err := f.DirectRoom(f.ctx, pair[0], pair[1])
		wantNotFound(f.t, err, storage.EntityRoom)
	}
}

func testDirectBothWays(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	for _, pair := range [][2]storage.UserID{{ann, bob}, {bob, ann}} {
		room, created, err := f.OpenDirectRoom(f.ctx, pair[0], pair[1])
		require.NoError(t, err)
		require.True(t, created, "created")
		f.wantDirect(room, ann, bob)
		require.Equal(t, room, f.readRoom(room.ID))
		require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	}
}

func testDirectMade(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.clock.advance(time.Minute)
	room := f.direct(ann, bob)
	require.False(t, room.ID.IsZero())
	require.Equal(t, storage.Room{
		ID: room.ID, Type: storage.RoomDirectMessage, Privacy: storage.PrivacyPrivate, Active: true,
		CreatedAt: f.now(), UpdatedAt: f.now(), Version: 1, MemberCount: 2,
	}, room)
	for _, user := range []storage.UserID{ann, bob} {
		want := storage.Membership{RoomID: room.ID, UserID: user, Role: storage.MemberMember, JoinedAt: f.now()}
		require.Equal(t, want, f.readMember(room.ID, user))
	}
	f.say(room.ID, ann, "hello")
	require.Equal(t, int64(1), f.readRoom(room.ID).MessageCount)
}

func testDirectSelf(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.wantNoDirect(ann, ann)
	other := f.direct(ann, bob)
	f.wantNoDirect(ann, ann)
	room, created, err := f.OpenDirectRoom(f.ctx, ann, ann)
	require.NoError(t, err)
	require.True(t, created, "created")
	require.Equal(t, int64(1), room.MemberCount)
	require.Equal(t, storage.MemberMember, f.readMember(room.ID, ann).Role)
	f.wantDirect(room, ann, ann)
	f.wantDirect(other, ann, bob)
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann))
	require.Equal(t, room, f.direct(ann, ann))
}

func testDirectPairs(t *testing.T, f *fixture) {
	var users []storage.UserID
	for _, name := range []string{"ann", "bob", "cid", "dan"} {
		users = append(users, f.user(name).ID)
	}
	rooms := map[[2]int]storage.Room{}
	for i := range users {
		for j := range i + 1 {
			rooms[[2]int{i, j}] = f.direct(users[i], users[j])
		}
	}
	ids := map[storage.RoomID]bool{}
	for pair, room := range rooms {
		f.wantDirect(room, users[pair[0]], users[pair[1]])
		ids[room.ID] = true
	}
	require.Len(t, ids, len(rooms), "different rooms")
}

func testDirectNone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	group := f.room("", ann, func(r *storage.Room) { r.Type = storage.RoomGroup })
	f.join(group.ID, bob)
	f.wantNoDirect(ann, bob)
	f.wantNoDirect(ann, nobody)
	f.wantNoDirect(nobody, nobody)
	f.wantNoDirect(ann, storage.UserID{})
	f.wantNoDirect(storage.UserID{}, storage.UserID{})
}

func testDirectReturn(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	f.say(room.ID, bob, "before")
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, ann))
	f.say(room.ID, bob, "meanwhile", func(m *storage.Message) { m.Mentions = []storage.UserID{ann} })
	kept := f.readMember(room.ID, bob)
	got, err := f.DirectRoom(f.ctx, bob, ann)
	require.NoError(t, err)
	require.Equal(t, int64(1), got.MemberCount, "who left is still out after reading")

	f.clock.advance(time.Minute)
	again, created, err := f.OpenDirectRoom(f.ctx, bob, ann)
	require.NoError(t, err)
	require.False(t, created, "created")
	got.MemberCount = 2
	require.Equal(t, got, again, "members do not raise the version")
	require.Equal(t, storage.Membership{
		RoomID: room.ID, UserID: ann, Role: storage.MemberMember, JoinedAt: f.now(), ReadSeq: 2,
	}, f.readMember(room.ID, ann))
	require.Equal(t, kept, f.readMember(room.ID, bob), "who stayed is as before")
	unread, err := f.Unread(f.ctx, room.ID, ann)
	require.NoError(t, err)
	require.Zero(t, unread, "unread after coming back")
}

func testDirectInactive(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	require.NoError(t, f.DeactivateRoom(f.ctx, room.ID))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob))
	require.NoError(t, f.DeactivateUser(f.ctx, bob))
	again := f.direct(ann, bob)
	require.Equal(t, room.ID, again.ID)
	require.False(t, again.Active, "the room is as inactive as before")
	require.False(t, f.readUser(bob).Active, "the user, too")
	f.readMember(room.ID, bob)
	f.wantDirect(again, ann, bob)
}

func testDirectDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	other := f.direct(ann, ann)
	room := f.direct(ann, bob)
	f.say(room.ID, ann, "hello")
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	f.wantNoDirect(ann, bob)
	next, created, err := f.OpenDirectRoom(f.ctx, ann, bob)
	require.NoError(t, err)
	require.True(t, created, "created")
	require.NotEqual(t, room.ID, next.ID)
	require.Zero(t, next.MessageCount)
	f.wantDirect(next, ann, bob)
	f.wantDirect(other, ann, ann)
}

func testDirectUserDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, other := f.direct(ann, bob), f.direct(ann, ann)
	f.say(room.ID, bob, "farewell")
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	f.wantNoDirect(ann, bob)
	f.refused(t, func() error { _, _, err := f.OpenDirectRoom(f.ctx, ann, bob); return err }, storage.ErrNotFound, "b")
	f.refused(t, func() error { _, _, err := f.OpenDirectRoom(f.ctx, bob, ann); return err }, storage.ErrNotFound, "a")
	left := f.readRoom(room.ID)
	require.Equal(t, int64(1), left.MessageCount, "the room outlives its user")
	require.Equal(t, int64(1), left.MemberCount)
	f.readMember(room.ID, ann)
	f.wantDirect(other, ann, ann)
}

func testDirectSameID(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, self := f.direct(ann, bob), f.direct(bob, bob)
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	f.user("robert", func(u *storage.User) { u.ID = bob })
	f.wantNoDirect(ann, bob)
	f.wantNoDirect(bob, bob)
	next, created, err := f.OpenDirectRoom(f.ctx, ann, bob)
	require.NoError(t, err)
	require.True(t, created, "created")
	require.NotEqual(t, room.ID, next.ID)
	f.wantDirect(next, ann, bob)
	require.NotEqual(t, self.ID, f.direct(bob, bob).ID)
	require.Equal(t, int64(1), f.readRoom(room.ID).MemberCount, "the old room is not the new user's")
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	f.wantDirect(next, ann, bob)
}
