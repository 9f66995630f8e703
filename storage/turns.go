package storage

import (
	"context"
	"fmt"
)

// turns lets a few callers run at once, and some more wait for it.
type turns struct {
	inside  chan struct{} // one for each caller, running or waiting
	running chan struct{} // one for each caller that runs
}

// newTurns lets so many callers run, and so many more wait.
func newTurns(running, waiting int) *turns {
	return &turns{
		inside:  make(chan struct{}, running+waiting),
		running: make(chan struct{}, running),
	}
}

// take waits for a turn, which must be given back. It is ErrBusy when too many
// wait already.
func (t *turns) take(ctx context.Context) error {
	select {
	case t.inside <- struct{}{}:
	default:
		return &Error{Kind: ErrBusy, Err: fmt.Errorf("%d run or wait", cap(t.inside))}
	}
	select {
	case t.running <- struct{}{}:
		return nil
	case <-ctx.Done():
		<-t.inside
		return ctx.Err()
	}
}

func (t *turns) give() {
	<-t.running
	<-t.inside
}
