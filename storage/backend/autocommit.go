package backend

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/lairchat/lair/storage"
)

// AutoCommit makes every single call a transaction of its own: checked and
// prepared first, so that the writer is held no longer than needed, then run
// by the engine, then reported to Options.Observe.
type AutoCommit struct {
	reader
	writer
	calls *calls
}

// calls is the scope of the calls on a store.
type calls struct {
	engine   Engine
	o        storage.Options
	gate     *gate
	watchers *watchers
	typing   typing
}

func newAutoCommit(e Engine, o storage.Options) AutoCommit {
	o = o.WithDefaults()
	c := &calls{engine: e, o: o, gate: newGate(), watchers: newWatchers()}
	return AutoCommit{
		reader: Reader{in: c, now: c.now},
		writer: Writer{in: c, o: &c.o, now: c.now},
		calls:  c,
	}
}

// now is the time as it is stored.
func (c *calls) now() time.Time { return storage.Timestamp(c.o.Now()) }

// run does what all calls have in common around body, whose error names the
// operation. In the order of errors: closed, context, invalid.
func (c *calls) run(ctx context.Context, op *storage.Op, check func() error, body func() error) error {
	if c.o.Observe == nil {
		return c.enter(ctx, op, check, body)
	}
	start := time.Now()
	op.Err = errNoReturn
	defer func() {
		op.Duration = time.Since(start)
		if op.Err != nil {
			op.Rows = 0
		}
		c.o.Observe(ctx, *op)
	}()
	op.Err = c.enter(ctx, op, check, body)
	return op.Err
}

// errNoReturn is the error that is observed of a function that panicked or
// exited.
var errNoReturn = errors.New("the function did not return")

func (c *calls) enter(ctx context.Context, op *storage.Op, check func() error, body func() error) error {
	if !c.gate.enter() {
		return &storage.Error{Op: op.Name, Kind: storage.ErrClosed}
	}
	defer c.gate.leave()
	if err := ctx.Err(); err != nil {
		return storage.WithOp(op.Name, err)
	}
	if op.Write {
		if err := c.outermost(ctx); err != nil {
			return storage.WithOp(op.Name, err)
		}
	}
	if err := check(); err != nil {
		return storage.WithOp(op.Name, err)
	}
	return body()
}

func (c *calls) read(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error {
	return c.readWith(ctx, op, check, fn, c.engine.Read)
}

func (c *calls) view(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error {
	return c.readWith(ctx, op, check, fn, c.engine.Snapshot)
}

func (c *calls) viewThen(
	ctx context.Context, op string, check func() error, fn func(Rows) (int, error), then func() error,
) error {
	return c.readWith(ctx, op, check, fn, func(ctx context.Context, fn func(Rows) error) error {
		if err := c.engine.Snapshot(ctx, fn); err != nil {
			return err
		}
		return then()
	})
}

func (c *calls) readWith(
	ctx context.Context, name string, check func() error, fn func(Rows) (int, error),
	run func(context.Context, func(Rows) error) error,
) error {
	op := storage.Op{Name: name}
	return c.run(ctx, &op, check, func() error {
		return storage.WithOp(name, run(ctx, func(rows Rows) (err error) {
			op.Rows, err = fn(rows)
			return err
		}))
	})
}

func (c *calls) write(ctx context.Context, name string, check func() error, fn func(*rules) (int, error)) error {
	return c.writeAfter(ctx, name, check, nil, fn)
}

func (c *calls) writeAfter(
	ctx context.Context, name string, check func() error, look func(Rows) error, fn func(*rules) (int, error),
) error {
	op := storage.Op{Name: name, Write: true}
	return c.run(ctx, &op, check, func() (err error) {
		if look != nil {
			err := c.engine.Snapshot(ctx, look)
			if errors.Is(err, errSettled) {
				op.Write = false
				return nil
			}
			if err != nil {
				return storage.WithOp(name, err)
			}
		}
		var t rules
		told := false
		op.Group, err = c.engine.Write(ctx, func(rows Rows) (err error) {
			t = rules{rows: rows, now: c.now(), o: &c.o}
			if op.Rows, err = fn(&t); err != nil {
				return err
			}
			told, err = c.announce(ctx, rows, t.touched)
			return err
		})
		if err != nil {
			return storage.WithOp(name, err)
		}
		if !told {
			c.watchers.wake(t.touched, t.firstChange)
		}
		c.typing.forget(t.gone)
		return nil
	})
}

// nesting marks the context of a transaction with its store.
type nesting struct{ *calls }

func (c *calls) nest(ctx context.Context, open *openRows) context.Context {
	return context.WithValue(ctx, nesting{c}, open)
}

// outermost refuses a call from within a transaction of the same store, which
// would wait for itself.
func (c *calls) outermost(ctx context.Context) error {
	if open, ok := ctx.Value(nesting{c}).(*openRows); !ok || open.done.Load() {
		return nil
	}
	return storage.Invalid("ctx", "belongs to a transaction of this store: call its Tx or Reader")
}

// sweepBatch is how many messages of deleted rooms go in one transaction: few
// enough that a writer who waits does not notice.
const sweepBatch = 500

// sweepAtOpening bounds the batches that opening a store waits for.
const sweepAtOpening = 10

// Resume goes on with what a crash may have interrupted, for a short while: a
// backend calls it when it opens what another process has left.
func Resume(ctx context.Context, s *Store) { s.calls.sweep(ctx, sweepAtOpening) }

func (c *calls) sweepRooms(ctx context.Context) { c.sweep(ctx, math.MaxInt) }

// sweep takes away what deleted rooms have left, in so many batches at most.
// It logs a failure, since the deletion itself has succeeded by now: the rest
// goes with a later sweep.
func (c *calls) sweep(ctx context.Context, batches int) {
	for more := true; more && batches > 0 && c.gate.enter(); c.gate.leave() {
		batches--
		_, err := c.engine.Write(ctx, func(rows Rows) (err error) {
			more, err = rows.SweepRooms(ctx, sweepBatch)
			return err
		})
		if err != nil {
			c.o.Logger.WarnContext(ctx, "sweeping deleted rooms stopped", "error", err)
			more = false
		}
	}
}
