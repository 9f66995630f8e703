package backend

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lairchat/lair/storage"
)

// Tx is a storage.Tx over the rows of one write transaction. Each of its
// writes is a savepoint, so that one that fails changes nothing.
type Tx struct {
	reader
	writer
	open *openRows
}

// Now implements storage.Tx.
func (t *Tx) Now() time.Time { return t.open.rules.now }

// openRows is the scope of the calls inside View and Update.
type openRows struct {
	rules rules
	busy  sync.Mutex  // held by the call that runs
	done  atomic.Bool // fn has returned
	sweep bool        // a room was deleted
}

func newTx(rows Rows, now time.Time, o *storage.Options) *Tx {
	open := &openRows{rules: rules{rows: rows, now: now, o: o}}
	r := open.reader()
	return &Tx{reader: r, writer: Writer{in: open, o: o, now: r.now}, open: open}
}

// reader returns a Reader for which time stands still.
func (s *openRows) reader() Reader {
	now := s.rules.now
	return Reader{in: s, now: func() time.Time { return now }}
}

// run runs a call, unless it may not run. Rows serve one goroutine: a second
// one is refused, and the end waits for a call that has outlived fn.
func (s *openRows) run(ctx context.Context, op string, check func() error, call func() error) error {
	free := s.busy.TryLock()
	if free {
		defer s.busy.Unlock()
	}
	switch {
	case s.done.Load():
		return &storage.Error{Op: op, Kind: storage.ErrClosed}
	case !free:
		return &storage.Error{Op: op, Kind: storage.ErrInvalid, Err: errShared}
	}
	if err := ctx.Err(); err != nil {
		return storage.WithOp(op, err)
	}
	if err := check(); err != nil {
		return storage.WithOp(op, err)
	}
	return storage.WithOp(op, call())
}

var errShared = errors.New("the transaction is in use by another goroutine")

// end lets no more calls run, and waits for the one that does.
func (s *openRows) end() {
	s.done.Store(true)
	s.busy.Lock()
	defer s.busy.Unlock()
}

func (s *openRows) read(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error {
	return s.run(ctx, op, check, func() error {
		_, err := fn(s.rules.rows)
		return err
	})
}

func (s *openRows) view(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error {
	return s.read(ctx, op, check, fn)
}

func (s *openRows) viewThen(
	ctx context.Context, op string, check func() error, fn func(Rows) (int, error), then func() error,
) error {
	return s.read(ctx, op, check, func(rows Rows) (int, error) {
		n, err := fn(rows)
		if err == nil {
			err = then()
		}
		return n, err
	})
}

func (s *openRows) write(ctx context.Context, op string, check func() error, fn func(*rules) (int, error)) error {
	return s.run(ctx, op, check, func() error {
		gone := len(s.rules.gone)
		err := s.rules.rows.Savepoint(ctx, func() error {
			_, err := fn(&s.rules)
			return err
		})
		if err != nil {
			s.rules.gone = s.rules.gone[:gone] // who is there again
		}
		return err
	})
}

func (s *openRows) writeAfter(
	ctx context.Context, op string, check func() error, look func(Rows) error, fn func(*rules) (int, error),
) error {
	return s.write(ctx, op, check, func(t *rules) (int, error) {
		err := look(t.rows)
		if errors.Is(err, errSettled) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		return fn(t)
	})
}

func (s *openRows) sweepRooms(context.Context) { s.sweep = true }

// scrub does nothing: what the transaction purged may still come back.
func (s *openRows) scrub(context.Context) bool { return false }
