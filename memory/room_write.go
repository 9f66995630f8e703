package memory

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) InsertRoom(_ context.Context, row *backend.RoomRow) error {
	r.lastRoom++
	r.roomIDs.Set(identified[key]{row.ID, r.lastRoom})
	r.addRoom(&room{row: cloneRoom(row), key: r.lastRoom, creator: r.userKey(row.CreatorID)})
	return nil
}

func (r *rows) UpdateRoom(_ context.Context, row *backend.RoomRow) error {
	old, ok := r.rooms.Get(r.roomKey(row.ID))
	if !ok {
		return storage.ErrNotFound
	}
	r.removeRoom(old)
	changed := *old
	changed.row, changed.creator = cloneRoom(row), r.userKey(row.CreatorID)
	r.addRoom(&changed)
	return nil
}

func (r *rows) DeleteRoom(_ context.Context, id storage.RoomID) error {
	room, ok := r.rooms.Get(r.roomKey(id))
	if !ok {
		return storage.ErrNotFound
	}
	for _, m := range r.membersOfRoom(room.key) {
		r.removeMember(m)
	}
	r.removeRoom(room)
	r.roomIDs.Delete(identified[key]{id: id})
	if room.lastSeq > 0 {
		r.deletedRooms.Set(room.key, struct{}{})
	}
	return nil
}

func (r *rows) SweepRooms(_ context.Context, limit int) (more bool, err error) {
	for limit > 0 {
		k, _, ok := r.deletedRooms.Min()
		if !ok {
			break
		}
		swept, rest := r.firstMessages(k, limit)
		for _, p := range swept {
			r.removeMessage(p)
		}
		if !rest {
			r.deletedRooms.Delete(k)
		}
		limit -= len(swept)
	}
	return r.deletedRooms.Len() > 0, nil
}

// firstMessages returns where the first messages of a room are, at most limit,
// and whether there are more.
func (s *state) firstMessages(room key, limit int) (first []pair, more bool) {
	for p := range within(&s.messages, spanOf(room), false) {
		if len(first) == limit {
			return first, true
		}
		first = append(first, p)
	}
	return first, false
}

func cloneRoom(r *backend.RoomRow) *backend.RoomRow {
	row := *r
	row.Room = r.Room.Clone()
	row.Words = slices.Clone(r.Words)
	return &row
}

// addRoom stores a room and its index entries, but for the one by ID.
func (s *state) addRoom(r *room) {
	s.rooms.Set(r.key, r)
	s.roomNames.Set(roomEntry(storage.RoomsByName, r))
	s.roomCreations.Set(roomEntry(storage.RoomsByCreation, r))
}

// removeRoom is the inverse of addRoom.
func (s *state) removeRoom(r *room) {
	s.rooms.Delete(r.key)
	s.roomNames.Delete(roomEntry(storage.RoomsByName, r))
	s.roomCreations.Delete(roomEntry(storage.RoomsByCreation, r))
}

// changeRoom replaces a room, which must be there, by a copy that fn has changed.
func (s *state) changeRoom(k key, fn func(*room)) {
	r, _ := s.rooms.Get(k)
	changed := *r
	fn(&changed)
	s.rooms.Set(k, &changed)
}
