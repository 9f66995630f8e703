package backend

// Who is woken by what has happened.

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// touch is what a change concerns: who watches which of these is woken.
type touch struct {
	place
	at storage.Position // of the change, of several the last
}

type place struct {
	room    storage.RoomID
	user    storage.UserID // of whom it tells
	members bool           // it may be told to all who are in the room
	aside   bool           // it did not happen in the room
}

// appendTouch adds what a change concerns, which is in rows. What happens to a
// user concerns those who share a room with that user.
func appendTouch(ctx context.Context, rows Rows, all []touch, c *storage.Change) ([]touch, error) {
	p := place{room: c.RoomID, user: c.UserID, members: !toldToNoOther(c.Kind)}
	if n := len(all); n > 0 && all[n-1].place == p {
		all[n-1].at = c.Position
	} else {
		all = append(all, touch{p, c.Position})
	}
	if c.Kind != storage.ChangeUserUpdated && c.Kind != storage.ChangeUserDeleted {
		return all, nil
	}
	stays, err := rows.Stays(ctx, c.UserID)
	for _, stay := range stays {
		if stay.From <= c.Position && (stay.To == 0 || c.Position <= stay.To) {
			all = append(all, touch{place{room: stay.Room, members: true, aside: true}, c.Position})
		}
	}
	return all, err
}

// commit is what one call of this process has changed.
type commit struct {
	last    storage.Position
	touched []touch
}

// maxOwn is how many commits are kept for whoever looks out, who reads the rest.
const maxOwn = 10_000

// wake wakes those whom something concerns that this process has changed. first
// is the first of these changes, if touched tells of all from there on, 0 if some
// may have been taken back.
func (s *watchers) wake(touched []touch, first storage.Position) {
	if len(touched) == 0 || s.count.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.each(touched, func(w *watcher, _ storage.Position) { w.rouse() })
	if s.lookout && first > s.told && len(s.own) < maxOwn {
		s.own[first] = commit{last: touched[len(touched)-1].at, touched: touched}
	}
}

// tellOwn is tell for what this process itself has changed next, and returns up
// to where that goes: to read it again would cost as much as to write it.
func (s *watchers) tellOwn(known storage.Position) storage.Position {
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		c, ok := s.own[known+1]
		if !ok {
			return known
		}
		delete(s.own, known+1)
		known = c.last
		s.each(c.touched, s.concern)
		s.told = known
	}
}

// tell is wake for all that has happened up to a position since tell, tellOwn or
// wakeAll was called last. What touched tells of beyond that was taken back.
func (s *watchers) tell(touched []touch, through storage.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.each(touched, func(w *watcher, at storage.Position) { s.concern(w, min(at, through)) })
	s.toldOf(through)
}

// wakeAll is tell where nobody knows what has happened.
func (s *watchers) wakeAll(through storage.Position) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ofAll.each(through, s.concern)
	for _, all := range s.ofRoom {
		all.each(through, s.concern)
	}
	for _, all := range s.ofUser {
		all.each(through, s.concern)
	}
	s.toldOf(through)
}

func (s *watchers) toldOf(through storage.Position) {
	s.told = through
	for first := range s.own {
		if first <= through {
			delete(s.own, first)
		}
	}
}

// each calls do for those whom something concerns, for some more than once.
func (s *watchers) each(touched []touch, do func(*watcher, storage.Position)) {
	if n := len(touched); n > 0 {
		s.ofAll.each(touched[n-1].at, do)
	}
	for _, t := range touched {
		s.ofUser[t.user].each(t.at, do)
		if !t.aside {
			s.ofRoom[t.room].each(t.at, do)
		}
		if t.members {
			s.within[t.room].each(t.at, do)
		}
	}
}

func (all watcherSet) each(at storage.Position, do func(*watcher, storage.Position)) {
	for w := range all {
		do(w, at)
	}
}

// concern wakes a watcher because of a change at a position, unless it had looked
// further already when it went to rest. The change came after all that was told
// of before.
func (s *watchers) concern(w *watcher, at storage.Position) {
	if at <= w.through {
		return
	}
	if w.unconcerned {
		w.unconcerned, w.passed = false, max(w.through, s.told)
	}
	w.concerned = max(w.concerned, at)
	w.rouse()
}

func (w *watcher) rouse() {
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
}

// close ends all watching.
func (s *watchers) close() { close(s.closed) }
