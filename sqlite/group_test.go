package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// outcome is what a call returned.
type outcome struct {
	group int
	err   error
	panic any
}

// crowd is a number of calls that wait for the writer, which is held.
type crowd struct {
	t        *testing.T
	e        *engine
	let      chan struct{} // closed: the holder goes on
	outcomes []*outcome
	wg       sync.WaitGroup
}

// hold takes the writer, so that calls queue behind it until release.
func hold(t *testing.T, e *engine) *crowd {
	c := &crowd{t: t, e: e, let: make(chan struct{})}
	begun := make(chan struct{})
	c.start(e.Update, t.Context(), func(r backend.Rows) error {
		close(begun)
		<-c.let
		return put("holder")(r)
	})
	<-begun
	return c
}

type call func(context.Context, func(backend.Rows) error) (int, error)

// start makes a call on a goroutine of its own.
func (c *crowd) start(do call, ctx context.Context, fn func(backend.Rows) error) *outcome {
	o := &outcome{err: errors.New("did not return")}
	c.outcomes = append(c.outcomes, o)
	c.wg.Go(func() {
		defer func() { o.panic = recover() }()
		o.group, o.err = do(ctx, fn)
	})
	return o
}

// queue makes a call and waits until it is in the queue.
func (c *crowd) queue(do call, fn func(backend.Rows) error) *outcome {
	return c.queueWith(c.t.Context(), do, fn)
}

func (c *crowd) queueWith(ctx context.Context, do call, fn func(backend.Rows) error) *outcome {
	before := c.e.writer.waiting()
	o := c.start(do, ctx, fn)
	for c.e.writer.waiting() == before {
		runtime.Gosched()
	}
	return o
}

// release lets the holder go on and waits for every outcome.
func (c *crowd) release() {
	close(c.let)
	c.wg.Wait()
}

var errTest = errors.New("refused by the test")

// failing puts a name and fails.
func failing(name string) func(backend.Rows) error {
	return func(r backend.Rows) error { return errors.Join(put(name)(r), errTest) }
}

func TestQueuedCallsShareACommit(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	c := hold(t, e)
	c.queue(e.Write, put("a"))
	c.queue(e.Update, put("b"))
	c.queue(e.Update, put("c"))
	c.queue(e.Write, put("d"))
	c.release()
	for i, o := range c.outcomes {
		assert.NoError(t, o.err, "call %d", i)
		assert.Equal(t, 5, o.group, "call %d", i)
	}
	assert.Equal(t, []string{"a", "b", "c", "d", "holder"}, stored(t, e))
}

func TestFailingCallFailsAlone(t *testing.T) {
	t.Parallel()
	for name, do := range map[string]func(e *engine) call{
		"Write":  func(e *engine) call { return e.Write },
		"Update": func(e *engine) call { return e.Update },
	} {
		t.Run(name, func(t *testing.T) {
			e := openEngine(t, nil)
			c := hold(t, e)
			c.queue(e.Write, put("a"))
			bad := c.queue(do(e), failing("bad"))
			twice := c.queue(do(e), put("a"))
			last := c.queue(e.Update, put("z"))
			c.release()
			assert.ErrorIs(t, bad.err, errTest)
			assert.Zero(t, bad.group)
			assert.ErrorIs(t, twice.err, storage.ErrDuplicate)
			assert.NoError(t, last.err)
			assert.Equal(t, 3, last.group)
			assert.Equal(t, []string{"a", "holder", "z"}, stored(t, e))
		})
	}
}

func TestFailingCallAlone(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), failing("bad"))
	assert.ErrorIs(t, err, errTest)
	_, err = e.Update(t.Context(), failing("bad"))
	assert.ErrorIs(t, err, errTest)
	group, err := e.Write(t.Context(), put("good"))
	assert.NoError(t, err)
	assert.Equal(t, 1, group)
	assert.Equal(t, []string{"good"}, stored(t, e))
}

// TestFailedFirstCall lets the calls behind a first one that fails go on.
func TestFailedFirstCall(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	c := &crowd{t: t, e: e, let: make(chan struct{})}
	begun := make(chan struct{})
	first := c.start(e.Update, t.Context(), func(r backend.Rows) error {
		close(begun)
		<-c.let
		return failing("bad")(r)
	})
	<-begun
	next := c.queue(e.Write, put("a"))
	c.release()
	assert.ErrorIs(t, first.err, errTest)
	assert.NoError(t, next.err)
	assert.Equal(t, 1, next.group)
	assert.Equal(t, []string{"a"}, stored(t, e))
}

func TestGroupsAreBounded(t *testing.T) {
	t.Parallel()
	for max, want := range map[int][]int{1: {1, 1, 1, 1, 1}, 2: {2, 2, 2, 2, 1}, 3: {3, 3, 3, 2, 2}} {
		e := openEngine(t, &Options{MaxGroup: max})
		c := hold(t, e)
		for i := range 4 {
			c.queue([]call{e.Write, e.Update}[i%2], put(fmt.Sprint(i)))
		}
		c.release()
		var got []int
		for _, o := range c.outcomes {
			assert.NoError(t, o.err)
			got = append(got, o.group)
		}
		assert.Equal(t, want, got, "groups of at most %d", max)
		assert.Len(t, stored(t, e), 5)
	}
}

// TestCancelledInQueue leaves the queue with nothing stored.
func TestCancelledInQueue(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	c := hold(t, e)
	ctx, cancel := context.WithCancel(t.Context())
	c.queue(e.Write, put("a"))
	gone := c.queueWith(ctx, e.Write, put("gone"))
	c.queue(e.Write, put("b"))
	cancel()
	for e.writer.waiting() == 3 {
		runtime.Gosched()
	}
	c.release()
	assert.ErrorIs(t, gone.err, context.Canceled)
	assert.Equal(t, []string{"a", "b", "holder"}, stored(t, e))
}

// TestCancelledWhileRunning reports the outcome as it is.
func TestCancelledWhileRunning(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := e.Write(ctx, func(r backend.Rows) error {
		cancel()
		return put("a")(r)
	})
	assert.NoError(t, err)
	_, err = e.Write(ctx, put("b"))
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, []string{"a"}, stored(t, e))
}

// TestManyWriters is for the race detector: calls of all kinds at once, some
// of which fail or give up.
func TestManyWriters(t *testing.T) {
	t.Parallel()
	e := openEngine(t, &Options{MaxGroup: 7})
	const goroutines, calls = 16, 30
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			for i := range calls {
				name := fmt.Sprintf("%02d-%02d", g, i)
				do := []call{e.Write, e.Update}[(g+i)%2]
				switch i % 5 {
				case 3:
					_, err := do(t.Context(), failing(name))
					assert.ErrorIs(t, err, errTest)
				case 4:
					ctx, cancel := context.WithCancel(t.Context())
					go cancel()
					if _, err := do(ctx, put(name)); err == nil {
						_, err = e.Write(t.Context(), execute("DELETE FROM counters WHERE name = '"+name+"'"))
						assert.NoError(t, err)
					}
				default:
					_, err := do(t.Context(), put(name))
					assert.NoError(t, err)
				}
			}
		})
	}
	wg.Wait()
	assert.Len(t, stored(t, e), goroutines*calls*3/5)
	assert.Zero(t, e.writer.waiting())
}
