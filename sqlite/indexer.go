package sqlite

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// How long the indexer waits before it tries again what went wrong.
const (
	retryFirst = time.Second
	retryMost  = time.Minute
)

// indexer makes the search index of the program's version in the background.
// Its batches queue for the writer like everybody's calls, and it rests after
// each for as long as the batch took.
type indexer struct {
	engine *engine
	cancel context.CancelFunc
	done   chan struct{}

	mu     sync.Mutex
	failed error // of the last batch
}

func newIndexer(e *engine) *indexer {
	ctx, cancel := context.WithCancel(context.Background())
	x := &indexer{engine: e, cancel: cancel, done: make(chan struct{})}
	go x.work(ctx)
	return x
}

// work makes batch after batch, until nothing is left or it is stopped.
func (x *indexer) work(ctx context.Context) {
	defer close(x.done)
	retry := retryFirst
	for {
		began := time.Now()
		more, err := x.batch(ctx)
		if ctx.Err() != nil {
			return
		}
		x.report(err)
		wait := time.Since(began)
		switch {
		case errors.Is(err, storage.ErrSchemaTooNew): // a newer program is at it
			return
		case err != nil:
			wait, retry = retry, min(2*retry, retryMost)
		case !more:
			return
		default:
			retry = retryFirst
		}
		if !rest(ctx, wait) {
			return
		}
	}
}

// rest waits, and reports false if it was stopped.
func rest(ctx context.Context, wait time.Duration) bool {
	pause := time.NewTimer(wait)
	defer pause.Stop()
	select {
	case <-pause.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func (x *indexer) batch(ctx context.Context) (more bool, err error) {
	_, err = x.engine.Write(ctx, func(r backend.Rows) (err error) {
		more, err = r.(*rows).makeIndex(batchRows)
		return err
	})
	return more, err
}

// report keeps the outcome of a batch for Health, and logs a failure.
func (x *indexer) report(err error) {
	x.mu.Lock()
	x.failed = err
	x.mu.Unlock()
	if err != nil {
		x.engine.source.options.Logger.Error("make search index", "path", x.engine.source.path, "err", err)
	}
}

// err returns the failure of the last batch.
func (x *indexer) err() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.failed
}

// close stops the goroutine. What was made stays made.
func (x *indexer) close() {
	x.cancel()
	<-x.done
}
