package backend

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// typing is who is typing where, and until when. What was noted since the last
// turn is young, what was before is old, and goes with the next: there are
// MaxTyping between turns, and so all of it has expired by then. Nobody ever
// waits until a great many have been looked through.
type typing struct {
	mu         sync.Mutex
	young, old typists
	turned     time.Time
}

// users returns who is typing in a room, sorted.
func (t *typing) users(room storage.RoomID, now time.Time) []storage.UserID {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	var users []storage.UserID
	for _, in := range []typists{t.young, t.old} { // nobody is in both
		for user, until := range in[room] {
			if now.Before(until) {
				users = append(users, user)
			}
		}
	}
	slices.SortFunc(users, storage.UserID.Compare)
	return users
}

// set notes who is typing until a time, which may have passed.
func (t *typing) set(room storage.RoomID, user storage.UserID, until, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.turn(now)
	if last := now.Add(storage.MaxTyping); until.After(last) {
		until = last
	}
	t.old.remove(room, user)
	if now.Before(until) {
		t.young.add(room, user, until)
	} else {
		t.young.remove(room, user)
	}
}

// forget notes that users are typing nowhere.
func (t *typing) forget(users []storage.UserID) {
	if len(users) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, in := range []typists{t.young, t.old} {
		for room := range in {
			for _, user := range users {
				in.remove(room, user)
			}
		}
	}
}

// turn lets the old go, if it is time. A clock that was put far back leaves
// times that make no sense any more: all go then.
func (t *typing) turn(now time.Time) {
	switch since := now.Sub(t.turned); {
	case t.young == nil, since >= 2*storage.MaxTyping, since <= -storage.MaxTyping:
		t.young, t.old = typists{}, typists{}
	case since >= storage.MaxTyping:
		t.young, t.old = typists{}, t.young
	default:
		return
	}
	t.turned = now
}

// typists are who is typing until when, by room. A room without any is not
// there.
type typists map[storage.RoomID]map[storage.UserID]time.Time

func (in typists) add(room storage.RoomID, user storage.UserID, until time.Time) {
	if in[room] == nil {
		in[room] = map[storage.UserID]time.Time{}
	}
	in[room][user] = until
}

func (in typists) remove(room storage.RoomID, user storage.UserID) {
	delete(in[room], user)
	if len(in[room]) == 0 {
		delete(in, room)
	}
}

// TypingUsers implements storage.TypingReader.
func (s *Store) TypingUsers(ctx context.Context, room storage.RoomID) ([]storage.UserID, error) {
	var users []storage.UserID
	op := storage.Op{Name: "list typing users"}
	err := s.calls.run(ctx, &op, unchecked, func() error {
		users = s.calls.typing.users(room, s.calls.now())
		op.Rows = len(users)
		return nil
	})
	return users, err
}

// SetTyping implements storage.TypingWriter.
func (s *Store) SetTyping(ctx context.Context, room storage.RoomID, user storage.UserID, until time.Time) error {
	return s.noteTyping(ctx, "set typing", room, user, until)
}

// ClearTyping implements storage.TypingWriter.
func (s *Store) ClearTyping(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	return s.noteTyping(ctx, "clear typing", room, user, time.Time{})
}

// noteTyping is no write, as far as the scope is concerned: it needs no turn,
// and so it may be called from within a transaction.
func (s *Store) noteTyping(ctx context.Context, name string, room storage.RoomID, user storage.UserID, until time.Time) error {
	op := storage.Op{Name: name, Rows: 1}
	return s.calls.run(ctx, &op, func() error {
		switch {
		case room.IsZero():
			return storage.Invalid("room", "unset")
		case user.IsZero():
			return storage.Invalid("user", "unset")
		}
		return nil
	}, func() error {
		s.calls.typing.set(room, user, storage.Timestamp(until), s.calls.now())
		return nil
	})
}
