package backend

import (
	"context"
	"iter"
	"time"

	"github.com/lairchat/lair/storage"
)

// watchBatch is how many changes a watcher reads at once.
const watchBatch = 200

// lookAbroad is how often the feed is looked at for what other processes write,
// while somebody watches.
const lookAbroad = 250 * time.Millisecond

// Shared is implemented by engines whose data other processes can change.
type Shared interface {
	// Shared tells a backend of that kind from others; it does nothing.
	Shared()
}

// Announcing is implemented by rows of engines whose data no other process can
// change.
type Announcing interface {
	// AfterCommit has fn called when the transaction can be read, before the
	// next one begins; never, if it fails.
	AfterCommit(fn func())
}

// announce has the watchers told of what a transaction has changed, in the order
// of commits, where the engine knows it: what does not concern one of them that
// one passes over at once. Elsewhere it does nothing, and wake is to be called.
func (c *calls) announce(ctx context.Context, rows Rows, touched []touch) (done bool, err error) {
	a, ok := rows.(Announcing)
	if !ok || len(touched) == 0 {
		return ok, nil
	}
	head, err := rows.ChangeHead(ctx)
	if err != nil {
		return false, err
	}
	a.AfterCommit(func() {
		if c.watchers.count.Load() > 0 {
			c.watchers.tell(touched, head.Newest)
		}
	})
	return true, nil
}

// Watch implements storage.ChangeWatcher.
func (s *Store) Watch(ctx context.Context, q storage.ChangeQuery) iter.Seq2[storage.Change, error] {
	return func(yield func(storage.Change, error) bool) {
		if err := s.watch(ctx, q, func(c storage.Change) bool { return yield(c, nil) }); err != nil {
			yield(storage.Change{}, err)
		}
	}
}

// watch yields changes until one is not wanted or something fails.
func (s *Store) watch(ctx context.Context, q storage.ChangeQuery, yield func(storage.Change) bool) error {
	const op = "watch changes"
	if err := s.calls.outermost(ctx); err != nil {
		return storage.WithOp(op, err)
	}
	w := s.calls.watch(q)
	defer s.calls.watchers.remove(w)
	q.Limit, q.Cursor = watchBatch, ""
	for {
		page, sight, err := s.reader.changes(ctx, op, q)
		if err != nil {
			return err
		}
		for _, c := range page.Items {
			if err := ctx.Err(); err != nil {
				return storage.WithOp(op, err)
			}
			if !yield(c) {
				return nil
			}
		}
		q.After = page.Through
		if s.calls.watchers.follow(w, sight) || page.Next != "" {
			continue // in a new room, something may have happened that woke nobody
		}
		s.calls.watchers.rest(w, page.Through)
		select {
		case <-w.wake:
			q.After = s.calls.watchers.rise(w)
		case <-ctx.Done():
			return storage.WithOp(op, ctx.Err())
		case <-s.calls.watchers.closed:
			return &storage.Error{Op: op, Kind: storage.ErrClosed}
		}
	}
}

// watch adds a watcher. Where other processes write too, the first one sends
// somebody to look out for them.
func (c *calls) watch(q storage.ChangeQuery) *watcher {
	w := newWatcher(q)
	_, shared := c.engine.(Shared)
	if c.watchers.add(w, shared) {
		go c.lookOut()
	}
	return w
}

// lookOut wakes the watchers of what was written, by whomever, as long as there
// are any. A failure is the watchers' to report: they read the same.
func (c *calls) lookOut() {
	tick := time.NewTicker(lookAbroad)
	defer tick.Stop()
	known := storage.Position(-1) // whoever has looked before this may have missed something
	for c.watchers.wanted() {
		known = c.watchers.tellOwn(known)
		n, err := c.news(context.Background(), known)
		if err == nil {
			known = n.through
			n.tell(c.watchers)
		}
		if err == nil && n.more {
			continue
		}
		select {
		case <-tick.C:
		case <-c.watchers.closed:
		}
	}
}

// news is what has happened since a look.
type news struct {
	touched []touch
	all     bool             // it may be anything
	through storage.Position // so far it goes
	more    bool             // and something is beyond
}

func (n news) tell(s *watchers) {
	if n.all {
		s.wakeAll(n.through)
		return
	}
	s.tell(n.touched, n.through)
}

// news returns where the next changes have happened since the position known, so
// many that it holds no snapshot for long.
func (c *calls) news(ctx context.Context, known storage.Position) (n news, err error) {
	if !c.gate.enter() {
		return n, storage.ErrClosed
	}
	defer c.gate.leave()
	err = c.engine.Snapshot(ctx, func(rows Rows) (err error) {
		n, err = newsAfter(ctx, rows, known)
		return err
	})
	return n, err
}

func newsAfter(ctx context.Context, rows Rows, known storage.Position) (news, error) {
	head, err := rows.ChangeHead(ctx)
	n := news{through: head.Newest, all: known < head.Oldest-1}
	if err != nil || n.all || head.Newest == known {
		return n, err
	}
	some, through, err := rows.Changes(ctx, ChangeScan{After: known, Limit: changeWalk, Walk: changeWalk})
	if err != nil {
		return n, err
	}
	n.through, n.more = through, through < head.Newest
	for i := range some {
		if n.touched, err = appendTouch(ctx, rows, n.touched, &some[i]); err != nil {
			return n, err
		}
	}
	return n, nil
}
