package storagetest

// Who is bound by a sanction, for how long, and what it leaves alone.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testBanManyRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			room := storage.Room{}
			require.NoError(t, tx.CreateRoom(ctx, &room))
			_, err := tx.AddMembers(ctx, room.ID, 0, ann, bob)
			require.NoError(t, err)
		}
	})
	f.sanction(storage.Sanction{UserID: bob, Kind: storage.SanctionBan})
	n, err := f.CountMembers(f.ctx, storage.MembershipQuery{User: bob})
	require.NoError(t, err)
	require.Zero(t, n, "memberships of the banned")
	n, err = f.CountMembers(f.ctx, storage.MembershipQuery{User: ann})
	require.NoError(t, err)
	require.Equal(t, int64(storage.MaxLimit+1), n, "memberships of another")
}

func testSanctionLastOwner(t *testing.T, f *fixture) {
	c := f.court()
	f.sanction(storage.Sanction{UserID: c.ann, RoomID: c.room, Kind: storage.SanctionKick})
	f.wantIn(false, c.room, c.ann)
	f.wantIn(true, c.room, c.bob)
	f.sanction(storage.Sanction{UserID: c.ann, Kind: storage.SanctionBan})
	f.wantIn(false, c.other, c.ann)
	require.Equal(t, map[string]storage.MemberRole{"bob": storage.MemberMember}, f.roles(c.other))
}

func testSanctionNoMember(t *testing.T, f *fixture) {
	c := f.court()
	cid := f.user("cid").ID
	for _, kind := range []storage.SanctionKind{storage.SanctionBan, storage.SanctionMute, storage.SanctionKick} {
		for _, room := range []storage.RoomID{c.room, {}} {
			s := f.sanction(storage.Sanction{UserID: cid, RoomID: room, Kind: kind})
			require.Equal(t, s, f.readSanction(s.ID))
		}
	}
	_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: cid})
	wantForbidden(t, err, storage.ReasonBanned)
	require.Equal(t, int64(2), f.readRoom(c.room).MemberCount)
}

func testSanctionImports(t *testing.T, f *fixture) {
	c := f.court()
	for _, kind := range []storage.SanctionKind{storage.SanctionMute, storage.SanctionBan} {
		f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: kind})
		n, err := f.CreateMessages(f.ctx, []*storage.Message{{RoomID: c.room, AuthorID: c.bob, Body: "from elsewhere"}})
		require.NoError(t, err)
		require.Equal(t, 1, n)
	}
}

// What is by nobody, and everything that adds nothing, asks for no sanction; the
// muted may pin.
func testSanctionAllowed(t *testing.T, f *fixture) {
	c := f.court()
	m := f.say(c.room, c.bob, "said before")
	f.react(m.ID, c.bob, "👍")
	file := f.upload(c.room, c.bob, "file")
	f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute})
	f.sanction(storage.Sanction{UserID: c.ann, RoomID: c.other, Kind: storage.SanctionBan})
	f.say(c.room, storage.UserID{}, "by a bridge")
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("said by who is muted now")})
	f.edit(m.ID, c.ann, storage.MessagePatch{Body: new("put right by another")})
	require.NoError(t, f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: c.room, Blob: "of nobody"}))
	f.pin(m.ID, c.bob)
	f.unpin(m.ID, c.bob)
	added, err := f.AddReaction(f.ctx, m.ID, c.bob, "👍")
	require.NoError(t, err, "a reaction that is there already")
	require.False(t, added)
	removed, err := f.RemoveReaction(f.ctx, m.ID, c.bob, "👍")
	require.NoError(t, err)
	require.True(t, removed)
	f.markRead(c.room, c.bob, storage.Anchor{})
	require.NoError(t, f.TouchMember(f.ctx, c.room, c.bob))
	_, err = f.DeleteAttachment(f.ctx, file.ID)
	require.NoError(t, err)
	f.remove(m.ID, c.bob)
	f.say(c.room, c.ann, "one who is banned elsewhere")
}

func testSanctionNonce(t *testing.T, f *fixture) {
	c := f.court()
	first := f.say(c.room, c.bob, "once", func(m *storage.Message) { m.Nonce = "n" })
	for _, kind := range []storage.SanctionKind{storage.SanctionMute, storage.SanctionBan} {
		f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: kind})
		again := storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "once", Nonce: "n"}
		created, err := f.CreateMessage(f.ctx, &again)
		require.NoError(t, err, "what was granted once is granted again")
		require.False(t, created)
		require.Equal(t, first, again)
		other := storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "other", Nonce: "n"}
		f.refused(t, func() error { _, err := f.CreateMessage(f.ctx, &other); return err }, storage.ErrForbidden)
	}
}

