package storagetest

import (
	"cmp"
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // cases are about time zones, and machines need not know them

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var statsCases = slices.Concat([]testCase{
	{"users", testUserStats},
	{"users and time", testUserStatsTime},
	{"what has a time to come", testStatsToCome},
	{"rooms", testRoomStats},
	{"the largest rooms", testLargestRooms},
	{"rooms refuse", testRoomStatsRefused},
}, messageStatsCases, activityCases)

func (f *fixture) userStats() storage.UserStats {
	f.t.Helper()
	s, err := f.UserStats(f.ctx)
	require.NoError(f.t, err)
	return s
}

func (f *fixture) roomStats(q storage.StatsQuery) storage.RoomStats {
	f.t.Helper()
	s, err := f.RoomStats(f.ctx, q)
	require.NoError(f.t, err)
	return s
}

func testUserStats(t *testing.T, f *fixture) {
	require.Equal(t, storage.UserStats{ByRole: map[storage.Role]int64{}}, f.userStats())
	ann, bob, eve := f.user("ann"), f.user("bob"), f.user("eve")
	require.NoError(t, f.SetUserRole(f.ctx, ann.ID, storage.RoleAdmin))
	require.NoError(t, f.DeactivateUser(f.ctx, bob.ID))
	require.NoError(t, f.TouchUser(f.ctx, eve.ID))
	require.Equal(t, storage.UserStats{
		Total: 3, Active: 2, New: storage.Recent{Day: 3, Week: 3, Month: 3}, Seen: storage.Recent{Day: 1, Week: 1, Month: 1},
		ByRole: map[storage.Role]int64{storage.RoleAdmin: 1, storage.RoleUser: 2},
	}, f.userStats())
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	require.NoError(t, f.DeleteUser(f.ctx, eve.ID))
	require.Equal(t, storage.UserStats{
		Total: 1, New: storage.Recent{Day: 1, Week: 1, Month: 1}, ByRole: map[storage.Role]int64{storage.RoleUser: 1},
	}, f.userStats())
	require.NoError(t, f.ReactivateUser(f.ctx, bob.ID))
	require.Equal(t, int64(1), f.userStats().Active)
}

// recents are ages, and what of one that old is recent.
var recents = []struct {
	age  time.Duration
	want storage.Recent
}{
	{0, storage.Recent{Day: 1, Week: 1, Month: 1}},
	{day, storage.Recent{Day: 1, Week: 1, Month: 1}},
	{day + time.Microsecond, storage.Recent{Week: 1, Month: 1}},
	{7 * day, storage.Recent{Week: 1, Month: 1}},
	{7*day + time.Microsecond, storage.Recent{Month: 1}},
	{30 * day, storage.Recent{Month: 1}},
	{30*day + time.Microsecond, storage.Recent{}},
}

const day = 24 * time.Hour

func testUserStatsTime(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, c := range recents {
		f.clock.advance(c.age)
		require.Equal(t, c.want, f.userStats().New, "after %s", c.age)
		require.Zero(t, f.userStats().Seen, "who was never here")
		f.clock.advance(-c.age)
	}
	f.clock.advance(100 * day)
	require.NoError(t, f.TouchUser(f.ctx, ann.ID))
	for _, c := range recents {
		f.clock.advance(c.age)
		require.Equal(t, c.want, f.userStats().Seen, "after %s", c.age)
		require.Zero(t, f.userStats().New)
		f.clock.advance(-c.age)
	}
}

// testStatsToCome has a clock that goes back, and messages that are imported from
// later: nothing of that is of the last day.
func testStatsToCome(t *testing.T, f *fixture) {
	f.clock.advance(f.now().Truncate(time.Hour).Add(time.Hour).Sub(f.now()))
	ann := f.user("ann").ID
	hall := f.room("hall", ann).ID
	require.NoError(t, f.TouchUser(f.ctx, ann))
	f.say(hall, ann, "x")
	f.login(ann)
	f.audit(storage.AuditEntry{Action: "x"})
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann})
	wantRecent := func(n int64, why string) {
		t.Helper()
		want := storage.Recent{Day: n, Week: n, Month: n}
		users, activity := f.userStats(), f.activity(ann)
		for what, got := range map[string]storage.Recent{
			"new users": users.New, "users who were seen": users.Seen, "rooms": f.roomStats(storage.StatsQuery{}).New,
			"messages": f.messageStats(storage.StatsQuery{}).Recent, "messages of a room": f.messageStats(storage.StatsQuery{Room: hall}).Recent,
			"messages of a user": activity.RecentMessages, "sessions": f.sessionStats().New,
			"audit entries": f.auditStats(storage.StatsQuery{}).Recent,
		} {
			require.Equal(t, want, got, "%s %s", what, why)
		}
		require.Equal(t, n, activity.FailedLogins, "failed logins %s", why)
	}
	wantRecent(1, "of now")
	for _, back := range []time.Duration{time.Microsecond, time.Hour, 29 * day, 300 * day} {
		f.clock.advance(-back)
		wantRecent(0, "of "+back.String()+" to come")
		f.clock.advance(back)
	}
	for _, ahead := range []time.Duration{time.Microsecond, 15*time.Minute - time.Microsecond, 15 * time.Minute, 2 * day} {
		f.createMany(1, &storage.Message{RoomID: hall, AuthorID: ann, Body: "later", CreatedAt: f.now().Add(ahead)})
	}
	require.Equal(t, storage.Recent{Day: 1, Week: 1, Month: 1}, f.activity(ann).RecentMessages)
	require.Equal(t, storage.Recent{Day: 3, Week: 3, Month: 3}, f.messageStats(storage.StatsQuery{}).Recent, "in whole quarters of an hour")
	require.Equal(t, int64(5), f.messageStats(storage.StatsQuery{}).Total)
}

