package sqlite

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage/backend"
)

// writer is the one connection that writes, and the queue for it. There is no
// goroutine behind it: the caller that finds it free leads a group (group.go).
type writer struct {
	source *source
	shared *shared
	log    *checkpointer

	// Of whoever leads.
	c        *conn // nil: to be opened
	rows     *rows
	slot     gauge
	company  bool // the last group was shared
	patience patience

	mu    sync.Mutex
	led   bool
	queue []*op
	seq   uint64
}

// write runs fn in a write transaction that others may share, on the caller's
// goroutine if own says so.
func (w *writer) write(ctx context.Context, fn func(backend.Rows) error, own bool) (int, error) {
	o := &op{fn: fn, own: own}
	g, err := w.enter(ctx, o)
	if err != nil {
		return 0, err
	}
	if g != nil {
		w.lead(ctx, g, o)
	}
	if o.panicked {
		panic(o.panic)
	}
	return o.size, o.err
}

// alone runs fn on the writer's connection, outside of a transaction. Locks
// are waited for no longer than limit.
func (w *writer) alone(ctx context.Context, limit time.Duration, fn func(*conn) error) error {
	if _, err := w.enter(ctx, &op{solo: true}); err != nil {
		return err
	}
	defer w.handOver()
	if err := w.connect(); err != nil {
		return err
	}
	w.patience = patience{stop: ctx.Done(), limit: limit}
	err := fn(w.c)
	if w.c.broken {
		w.discard()
	}
	return err
}

// enter waits for a turn. It returns the group that o is to lead, or nil if
// others have run o meanwhile.
func (w *writer) enter(ctx context.Context, o *op) (*group, error) {
	w.mu.Lock()
	if !w.led {
		w.led = true
		w.mu.Unlock()
		return new(group), nil
	}
	o.turn = make(chan *group, 1)
	w.seq++
	o.seq = w.seq
	w.queue = append(w.queue, o)
	w.mu.Unlock()
	select {
	case g := <-o.turn:
		return g, nil
	case <-ctx.Done():
		if w.leave(o) {
			return nil, ctx.Err()
		}
		return <-o.turn, nil // it has begun: its outcome is awaited
	}
}

// leave takes an operation out of the queue, and reports whether it was there.
func (w *writer) leave(o *op) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	i := slices.Index(w.queue, o)
	if i < 0 {
		return false
	}
	w.queue = slices.Delete(w.queue, i, i+1)
	return true
}

// waiting returns the length of the queue.
func (w *writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

// yields is how often a leader lets others run before it commits,
// if the last group was shared: those that are about to queue make it larger.
const yields = 2

// next takes the next operation for the group out of the queue, nil if the
// group is to end.
func (w *writer) next(g *group) *op {
	o := &w.source.options
	if !g.open || len(g.ops) >= o.MaxGroup || w.rows.size() >= o.MaxGroupBytes {
		return nil
	}
	for tries := 0; ; tries++ {
		next, empty := w.pop()
		if !empty || !w.company || tries == yields {
			return next
		}
		runtime.Gosched()
	}
}

// pop takes the first operation that can share a group out of the queue.
func (w *writer) pop() (o *op, empty bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return nil, true
	}
	if w.queue[0].solo {
		return nil, false
	}
	return w.shift(), false
}

// shift takes the first operation out of the queue. The lock is held.
func (w *writer) shift() *op {
	o := w.queue[0]
	w.queue[0] = nil
	w.queue = w.queue[1:]
	return o
}

// handOver gives the writer to the first in the queue, or frees it.
func (w *writer) handOver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.led = false
		return
	}
	w.shift().turn <- new(group)
}