func testSanctionExpiry(t *testing.T, f *fixture) {
	c := f.court()
	for _, where := range []storage.RoomID{c.room, {}} {
		for kind, reason := range map[storage.SanctionKind]storage.Reason{
			storage.SanctionBan: storage.ReasonBanned, storage.SanctionMute: storage.ReasonMuted,
		} {
			s := f.sanction(storage.Sanction{UserID: c.bob, RoomID: where, Kind: kind, ExpiresAt: f.now().Add(time.Minute)})
			f.clock.advance(time.Minute - time.Microsecond)
			f.wantRefused(f.posting(c), reason)
			f.clock.advance(time.Microsecond)
			_, err := f.ActiveSanction(f.ctx, c.bob, c.room, kind)
			wantNotFound(t, err, storage.EntitySanction)
			f.say(c.room, c.bob, "at its instant")
			require.Equal(t, s, f.readSanction(s.ID), "it stays on record")
			if member, _ := f.IsMember(f.ctx, c.room, c.bob); !member {
				f.join(c.room, c.bob)
			}
		}
	}
}

// A sanction has an end after its beginning, however long its call waits.
func testSanctionTimeComes(t *testing.T, f *fixture) {
	c := f.court()
	f.clock.ticks(time.Second)
	for n := range time.Duration(8) {
		s := storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(n * time.Second)}
		if err := f.CreateSanction(f.ctx, &s); err != nil {
			wantErr(t, err, storage.ErrInvalid, "ExpiresAt")
			continue
		}
		require.True(t, s.ExpiresAt.After(s.CreatedAt), "created at %v, expires at %v", s.CreatedAt, s.ExpiresAt)
		require.Equal(t, s, f.readSanction(s.ID))
	}
}

func testSanctionLift(t *testing.T, f *fixture) {
	c := f.court()
	for _, by := range []storage.UserID{c.ann, c.bob, {}} {
		s := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionMute, ModeratorID: c.ann})
		f.clock.advance(time.Minute)
		got, err := f.LiftSanction(f.ctx, s.ID, by)
		require.NoError(t, err)
		s.LiftedAt, s.LiftedBy = f.now(), by
		require.Equal(t, s, got)
		require.Equal(t, s, f.readSanction(s.ID))
		f.say(c.room, c.bob, "free")

		f.clock.advance(time.Minute)
		again, err := f.LiftSanction(f.ctx, s.ID, c.ann)
		require.NoError(t, err)
		require.Equal(t, s, again, "lifted again")
		require.Equal(t, s, f.readSanction(s.ID))
	}
}

func testSanctionLiftRefused(t *testing.T, f *fixture) {
	c := f.court()
	s := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute})
	e := f.refused(t, func() error { _, err := f.LiftSanction(f.ctx, id[storage.Sanction](1), c.ann); return err }, storage.ErrNotFound)
	require.Equal(t, storage.EntitySanction, e.Entity)
	f.refused(t, func() error { _, err := f.LiftSanction(f.ctx, s.ID, nobody); return err }, storage.ErrNotFound, "by")
	lifted := f.lift(s.ID)
	f.refused(t, func() error { _, err := f.LiftSanction(f.ctx, s.ID, nobody); return err }, storage.ErrNotFound, "by")
	require.Equal(t, lifted, f.readSanction(s.ID))
}

func testSanctionLiftEnded(t *testing.T, f *fixture) {
	c := f.court()
	kick := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionKick})
	require.Equal(t, kick, f.lift(kick.ID))
	mute := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Minute)})
	f.clock.advance(time.Minute)
	require.Equal(t, mute, f.lift(mute.ID))
	require.Equal(t, mute, f.readSanction(mute.ID))
}

// Who was banned twice is free when both bans have ended.
func testSanctionTwo(t *testing.T, f *fixture) {
	c := f.court()
	first := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan})
	second := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionBan, ExpiresAt: f.now().Add(time.Hour)})
	f.lift(first.ID)
	f.wantRefused(f.posting(c), storage.ReasonBanned)
	f.clock.advance(time.Hour)
	f.join(c.room, c.bob)
	require.Equal(t, second, f.readSanction(second.ID))
}

func testActiveSanction(t *testing.T, f *fixture) {
	c := f.court()
	mute := func(n byte, room storage.RoomID, expires time.Duration) storage.Sanction {
		s := storage.Sanction{ID: id[storage.Sanction](n), UserID: c.bob, RoomID: room, Kind: storage.SanctionMute}
		if expires > 0 {
			s.ExpiresAt = f.now().Add(expires)
		}
		return f.sanction(s)
	}
	want := func(want storage.Sanction, rooms ...storage.RoomID) {
		t.Helper()
		for _, room := range rooms {
			got, err := f.ActiveSanction(f.ctx, c.bob, room, storage.SanctionMute)
			require.NoError(t, err)
			require.Equal(t, want, got, "room %v", room)
		}
	}
	everywhere := mute(50, storage.RoomID{}, time.Minute)
	want(everywhere, c.room, c.other, storage.RoomID{}, nowhere)
	here := mute(40, c.room, time.Minute)
	want(here, c.room) // of those that end together the one for the room
	want(everywhere, c.other, storage.RoomID{})
	longer := mute(30, storage.RoomID{}, time.Hour)
	want(longer, c.room, c.other, storage.RoomID{}) // the one that ends last
	long := mute(20, c.room, time.Hour)
	twin := mute(19, c.room, time.Hour)
	want(long, c.room) // of those of one moment the greater ID
	f.clock.advance(time.Microsecond)
	newest := mute(10, c.room, time.Hour-time.Microsecond)
	want(newest, c.room) // the newest
	forever := mute(5, storage.RoomID{}, 0)
	want(forever, c.room, c.other)
	always := mute(4, c.room, 0)
	want(always, c.room)
	f.lift(always.ID)
	want(forever, c.room, storage.RoomID{})
	f.lift(forever.ID)
	f.lift(newest.ID)
	f.lift(long.ID)
	want(twin, c.room)
	f.clock.advance(time.Hour)
	for _, room := range []storage.RoomID{c.room, {}} {
		_, err := f.ActiveSanction(f.ctx, c.bob, room, storage.SanctionMute)
		wantNotFound(t, err, storage.EntitySanction)
	}
}

