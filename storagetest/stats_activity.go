package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var activityCases = []testCase{
	{"activity", testActivity},
	{"activity of nobody", testActivityOfNobody},
	{"activity of joins and leaves", testActivityMoves},
	{"activity of who is made to leave", testActivityForced},
	{"activity of who is gone", testActivityGone},
	{"activity of registrations", testActivityRegistrations},
	{"activity counts authors once", testActivityAuthors},
	{"activity in time zones", testActivityZones},
	{"activity refuses", testActivityRefused},
}

// moves returns the sums of joins, leaves and registrations from long ago up to
// now.
func (f *fixture) moves(room storage.RoomID, user storage.UserID) (n [3]int64) {
	f.t.Helper()
	for _, b := range f.buckets(storage.ActivityQuery{
		Room: room, User: user, From: f.now().Add(-400 * day), To: f.now().Add(1), Unit: storage.ActivityMonth,
	}) {
		n[0] += b.Joins
		n[1] += b.Leaves
		n[2] += b.Registrations
	}
	return n
}

func testActivity(t *testing.T, f *fixture) {
	from := f.now().Truncate(day)
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	f.say(hall.ID, ann.ID, "x")
	f.clock.advance(2 * day)
	f.say(hall.ID, ann.ID, "x")
	f.say(hall.ID, bob.ID, "x")
	q := storage.ActivityQuery{From: f.now().Add(-2 * day), To: f.now().Add(day)}
	want := []storage.Bucket{
		{From: from, To: from.Add(day), Messages: 1, Authors: 1, Joins: 1, Registrations: 2},
		{From: from.Add(day), To: from.Add(2 * day)},
		{From: from.Add(2 * day), To: from.Add(3 * day), Messages: 2, Authors: 2},
		{From: from.Add(3 * day), To: from.Add(4 * day)},
	}
	require.Equal(t, want, f.buckets(q))
	q.Unit = storage.ActivityDay
	require.Equal(t, want, f.buckets(q), "the unit unless given")
	q.From, q.To = from, from.Add(3*day)
	require.Equal(t, want[:3], f.buckets(q), "whole buckets")
	q.To = q.From
	require.Empty(t, f.buckets(q))
}

func testActivityOfNobody(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	f.say(hall.ID, ann.ID, "x")
	from := f.now().Truncate(time.Hour)
	want := []storage.Bucket{{From: from, To: from.Add(time.Hour)}, {From: from.Add(time.Hour), To: from.Add(2 * time.Hour)}}
	for _, q := range []storage.ActivityQuery{{Room: nowhere}, {User: nobody}, {Room: hall.ID, User: nobody}, {Room: nowhere, User: ann.ID}} {
		q.Unit, q.From, q.To = storage.ActivityHour, f.now(), f.now().Add(time.Hour)
		require.Equal(t, want, f.buckets(q), "%+v", q)
	}
}

func testActivityMoves(t *testing.T, f *fixture) {
	ann, bob, eve := f.user("ann"), f.user("bob"), f.user("eve")
	hall, den := f.room("hall", ann.ID), f.room("den", storage.UserID{})
	f.join(hall.ID, bob.ID)
	f.clock.advance(day)
	n, err := f.AddMembers(f.ctx, den.ID, storage.MemberMember, ann.ID, bob.ID, eve.ID)
	require.NoError(t, err)
	require.Equal(t, 3, n)
	n, err = f.AddMembers(f.ctx, den.ID, storage.MemberMember, ann.ID)
	require.NoError(t, err)
	require.Zero(t, n)
	require.NoError(t, f.RemoveMember(f.ctx, hall.ID, bob.ID))
	f.clock.advance(day)
	f.join(hall.ID, bob.ID)
	_, _, err = f.OpenDirectRoom(f.ctx, ann.ID, eve.ID)
	require.NoError(t, err)
	require.Equal(t, [3]int64{8, 1, 3}, f.moves(storage.RoomID{}, storage.UserID{}))
	require.Equal(t, [3]int64{3, 1, 0}, f.moves(hall.ID, storage.UserID{}))
	require.Equal(t, [3]int64{3, 1, 1}, f.moves(storage.RoomID{}, bob.ID))
	require.Equal(t, [3]int64{2, 1, 0}, f.moves(hall.ID, bob.ID))
	require.Equal(t, [3]int64{1, 0, 0}, f.moves(den.ID, eve.ID))
	days := f.buckets(storage.ActivityQuery{From: f.now().Add(-2 * day), To: f.now(), Room: hall.ID})
	for i, want := range [][2]int64{{2, 0}, {0, 1}, {1, 0}} {
		require.Equal(t, want, [2]int64{days[i].Joins, days[i].Leaves}, "day %d", i)
	}
}

func testActivityForced(t *testing.T, f *fixture) {
	ann, bob, eve := f.user("ann"), f.user("bob"), f.user("eve")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	for _, room := range []storage.RoomID{hall.ID, den.ID} {
		f.join(room, bob.ID)
		f.join(room, eve.ID)
	}
	kick := storage.Sanction{UserID: bob.ID, RoomID: hall.ID, Kind: storage.SanctionKick}
	require.NoError(t, f.CreateSanction(f.ctx, &kick))
	require.Equal(t, [3]int64{1, 1, 0}, f.moves(hall.ID, bob.ID), "who is kicked leaves")
	ban := storage.Sanction{UserID: eve.ID, Kind: storage.SanctionBan}
	require.NoError(t, f.CreateSanction(f.ctx, &ban))
	require.Equal(t, [3]int64{2, 2, 1}, f.moves(storage.RoomID{}, eve.ID), "who is banned everywhere leaves all rooms")
	require.Equal(t, [3]int64{3, 1, 0}, f.moves(den.ID, storage.UserID{}))
	mute := storage.Sanction{UserID: bob.ID, RoomID: den.ID, Kind: storage.SanctionMute}
	require.NoError(t, f.CreateSanction(f.ctx, &mute))
	require.Equal(t, [3]int64{6, 3, 3}, f.moves(storage.RoomID{}, storage.UserID{}))
}

