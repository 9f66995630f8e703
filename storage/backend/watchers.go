package backend

import (
	"sync"
	"sync/atomic"

	"github.com/lairchat/lair/storage"
)

// watchers are those who wait for changes: of all, of one room, or of what one
// user may see. Whoever wakes them looks only at those whom it concerns.
type watchers struct {
	count  atomic.Int64
	closed chan struct{}

	mu      sync.Mutex
	ofAll   watcherSet
	ofRoom  map[storage.RoomID]watcherSet
	ofUser  map[storage.UserID]watcherSet
	within  map[storage.RoomID]watcherSet // of a user who is in the room
	lookout bool                          // somebody looks out
	told    storage.Position              // up to which that one has told of all changes, in order
	own     map[storage.Position]commit   // of this process, by their first changes, of which that one need not read
}

type watcherSet map[*watcher]struct{}

// watcher watches one room, or one user, or where both are zero, everything.
type watcher struct {
	room  storage.RoomID
	user  storage.UserID
	rooms map[storage.RoomID]struct{} // that the user was in, by the last look
	wake  chan struct{}               // holds a value if there may be something new

	through   storage.Position // up to which it had looked when it last began to rest
	concerned storage.Position // of the last change that it was told of

	// While it rests: nothing that it was told of goes beyond where it had
	// looked; or else, up to where nothing did.
	unconcerned bool
	passed      storage.Position
}

func newWatcher(q storage.ChangeQuery) *watcher {
	w := &watcher{room: q.Room, wake: make(chan struct{}, 1)}
	if q.Room.IsZero() {
		w.user = q.User
	}
	return w
}

func newWatchers() *watchers {
	return &watchers{
		closed: make(chan struct{}),
		ofAll:  make(watcherSet),
		ofRoom: make(map[storage.RoomID]watcherSet),
		ofUser: make(map[storage.UserID]watcherSet),
		within: make(map[storage.RoomID]watcherSet),
		own:    make(map[storage.Position]commit),
	}
}

// add reports whether somebody must begin to look out, where that is wanted.
func (s *watchers) add(w *watcher, shared bool) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !w.room.IsZero():
		enlist(s.ofRoom, w.room, w)
	case !w.user.IsZero():
		enlist(s.ofUser, w.user, w)
	default:
		s.ofAll[w] = struct{}{}
	}
	s.count.Add(1)
	first = shared && !s.lookout
	s.lookout = shared
	return first
}

func (s *watchers) remove(w *watcher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.ofAll, w)
	discharge(s.ofRoom, w.room, w)
	discharge(s.ofUser, w.user, w)
	for room := range w.rooms {
		discharge(s.within, room, w)
	}
	s.count.Add(-1)
}

func enlist[K comparable](all map[K]watcherSet, key K, w *watcher) {
	if all[key] == nil {
		all[key] = make(watcherSet)
	}
	all[key][w] = struct{}{}
}

func discharge[K comparable](all map[K]watcherSet, key K, w *watcher) {
	delete(all[key], w)
	if len(all[key]) == 0 {
		delete(all, key)
	}
}

// follow has a watcher of a user woken by the rooms that the user is in by now,
// and reports whether there are new ones. Only the watcher itself calls it.
func (s *watchers) follow(w *watcher, now *sight) (more bool) {
	if w.user.IsZero() || now == nil {
		return false
	}
	rooms := make(map[storage.RoomID]struct{}, len(w.rooms))
	for room, stays := range now.stays {
		if stays[len(stays)-1].To == 0 {
			rooms[room] = struct{}{}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for room := range w.rooms {
		if _, still := rooms[room]; !still {
			discharge(s.within, room, w)
		}
	}
	for room := range rooms {
		if _, already := w.rooms[room]; !already {
			enlist(s.within, room, w)
			more = true
		}
	}
	w.rooms = rooms
	return more
}

// wanted reports whether whoever looks out is to go on.
func (s *watchers) wanted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		s.lookout = false
	default:
		s.lookout = s.count.Load() > 0
	}
	if !s.lookout {
		clear(s.own)
	}
	return s.lookout
}

// rest is called before a watcher waits, which has looked through the feed up to
// a position. What it was told of while it looked, and lies beyond, it has yet to
// see.
func (s *watchers) rest(w *watcher, through storage.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.through, w.unconcerned, w.passed = through, w.concerned <= through, through
}

// rise is called when a watcher has been woken, and returns after which position
// it must look. What was told in the meantime, and did not concern it, it need
// not walk past: in a quiet room of a busy store that may be much, and by now it
// may have been pruned.
func (s *watchers) rise(w *watcher) storage.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w.unconcerned {
		return max(w.through, s.told)
	}
	return w.passed
}
