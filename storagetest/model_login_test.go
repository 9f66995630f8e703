package storagetest_test

// Login attempts, and who is let in.

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// network is what an address is compared by.
func network(a netip.Addr) netip.Prefix {
	a = a.Unmap()
	bits := 64
	if a.Is4() {
		bits = 32
	}
	p, _ := a.Prefix(bits)
	return p
}

// asNobodys returns what is stored of a login that is nobody's.
func asNobodys(login string) string {
	a := storage.LoginAttempt{Login: login}
	a.Normalize()
	return a.Login
}

// selectedLogins returns what a query selects, the newest first.
func (m *model) selectedLogins(q storage.LoginQuery) (all []storage.LoginAttempt) {
	for _, a := range m.logins {
		named := q.Login == "" || a.Login == strings.ToLower(q.Login) || q.User.IsZero() && a.Login == asNobodys(q.Login)
		if named && (q.User.IsZero() || a.UserID == q.User) && (!q.IP.IsValid() || network(a.IP) == network(q.IP)) &&
			(q.Success == nil || a.Success == *q.Success) && !a.CreatedAt.Before(q.From) &&
			(q.To.IsZero() || a.CreatedAt.Before(q.To)) {
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b storage.LoginAttempt) int { return compareKeys(loginKey(b), loginKey(a)) })
	return all
}

func loginKey(a storage.LoginAttempt) storage.Keyset {
	return storage.Keyset{Int: a.CreatedAt.UnixMicro(), ID: a.ID}
}

func (m *model) LoginAttempts(_ context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.LoginAttempt]{}, err
	}
	return modelPage(m.selectedLogins(q), loginKey, true, q.Limit, q.Cursor)
}

func (m *model) CountFailedLogins(_ context.Context, q storage.LoginQuery) (n int64, err error) {
	if q.Success != nil {
		return 0, storage.Invalid("Success", "set")
	}
	if err := q.Validate(); err != nil {
		return 0, err
	}
	return failuresOf(m.selectedLogins(q)), nil
}

// failuresOf counts the failures since the latest success.
func failuresOf(newestFirst []storage.LoginAttempt) (n int64) {
	for _, a := range newestFirst {
		if a.Success {
			break
		}
		n++
	}
	return n
}

func (m *model) RecordLoginAttempt(_ context.Context, given *storage.LoginAttempt) error {
	a := *given
	a.Normalize()
	if err := m.mayBe(a.UserID, "UserID"); err != nil {
		return err
	}
	if slices.ContainsFunc(m.logins, func(other storage.LoginAttempt) bool { return other.ID == a.ID }) {
		return storage.Duplicate(storage.EntityLogin, a.ID.String(), "ID")
	}
	a.CreatedAt = m.now()
	m.logins = append(m.logins, a)
	*given = a
	return nil
}

func (m *model) PruneLoginAttempts(_ context.Context, before time.Time, limit int) (int, error) {
	old := m.selectedLogins(storage.LoginQuery{To: before})
	slices.Reverse(old)
	old = old[:min(len(old), limit)]
	m.logins = slices.DeleteFunc(m.logins, func(a storage.LoginAttempt) bool { return slices.Contains(old, a) })
	return len(old), nil
}

// modelHasher makes hashes at next to no cost, and weakHasher weaker ones.
var modelHasher, weakHasher = storage.PasswordHasher{Memory: 16, Iterations: 1}, storage.PasswordHasher{Memory: 8, Iterations: 1}

// modelHashes are what histories set: a hash that is too weak, good ones, none,
// and one that is no hash.
var modelHashes = sync.OnceValue(func() []storage.Secret {
	all := []storage.Secret{"", "no hash"}
	for _, v := range []struct {
		by       *storage.PasswordHasher
		password storage.Secret
	}{{&weakHasher, "apple"}, {&modelHasher, "apple"}, {&modelHasher, "plum"}} {
		hash, err := v.by.Hash(context.Background(), v.password)
		if err != nil {
			panic(err)
		}
		all = append(all, hash)
	}
	return all
})

// modelPassword returns the password that a hash is of, "" if it is of none.
func modelPassword(hash storage.Secret) storage.Secret {
	switch slices.Index(modelHashes(), hash) {
	case 2, 3:
		return "apple"
	case 4:
		return "plum"
	}
	if password, is := strings.CutPrefix(string(hash), modelRehashed); is {
		return storage.Secret(password)
	}
	return ""
}

// modelRehashed stands before the password where stores make a hash of their own.
const modelRehashed = "rehashed "

// authenticate is storage.Authenticate, in the plainest way.
func (m *model) authenticate(ctx context.Context, c storage.Credentials, id storage.LoginAttemptID) (storage.User, error) {
	find := m.UserByUsername
	if strings.Contains(c.Login, "@") {
		find = m.UserByEmail
	}
	u, _ := find(ctx, c.Login)
	if wait := m.throttled(u.ID, c); wait > 0 {
		return storage.User{}, &storage.Error{Kind: storage.ErrThrottled, RetryAfter: wait}
	}
	right := u.Active && modelPassword(u.PasswordHash) == c.Password
	a := storage.LoginAttempt{ID: id, Login: c.Login, UserID: u.ID, IP: c.IP, Success: right}
	if err := m.RecordLoginAttempt(ctx, &a); err != nil {
		return storage.User{}, err
	}
	if !right {
		return storage.User{}, &storage.Error{Kind: storage.ErrUnauthenticated}
	}
	if u.PasswordHash == modelHashes()[2] {
		if err := m.SetPasswordHash(ctx, u.ID, modelRehashed+c.Password); err != nil {
			return storage.User{}, err
		}
	}
	return m.profiles[u.ID], nil
}

// throttled returns how long the three slates have an attempt wait.
func (m *model) throttled(user storage.UserID, c storage.Credentials) time.Duration {
	const day = 24 * time.Hour
	account := func(a storage.LoginAttempt) bool {
		return a.UserID == user && (!user.IsZero() || a.Login == asNobodys(c.Login))
	}
	here := func(a storage.LoginAttempt) bool { return c.IP.IsValid() && network(a.IP) == network(c.IP) }
	known := slices.ContainsFunc(m.logins, func(a storage.LoginAttempt) bool {
		return account(a) && here(a) && a.Success && !a.CreatedAt.Before(m.now().Add(-30*day))
	})
	anywhere := m.wait(5, 1024*time.Second, day, func(a storage.LoginAttempt) bool { return account(a) && !a.Success && !known })
	pair := m.wait(5, time.Hour, day, func(a storage.LoginAttempt) bool { return account(a) && here(a) })
	address := m.wait(50, 1024*time.Second, time.Hour, func(a storage.LoginAttempt) bool { return here(a) && !a.Success })
	return max(anywhere, pair, address)
}

// wait returns how long is to wait after the failures of one slate: nothing for
// the free ones, then a second, and for each more twice as long.
func (m *model) wait(free int64, most, since time.Duration, counts func(storage.LoginAttempt) bool) time.Duration {
	all := slices.DeleteFunc(m.selectedLogins(storage.LoginQuery{From: m.now().Add(-since)}), func(a storage.LoginAttempt) bool {
		return !counts(a)
	})
	failures := failuresOf(all)
	if failures < free {
		return 0
	}
	wait := min(most, time.Second<<min(failures-free, 20))
	return all[0].CreatedAt.Add(wait).Sub(m.now())
}
