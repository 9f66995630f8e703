package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var messageStatsCases = []testCase{
	{"nothing was said", testStatsEmpty},
	{"messages", testStatsMessages},
	{"messages of a room, of a user", testStatsSelect},
	{"messages come and go", testStatsComeAndGo},
	{"messages expire", testStatsExpiry},
	{"messages are purged", testStatsPurged},
	{"rooms are deleted", testStatsRoomDeleted},
	{"authors are deleted", testStatsAuthorDeleted},
	{"a span of time", testStatsSpan},
	{"recent messages", testStatsRecent},
	{"imported messages", testStatsImported},
	{"rankings", testStatsRankings},
	{"members", testStatsMembers},
	{"a failed call counts nothing", testStatsFailed},
	{"very many messages", testStatsMany},
	{"messages refuse", testStatsRefused},
}

func testStatsEmpty(t *testing.T, f *fixture) {
	require.Equal(t, storage.MessageStats{ByType: map[storage.MessageType]int64{}}, f.messageStats(storage.StatsQuery{}))
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	for _, q := range []storage.StatsQuery{{Room: nowhere}, {User: nobody}, {Room: hall.ID, User: nobody}} {
		want := storage.MessageStats{ByType: map[storage.MessageType]int64{}}
		if q.Room != nowhere {
			want.Members = 1
		}
		require.Equal(t, want, f.messageStats(q), "%+v", q)
	}
}

func testStatsMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", storage.UserID{})
	for range 3 {
		f.say(hall.ID, ann.ID, "text")
	}
	f.say(hall.ID, bob.ID, "code", func(m *storage.Message) { m.Type = storage.MessageCode })
	f.say(den.ID, bob.ID, "text")
	f.say(den.ID, storage.UserID{}, "opened", func(m *storage.Message) { m.Type = storage.MessageSystem })
	require.Equal(t, storage.MessageStats{
		Total: 6, Recent: storage.Recent{Day: 6, Week: 6, Month: 6},
		ByType:  map[storage.MessageType]int64{storage.MessageText: 4, storage.MessageCode: 1, storage.MessageSystem: 1},
		Authors: 2, Members: 2, PerMember: 3,
		MostActiveRooms: []storage.RoomCount{{RoomID: hall.ID, Count: 4}, {RoomID: den.ID, Count: 2}},
		MostActiveUsers: []storage.UserCount{{UserID: ann.ID, Count: 3}, {UserID: bob.ID, Count: 2}},
	}, f.messageStats(storage.StatsQuery{}))
}

func testStatsSelect(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	for i, author := range []storage.UserID{ann.ID, bob.ID, bob.ID, {}} {
		f.say(hall.ID, author, "text")
		f.say(den.ID, ann.ID, "text")
		f.clock.advance(time.Duration(i) * 20 * time.Hour)
	}
	f.exact("of two rooms")
	require.Equal(t, int64(2), f.messageStats(storage.StatsQuery{Room: hall.ID, User: bob.ID}).Total)
	require.Equal(t, int64(5), f.messageStats(storage.StatsQuery{User: ann.ID}).Total)
	require.Equal(t, int64(4), f.messageStats(storage.StatsQuery{Room: hall.ID}).Total)
}

func testStatsComeAndGo(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	first := f.say(hall.ID, ann.ID, "one", func(m *storage.Message) { m.Nonce = "n" })
	again := storage.Message{RoomID: hall.ID, AuthorID: ann.ID, Body: "one", Nonce: "n"}
	created, err := f.CreateMessage(f.ctx, &again)
	require.NoError(t, err)
	require.False(t, created)
	f.clock.advance(time.Hour)
	second := f.say(hall.ID, bob.ID, "two")
	f.exact("with a message that was sent twice")
	_, err = f.EditMessage(f.ctx, first.ID, ann.ID, storage.MessagePatch{Body: new("edited")})
	require.NoError(t, err)
	f.exact("after an edit")
	for range 2 {
		_, err = f.DeleteMessage(f.ctx, second.ID, ann.ID)
		require.NoError(t, err)
		f.exact("after a deletion")
	}
	f.say(hall.ID, bob.ID, "three")
	f.exact("after one more")
	_, _, err = f.DeleteMessages(f.ctx, storage.MessageQuery{Room: hall.ID}, ann.ID)
	require.NoError(t, err)
	require.Zero(t, f.messageStats(storage.StatsQuery{}).Total)
	f.exact("after all were deleted")
}

