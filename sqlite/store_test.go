package sqlite_test

import (
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storagetest"
)

// backend is the SQLite backend as the conformance suite tests it.
func backend(o sqlite.Options) storagetest.Backend {
	var paths sync.Map // of open stores
	open := func(t testing.TB, path string, so storage.Options) storage.Store {
		o := o
		o.Options = so
		s, err := sqlite.Open(t.Context(), path, &o)
		require.NoError(t, err)
		paths.Store(storage.Store(s), path)
		return s
	}
	return storagetest.Backend{
		Open: func(t testing.TB, so storage.Options) storage.Store {
			return open(t, filepath.Join(t.TempDir(), "store.db"), so)
		},
		Reopen: func(t testing.TB, s storage.Store, so storage.Options) storage.Store {
			path, ok := paths.Load(s)
			require.True(t, ok, "a store of another backend")
			if err := s.Close(); err != nil {
				require.ErrorIs(t, err, storage.ErrClosed)
			}
			return open(t, path.(string), so)
		},
	}
}

// The contract says nothing of power failures, so nothing is lost by saving
// the syncs; that acknowledged writes are kept is for the crash tests.
func TestStore(t *testing.T) {
	storagetest.Run(t, backend(sqlite.Options{Durability: sqlite.DurabilityNormal}))
}

// A checkpoint within a transaction would wait for its own caller.
func TestCheckpointIsNotNested(t *testing.T) {
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "store.db"), nil)
	require.NoError(t, err)
	require.NoError(t, s.View(t.Context(), func(ctx context.Context, _ storage.Reader) error {
		require.ErrorIs(t, s.Checkpoint(ctx), storage.ErrInvalid)
		return nil
	}))
	require.NoError(t, s.Checkpoint(t.Context()))
	require.NoError(t, s.Close())
}

// Two thousand goroutines, nine reads to one write. Under the race detector
// SQLite is some 27 times slower, so they call less often.
func TestLoad(t *testing.T) {
	o := storagetest.LoadOptions{}
	if raceEnabled {
		o.Calls = 1
	}
	storagetest.Load(t, backend(sqlite.Options{}), o)
}
