package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var typingCases = []testCase{
	{"who is typing, by room", testTypingRooms},
	{"expires at its instant", testTypingExpires},
	{"a minute at most", testTypingMost},
	{"set again", testTypingAgain},
	{"a time that has passed", testTypingPassed},
	{"cleared", testTypingCleared},
	{"unset rooms and users", testTypingUnset},
	{"the caller's slices", testTypingAlias},
	{"within a transaction", testTypingTx},
	{"who is deleted", testTypingDeleted},
	{"context and Close", testTypingDone},
	{"not stored", testTypingReopen},
	{"observed", testTypingObserved},
	{"many at once", testTypingRace},
}

// typist returns the identifier of a user who need not exist.
func typist(n byte) storage.UserID { return id[storage.User](n) }

// The rooms of typists, which need not exist either.
var den, loft = id[storage.Room](1), id[storage.Room](2)

// types says that a user is typing for as long as d.
func (f *fixture) types(room storage.RoomID, user storage.UserID, d time.Duration) {
	f.t.Helper()
	require.NoError(f.t, f.SetTyping(f.ctx, room, user, f.clock.Now().Add(d)))
}

func wantTyping(t *testing.T, f *fixture, room storage.RoomID, want ...storage.UserID) {
	t.Helper()
	got, err := f.TypingUsers(f.ctx, room)
	require.NoError(t, err)
	if len(want) == 0 {
		require.Empty(t, got, "who is typing")
		return
	}
	require.Equal(t, want, got, "who is typing")
}

func testTypingRooms(t *testing.T, f *fixture) {
	wantTyping(t, f, den)
	for _, n := range []byte{3, 1, 4, 2, 5} {
		f.types(den, typist(n), time.Second)
	}
	f.types(loft, typist(9), time.Second)
	wantTyping(t, f, den, typist(1), typist(2), typist(3), typist(4), typist(5))
	wantTyping(t, f, loft, typist(9))
	wantTyping(t, f, nowhere)
	hall, ann := f.room("hall", storage.UserID{}), f.user("ann")
	f.types(hall.ID, ann.ID, time.Second)
	wantTyping(t, f, hall.ID, ann.ID)
}

func testTypingExpires(t *testing.T, f *fixture) {
	until := f.now().Add(5 * time.Second)
	require.NoError(t, f.SetTyping(f.ctx, den, typist(1), until))
	require.NoError(t, f.SetTyping(f.ctx, den, typist(2), until.Add(storage.TimePrecision)))
	f.clock.advance(until.Add(-storage.TimePrecision).Sub(f.now()))
	wantTyping(t, f, den, typist(1), typist(2))
	f.clock.advance(storage.TimePrecision)
	require.Equal(t, until, f.now())
	wantTyping(t, f, den, typist(2))
	f.clock.advance(storage.TimePrecision)
	wantTyping(t, f, den)
	f.types(den, typist(1), time.Second)
	wantTyping(t, f, den, typist(1))
}

func testTypingMost(t *testing.T, f *fixture) {
	start := f.now()
	for n, until := range []time.Time{
		start.Add(storage.MaxTyping), start.Add(storage.MaxTyping + time.Second), start.Add(24 * time.Hour),
		time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), time.Date(200_000, 1, 1, 0, 0, 0, 0, time.UTC),
	} {
		require.NoError(t, f.SetTyping(f.ctx, den, typist(byte(n)), until))
	}
	f.clock.advance(storage.MaxTyping - storage.TimePrecision)
	wantTyping(t, f, den, typist(0), typist(1), typist(2), typist(3), typist(4))
	f.clock.advance(storage.TimePrecision)
	wantTyping(t, f, den)
}

// The latest word counts, be it for longer or for shorter.
func testTypingAgain(t *testing.T, f *fixture) {
	for _, n := range []byte{1, 2} {
		f.types(den, typist(n), 10*time.Second)
	}
	f.clock.advance(time.Second)
	f.types(den, typist(1), 20*time.Second)
	f.types(den, typist(2), time.Second)
	wantTyping(t, f, den, typist(1), typist(2))
	f.clock.advance(time.Second)
	wantTyping(t, f, den, typist(1))
	f.clock.advance(18 * time.Second)
	wantTyping(t, f, den, typist(1))
	f.clock.advance(time.Second)
	wantTyping(t, f, den)
	for range 100 { // much longer than MaxTyping in all
		f.types(den, typist(3), 2*time.Second)
		f.clock.advance(time.Second)
		wantTyping(t, f, den, typist(3))
	}
}

func testTypingPassed(t *testing.T, f *fixture) {
	for _, until := range []time.Time{f.now(), f.now().Add(-time.Microsecond), f.now().Add(-time.Hour), {}, time.Unix(0, 0)} {
		f.types(den, typist(1), time.Second)
		f.types(den, typist(2), time.Second)
		require.NoError(t, f.SetTyping(f.ctx, den, typist(1), until), "until %v", until)
		wantTyping(t, f, den, typist(2))
	}
}

func testTypingCleared(t *testing.T, f *fixture) {
	require.NoError(t, f.ClearTyping(f.ctx, den, typist(1)), "who never was")
	for _, n := range []byte{1, 2} {
		f.types(den, typist(n), time.Second)
		f.types(loft, typist(n), time.Second)
	}
	require.NoError(t, f.ClearTyping(f.ctx, den, typist(1)))
	wantTyping(t, f, den, typist(2))
	wantTyping(t, f, loft, typist(1), typist(2))
	require.NoError(t, f.ClearTyping(f.ctx, den, typist(1)), "again")
	require.NoError(t, f.ClearTyping(f.ctx, den, typist(2)))
	wantTyping(t, f, den)
	f.types(den, typist(1), time.Second)
	wantTyping(t, f, den, typist(1))
}

func testTypingUnset(t *testing.T, f *fixture) {
	var room storage.RoomID
	var user storage.UserID
	until := f.now().Add(time.Second)
	wantErr(t, f.SetTyping(f.ctx, room, typist(1), until), storage.ErrInvalid, "room")
	wantErr(t, f.SetTyping(f.ctx, den, user, until), storage.ErrInvalid, "user")
	wantErr(t, f.SetTyping(f.ctx, den, user, time.Time{}), storage.ErrInvalid, "user")
	wantErr(t, f.ClearTyping(f.ctx, room, typist(1)), storage.ErrInvalid, "room")
	wantErr(t, f.ClearTyping(f.ctx, den, user), storage.ErrInvalid, "user")
	wantTyping(t, f, room)
	wantTyping(t, f, den)
}

func testTypingAlias(t *testing.T, f *fixture) {
	f.types(den, typist(1), time.Second)
	f.types(den, typist(2), time.Second)
	got, err := f.TypingUsers(f.ctx, den)
	require.NoError(t, err)
	got[0] = nobody
	_ = append(got[:1], nobody)
	wantTyping(t, f, den, typist(1), typist(2))
}
