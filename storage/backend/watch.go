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
			q.After = s.calls.watchers.rise(w, page.Through)
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
		touched, all, err := c.news(context.Background(), &known)
		switch {
		case err != nil:
		case all:
			c.watchers.wakeAll(known)
		default:
			c.watchers.tell(touched, known)
		}
		select {
		case <-tick.C:
		case <-c.watchers.closed:
		}
	}
}

// news returns where changes have happened since the position known, or that it
// may be anywhere, and moves known to the newest.
func (c *calls) news(ctx context.Context, known *storage.Position) (touched []touch, all bool, err error) {
	if !c.gate.enter() {
		return nil, false, storage.ErrClosed
	}
	defer c.gate.leave()
	err = c.engine.Snapshot(ctx, func(rows Rows) error {
		head, err := rows.ChangeHead(ctx)
		if err != nil || head.Newest == *known {
			return err
		}
		all = *known < head.Oldest-1 || head.Newest-*known > changeWalk
		if !all {
			some, _, err := rows.Changes(ctx, ChangeScan{After: *known, Limit: changeWalk, Walk: changeWalk})
			if err != nil {
				return err
			}
			for i := range some {
				if touched, err = appendTouch(ctx, rows, touched, &some[i]); err != nil {
					return err
				}
			}
		}
		*known = head.Newest
		return nil
	})
	return touched, all, err
}
