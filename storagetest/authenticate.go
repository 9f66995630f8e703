package storagetest

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var authenticateCases = []testCase{
	{"by username", testAuthenticateName},
	{"by address", testAuthenticateEmail},
	{"refuses in the same words", testAuthenticateRefuses},
	{"invalid credentials", testAuthenticateInvalid},
	{"records", testAuthenticateRecords},
	{"records no name of nobody", testAuthenticateUnnamed},
	{"a password that has changed", testAuthenticatePassword},
	{"a password that changes meanwhile", testAuthenticateMeanwhile},
	{"a hash that is stronger meanwhile", testAuthenticateRehashedMeanwhile},
	{"a user who goes meanwhile", testAuthenticateGoneMeanwhile},
	{"rehash", testAuthenticateRehash},
	{"a rehash that fails", testAuthenticateRehashFails},
	{"a hash of another kind", testAuthenticateOtherHash},
	{"in a transaction, closed, canceled", testAuthenticateContext},
	{"wait", testThrottleWait},
	{"wait for the right password", testThrottleRight},
	{"wait for nobody", testThrottleNobody},
	{"a success wipes the slate", testThrottleWiped},
	{"a success wipes no other slate", testThrottleNotWiped},
	{"guesses while the owner comes and goes", testThrottleOwner},
	{"an account has one slate", testThrottleAccount},
	{"a quiet day", testThrottleDay},
	{"clocks that were wrong", testThrottleClock},
	{"an address", testThrottleAddress},
	{"an address that succeeds", testThrottleAddressSuccess},
	{"a network", testThrottleNetwork},
	{"the owner at a known address", testThrottleKnown},
	{"the owner at a new address", testThrottleNew},
	{"guesses in a day", testThrottleGuesses},
	{"a burst of guesses", testThrottleBurst},
	{"a burst from many addresses", testThrottleBurstAddresses},
	{"a burst at many accounts", testThrottleBurstAccounts},
	{"hashes at once", testAuthenticateBusy},
}

// cheapHasher costs next to nothing. Cases share it.
var cheapHasher = &storage.PasswordHasher{Memory: 8, Iterations: 1, Waiting: 1 << 12}

// secret is everybody's password.
const secret = storage.Secret("correct horse")

// account stores a user with a password, changed by edits first.
func (f *fixture) account(name string, edits ...func(*storage.User)) storage.User {
	f.t.Helper()
	hash, err := cheapHasher.Hash(f.ctx, secret)
	require.NoError(f.t, err)
	edits = append(edits, func(u *storage.User) { u.PasswordHash, u.Email = hash, name+"@example.com" })
	return f.user(name, edits...)
}

// enter logs in from an address.
func (f *fixture) enter(login string, password storage.Secret, from netip.Addr) (storage.User, error) {
	return storage.Authenticate(f.ctx, f.Store, storage.Credentials{
		Login: login, Password: password, IP: from, UserAgent: "curl/8", Hasher: cheapHasher,
	})
}

// wantEntered requires that a login works.
func (f *fixture) wantEntered(login string, from netip.Addr) {
	f.t.Helper()
	_, err := f.enter(login, secret, from)
	require.NoError(f.t, err)
}

// guess tries a wrong password, and requires that it is answered.
func (f *fixture) guess(n int, login string, from netip.Addr) {
	f.t.Helper()
	for range n {
		_, err := f.enter(login, "wrong", from)
		wantErr(f.t, err, storage.ErrUnauthenticated)
	}
}

// wantWait requires that an attempt has to wait, and for how long.
func (f *fixture) wantWait(want time.Duration, login string, password storage.Secret, from netip.Addr) {
	f.t.Helper()
	var err error
	e := f.refused(f.t, func() error { _, err = f.enter(login, password, from); return err }, storage.ErrThrottled)
	require.Equal(f.t, storage.Error{Op: "authenticate", Kind: storage.ErrThrottled, RetryAfter: want}, *e)
}

func testAuthenticateName(t *testing.T, f *fixture) {
	ann := f.account("ann")
	f.account("bob")
	for _, login := range []string{"ann", "ANN", "ａnn"} {
		got, err := f.enter(login, secret, home)
		require.NoError(t, err)
		require.Equal(t, ann, got)
	}
	got, err := f.enter("ann", "correct\u3000horse", home)
	require.NoError(t, err, "all kinds of spaces are one")
	require.Equal(t, ann, got)
}

func testAuthenticateEmail(t *testing.T, f *fixture) {
	ann := f.account("ann")
	for _, login := range []string{"ann@example.com", "Ann@EXAMPLE.com"} {
		got, err := f.enter(login, secret, home)
		require.NoError(t, err)
		require.Equal(t, ann, got)
	}
	_, err := f.enter("@", secret, home)
	wantErr(t, err, storage.ErrUnauthenticated)
}

