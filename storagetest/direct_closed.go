package storagetest

// What a direct room is not for.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testDirectClosed(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	room := f.direct(ann, bob)
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob))
	for _, user := range []storage.UserID{cid, bob, ann} {
		f.refused(t, func() error {
			return f.AddMember(f.ctx, &storage.Membership{RoomID: room.ID, UserID: user})
		}, storage.ErrConstraint)
	}
	f.refused(t, func() error {
		_, err := f.AddMembers(f.ctx, room.ID, storage.MemberMember, ann, cid)
		return err
	}, storage.ErrConstraint)
	n, err := f.AddMembers(f.ctx, room.ID, storage.MemberGuest, ann)
	require.NoError(t, err, "a member already")
	require.Zero(t, n)
	for _, i := range []storage.Invite{
		{RoomID: room.ID, InviterID: ann}, {RoomID: room.ID, InviteeID: bob}, {RoomID: room.ID, InviterID: nobody},
	} {
		f.refused(t, func() error { _, err := f.CreateInvite(f.ctx, &i); return err }, storage.ErrInvalid, "RoomID")
	}
}

func testDirectRoles(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	for _, role := range []storage.MemberRole{storage.MemberOwner, storage.MemberModerator, storage.MemberMember, storage.MemberGuest} {
		f.refused(t, func() error { return f.SetMemberRole(f.ctx, room.ID, ann, role) }, storage.ErrConstraint)
	}
	f.refused(t, func() error { return f.TransferOwnership(f.ctx, room.ID, ann, bob) }, storage.ErrConstraint)
	f.refused(t, func() error { return f.TransferOwnership(f.ctx, room.ID, ann, nobody) }, storage.ErrNotFound)
	require.NoError(t, f.UpdateMemberSettings(f.ctx, room.ID, ann, storage.MemberSettings{Nickname: "annie"}))
	require.NoError(t, f.TouchMember(f.ctx, room.ID, bob))
}

func testDirectNameless(t *testing.T, f *fixture) {
	room := f.direct(f.user("ann").ID, f.user("bob").ID)
	for field, p := range map[string]storage.RoomPatch{
		"Name":    {Name: new("pair"), IfVersion: 9},
		"Privacy": {Privacy: new(storage.PrivacyPublic), IfVersion: 9},
	} {
		f.refused(t, func() error { _, err := f.UpdateRoom(f.ctx, room.ID, p); return err }, storage.ErrInvalid, field)
	}
	for _, privacy := range []storage.Privacy{storage.PrivacyProtected, storage.PrivacySystem} {
		f.refused(t, func() error {
			_, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{Privacy: &privacy})
			return err
		}, storage.ErrInvalid, "Privacy")
	}
	got, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{
		Name: new(""), Privacy: new(storage.PrivacyPrivate), Topic: new("tea"), DisplayName: new("the two"),
	})
	require.NoError(t, err)
	require.Equal(t, int64(2), got.Version)
	got, err = f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{RetentionDays: 3})
	require.NoError(t, err)
	require.Equal(t, int64(3), got.Version)
}

// What would keep out who comes back is not for a direct room.
func testDirectBounds(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	for _, at := range []time.Time{f.now(), f.now().Add(time.Hour)} {
		p := storage.RoomPatch{ExpiresAt: &at, IfVersion: 9}
		f.refused(t, func() error { return errOf(f.UpdateRoom(f.ctx, room.ID, p)) }, storage.ErrInvalid, "ExpiresAt")
	}
	for _, most := range []int64{1, 2, 3} {
		s := storage.RoomSettings{MaxMembers: most, RetentionDays: 1}
		f.refused(t, func() error { return errOf(f.UpdateRoomSettings(f.ctx, room.ID, s)) }, storage.ErrInvalid, "Settings.MaxMembers")
	}
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob))
	require.Equal(t, int64(2), f.direct(ann, bob).MemberCount, "nothing keeps him out")
	_, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{ExpiresAt: new(time.Time{})})
	require.NoError(t, err, "no time, as before")
}

func testDirectLeave(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	for _, user := range []storage.UserID{bob, ann} {
		require.NoError(t, f.RemoveMember(f.ctx, room.ID, user), "no last owner")
	}
	got, err := f.DirectRoom(f.ctx, ann, bob)
	require.NoError(t, err, "whether or not they are in it")
	require.Equal(t, room.ID, got.ID)
	require.Zero(t, got.MemberCount)
	require.Equal(t, int64(2), f.direct(ann, bob).MemberCount)
}

func testDirectBanned(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	room := f.direct(ann, bob)
	for _, where := range []storage.RoomID{room.ID, {}} {
		ban := f.sanction(storage.Sanction{UserID: bob, RoomID: where, Kind: storage.SanctionBan})
		for _, pair := range [][2]storage.UserID{{ann, bob}, {bob, ann}} {
			e := f.refused(t, func() error { _, _, err := f.OpenDirectRoom(f.ctx, pair[0], pair[1]); return err }, storage.ErrForbidden)
			require.Equal(t, storage.ReasonBanned, e.Reason)
		}
		_, err := f.DirectRoom(f.ctx, ann, bob)
		require.NoError(t, err, "it is still there to read")
		_, _, err = f.OpenDirectRoom(f.ctx, cid, bob)
		if where.IsZero() {
			wantForbidden(t, err, storage.ReasonBanned)
			f.wantNoDirect(cid, bob)
		} else {
			require.NoError(t, err, "another room than the ban's")
		}
		f.lift(ban.ID)
		if direct, err := f.DirectRoom(f.ctx, cid, bob); err == nil {
			require.NoError(t, f.DeleteRoom(f.ctx, direct.ID))
		}
		require.Equal(t, int64(2), f.direct(ann, bob).MemberCount)
	}
	f.sanction(storage.Sanction{UserID: bob, Kind: storage.SanctionMute})
	f.wantDirect(f.readRoom(room.ID), ann, bob)
}

func testDirectRefused(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for field, pair := range map[string][2]storage.UserID{"a": {nobody, ann}, "b": {ann, nobody}} {
		f.refused(t, func() error {
			room, created, err := f.OpenDirectRoom(f.ctx, pair[0], pair[1])
			require.Zero(t, room, "a room beside an error")
			require.False(t, created, "created beside an error")
			return err
		}, storage.ErrNotFound, field)
	}
	f.refused(t, func() error { _, _, err := f.OpenDirectRoom(f.ctx, storage.UserID{}, ann); return err }, storage.ErrNotFound, "a")
	f.sanction(storage.Sanction{UserID: ann, Kind: storage.SanctionBan})
	f.refused(t, func() error { _, _, err := f.OpenDirectRoom(f.ctx, ann, nobody); return err }, storage.ErrNotFound, "b")
}

func testDirectVisible(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	room := f.direct(ann, bob)
	q := storage.RoomQuery{Types: []storage.RoomType{storage.RoomDirectMessage}}
	for user, want := range map[storage.UserID][]storage.Room{ann: {room}, bob: {room}, cid: nil} {
		q.VisibleTo, q.Member = user, storage.UserID{}
		require.Equal(t, want, list(f, f.Rooms, q), "VisibleTo")
		q.VisibleTo, q.Member = storage.UserID{}, user
		require.Equal(t, want, list(f, f.Rooms, q), "Member")
	}
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob))
	require.Empty(t, list(f, f.Rooms, storage.RoomQuery{VisibleTo: bob}), "who has left")
}
