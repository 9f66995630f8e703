package storagetest

// How Authenticate makes guessers wait, and whom else.

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// noAddress is where those come from of whom no address is known.
var noAddress netip.Addr

func testThrottleWait(t *testing.T, f *fixture) {
	f.account("ann")
	for _, from := range []netip.Addr{home, noAddress} {
		most := storage.LoginPairWait
		if !from.IsValid() {
			most = storage.LoginWait
		}
		f.guess(storage.LoginFree, "ann", from)
		for wait := time.Second; ; wait *= 2 {
			wait = min(wait, most)
			f.wantWait(wait, "ann", "wrong", from)
			f.clock.advance(wait / 2)
			f.wantWait(wait-wait/2, "ann", "wrong", from)
			f.clock.advance(wait - wait/2 - time.Microsecond)
			f.wantWait(time.Microsecond, "ann", "wrong", from)
			f.clock.advance(time.Microsecond)
			f.guess(1, "ann", from)
			if wait == most {
				f.wantWait(most, "ann", "wrong", from)
				break
			}
		}
		f.clock.advance(storage.LoginWindow + time.Microsecond)
	}
}

func testThrottleRight(t *testing.T, f *fixture) {
	f.account("ann")
	f.guess(storage.LoginFree, "ann", home)
	f.wantWait(time.Second, "ann", secret, home)
	f.clock.advance(time.Second - time.Microsecond)
	f.wantWait(time.Microsecond, "ann", secret, home)
	f.clock.advance(time.Microsecond)
	f.wantEntered("ann", home)
}

// An account that is nobody's is throttled like one that is somebody's.
func testThrottleNobody(t *testing.T, f *fixture) {
	f.account("ann")
	f.user("none")
	gone := f.account("gone")
	require.NoError(t, f.DeactivateUser(f.ctx, gone.ID))
	for n := range 3 * storage.LoginFree {
		var first *storage.Error
		for i, login := range []string{"ann", "none", "gone", "nobody", "nobody@example.com", "no Name"} {
			_, err := f.enter(login, "wrong", noAddress)
			var e *storage.Error
			require.ErrorAs(t, err, &e)
			if i == 0 {
				first = e
			}
			require.Equal(t, first, e, "%s, attempt %d", login, n)
		}
		f.clock.advance(3 * time.Second)
	}
}

func testThrottleWiped(t *testing.T, f *fixture) {
	f.account("ann")
	for range 3 {
		f.guess(storage.LoginFree-1, "ann", home)
		f.clock.advance(time.Microsecond)
		f.wantEntered("ann", home)
		f.clock.advance(time.Microsecond)
	}
}

// A success wipes the slate of its own address, and nothing that strangers have
// on theirs.
func testThrottleNotWiped(t *testing.T, f *fixture) {
	f.account("ann")
	f.guess(storage.LoginFree, "ann", cafe)
	f.wantWait(time.Second, "ann", secret, phone)
	f.clock.advance(time.Second)
	f.wantEntered("ann", phone)
	f.guess(1, "ann", netip.MustParseAddr("198.51.100.1"))
	f.wantEntered("ann", phone)
	f.wantWait(2*time.Second, "ann", "wrong", netip.MustParseAddr("198.51.100.1"))
	f.wantWait(2*time.Second, "ann", secret, cafe)
	f.guess(storage.LoginFree-1, "ann", phone)
	f.wantEntered("ann", phone)
}

// Strangers gain nothing by the owner's coming in each hour.
func testThrottleOwner(t *testing.T, f *fixture) {
	f.account("ann")
	next, answered := anywhere(), 0
	for end := f.now().Add(storage.LoginWindow); f.now().Before(end); {
		hour := f.now().Add(time.Hour)
		f.wantEntered("ann", home)
		answered += f.guessing(time.Hour, "ann", next)
		f.clock.advance(hour.Sub(f.now()))
	}
	require.LessOrEqual(t, answered, 100)
	require.Greater(t, answered, 50)
}

// A user has one slate, by whatever name and from wherever.
func testThrottleAccount(t *testing.T, f *fixture) {
	f.account("ann")
	f.account("bob")
	f.guess(2, "ann", home)
	f.guess(2, "ANN@example.com", cafe)
	f.guess(1, "Ann", noAddress)
	f.wantWait(time.Second, "ann@example.com", secret, phone)
	f.wantWait(time.Second, "ann", secret, noAddress)
	f.wantEntered("bob", home)
}

