package storagetest

// Nothing of a deleted room is to be seen, even before it is all taken away: the
// cases are run within one transaction, too.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// wantNothingOf requires that nobody finds anything of a lobby that is deleted,
// with its invites and sanctions.
func (f *fixture) wantNothingOf(l lobby, code storage.Secret, invites []storage.Invite, sanctions []storage.Sanction) {
	f.t.Helper()
	for _, user := range []storage.UserID{l.ann, l.bob, l.cid} {
		f.wantIn(false, l.room, user)
		require.Empty(f.t, list(f, f.Memberships, storage.MembershipQuery{User: user}))
		n, err := f.CountMembers(f.ctx, storage.MembershipQuery{User: user})
		require.NoError(f.t, err)
		require.Zero(f.t, n, "CountMembers of a user")
		for _, q := range []storage.RoomQuery{{Member: user}, {VisibleTo: user}, {Creator: user}, {Member: user, Order: storage.RoomsByActivity, Limit: 500}} {
			require.Empty(f.t, list(f, f.Rooms, q))
			n, err := f.CountRooms(f.ctx, q)
			require.NoError(f.t, err)
			require.Zero(f.t, n, "CountRooms")
		}
		entries, err := f.Inbox(f.ctx, storage.InboxQuery{User: user})
		require.NoError(f.t, err)
		require.Empty(f.t, entries.Items)
		require.Empty(f.t, list(f, f.Invites, storage.InviteQuery{Invitee: user}))
		require.Empty(f.t, list(f, f.Invites, storage.InviteQuery{Inviter: user}))
		require.Empty(f.t, list(f, f.Sanctions, storage.SanctionQuery{User: user}))
		require.Empty(f.t, list(f, f.Sanctions, storage.SanctionQuery{Moderator: user}))
	}
	n, err := f.CountMembers(f.ctx, storage.MembershipQuery{Room: l.room})
	require.NoError(f.t, err)
	require.Zero(f.t, n, "CountMembers of the room")
	f.wantUseless(code, l.cid)
	require.Empty(f.t, list(f, f.Invites, storage.InviteQuery{}))
	for _, i := range invites {
		_, err := f.Invite(f.ctx, i.ID)
		wantNotFound(f.t, err, storage.EntityInvite)
	}
	require.Empty(f.t, list(f, f.Sanctions, storage.SanctionQuery{}))
	require.Empty(f.t, list(f, f.Sanctions, storage.SanctionQuery{Everywhere: true}))
	for _, s := range sanctions {
		_, err := f.Sanction(f.ctx, s.ID)
		wantNotFound(f.t, err, storage.EntitySanction)
	}
}

func testDeleteRoomRemains(t *testing.T, f *fixture) {
	l := f.lobby()
	f.join(l.room, l.bob)
	f.say(l.room, l.bob, "hello")
	open, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
	named, _ := f.invite(storage.Invite{RoomID: l.room, InviterID: l.bob, InviteeID: l.cid})
	posted, _ := f.invite(storage.Invite{RoomID: l.room, Email: "cid@example.com"})
	mute := f.sanction(storage.Sanction{UserID: l.bob, RoomID: l.room, Kind: storage.SanctionMute, ModeratorID: l.ann})
	ban := f.sanction(storage.Sanction{UserID: l.cid, RoomID: l.room, Kind: storage.SanctionBan, ModeratorID: l.ann})
	require.NoError(t, f.DeleteRoom(f.ctx, l.room))
	nothing := func() {
		t.Helper()
		f.wantNothingOf(l, code, []storage.Invite{open, named, posted}, []storage.Sanction{mute, ban})
	}
	nothing()

	// All that it had is free, and nothing of it is the next one's.
	next := f.room("lobby", l.cid, func(r *storage.Room) { r.ID = l.room })
	require.Equal(t, int64(1), next.MemberCount)
	require.Equal(t, next, f.readRoom(next.ID))
	require.Len(t, list(f, f.Memberships, storage.MembershipQuery{Room: next.ID}), 1)
	require.Empty(t, list(f, f.Invites, storage.InviteQuery{Room: next.ID}))
	require.Empty(t, list(f, f.Sanctions, storage.SanctionQuery{Room: next.ID}))
	f.say(next.ID, l.bob, "who was muted in the other one")
	again, _ := f.invite(storage.Invite{ID: named.ID, RoomID: next.ID, InviteeID: l.bob})
	require.Equal(t, again, f.readInvite(named.ID))
	sanction := f.sanction(storage.Sanction{ID: mute.ID, UserID: l.ann, RoomID: next.ID, Kind: storage.SanctionBan})
	require.Equal(t, sanction, f.readSanction(mute.ID))
	f.clock.advance(time.Minute)
	_, err := f.AcceptInvite(f.ctx, again.ID, l.bob)
	require.NoError(t, err)
	require.Equal(t, int64(2), f.readRoom(next.ID).MemberCount)
	require.NoError(t, f.DeleteUser(f.ctx, l.bob), "who was in both")
	require.Equal(t, int64(1), f.readRoom(next.ID).MemberCount)
}

// Whoever was in the deleted room was in that one.
func testDeleteRoomStays(t *testing.T, f *fixture) {
	l := f.lobby()
	f.join(l.room, l.bob)
	require.NoError(t, f.DeleteRoom(f.ctx, l.room))
	head := f.head().Newest
	next := f.room("lobby", l.cid, func(r *storage.Room) { r.ID, r.Settings.HistoryHidden = l.room, true })
	m := f.say(next.ID, l.cid, "not for bob")
	require.NoError(t, errOf(f.UpdateUser(f.ctx, l.cid, storage.UserPatch{Username: new("cyd")})))
	seen := func(user storage.UserID) (kinds []storage.ChangeKind) {
		t.Helper()
		p, err := f.Changes(f.ctx, storage.ChangeQuery{After: head, User: user})
		require.NoError(t, err)
		for _, c := range p.Items {
			kinds = append(kinds, c.Kind)
		}
		return kinds
	}
	require.Empty(t, seen(l.bob), "neither the room nor who is in it")
	require.Contains(t, seen(l.cid), storage.ChangeMessageCreated)
	f.clock.advance(time.Minute)
	require.Empty(t, seen(l.bob))
	f.join(next.ID, l.bob)
	require.NoError(t, f.RemoveMember(f.ctx, next.ID, l.bob))
	f.say(next.ID, l.cid, "after he has left", func(n *storage.Message) { n.ParentID = m.ID })
	require.NotContains(t, seen(l.bob), storage.ChangeMessageCreated)
}
