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
	r.removeInvites(func(i *invite) bool { return i.room == room.key })
	r.removeSanctions(r.sanctionsIn(room.key))
	if room.row.Type == storage.RoomDirectMessage {
		r.removeDirectRoom(room.key)
	}
	r.removeRoom(room)
	r.roomIDs.Delete(identified[key]{id: id})
	if room.lastSeq > 0 {
		r.deletedRooms.Set(room.key, struct{}{})
	}
	if r.hasFiles(room.key) {
		r.deletedWithFiles.Set(room.key, struct{}{})
	}
	return nil
}

// SweepRooms counts stubs and receipts, too.
func (r *rows) SweepRooms(_ context.Context, limit int) (more bool, err error) {
	for limit > 0 {
		k, _, ok := r.deletedRooms.Min()
		if !ok {
			break
		}
		for _, sweep := range []func(room key, limit int) int{r.sweepMessages, r.sweepStubs, r.sweepReadings} {
			limit -= sweep(k, limit)
		}
		if r.isSwept(k) {
			r.deletedRooms.Delete(k)
		}
	}
	return r.deletedRooms.Len() > 0, nil
}

func (s *state) sweepMessages(room key, limit int) int {
	first := firstOf(places(&s.messages, spanOf(room), false), limit)
	for _, at := range first {
		m, _ := s.messages.Get(at)
		s.forgetEmoji(m.ID)
		s.removeMessage(at)
		if !m.Deleted() {
			s.addDelta(s.messageDelta(m, -1))
		}
	}
	return len(first)
}

func (s *state) sweepStubs(room key, limit int) int {
	first := firstOf(places(&s.stubs, spanOf(room), false), limit)
	for _, at := range first {
		s.removeStub(at)
	}
	return len(first)
}

func (s *state) sweepReadings(room key, limit int) int {
	first := firstOf(s.readingsIn(room), limit)
	s.removeReadings(first)
	return len(first)
}

// isSwept reports whether nothing is left of a deleted room's messages.
func (s *state) isSwept(room key) bool {
	for range places(&s.messages, spanOf(room), false) {
		return false
	}
	for range places(&s.stubs, spanOf(room), false) {
		return false
	}
	for range s.readingsIn(room) {
		return false
	}
	return true
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
