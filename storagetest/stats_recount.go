package storagetest

// What statistics of messages must be, counted from the messages.

import (
	"cmp"
	"slices"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// everySaid returns all messages that stand.
func (f *fixture) everySaid() (all []storage.Message) {
	f.t.Helper()
	for _, r := range list(f, f.Rooms, storage.RoomQuery{}) {
		all = append(all, list(f, f.Messages, storage.MessageQuery{Room: r.ID})...)
	}
	return all
}

func saidIn(room storage.RoomID, user storage.UserID, m storage.Message) bool {
	return (room.IsZero() || room == m.RoomID) && (user.IsZero() || user == m.AuthorID)
}

// recountStats is MessageStats.
func (f *fixture) recountStats(q storage.StatsQuery) storage.MessageStats {
	f.t.Helper()
	const quarter = 15 * time.Minute
	s := storage.MessageStats{ByType: map[storage.MessageType]int64{}}
	rooms, users := map[storage.RoomID]int64{}, map[storage.UserID]int64{}
	now := f.now()
	for _, m := range f.everySaid() {
		if !saidIn(q.Room, q.User, m) {
			continue
		}
		began := m.CreatedAt.Truncate(quarter)
		for since, n := range map[time.Duration]*int64{day: &s.Recent.Day, 7 * day: &s.Recent.Week, 30 * day: &s.Recent.Month} {
			if !began.After(now) && began.Add(quarter).After(now.Add(-since)) {
				*n++
			}
		}
		if !q.From.IsZero() && !began.Add(quarter).After(q.From) || !q.To.IsZero() && !began.Before(q.To) {
			continue
		}
		s.Total++
		s.ByType[m.Type]++
		rooms[m.RoomID]++
		if !m.AuthorID.IsZero() {
			users[m.AuthorID]++
		}
	}
	s.Authors = int64(len(users))
	s.MostActiveRooms = ranked(rooms, q.Top, func(id storage.RoomID, n int64) storage.RoomCount { return storage.RoomCount{RoomID: id, Count: n} })
	s.MostActiveUsers = ranked(users, q.Top, func(id storage.UserID, n int64) storage.UserCount { return storage.UserCount{UserID: id, Count: n} })
	s.Members = f.membersOf(q.Room)
	if s.Members > 0 {
		s.PerMember = float64(s.Total) / float64(s.Members)
	}
	return s
}

// membersOf returns how many members a room has, or without one how many users
// there are.
func (f *fixture) membersOf(room storage.RoomID) int64 {
	f.t.Helper()
	if room.IsZero() {
		return int64(len(list(f, f.Users, storage.UserQuery{})))
	}
	return int64(len(list(f, f.Memberships, storage.MembershipQuery{Room: room})))
}

// ranked returns the entries of a ranking.
func ranked[T, C any](counts map[storage.ID[T]]int64, top int, entry func(storage.ID[T], int64) C) (all []C) {
	ids := make([]storage.ID[T], 0, len(counts))
	for id := range counts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b storage.ID[T]) int { return cmp.Or(cmp.Compare(counts[b], counts[a]), a.Compare(b)) })
	for _, id := range ids[:min(len(ids), min(cmp.Or(top, storage.DefaultTop), storage.MaxTop))] {
		all = append(all, entry(id, counts[id]))
	}
	return all
}

// recountActivity returns the messages and authors of buckets.
func (f *fixture) recountActivity(q storage.ActivityQuery, buckets []storage.Bucket) [][2]int64 {
	f.t.Helper()
	all := f.everySaid()
	counts := make([][2]int64, len(buckets))
	for i, b := range buckets {
		authors := map[storage.UserID]bool{}
		for _, m := range all {
			if saidIn(q.Room, q.User, m) && !m.CreatedAt.Before(b.From) && m.CreatedAt.Before(b.To) {
				counts[i][0]++
				authors[m.AuthorID] = true
			}
		}
		delete(authors, storage.UserID{})
		counts[i][1] = int64(len(authors))
	}
	return counts
}

func (f *fixture) messageStats(q storage.StatsQuery) storage.MessageStats {
	f.t.Helper()
	s, err := f.MessageStats(f.ctx, q)
	require.NoError(f.t, err)
	return s
}

func (f *fixture) buckets(q storage.ActivityQuery) []storage.Bucket {
	f.t.Helper()
	all, err := f.Activity(f.ctx, q)
	require.NoError(f.t, err)
	return all
}

// exact requires that statistics of messages are what counting gives: of
// everything, of each room and user and of both, in some spans and time zones.
func (f *fixture) exact(say string) {
	f.t.Helper()
	now := f.now()
	rooms, users := []storage.RoomID{{}, nowhere}, []storage.UserID{{}, nobody}
	for _, r := range list(f, f.Rooms, storage.RoomQuery{}) {
		rooms = append(rooms, r.ID)
	}
	for _, u := range list(f, f.Users, storage.UserQuery{}) {
		users = append(users, u.ID)
	}
	for _, room := range rooms {
		for _, user := range users {
			for _, q := range []storage.StatsQuery{{}, {From: now.Add(-40 * day), To: now}, {From: now.Add(-10 * time.Hour)}, {To: now.Add(-5 * day), Top: 1}} {
				q.Room, q.User = room, user
				require.Equal(f.t, f.recountStats(q), f.messageStats(q), "MessageStats(%+v) %s", q, say)
			}
			for _, q := range []storage.ActivityQuery{
				{From: now.Add(-3 * day), To: now.Add(time.Hour), Unit: storage.ActivityHour},
				{From: now.Add(-40 * day), To: now.Add(time.Hour), TimeZone: "America/New_York"},
				{From: now.Add(-40 * day), To: now, Unit: storage.ActivityWeek, TimeZone: "Asia/Kathmandu"},
				{From: now.Add(-70 * day), To: now.Add(time.Hour), Unit: storage.ActivityMonth, TimeZone: "Australia/Lord_Howe"},
			} {
				q.Room, q.User = room, user
				got := f.buckets(q)
				counts := make([][2]int64, len(got))
				for i, b := range got {
					counts[i] = [2]int64{b.Messages, b.Authors}
				}
				require.Equal(f.t, f.recountActivity(q, got), counts, "Activity(%+v) %s", q, say)
			}
		}
	}
}