func testStatsExpiry(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	f.say(hall.ID, ann.ID, "stays")
	soon := func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) }
	f.say(hall.ID, ann.ID, "goes", soon)
	gone := f.say(hall.ID, bob.ID, "goes too", soon)
	require.Equal(t, int64(3), f.messageStats(storage.StatsQuery{}).Total)
	f.exact("before the time is over")
	f.clock.advance(time.Minute)
	s := f.messageStats(storage.StatsQuery{})
	require.Equal(t, int64(1), s.Total)
	require.Equal(t, int64(1), s.Authors)
	f.exact("once the time is over")
	_, err := f.PurgeMessage(f.ctx, gone.ID)
	require.NoError(t, err)
	f.exact("with one purged")
	require.NoError(t, f.DeleteRoom(f.ctx, hall.ID))
	f.exact("without the room")
}

func testStatsPurged(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	deleted := f.say(hall.ID, bob.ID, "deleted")
	standing := f.say(hall.ID, bob.ID, "standing")
	f.say(hall.ID, ann.ID, "stays")
	_, err := f.DeleteMessage(f.ctx, deleted.ID, ann.ID)
	require.NoError(t, err)
	f.exact("with a tombstone")
	for _, m := range []storage.Message{deleted, standing} {
		_, err = f.PurgeMessage(f.ctx, m.ID)
		require.NoError(t, err)
		f.exact("after a purge")
	}
	require.Equal(t, int64(1), f.messageStats(storage.StatsQuery{}).Total)
	_, err = f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: hall.ID, To: f.now().Add(1)})
	require.NoError(t, err)
	require.Zero(t, f.messageStats(storage.StatsQuery{}).Total)
	f.exact("after all were purged")
}

func testStatsRoomDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range 150 {
			m := storage.Message{RoomID: hall.ID, AuthorID: bob.ID, Body: "x", CreatedAt: f.now().Add(-time.Duration(i) * 5 * time.Hour)}
			_, err := tx.CreateMessages(ctx, []*storage.Message{&m})
			require.NoError(t, err)
		}
	})
	f.say(den.ID, ann.ID, "stays")
	f.say(den.ID, bob.ID, "stays")
	f.exact("before")
	require.NoError(t, f.DeleteRoom(f.ctx, hall.ID))
	require.Equal(t, int64(2), f.messageStats(storage.StatsQuery{}).Total)
	f.exact("after a room was deleted")
	f.say(den.ID, bob.ID, "one more")
	f.exact("and one more message")
}

func testStatsAuthorDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	mine := f.say(hall.ID, bob.ID, "one")
	also := f.say(hall.ID, bob.ID, "two")
	f.say(hall.ID, ann.ID, "three")
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	s := f.messageStats(storage.StatsQuery{})
	require.Equal(t, int64(3), s.Total)
	require.Equal(t, int64(1), s.Authors)
	require.Equal(t, []storage.UserCount{{UserID: ann.ID, Count: 1}}, s.MostActiveUsers)
	f.exact("after the author was deleted")
	_, err := f.DeleteMessage(f.ctx, mine.ID, ann.ID)
	require.NoError(t, err)
	f.exact("after a message of nobody's was deleted")
	_, err = f.PurgeMessage(f.ctx, also.ID)
	require.NoError(t, err)
	f.exact("after one was purged")
	f.user("bob", func(u *storage.User) { u.ID = bob.ID })
	f.exact("with another user who has the ID")
	f.say(hall.ID, bob.ID, "four")
	f.exact("who writes")
	require.Equal(t, int64(1), f.messageStats(storage.StatsQuery{User: bob.ID}).Total)
}

