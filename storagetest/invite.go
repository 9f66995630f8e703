package storagetest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var inviteCases = []testCase{
	{"as it is stored", testInviteStored},
	{"defaults", testInviteDefaults},
	{"create refuses", testInviteRefused},
	{"an ID that is taken", testInviteTaken},
	{"codes", testInviteCodes},
	{"by code", testInviteByCode},
	{"redeem", testRedeem},
	{"redeem with a role", testRedeemRole},
	{"uses", testInviteUses},
	{"expiry", testInviteExpiry},
	{"a time that comes meanwhile", testInviteTimeComes},
	{"revocation", testInviteRevoked},
	{"to one user", testInviteInvitee},
	{"to an address", testInviteEmail},
	{"to an address that moves on", testInviteEmailMoves},
	{"accept", testInviteAccept},
	{"wrong codes tell nothing", testInviteTellsNothing},
	{"what counts no use", testInviteCountsNoUse},
	{"for members of an inactive room", testInviteInactive},
	{"the inviter is deleted", testInviteInviterDeleted},
	{"the invitee is deleted", testInviteInviteeDeleted},
	{"the room is deleted", testInviteRoomDeleted},
	{"coming back", testInviteComingBack},
	{"list", testInviteList},
	{"list of an invitee", testInviteListInvitee},
	{"list by creation under equal times", testInviteListOrder},
	{"list while invites end", testInviteListLive},
	{"list limits", testInviteListLimits},
	{"list cursors", testInviteListCursors},
}

// invite stores an invite and returns it with its code.
func (f *fixture) invite(i storage.Invite) (storage.Invite, storage.Secret) {
	f.t.Helper()
	code, err := f.CreateInvite(f.ctx, &i)
	require.NoError(f.t, err)
	return i, code
}

func (f *fixture) readInvite(id storage.InviteID) storage.Invite {
	f.t.Helper()
	i, err := f.Invite(f.ctx, id)
	require.NoError(f.t, err)
	return i
}

// wantUseless requires that a code leads nowhere, for a user to whom nothing
// else is forbidden.
func (f *fixture) wantUseless(code storage.Secret, user storage.UserID) {
	f.t.Helper()
	_, err := f.InviteByCode(f.ctx, code)
	wantNotFound(f.t, err, storage.EntityInvite)
	f.refused(f.t, func() error { _, err := f.RedeemInvite(f.ctx, code, user); return err }, storage.ErrNotFound)
}

// lobby is a room with an owner and some who are outside.
type lobby struct {
	ann, bob, cid storage.UserID // ann owns the room, bob and cid have addresses
	room          storage.RoomID
}

func (f *fixture) lobby() lobby {
	f.t.Helper()
	address := func(u *storage.User) { u.Email = u.Username + "@example.com" }
	l := lobby{ann: f.user("ann").ID, bob: f.user("bob", address).ID, cid: f.user("cid", address).ID}
	l.room = f.room("lobby", l.ann).ID
	f.clock.advance(time.Minute)
	return l
}

func testInviteStored(t *testing.T, f *fixture) {
	l := f.lobby()
	for name, given := range map[string]storage.Invite{
		"to anybody": {
			ID: id[storage.Invite](7), RoomID: l.room, InviterID: l.ann, Role: storage.MemberAdmin, MaxUses: 3,
			ExpiresAt: f.clock.Now().Add(time.Hour),
		},
		"to a user":     {RoomID: l.room, InviterID: l.ann, InviteeID: l.bob, Role: storage.MemberGuest, MaxUses: 2},
		"to an address": {RoomID: l.room, Email: "Dee@Example.com", MaxUses: 1 << 40},
	} {
		given.Uses, given.RevokedAt, given.CreatedAt = 9, time.Unix(1, 0), time.Unix(1, 0)
		want := given
		want.Uses, want.RevokedAt, want.CreatedAt = 0, time.Time{}, f.now()
		want.ExpiresAt = storage.Timestamp(given.ExpiresAt)
		if want.Role == 0 {
			want.Role = storage.MemberMember
		}
		i, _ := f.invite(given)
		if given.ID.IsZero() {
			require.False(t, i.ID.IsZero(), "ID of one %s", name)
			want.ID = i.ID
		}
		require.Equal(t, want, i, name)
		require.Equal(t, want, f.readInvite(i.ID), name)
	}
	_, err := f.Invite(f.ctx, id[storage.Invite](8))
	wantNotFound(t, err, storage.EntityInvite)
}

