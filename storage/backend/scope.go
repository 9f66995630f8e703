package backend

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// scope is where single calls run: the whole store, where each is a
// transaction of its own, or one open transaction or snapshot.
//
// check runs first, outside of any transaction: it refuses bad input and
// prepares what is to be stored. The functions return how many records they
// dealt with.
//
// read is for one call of the rows, view for several that must see the same
// moment.
type scope interface {
	view(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error
	read(ctx context.Context, op string, check func() error, fn func(Rows) (int, error)) error
	write(ctx context.Context, op string, check func() error, fn func(*rules) (int, error)) error

	// viewThen is view with the rest of the call after it, which takes long and
	// needs no rows.
	viewThen(ctx context.Context, op string, check func() error, fn func(Rows) (int, error), then func() error) error

	// writeAfter is write after a look, for which nobody is held up. Where the
	// look returns errSettled there is nothing to write.
	writeAfter(ctx context.Context, op string, check func() error, look func(Rows) error, fn func(*rules) (int, error)) error

	// sweepRooms takes away what deleted rooms have left, as soon as their
	// deletion is committed.
	sweepRooms(ctx context.Context)

	// scrub clears away what purged messages have left, and reports whether
	// nothing is left.
	scrub(ctx context.Context) bool
}

// errSettled is returned by a look that has found nothing to write.
var errSettled = errors.New("nothing to write")

// Embedded under unexported names, so that they are no fields for others.
type (
	reader     = Reader
	writer     = Writer
	autoCommit = AutoCommit
)

// Reader implements storage.Reader once for all scopes.
type Reader struct {
	in  scope
	now func() time.Time
}

// Now returns the time by which the reader decides what has expired: that of
// its transaction or snapshot, of a store the present.
func (r Reader) Now() time.Time { return r.now() }

// unexpired returns the time by which what has expired is left out: none, where
// nothing is.
func (r Reader) unexpired(withExpired bool) time.Time {
	if withExpired {
		return time.Time{}
	}
	return r.now()
}

// Writer implements storage.Writer once for all scopes.
type Writer struct {
	in  scope
	o   *storage.Options
	now func() time.Time
}

// unchecked is the check of calls that cannot be wrong.
func unchecked() error { return nil }

// readOne runs a read that gives one value.
func readOne[T any](ctx context.Context, in scope, op string, check func() error, fn func(Rows) (T, error)) (T, error) {
	var out T
	err := in.read(ctx, op, check, func(r Rows) (int, error) {
		var err error
		out, err = fn(r)
		return 1, err
	})
	if err != nil {
		return *new(T), err
	}
	return out, nil
}

// readList is readOne for a slice.
func readList[T any](ctx context.Context, in scope, op string, check func() error, fn func(Rows) ([]T, error)) ([]T, error) {
	var out []T
	err := in.read(ctx, op, check, func(r Rows) (int, error) {
		var err error
		out, err = fn(r)
		return len(out), err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// writeOne runs a write that gives one value.
func writeOne[T any](ctx context.Context, in scope, op string, check func() error, fn func(*rules) (T, error)) (T, error) {
	var out T
	err := in.write(ctx, op, check, func(t *rules) (int, error) {
		var err error
		out, err = fn(t)
		return 1, err
	})
	if err != nil {
		return *new(T), err
	}
	return out, nil
}

// writeOnly runs a write that gives nothing.
func writeOnly(ctx context.Context, in scope, op string, check func() error, fn func(*rules) error) error {
	return in.write(ctx, op, check, func(t *rules) (int, error) { return 1, fn(t) })
}

// missing names the record behind a bare ErrNotFound of the rows.
func missing[T any](err error, entity storage.Entity, id storage.ID[T]) error {
	return missingKey(err, entity, id.String)
}

func missingKey(err error, entity storage.Entity, key func() string) error {
	if err == nil || !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	var e *storage.Error
	if errors.As(err, &e) {
		return err
	}
	return storage.NotFound(entity, key())
}

// found turns the error of a look-up into an answer.
func found(err error) (bool, error) {
	if errors.Is(err, storage.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// checkIDs refuses more identifiers than one call takes, and returns each
// once.
func checkIDs[T any](field string, ids []storage.ID[T]) ([]storage.ID[T], error) {
	if len(ids) > storage.MaxLimit {
		return nil, storage.Invalid(field, "too many")
	}
	seen := make(map[storage.ID[T]]struct{}, len(ids))
	out := make([]storage.ID[T], 0, len(ids))
	for _, id := range ids {
		if _, twice := seen[id]; !twice {
			seen[id] = struct{}{}
			out = append(out, id)
		}
	}
	return out, nil
}

// ceilTime rounds a bound up to what is stored: a stored time is below the
// one exactly where it is below the other.
func ceilTime(t time.Time) time.Time {
	down := storage.Timestamp(t)
	if down.Before(t) {
		return down.Add(storage.TimePrecision)
	}
	return down
}

// noneIfEmpty gives empty filters the one form in which cursors know them.
func noneIfEmpty[T any](s []T) []T {
	if len(s) == 0 {
		return nil
	}
	return s
}