func testStatsSpan(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	start := time.Date(2026, 1, 30, 22, 0, 0, 0, time.UTC)
	var ms []*storage.Message
	for i := range 40 { // through the end of a day and of a month
		ms = append(ms, &storage.Message{RoomID: hall.ID, AuthorID: ann.ID, Body: "x", CreatedAt: start.Add(time.Duration(i) * time.Hour)})
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	for _, c := range []struct {
		from, to time.Duration
		want     int64
	}{
		{0, time.Hour, 1},
		{14 * time.Minute, time.Hour, 1},
		{15 * time.Minute, time.Hour, 0},
		{0, time.Hour + 1, 2},
		{-time.Hour, 0, 0},
		{2 * time.Hour, 26 * time.Hour, 24},
		{time.Hour, 40 * time.Hour, 39},
		{3 * time.Hour, 3 * time.Hour, 0},
		{26*time.Hour + 30*time.Minute, 50 * time.Hour, 13},
	} {
		q := storage.StatsQuery{From: start.Add(c.from), To: start.Add(c.to)}
		for _, q.Room = range []storage.RoomID{{}, hall.ID} {
			for _, q.User = range []storage.UserID{{}, ann.ID} {
				s := f.messageStats(q)
				require.Equal(t, c.want, s.Total, "from %s to %s of %v and %v", c.from, c.to, q.Room, q.User)
				require.Equal(t, f.recountStats(q), s, "from %s to %s", c.from, c.to)
			}
		}
	}
}

// Messages are recent from the quarter of an hour on in which the span began.
func testStatsRecent(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	f.clock.advance(f.now().Truncate(time.Hour).Add(time.Hour).Sub(f.now()))
	f.say(hall.ID, ann.ID, "x")
	for _, c := range recents {
		for _, q := range []storage.StatsQuery{{}, {Room: hall.ID}, {User: ann.ID}, {To: f.now().Add(-300 * day)}} {
			f.clock.advance(c.age)
			if c.age%day == 0 { // the same quarter
				f.clock.advance(15*time.Minute - time.Microsecond)
				require.Equal(t, c.want, f.messageStats(q).Recent, "after %s", c.age)
				f.clock.advance(time.Microsecond - 15*time.Minute)
			} else {
				f.clock.advance(15 * time.Minute)
				require.Equal(t, c.want, f.messageStats(q).Recent, "after %s and a quarter", c.age)
				f.clock.advance(-15 * time.Minute)
			}
			f.clock.advance(-c.age)
		}
	}
}

func testStatsImported(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	ages := []time.Duration{-50 * time.Hour, -time.Minute, 0, time.Minute, 10 * time.Hour, 33 * time.Hour, 8 * day, 35 * day, 36 * day, 80 * day, 60 * 365 * day}
	for i, age := range ages {
		ms := []*storage.Message{
			{RoomID: hall.ID, AuthorID: ann.ID, Body: "x", CreatedAt: f.now().Add(-age)},
			{RoomID: den.ID, AuthorID: []storage.UserID{ann.ID, bob.ID, {}}[i%3], Body: "x", CreatedAt: f.now().Add(-age)},
		}
		_, err := f.CreateMessages(f.ctx, ms)
		require.NoError(t, err)
	}
	f.exact("with messages of all times")
	require.Equal(t, int64(2*len(ages)), f.messageStats(storage.StatsQuery{}).Total)
	for _, m := range f.everySaid() {
		if m.CreatedAt.Before(f.now().Add(-9 * time.Hour)) {
			_, err := f.DeleteMessage(f.ctx, m.ID, ann.ID)
			require.NoError(t, err)
		}
	}
	f.exact("with the older ones deleted")
}

func testStatsRankings(t *testing.T, f *fixture) {
	var users []storage.UserID
	var rooms []storage.RoomID
	for i := range storage.DefaultTop + 3 {
		n := byte(200 - i)
		users = append(users, f.user("user"+string(rune('a'+i)), func(u *storage.User) { u.ID = id[storage.User](n) }).ID)
		rooms = append(rooms, f.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](n) }).ID)
	}
	for i := range users {
		for range i % 4 {
			f.say(rooms[i], users[(i+5)%len(users)], "x")
		}
	}
	for _, top := range []int{0, 1, 3, storage.MaxTop, storage.MaxTop + 1} {
		for _, q := range []storage.StatsQuery{{Top: top}, {Top: top, From: f.now()}, {Top: top, Room: rooms[1]}, {Top: top, User: users[8]}} {
			require.Equal(t, f.recountStats(q), f.messageStats(q), "%+v", q)
		}
	}
	require.Len(t, f.messageStats(storage.StatsQuery{Top: 2}).MostActiveRooms, 2)
	require.NoError(t, f.DeleteRoom(f.ctx, rooms[3]))
	require.NoError(t, f.DeleteUser(f.ctx, users[0]))
	q := storage.StatsQuery{Top: 3}
	require.Equal(t, f.recountStats(q), f.messageStats(q), "the places of those who are gone are taken by the next")
}

