package sqlite

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// reader is a connection for reading with its data access.
type reader struct {
	c    *conn
	rows *rows
}

// pool lends readers, the last one used first, since its cache is warm. It
// opens them as they are needed.
type pool struct {
	open func() (*reader, error)
	max  int
	wait time.Duration

	mu      sync.Mutex
	free    []*reader
	opened  int            // readers that exist, or are being opened
	waiting []chan *reader // first come, first served; nil: open one
}

func newPool(max int, wait time.Duration, open func() (*reader, error)) *pool {
	return &pool{open: open, max: max, wait: wait}
}

// acquire returns a reader, which must be released. Its statements are
// interrupted when ctx is done.
func (p *pool) acquire(ctx context.Context) (*reader, error) {
	r, err := p.take(ctx)
	if err != nil {
		return nil, err
	}
	if ctx.Done() != nil {
		r.c.db.SetInterrupt(ctx)
	}
	return r, nil
}

func (p *pool) take(ctx context.Context) (*reader, error) {
	p.mu.Lock()
	if n := len(p.free); n > 0 {
		r := p.free[n-1]
		p.free = p.free[:n-1]
		p.mu.Unlock()
		return r, nil
	}
	if p.opened < p.max {
		p.opened++
		p.mu.Unlock()
		return p.openOne()
	}
	turn := make(chan *reader, 1)
	p.waiting = append(p.waiting, turn)
	p.mu.Unlock()
	return p.await(ctx, turn)
}

// openOne opens a reader in a place that was counted already.
func (p *pool) openOne() (*reader, error) {
	r, err := p.open()
	if err != nil {
		p.vacate()
		return nil, err
	}
	return r, nil
}

// await waits for a reader to be handed over.
func (p *pool) await(ctx context.Context, turn chan *reader) (*reader, error) {
	limit := time.NewTimer(p.wait)
	defer limit.Stop()
	var err error
	select {
	case r := <-turn:
		return p.handed(r)
	case <-ctx.Done():
		err = ctx.Err()
	case <-limit.C:
		err = &storage.Error{Kind: storage.ErrPoolExhausted}
	}
	if p.leave(turn) {
		return nil, err
	}
	return p.handed(<-turn) // it came at the last moment
}

func (p *pool) handed(r *reader) (*reader, error) {
	if r == nil {
		return p.openOne()
	}
	return r, nil
}

// leave takes a waiter out of the queue, and reports whether it was there.
func (p *pool) leave(turn chan *reader) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.waiting, turn)
	if i < 0 {
		return false
	}
	p.waiting = slices.Delete(p.waiting, i, i+1)
	return true
}

// release gives a reader back. What it still has open of a transaction ends.
func (p *pool) release(r *reader) {
	r.c.db.SetInterrupt(context.Background())
	if r.c.broken || r.end() != nil {
		p.discard(r)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.hand(r) {
		p.free = append(p.free, r)
	}
}

// end ends the reader's snapshot, if it has one.
func (r *reader) end() error {
	r.rows.reset()
	if r.c.idle() {
		return nil
	}
	return r.c.exec(`COMMIT`, nil)
}

// discard closes a reader that is not to be used again.
func (p *pool) discard(r *reader) {
	r.c.close() // whoever broke it was told
	p.vacate()
}

// vacate gives the place of a reader that is gone to a waiter, who opens
// another.
func (p *pool) vacate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.hand(nil) {
		p.opened--
	}
}

// hand gives a reader to the first waiter, and reports whether there is one.
func (p *pool) hand(r *reader) bool {
	if len(p.waiting) == 0 {
		return false
	}
	p.waiting[0] <- r
	p.waiting = slices.Delete(p.waiting, 0, 1)
	return true
}

// busy returns the number of readers, and of those in use.
func (p *pool) busy() (opened, busy int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened, p.opened - len(p.free)
}

// close closes the readers. None is in use.
func (p *pool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var first error
	for _, r := range p.free {
		if err := r.c.close(); first == nil {
			first = err
		}
	}
	p.free = nil
	return first
}
