package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const insertStaySQL = `
INSERT INTO room_stays (user_id, room_id, from_position, joined_seq)
VALUES (?, ?, ?, ?)`

// BeginStay implements backend.ChangeRows.
func (r *rows) BeginStay(_ context.Context, user storage.UserID, s backend.Stay) error {
	r.pending.bytes += rowBytes
	return r.c.exec(insertStaySQL, func(a *args) {
		a.id(user)
		a.id(s.Room)
		a.int(int64(s.From))
		a.int(s.Seq)
	})
}

const (
	endStaySQL = `
UPDATE room_stays
SET to_position = ?1
WHERE user_id = ?2
AND room_id = ?3
AND to_position IS NULL
AND from_position > ifnull((SELECT max(ended_at) FROM deleted_rooms WHERE room_id = ?3), -1)`
	endStaysOfUserSQL = `
UPDATE room_stays
SET to_position = ?
WHERE user_id = ?
AND to_position IS NULL`
	// Those in a room end with it: the rows are told by batches.
	endStaysInRoomSQL = `
UPDATE deleted_rooms
SET ended_at = ?
WHERE room_id = ?
AND ended_at IS NULL`
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

// endOf returns at which change a stay ended, NULL where it goes on: with a room
// that is deleted since, even if its row does not say so yet.
func endOf(stay string) string {
	return `ifnull(` + stay + `.to_position, (
		SELECT min(d.ended_at)
		FROM deleted_rooms AS d
		WHERE d.room_id = ` + stay + `.room_id
		AND d.ended_at >= ` + stay + `.from_position
	))`
}

var staysSQL = `
SELECT s.room_id, s.from_position, ifnull(` + endOf("s") + `, 0), s.joined_seq
FROM room_stays AS s
WHERE s.user_id = ?
ORDER BY s.room_id, s.from_position`

// Stays implements backend.ChangeRows.
func (r *rows) Stays(_ context.Context, user storage.UserID) (all []backend.Stay, err error) {
	err = r.c.query(staysSQL, func(a *args) { a.id(user) }, func(row *row) error {
		all = append(all, backend.Stay{
			Room: row.id(), From: storage.Position(row.int()), To: storage.Position(row.int()), Seq: row.int(),
		})
		return nil
	})
	return all, err
}

var stayedTogetherSQL = `
SELECT EXISTS (
	SELECT 1
	FROM room_stays AS a
	CROSS JOIN room_stays AS b ON b.room_id = a.room_id
	WHERE a.user_id = ?1
	AND b.user_id = ?2
	AND a.from_position <= ?3
	AND b.from_position <= ?3
	AND ifnull(` + endOf("a") + `, ?3) >= ?3
	AND ifnull(` + endOf("b") + `, ?3) >= ?3
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

// The membership is one of the last stay, which has not ended.
const hiddenUpToSQL = `
SELECT r.id, (
	SELECT s.joined_seq
	FROM room_stays AS s
	WHERE s.user_id = ?1
	AND s.room_id = r.id
	ORDER BY s.from_position DESC
	LIMIT 1
)
FROM room_memberships AS m
CROSS JOIN rooms AS r ON r.key = m.room_key
WHERE m.user_key = (SELECT key FROM users WHERE id = ?1)
AND r.settings ->> '$.history_hidden'`

// HiddenUpTo implements backend.ChangeRows.
func (r *rows) HiddenUpTo(_ context.Context, user storage.UserID) (map[storage.RoomID]int64, error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	var upTo map[storage.RoomID]int64
	err := r.c.query(hiddenUpToSQL, func(a *args) { a.id(user) }, func(row *row) error {
		if upTo == nil {
			upTo = make(map[storage.RoomID]int64)
		}
		room := row.id()
		upTo[room] = row.int()
		return nil
	})
	return upTo, err
}