func testInviteDefaults(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, c := range []struct {
		given storage.Invite
		uses  int64
	}{
		{storage.Invite{RoomID: l.room}, 0},
		{storage.Invite{RoomID: l.room, InviteeID: l.bob}, 1},
		{storage.Invite{RoomID: l.room, Email: "bob@example.com"}, 1},
		{storage.Invite{RoomID: l.room, InviteeID: l.bob, MaxUses: 5}, 5},
	} {
		i, _ := f.invite(c.given)
		require.Equal(t, c.uses, i.MaxUses, "MaxUses of %+v", c.given)
		require.Equal(t, storage.MemberMember, i.Role)
		require.True(t, i.InviterID.IsZero(), "InviterID")
	}
}

func testInviteRefused(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, c := range []struct {
		field string
		kind  error
		edit  func(*storage.Invite)
	}{
		{"RoomID", storage.ErrInvalid, func(i *storage.Invite) { i.RoomID = storage.RoomID{} }},
		{"Email", storage.ErrInvalid, func(i *storage.Invite) { i.InviteeID, i.Email = l.bob, "bob@example.com" }},
		{"Email", storage.ErrInvalid, func(i *storage.Invite) { i.Email = "nowhere" }},
		{"Email", storage.ErrInvalid, func(i *storage.Invite) { i.Email = "\xff@example.com" }},
		{"MaxUses", storage.ErrInvalid, func(i *storage.Invite) { i.MaxUses = -1 }},
		{"Role", storage.ErrInvalid, func(i *storage.Invite) { i.Role = 99 }},
		{"ExpiresAt", storage.ErrInvalid, func(i *storage.Invite) { i.ExpiresAt = f.clock.Now() }},
		{"ExpiresAt", storage.ErrInvalid, func(i *storage.Invite) { i.ExpiresAt = f.now().Add(-time.Hour) }},
		{"ExpiresAt", storage.ErrInvalid, func(i *storage.Invite) { i.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"", storage.ErrNotFound, func(i *storage.Invite) { i.RoomID = nowhere }},
		{"InviterID", storage.ErrNotFound, func(i *storage.Invite) { i.InviterID = nobody }},
		{"InviteeID", storage.ErrNotFound, func(i *storage.Invite) { i.InviteeID = nobody }},
	} {
		i := storage.Invite{RoomID: l.room}
		c.edit(&i)
		before := i
		field := []string{c.field}[:min(len(c.field), 1)]
		f.refused(t, func() error {
			code, err := f.CreateInvite(f.ctx, &i)
			require.Empty(t, code, "a code beside an error")
			return err
		}, c.kind, field...)
		require.Equal(t, before, i, "after an error the record is as it was")
	}
}

func testInviteTaken(t *testing.T, f *fixture) {
	l := f.lobby()
	first, code := f.invite(storage.Invite{RoomID: l.room})
	again := storage.Invite{ID: first.ID, RoomID: l.room, InviteeID: l.bob}
	f.refused(t, func() error { _, err := f.CreateInvite(f.ctx, &again); return err }, storage.ErrDuplicate, "ID")
	got, err := f.InviteByCode(f.ctx, code)
	require.NoError(t, err)
	require.Equal(t, first, got)
}

func testInviteCodes(t *testing.T, f *fixture) {
	l := f.lobby()
	codes := map[storage.Secret]bool{}
	for range 50 {
		i, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
		require.GreaterOrEqual(t, len(code), 22, "a code of 128 bits takes 22 letters")
		require.LessOrEqual(t, len(code), storage.MaxInviteCode)
		require.NotContains(t, fmt.Sprintf("%v %+v", i, code), string(code), "a code in a print")
		text, err := json.Marshal(i)
		require.NoError(t, err)
		require.NotContains(t, string(text), string(code))
		codes[code] = true
	}
	require.Len(t, codes, 50, "codes that differ")
}

func testInviteByCode(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
	other, otherCode := f.invite(storage.Invite{RoomID: l.room, Email: "x@example.com"})
	for code, want := range map[storage.Secret]storage.Invite{code: i, otherCode: other} {
		got, err := f.InviteByCode(f.ctx, code)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, wrong := range []storage.Secret{
		"", "x", code[1:], code + "x", code + " ", "\x00", "\xff", storage.Secret(tooLong), storage.Secret(i.ID.String()),
	} {
		f.wantUseless(wrong, l.bob)
	}
}

func testRedeem(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
	f.say(l.room, l.ann, "hello")
	f.clock.advance(time.Minute)
	m, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	require.Equal(t, storage.Membership{
		RoomID: l.room, UserID: l.bob, Role: storage.MemberMember, InvitedBy: l.ann, JoinedAt: f.now(), ReadSeq: 1,
	}, m)
	require.Equal(t, m, f.readMember(l.room, l.bob))
	require.Equal(t, int64(2), f.readRoom(l.room).MemberCount)
	i.Uses = 1
	require.Equal(t, i, f.readInvite(i.ID))
	_, err = f.RedeemInvite(f.ctx, code, l.cid)
	require.NoError(t, err, "one without a limit serves again")
}

func testRedeemRole(t *testing.T, f *fixture) {
	l := f.lobby()
	for _, role := range []storage.MemberRole{
		storage.MemberOwner, storage.MemberAdmin, storage.MemberModerator, storage.MemberMember, storage.MemberGuest,
	} {
		_, code := f.invite(storage.Invite{RoomID: l.room, Role: role})
		m, err := f.RedeemInvite(f.ctx, code, l.bob)
		require.NoError(t, err)
		require.Equal(t, role, m.Role)
		require.True(t, m.InvitedBy.IsZero(), "InvitedBy of one that nobody sent")
		require.Equal(t, m, f.readMember(l.room, l.bob))
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	}
}

func testInviteUses(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, MaxUses: 2})
	for n, user := range []storage.UserID{l.bob, l.cid} {
		_, err := f.RedeemInvite(f.ctx, code, user)
		require.NoError(t, err)
		require.Equal(t, int64(n+1), f.readInvite(i.ID).Uses)
	}
	f.wantUseless(code, f.user("dee").ID)
	f.wantUseless(code, l.bob)
	require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	f.wantUseless(code, l.bob)
	require.False(t, f.readInvite(i.ID).Live(f.now()))
}

