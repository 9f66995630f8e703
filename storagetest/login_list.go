package storagetest

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) loginPages(q storage.LoginQuery) pages[storage.LoginAttempt] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.LoginAttempt], error) {
		q.Limit, q.Cursor = limit, c
		return f.LoginAttempts(f.ctx, q)
	}
}

// knocks stores attempts that differ in all that a query asks for, and returns
// them, the newest first.
func (f *fixture) knocks(ann, bob storage.UserID) (attempts []storage.LoginAttempt) {
	f.t.Helper()
	for n := range 24 {
		a := f.attempt(storage.LoginAttempt{
			ID: id[storage.LoginAttempt](byte(101 * n)), UserID: []storage.UserID{ann, bob, {}}[n%3],
			Login: []string{"ann", "ann@example.com"}[n/3%2], IP: []netip.Addr{home, phone, {}, home}[n/2%4], Success: n%5 == 0,
		})
		attempts = append(attempts, a)
		if n%3 == 0 {
			f.clock.advance(time.Microsecond)
		}
	}
	slices.SortFunc(attempts, func(a, b storage.LoginAttempt) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	})
	return attempts
}

// digestOf returns what is stored of a login that is nobody's.
func digestOf(login string) string {
	a := storage.LoginAttempt{Login: login}
	a.Normalize()
	return a.Login
}

func selectsAttempt(q storage.LoginQuery, a storage.LoginAttempt) bool {
	return (q.User.IsZero() || a.UserID == q.User) && (q.Login == "" || a.Login == q.Login || a.Login == digestOf(q.Login)) && (!q.IP.IsValid() || a.IP == q.IP) &&
		(q.Success == nil || a.Success == *q.Success) && !a.CreatedAt.Before(q.From) && (q.To.IsZero() || a.CreatedAt.Before(q.To))
}

func testLoginList(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	wantList(t, nil, f.loginPages(storage.LoginQuery{}))
	all := f.knocks(ann, bob)
	mid := all[len(all)/2].CreatedAt
	var queries []storage.LoginQuery
	for _, user := range []storage.UserID{{}, ann, bob, nobody} {
		for _, login := range []string{"", "ann", "ann@example.com", "eve"} {
			for _, ip := range []netip.Addr{{}, home, phone, cafe} {
				for _, success := range []*bool{nil, new(true), new(false)} {
					queries = append(queries, storage.LoginQuery{User: user, Login: login, IP: ip, Success: success})
				}
			}
		}
	}
	for n, q := range queries {
		q.From, q.To = []time.Time{{}, mid, {}}[n%3], []time.Time{{}, {}, mid}[n%3]
		want := slices.DeleteFunc(slices.Clone(all), func(a storage.LoginAttempt) bool { return !selectsAttempt(q, a) })
		wantWalk(t, want, max(len(want), 1), f.loginPages(q))
		wantWalk(t, want, 2, f.loginPages(q))
		if q.Success == nil {
			f.wantFailed(failedOf(want), q)
		}
	}
	wantList(t, all, f.loginPages(storage.LoginQuery{}))
}

// failedOf counts the failures before the first success.
func failedOf(attempts []storage.LoginAttempt) int64 {
	n := slices.IndexFunc(attempts, func(a storage.LoginAttempt) bool { return a.Success })
	if n < 0 {
		n = len(attempts)
	}
	return int64(n)
}

func testLoginListOrder(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for _, batch := range []string{"cab", "fd", "e"} {
		for _, letter := range batch {
			f.attempt(storage.LoginAttempt{ID: id[storage.LoginAttempt](byte(letter)), Login: "ann", UserID: ann, IP: home})
		}
		f.clock.advance(time.Microsecond)
	}
	for _, q := range []storage.LoginQuery{{}, {User: ann}, {Login: "ann"}, {IP: home}} {
		all := list(f, f.LoginAttempts, q)
		var order []byte
		for _, a := range all {
			order = append(order, a.ID[15])
		}
		require.Equal(t, "efdcba", string(order))
		wantList(t, all, f.loginPages(q))
	}
}

// A cursor serves on when what it stands at is no longer there.
func testLoginListPruned(t *testing.T, f *fixture) {
	var all []storage.LoginAttempt
	for range 6 {
		all = slices.Insert(all, 0, f.attempt(storage.LoginAttempt{Login: "ann"}))
		f.clock.advance(time.Microsecond)
	}
	read := f.loginPages(storage.LoginQuery{Login: "ann"})
	first := wantPage(t, all, 0, 2, read, "")
	f.pruned(2, all[3].CreatedAt, 0)
	rest, err := read(5, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[2:4], rest.Items)
	f.pruned(2, all[1].CreatedAt, 0)
	back, err := read(5, rest.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:2], back.Items)
}

func testLoginListLimits(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "ann"}))
		}
	})
	wantLimits(t, f.loginPages(storage.LoginQuery{}))
	wantLimits(t, f.loginPages(storage.LoginQuery{Login: "ann"}))
}

func testLoginListCursors(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	all := f.knocks(ann, f.user("bob").ID)
	read := f.loginPages(storage.LoginQuery{})
	wantOtherLimit(t, all, read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.loginPages(storage.LoginQuery{User: ann})),
		next(t, f.loginPages(storage.LoginQuery{Login: "ann"})),
		next(t, f.loginPages(storage.LoginQuery{IP: home})),
		next(t, f.loginPages(storage.LoginQuery{Success: new(false)})),
		next(t, f.loginPages(storage.LoginQuery{From: time.Unix(1, 0)})),
		next(t, f.loginPages(storage.LoginQuery{To: f.now().Add(time.Hour)})),
	)
	byLogin := f.loginPages(storage.LoginQuery{Login: "ANN"})
	page, err := byLogin(1, next(t, f.loginPages(storage.LoginQuery{Login: "ann"})))
	require.NoError(t, err, "the same login in other letters")
	require.Len(t, page.Items, 1)
}

func testLoginListRefused(t *testing.T, f *fixture) {
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for field, q := range map[string]storage.LoginQuery{
		"Login": {Login: of(storage.MaxLogin + 1)}, "To": {From: f.now(), To: f.now().Add(-1)}, "Limit": {User: nobody, Limit: -1},
	} {
		_, err := f.LoginAttempts(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
	_, err := f.LoginAttempts(f.ctx, storage.LoginQuery{To: far})
	wantErr(t, err, storage.ErrInvalid, "To")
}
