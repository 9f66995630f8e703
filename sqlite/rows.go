package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var _ backend.Rows = (*rows)(nil)

// rows is data access on one connection. The writer's defers what a commit
// group does better at its end (pending.go); a reader's keeps nothing between
// two calls.
type rows struct {
	c        *conn
	shared   *shared
	writable bool
	pending  pending
	known    knownUsers
	indexes  []searchIndex // of the writer's transaction, once it has asked (index_version.go)
	plan     *foldPlan     // of the log that is being folded (rollup_fold.go)
	log      []byte        // scratch
	gone     int64         // of restored authors who are gone, 0: none yet (raw_restore.go)
}

func newRows(c *conn, shared *shared, writable bool) *rows {
	r := &rows{c: c, shared: shared, writable: writable}
	r.reset()
	return r
}

// reset forgets the transaction: after BEGIN and after ROLLBACK.
func (r *rows) reset() {
	r.pending.reset()
	r.known.forget()
	r.indexes, r.gone = nil, 0
	if r.plan != nil && r.plan.fresh {
		r.plan = nil
	}
}

// mark remembers what is deferred, for restore.
func (r *rows) mark() mark { return r.pending.mark() }

// restore forgets what was deferred since m, once its savepoint was rolled
// back to.
func (r *rows) restore(m mark) {
	r.pending.restore(m)
	r.known.forget()
	r.indexes, r.gone = nil, 0
}

// committed tells the other connections what the transaction learned.
func (r *rows) committed() {
	r.shared.learn(&r.known)
	if r.plan != nil {
		r.plan.fresh = false
	}
}

// rowBytes is what a record that is not a message counts for in size.
const rowBytes = 512

// size returns how many bytes were written since reset, roughly.
func (r *rows) size() int { return r.pending.bytes }

// snapshot makes several statements see one moment. The pool ends it.
func (r *rows) snapshot() error {
	if r.writable || !r.c.idle() {
		return nil
	}
	return r.c.exec(`BEGIN DEFERRED`, nil)
}

// execOne runs a statement that changes a row, which must be there.
func (r *rows) execOne(sql string, bind func(*args)) error {
	if err := r.c.exec(sql, bind); err != nil {
		return err
	}
	if r.c.changes() == 0 {
		return storage.ErrNotFound
	}
	return nil
}

// Savepoint implements backend.Rows. Savepoints of one name nest: each
// statement means the innermost.
func (r *rows) Savepoint(_ context.Context, fn func() error) (err error) {
	if err := r.c.exec(`SAVEPOINT nested`, nil); err != nil {
		return err
	}
	m := r.mark()
	returned := false
	defer func() {
		if err == nil && returned {
			return
		}
		r.restore(m)
		if failed := r.undo(); failed != nil {
			err = errors.Join(err, failed)
		}
	}()
	if err = fn(); err == nil {
		err = r.c.exec(`RELEASE nested`, nil)
	}
	returned = true
	return err
}

// undo rolls back to the innermost savepoint and ends it. Where SQLite has
// already rolled back the whole transaction, there is nothing left to undo.
func (r *rows) undo() error {
	if r.c.broken || r.c.idle() {
		return nil
	}
	if err := r.c.exec(`ROLLBACK TO nested`, nil); err != nil {
		return err
	}
	return r.c.exec(`RELEASE nested`, nil)
}
