package storagetest_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/lairchat/lair/storage"
)

// transactionFaults are about Update and View.
var transactionFaults = []fault{
	{name: "an error rolls nothing back", caught: "tx/rolls back on an error", open: stores(func(s storage.Store) storage.Store {
		return commitsErrors{s}
	})},
	{name: "a panic rolls nothing back", caught: "tx/rolls back on a panic", open: stores(func(s storage.Store) storage.Store {
		return commitsPanics{s}
	})},
	{name: "a panic is swallowed", caught: "tx/rolls back on a panic", open: stores(func(s storage.Store) storage.Store {
		return swallowsPanics{s}
	})},
	{name: "a Goexit rolls nothing back", caught: "tx/rolls back on Goexit", open: stores(func(s storage.Store) storage.Store {
		return commitsExits{s}
	})},
	{name: "a context that is done rolls nothing back", caught: "tx/rolls back when the context ends", open: stores(func(s storage.Store) storage.Store {
		return ignoresEnds{s}
	})},
	{name: "an error comes back as another", caught: "tx/rolls back on an error", open: stores(func(s storage.Store) storage.Store {
		return replacesErrors{s}
	})},
	{name: "a transaction runs twice", caught: "tx/runs once, on the caller's goroutine", open: stores(func(s storage.Store) storage.Store {
		return runsTwice{s}
	})},
	{name: "a transaction does not see its writes", caught: "tx/reads its own writes", open: stores(func(s storage.Store) storage.Store {
		return blindTx{s}
	})},
	{name: "a transaction does not find its writes", caught: "search/within a transaction", open: stores(func(s storage.Store) storage.Store {
		return blindSearch{s}
	})},
	{name: "a transaction has many times", caught: "tx/one time", open: manyTimes},
	{name: "a transaction is not isolated", caught: "tx/others see nothing of it before", open: stores(func(s storage.Store) storage.Store {
		return noTx{s}
	})},
	{name: "a Tx outlives its transaction", caught: "tx/closed after fn", open: stores(func(s storage.Store) storage.Store {
		return lastingTx{s}
	})},
	{name: "a Reader outlives its View", caught: "tx/closed after fn", open: stores(func(s storage.Store) storage.Store {
		return lastingViews{s}
	})},
	{name: "a snapshot moves", caught: "view/stays still while writers go on", open: stores(func(s storage.Store) storage.Store {
		return movingViews{s}
	})},
	{name: "a writer inside a transaction", caught: "tx/nesting", open: stores(func(s storage.Store) storage.Store {
		return unmarkedTx{s}
	})},
}

// updateFunc is what Update runs.
type updateFunc = func(context.Context, storage.Tx) error

type commitsErrors struct{ storage.Store }

func (s commitsErrors) Update(ctx context.Context, fn updateFunc) (failed error) {
	return errors.Join(s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		failed = fn(ctx, tx)
		return nil
	}), failed)
}

type commitsPanics struct{ storage.Store }

func (s commitsPanics) Update(ctx context.Context, fn updateFunc) error {
	var panicked any
	err := s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		defer func() { panicked = recover() }()
		return fn(ctx, tx)
	})
	if panicked != nil {
		panic(panicked)
	}
	return err
}

type swallowsPanics struct{ storage.Store }

func (s swallowsPanics) Update(ctx context.Context, fn updateFunc) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &storage.Error{Op: "update", Kind: storage.ErrQuery, Err: fmt.Errorf("panic: %v", p)}
		}
	}()
	return s.Store.Update(ctx, fn)
}

// commitsExits runs the function on another goroutine, whose end it takes for
// success.
type commitsExits struct{ storage.Store }

func (s commitsExits) Update(ctx context.Context, fn updateFunc) error {
	exited := false
	err := s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) (err error) {
		ended := make(chan struct{})
		exited = true
		go func() {
			defer close(ended)
			err = fn(ctx, tx)
			exited = false
		}()
		<-ended
		return err
	})
	if exited && err == nil {
		runtime.Goexit()
	}
	return err
}

type ignoresEnds struct{ storage.Store }

// valuesOf is a context with the values of another.
type valuesOf struct {
	context.Context
	values context.Context
}

func (c valuesOf) Value(key any) any { return c.values.Value(key) }

