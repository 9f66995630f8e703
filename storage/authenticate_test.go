package storage_test

// What Authenticate does is the same for all who are refused: neither time nor
// anything else that can be measured tells who has an account.

import (
	"context"
	"math"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/memory"
	"github.com/lairchat/lair/storage"
)

// hashSize is how many bytes a hash of the test takes: far more than all else.
const hashSize = 8 << 20

// work is what one attempt did.
type work struct {
	hashes float64  // by what they allocate, to a tenth
	ops    []string // that the store observed
	calls  []string // inside View and Update
	inside bool     // something was hashed inside of a transaction
}

// worker is a store that notes what is done.
type worker struct {
	storage.Store
	work *work
}

// allocated returns how many bytes were allocated so far.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

// within notes whether as much was allocated as a hash takes.
func (w worker) within(fn func() error) error {
	before := allocated()
	defer func() { w.work.inside = w.work.inside || allocated()-before > hashSize/2 }()
	return fn()
}

func (w worker) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return w.Store.View(ctx, func(ctx context.Context, r storage.Reader) error {
		return w.within(func() error { return fn(ctx, workingReader{r, w.work}) })
	})
}

func (w worker) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return w.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return w.within(func() error { return fn(ctx, workingTx{tx, workingReader{tx, w.work}}) })
	})
}

type workingReader struct {
	storage.Reader
	work *work
}

func (r workingReader) called(name string) { r.work.calls = append(r.work.calls, name) }

// Now tells the time of a reader that does.
func (r workingReader) Now() time.Time { return r.Reader.(interface{ Now() time.Time }).Now() }

func (r workingReader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	r.called("User")
	return r.Reader.User(ctx, id)
}

func (r workingReader) UserByUsername(ctx context.Context, name string) (storage.User, error) {
	r.called("UserByUsername")
	return r.Reader.UserByUsername(ctx, name)
}

func (r workingReader) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	r.called("LoginAttempts")
	return r.Reader.LoginAttempts(ctx, q)
}

func (r workingReader) CountFailedLogins(ctx context.Context, q storage.LoginQuery) (int64, error) {
	r.called("CountFailedLogins")
	return r.Reader.CountFailedLogins(ctx, q)
}

type workingTx struct {
	storage.Tx
	reader workingReader
}

func (t workingTx) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	return t.reader.User(ctx, id)
}

func (t workingTx) UserByUsername(ctx context.Context, name string) (storage.User, error) {
	return t.reader.UserByUsername(ctx, name)
}

func (t workingTx) LoginAttempts(ctx context.Context, q storage.LoginQuery) (storage.Page[storage.LoginAttempt], error) {
	return t.reader.LoginAttempts(ctx, q)
}

func (t workingTx) CountFailedLogins(ctx context.Context, q storage.LoginQuery) (int64, error) {
	return t.reader.CountFailedLogins(ctx, q)
}

func (t workingTx) RecordLoginAttempt(ctx context.Context, a *storage.LoginAttempt) error {
	t.reader.called("RecordLoginAttempt")
	return t.Tx.RecordLoginAttempt(ctx, a)
}

func (t workingTx) SetPasswordHash(ctx context.Context, id storage.UserID, hash storage.Secret) error {
	t.reader.called("SetPasswordHash")
	return t.Tx.SetPasswordHash(ctx, id, hash)
}

// gate is a store with people, at a time that can be set.
type gate struct {
	t      *testing.T
	store  storage.Store
	now    time.Time
	ops    []string
	hasher *storage.PasswordHasher
}

func newGate(t *testing.T) *gate {
	g := &gate{t: t, now: noon, hasher: &storage.PasswordHasher{Memory: hashSize >> 10, Iterations: 1}}
	g.store = memory.New(&memory.Options{Options: storage.Options{
		Now:     func() time.Time { return g.now },
		Observe: func(_ context.Context, op storage.Op) { g.ops = append(g.ops, op.Name) },
	}})
	t.Cleanup(func() { require.NoError(t, g.store.Close()) })
	hash, err := g.hasher.Hash(t.Context(), "right")
	require.NoError(t, err)
	for _, u := range []storage.User{
		{Username: "ann", PasswordHash: hash}, {Username: "gone", PasswordHash: hash}, {Username: "none"},
		{Username: "other", PasswordHash: "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"},
	} {
		require.NoError(t, g.store.CreateUser(t.Context(), &u))
		if u.Username == "gone" {
			require.NoError(t, g.store.DeactivateUser(t.Context(), u.ID))
		}
	}
	return g
}

