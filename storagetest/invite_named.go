package storagetest

// Invites that name whom they are for, and those that fail.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testInviteInvitee(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.bob})
	f.refused(t, func() error { _, err := f.RedeemInvite(f.ctx, code, l.cid); return err }, storage.ErrNotFound)
	f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, i.ID, l.cid); return err }, storage.ErrNotFound)
	got, err := f.InviteByCode(f.ctx, code)
	require.NoError(t, err, "who has the code may look")
	require.Equal(t, i, got)
	_, err = f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	f.wantUseless(code, l.bob)
}

func testInviteEmail(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, address := range []string{"bob@example.com", "BOB@Example.COM"} {
		i, code := f.invite(storage.Invite{RoomID: l.room, Email: address})
		require.Equal(t, address, i.Email, "kept as typed")
		for _, other := range []storage.UserID{l.cid, l.ann} {
			f.refused(t, func() error { _, err := f.RedeemInvite(f.ctx, code, other); return err }, storage.ErrNotFound)
			f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, i.ID, other); return err }, storage.ErrNotFound)
		}
		_, err := f.RedeemInvite(f.ctx, code, l.bob)
		require.NoError(t, err)
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	}
}

func testInviteEmailMoves(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, Email: "bob@example.com"})
	future, _ := f.invite(storage.Invite{RoomID: l.room, Email: "robert@example.com"})
	of := func(user storage.UserID) []storage.Invite {
		return list(f, f.Invites, storage.InviteQuery{Invitee: user})
	}
	require.Equal(t, []storage.Invite{i}, of(l.bob))
	_, err := f.UpdateUser(f.ctx, l.bob, storage.UserPatch{Email: new("Robert@example.com")})
	require.NoError(t, err)
	require.Equal(t, []storage.Invite{future}, of(l.bob), "the address that the user has now")
	f.refused(t, func() error { _, err := f.RedeemInvite(f.ctx, code, l.bob); return err }, storage.ErrNotFound)

	_, err = f.UpdateUser(f.ctx, l.cid, storage.UserPatch{Email: new("Bob@example.com")})
	require.NoError(t, err)
	require.Equal(t, []storage.Invite{i}, of(l.cid))
	_, err = f.AcceptInvite(f.ctx, i.ID, l.cid)
	require.NoError(t, err, "who has the address now")
	_, err = f.AcceptInvite(f.ctx, future.ID, l.bob)
	require.NoError(t, err)
}

func testInviteAccept(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, i := range []storage.Invite{
		{RoomID: l.room, InviterID: l.ann, InviteeID: l.bob, Role: storage.MemberGuest},
		{RoomID: l.room, InviterID: l.ann, Email: "BOB@example.com", Role: storage.MemberGuest},
	} {
		i, code := f.invite(i)
		m, err := f.AcceptInvite(f.ctx, i.ID, l.bob)
		require.NoError(t, err)
		require.Equal(t, storage.Membership{
			RoomID: l.room, UserID: l.bob, Role: storage.MemberGuest, InvitedBy: l.ann, JoinedAt: f.now(),
		}, m)
		require.Equal(t, m, f.readMember(l.room, l.bob))
		i.Uses = 1
		require.Equal(t, i, f.readInvite(i.ID))
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
		f.wantUseless(code, l.bob)
		f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, i.ID, l.bob); return err }, storage.ErrNotFound)
	}
	open, _ := f.invite(storage.Invite{RoomID: l.room})
	for _, c := range []struct {
		invite storage.InviteID
		user   storage.UserID
	}{{open.ID, l.bob}, {open.ID, storage.UserID{}}, {id[storage.Invite](1), l.bob}, {open.ID, nobody}} {
		f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, c.invite, c.user); return err }, storage.ErrNotFound)
	}
	revoked, _ := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.bob})
	require.NoError(t, f.RevokeInvite(f.ctx, revoked.ID))
	f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, revoked.ID, l.bob); return err }, storage.ErrNotFound)
}