// testAuthenticateRefuses compares the errors of all that can be wrong.
func testAuthenticateRefuses(t *testing.T, f *fixture) {
	f.account("ann")
	gone := f.account("gone")
	require.NoError(t, f.DeactivateUser(f.ctx, gone.ID))
	f.user("none")
	want := &storage.Error{Op: "authenticate", Kind: storage.ErrUnauthenticated}
	for login, password := range map[string]storage.Secret{
		"ann": "wrong", "gone": secret, "gone@example.com": "wrong", "none": secret, "nobody": secret, "nobody@example.com": secret,
		"no Name at all": secret, "@@": secret, of(storage.MaxLogin): secret, "ann@": secret,
	} {
		u, err := f.enter(login, password, netip.Addr{})
		require.Equal(t, want, wantErr(t, err, storage.ErrUnauthenticated), login)
		require.Zero(t, u, "a user beside an error")
	}
	require.NoError(t, f.ReactivateUser(f.ctx, gone.ID))
	f.wantEntered("gone", home)
}

func testAuthenticateInvalid(t *testing.T, f *fixture) {
	f.account("ann")
	for field, bad := range map[string][]storage.Credentials{
		"Login":     {{Password: secret}, {Login: "\xff", Password: secret}, {Login: of(storage.MaxLogin + 1), Password: secret}},
		"Password":  {{Login: "ann"}, {Login: "ann", Password: storage.Secret(of(storage.MaxPassword + 1))}, {Login: "ann", Password: "\x01"}},
		"UserAgent": {{Login: "ann", Password: secret, UserAgent: of(storage.MaxUserAgent + 1)}},
		"Memory":    {{Login: "ann", Password: secret, Hasher: &storage.PasswordHasher{Memory: 1}}},
	} {
		for _, c := range bad {
			e := f.refused(t, func() error { _, err := storage.Authenticate(f.ctx, f.Store, c); return err }, storage.ErrInvalid, field)
			require.NotContains(t, e.Error(), string(secret))
		}
	}
}

func testAuthenticateRecords(t *testing.T, f *fixture) {
	ann := f.account("ann")
	want := []storage.LoginAttempt{
		{Login: "ann", UserID: ann.ID, IP: home, UserAgent: "curl/8", Success: true},
		{Login: "ann@example.com", UserID: ann.ID, IP: cafe, UserAgent: "curl/8"},
		{Login: "nobody", IP: phone, UserAgent: "curl/8"},
	}
	f.wantEntered("ANN", home)
	f.guess(1, "Ann@example.com", cafe)
	f.guess(1, "NoBody", phone)
	got := list(f, f.LoginAttempts, storage.LoginQuery{})
	require.Len(t, got, len(want))
	for i, a := range want {
		stored := got[len(got)-1-i]
		a.ID, a.CreatedAt = stored.ID, f.now()
		a.Normalize()
		require.Equal(t, a, stored)
	}
	require.Equal(t, ann, f.readUser(ann.ID), "the user is as before")
}

// A password that was typed as the name is stored nowhere, and counted.
func testAuthenticateUnnamed(t *testing.T, f *fixture) {
	f.account("ann")
	for _, typed := range []string{string(secret), "p@ssword of ann"} {
		f.guess(storage.LoginFree, typed, noAddress)
		f.wantWait(time.Second, typed, secret, noAddress)
		f.wantFailed(storage.LoginFree, storage.LoginQuery{Login: typed})
	}
	for _, a := range list(f, f.LoginAttempts, storage.LoginQuery{}) {
		require.Regexp(t, "^~[0-9a-f]{4}$", a.Login)
	}
}

func testAuthenticatePassword(t *testing.T, f *fixture) {
	ann := f.account("ann")
	hash, err := cheapHasher.Hash(f.ctx, "another one")
	require.NoError(t, err)
	require.NoError(t, f.SetPasswordHash(f.ctx, ann.ID, hash))
	_, err = f.enter("ann", secret, home)
	wantErr(t, err, storage.ErrUnauthenticated)
	_, err = f.enter("ann", "another one", home)
	require.NoError(t, err)
}

// meddling is a store to which something happens after the first look.
type meddling struct {
	storage.Store
	after func()
}

func (m *meddling) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	err := m.Store.View(ctx, fn)
	if m.after != nil {
		after := m.after
		m.after = nil
		after()
	}
	return err
}

// meanwhile logs in while something happens.
func (f *fixture) meanwhile(c storage.Credentials, after func()) (storage.User, error) {
	c.Hasher = cheapHasher
	return storage.Authenticate(f.ctx, &meddling{f.Store, after}, c)
}

func testAuthenticateMeanwhile(t *testing.T, f *fixture) {
	ann := f.account("ann")
	hash, err := cheapHasher.Hash(f.ctx, "another one")
	require.NoError(t, err)
	change := func() { require.NoError(t, f.SetPasswordHash(f.ctx, ann.ID, hash)) }
	_, err = f.meanwhile(storage.Credentials{Login: "ann", Password: secret}, change)
	wantErr(t, err, storage.ErrUnauthenticated)
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{}), 1, "one attempt, however often it was looked at")

	require.NoError(t, f.SetPasswordHash(f.ctx, ann.ID, ann.PasswordHash))
	u, err := f.meanwhile(storage.Credentials{Login: "ann", Password: "another one"}, change)
	require.NoError(t, err)
	require.Equal(t, f.readUser(ann.ID), u)
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{}), 2)
}

