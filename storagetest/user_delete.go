package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userDeleteCases = []testCase{
	{"the account goes", testDeleteUser},
	{"memberships go", testDeleteUserMemberships},
	{"rooms stay, created by nobody", testDeleteUserRooms},
	{"messages stay, written by nobody", testDeleteUserMessages},
	{"other references are to nobody", testDeleteUserReferences},
	{"a later user with the same ID", testDeleteUserSameID},
}

func testDeleteUser(t *testing.T, f *fixture) {
	ann, bob := f.user("ann", func(u *storage.User) { u.Email, u.ExternalID = "a@example.org", "x" }), f.user("bob")
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))

	for name, read := range map[string]func() (storage.User, error){
		"User":             func() (storage.User, error) { return f.User(f.ctx, ann.ID) },
		"UserByUsername":   func() (storage.User, error) { return f.UserByUsername(f.ctx, "ann") },
		"UserByEmail":      func() (storage.User, error) { return f.UserByEmail(f.ctx, "a@example.org") },
		"UserByExternalID": func() (storage.User, error) { return f.UserByExternalID(f.ctx, "x") },
	} {
		_, err := read()
		require.Error(t, err, name)
		wantNotFound(t, err, storage.EntityUser)
	}
	require.Equal(t, []storage.User{bob}, list(f, f.Users, storage.UserQuery{}))
	require.Empty(t, list(f, f.Users, storage.UserQuery{Text: "ann"}))
	n, err := f.CountUsers(f.ctx, storage.UserQuery{})
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
	f.refused(t, func() error { return f.DeleteUser(f.ctx, ann.ID) }, storage.ErrNotFound)
}

func testDeleteUserMemberships(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	owned, other, alone := f.room("owned", ann.ID), f.room("other", bob.ID), f.room("alone", ann.ID)
	f.join(owned.ID, bob.ID)
	f.join(other.ID, ann.ID)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID), "although the last owner")

	for room, want := range map[storage.RoomID]int64{owned.ID: 1, other.ID: 1, alone.ID: 0} {
		require.Equal(t, want, f.readRoom(room).MemberCount)
		n, err := f.CountMembers(f.ctx, storage.MembershipQuery{Room: room})
		require.NoError(t, err)
		require.Equal(t, want, n)
		member, err := f.IsMember(f.ctx, room, ann.ID)
		require.NoError(t, err)
		require.False(t, member)
		_, err = f.Membership(f.ctx, room, ann.ID)
		wantErr(t, err, storage.ErrNotFound)
	}
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{User: ann.ID}))
	require.Empty(t, list(f, f.Rooms, storage.RoomQuery{Member: ann.ID}))
	require.NoError(t, f.RemoveMember(f.ctx, owned.ID, bob.ID), "a room without an owner holds nobody")
}

func testDeleteUserRooms(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))

	got := f.readRoom(room.ID)
	require.True(t, got.CreatorID.IsZero(), "CreatorID")
	require.Equal(t, "general", got.Name)
	require.Empty(t, list(f, f.Rooms, storage.RoomQuery{Creator: ann.ID}))
	f.say(room.ID, storage.UserID{}, "the room lives")
}

func testDeleteUserMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", bob.ID)
	var want []storage.Message
	for _, body := range []string{"one", "two", "three"} {
		want = append(want, f.say(room.ID, ann.ID, body))
	}
	reply := f.say(room.ID, bob.ID, "re: one", func(m *storage.Message) { m.ParentID = want[0].ID })
	want[0] = f.readMessage(want[0].ID) // with its thread
	before := f.readRoom(room.ID)
	f.clock.advance(time.Minute)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))

	for i := range want {
		want[i].AuthorID = storage.UserID{}
		require.Equal(t, want[i], f.readMessage(want[i].ID))
	}
	want = append(want, reply)
	require.Equal(t, want, list(f, f.Messages, storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst}))
	require.Empty(t, list(f, f.Messages, storage.MessageQuery{Author: ann.ID}))
	after := f.readRoom(room.ID)
	require.Equal(t, before.MessageCount, after.MessageCount)
	require.Equal(t, before.LastSeq, after.LastSeq)
	if !f.backend.lacks(FeatureSearch) {
		found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "two"})
		require.NoError(t, err)
		require.Len(t, found.Items, 1, "messages found by what they say")
		require.True(t, found.Items[0].Message.AuthorID.IsZero())
	}
}

func testDeleteUserReferences(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", bob.ID)
	invited := f.join(room.ID, carol.ID, func(m *storage.Membership) { m.InvitedBy = ann.ID })
	require.Equal(t, ann.ID, invited.InvitedBy)
	mention := f.say(room.ID, bob.ID, "hello", func(m *storage.Message) { m.Mentions = []storage.UserID{ann.ID, carol.ID} })
	deleted := f.say(room.ID, bob.ID, "spam")
	tombstone, err := f.DeleteMessage(f.ctx, deleted.ID, ann.ID)
	require.NoError(t, err)
	require.Equal(t, ann.ID, tombstone.DeletedBy)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))

	invited.InvitedBy = storage.UserID{}
	require.Equal(t, invited, f.readMember(room.ID, carol.ID))
	tombstone.DeletedBy = storage.UserID{}
	require.Equal(t, tombstone, f.readMessage(deleted.ID))
	require.Equal(t, mention.Body, f.readMessage(mention.ID).Body)
}

func testDeleteUserSameID(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	f.join(room.ID, bob.ID, func(m *storage.Membership) { m.InvitedBy = ann.ID })
	message := f.say(room.ID, ann.ID, "mine", func(m *storage.Message) { m.Nonce = "n" })
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	other := f.user("other", func(u *storage.User) { u.ID = ann.ID })
	require.Equal(t, other, f.readUser(ann.ID))

	require.True(t, f.readMessage(message.ID).AuthorID.IsZero(), "AuthorID")
	require.True(t, f.readRoom(room.ID).CreatorID.IsZero(), "CreatorID")
	require.True(t, f.readMember(room.ID, bob.ID).InvitedBy.IsZero(), "InvitedBy")
	require.Empty(t, list(f, f.Messages, storage.MessageQuery{Author: ann.ID}))
	require.Empty(t, list(f, f.Messages, storage.MessageQuery{Author: ann.ID, Room: room.ID}))
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Author: ann.ID})
	require.NoError(t, err)
	require.Zero(t, n, "CountMessages by author")
	require.Empty(t, list(f, f.Rooms, storage.RoomQuery{Creator: ann.ID}))
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{User: ann.ID}))
	if !f.backend.lacks(FeatureSearch) {
		found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "mine", Author: ann.ID})
		require.NoError(t, err)
		require.Empty(t, found.Items, "messages found by author")
	}
	f.say(room.ID, other.ID, "mine", func(m *storage.Message) { m.Nonce = "n" })
	require.Len(t, list(f, f.Messages, storage.MessageQuery{Author: other.ID}), 1)
}