// try makes an attempt, and returns what it did.
func (g *gate) try(login string, password storage.Secret, kind error) work {
	g.t.Helper()
	var w work
	g.ops = nil
	before := allocated()
	_, err := storage.Authenticate(g.t.Context(), worker{g.store, &w}, storage.Credentials{
		Login: login, Password: password, IP: netip.IPv6LinkLocalAllNodes(), Hasher: g.hasher,
	})
	w.hashes = math.Round(float64(allocated()-before)/hashSize*10) / 10
	w.ops = g.ops
	require.ErrorIs(g.t, err, kind)
	return w
}

// TestAuthenticateWork compares what was done for whom, again and again: all of
// the distribution is one point, and the same for everybody.
func TestAuthenticateWork(t *testing.T) {
	g := newGate(t)
	want := work{
		hashes: 1,
		ops:    []string{"view", "update"},
		calls: []string{
			"UserByUsername", "LoginAttempts", "LoginAttempts", "LoginAttempts", "LoginAttempts",
			"UserByUsername", "LoginAttempts", "LoginAttempts", "LoginAttempts", "LoginAttempts", "RecordLoginAttempt",
		},
	}
	for round := range 20 {
		for login, password := range map[string]storage.Secret{
			"ann": "wrong", "gone": "right", "none": "right", "nobody": "right", "no Name": "right", "other": "right",
		} {
			require.Equal(t, want, g.try(login, password, storage.ErrUnauthenticated), "%s, round %d", login, round)
		}
		g.now = g.now.Add(storage.LoginWindow / 4)
	}
	for range 3 {
		require.Equal(t, want, g.try("ann", "right", nil), "whose password is right")
	}
	g.now = g.now.Add(time.Hour)
	for round := range 3 { // of an account that was logged in
		require.Equal(t, want, g.try("ann", "wrong", storage.ErrUnauthenticated), "round %d", round)
	}
}

// Who has to wait is told so without any hashing.
func TestAuthenticateWorkThrottled(t *testing.T) {
	g := newGate(t)
	for range storage.LoginFree {
		g.try("ann", "wrong", storage.ErrUnauthenticated)
		g.try("nobody", "wrong", storage.ErrUnauthenticated)
	}
	want := work{
		ops:   []string{"view"},
		calls: []string{"UserByUsername", "LoginAttempts", "LoginAttempts", "LoginAttempts", "LoginAttempts"},
	}
	assert.Equal(t, want, g.try("ann", "right", storage.ErrThrottled))
	assert.Equal(t, want, g.try("nobody", "right", storage.ErrThrottled))
}

// A hash that is due to be replaced costs another one, outside of the
// transaction too.
func TestAuthenticateWorkRehash(t *testing.T) {
	g := newGate(t)
	weak, err := (&storage.PasswordHasher{Memory: 8, Iterations: 1}).Hash(t.Context(), "right")
	require.NoError(t, err)
	u, err := g.store.UserByUsername(t.Context(), "ann")
	require.NoError(t, err)
	require.NoError(t, g.store.SetPasswordHash(t.Context(), u.ID, weak))
	w := g.try("ann", "right", nil)
	assert.False(t, w.inside)
	assert.InDelta(t, 1, w.hashes, 0.1, "the weak one counts for nothing")
	assert.Equal(t, []string{"SetPasswordHash", "User"}, w.calls[len(w.calls)-2:])
	w = g.try("ann", "right", nil)
	assert.InDelta(t, 1, w.hashes, 0.1)
	assert.NotContains(t, w.calls, "SetPasswordHash")
}

// meddler is a store to which something happens before each transaction.
type meddler struct {
	storage.Store
	before func()
}

func (m meddler) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	m.before()
	return m.Store.Update(ctx, fn)
}

// Who is made to wait after all does not learn from the work of a new hash that
// the password is right.
func TestAuthenticateWorkThrottledRehash(t *testing.T) {
	g := newGate(t)
	weak, err := (&storage.PasswordHasher{Memory: 8, Iterations: 1}).Hash(t.Context(), "right")
	require.NoError(t, err)
	u, err := g.store.UserByUsername(t.Context(), "ann")
	require.NoError(t, err)
	require.NoError(t, g.store.SetPasswordHash(t.Context(), u.ID, weak))
	store := g.store
	var works []work
	for _, password := range []storage.Secret{"wrong", "right"} {
		g.store = meddler{store, func() {
			for range storage.LoginFree {
				require.NoError(t, store.RecordLoginAttempt(t.Context(), &storage.LoginAttempt{Login: "ann", UserID: u.ID}))
			}
		}}
		w := g.try("ann", password, storage.ErrThrottled)
		w.ops = nil // of the meddler too
		works = append(works, w)
		g.store, g.now = store, g.now.Add(2*storage.LoginWindow)
	}
	assert.Equal(t, works[0], works[1])
	assert.Zero(t, works[1].hashes, "the weak one counts for nothing")
}
