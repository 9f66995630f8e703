package storagetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// How many write and watch at once, and how many of the watchers are slow.
const (
	loadWriters  = 64
	loadWrites   = 8
	loadWatchers = 16
	loadSlow     = 10
)

// Each watcher sees each change once, in order, however slow it is; and where
// the backend can, positions go on after closing and opening again.
func testWatchLoad(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.load(room.ID)
	all := f.wantGapless()
	require.GreaterOrEqual(t, len(all), loadWriters*loadWrites)
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.reopen()
	require.Equal(t, all, f.wantGapless())
	f.load(room.ID)
	require.Equal(t, all, f.wantGapless()[:len(all)])
}

// takenBack makes a change that is rolled back.
func (f *fixture) takenBack(ctx context.Context, room storage.RoomID) error {
	return f.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		assert.NoError(f.t, errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: room})))
		return errUndo
	})
}

// load has many write and many watch.
func (f *fixture) load(room storage.RoomID) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.ctx, patience)
	defer cancel()
	start := f.head().Newest
	written := make(chan struct{})
	last := start + loadWriters*loadWrites
	var watchers, writers sync.WaitGroup
	for i := range loadWatchers {
		watchers.Go(func() {
			at := start
			for c, err := range f.Watch(ctx, storage.ChangeQuery{After: start}) {
				if !assert.NoError(f.t, err, "after position %d", at) || !assert.Equal(f.t, at+1, c.Position) {
					return
				}
				if at = c.Position; at == last {
					return
				}
				if i < loadSlow && at == start+storage.Position(1+20*i) {
					<-written
				}
			}
		})
	}
	for range loadWriters {
		writers.Go(func() {
			for n := range loadWrites {
				_, err := f.CreateMessage(ctx, &storage.Message{RoomID: room, Body: fmt.Sprint(n)})
				assert.NoError(f.t, err)
				if n%4 == 0 { // what fails beside it, and what is rolled back, leaves no gap
					assert.ErrorIs(f.t, halfDone(ctx, f, room), storage.ErrNotFound)
					assert.ErrorIs(f.t, f.takenBack(ctx, room), errUndo)
				}
			}
		})
	}
	writers.Wait()
	close(written)
	watchers.Wait()
	require.Equal(f.t, last, f.head().Newest)
}
