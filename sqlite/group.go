package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// errExited is the outcome of a function that ended its goroutine.
var errExited = errors.New("the function did not return")

// op is one call's part in a group.
type op struct {
	fn   func(backend.Rows) error
	own  bool        // fn runs on its caller's goroutine
	solo bool        // wants the writer, but no transaction
	turn chan *group // tells: lead this group; nil: you have your outcome
	seq  uint64      // its place among all that ever queued

	err      error // an op that has one has failed, alone or with its group
	size     int   // calls that shared the commit
	panicked bool
	panic    any // what fn panicked with on another's goroutine
}

// group is a write transaction that several calls share. Whoever has it leads:
// runs operations and, at the end, commits.
type group struct {
	ops    []*op // that have run, or failed to
	open   bool  // the transaction has begun
	stored int   // operations that did not fail
	err    error // the transaction was lost, with all that was in it
	ended  bool  // everyone has, or is getting, an outcome
}

// lead runs o, which begins the group or joins it, and whatever else is
// queued. When it returns, o has its outcome.
func (w *writer) lead(ctx context.Context, g *group, o *op) {
	defer w.carryOn(g, o) // even if the function panics or exits
	w.run(ctx, g, o)
}

// carryOn runs what is queued. A function that must run on its caller's
// goroutine gets the group, to carry on itself.
func (w *writer) carryOn(g *group, self *op) {
	done := false
	defer func() {
		if !done && !g.ended { // an operation of another's exited this goroutine
			w.carryOn(g, self)
		}
	}()
	for {
		next := w.next(g)
		if next == nil {
			w.finish(g, self)
			break
		}
		if next.own {
			pass(g, self, next)
			break
		}
		w.runFor(g, next)
	}
	done = true
}

// pass gives the group to next and waits for self's outcome.
func pass(g *group, self, next *op) {
	if self.turn == nil {
		self.turn = make(chan *group, 1)
	}
	settled := self.err != nil
	next.turn <- g
	if !settled {
		<-self.turn
	}
}

// runFor runs an operation of another's. Its panic is for its owner.
func (w *writer) runFor(g *group, o *op) {
	defer func() {
		if value := recover(); value != nil {
			o.panicked, o.panic = true, value
		}
	}()
	w.run(context.Background(), g, o)
}

// run runs an operation as a part of the group. If it fails, or does not
// return, what it did is undone and the group is as it was.
func (w *writer) run(ctx context.Context, g *group, o *op) {
	g.ops = append(g.ops, o)
	if o.err = w.begin(ctx, g); o.err != nil {
		return
	}
	nested := g.stored > 0 // otherwise there is nothing that a failure could harm
	var m mark
	if nested {
		m = w.rows.mark()
		if o.err = w.c.exec(`SAVEPOINT operation`, nil); o.err != nil {
			w.inspect(g)
			return
		}
	}
	o.err = errExited
	defer w.settle(g, o, m, nested)
	o.err = o.fn(w.rows)
}

// settle keeps what an operation did, or undoes it.
func (w *writer) settle(g *group, o *op, m mark, nested bool) {
	if o.err == nil && nested {
		o.err = w.c.exec(`RELEASE operation`, nil)
	}
	switch {
	case o.err == nil:
		g.stored++
	case w.c.broken || w.c.idle(): // lost already
	case nested:
		w.undo(m)
	default:
		w.rollback(g)
	}
	w.inspect(g)
}

// undo takes back what an operation did since its savepoint.
func (w *writer) undo(m mark) {
	err := w.c.exec(`ROLLBACK TO operation`, nil)
	if err == nil {
		err = w.c.exec(`RELEASE operation`, nil)
	}
	w.rows.restore(m)
	if err != nil {
		w.c.broken = true
	}
}

// inspect finds out whether an error took the whole transaction with it, as a
// full disk does (https://sqlite.org/lang_transaction.html, section 3).
func (w *writer) inspect(g *group) {
	if g.open && (w.c.broken || w.c.idle()) {
		g.open = false
		if g.err = w.c.fault; g.err == nil {
			g.err = &storage.Error{Kind: storage.ErrQuery, Err: errors.New("the transaction was lost")}
		}
	}
}

// rollback ends the transaction without a trace.
func (w *writer) rollback(g *group) {
	if !w.c.broken && !w.c.idle() && w.c.exec(`ROLLBACK`, nil) != nil {
		w.c.broken = true
	}
	w.rows.reset()
	g.open = false
}

// finish ends the transaction, gives the writer to the next in the queue, and
// tells everyone.
func (w *writer) finish(g *group, self *op) {
	err := w.commit(g)
	if w.c != nil {
		w.c.within, w.c.lost = false, false
	}
	for _, o := range g.ops {
		switch {
		case o.err != nil:
		case err != nil:
			o.err = err
		default:
			o.size = g.stored
		}
	}
	w.company = g.stored > 1
	if w.c != nil && w.c.broken {
		w.discard()
	}
	g.ended = true
	if w.c != nil && w.slot.due(slotPages) {
		g.tell(self)
		ran, err := w.checkpointInSlot()
		w.handOver()
		w.log.report(ran, err)
		return
	}
	w.handOver()
	g.tell(self)
}

// tell tells everyone but self that there is an outcome.
func (g *group) tell(self *op) {
	for _, o := range g.ops {
		if o != self {
			o.turn <- nil
		}
	}
}

// commit makes what the group did durable. If the commit itself fails, nobody
// can say whether it is: the log may hold it already.
func (w *writer) commit(g *group) error {
	if !g.open {
		return g.err
	}
	if g.stored == 0 {
		w.rollback(g)
		return nil
	}
	if err := w.rows.end(); err != nil {
		w.rollback(g)
		return err
	}
	err := w.c.exec(`COMMIT`, nil)
	switch {
	case err == nil:
		w.rows.committed()
		return nil
	case errors.Is(err, storage.ErrConstraint): // a deferred one: nothing was written
		w.rollback(g)
		return err
	}
	w.c.broken = true
	return &storage.Error{Kind: storage.ErrCommitUnknown, Err: err}
}
