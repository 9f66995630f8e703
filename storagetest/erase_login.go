package storagetest

// What becomes of sessions and login attempts of a user who is erased.

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testEraseSessions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	_, token := f.login(ann)
	revoked, _ := f.login(ann)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	kept, _ := f.login(bob)
	for _, login := range []string{"ann", "a former name"} {
		f.attempt(storage.LoginAttempt{Login: login, UserID: ann})
	}
	other := f.attempt(storage.LoginAttempt{Login: "bob", UserID: bob})
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Sessions: 2, Logins: 2}, f.erase(ann, storage.EraseOptions{}))
	f.wantTurnedAway(token)
	require.Equal(t, []storage.Session{kept}, list(f, f.Sessions, storage.SessionQuery{}))
	require.Equal(t, []storage.LoginAttempt{other}, list(f, f.LoginAttempts, storage.LoginQuery{}))
}

// testEraseLoginsOfNobody has attempts from before there was the user: what is
// stored of them tells no name, but where they came from.
func testEraseLoginsOfNobody(t *testing.T, f *fixture) {
	n := f.attemptsOfNobody()
	ann := f.user("ann", func(u *storage.User) { u.Email = "ann@Example.com" }).ID
	require.Equal(t, storage.Erasure{UserID: ann, User: true}, f.erase(ann, storage.EraseOptions{}), "who has never logged in")
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{}), len(n.own)+len(n.others))

	ann = f.user("ann", func(u *storage.User) { u.Email = "ann@Example.com" }).ID
	for _, a := range n.known(ann) {
		f.attempt(a)
	}
	e := f.erase(ann, storage.EraseOptions{Limit: 1})
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Logins: int64(len(n.own) + len(n.known(ann)))}, e)
	require.ElementsMatch(t, n.others, list(f, f.LoginAttempts, storage.LoginQuery{}))
}

// attemptsOfNobody are attempts from before there was a user named ann.
type attemptsOfNobody struct {
	own    []storage.LoginAttempt // from where ann will have logged in
	others []storage.LoginAttempt
}

// known are attempts of a user's; the first of them, which did not succeed, makes
// no address known.
func (attemptsOfNobody) known(user storage.UserID) []storage.LoginAttempt {
	return []storage.LoginAttempt{
		{Login: "ann", UserID: user, IP: netip.MustParseAddr("192.0.2.66")},
		{Login: "ann", UserID: user},
		{Login: "ann", UserID: user, IP: netip.MustParseAddr("192.0.2.1"), Success: true},
		{Login: "a former name", UserID: user, IP: netip.MustParseAddr("2001:db8:0:1::1"), Success: true},
		{Login: "ann", UserID: user, Success: true},
	}
}

// attemptsOfNobody records attempts under the names that ann will have, and under
// one of the same digest, from several addresses.
func (f *fixture) attemptsOfNobody() (n attemptsOfNobody) {
	f.t.Helper()
	for _, a := range []struct {
		login, ip string
		own       bool
	}{
		{"Ann", "192.0.2.1", true}, {"ANN@example.com", "2001:db8:0:1::2", true}, {" ann", "192.0.2.2", false}, {"ann", "2001:db8:0:2::1", false},
		{"ann", "192.0.2.66", false}, {"ann", "", false}, {"bob", "192.0.2.1", false}, {twinOf("ann"), "198.51.100.7", false},
	} {
		attempt := storage.LoginAttempt{Login: a.login, UserAgent: "Lair/1.0 (test)"}
		if a.ip != "" {
			attempt.IP = netip.MustParseAddr(a.ip)
		}
		attempt = f.attempt(attempt)
		if a.own {
			n.own = append(n.own, attempt)
		} else {
			n.others = append(n.others, attempt)
		}
	}
	return n
}

// twinOf returns another login of which the same is stored.
func twinOf(login string) string {
	digest := func(login string) string {
		a := storage.LoginAttempt{Login: login}
		a.Normalize()
		return a.Login
	}
	want := digest(login)
	for n := 0; ; n++ {
		if twin := fmt.Sprint("stranger", n); digest(twin) == want {
			return twin
		}
	}
}
