package storagetest

// How Authenticate treats stored hashes that are not what it would store.

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// refusing is a store that stores no password hash.
type refusing struct{ storage.Store }

var errRefused = errors.New("refused")

func (r refusing) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	return r.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return fn(ctx, refusingTx{tx}) })
}

type refusingTx struct{ storage.Tx }

func (refusingTx) SetPasswordHash(context.Context, storage.UserID, storage.Secret) error {
	return errRefused
}

// A login does not fail because its hash could not be replaced.
func testAuthenticateRehashFails(t *testing.T, f *fixture) {
	ann := f.account("ann")
	strong := &storage.PasswordHasher{Memory: 16, Iterations: 1}
	c := storage.Credentials{Login: "ann", Password: secret, Hasher: strong}
	u, err := storage.Authenticate(f.ctx, refusing{f.Store}, c)
	require.NoError(t, err)
	require.Equal(t, ann, u)
	require.Len(t, list(f, f.LoginAttempts, storage.LoginQuery{Success: new(true)}), 1)
	u, err = storage.Authenticate(f.ctx, f.Store, c)
	require.NoError(t, err)
	require.Equal(t, ann.Version+1, u.Version, "the next one replaces it")
}

// A hash that cannot be verified is throttled and recorded like nobody's.
func testAuthenticateOtherHash(t *testing.T, f *fixture) {
	for name, hash := range map[string]storage.Secret{
		"bcrypt": "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy",
		"huge":   "$argon2id$v=19$m=4294967295,t=4294967295,p=1$c29tZXNhbHRzb21lc2FsdA$c29tZXNhbHRzb21lc2FsdHNvbWVzYWx0c29tZXNhbHQ",
		"text":   secret,
	} {
		u := f.user(name, func(u *storage.User) { u.PasswordHash = hash })
		_, err := f.enter(name, secret, noAddress)
		_, nobodys := f.enter("not "+name, secret, noAddress)
		require.Equal(t, nobodys, err)
		wantErr(t, err, storage.ErrUnauthenticated)
		f.guess(storage.LoginFree-1, name, noAddress)
		f.wantFailed(storage.LoginFree, storage.LoginQuery{User: u.ID})
		require.Positive(t, f.knock(name, noAddress))
	}
}
