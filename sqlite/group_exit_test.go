package sqlite

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage/backend"
)

// TestFunctionThatDoesNotReturn has functions panic or exit their goroutine
// while others wait for the same commit.
func TestFunctionThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	panics := func(r backend.Rows) error { panic(errors.Join(put("bad")(r), errTest)) }
	exits := func(r backend.Rows) error {
		defer runtime.Goexit()
		return put("bad")(r)
	}
	for name, fn := range map[string]func(backend.Rows) error{"panic": panics, "exit": exits} {
		t.Run(name, func(t *testing.T) {
			e := openEngine(t, nil)
			c := hold(t, e)
			first := c.queue(e.Write, put("a"))
			bad := c.queue(e.Update, fn)
			last := c.queue(e.Write, put("b"))
			c.queue(e.Update, put("c"))
			c.release()
			assert.EqualError(t, bad.err, "did not return")
			if name == "panic" {
				assert.ErrorIs(t, bad.panic.(error), errTest)
			}
			assert.NoError(t, first.err)
			assert.NoError(t, last.err)
			assert.Equal(t, 4, last.group)
			assert.Equal(t, []string{"a", "b", "c", "holder"}, stored(t, e))
		})
	}
}

// TestLeaderThatDoesNotReturn is the same for who leads the group.
func TestLeaderThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(){"panic": func() { panic(errTest) }, "exit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			e := openEngine(t, nil)
			c := &crowd{t: t, e: e, let: make(chan struct{})}
			begun := make(chan struct{})
			leader := c.start(e.Update, t.Context(), func(r backend.Rows) error {
				close(begun)
				<-c.let
				defer end()
				return put("bad")(r)
			})
			<-begun
			write := c.queue(e.Write, put("a"))
			update := c.queue(e.Update, put("b"))
			c.release()
			assert.EqualError(t, leader.err, "did not return")
			assert.NoError(t, write.err)
			assert.NoError(t, update.err)
			assert.Equal(t, []string{"a", "b"}, stored(t, e))
		})
	}
}

// TestPanicOfAnothersWrite is for its owner, not for who leads. An exit is
// not to be stopped, but the others get their outcome.
func TestPanicOfAnothersWrite(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	c := hold(t, e)
	bad := c.queue(e.Write, func(backend.Rows) error { panic(errTest) })
	good := c.queue(e.Write, put("a"))
	exits := c.queue(e.Write, func(backend.Rows) error { runtime.Goexit(); return nil })
	last := c.queue(e.Write, put("b"))
	c.release()
	assert.Equal(t, errTest, bad.panic)
	assert.NoError(t, good.err)
	assert.ErrorIs(t, exits.err, errExited)
	assert.NoError(t, last.err)
	assert.Equal(t, []string{"a", "b", "holder"}, stored(t, e))
}