func testNoActiveSanction(t *testing.T, f *fixture) {
	c := f.court()
	f.sanction(storage.Sanction{UserID: c.ann, Kind: storage.SanctionMute})
	f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.other, Kind: storage.SanctionMute})
	f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan})
	f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionKick})
	for _, room := range []storage.RoomID{c.room, {}, nowhere} {
		_, err := f.ActiveSanction(f.ctx, c.bob, room, storage.SanctionMute)
		wantNotFound(t, err, storage.EntitySanction)
	}
	_, err := f.ActiveSanction(f.ctx, nobody, c.room, storage.SanctionBan)
	wantNotFound(t, err, storage.EntitySanction)
	for _, kind := range []storage.SanctionKind{0, storage.SanctionKick, 99} {
		_, err := f.ActiveSanction(f.ctx, c.bob, c.room, kind)
		wantErr(t, err, storage.ErrInvalid, "kind")
	}
}

func testSanctionUserDeleted(t *testing.T, f *fixture) {
	c := f.court()
	gone := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionBan, ModeratorID: c.ann})
	kept := f.sanction(storage.Sanction{UserID: c.ann, RoomID: c.room, Kind: storage.SanctionMute})
	require.NoError(t, f.DeleteUser(f.ctx, c.bob))
	_, err := f.Sanction(f.ctx, gone.ID)
	wantNotFound(t, err, storage.EntitySanction)
	require.Equal(t, []storage.Sanction{kept}, list(f, f.Sanctions, storage.SanctionQuery{}))
	f.refused(t, func() error { _, err := f.LiftSanction(f.ctx, gone.ID, c.ann); return err }, storage.ErrNotFound)
	f.user("bob2", func(u *storage.User) { u.ID = c.bob })
	require.Empty(t, list(f, f.Sanctions, storage.SanctionQuery{User: c.bob}))
	f.join(c.room, c.bob)
	f.say(c.room, c.bob, "I am another")
	f.sanction(storage.Sanction{ID: gone.ID, UserID: c.bob, Kind: storage.SanctionMute})
}

func testSanctionModeratorDeleted(t *testing.T, f *fixture) {
	c := f.court()
	cid := f.user("cid").ID
	s := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionMute, ModeratorID: cid})
	lifted := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute})
	lifted, err := f.LiftSanction(f.ctx, lifted.ID, cid)
	require.NoError(t, err)
	require.NoError(t, f.DeleteUser(f.ctx, cid))
	f.user("cid2", func(u *storage.User) { u.ID = cid })
	s.ModeratorID, lifted.LiftedBy = storage.UserID{}, storage.UserID{}
	require.Equal(t, s, f.readSanction(s.ID))
	require.Equal(t, lifted, f.readSanction(lifted.ID), "lifted it stays")
	require.Empty(t, list(f, f.Sanctions, storage.SanctionQuery{Moderator: cid}))
	f.wantRefused(f.posting(c), storage.ReasonMuted)
}

func testSanctionRoomDeleted(t *testing.T, f *fixture) {
	c := f.court()
	gone := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.room, Kind: storage.SanctionBan})
	kept := f.sanction(storage.Sanction{UserID: c.bob, RoomID: c.other, Kind: storage.SanctionMute})
	require.NoError(t, f.DeleteRoom(f.ctx, c.room))
	_, err := f.Sanction(f.ctx, gone.ID)
	wantNotFound(t, err, storage.EntitySanction)
	f.room("room", c.ann, func(r *storage.Room) { r.ID = c.room })
	_, err = f.ActiveSanction(f.ctx, c.bob, c.room, storage.SanctionBan)
	wantNotFound(t, err, storage.EntitySanction)
	_, err = f.ActiveSanction(f.ctx, c.bob, storage.RoomID{}, storage.SanctionBan)
	wantNotFound(t, err, storage.EntitySanction)
	require.Equal(t, []storage.Sanction{kept}, list(f, f.Sanctions, storage.SanctionQuery{}))
	require.Empty(t, list(f, f.Sanctions, storage.SanctionQuery{Everywhere: true}), "it does not become one for everywhere")
	f.join(c.room, c.bob)
}