// Whatever is wrong with a code, the answer is the same to the letter.
func testInviteTellsNothing(t *testing.T, f *fixture) {
	l := f.lobby()
	used, usedCode := f.invite(storage.Invite{RoomID: l.room, MaxUses: 1})
	_, err := f.RedeemInvite(f.ctx, usedCode, l.cid)
	require.NoError(t, err)
	revoked, revokedCode := f.invite(storage.Invite{RoomID: l.room})
	require.NoError(t, f.RevokeInvite(f.ctx, revoked.ID))
	_, expiredCode := f.invite(storage.Invite{RoomID: l.room, ExpiresAt: f.now().Add(time.Second)})
	_, namedCode := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.cid})
	_, addressedCode := f.invite(storage.Invite{RoomID: l.room, Email: "dee@example.com"})
	f.clock.advance(time.Second)

	_, unknown := f.RedeemInvite(f.ctx, "unknown", l.bob)
	for name, code := range map[string]storage.Secret{
		"used up": usedCode, "revoked": revokedCode, "expired": expiredCode, "named": namedCode, "addressed": addressedCode,
	} {
		_, err := f.RedeemInvite(f.ctx, code, l.bob)
		wantNotFound(t, err, storage.EntityInvite)
		require.Equal(t, unknown, err, name)
	}
	_, unknown = f.InviteByCode(f.ctx, "unknown")
	for _, code := range []storage.Secret{usedCode, revokedCode, expiredCode} {
		_, err := f.InviteByCode(f.ctx, code)
		require.Equal(t, unknown, err)
	}
	require.Equal(t, int64(1), f.readInvite(used.ID).Uses)
}

func testInviteCountsNoUse(t *testing.T, f *fixture) {
	l := f.lobby()
	_, code := f.invite(storage.Invite{RoomID: l.room, MaxUses: 1})
	named, _ := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.bob})
	redeem := func() error { _, err := f.RedeemInvite(f.ctx, code, l.bob); return err }
	accept := func() error { _, err := f.AcceptInvite(f.ctx, named.ID, l.bob); return err }
	refused := func(kind error, reason storage.Reason) {
		t.Helper()
		for _, call := range []func() error{redeem, accept} {
			require.Equal(t, reason, f.refused(t, call, kind).Reason)
		}
	}
	f.refused(t, func() error { _, err := f.RedeemInvite(f.ctx, code, nobody); return err }, storage.ErrNotFound)

	ban := f.sanction(storage.Sanction{UserID: l.bob, RoomID: l.room, Kind: storage.SanctionBan})
	refused(storage.ErrForbidden, storage.ReasonBanned)
	f.lift(ban.ID)
	everywhere := f.sanction(storage.Sanction{UserID: l.bob, Kind: storage.SanctionBan})
	refused(storage.ErrForbidden, storage.ReasonBanned)
	f.lift(everywhere.ID)

	_, err := f.UpdateRoomSettings(f.ctx, l.room, storage.RoomSettings{MaxMembers: 1})
	require.NoError(t, err)
	refused(storage.ErrForbidden, storage.ReasonRoomFull)
	_, err = f.UpdateRoomSettings(f.ctx, l.room, storage.RoomSettings{})
	require.NoError(t, err)

	f.join(l.room, l.bob)
	refused(storage.ErrDuplicate, "")
	require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	require.NoError(t, redeem(), "after all these, its one use is there")
}

// An invite has an end after its beginning, however long its call waits.
func testInviteTimeComes(t *testing.T, f *fixture) {
	l := f.lobby()
	f.clock.ticks(time.Second)
	for n := range time.Duration(8) {
		i := storage.Invite{RoomID: l.room, ExpiresAt: f.now().Add(n * time.Second)}
		if _, err := f.CreateInvite(f.ctx, &i); err != nil {
			wantErr(t, err, storage.ErrInvalid, "ExpiresAt")
			continue
		}
		require.True(t, i.ExpiresAt.After(i.CreatedAt), "created at %v, expires at %v", i.CreatedAt, i.ExpiresAt)
		require.Equal(t, i, f.readInvite(i.ID))
	}
}