// testAuthenticateRehashedMeanwhile has two logins that both replace the hash.
func testAuthenticateRehashedMeanwhile(t *testing.T, f *fixture) {
	ann := f.account("ann")
	strong := &storage.PasswordHasher{Memory: 16, Iterations: 1, Waiting: 1 << 12}
	c := storage.Credentials{Login: "ann", Password: secret, Hasher: strong}
	var first storage.User
	second, err := storage.Authenticate(f.ctx, &meddling{f.Store, func() {
		var err error
		first, err = storage.Authenticate(f.ctx, f.Store, c)
		require.NoError(t, err)
	}}, c)
	require.NoError(t, err)
	require.Equal(t, ann.Version+1, first.Version)
	require.Equal(t, first, second, "the second finds nothing to replace any more")
}

func testAuthenticateGoneMeanwhile(t *testing.T, f *fixture) {
	ann, bob := f.account("ann"), f.account("bob")
	_, err := f.meanwhile(storage.Credentials{Login: "ann", Password: secret}, func() {
		require.NoError(t, f.DeactivateUser(f.ctx, ann.ID))
	})
	wantErr(t, err, storage.ErrUnauthenticated)
	_, err = f.meanwhile(storage.Credentials{Login: "bob", Password: secret}, func() {
		require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	})
	wantErr(t, err, storage.ErrUnauthenticated)
	_, err = f.meanwhile(storage.Credentials{Login: "cid", Password: secret}, func() { f.account("cid") })
	require.NoError(t, err, "who is there in the end")
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{}), 3)
}

func testAuthenticateRehash(t *testing.T, f *fixture) {
	ann := f.account("ann")
	strong := &storage.PasswordHasher{Memory: 16, Iterations: 1}
	c := storage.Credentials{Login: "ann", Password: "wrong", Hasher: strong}
	_, err := storage.Authenticate(f.ctx, f.Store, c)
	wantErr(t, err, storage.ErrUnauthenticated)
	require.Equal(t, ann, f.readUser(ann.ID), "a wrong password replaces nothing")
	f.clock.advance(time.Second)
	c.Password = secret
	u, err := storage.Authenticate(f.ctx, f.Store, c)
	require.NoError(t, err)
	require.NotEqual(t, string(ann.PasswordHash), string(u.PasswordHash))
	require.Equal(t, ann.Version+1, u.Version)
	require.Equal(t, f.now(), u.UpdatedAt)
	require.Equal(t, u, f.readUser(ann.ID))
	rehash, err := strong.Verify(f.ctx, u.PasswordHash, secret)
	require.NoError(t, err)
	require.False(t, rehash)
	again, err := storage.Authenticate(f.ctx, f.Store, c)
	require.NoError(t, err)
	require.Equal(t, u, again, "the second time it is strong enough")
	f.wantEntered("ann", home)
	require.Equal(t, u, f.readUser(ann.ID), "stronger than asked for")
}

func testAuthenticateContext(t *testing.T, f *fixture) {
	f.account("ann")
	canceled, cancel := context.WithCancel(f.ctx)
	cancel()
	c := storage.Credentials{Login: "ann", Password: secret, Hasher: cheapHasher}
	f.refused(t, func() error { _, err := storage.Authenticate(canceled, f.Store, c); return err }, storage.ErrCanceled)
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, _ storage.Tx) error {
		_, err := storage.Authenticate(ctx, f.Store, c)
		wantErr(t, err, storage.ErrInvalid, "ctx")
		return nil
	}))
	require.NoError(t, f.Close())
	_, err := storage.Authenticate(f.ctx, f.Store, c)
	wantErr(t, err, storage.ErrClosed)
}

// testAuthenticateBusy has more at once than may wait. What was busy is not
// recorded.
func testAuthenticateBusy(t *testing.T, f *fixture) {
	f.account("ann")
	narrow := &storage.PasswordHasher{Memory: 1024, Iterations: 1, Concurrent: 1, Waiting: 1}
	errs := race(crowd, func(i int) error {
		_, err := storage.Authenticate(f.ctx, f.Store, storage.Credentials{
			Login: "ann", Password: secret, IP: netip.AddrFrom4([4]byte{192, 0, 2, byte(i)}), Hasher: narrow,
		})
		return err
	})
	entered := 0
	for _, err := range errs {
		if err == nil {
			entered++
			continue
		}
		wantErr(t, err, storage.ErrBusy)
	}
	require.Positive(t, entered)
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{Success: new(true)}), entered)
	require.Empty(t, list(f, f.LoginAttempts, storage.LoginQuery{Success: new(false)}))
}
