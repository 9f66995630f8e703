package storagetest

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) sessionPages(q storage.SessionQuery) pages[storage.Session] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Session], error) {
		q.Limit, q.Cursor = limit, c
		return f.Sessions(f.ctx, q)
	}
}

// visits stores sessions that differ in all that a query asks for, and returns
// them, the newest first.
func (f *fixture) visits(users ...storage.UserID) (sessions []storage.Session) {
	f.t.Helper()
	for n := range 24 {
		s, _ := f.login(users[n%len(users)], func(s *storage.Session) {
			s.ID = id[storage.Session](byte(101 * n))
			if n%5 == 0 {
				s.ExpiresAt = f.now().Add(10 * time.Minute)
			}
		})
		sessions = append(sessions, s)
		if n%3 == 0 {
			f.clock.advance(time.Microsecond)
		}
	}
	for n, s := range sessions {
		if n%6 == 0 {
			f.clock.advance(storage.SessionTouchInterval)
		}
		switch n % 4 {
		case 1:
			require.NoError(f.t, f.TouchSession(f.ctx, s.ID))
		case 2:
			require.NoError(f.t, f.RevokeSession(f.ctx, s.ID))
		}
		sessions[n] = f.readSession(s.ID)
	}
	slices.SortFunc(sessions, func(a, b storage.Session) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	return sessions
}

func testSessionList(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	wantList(t, nil, f.sessionPages(storage.SessionQuery{}))
	start := f.now()
	all := f.visits(ann, bob)
	active := start.Add(2 * storage.SessionTouchInterval)
	f.clock.advance(start.Add(10 * time.Minute).Sub(f.now()))
	for _, user := range []storage.UserID{{}, ann, bob, cid, nobody} {
		for _, live := range []*bool{nil, new(true), new(false)} {
			for _, since := range []time.Time{{}, start, active, active.Add(1), f.now().Add(time.Hour)} {
				want := slices.DeleteFunc(slices.Clone(all), func(s storage.Session) bool {
					return !user.IsZero() && s.UserID != user || live != nil && s.Live(f.now()) != *live || s.LastActiveAt.Before(since)
				})
				q := storage.SessionQuery{User: user, Live: live, ActiveSince: since}
				wantWalk(t, want, max(len(want), 1), f.sessionPages(q))
				wantWalk(t, want, 3, f.sessionPages(q))
				q.Limit, q.Cursor = 1, "x"
				n, err := f.CountSessions(f.ctx, q)
				require.NoError(t, err)
				require.Equal(t, int64(len(want)), n, "count of %+v", q)
			}
		}
	}
	wantList(t, all, f.sessionPages(storage.SessionQuery{}))
}

func testSessionListOrder(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for _, batch := range []string{"cab", "fd", "e"} {
		for _, letter := range batch {
			f.login(ann, func(s *storage.Session) { s.ID = id[storage.Session](byte(letter)) })
		}
		f.clock.advance(time.Microsecond)
	}
	for _, q := range []storage.SessionQuery{{}, {User: ann}, {Live: new(true)}, {User: ann, ActiveSince: time.Unix(1, 0)}} {
		all := list(f, f.Sessions, q)
		var order []byte
		for _, s := range all {
			order = append(order, s.ID[15])
		}
		require.Equal(t, "efdcba", string(order))
		wantList(t, all, f.sessionPages(q))
	}
}

// A cursor serves on when what it stands at is no longer in the list.
func testSessionListLive(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	var all []storage.Session
	for range 6 {
		s, _ := f.login(ann)
		all = slices.Insert(all, 0, s)
		f.clock.advance(time.Microsecond)
	}
	for _, q := range []storage.SessionQuery{{Live: new(true)}, {Live: new(true), User: ann}} {
		read := f.sessionPages(q)
		first := wantPage(t, all, 0, 2, read, "")
		require.NoError(t, f.RevokeSession(f.ctx, all[1].ID))
		require.NoError(t, f.DeleteSession(f.ctx, all[2].ID))
		second, err := read(2, first.Next)
		require.NoError(t, err)
		require.Equal(t, all[3:5], second.Items)
		back, err := read(5, second.Prev)
		require.NoError(t, err)
		require.Equal(t, all[:1], back.Items)
		next, _ := f.login(ann, func(s *storage.Session) { s.ID = all[2].ID })
		f.clock.advance(time.Microsecond)
		another, _ := f.login(ann)
		f.clock.advance(time.Microsecond)
		all = append([]storage.Session{another, next, all[0]}, all[3:]...)
	}
}

func testSessionListLimits(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			_, err := tx.CreateSession(ctx, &storage.Session{UserID: ann})
			require.NoError(t, err)
		}
	})
	wantLimits(t, f.sessionPages(storage.SessionQuery{}))
	wantLimits(t, f.sessionPages(storage.SessionQuery{User: ann}))
}