func testInviteInactive(t *testing.T, f *fixture) {
	l := f.lobby()
	_, code := f.invite(storage.Invite{RoomID: l.room})
	require.NoError(t, f.DeactivateRoom(f.ctx, l.room))
	_, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err, "an inactive room takes no messages, but members")
	f.invite(storage.Invite{RoomID: l.room})
}

func testInviteInviterDeleted(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.cid})
	require.NoError(t, f.DeleteUser(f.ctx, l.cid))
	i.InviterID = storage.UserID{}
	require.Equal(t, i, f.readInvite(i.ID))
	require.Empty(t, list(f, f.Invites, storage.InviteQuery{Inviter: l.cid}))
	f.user("cid2", func(u *storage.User) { u.ID = l.cid })
	require.Equal(t, i, f.readInvite(i.ID), "a later user with the same ID is another")
	require.Empty(t, list(f, f.Invites, storage.InviteQuery{Inviter: l.cid}))
	m, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	require.True(t, m.InvitedBy.IsZero(), "InvitedBy")
}

func testInviteInviteeDeleted(t *testing.T, f *fixture) {
	l := f.lobby()
	gone, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann, InviteeID: l.bob})
	addressed, addressedCode := f.invite(storage.Invite{RoomID: l.room, Email: "bob@example.com"})
	require.NoError(t, f.DeleteUser(f.ctx, l.bob))
	_, err := f.Invite(f.ctx, gone.ID)
	wantNotFound(t, err, storage.EntityInvite)
	f.wantUseless(code, l.cid)
	require.Equal(t, []storage.Invite{addressed}, list(f, f.Invites, storage.InviteQuery{}))
	f.user("bob2", func(u *storage.User) { u.ID, u.Email = l.bob, "bob@example.com" })
	require.Equal(t, []storage.Invite{addressed}, list(f, f.Invites, storage.InviteQuery{Invitee: l.bob}))
	_, err = f.RedeemInvite(f.ctx, addressedCode, l.bob)
	require.NoError(t, err, "an address is whoever has it")
	f.invite(storage.Invite{ID: gone.ID, RoomID: l.room})
}

func testInviteRoomDeleted(t *testing.T, f *fixture) {
	l := f.lobby()
	other := f.room("other", l.ann)
	kept, _ := f.invite(storage.Invite{RoomID: other.ID, InviteeID: l.bob})
	gone, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann, InviteeID: l.bob})
	require.NoError(t, f.DeleteRoom(f.ctx, l.room))
	_, err := f.Invite(f.ctx, gone.ID)
	wantNotFound(t, err, storage.EntityInvite)
	f.wantUseless(code, l.bob)
	f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, gone.ID, l.bob); return err }, storage.ErrNotFound)
	f.refused(t, func() error { return f.RevokeInvite(f.ctx, gone.ID) }, storage.ErrNotFound)
	f.room("lobby", l.ann, func(r *storage.Room) { r.ID = l.room })
	f.wantUseless(code, l.bob)
	require.Equal(t, []storage.Invite{kept}, list(f, f.Invites, storage.InviteQuery{}))
	require.Empty(t, list(f, f.Invites, storage.InviteQuery{Room: l.room}))
	f.invite(storage.Invite{ID: gone.ID, RoomID: l.room})
}

// Coming back by an invite is joining anew.
func testInviteComingBack(t *testing.T, f *fixture) {
	l := f.lobby()
	_, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann, Role: storage.MemberGuest})
	f.join(l.room, l.bob, func(m *storage.Membership) { m.Role, m.Settings = storage.MemberAdmin, fullMemberSettings() })
	require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	f.say(l.room, l.ann, "hello")
	f.clock.advance(time.Minute)
	m, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	require.Equal(t, storage.Membership{
		RoomID: l.room, UserID: l.bob, Role: storage.MemberGuest, InvitedBy: l.ann, JoinedAt: f.now(), ReadSeq: 1,
	}, m)
}
