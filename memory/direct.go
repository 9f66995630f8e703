package memory

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// directPair is what the room of two users is known by, in either order.
func (s *state) directPair(a, b storage.UserID) (p pair, ok bool) {
	first, second := s.userKey(a), s.userKey(b)
	return pairOf(min(first, second), max(first, second)), first != 0 && second != 0
}

func (r *rows) DirectRoom(_ context.Context, a, b storage.UserID) (storage.Room, error) {
	p, ok := r.directPair(a, b)
	if !ok {
		return storage.Room{}, storage.ErrNotFound
	}
	k, _ := r.directRooms.Get(p)
	return found(r.roomAt(k))
}

func (r *rows) InsertDirectRoom(_ context.Context, a, b storage.UserID, room storage.RoomID) error {
	p, ok := r.directPair(a, b)
	if !ok {
		return storage.ErrNotFound
	}
	r.directRooms.Set(p, r.roomKey(room))
	return nil
}

// removeDirectRoom forgets whose room it was.
func (s *state) removeDirectRoom(room key) {
	var gone pair
	s.directRooms.Scan(func(p pair, k key) bool {
		if k == room {
			gone = p
		}
		return gone == 0
	})
	s.directRooms.Delete(gone)
}
