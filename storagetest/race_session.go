package storagetest

// Races about who is logged in.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testRaceTouch(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, _ := f.login(ann)
	for range rounds {
		f.clock.advance(time.Minute)
		for _, err := range race(racers, func(int) error { return f.TouchSession(f.ctx, s.ID) }) {
			require.NoError(t, err)
		}
		require.Equal(t, f.now(), f.readSession(s.ID).LastActiveAt)
		require.Equal(t, f.now(), f.readUser(ann).LastSeenAt)
	}
}

// Whoever comes in while the account is taken out of use does not stay.
func testRaceDeactivate(t *testing.T, f *fixture) {
	for round := range often {
		user := f.user("user" + string(rune('a'+round%26)) + string(rune('a'+round/26))).ID
		tokens := make([]storage.Secret, racers)
		for i, err := range race(racers, func(i int) (err error) {
			if i == racers/2 {
				return f.DeactivateUser(f.ctx, user)
			}
			tokens[i], err = f.CreateSession(f.ctx, &storage.Session{UserID: user})
			return err
		}) {
			if i == racers/2 {
				require.NoError(t, err)
			} else if err != nil {
				wantForbidden(t, err, storage.ReasonUserInactive)
			}
		}
		for _, token := range tokens {
			f.wantTurnedAway(token)
		}
		n, err := f.CountSessions(f.ctx, storage.SessionQuery{User: user, Live: new(true)})
		require.NoError(t, err)
		require.Zero(t, n)
	}
}

// Each session is counted by one of those who revoke.
func testRaceRevoke(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	for range rounds {
		for range racers {
			f.login(ann)
		}
		revoked := make([]int64, racers)
		for _, err := range race(racers, func(i int) (err error) {
			revoked[i], err = f.RevokeSessions(f.ctx, ann)
			return err
		}) {
			require.NoError(t, err)
		}
		var sum int64
		for _, n := range revoked {
			sum += n
		}
		require.EqualValues(t, racers, sum)
	}
}
