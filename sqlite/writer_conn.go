package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"
)

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
	w.c.within, w.c.lost = false, false
	err := w.c.exec(`BEGIN IMMEDIATE`, nil)
	w.c.within = err == nil
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

// close closes the connection, leaving its log empty if nobody else needs it.
func (w *writer) close() error {
	if w.c == nil {
		return nil
	}
	w.patience = patience{}
	_, err := w.c.checkpoint(sqlite3.CHECKPOINT_TRUNCATE)
	if closing := w.c.close(); err == nil {
		err = closing
	}
	w.c, w.rows = nil, nil
	return err
}
