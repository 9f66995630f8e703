package storagetest

// How often an author may write in a room.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var rateCases = []testCase{
	{"a minute from the first", testRateMinute},
	{"each author", testRateAuthors},
	{"each room", testRateRooms},
	{"tombstones count", testRateTombstones},
	{"imports are free", testRateImports},
	{"what lies in the future", testRateFuture},
	{"a nonce repeated", testRateNonce},
	{"a limit that changes", testRateChanged},
	{"what is refused for another reason", testRatePrecedence},
}

// limitedRoom is a room that takes some messages a minute from each author.
func (f *fixture) limitedRoom(limit int64) (ann storage.UserID, room storage.RoomID) {
	f.t.Helper()
	ann = f.user("ann").ID
	return ann, f.room("hall", ann, func(r *storage.Room) { r.Settings.RateLimit = limit }).ID
}

// wantRated requires that an author has to wait exactly so long.
func (f *fixture) wantRated(room storage.RoomID, author storage.UserID, wait time.Duration) {
	f.t.Helper()
	m := storage.Message{RoomID: room, AuthorID: author, Body: "too much", Nonce: "too much"}
	e := f.refused(f.t, func() error { _, err := f.CreateMessage(f.ctx, &m); return err }, storage.ErrForbidden)
	require.Equal(f.t, storage.ReasonRateLimit, e.Reason)
	require.Equal(f.t, wait, e.RetryAfter, "RetryAfter")
	require.Equal(f.t, storage.EntityRoom, e.Entity)
	require.Equal(f.t, room.String(), e.ID)
}

func testRateMinute(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(3)
	for n := range 3 {
		f.say(room, ann, fmt.Sprint(n))
		f.clock.advance(10 * time.Second)
	}
	f.wantRated(room, ann, 30*time.Second)
	f.clock.advance(30*time.Second - time.Microsecond)
	f.wantRated(room, ann, time.Microsecond)
	f.clock.advance(time.Microsecond)
	f.say(room, ann, "a minute after the first")
	f.wantRated(room, ann, 10*time.Second)
	f.clock.advance(10 * time.Second)
	f.say(room, ann, "a minute after the second")
	f.clock.advance(time.Hour)
	for n := range 3 {
		f.say(room, ann, fmt.Sprint(n))
	}
	f.wantRated(room, ann, time.Minute)
}

func testRateAuthors(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(1)
	bob := f.user("bob").ID
	f.say(room, ann, "first")
	f.clock.advance(time.Second)
	f.wantRated(room, ann, 59*time.Second)
	f.say(room, bob, "first")
	f.wantRated(room, bob, time.Minute)
	for range 3 {
		f.say(room, storage.UserID{}, "nobody's messages are not limited")
	}
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	f.user("ann", func(u *storage.User) { u.ID = ann })
	f.say(room, ann, "a later user with the same ID")
}

func testRateRooms(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(1)
	other := f.room("other", ann, func(r *storage.Room) { r.Settings.RateLimit = 2 }).ID
	free := f.room("free", ann).ID
	f.say(room, ann, "1")
	f.say(other, ann, "1")
	f.say(other, ann, "2")
	for range 5 {
		f.say(free, ann, "x")
	}
	f.wantRated(room, ann, time.Minute)
	f.wantRated(other, ann, time.Minute)
}

func testRateTombstones(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(2)
	f.remove(f.say(room, ann, "1").ID, ann)
	f.clock.advance(time.Second)
	f.remove(f.say(room, ann, "2").ID, ann)
	f.wantRated(room, ann, 59*time.Second)
}

func testRateImports(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(2)
	f.say(room, ann, "1")
	f.say(room, ann, "2")
	f.createMany(3,
		&storage.Message{RoomID: room, AuthorID: ann, Body: "3", CreatedAt: f.now().Add(-time.Hour)},
		&storage.Message{RoomID: room, AuthorID: ann, Body: "4", CreatedAt: f.now().Add(-time.Hour)},
		&storage.Message{RoomID: room, AuthorID: ann, Body: "5", CreatedAt: f.now().Add(-time.Hour)},
	)
	f.say(room, ann, "6")
	require.Equal(t, int64(6), f.readRoom(room).MessageCount)
}

// A message that was imported with a time to come, or stored before the clock
// was set back, keeps nobody waiting for longer than a minute.
func testRateFuture(_ *testing.T, f *fixture) {
	ann, room := f.limitedRoom(1)
	f.createMany(1, &storage.Message{RoomID: room, AuthorID: ann, Body: "to come", CreatedAt: f.now().Add(1000 * time.Hour)})
	f.say(room, ann, "now")
	f.wantRated(room, ann, time.Minute)
	f.clock.advance(-time.Hour)
	f.say(room, ann, "an hour earlier")
	f.wantRated(room, ann, time.Minute)
}

func testRateNonce(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(1)
	first := f.say(room, ann, "once", func(m *storage.Message) { m.Nonce = "n" })
	for range 3 {
		again := storage.Message{RoomID: room, AuthorID: ann, Body: "once", Nonce: "n"}
		created, err := f.CreateMessage(f.ctx, &again)
		require.NoError(t, err)
		require.False(t, created)
		require.Equal(t, first, again)
	}
	f.wantRated(room, ann, time.Minute)
	f.clock.advance(time.Minute)
	f.say(room, ann, "a repetition is no message")
}

func testRateChanged(t *testing.T, f *fixture) {
	ann, room := f.limitedRoom(0)
	for n := range 4 {
		f.say(room, ann, fmt.Sprint(n))
		f.clock.advance(time.Second)
	}
	for limit, wait := range map[int64]time.Duration{1: 59, 2: 58, 4: 56} {
		_, err := f.UpdateRoomSettings(f.ctx, room, storage.RoomSettings{RateLimit: limit})
		require.NoError(t, err)
		f.wantRated(room, ann, wait*time.Second)
	}
	for _, limit := range []int64{5, 0} {
		_, err := f.UpdateRoomSettings(f.ctx, room, storage.RoomSettings{RateLimit: limit})
		require.NoError(t, err)
		f.say(room, ann, "enough room")
	}
}

func testRatePrecedence(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.room("tent", ann, func(r *storage.Room) { r.Type, r.Settings.RateLimit = storage.RoomTemporary, 1 }).ID
	f.say(room, ann, "1", func(m *storage.Message) { m.Nonce = "n" })
	send := func() error {
		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: room, AuthorID: ann, Body: "2"})
		return err
	}
	f.wantRated(room, ann, time.Minute)
	f.sanction(storage.Sanction{UserID: ann, RoomID: room, Kind: storage.SanctionMute})
	wantForbidden(t, send(), storage.ReasonMuted)
	f.sanction(storage.Sanction{UserID: ann, RoomID: room, Kind: storage.SanctionBan})
	wantForbidden(t, send(), storage.ReasonBanned)
	_, err := f.UpdateRoom(f.ctx, room, storage.RoomPatch{ExpiresAt: new(f.now())})
	require.NoError(t, err)
	wantForbidden(t, send(), storage.ReasonRoomExpired)
	require.NoError(t, f.DeactivateRoom(f.ctx, room))
	wantForbidden(t, send(), storage.ReasonRoomInactive)
}
