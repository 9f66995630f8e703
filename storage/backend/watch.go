package backend

import (
	"context"
	"iter"
	"sync"
	"sync/atomic"
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
	w := s.calls.watch(q.Room)
	defer s.calls.watchers.remove(w)
	q.Limit, q.Cursor = watchBatch, ""
	for {
		page, err := s.reader.changes(ctx, op, q)
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
		if page.Next != "" {
			continue
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return storage.WithOp(op, ctx.Err())
		case <-s.calls.watchers.closed:
			return &storage.Error{Op: op, Kind: storage.ErrClosed}
		}
	}
}

// watch adds a watcher of one room, or of all where room is zero. Where other
// processes write too, the first one sends somebody to look out for them.
func (c *calls) watch(room storage.RoomID) *watcher {
	w := &watcher{room: room, wake: make(chan struct{}, 1)}
	_, shared := c.engine.(Shared)
	if first := c.watchers.add(w); first && shared {
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
		touched, all, err := c.news(context.Background(), &known)
		switch {
		case err != nil:
		case all:
			c.watchers.wakeAll()
		default:
			c.watchers.wake(touched)
		}
		select {
		case <-tick.C:
		case <-c.watchers.closed:
		}
	}
}

// news returns where changes have happened since the position known, or that it
// may be anywhere, and moves known to the newest.
func (c *calls) news(ctx context.Context, known *storage.Position) (touched []storage.RoomID, all bool, err error) {
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
			for _, change := range some {
				touched = append(touched, change.RoomID)
			}
		}
		*known = head.Newest
		return nil
	})
	return touched, all, err
}

// watchers are those who wait for changes.
type watchers struct {
	count  atomic.Int64
	closed chan struct{}

	mu      sync.Mutex
	byRoom  map[storage.RoomID]map[*watcher]struct{} // zero: of all rooms
	lookout bool                                     // somebody looks out
}

type watcher struct {
	room storage.RoomID
	wake chan struct{} // holds a value if there may be something new
}

func newWatchers() *watchers {
	return &watchers{closed: make(chan struct{}), byRoom: make(map[storage.RoomID]map[*watcher]struct{})}
}

// add reports whether somebody must begin to look out.
func (s *watchers) add(w *watcher) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byRoom[w.room] == nil {
		s.byRoom[w.room] = make(map[*watcher]struct{})
	}
	s.byRoom[w.room][w] = struct{}{}
	s.count.Add(1)
	first, s.lookout = !s.lookout, true
	return first
}

func (s *watchers) remove(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byRoom[w.room], w)
	if len(s.byRoom[w.room]) == 0 {
		delete(s.byRoom, w.room)
	}
	s.count.Add(-1)
}

// wanted reports whether whoever looks out is to go on.
func (s *watchers) wanted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		s.lookout = false
	default:
		s.lookout = len(s.byRoom) > 0
	}
	return s.lookout
}

// wake wakes those who watch rooms in which something has happened.
func (s *watchers) wake(touched []storage.RoomID) {
	if len(touched) == 0 || s.count.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeThoseOf(storage.RoomID{})
	for i, room := range touched {
		if !room.IsZero() && (i == 0 || room != touched[i-1]) {
			s.wakeThoseOf(room)
		}
	}
}

func (s *watchers) wakeAll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range s.byRoom {
		s.wakeThoseOf(room)
	}
}

func (s *watchers) wakeThoseOf(room storage.RoomID) {
	for w := range s.byRoom[room] {
		select {
		case w.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// close ends all watching.
func (s *watchers) close() { close(s.closed) }