func testThrottleDay(t *testing.T, f *fixture) {
	f.account("ann")
	f.guess(storage.LoginFree-1, "ann", home)
	f.clock.advance(storage.LoginWindow / 2)
	f.guess(1, "ann", home)
	f.wantWait(time.Second, "ann", "wrong", home)
	f.clock.advance(storage.LoginWindow / 2)
	f.guess(1, "ann", home)
	f.wantWait(2*time.Second, "ann", "wrong", home) // those of a day ago to the microsecond still count
	f.clock.advance(storage.LoginWindow/2 + time.Microsecond)
	f.guess(storage.LoginFree-1, "ann", home)
	f.wantWait(time.Second, "ann", "wrong", home)
	f.clock.advance(storage.LoginWindow + time.Microsecond)
	f.guess(storage.LoginFree, "ann", home)
	f.wantWait(time.Second, "ann", "wrong", home)
}

func testThrottleClock(t *testing.T, f *fixture) {
	f.account("ann")
	f.guess(storage.LoginFree, "ann", home)
	f.wantWait(time.Second, "ann", secret, home)
	f.clock.advance(-1000 * time.Hour)
	f.wantEntered("ann", home)
}

// accounts stores so many users with a password.
func (f *fixture) accounts(n int) (names []string) {
	f.t.Helper()
	for i := range n {
		names = append(names, fmt.Sprintf("user%d", i))
		f.account(names[i])
	}
	return names
}

func testThrottleAddress(t *testing.T, f *fixture) {
	names := f.accounts(storage.LoginAddressFree / storage.LoginFree)
	for _, name := range names {
		f.guess(storage.LoginFree, name, home)
	}
	f.account("ann")
	for _, login := range []string{"ann", "nobody"} {
		f.wantWait(time.Second, login, secret, home)
	}
	f.clock.advance(time.Second)
	f.guess(1, "nobody", home)
	f.wantWait(2*time.Second, "ann", secret, home)
	f.wantEntered("ann", cafe)
	f.clock.advance(2 * time.Second)
	f.wantEntered("ann", home)
	f.clock.advance(storage.LoginAddressWindow)
	f.guess(storage.LoginFree, "nobody else", home)
}

// Who has an account does not wipe the slate of an address with it.
func testThrottleAddressSuccess(t *testing.T, f *fixture) {
	f.account("mallory")
	for i := range storage.LoginAddressFree {
		f.guess(1, fmt.Sprintf("victim%d", i), home)
		if i%2 == 0 {
			f.wantEntered("mallory", home)
		}
	}
	f.wantWait(time.Second, "another", "wrong", home)
	f.wantWait(time.Second, "mallory", secret, home)
}

func testThrottleNetwork(t *testing.T, f *fixture) {
	f.account("ann")
	address := func(n int) netip.Addr {
		b := phone.As16()
		b[15], b[9] = byte(n), byte(n)
		return netip.AddrFrom16(b)
	}
	for n := range storage.LoginAddressFree {
		f.guess(1, fmt.Sprintf("victim%d", n), address(n))
	}
	f.wantWait(time.Second, "ann", secret, address(200))
	f.wantEntered("ann", netip.MustParseAddr("2001:db8:0:2::1"))
}

// knock tries a wrong password, and returns how long to wait: 0 if it was
// answered.
func (f *fixture) knock(login string, from netip.Addr) time.Duration {
	f.t.Helper()
	_, err := f.enter(login, "wrong", from)
	if errors.Is(err, storage.ErrThrottled) {
		return wantErr(f.t, err, storage.ErrThrottled).RetryAfter
	}
	wantErr(f.t, err, storage.ErrUnauthenticated)
	return 0
}

// guessing guesses as often as may be for a while, each time from where next
// says, and returns how many guesses were answered. The clock is then at the
// last of them.
func (f *fixture) guessing(d time.Duration, login string, next func() netip.Addr) (answered int) {
	f.t.Helper()
	for end := f.now().Add(d); ; {
		wait := f.knock(login, next())
		if wait == 0 {
			answered++
			continue
		}
		if f.now().Add(wait).After(end) {
			return answered
		}
		f.clock.advance(wait)
	}
}

