package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var sanctionCases = []testCase{
	{"as it is stored", testSanctionStored},
	{"create refuses", testSanctionRefused},
	{"an ID that is taken", testSanctionTaken},
	{"texts", testSanctionTexts},
	{"a ban in a room", testBan},
	{"a ban everywhere", testBanEverywhere},
	{"of one who is in many rooms", testBanManyRooms},
	{"a mute", testMute},
	{"a kick", testKick},
	{"of the last owner", testSanctionLastOwner},
	{"of one who is no member", testSanctionNoMember},
	{"imports are free", testSanctionImports},
	{"what stays allowed", testSanctionAllowed},
	{"a nonce repeated", testSanctionNonce},
	{"expiry", testSanctionExpiry},
	{"a time that comes meanwhile", testSanctionTimeComes},
	{"lifting", testSanctionLift},
	{"lifting refused", testSanctionLiftRefused},
	{"lifting what has ended", testSanctionLiftEnded},
	{"one of two is lifted", testSanctionTwo},
	{"the one that is active", testActiveSanction},
	{"none is active", testNoActiveSanction},
	{"the user is deleted", testSanctionUserDeleted},
	{"the moderator is deleted", testSanctionModeratorDeleted},
	{"the room is deleted", testSanctionRoomDeleted},
	{"list", testSanctionList},
	{"list by creation under equal times", testSanctionListOrder},
	{"list limits", testSanctionListLimits},
	{"list cursors", testSanctionListCursors},
	{"list refused", testSanctionListRefused},
}

// sanction stores a sanction.
func (f *fixture) sanction(s storage.Sanction) storage.Sanction {
	f.t.Helper()
	require.NoError(f.t, f.CreateSanction(f.ctx, &s))
	return s
}

func (f *fixture) readSanction(id storage.SanctionID) storage.Sanction {
	f.t.Helper()
	s, err := f.Sanction(f.ctx, id)
	require.NoError(f.t, err)
	return s
}

// lift ends a sanction by nobody's hand.
func (f *fixture) lift(id storage.SanctionID) storage.Sanction {
	f.t.Helper()
	s, err := f.LiftSanction(f.ctx, id, storage.UserID{})
	require.NoError(f.t, err)
	return s
}

// wantIn requires that a user is a member of a room, or is not.
func (f *fixture) wantIn(want bool, room storage.RoomID, user storage.UserID) {
	f.t.Helper()
	got, err := f.IsMember(f.ctx, room, user)
	require.NoError(f.t, err)
	require.Equal(f.t, want, got, "IsMember")
}

func testSanctionStored(t *testing.T, f *fixture) {
	c := f.court()
	for name, given := range map[string]storage.Sanction{
		"ban": {
			ID: id[storage.Sanction](7), UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan, ModeratorID: c.ann,
			Reason: "noise", ExpiresAt: f.clock.Now().Add(time.Hour),
		},
		"mute": {UserID: c.bob, Kind: storage.SanctionMute},
		"kick": {UserID: c.bob, RoomID: c.room, Kind: storage.SanctionKick, ModeratorID: c.bob},
	} {
		given.CreatedAt, given.LiftedAt, given.LiftedBy = time.Unix(1, 0), time.Unix(2, 0), nobody
		want := given
		want.CreatedAt, want.LiftedAt, want.LiftedBy = f.now(), time.Time{}, storage.UserID{}
		want.ExpiresAt = storage.Timestamp(given.ExpiresAt)
		s := f.sanction(given)
		if given.ID.IsZero() {
			require.False(t, s.ID.IsZero(), "ID of a %s", name)
			want.ID = s.ID
		}
		require.Equal(t, want, s, name)
		require.Equal(t, want, f.readSanction(s.ID), name)
	}
	_, err := f.Sanction(f.ctx, id[storage.Sanction](8))
	wantNotFound(t, err, storage.EntitySanction)
}

func testSanctionRefused(t *testing.T, f *fixture) {
	c := f.court()
	for _, x := range []struct {
		field string
		kind  error
		edit  func(*storage.Sanction)
	}{
		{"UserID", storage.ErrInvalid, func(s *storage.Sanction) { s.UserID = storage.UserID{} }},
		{"Kind", storage.ErrInvalid, func(s *storage.Sanction) { s.Kind = 0 }},
		{"Kind", storage.ErrInvalid, func(s *storage.Sanction) { s.Kind = 99 }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Sanction) { s.ExpiresAt = f.clock.Now() }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Sanction) { s.ExpiresAt = f.now().Add(-time.Hour) }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Sanction) { s.Kind, s.ExpiresAt = storage.SanctionKick, f.now().Add(time.Hour) }},
		{"ExpiresAt", storage.ErrInvalid, func(s *storage.Sanction) { s.ExpiresAt = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"UserID", storage.ErrNotFound, func(s *storage.Sanction) { s.UserID = nobody }},
		{"ModeratorID", storage.ErrNotFound, func(s *storage.Sanction) { s.ModeratorID = nobody }},
	} {
		s := storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan}
		x.edit(&s)
		before := s
		f.refused(t, func() error { return f.CreateSanction(f.ctx, &s) }, x.kind, x.field)
		require.Equal(t, before, s, "after an error the record is as it was")
	}
	s := storage.Sanction{UserID: c.bob, RoomID: nowhere, Kind: storage.SanctionBan}
	e := f.refused(t, func() error { return f.CreateSanction(f.ctx, &s) }, storage.ErrNotFound)
	require.Equal(t, storage.EntityRoom, e.Entity)
}

