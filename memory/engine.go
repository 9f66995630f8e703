package memory

import (
	"context"
	"sync/atomic"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var _ backend.Engine = (*engine)(nil)

// engine hands out states: the present one to readers, a copy of it to the
// one writer.
type engine struct {
	present atomic.Pointer[state]
	writer  chan struct{} // holds one value while there is a writer
	waiting atomic.Int64
}

func newEngine() *engine {
	e := &engine{writer: make(chan struct{}, 1)}
	e.present.Store(newState())
	return e
}

func (e *engine) Read(_ context.Context, fn func(backend.Rows) error) error {
	return fn(&rows{state: e.present.Load()})
}

func (e *engine) Snapshot(ctx context.Context, fn func(backend.Rows) error) error {
	return e.Read(ctx, fn)
}

// Write runs each call alone: with no disk to wait for, there is nothing to
// share.
func (e *engine) Write(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	if err := e.lock(ctx); err != nil {
		return 0, err
	}
	defer e.unlock()
	r := &rows{state: e.present.Load().copy()}
	if err := fn(r); err != nil {
		return 0, err
	}
	e.present.Store(r.state)
	if r.committed != nil {
		r.committed()
	}
	return 1, nil
}

func (e *engine) Update(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	return e.Write(ctx, fn)
}

// lock waits to be the writer.
func (e *engine) lock(ctx context.Context) error {
	e.waiting.Add(1)
	defer e.waiting.Add(-1)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case e.writer <- struct{}{}:
	}
	// Of two cases that are ready, select takes any.
	if err := ctx.Err(); err != nil {
		e.unlock()
		return err
	}
	return nil
}

func (e *engine) unlock() { <-e.writer }

func (e *engine) Health(context.Context) (storage.Health, error) {
	return storage.Health{Backend: "memory", Waiting: int(e.waiting.Load())}, nil
}

func (e *engine) Close() error {
	e.present.Store(newState())
	return nil
}
