package sqlite

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

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

// yields is how often a leader lets others run before it commits,
// if the last group was shared: those that are about to queue make it larger.
const yields = 2

// next takes the next operation for the group out of the queue, nil if the
// group is to end.
func (w *writer) next(g *group) *op {
	o := &w.source.options
	if g.err != nil || len(g.ops) >= o.MaxGroup || g.open && w.rows.size() >= o.MaxGroupBytes {
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

// begin begins the group's transaction, unless it has begun. Where it cannot,
// those that were waiting just as long fail too.
func (w *writer) begin(ctx context.Context, g *group) error {
	if g.open {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	seq := w.seq
	w.mu.Unlock()
	err := w.tryBegin(ctx)
	switch {
	case err == nil:
		g.open = true
		w.rows.reset()
	case ctx.Err() != nil:
		return ctx.Err()
	default:
		w.failQueued(g, seq, err)
	}
	return err
}

func (w *writer) tryBegin(ctx context.Context) error {
	if err := w.connect(); err != nil {
		return err
	}
	w.patience = patience{stop: ctx.Done(), limit: w.source.options.LockWait}
	err := w.c.exec(`BEGIN IMMEDIATE`, nil)
	if w.c.broken {
		w.discard()
	}
	return err
}

// failQueued ends the waiting of everything that was in the queue at seq.
func (w *writer) failQueued(g *group, seq uint64, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 && w.queue[0].seq <= seq && !w.queue[0].solo {
		o := w.shift()
		o.err = err
		g.ops = append(g.ops, o)
	}
}

// connect opens the connection if there is none.
func (w *writer) connect() error {
	if w.c != nil {
		return nil
	}
	c, err := w.source.writer()
	if err != nil {
		return err
	}
	return w.adopt(c)
}

// adopt makes c the writer's connection.
func (w *writer) adopt(c *conn) error {
	if err := c.db.BusyHandler(w.busy); err != nil {
		return errors.Join(wrap(err), c.close())
	}
	c.db.WALHook(func(_ *sqlite3.Conn, _ string, pages int) error {
		w.slot.read(pages)
		w.log.grown(pages)
		return nil
	})
	w.c, w.rows = c, newRows(c, w.shared, true)
	return nil
}

// discard closes the connection; the next group opens another.
func (w *writer) discard() {
	w.c.close() // its error, if it has one, is the one that broke it
	w.c, w.rows = nil, nil
}

// patience is how long to wait for the locks of others.
type patience struct {
	limit time.Duration
	stop  <-chan struct{} // ends it, too
	since time.Time       // when the wait began
}

// busy waits a little, again and again, and reports whether there is reason
// to.
func (w *writer) busy(_ context.Context, count int) bool {
	p := &w.patience
	now := time.Now()
	if p.since.IsZero() {
		p.since = now
	}
	if now.Sub(p.since) >= p.limit {
		return false
	}
	pause := time.NewTimer(time.Millisecond << min(count, 3))
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-p.stop:
		return false
	}
}

// waiting returns the length of the queue.
func (w *writer) waiting() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.queue)
}

// close closes the connection, leaving its log empty if nobody else needs it.
func (w *writer) close() error {
	if w.c == nil {
		return nil
	}
	err := w.c.optimize(`PRAGMA optimize`)
	if _, ckpt := w.c.checkpoint(sqlite3.CHECKPOINT_TRUNCATE); err == nil {
		err = ckpt
	}
	if closing := w.c.close(); err == nil {
		err = closing
	}
	w.c, w.rows = nil, nil
	return err
}
