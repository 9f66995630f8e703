package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAliasSessions(t *testing.T, f *fixture) {
	given := f.fullSession(f.user("ann").ID)
	s := given
	token, err := f.CreateSession(f.ctx, &s)
	require.NoError(t, err)
	stored := func() any { return f.readSession(s.ID) }
	wantUnaliased(t, stored,
		exchange{"CreateSession took", func() (any, error) { return &given, nil }},
		exchange{"CreateSession gave", func() (any, error) { return &s, nil }},
		exchange{"Session", func() (any, error) { return got(f.Session(f.ctx, s.ID)) }},
		exchange{"SessionByToken", func() (any, error) { return got(f.SessionByToken(f.ctx, token)) }},
		exchange{"Sessions", func() (any, error) { return got(f.Sessions(f.ctx, storage.SessionQuery{})) }},
		exchange{"Sessions of a user", func() (any, error) { return got(f.Sessions(f.ctx, storage.SessionQuery{User: s.UserID})) }},
		exchange{"ExtendSession", func() (any, error) { return got(f.ExtendSession(f.ctx, s.ID, s.ExpiresAt)) }},
	)
	metadata := f.fullSession(s.UserID).Metadata
	changed, err := f.UpdateSessionMetadata(f.ctx, s.ID, metadata)
	require.NoError(t, err)
	wantUnaliased(t, stored,
		exchange{"UpdateSessionMetadata took", func() (any, error) { return &metadata, nil }},
		exchange{"UpdateSessionMetadata gave", func() (any, error) { return &changed, nil }},
	)
}
