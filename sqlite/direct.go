package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
)

const directRoomSQL = `SELECT` + roomColumns + `
FROM ` + roomTables + `
WHERE r.key = (
	SELECT d.room_key
	FROM users AS a
	CROSS JOIN users AS b
	CROSS JOIN direct_rooms AS d ON d.low_key = min(a.key, b.key) AND d.high_key = max(a.key, b.key)
	WHERE a.id = ?
	AND b.id = ?
)`

// DirectRoom implements backend.DirectRows.
func (r *rows) DirectRoom(_ context.Context, a, b storage.UserID) (storage.Room, error) {
	return r.oneRoom(directRoomSQL, func(args *args) {
		args.id(a)
		args.id(b)
	})
}

const insertDirectRoomSQL = `
INSERT INTO direct_rooms (low_key, high_key, room_key)
VALUES (?, ?, ?)`

// InsertDirectRoom implements backend.DirectRows.
func (r *rows) InsertDirectRoom(_ context.Context, a, b storage.UserID, room storage.RoomID) error {
	state, err := r.room(room)
	if err != nil {
		return err
	}
	first, err := r.userKey(a)
	if err != nil {
		return err
	}
	second, err := r.userKey(b)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.c.exec(insertDirectRoomSQL, func(args *args) {
		args.int(min(first, second))
		args.int(max(first, second))
		args.int(state.key)
	})
}