func testStatsMembers(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	f.user("eve")
	hall, den := f.room("hall", ann.ID), f.room("den", storage.UserID{})
	f.join(hall.ID, bob.ID)
	for range 5 {
		f.say(hall.ID, ann.ID, "x")
	}
	f.say(den.ID, bob.ID, "x")
	for _, c := range []struct {
		q         storage.StatsQuery
		authors   int64
		members   int64
		perMember float64
	}{
		{storage.StatsQuery{}, 2, 3, 2},
		{storage.StatsQuery{Room: hall.ID}, 1, 2, 2.5},
		{storage.StatsQuery{Room: hall.ID, User: bob.ID}, 0, 2, 0},
		{storage.StatsQuery{User: ann.ID}, 1, 3, 5.0 / 3},
		{storage.StatsQuery{Room: den.ID}, 1, 0, 0},
		{storage.StatsQuery{Room: hall.ID, To: f.now().Add(-day)}, 0, 2, 0},
	} {
		s := f.messageStats(c.q)
		require.Equal(t, c.authors, s.Authors, "%+v", c.q)
		require.Equal(t, c.members, s.Members, "%+v", c.q)
		require.InDelta(t, c.perMember, s.PerMember, 0, "%+v", c.q)
	}
	require.NoError(t, f.RemoveMember(f.ctx, hall.ID, bob.ID))
	require.Equal(t, int64(1), f.messageStats(storage.StatsQuery{Room: hall.ID}).Members)
}

func testStatsFailed(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	m := f.say(hall.ID, ann.ID, "one")
	ms := []*storage.Message{{RoomID: hall.ID, AuthorID: ann.ID, Body: "two"}, {ID: m.ID, RoomID: hall.ID, AuthorID: ann.ID, Body: "taken"}}
	_, err := f.CreateMessages(f.ctx, ms)
	wantErr(t, err, storage.ErrDuplicate)
	require.Equal(t, int64(1), f.messageStats(storage.StatsQuery{}).Total)
	f.exact("after a call that failed")
	f.say(hall.ID, ann.ID, "two")
	f.exact("and one that did not")
}

// More messages than any backend need keep apart from its counts.
func testStatsMany(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, den := f.room("hall", ann.ID), f.room("den", ann.ID)
	const batch, batches = 1500, 2
	for b := range batches {
		ms := make([]*storage.Message, batch)
		for i := range ms {
			ms[i] = &storage.Message{
				RoomID: hall.ID, AuthorID: ann.ID, Body: "x", CreatedAt: f.now().Add(-time.Duration(i*(b+1)) * 13 * time.Minute),
			}
			if i%3 == 0 {
				ms[i].RoomID = den.ID
			}
			if i%7 == 0 {
				ms[i].AuthorID = bob.ID
			}
		}
		_, err := f.CreateMessages(f.ctx, ms)
		require.NoError(t, err)
	}
	for _, q := range []storage.StatsQuery{
		{}, {Room: den.ID}, {User: bob.ID}, {Room: den.ID, User: bob.ID}, {From: f.now().Add(-77 * time.Hour), To: f.now().Add(-50 * time.Hour)},
	} {
		require.Equal(t, f.recountStats(q), f.messageStats(q), "%+v", q)
	}
	q := storage.ActivityQuery{From: f.now().Add(-20 * day), To: f.now(), TimeZone: "Asia/Kathmandu"}
	got := f.buckets(q)
	for i, want := range f.recountActivity(q, got) {
		require.Equal(t, want, [2]int64{got[i].Messages, got[i].Authors}, "from %s", got[i].From)
	}
}

func testStatsRefused(t *testing.T, f *fixture) {
	_, err := f.MessageStats(f.ctx, storage.StatsQuery{Top: -1})
	wantErr(t, err, storage.ErrInvalid, "Top")
	_, err = f.MessageStats(f.ctx, storage.StatsQuery{From: f.now(), To: f.now().Add(-1), Room: nowhere})
	wantErr(t, err, storage.ErrInvalid, "To")
}
