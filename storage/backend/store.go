package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// Store is a complete storage.Store over an engine. Backends embed it.
type Store struct{ autoCommit }

var _ storage.Store = (*Store)(nil)

// New returns the store over an engine, with the defaults of o filled in.
func New(e Engine, o storage.Options) *Store { return &Store{newAutoCommit(e, o)} }

// View implements storage.Store.
func (s *Store) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	op := storage.Op{Name: "view"}
	outermost := func() error { return s.calls.outermost(ctx) }
	return s.transact(ctx, &op, outermost, func(failed *error) error {
		return s.calls.engine.Snapshot(ctx, func(rows Rows) error {
			tx := newTx(rows, s.calls.now(), &s.calls.o)
			defer tx.open.end()
			*failed = fn(s.calls.nest(ctx, tx.open), tx.withRaw())
			return *failed
		})
	})
}

// Update implements storage.Store.
func (s *Store) Update(ctx context.Context, fn func(context.Context, storage.Tx) error) error {
	op := storage.Op{Name: "update", Write: true}
	sweep, told := false, false
	var touched []touch
	var gone []storage.UserID
	err := s.transact(ctx, &op, unchecked, func(failed *error) (err error) {
		op.Group, err = s.calls.engine.Update(ctx, func(rows Rows) error {
			tx := newTx(rows, s.calls.now(), &s.calls.o)
			defer tx.open.end()
			if *failed = fn(s.calls.nest(ctx, tx.open), tx.restoring()); *failed != nil {
				return *failed
			}
			sweep, touched, gone = tx.open.sweep, tx.open.rules.touched, tx.open.rules.gone
			if err := ctx.Err(); err != nil {
				return err
			}
			told, err = s.calls.announce(ctx, rows, touched)
			return err
		})
		return err
	})
	if err != nil {
		return err
	}
	if !told {
		s.calls.watchers.wake(touched, 0)
	}
	s.calls.typing.forget(gone)
	if sweep {
		s.calls.sweepRooms(ctx)
	}
	return nil
}

// transact runs a function of the caller's. An error of its own is the
// caller's and comes back as it is.
func (s *Store) transact(ctx context.Context, op *storage.Op, check func() error, body func(failed *error) error) error {
	return s.calls.run(ctx, op, check, func() error {
		var failed error
		err := body(&failed)
		if failed != nil {
			return failed
		}
		return storage.WithOp(op.Name, err)
	})
}

// Call runs an operation that only this backend has as one of the store's: it
// is refused after Close, under a context that is done, and from within a
// transaction; it is awaited by Close, and observed.
func Call(ctx context.Context, s *Store, op string, fn func() error) error {
	return s.calls.run(ctx, &storage.Op{Name: op, Write: true}, unchecked, func() error {
		return storage.WithOp(op, fn())
	})
}

// Health implements storage.Store.
func (s *Store) Health(ctx context.Context) (storage.Health, error) {
	var h storage.Health
	op := storage.Op{Name: "health"}
	err := s.calls.run(ctx, &op, unchecked, func() (err error) {
		h, err = s.calls.engine.Health(ctx)
		return storage.WithOp(op.Name, err)
	})
	return h, err
}

// Close implements storage.Store.
func (s *Store) Close() error {
	const op = "close"
	if !s.calls.gate.shut() {
		return &storage.Error{Op: op, Kind: storage.ErrClosed}
	}
	s.calls.watchers.close()
	return storage.WithOp(op, s.calls.engine.Close())
}
