package sqlite

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// occupy takes readers until release is called.
func occupy(t *testing.T, e *engine, n int) (release func()) {
	let := make(chan struct{})
	var begun, done sync.WaitGroup
	begun.Add(n)
	for range n {
		done.Go(func() {
			assert.NoError(t, e.Snapshot(t.Context(), func(backend.Rows) error {
				begun.Done()
				<-let
				return nil
			}))
		})
	}
	begun.Wait()
	return func() {
		close(let)
		done.Wait()
	}
}

func nothing(backend.Rows) error { return nil }

func TestPoolExhausted(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Readers: 2, ReaderWait: 10 * time.Millisecond})
	release := occupy(t, e, 2)
	h := readers(e)
	assert.Equal(t, [2]int{2, 2}, h)
	assert.ErrorIs(t, e.Read(t.Context(), nothing), storage.ErrPoolExhausted)
	release()
	assert.NoError(t, e.Read(t.Context(), nothing))
	assert.Equal(t, [2]int{2, 0}, readers(e))
	assert.Empty(t, e.pool.waiting)
}

func readers(e *engine) [2]int {
	opened, busy := e.pool.busy()
	return [2]int{opened, busy}
}

func TestPoolWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Readers: 1})
	release := occupy(t, e, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	assert.ErrorIs(t, e.Read(ctx, nothing), context.DeadlineExceeded)
	release()
	assert.NoError(t, e.Read(t.Context(), nothing))
}

// TestPoolIsFair gives the reader to who has waited longest.
func TestPoolIsFair(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Readers: 1})
	release := occupy(t, e, 1)
	var order []int
	var wg sync.WaitGroup
	for i := range 5 {
		wg.Go(func() {
			assert.NoError(t, e.Read(t.Context(), func(backend.Rows) error { order = append(order, i); return nil }))
		})
		for waitingReaders(e) <= i {
			runtime.Gosched()
		}
	}
	release()
	wg.Wait()
	assert.Equal(t, []int{0, 1, 2, 3, 4}, order)
}

func waitingReaders(e *engine) int {
	e.pool.mu.Lock()
	defer e.pool.mu.Unlock()
	return len(e.pool.waiting)
}

// TestLongReadIsInterrupted runs a query that would take hours, with a
// deadline.
func TestLongReadIsInterrupted(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Readers: 1})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	forever := func(r backend.Rows) error {
		return r.(*rows).c.exec(numbersSQL, func(a *args) { a.int(1 << 60) })
	}
	assert.ErrorIs(t, e.Read(ctx, forever), context.DeadlineExceeded)
	assert.ErrorIs(t, e.Snapshot(ctx, forever), context.DeadlineExceeded)
	assert.NoError(t, e.Read(t.Context(), execute("SELECT 1")), "the reader is as good as before")
	assert.Equal(t, [2]int{1, 0}, readers(e))
}

// TestSnapshotStaysStill sees the moment of its beginning, even if its first
// read comes later.
func TestSnapshotStaysStill(t *testing.T) {
	t.Parallel()
	const sql = `SELECT count(*) FROM counters`
	e := openEngine(t, nil)
	count := func(r backend.Rows) (n int64) {
		err := r.(*rows).c.one(sql, nil, func(row *row) error { n = row.int(); return nil })
		assert.NoError(t, err)
		return n
	}
	err := e.Snapshot(t.Context(), func(r backend.Rows) error {
		_, err := e.Write(t.Context(), put("a"))
		require.NoError(t, err)
		before := count(r)
		_, err = e.Write(t.Context(), put("b"))
		require.NoError(t, err)
		assert.Equal(t, before, count(r))
		assert.Equal(t, []string{"a", "b"}, stored(t, e))
		return nil
	})
	require.NoError(t, err)
}

// TestReaderThatDoesNotReturn gives its connection back, out of its
// transaction.
func TestReaderThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{Readers: 1})
	for _, end := range []func(){func() { panic(errTest) }, runtime.Goexit} {
		var wg sync.WaitGroup
		wg.Go(func() {
			defer func() { recover() }()
			e.Snapshot(t.Context(), func(backend.Rows) error { end(); return nil })
		})
		wg.Wait()
		_, err := e.Write(t.Context(), execute("UPDATE counters SET value = value + 1"))
		require.NoError(t, err)
		require.NoError(t, e.checkpoint(t.Context()), "no reader holds the log")
	}
}
