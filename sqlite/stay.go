package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const insertStaySQL = `
INSERT INTO room_stays (user_id, room_id, from_position)
VALUES (?, ?, ?)`

// BeginStay implements backend.ChangeRows.
func (r *rows) BeginStay(_ context.Context, room storage.RoomID, user storage.UserID, at storage.Position) error {
	r.pending.bytes += rowBytes
	return r.c.exec(insertStaySQL, func(a *args) {
		a.id(user)
		a.id(room)
		a.int(int64(at))
	})
}

const (
	endStaySQL = `
UPDATE room_stays
SET to_position = ?
WHERE user_id = ?
AND room_id = ?
AND to_position IS NULL`
	endStaysOfUserSQL = `
UPDATE room_stays
SET to_position = ?
WHERE user_id = ?
AND to_position IS NULL`
	endStaysInRoomSQL = `
UPDATE room_stays INDEXED BY room_stays_open
SET to_position = ?
WHERE room_id = ?
AND to_position IS NULL`
)

// EndStays implements backend.ChangeRows.
func (r *rows) EndStays(_ context.Context, room storage.RoomID, user storage.UserID, at storage.Position) error {
	r.pending.bytes += rowBytes
	sql := endStaySQL
	switch {
	case room.IsZero():
		sql = endStaysOfUserSQL
	case user.IsZero():
		sql = endStaysInRoomSQL
	}
	return r.c.exec(sql, func(a *args) {
		a.int(int64(at))
		if !user.IsZero() {
			a.id(user)
		}
		if !room.IsZero() {
			a.id(room)
		}
	})
}

const staysSQL = `
SELECT room_id, from_position, ifnull(to_position, 0)
FROM room_stays
WHERE user_id = ?
ORDER BY room_id, from_position`

// Stays implements backend.ChangeRows.
func (r *rows) Stays(_ context.Context, user storage.UserID) (all []backend.Stay, err error) {
	err = r.c.query(staysSQL, func(a *args) { a.id(user) }, func(row *row) error {
		all = append(all, backend.Stay{
			Room: row.id(), From: storage.Position(row.int()), To: storage.Position(row.int()),
		})
		return nil
	})
	return all, err
}

const stayedTogetherSQL = `
SELECT EXISTS (
	SELECT 1
	FROM room_stays AS a
	CROSS JOIN room_stays AS b ON b.room_id = a.room_id
	WHERE a.user_id = ?1
	AND b.user_id = ?2
	AND a.from_position <= ?3
	AND b.from_position <= ?3
	AND (a.to_position IS NULL OR a.to_position >= ?3)
	AND (b.to_position IS NULL OR b.to_position >= ?3)
)`

// StayedTogether implements backend.ChangeRows.
func (r *rows) StayedTogether(_ context.Context, a, b storage.UserID, at storage.Position) (together bool, err error) {
	bind := func(args *args) {
		args.id(a)
		args.id(b)
		args.int(int64(at))
	}
	err = r.c.one(stayedTogetherSQL, bind, func(row *row) error {
		together = row.bool()
		return nil
	})
	return together, err
}

const historyHiddenSQL = `
SELECT ifnull(settings ->> '$.history_hidden', 0)
FROM rooms
WHERE id = ?`

// HistoryHidden implements backend.ChangeRows.
func (r *rows) HistoryHidden(_ context.Context, room storage.RoomID) (hidden bool, err error) {
	err = r.c.one(historyHiddenSQL, func(a *args) { a.id(room) }, func(row *row) error {
		hidden = row.bool()
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return true, nil
	}
	return hidden, err
}
