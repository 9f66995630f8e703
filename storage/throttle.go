package storage

import (
	"context"
	"time"
)

// How [Authenticate] throttles guessing. Failed attempts are counted in three
// slates, each of which makes the next attempt wait: nothing for the first few,
// then a second after the last failure, and twice as long for each more, up to
// a limit. The longest of the three waits counts.
//
//   - At one account, from one address: LoginFree, up to LoginPairWait, within
//     LoginWindow and since the last success from that address.
//   - At one account, from anywhere: LoginFree, up to LoginWait, within
//     LoginWindow. No success wipes this, or whoever waits for the owner to log
//     in would begin anew each time. Attempts from an address at which the
//     account was logged in within LoginKnown do not wait for it.
//   - From one address, at all accounts: LoginAddressFree, up to LoginWait,
//     within LoginAddressWindow. A success wipes nothing here either, or whoever
//     has an account could guess at those of others for ever.
//
// What this bounds, in any LoginWindow: guessers at all the addresses of the
// world have at most 100 guesses at an account, together, from those at which it
// was not logged in, whatever its owner does. From an address that is known they
// have at most 40 between two logins of the owner there. So whoever shares an
// address with the owner, behind one NAT, begins anew with each of these logins,
// and is bounded by the slate of the address alone.
//
// NIST SP 800-63B-4 (section 3.2.2) demands that no more than 100 consecutive
// failures be allowed before a password is disabled. That is not met to the
// letter: nothing is ever disabled here, since that would let anybody shut an
// owner out, and the 100 guesses come back each day. Who has to meet it counts
// (CountFailedLogins) and deactivates or takes the password away. Waits that
// rise and addresses that are known are what that section proposes beside it;
// doubled waits from a second on are those of the OWASP Authentication Cheat
// Sheet ("Login Throttling").
//
// Who is kept out: at an address where the owner was logged in within
// LoginKnown, guessers elsewhere are not noticed at all. At a new address, the
// owner is let in between two guesses of a guesser at one address, whose own
// wait (up to LoginPairWait) soon is longer than LoginWait: after 16 guesses,
// which keep the owner out for less than five hours in all. Guessers at four
// addresses or more can, by turns, for as long as they go on. So can a
// single one, where the embedder passes no address: all attempts without one
// are from the same stranger, who is never known. Pass addresses, and keep
// another way in, such as a link by mail, for owners who are new somewhere.
//
// An address of IPv6 stands for its network of 64 bits, as in LoginQuery.IP. Who
// is given a shorter prefix has many of these: 256 with one of 56 bits, each
// with a slate of its own. The slate of the account counts them all; that of the
// address bounds each alone, so a guess at each of many accounts has 256 times
// LoginAddressFree there. Where that matters, pass the prefix that your users'
// providers give out, in place of the address.
//
// An account is the user, however named; a login that is nobody's is an account
// of its own, and throttled just so.
const (
	LoginFree          = 5                   // failures at an account that cost no wait
	LoginAddressFree   = 50                  // failures from an address that cost no wait
	LoginWait          = 1024 * time.Second  // the longest wait at an account, and at an address
	LoginPairWait      = time.Hour           // the longest wait at an account from one address
	LoginWindow        = 24 * time.Hour      // what is counted at an account
	LoginAddressWindow = time.Hour           // what is counted from an address
	LoginKnown         = 30 * 24 * time.Hour // how long an address is known for a success
)

// slate is one of the ways in which failures are counted.
type slate struct {
	query LoginQuery // what is looked at, but for the time
	free  int
	most  time.Duration // the longest wait
	since time.Duration // what is counted
}

// waitAfter returns how long to wait after the last of so many failures.
func (s slate) waitAfter(failures int) time.Duration {
	if failures < s.free {
		return 0
	}
	wait := time.Second
	for range min(failures-s.free, 20) { // twelve days: longer than any
		wait *= 2
	}
	return min(wait, s.most)
}

// enough is how many failures make the longest wait: more need not be counted.
func (s slate) enough() int {
	n := s.free
	for s.waitAfter(n) < s.most {
		n++
	}
	return n
}

// throttle returns how long an attempt has to wait, at an account which is a
// user's if there is one.
func throttle(ctx context.Context, r Reader, user UserID, c Credentials, now time.Time) (longest time.Duration, err error) {
	account := LoginQuery{User: user}
	if user.IsZero() {
		account.Login = loginDigest(foldLogin(c.Login)) // which is one look-up, as is that of a user
	}
	anywhere := account
	anywhere.Success = new(false)
	slates := []slate{{query: anywhere, free: LoginFree, most: LoginWait, since: LoginWindow}}
	if c.IP.IsValid() {
		pair := account
		pair.IP = c.IP
		known, err := knownAt(ctx, r, pair, now)
		if err != nil {
			return 0, err
		}
		if known {
			slates[0] = slate{query: account, since: LoginWindow} // makes nobody wait, and is read all the same
		}
		slates = append(slates,
			slate{query: pair, free: LoginFree, most: LoginPairWait, since: LoginWindow},
			slate{query: LoginQuery{IP: c.IP, Success: new(false)}, free: LoginAddressFree, most: LoginWait, since: LoginAddressWindow},
		)
	}
	for _, s := range slates {
		wait, err := s.wait(ctx, r, now)
		if err != nil {
			return 0, err
		}
		longest = max(longest, wait)
	}
	return longest, nil
}

// knownAt reports whether an account was logged in from an address.
func knownAt(ctx context.Context, r Reader, q LoginQuery, now time.Time) (bool, error) {
	q.Success, q.Limit = new(true), 1
	q.From, q.To = now.Add(-LoginKnown), now.Add(TimePrecision)
	p, err := r.LoginAttempts(ctx, q)
	return len(p.Items) > 0, err
}

// wait returns how long from now on the next attempt has to wait. What a clock
// that was wrong has put into the future counts for nothing.
func (s slate) wait(ctx context.Context, r Reader, now time.Time) (time.Duration, error) {
	q := s.query
	q.From, q.To = now.Add(-s.since), now.Add(TimePrecision)
	q.Limit = max(s.enough(), 1)
	p, err := r.LoginAttempts(ctx, q)
	if err != nil {
		return 0, err
	}
	failures := 0
	for _, a := range p.Items {
		if a.Success {
			break
		}
		failures++
	}
	if failures == 0 {
		return 0, nil
	}
	return p.Items[0].CreatedAt.Add(s.waitAfter(failures)).Sub(now), nil
}