func testSessionListCursors(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	all := f.visits(ann)
	read := f.sessionPages(storage.SessionQuery{})
	wantOtherLimit(t, all, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.sessionPages(storage.SessionQuery{User: ann})),
		next(t, f.sessionPages(storage.SessionQuery{Live: new(true)})),
		next(t, f.sessionPages(storage.SessionQuery{ActiveSince: time.Unix(1, 0)})),
	)
	wantForeign(t, f.sessionPages(storage.SessionQuery{Live: new(false)}), next(t, f.sessionPages(storage.SessionQuery{Live: new(true)})))
}

func testSessionListRefused(t *testing.T, f *fixture) {
	far := storage.SessionQuery{ActiveSince: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := f.Sessions(f.ctx, far)
	wantErr(t, err, storage.ErrInvalid, "ActiveSince")
	_, err = f.CountSessions(f.ctx, far)
	wantErr(t, err, storage.ErrInvalid, "ActiveSince")
	_, err = f.Sessions(f.ctx, storage.SessionQuery{User: nobody, Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
}

func (f *fixture) sessionStats() storage.SessionStats {
	f.t.Helper()
	s, err := f.SessionStats(f.ctx)
	require.NoError(f.t, err)
	return s
}

func testSessionStats(t *testing.T, f *fixture) {
	require.Equal(t, storage.SessionStats{ByClientType: map[string]int64{}}, f.sessionStats())
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	client := func(name string) func(*storage.Session) {
		return func(s *storage.Session) { s.Metadata.ClientType = name }
	}
	f.login(ann, client("web"))
	f.login(ann, client("web"))
	f.login(ann, client("Web"))
	f.login(bob)
	revoked, _ := f.login(bob, client("web"))
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	f.login(cid, client("ios"), f.expiringIn(time.Minute))
	want := storage.SessionStats{
		Total: 6, Live: 5, Users: 3, New: storage.Recent{Day: 6, Week: 6, Month: 6},
		ByClientType: map[string]int64{"web": 2, "Web": 1, "": 1, "ios": 1},
	}
	require.Equal(t, want, f.sessionStats())
	f.clock.advance(time.Minute)
	want.Live, want.Users = 4, 2
	delete(want.ByClientType, "ios")
	require.Equal(t, want, f.sessionStats(), "one has expired")
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	require.Equal(t, storage.SessionStats{
		Total: 3, Live: 1, Users: 1, New: storage.Recent{Day: 3, Week: 3, Month: 3}, ByClientType: map[string]int64{"": 1},
	}, f.sessionStats())
}

func testSessionStatsTime(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	const day = 24 * time.Hour
	f.login(ann)
	for _, c := range []struct {
		at   time.Duration
		want storage.Recent
	}{
		{day, storage.Recent{Day: 1, Week: 1, Month: 1}},
		{day + time.Microsecond, storage.Recent{Week: 1, Month: 1}},
		{7 * day, storage.Recent{Week: 1, Month: 1}},
		{7*day + time.Microsecond, storage.Recent{Month: 1}},
		{30 * day, storage.Recent{Month: 1}},
		{30*day + time.Microsecond, storage.Recent{}},
	} {
		f.clock.advance(c.at)
		require.Equal(t, c.want, f.sessionStats().New, "after %s", c.at)
		f.clock.advance(-c.at)
	}
}