func testSanctionTaken(t *testing.T, f *fixture) {
	c := f.court()
	first := f.sanction(storage.Sanction{UserID: c.ann, Kind: storage.SanctionMute})
	again := storage.Sanction{ID: first.ID, UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan}
	f.refused(t, func() error { return f.CreateSanction(f.ctx, &again) }, storage.ErrDuplicate, "ID")
	require.Equal(t, first, f.readSanction(first.ID))
}

func testSanctionTexts(t *testing.T, f *fixture) {
	c := f.court()
	testTexts(t, f, texts[storage.Sanction]{
		fields: []limited[storage.Sanction]{
			{"Reason", storage.MaxSanctionReason, func(s *storage.Sanction) *string { return &s.Reason }},
		},
		make:  func() storage.Sanction { return storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute} },
		store: func(s *storage.Sanction) error { return f.CreateSanction(f.ctx, s) },
		read:  func(s storage.Sanction) storage.Sanction { return f.readSanction(s.ID) },
	})
}

func testBan(t *testing.T, f *fixture) {
	c := f.court()
	ban := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan, ModeratorID: c.ann})
	f.wantIn(false, c.room, c.bob)
	f.wantIn(true, c.other, c.bob)
	require.Equal(t, int64(1), f.readRoom(c.room).MemberCount)
	f.wantRefused(f.posting(c), storage.ReasonBanned)
	f.wantRefused(f.pinning(c), storage.ReasonBanned)
	f.wantRefused(f.joining(c), storage.ReasonBanned)
	f.say(c.other, c.bob, "elsewhere")
	f.join(c.room, f.user("cid").ID)
	f.lift(ban.ID)
	f.wantIn(false, c.room, c.bob)
	for name, call := range f.joining(c) {
		require.NoError(t, call(), name)
		require.NoError(t, f.RemoveMember(f.ctx, c.room, c.bob))
	}
	for name, call := range f.posting(c) {
		require.NoError(t, call(), name)
	}
}

func testBanEverywhere(t *testing.T, f *fixture) {
	c := f.court()
	direct := f.direct(c.ann, c.bob)
	ban := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionBan})
	for _, room := range []storage.RoomID{c.room, c.other, direct.ID} {
		f.wantIn(false, room, c.bob)
		f.wantIn(true, room, c.ann)
		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: room, AuthorID: c.bob})
		wantForbidden(t, err, storage.ReasonBanned)
	}
	f.wantRefused(f.posting(c), storage.ReasonBanned)
	f.wantRefused(f.pinning(c), storage.ReasonBanned)
	f.wantRefused(f.joining(c), storage.ReasonBanned)
	later := f.room("later", c.ann)
	f.refused(t, func() error {
		return f.AddMember(f.ctx, &storage.Membership{RoomID: later.ID, UserID: c.bob})
	}, storage.ErrForbidden)
	require.True(t, f.readUser(c.bob).Active, "a ban deactivates nobody")
	f.lift(ban.ID)
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{User: c.bob}), "lifting brings no membership back")
	f.join(c.room, c.bob)
}

func testMute(t *testing.T, f *fixture) {
	c := f.court()
	for _, where := range []storage.RoomID{c.room, {}} {
		mute := f.sanction(storage.Sanction{UserID: c.bob, RoomID: where, Kind: storage.SanctionMute})
		f.wantIn(true, c.room, c.bob)
		f.wantRefused(f.posting(c), storage.ReasonMuted)
		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: c.other, AuthorID: c.bob})
		if where.IsZero() {
			wantForbidden(t, err, storage.ReasonMuted)
		} else {
			require.NoError(t, err, "in another room")
		}
		require.NoError(t, f.RemoveMember(f.ctx, c.room, c.bob))
		for name, call := range f.joining(c) {
			require.NoError(t, call(), name)
			require.NoError(t, f.RemoveMember(f.ctx, c.room, c.bob))
		}
		f.join(c.room, c.bob)
		f.sanction(storage.Sanction{UserID: c.bob, RoomID: where, Kind: storage.SanctionBan, ExpiresAt: f.now().Add(time.Minute)})
		f.wantRefused(f.posting(c), storage.ReasonBanned)
		f.clock.advance(time.Minute)
		f.wantRefused(f.posting(c), storage.ReasonMuted)
		f.lift(mute.ID)
		for _, room := range []storage.RoomID{c.room, c.other} {
			if member, _ := f.IsMember(f.ctx, room, c.bob); !member {
				f.join(room, c.bob)
			}
		}
		f.say(c.room, c.bob, "free again")
	}
}

func testKick(t *testing.T, f *fixture) {
	c := f.court()
	kick := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionKick, ModeratorID: c.ann})
	f.wantIn(false, c.room, c.bob)
	f.wantIn(true, c.other, c.bob)
	require.False(t, kick.InForce(f.now()))
	for name, call := range f.joining(c) {
		require.NoError(t, call(), name)
		require.NoError(t, f.RemoveMember(f.ctx, c.room, c.bob))
	}
	for name, call := range f.posting(c) {
		require.NoError(t, call(), name)
	}
	f.join(c.room, c.bob)
	f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionKick})
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{User: c.bob}), "a kick from everywhere")
	f.join(c.other, c.bob)
}
