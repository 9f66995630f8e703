package sqlite

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// A checkpoint moves the log into the database. SQLite's own happen within a
// commit and keep their errors to themselves, so they are off. Ours run on a
// connection of their own whenever the log has grown by wakePages; where
// writing does not stop, that one never catches up, so a writer moves the rest
// between two groups whenever the log has grown by slotPages.
const (
	wakePages = 1000
	slotPages = 4000
)

// gauge tells when the log has grown by some length.
type gauge struct{ pages, last int }

// read takes the length of the log, which falls when the log begins anew.
func (g *gauge) read(pages int) {
	if pages < g.pages {
		g.last = 0
	}
	g.pages = pages
}

// due reports whether the log has grown by step since it was last due.
func (g *gauge) due(step int) bool {
	if g.pages-g.last < step {
		return false
	}
	g.last = g.pages
	return true
}

// checkpoint runs a checkpoint and reports whether it ran: that somebody else
// is at it, or in its way, is no error.
func (c *conn) checkpoint(mode sqlite3.CheckpointMode) (ran bool, err error) {
	defer c.rescue(&err)
	_, _, err = c.db.WALCheckpoint("main", mode)
	if isCode(err, sqlite3.BUSY) || isCode(err, sqlite3.LOCKED) {
		return false, nil
	}
	return err == nil, c.fail(err)
}

// again makes it due at the next reading.
func (g *gauge) again(step int) { g.last = g.pages - step }

// checkpointer runs checkpoints in the background.
type checkpointer struct {
	source *source
	logger *slog.Logger
	gauge  gauge // of whoever leads the writer
	wake   chan struct{}
	stop   chan struct{}
	done   chan struct{}

	running sync.Mutex // SQLite lets one run at a time

	mu     sync.Mutex
	failed error // the last checkpoint's
}

func newCheckpointer(s *source) *checkpointer {
	k := &checkpointer{
		source: s, logger: s.options.Logger,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	go k.work()
	return k
}

// grown takes the length of the log after a commit.
func (k *checkpointer) grown(pages int) {
	k.gauge.read(pages)
	if k.gauge.due(wakePages) {
		select {
		case k.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// work runs a checkpoint whenever it is woken, until it is stopped.
func (k *checkpointer) work() {
	defer close(k.done)
	var c *conn
	for {
		select {
		case <-k.wake:
			c = k.checkpoint(c)
		case <-k.stop:
			if c != nil {
				k.report(false, c.close())
			}
			return
		}
	}
}

// checkpoint runs one, and returns the connection for the next.
func (k *checkpointer) checkpoint(c *conn) *conn {
	var ran bool
	var err error
	if c == nil {
		c, err = k.source.writer()
	}
	if err == nil {
		ran, err = k.passive(c)
	}
	k.report(ran, err)
	if c != nil && c.broken {
		c.close() // reported above
		return nil
	}
	return c
}

// passive runs a checkpoint that is in nobody's way, after one that runs.
func (k *checkpointer) passive(c *conn) (ran bool, err error) {
	k.running.Lock()
	defer k.running.Unlock()
	return c.checkpoint(sqlite3.CHECKPOINT_PASSIVE)
}

// report keeps the outcome of a checkpoint for Health, if there is one, and
// logs a failure. What the logger does may need the writer: nobody may hold it.
func (k *checkpointer) report(ran bool, err error) {
	if !ran && err == nil {
		return
	}
	k.mu.Lock()
	k.failed = err
	k.mu.Unlock()
	if err != nil {
		k.logger.Error("checkpoint", "path", k.source.path, "err", err)
	}
}

// err returns the failure of the last checkpoint.
func (k *checkpointer) err() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.failed
}

// close stops the goroutine.
func (k *checkpointer) close() {
	close(k.stop)
	<-k.done
}

// checkpointInSlot runs a checkpoint while nothing is written. If another
// process is at it, there will be another slot.
func (w *writer) checkpointInSlot() (ran bool, err error) {
	ran, err = w.log.passive(w.c)
	if !ran && err == nil {
		w.slot.again(slotPages)
	}
	if w.c.broken {
		w.discard()
	}
	return ran, err
}

// How long emptying the log holds the writer at a time, and pauses in between.
const (
	truncateWait  = 20 * time.Millisecond
	truncatePause = 100 * time.Millisecond
)

// Checkpoint moves the whole log into the database and empties it, so that
// the database is in one file, and nothing that was deleted is left in the
// log. It waits for writers, readers and other processes, as long as ctx
// allows. The context of a View or an Update, which it would wait for, is
// storage.ErrInvalid.
func (s *Store) Checkpoint(ctx context.Context) error {
	return backend.Call(ctx, s.Store, "checkpoint", func() error { return s.engine.checkpoint(ctx) })
}

func (e *engine) checkpoint(ctx context.Context) error {
	if e.writer == nil {
		return &storage.Error{Kind: storage.ErrReadOnly}
	}
	for {
		empty, err := e.truncate(ctx)
		if empty || err != nil {
			return err
		}
		pause := time.NewTimer(truncatePause)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return ctx.Err()
		}
	}
}

// truncate tries to empty the log, holding the writer no longer than
// truncateWait.
func (e *engine) truncate(ctx context.Context) (empty bool, err error) {
	err = e.writer.alone(ctx, truncateWait, func(c *conn) (err error) {
		e.log.running.Lock()
		defer e.log.running.Unlock()
		empty, err = c.checkpoint(sqlite3.CHECKPOINT_TRUNCATE)
		return err
	})
	return empty, err
}

var _ backend.Scrubber = (*engine)(nil)

// Scrub implements backend.Scrubber. A search index of an older version keeps what
// is taken away until it is dropped itself (index_version.go).
func (e *engine) Scrub(ctx context.Context) (clean bool, err error) {
	clean, err = e.truncate(ctx)
	if err != nil || !clean {
		return clean, err
	}
	err = e.Read(ctx, func(r backend.Rows) error {
		stale, err := r.(*rows).stale()
		clean = !stale
		return err
	})
	return clean, err
}
