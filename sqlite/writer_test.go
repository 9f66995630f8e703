package sqlite

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// lock takes the write lock of a file, as another process would.
func lock(t *testing.T, e *engine) (unlock func()) {
	t.Helper()
	c, err := e.source.writer()
	require.NoError(t, err)
	require.NoError(t, c.exec(`BEGIN IMMEDIATE`, nil))
	return sync.OnceFunc(func() { require.NoError(t, c.close()) })
}

// TestLockOfAnotherProcess is waited for, and no longer than LockWait: by those
// in the queue, too.
func TestLockOfAnotherProcess(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{LockWait: 100 * time.Millisecond})
	unlock := lock(t, e)
	defer unlock()
	c := &crowd{t: t, e: e}
	start := time.Now()
	for range 5 {
		c.start(e.Write, t.Context(), put("a"))
	}
	c.wg.Wait()
	for _, o := range c.outcomes {
		assert.ErrorIs(t, o.err, storage.ErrTimeout)
		assert.NotErrorIs(t, o.err, storage.ErrCommitUnknown)
	}
	assert.Less(t, time.Since(start), 400*time.Millisecond, "they wait at the same time")
	unlock()
	_, err := e.Write(t.Context(), put("b"))
	assert.NoError(t, err)
	assert.Equal(t, []string{"b"}, stored(t, e))
}

func TestLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	unlock := lock(t, e)
	c := &crowd{t: t, e: e}
	o := c.start(e.Write, t.Context(), put("a"))
	pause := time.NewTimer(20 * time.Millisecond)
	<-pause.C
	unlock()
	c.wg.Wait()
	assert.NoError(t, o.err)
}

// TestLockWaitEndsWithContext though the writer itself has no context.
func TestLockWaitEndsWithContext(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	unlock := lock(t, e)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := e.Write(ctx, put("a"))
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	unlock()
	_, err = e.Write(t.Context(), put("b"))
	assert.NoError(t, err)
	assert.Equal(t, []string{"b"}, stored(t, e))
}

// TestNextInQueueWaitsItself when the leader gives up waiting for a lock.
func TestNextInQueueWaitsItself(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	unlock := lock(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	c := &crowd{t: t, e: e}
	first := c.start(e.Update, ctx, put("a"))
	second := c.queue(e.Update, put("b"))
	cancel()
	require.Eventually(t, func() bool { return e.writer.waiting() == 0 }, waitLimit, waitStep)
	unlock()
	c.wg.Wait()
	assert.ErrorIs(t, first.err, context.Canceled)
	assert.NoError(t, second.err)
	assert.Equal(t, []string{"b"}, stored(t, e))
}
