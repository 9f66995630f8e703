package storagetest

// Who was logged in long ago, and who tried to be.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// maintained calls Maintain and returns the report without Scrubbed.
func (f *fixture) maintained(o storage.MaintainOptions) storage.MaintainReport {
	f.t.Helper()
	r, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	r.Expired = f.unscrubbed(r.Expired, nil)
	return r
}

func testMaintainSessions(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	live, token := f.login(ann)
	f.login(ann, f.expiringIn(time.Minute))
	f.clock.advance(time.Hour)
	revoked, _ := f.login(ann)
	require.NoError(t, f.RevokeSession(f.ctx, revoked.ID))
	revoked = f.readSession(revoked.ID)
	require.Zero(t, f.maintained(storage.MaintainOptions{}), "unless asked for")
	require.Zero(t, f.maintained(storage.MaintainOptions{SessionsFor: 59 * time.Minute}), "at that very instant")
	require.Equal(t, storage.MaintainReport{Sessions: 1}, f.maintained(storage.MaintainOptions{SessionsFor: 59*time.Minute - time.Microsecond}))
	require.Equal(t, []storage.Session{revoked, live}, list(f, f.Sessions, storage.SessionQuery{}))
	f.clock.advance(time.Hour)
	require.Equal(t, storage.MaintainReport{Sessions: 1}, f.maintained(storage.MaintainOptions{SessionsFor: time.Minute}))
	require.Equal(t, []storage.Session{live}, list(f, f.Sessions, storage.SessionQuery{}))
	f.wantAdmitted(token, live)
}

func testMaintainSessionsMany(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range 2*storage.MaxLimit + 1 {
			_, err := tx.CreateSession(ctx, &storage.Session{UserID: ann})
			require.NoError(t, err)
		}
	})
	f.revokeAll(2*storage.MaxLimit+1, ann)
	f.clock.advance(time.Hour)
	require.Equal(t, storage.MaintainReport{Sessions: 2*storage.MaxLimit + 1}, f.maintained(storage.MaintainOptions{SessionsFor: time.Minute}))
}

func testMaintainLogins(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: "ann"}))
		}
	})
	f.clock.advance(time.Hour)
	kept := f.attempt(storage.LoginAttempt{Login: "ann", Success: true})
	require.Zero(t, f.maintained(storage.MaintainOptions{}), "unless asked for")
	require.Zero(t, f.maintained(storage.MaintainOptions{LoginsFor: time.Hour}), "at that very instant")
	want := storage.MaintainReport{Logins: storage.MaxLimit + 1}
	require.Equal(t, want, f.maintained(storage.MaintainOptions{LoginsFor: time.Hour - time.Microsecond}))
	require.Equal(t, []storage.LoginAttempt{kept}, list(f, f.LoginAttempts, storage.LoginQuery{}))
}
