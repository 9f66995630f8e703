package backend

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// typing is who is typing where, and until when. Whoever uses it takes away
// what has expired, once in MaxTyping: nothing is older than twice that.
type typing struct {
	mu    sync.Mutex
	rooms map[storage.RoomID]map[storage.UserID]time.Time
	swept time.Time
}

// users returns who is typing in a room, sorted.
func (t *typing) users(room storage.RoomID, now time.Time) []storage.UserID {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	var users []storage.UserID
	for user, until := range t.rooms[room] {
		if now.Before(until) {
			users = append(users, user)
		}
	}
	slices.SortFunc(users, storage.UserID.Compare)
	return users
}

// set notes who is typing until a time, which may have passed.
func (t *typing) set(room storage.RoomID, user storage.UserID, until, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sweep(now)
	if last := now.Add(storage.MaxTyping); until.After(last) {
		until = last
	}
	switch users := t.rooms[room]; {
	case !now.Before(until):
		delete(users, user)
		if len(users) == 0 {
			delete(t.rooms, room)
		}
	case users == nil:
		t.rooms[room] = map[storage.UserID]time.Time{user: until}
	default:
		users[user] = until
	}
}

// sweep takes away what has expired, unless it did so within the last
// MaxTyping. A clock that was put back is no reason to wait. Rooms go into a
// new map, since an old one keeps the size that it once had.
func (t *typing) sweep(now time.Time) {
	if since := now.Sub(t.swept); t.rooms != nil && since >= 0 && since < storage.MaxTyping {
		return
	}
	rooms := map[storage.RoomID]map[storage.UserID]time.Time{}
	for room, users := range t.rooms {
		for user, until := range users {
			if !now.Before(until) {
				delete(users, user)
			}
		}
		if len(users) > 0 {
			rooms[room] = users
		}
	}
	t.rooms, t.swept = rooms, now
}

// TypingUsers implements storage.TypingReader.
func (s *Store) TypingUsers(ctx context.Context, room storage.RoomID) ([]storage.UserID, error) {
	var users []storage.UserID
	op := storage.Op{Name: "list typing users"}
	err := s.calls.run(ctx, &op, unchecked, func() error {
		users = s.typing.users(room, s.calls.now())
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
		s.typing.set(room, user, storage.Timestamp(until), s.calls.now())
		return nil
	})
}