func testRoomStats(t *testing.T, f *fixture) {
	require.Equal(t, storage.RoomStats{
		ByType: map[storage.RoomType]int64{}, ByPrivacy: map[storage.Privacy]int64{},
	}, f.roomStats(storage.StatsQuery{}))
	ann, bob := f.user("ann"), f.user("bob")
	hall := f.room("hall", ann.ID)
	f.join(hall.ID, bob.ID)
	f.room("den", bob.ID, func(r *storage.Room) { r.Privacy = storage.PrivacyPrivate })
	old := f.room("old", storage.UserID{}, expiring(f.now().Add(time.Minute)))
	require.NoError(t, f.DeactivateRoom(f.ctx, old.ID))
	direct, _, err := f.OpenDirectRoom(f.ctx, ann.ID, bob.ID)
	require.NoError(t, err)
	f.clock.advance(time.Hour)
	want := storage.RoomStats{
		Total: 4, Active: 3, New: storage.Recent{Day: 4, Week: 4, Month: 4},
		ByType:         map[storage.RoomType]int64{hall.Type: 2, storage.RoomTemporary: 1, storage.RoomDirectMessage: 1},
		ByPrivacy:      map[storage.Privacy]int64{},
		AverageMembers: 5.0 / 4,
	}
	for _, r := range list(f, f.Rooms, storage.RoomQuery{}) {
		want.ByPrivacy[r.Privacy]++
	}
	want.Largest = f.largest(10)
	require.Len(t, want.Largest, 3)
	require.Equal(t, want, f.roomStats(storage.StatsQuery{Room: nowhere, User: nobody}), "an expired room is there, an empty one not large")
	require.NoError(t, f.DeleteRoom(f.ctx, hall.ID))
	require.NoError(t, f.DeleteRoom(f.ctx, direct.ID))
	got := f.roomStats(storage.StatsQuery{})
	require.Equal(t, int64(2), got.Total)
	require.InDelta(t, 0.5, got.AverageMembers, 0)
	for _, c := range recents {
		f.clock.advance(c.age - time.Hour)
		require.Equal(t, c.want.Month*2, f.roomStats(storage.StatsQuery{}).New.Month, "after %s", c.age)
		require.Equal(t, c.want.Day*2, f.roomStats(storage.StatsQuery{}).New.Day, "after %s", c.age)
		f.clock.advance(time.Hour - c.age)
	}
}

// largest ranks the rooms that have members, as the list of rooms tells.
func (f *fixture) largest(top int) (all []storage.RoomCount) {
	f.t.Helper()
	for _, r := range list(f, f.Rooms, storage.RoomQuery{}) {
		if r.MemberCount > 0 {
			all = append(all, storage.RoomCount{RoomID: r.ID, Count: r.MemberCount})
		}
	}
	slices.SortFunc(all, func(a, b storage.RoomCount) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), a.RoomID.Compare(b.RoomID))
	})
	return all[:min(len(all), top)]
}

func testLargestRooms(t *testing.T, f *fixture) {
	users := []storage.UserID{f.user("ann").ID, f.user("bob").ID, f.user("eve").ID}
	for i := range storage.DefaultTop + 4 {
		r := f.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](byte(200 - i)) })
		_, err := f.AddMembers(f.ctx, r.ID, storage.MemberMember, users[:i%4]...)
		require.NoError(t, err)
	}
	for _, c := range []struct{ top, want int }{{0, storage.DefaultTop}, {1, 1}, {4, 4}, {storage.MaxTop + 1, storage.MaxTop}} {
		require.Equal(t, f.largest(c.want), f.roomStats(storage.StatsQuery{Top: c.top}).Largest, "Top %d", c.top)
	}
}

func testRoomStatsRefused(t *testing.T, f *fixture) {
	_, err := f.RoomStats(f.ctx, storage.StatsQuery{Top: -1})
	wantErr(t, err, storage.ErrInvalid, "Top")
	_, err = f.RoomStats(f.ctx, storage.StatsQuery{From: f.now(), To: f.now().Add(-1)})
	wantErr(t, err, storage.ErrInvalid, "To")
}
