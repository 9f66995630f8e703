package storagetest

// Every way to who is logged in gives all of it.

import (
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