func testInviteExpiry(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, ExpiresAt: f.now().Add(time.Minute)})
	named, _ := f.invite(storage.Invite{RoomID: l.room, InviteeID: l.cid, ExpiresAt: f.now().Add(time.Minute)})
	f.clock.advance(time.Minute - time.Microsecond)
	_, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err, "just before it expires")
	require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	f.clock.advance(time.Microsecond)
	f.wantUseless(code, l.bob)
	f.refused(t, func() error { _, err := f.AcceptInvite(f.ctx, named.ID, l.cid); return err }, storage.ErrNotFound)
	i.Uses = 1
	require.Equal(t, i, f.readInvite(i.ID), "an expired invite stays on record")
}

func testInviteRevoked(t *testing.T, f *fixture) {
	l := f.lobby()
	i, code := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
	other, otherCode := f.invite(storage.Invite{RoomID: l.room, InviterID: l.ann})
	_, err := f.RedeemInvite(f.ctx, code, l.bob)
	require.NoError(t, err)
	f.clock.advance(time.Minute)
	require.NoError(t, f.RevokeInvite(f.ctx, i.ID))
	i.Uses, i.RevokedAt = 1, f.now()
	require.Equal(t, i, f.readInvite(i.ID))
	f.wantUseless(code, l.cid)
	f.readMember(l.room, l.bob)

	f.clock.advance(time.Minute)
	require.NoError(t, f.RevokeInvite(f.ctx, i.ID), "again")
	require.Equal(t, i, f.readInvite(i.ID))
	require.Equal(t, other, f.readInvite(other.ID))
	_, err = f.RedeemInvite(f.ctx, otherCode, l.cid)
	require.NoError(t, err, "another invite")
	f.refused(t, func() error { return f.RevokeInvite(f.ctx, id[storage.Invite](1)) }, storage.ErrNotFound)
}
