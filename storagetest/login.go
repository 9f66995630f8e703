package storagetest

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var loginCases = []testCase{
	{"as it is stored", testLoginStored},
	{"record refuses", testLoginRefused},
	{"an ID that is taken", testLoginTaken},
	{"logins are folded", testLoginFolded},
	{"logins of nobody", testLoginNobody},
	{"count", testLoginCount},
	{"count since a success", testLoginCountSince},
	{"count within a window", testLoginCountWindow},
	{"count of one moment", testLoginCountMoment},
	{"count of an account", testLoginCountAccount},
	{"count of a network", testLoginCountNetwork},
	{"count refuses", testLoginCountRefused},
	{"the user is deleted", testLoginUserDeleted},
	{"the user is deactivated", testLoginDeactivated},
	{"prune", testLoginPrune},
	{"prune in order", testLoginPruneOrder},
	{"prune refuses", testLoginPruneRefused},
	{"list", testLoginList},
	{"list by time under equal times", testLoginListOrder},
	{"list while attempts go", testLoginListPruned},
	{"list limits", testLoginListLimits},
	{"list cursors", testLoginListCursors},
	{"list refuses", testLoginListRefused},
}

// Addresses of whoever tries to log in.
var (
	home  = netip.MustParseAddr("192.0.2.1")
	cafe  = netip.MustParseAddr("192.0.2.2")
	phone = netip.MustParseAddr("2001:db8:0:1::1")
)

// attempt stores a login attempt.
func (f *fixture) attempt(a storage.LoginAttempt) storage.LoginAttempt {
	f.t.Helper()
	require.NoError(f.t, f.RecordLoginAttempt(f.ctx, &a))
	return a
}

// wantFailed requires how many failures a query counts.
func (f *fixture) wantFailed(want int64, q storage.LoginQuery) {
	f.t.Helper()
	n, err := f.CountFailedLogins(f.ctx, q)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "failures of %+v", q)
}

func testLoginStored(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for name, given := range map[string]storage.LoginAttempt{
		"bare":        {Login: "nobody"},
		"full":        {ID: id[storage.LoginAttempt](7), Login: "ann", UserID: ann, IP: home, UserAgent: "curl/8", Success: true},
		"by mail":     {Login: "ann@example.com", UserID: ann, IP: phone},
		"mapped IPv4": {Login: "ann", IP: netip.MustParseAddr("::ffff:192.0.2.9")},
		"a zone":      {Login: "ann", IP: netip.MustParseAddr("fe80::1%eth0")},
	} {
		given.CreatedAt = time.Unix(1, 0)
		want := given
		want.Normalize()
		want.CreatedAt = f.now()
		a := f.attempt(given)
		if given.ID.IsZero() {
			require.False(t, a.ID.IsZero(), "ID of one %s", name)
			want.ID = a.ID
		}
		require.Equal(t, want, a, name)
		f.clock.advance(time.Microsecond)
		got, err := firstOf(f.LoginAttempts(f.ctx, storage.LoginQuery{}))
		require.NoError(t, err)
		require.Equal(t, want, got, name)
	}
}

func testLoginRefused(t *testing.T, f *fixture) {
	for _, c := range []struct {
		field string
		kind  error
		given storage.LoginAttempt
	}{
		{"Login", storage.ErrInvalid, storage.LoginAttempt{}},
		{"Login", storage.ErrInvalid, storage.LoginAttempt{Login: "\xff"}},
		{"UserAgent", storage.ErrInvalid, storage.LoginAttempt{Login: "ann", UserAgent: of(storage.MaxUserAgent + 1)}},
		{"UserID", storage.ErrNotFound, storage.LoginAttempt{Login: "ANN", UserID: nobody}},
	} {
		a := c.given
		f.refused(t, func() error { return f.RecordLoginAttempt(f.ctx, &a) }, c.kind, c.field)
		require.Equal(t, c.given, a, "after an error the record is as it was")
	}
}

func testLoginTaken(t *testing.T, f *fixture) {
	a := f.attempt(storage.LoginAttempt{Login: "ann"})
	for _, wait := range []time.Duration{0, time.Hour} {
		f.clock.advance(wait)
		again := storage.LoginAttempt{ID: a.ID, Login: "bob", Success: true}
		f.refused(t, func() error { return f.RecordLoginAttempt(f.ctx, &again) }, storage.ErrDuplicate, "ID")
	}
}