func testActivityGone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", bob.ID)
	f.join(hall.ID, bob.ID)
	f.say(hall.ID, bob.ID, "x")
	f.clock.advance(time.Hour)
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	require.Equal(t, [3]int64{3, 2, 2}, f.moves(storage.RoomID{}, storage.UserID{}), "who is deleted leaves all rooms")
	require.Equal(t, [3]int64{2, 1, 0}, f.moves(hall.ID, storage.UserID{}))
	require.Zero(t, f.moves(storage.RoomID{}, bob.ID), "nobody is found by the ID")
	f.user("bob", func(u *storage.User) { u.ID = bob.ID })
	require.Equal(t, [3]int64{0, 0, 1}, f.moves(storage.RoomID{}, bob.ID), "another user")
	require.NoError(t, f.DeleteRoom(f.ctx, hall.ID))
	require.NoError(t, f.DeleteRoom(f.ctx, den.ID))
	require.Equal(t, [3]int64{3, 2, 3}, f.moves(storage.RoomID{}, storage.UserID{}), "what happened has happened")
	require.Zero(t, f.moves(hall.ID, storage.UserID{}))
	require.Equal(t, [3]int64{1, 0, 1}, f.moves(storage.RoomID{}, ann.ID), "nobody has left a room that was deleted")
}

func testActivityRegistrations(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	f.clock.advance(day)
	f.user("bob")
	f.user("eve")
	q := storage.ActivityQuery{From: f.now().Add(-day), To: f.now().Add(day)}
	for _, c := range []struct {
		room storage.RoomID
		user storage.UserID
		want [3]int64
	}{{want: [3]int64{1, 2, 0}}, {user: ann.ID, want: [3]int64{1, 0, 0}}, {room: hall.ID}, {room: hall.ID, user: ann.ID}} {
		q.Room, q.User = c.room, c.user
		var got [3]int64
		for i, b := range f.buckets(q) {
			got[i] = b.Registrations
		}
		require.Equal(t, c.want, got)
	}
}

func testActivityAuthors(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	f.clock.advance(f.now().Truncate(day).Add(day).Sub(f.now()))
	f.say(den.ID, ann.ID, "x")
	f.clock.advance(40 * time.Minute)
	var last []storage.Message
	for range 3 {
		f.say(hall.ID, ann.ID, "x")
		last = append(last, f.say(hall.ID, bob.ID, "x"))
		f.say(hall.ID, storage.UserID{}, "x")
		f.clock.advance(15 * time.Minute)
	}
	q := storage.ActivityQuery{From: f.now().Add(-2 * time.Hour), To: f.now()}
	for _, unit := range []storage.ActivityUnit{storage.ActivityHour, storage.ActivityDay, storage.ActivityWeek, storage.ActivityMonth} {
		q.Unit = unit
		got := f.buckets(q)
		require.Equal(t, int64(2), got[len(got)-1].Authors, "%s", unit)
	}
	for i, m := range last {
		f.exact("authors")
		_, err := f.DeleteMessage(f.ctx, m.ID, bob.ID)
		require.NoError(t, err)
		want := int64(2)
		if i == len(last)-1 {
			want = 1
		}
		q.Unit = storage.ActivityDay
		got := f.buckets(q)
		require.Equal(t, want, got[len(got)-1].Authors, "an author counts as long as a message stands")
	}
	f.exact("without an author")
}

func testActivityRefused(t *testing.T, f *fixture) {
	now := f.now()
	first, last := time.Date(1, 1, 1, 1, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 12, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		field string
		q     storage.ActivityQuery
	}{
		{"To", storage.ActivityQuery{}},
		{"To", storage.ActivityQuery{To: now}},
		{"To", storage.ActivityQuery{From: now, To: now.Add(-1)}},
		{"To", storage.ActivityQuery{From: now, To: now.Add(storage.MaxBuckets * time.Hour), Unit: storage.ActivityHour}},
		{"To", storage.ActivityQuery{From: now, To: now.AddDate(100, 0, 0)}},
		{"To", storage.ActivityQuery{From: last.AddDate(0, 0, -1), To: last}},
		{"From", storage.ActivityQuery{From: first, To: first.AddDate(0, 0, 1), TimeZone: "Asia/Kathmandu"}},
		{"Unit", storage.ActivityQuery{From: now, To: now, Unit: 99}},
		{"TimeZone", storage.ActivityQuery{From: now, To: now, TimeZone: "Middle-earth/Shire"}},
		{"TimeZone", storage.ActivityQuery{From: now, To: now, TimeZone: "Local"}},
		{"TimeZone", storage.ActivityQuery{From: now, To: now, TimeZone: "../UTC"}},
	} {
		_, err := f.Activity(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
	}
	from := now.Truncate(time.Hour)
	q := storage.ActivityQuery{From: from, To: from.Add(storage.MaxBuckets * time.Hour), Unit: storage.ActivityHour}
	require.Len(t, f.buckets(q), storage.MaxBuckets)
	q = storage.ActivityQuery{
		From: time.Date(1700, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), Unit: storage.ActivityMonth,
	}
	require.Len(t, f.buckets(q), 300*12)
}