func always(a netip.Addr) func() netip.Addr { return func() netip.Addr { return a } }

// anywhere returns another address each time.
func anywhere() func() netip.Addr {
	a := netip.MustParseAddr("203.0.113.1")
	return func() netip.Addr {
		a = a.Next()
		return a
	}
}

// Somebody guesses as fast as may be: the owner, where he was before, does not
// notice, not even when he mistypes.
func testThrottleKnown(t *testing.T, f *fixture) {
	f.account("ann")
	f.wantEntered("ann", home)
	for range 3 {
		f.clock.advance(time.Hour)
		require.LessOrEqual(t, f.guessing(24*time.Hour, "ann", anywhere()), 100)
		f.guess(storage.LoginFree-1, "ann", home)
		f.wantEntered("ann", home)
	}
	f.clock.advance(storage.LoginKnown)
	f.guessing(time.Hour, "ann", anywhere())
	require.Positive(t, f.knock("ann", home), "an address is known for a while only")
}

// Somebody guesses from one address. At a new one, the owner does not wait for
// long, and less than the guesser.
func testThrottleNew(t *testing.T, f *fixture) {
	f.account("ann")
	f.guessing(5*time.Hour, "ann", always(home))
	f.wantWait(storage.LoginPairWait, "ann", "wrong", home)
	f.wantWait(storage.LoginWait, "ann", secret, cafe)
	f.clock.advance(storage.LoginWait)
	f.wantWait(storage.LoginPairWait-storage.LoginWait, "ann", "wrong", home)
	f.wantEntered("ann", cafe)
	f.wantEntered("ann", cafe)
}

func testThrottleGuesses(t *testing.T, f *fixture) {
	f.account("ann")
	next := anywhere()
	for range 2 {
		n := f.guessing(24*time.Hour, "ann", next)
		require.LessOrEqual(t, n, 100, "guesses from many addresses")
		require.Greater(t, n, 50)
	}
	f.account("bob")
	f.wantEntered("bob", home)
	require.LessOrEqual(t, f.guessing(24*time.Hour, "bob", always(home)), 40, "guesses from one that is known")
}

// lineUp is a store at which a crowd looks before anybody goes on.
type lineUp struct {
	storage.Store
	looked atomic.Int64
	ready  chan struct{}
}

func (l *lineUp) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	err := l.Store.View(ctx, fn)
	if l.looked.Add(1) == crowd {
		close(l.ready)
	}
	<-l.ready
	return err
}

// wantAnswered has a crowd guess at once, all of whom the first look lets in,
// and requires that no more of them are answered than the throttle allows, and
// that these were recorded.
func (f *fixture) wantAnswered(want int, guess func(i int) (login string, from netip.Addr)) {
	f.t.Helper()
	line := &lineUp{Store: f.Store, ready: make(chan struct{})}
	answered := 0
	for _, err := range race(crowd, func(i int) error {
		login, from := guess(i)
		_, err := storage.Authenticate(f.ctx, line, storage.Credentials{
			Login: login, Password: "wrong", IP: from, UserAgent: "curl/8", Hasher: cheapHasher,
		})
		return err
	}) {
		if errors.Is(err, storage.ErrThrottled) {
			require.Equal(f.t, time.Second, wantErr(f.t, err, storage.ErrThrottled).RetryAfter)
			continue
		}
		wantErr(f.t, err, storage.ErrUnauthenticated)
		answered++
	}
	require.Equal(f.t, want, answered)
	require.Len(f.t, list(f, f.LoginAttempts, storage.LoginQuery{}), want)
}

func testThrottleBurst(t *testing.T, f *fixture) {
	f.account("ann")
	f.wantAnswered(storage.LoginFree, func(int) (string, netip.Addr) { return "ann", home })
	f.wantWait(time.Second, "ann", secret, home)
}

func testThrottleBurstAddresses(t *testing.T, f *fixture) {
	f.account("ann")
	f.wantAnswered(storage.LoginFree, func(i int) (string, netip.Addr) {
		return []string{"ann", "ann@example.com"}[i%2], netip.AddrFrom4([4]byte{192, 0, 2, byte(i)})
	})
}

func testThrottleBurstAccounts(t *testing.T, f *fixture) {
	f.wantAnswered(storage.LoginAddressFree, func(i int) (string, netip.Addr) { return fmt.Sprint("user", i), home })
}