// Logins are the same where they would find the same user.
func testLoginFolded(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for _, typed := range []string{"Straße", "STRAẞE", "ｓtraße"} {
		require.Equal(t, "straße", f.attempt(storage.LoginAttempt{Login: typed, UserID: ann}).Login)
		f.attempt(storage.LoginAttempt{Login: typed})
	}
	f.wantFailed(6, storage.LoginQuery{Login: "sTraße"})
	f.wantFailed(3, storage.LoginQuery{Login: "sTraße", User: ann})
	f.attempt(storage.LoginAttempt{Login: "strasse"})
	f.wantFailed(1, storage.LoginQuery{Login: "STRASSE"})
	f.attempt(storage.LoginAttempt{Login: "Ann@Example.com"})
	f.attempt(storage.LoginAttempt{Login: "ann@EXAMPLE.com"})
	f.wantFailed(2, storage.LoginQuery{Login: "ANN@example.com"})
	f.attempt(storage.LoginAttempt{Login: "not a Name"})
	f.wantFailed(1, storage.LoginQuery{Login: "NOT A NAME"})
}

// What is not known to be a user's is stored as a digest, and found by either.
func testLoginNobody(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	var all []storage.LoginAttempt
	for n := range 7 {
		a := storage.LoginAttempt{ID: id[storage.LoginAttempt](byte(41 * n)), Login: "Ann", Success: n == 2}
		if n%3 == 0 {
			a.UserID = ann
		}
		a = f.attempt(a)
		if n%3 == 0 {
			require.Equal(t, "ann", a.Login)
		} else {
			require.Regexp(t, "^~[0-9a-f]{4}$", a.Login)
		}
		all = slices.Insert(all, 0, a)
		f.clock.advance(time.Microsecond)
	}
	for _, limit := range []int{1, 2, 3, len(all)} {
		wantWalk(t, all, limit, f.loginPages(storage.LoginQuery{Login: "ANN"}))
	}
	f.wantFailed(4, storage.LoginQuery{Login: "ann"})
	f.wantFailed(3, storage.LoginQuery{User: ann, Login: "ann"})
	nobodys := slices.DeleteFunc(all, func(a storage.LoginAttempt) bool { return !a.UserID.IsZero() })
	require.Equal(t, nobodys, list(f, f.LoginAttempts, storage.LoginQuery{Login: nobodys[0].Login}))
	f.wantFailed(0, storage.LoginQuery{Login: "other"})
}

// failures stores so many failed attempts.
func (f *fixture) failures(n int, a storage.LoginAttempt) {
	f.t.Helper()
	for range n {
		f.attempt(a)
		f.clock.advance(time.Microsecond)
	}
}

func testLoginCount(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.wantFailed(0, storage.LoginQuery{})
	f.failures(3, storage.LoginAttempt{Login: "ann", UserID: ann, IP: home})
	f.failures(2, storage.LoginAttempt{Login: "ann@example.com", UserID: ann, IP: cafe})
	f.failures(4, storage.LoginAttempt{Login: "bob", IP: home})
	for want, q := range map[int64]storage.LoginQuery{
		9: {Limit: 1, Cursor: "x"}, 5: {User: ann}, 3: {Login: "ANN"}, 7: {IP: home}, 4: {IP: home, Login: "bob"}, 2: {User: ann, IP: cafe},
		0: {User: ann, Login: "bob"},
	} {
		f.wantFailed(want, q)
	}
	f.wantFailed(3, storage.LoginQuery{User: ann, IP: home})
	f.wantFailed(0, storage.LoginQuery{User: nobody})
	f.wantFailed(0, storage.LoginQuery{IP: phone})
}

