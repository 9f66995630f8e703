package sqlite

// Where a search looks: rooms and author by their keys.

import (
	"errors"

	"github.com/lairchat/lair/storage"
)

// resolve looks up rooms and author. It is not ok if nothing can be found.
func (f *finder) resolve() (ok bool, err error) {
	if !f.s.Author.IsZero() {
		f.author, err = f.r.userKey(f.s.Author)
		if errors.Is(err, storage.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
	if err := f.resolveRooms(); err != nil || f.rooms == nil {
		return err == nil, err
	}
	f.low = make(map[int64]struct{}, len(f.rooms))
	for key := range f.rooms {
		f.low[key&roomMask] = struct{}{}
	}
	return len(f.rooms) > 0, nil
}

func (f *finder) resolveRooms() error {
	var readable map[int64]storage.RoomID
	if !f.s.Reader.IsZero() {
		var err error
		if readable, err = f.roomsOf(f.s.Reader); err != nil {
			return err
		}
		f.rooms = readable
	}
	if len(f.s.Rooms) == 0 {
		return nil
	}
	f.rooms = make(map[int64]storage.RoomID, len(f.s.Rooms))
	for _, id := range f.s.Rooms {
		state, err := f.r.room(id)
		if errors.Is(err, storage.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		if _, ok := readable[state.key]; ok || readable == nil {
			f.rooms[state.key] = id
		}
	}
	return nil
}

const roomsOfUserSQL = `
SELECT r.key, r.id
FROM room_memberships AS m
CROSS JOIN rooms AS r ON r.key = m.room_key
WHERE m.user_key = (SELECT key FROM users WHERE id = ?)`

// roomsOf returns the rooms that a user is a member of.
func (f *finder) roomsOf(user storage.UserID) (map[int64]storage.RoomID, error) {
	rooms := make(map[int64]storage.RoomID)
	err := f.r.c.query(roomsOfUserSQL, func(a *args) { a.id(user) }, func(row *row) error {
		rooms[row.int()] = row.id()
		return nil
	})
	return rooms, err
}

const roomIDSQL = `
SELECT id
FROM rooms
WHERE key = ?`

// room returns the identifier of a room where to look, and zero for any other
// and for one that is deleted.
func (f *finder) room(key int64) (id storage.RoomID, err error) {
	if f.rooms != nil {
		return f.rooms[key], nil
	}
	if id, ok := f.names[key]; ok {
		return id, nil
	}
	err = f.r.c.one(roomIDSQL, func(a *args) { a.int(key) }, func(row *row) error {
		id = row.id()
		return nil
	})
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return id, err
	}
	f.names[key] = id
	return id, nil
}
