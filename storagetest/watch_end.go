package storagetest

// How following the change feed ends.

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testWatchBreak(t *testing.T, f *fixture) {
	c := f.circle()
	n := 0
	for _, err := range f.Watch(f.ctx, storage.ChangeQuery{}) {
		require.NoError(t, err)
		if n++; n == 3 {
			break
		}
	}
	f.say(c.room, c.ann, "and on")
	require.Equal(t, 3, n)
}

func testWatchContext(t *testing.T, f *fixture) {
	f.user("ann")
	ctx, cancel := context.WithCancel(f.ctx)
	n := 0
	for _, err := range f.Watch(ctx, storage.ChangeQuery{}) {
		if n++; n == 1 {
			require.NoError(t, err)
			cancel()
			continue
		}
		wantErr(t, err, storage.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, 2, n)
	wantErr(t, ended(f.Watch(ctx, storage.ChangeQuery{})), storage.ErrCanceled)

	waits, cancel := context.WithCancel(f.ctx)
	wait := f.later(cancel)
	wantErr(t, ended(f.Watch(waits, storage.ChangeQuery{After: 1})), storage.ErrCanceled)
	wait()
}

func testWatchDeadline(t *testing.T, f *fixture) {
	ctx, cancel := context.WithTimeout(f.ctx, time.Millisecond)
	defer cancel()
	err := ended(f.Watch(ctx, storage.ChangeQuery{}))
	wantErr(t, err, storage.ErrTimeout)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// Close ends all watching, whether it waits or is about to read.
func testWatchClose(t *testing.T, f *fixture) {
	f.user("ann")
	var wg sync.WaitGroup
	var reading sync.WaitGroup
	for range racers {
		reading.Add(1)
		wg.Go(func() {
			once := sync.OnceFunc(reading.Done)
			defer once()
			var last error
			for _, err := range f.Watch(f.ctx, storage.ChangeQuery{}) {
				last = err
				once()
			}
			assert.ErrorIs(t, last, storage.ErrClosed)
		})
	}
	reading.Wait()
	require.NoError(t, f.Close())
	wg.Wait()
	err := ended(f.Watch(f.ctx, storage.ChangeQuery{}))
	wantErr(t, err, storage.ErrClosed)
}

func testWatchCloseReading(t *testing.T, f *fixture) {
	f.circle()
	w := f.watch(storage.ChangeQuery{})
	all := f.wantGapless()
	w.reads(all[0])
	require.NoError(t, f.Close()) // which a watcher that reads nothing does not hold up
	for i := 1; ; i++ {           // what it has in its hands it may go on to tell
		c, err, ok := w.next()
		require.True(t, ok)
		if err != nil {
			wantErr(t, err, storage.ErrClosed)
			return
		}
		require.Equal(t, all[i], c)
	}
}

func testWatchGone(t *testing.T, f *fixture) {
	f.hourly(6)
	f.prunes(storage.ChangePrune{Keep: 3}, 3, 4)
	f.watch(storage.ChangeQuery{After: 2}).ends(storage.ErrGone)
	f.watch(storage.ChangeQuery{After: 3}).reads(f.wantGapless()...)
	for _, after := range []storage.Position{0, 1} {
		e := wantErr(t, ended(f.Watch(f.ctx, storage.ChangeQuery{After: after})), storage.ErrGone, "After")
		require.Equal(t, storage.Position(4), e.Oldest)
	}
}

func testWatchGoneSlow(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	w := f.watch(storage.ChangeQuery{})
	w.one()
	f.toggle(room.ID, 1000)
	f.clock.advance(time.Hour)
	f.say(room.ID, storage.UserID{}, "after")
	for f.head().Oldest < f.head().Newest {
		require.NoError(t, errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Keep: 1})))
	}
	for at := storage.Position(2); ; at++ {
		c, err, ok := w.next()
		require.True(t, ok)
		if err != nil {
			wantErr(t, err, storage.ErrGone)
			return
		}
		require.Equal(t, at, c.Position, "a watcher passed over what was pruned")
	}
}

// Who has begun on an empty store misses the first changes like any others.
func testWatchGoneEmpty(t *testing.T, f *fixture) {
	l := f.looked()
	w := l.watch(storage.ChangeQuery{})
	var err error
	wait := f.later(func() { _, err, _ = w.next() })
	<-l.first // and there was nothing
	l.user("ann")
	l.clock.advance(time.Hour)
	l.prunes(storage.ChangePrune{Age: time.Hour}, 1, 2)
	l.user("bob")
	close(l.goOn)
	wait()
	wantErr(t, err, storage.ErrGone)
}

func testWatchInvalid(t *testing.T, f *fixture) {
	f.user("ann")
	f.watch(storage.ChangeQuery{After: -1}).ends(storage.ErrInvalid)
	f.watch(storage.ChangeQuery{After: 2}).ends(storage.ErrInvalid)
	f.watch(storage.ChangeQuery{Kinds: []storage.ChangeKind{99}}).ends(storage.ErrInvalid)
	wantErr(t, ended(f.Watch(f.ctx, storage.ChangeQuery{After: 2})), storage.ErrInvalid, "After")
}

func testWatchNested(t *testing.T, f *fixture) {
	f.user("ann")
	refused := func(ctx context.Context) {
		err := ended(f.Watch(ctx, storage.ChangeQuery{}))
		wantErr(t, err, storage.ErrInvalid, "ctx")
	}
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, _ storage.Reader) error { refused(ctx); return nil }))
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, _ storage.Tx) error { refused(ctx); return nil }))
}

// A watch can be begun again, and begins where it did.
func testWatchTwice(t *testing.T, f *fixture) {
	f.circle()
	watch := f.Watch(f.ctx, storage.ChangeQuery{After: 2})
	for range 2 {
		for c, err := range watch {
			require.NoError(t, err)
			require.Equal(t, storage.Position(3), c.Position)
			break
		}
	}
}