// A success wipes the slate of those queries that select it, and of no others.
func testLoginCountSince(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.failures(3, storage.LoginAttempt{Login: "ann", UserID: ann, IP: home})
	f.failures(2, storage.LoginAttempt{Login: "ann", UserID: ann, IP: cafe})
	f.failures(1, storage.LoginAttempt{Login: "ann", UserID: ann, IP: cafe, Success: true})
	f.failures(1, storage.LoginAttempt{Login: "bob", IP: home})
	f.wantFailed(0, storage.LoginQuery{User: ann})
	f.wantFailed(0, storage.LoginQuery{IP: cafe})
	f.wantFailed(4, storage.LoginQuery{IP: home})
	f.wantFailed(3, storage.LoginQuery{User: ann, IP: home})
	f.wantFailed(1, storage.LoginQuery{})
	f.failures(2, storage.LoginAttempt{Login: "ann", UserID: ann, IP: cafe})
	f.wantFailed(2, storage.LoginQuery{User: ann})
	f.wantFailed(2, storage.LoginQuery{IP: cafe})
}

func testLoginCountWindow(t *testing.T, f *fixture) {
	start := f.now()
	for range 5 {
		f.attempt(storage.LoginAttempt{Login: "ann"})
		f.clock.advance(time.Minute)
	}
	minute := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	f.wantFailed(5, storage.LoginQuery{Login: "ann", From: start})
	f.wantFailed(3, storage.LoginQuery{Login: "ann", From: minute(2)})
	f.wantFailed(2, storage.LoginQuery{Login: "ann", From: minute(2).Add(1)})
	f.wantFailed(2, storage.LoginQuery{Login: "ann", To: minute(2)})
	f.wantFailed(3, storage.LoginQuery{Login: "ann", To: minute(2).Add(1)})
	f.wantFailed(1, storage.LoginQuery{Login: "ann", From: minute(1), To: minute(2)})
	f.wantFailed(0, storage.LoginQuery{Login: "ann", From: minute(2), To: minute(2)})
	f.attempt(storage.LoginAttempt{Login: "ann", Success: true})
	f.wantFailed(0, storage.LoginQuery{Login: "ann", From: start})
	f.wantFailed(4, storage.LoginQuery{Login: "ann", From: minute(1), To: minute(5)})
}

// Attempts of one moment are in the order of their IDs.
func testLoginCountMoment(t *testing.T, f *fixture) {
	for _, n := range []byte{5, 1, 4, 2, 3} {
		f.attempt(storage.LoginAttempt{ID: id[storage.LoginAttempt](n), Login: "ann", IP: home, Success: n == 3})
	}
	f.wantFailed(2, storage.LoginQuery{Login: "ann"})
	f.wantFailed(2, storage.LoginQuery{IP: home})
	f.wantFailed(2, storage.LoginQuery{})
	f.wantFailed(2, storage.LoginQuery{From: f.now(), To: f.now().Add(1)})
}

// An account's attempts are its own, however it was named.
func testLoginCountAccount(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.attempt(storage.LoginAttempt{Login: "ann"})
	f.attempt(storage.LoginAttempt{Login: "ann@example.com", UserID: ann})
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: bob, Success: true})
	f.clock.advance(time.Second)
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann})
	f.wantFailed(2, storage.LoginQuery{User: ann})
	f.wantFailed(1, storage.LoginQuery{Login: "ann"})
	f.wantFailed(0, storage.LoginQuery{User: bob})
}

// Who has an address of IPv6 has its whole network.
func testLoginCountNetwork(t *testing.T, f *fixture) {
	for _, address := range []string{
		"2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", "2001:db8:0:2::1", "2001:db8::1",
		"192.0.2.1", "::ffff:192.0.2.1", "192.0.2.3",
	} {
		f.attempt(storage.LoginAttempt{Login: "ann", IP: netip.MustParseAddr(address)})
	}
	f.attempt(storage.LoginAttempt{Login: "ann"})
	f.wantFailed(2, storage.LoginQuery{IP: phone})
	f.wantFailed(2, storage.LoginQuery{IP: netip.MustParseAddr("2001:db8:0:1:2:3:4:5")})
	f.wantFailed(2, storage.LoginQuery{IP: home})
	f.wantFailed(2, storage.LoginQuery{IP: netip.MustParseAddr("::ffff:192.0.2.1")})
	f.wantFailed(0, storage.LoginQuery{IP: cafe})
	f.wantFailed(0, storage.LoginQuery{IP: netip.MustParseAddr("::192.0.2.1")})
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{IP: phone}), 2)
}

