package storagetest

// Every way to who is logged in gives all of it.

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testWholeSessions(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	s, token := f.login(ann, func(s *storage.Session) { *s = f.fullSession(ann) })
	f.clock.advance(time.Minute)
	require.NoError(t, f.TouchSession(f.ctx, s.ID))
	s.LastActiveAt = f.now()
	wantFilled(t, s, "RevokedAt")
	ways := []way[storage.Session]{
		{"Session", func() (storage.Session, error) { return f.Session(f.ctx, s.ID) }},
	}
	for _, q := range []storage.SessionQuery{{}, {User: ann}, {ActiveSince: f.now()}, {User: ann, ActiveSince: f.now()}} {
		ways = append(ways, way[storage.Session]{"Sessions", func() (storage.Session, error) { return firstOf(f.Sessions(f.ctx, q)) }})
	}
	wantWhole(t, s, append(ways,
		way[storage.Session]{"SessionByToken", func() (storage.Session, error) { return f.SessionByToken(f.ctx, token) }},
		way[storage.Session]{"ExtendSession", func() (storage.Session, error) { return f.ExtendSession(f.ctx, s.ID, s.ExpiresAt) }},
		way[storage.Session]{"UpdateSessionMetadata", func() (storage.Session, error) {
			return f.UpdateSessionMetadata(f.ctx, s.ID, s.Metadata)
		}},
	)...)
	wantWhole(t, s, ways...)
	require.NoError(t, f.RevokeSession(f.ctx, s.ID))
	s.RevokedAt = f.now()
	wantWhole(t, s, ways...)
}

func testWholeLogins(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	a := f.attempt(storage.LoginAttempt{
		Login: "ann", UserID: ann, IP: netip.MustParseAddr("2001:db8::7"), UserAgent: "Lair/1.0 (test)", Success: true,
	})
	wantFilled(t, a)
	for _, q := range []storage.LoginQuery{
		{}, {User: ann}, {Login: "ANN"}, {IP: a.IP}, {Success: new(true)}, {From: f.now()}, {To: f.now().Add(1)},
	} {
		wantWhole(t, a, way[storage.LoginAttempt]{"LoginAttempts", func() (storage.LoginAttempt, error) {
			return firstOf(f.LoginAttempts(f.ctx, q))
		}})
	}
}
