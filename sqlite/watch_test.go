package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// abroad is how long a change may take from one process to another.
const abroad = time.Second

// TestWatchAcrossStores has two stores on one file tell each other's watchers,
// of all rooms, of one, and of what a user may see.
func TestWatchAcrossStores(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	stores := [2]*Store{openStoreAt(t, path), openStoreAt(t, path)}
	room := storage.Room{Name: "lobby"}
	require.NoError(t, stores[0].CreateRoom(t.Context(), &room))
	ann := storage.User{Username: "ann"}
	require.NoError(t, stores[0].CreateUser(t.Context(), &ann))
	require.NoError(t, stores[0].AddMember(t.Context(), &storage.Membership{RoomID: room.ID, UserID: ann.ID}))
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	const sent = 5
	var readers sync.WaitGroup
	for _, s := range stores {
		for _, q := range []storage.ChangeQuery{{After: 3}, {After: 3, Room: room.ID}, {After: 3, User: ann.ID}} {
			readers.Go(func() { watchSent(t, ctx, s, q, 2*sent) })
		}
	}
	for i := range sent {
		for at, s := range stores {
			m := storage.Message{RoomID: room.ID, Body: fmt.Sprint(i, at)}
			_, err := s.CreateMessage(t.Context(), &m)
			require.NoError(t, err)
		}
	}
	readers.Wait()
}

func openStoreAt(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// watchSent requires that a watcher sees messages without a gap, soon.
func watchSent(t *testing.T, ctx context.Context, s *Store, q storage.ChangeQuery, n int) {
	next := q.After + 1
	for c, err := range s.Watch(ctx, q) {
		if !assert.NoError(t, err) {
			return
		}
		assert.Equal(t, next, c.Position)
		assert.Less(t, time.Since(c.At), abroad, "change %d was late", c.Position)
		if next++; int(next-q.After) > n {
			return
		}
	}
}

// TestWatchIsToldOfWhatIsGone wakes who waits when what comes next was pruned
// by another process, and nobody else.
func TestWatchIsToldOfWhatIsGone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "chat.db")
	here, there := openStoreAt(t, path), openStoreAt(t, path)
	room := storage.Room{Name: "lobby"}
	require.NoError(t, here.CreateRoom(t.Context(), &room))
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	send := func() {
		_, err := there.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID, Body: "x"})
		require.NoError(t, err)
	}
	elsewhere := func() {
		for i := range 3 {
			require.NoError(t, there.CreateRoom(t.Context(), &storage.Room{Name: fmt.Sprint(i)}))
			require.NoError(t, there.DeleteRoom(t.Context(), idOf(t, there, fmt.Sprint(i))))
		}
		_, err := there.PruneChanges(t.Context(), storage.ChangePrune{Keep: 1})
		require.NoError(t, err)
	}
	seen := 0
	for _, err := range here.Watch(ctx, storage.ChangeQuery{Room: room.ID}) {
		if err != nil {
			assert.ErrorIs(t, err, storage.ErrGone)
			break
		}
		switch seen++; seen {
		case 1: // the one that was there
			elsewhere()
			send()
		case 2:
			send()
			send()
			elsewhere()
		}
	}
	assert.Equal(t, 2, seen)
}

func idOf(t *testing.T, s *Store, name string) storage.RoomID {
	t.Helper()
	room, err := s.RoomByName(t.Context(), name)
	require.NoError(t, err)
	return room.ID
}