func testLoginCountRefused(t *testing.T, f *fixture) {
	for _, success := range []bool{true, false} {
		_, err := f.CountFailedLogins(f.ctx, storage.LoginQuery{Success: &success})
		wantErr(t, err, storage.ErrInvalid, "Success")
	}
	_, err := f.CountFailedLogins(f.ctx, storage.LoginQuery{From: f.now(), To: f.now().Add(-1)})
	wantErr(t, err, storage.ErrInvalid, "To")
	_, err = f.CountFailedLogins(f.ctx, storage.LoginQuery{Login: "\x00"})
	wantErr(t, err, storage.ErrInvalid, "Login")
}

func testLoginUserDeleted(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	nobodys := f.attempt(storage.LoginAttempt{Login: "ann", IP: home})
	gone := f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann, IP: home})
	bobs := f.attempt(storage.LoginAttempt{Login: "bob", UserID: bob, IP: home})
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	require.Equal(t, []storage.LoginAttempt{bobs, nobodys}, list(f, f.LoginAttempts, storage.LoginQuery{}))
	require.Equal(t, []storage.LoginAttempt{nobodys}, list(f, f.LoginAttempts, storage.LoginQuery{Login: "ann"}))
	f.wantFailed(2, storage.LoginQuery{IP: home})
	f.user("other", func(u *storage.User) { u.ID = ann })
	f.wantFailed(0, storage.LoginQuery{User: ann})
	f.attempt(storage.LoginAttempt{ID: gone.ID, Login: "x"})
}

func testLoginDeactivated(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	a := f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann})
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	b := f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann})
	require.Equal(t, []storage.LoginAttempt{b, a}, list(f, f.LoginAttempts, storage.LoginQuery{User: ann}))
}

// pruned removes what is from before a time, and requires how many went.
func (f *fixture) pruned(want int, before time.Time, limit int) {
	f.t.Helper()
	n, err := f.PruneLoginAttempts(f.ctx, before, limit)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "attempts that were removed")
}

func testLoginPrune(t *testing.T, f *fixture) {
	first := f.now()
	ann := f.user("ann").ID
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann, IP: home, Success: true})
	f.clock.advance(time.Hour)
	b := f.attempt(storage.LoginAttempt{Login: "ann", UserID: ann, IP: home})
	f.pruned(0, first, 0)
	f.pruned(1, first.Add(time.Nanosecond), 0)
	for _, q := range []storage.LoginQuery{{}, {User: ann}, {Login: "ann"}, {IP: home}} {
		require.Equal(t, []storage.LoginAttempt{b}, list(f, f.LoginAttempts, q))
	}
	f.pruned(0, f.now(), 0)
	f.pruned(1, time.Date(200_000, 1, 1, 0, 0, 0, 0, time.UTC), 0)
	require.Empty(t, list(f, f.LoginAttempts, storage.LoginQuery{}))
}

func testLoginPruneOrder(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.MaxLimit + storage.DefaultLimit {
			a := storage.LoginAttempt{ID: id[storage.LoginAttempt](byte(n)), Login: "ann"}
			a.ID[14] = byte(n >> 8)
			require.NoError(t, tx.RecordLoginAttempt(ctx, &a))
		}
	})
	f.clock.advance(-time.Hour)
	f.attempt(storage.LoginAttempt{Login: "older"})
	f.clock.advance(2 * time.Hour)
	all := list(f, f.LoginAttempts, storage.LoginQuery{})
	for _, limit := range []int{1, 2, 0} {
		went := limit
		if limit == 0 {
			went = storage.DefaultLimit
		}
		f.pruned(went, f.now(), limit)
		all = all[:len(all)-went]
		require.Equal(t, all, list(f, f.LoginAttempts, storage.LoginQuery{}))
	}
	f.pruned(len(all), f.now(), 1<<40)
}

func testLoginPruneRefused(t *testing.T, f *fixture) {
	f.attempt(storage.LoginAttempt{Login: "ann"})
	f.clock.advance(time.Hour)
	for _, c := range []struct {
		field  string
		before time.Time
		limit  int
	}{{"before", time.Time{}, 1}, {"Limit", f.now(), -1}} {
		f.refused(t, func() error { _, err := f.PruneLoginAttempts(f.ctx, c.before, c.limit); return err }, storage.ErrInvalid, c.field)
	}
}