func (s ignoresEnds) Update(ctx context.Context, fn updateFunc) error {
	if err := ctx.Err(); err != nil {
		return s.Store.Update(ctx, fn)
	}
	return s.Store.Update(context.WithoutCancel(ctx), func(inner context.Context, tx storage.Tx) error {
		return fn(valuesOf{ctx, inner}, tx)
	})
}

type replacesErrors struct{ storage.Store }

func (s replacesErrors) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return &storage.Error{Op: "update", Kind: storage.ErrQuery, Err: errors.New(err.Error())}
		}
		return nil
	})
}

type runsTwice struct{ storage.Store }

func (s runsTwice) Update(ctx context.Context, fn updateFunc) error {
	if err := s.Store.Update(ctx, fn); !errors.Is(err, storage.ErrConflict) && !errors.Is(err, storage.ErrNotFound) {
		again := errors.New("rolled back")
		_ = s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error { return errors.Join(fn(ctx, tx), again) })
		return err
	}
	return s.Store.Update(ctx, fn)
}

// blindTx reads what was committed before.
type blindTx struct{ storage.Store }

func (s blindTx) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, brokenTx{Reader: s.Store, Writer: tx, clock: tx})
	})
}

// blindSearch finds what was committed before.
type blindSearch struct{ storage.Store }

func (s blindSearch) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, brokenTx{Reader: otherSearch{tx, s.Store}, Writer: tx, clock: tx})
	})
}

type otherSearch struct {
	storage.Reader
	other storage.Reader
}

func (r otherSearch) SearchMessages(ctx context.Context, q storage.SearchQuery) (storage.SearchResult, error) {
	return r.other.SearchMessages(ctx, q)
}

// manyTimes gives a Tx the time of the moment.
func manyTimes(o storage.Options) storage.Store {
	return movingTime{memoryStore(o), o}
}

type movingTime struct {
	storage.Store
	o storage.Options
}

func (s movingTime) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, brokenTx{Reader: tx, Writer: tx, clock: presentClock{s.o}})
	})
}

// noTx makes every call inside Update a transaction of its own.
type noTx struct{ storage.Store }

func (s noTx) Update(ctx context.Context, fn updateFunc) error {
	return fn(ctx, brokenTx{Reader: s.Store, Writer: s.Store, clock: presentClock{}})
}

// lastingTx goes on as the store once it has ended.
type lastingTx struct{ storage.Store }

func (s lastingTx) Update(ctx context.Context, fn updateFunc) error {
	return s.Store.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
		return fn(ctx, brokenTx{Reader: tx, Writer: lastingWriter{tx, s.Store}, clock: tx})
	})
}

type lastingWriter struct {
	storage.Writer
	store storage.Store
}

func (w lastingWriter) CreateUser(ctx context.Context, u *storage.User) error {
	err := w.Writer.CreateUser(ctx, u)
	if errors.Is(err, storage.ErrClosed) {
		return w.store.CreateUser(context.WithoutCancel(ctx), u)
	}
	return err
}

// movingViews reads what is committed, at any time.
type movingViews struct{ storage.Store }

func (s movingViews) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, _ storage.Reader) error { return fn(ctx, s.Store) })
}

// lastingViews go on as the store once they have ended.
type lastingViews struct{ storage.Store }

func (s lastingViews) View(ctx context.Context, fn func(context.Context, storage.Reader) error) error {
	return s.Store.View(ctx, func(ctx context.Context, r storage.Reader) error {
		return fn(ctx, lastingReader{r, s.Store})
	})
}

type lastingReader struct {
	storage.Reader
	store storage.Store
}

func (r lastingReader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	u, err := r.Reader.User(ctx, id)
	if errors.Is(err, storage.ErrClosed) {
		return r.store.User(ctx, id)
	}
	return u, err
}

// unmarkedTx lets the store's own readers and writers run inside of it, where
// the writers are lost.
type unmarkedTx struct{ storage.Store }

func (s unmarkedTx) CreateUser(ctx context.Context, u *storage.User) error {
	err := s.Store.CreateUser(ctx, u)
	var e *storage.Error
	if errors.As(err, &e) && e.Field == "ctx" {
		return nil
	}
	return err
}
