package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// roomArgs binds what insertRoomSQL and updateRoomSQL have in common.
func (r *rows) roomArgs(m *backend.RoomRow) (func(*args), error) {
	creator, err := r.userKey(m.CreatorID)
	if err != nil {
		return nil, err
	}
	settings := m.Settings
	settings.Custom = nil
	settingsJSON, err := toJSON(settings)
	if err != nil {
		return nil, err
	}
	return func(a *args) {
		a.text(m.Name)
		a.text(m.FoldedName)
		a.textOrNull(m.DisplayName)
		a.textOrNull(m.Description)
		a.textOrNull(m.Topic)
		a.int(int64(m.Type))
		a.int(int64(m.Privacy))
		a.textOrNull(string(m.PasswordHash))
		a.textOrNull(settingsJSON)
		a.textOrNull(string(m.Settings.Custom))
		a.key(creator)
		a.bool(m.Active)
		a.time(m.ExpiresAt)
		a.time(m.CreatedAt)
		a.time(m.UpdatedAt)
		a.int(m.Version)
		a.id(m.ID)
	}, nil
}

// key binds NULL for 0, which stands for nobody.
func (a *args) key(key int64) {
	if key == 0 {
		a.null()
		return
	}
	a.int(key)
}

const (
	insertRoomSQL = `
INSERT INTO rooms (
	name, name_folded, display_name, description, topic, type, privacy, password_hash,
	settings, custom, creator_key, active, expires_at, created_at, updated_at, version, id, member_count
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`
	insertCountersSQL = `
INSERT INTO room_counters (room_key, last_seq, message_count, ordinal)
VALUES (?, 0, 0, 0)`
)

// InsertRoom implements backend.RoomRows.
func (r *rows) InsertRoom(_ context.Context, m *backend.RoomRow) error {
	bind, err := r.roomArgs(m)
	if err != nil {
		return err
	}
	if err := r.c.exec(insertRoomSQL, bind); err != nil {
		return err
	}
	key := r.c.db.LastInsertRowID()
	if err := r.c.exec(insertCountersSQL, func(a *args) { a.int(key) }); err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.insertWords(insertRoomWordSQL, key, m.Words)
}

const updateRoomSQL = `
UPDATE rooms
SET
	name = ?, name_folded = ?, display_name = ?, description = ?, topic = ?, type = ?, privacy = ?,
	password_hash = ?, settings = ?, custom = ?, creator_key = ?, active = ?, expires_at = ?,
	created_at = ?, updated_at = ?, version = ?
WHERE id = ?`

// UpdateRoom implements backend.RoomRows.
func (r *rows) UpdateRoom(_ context.Context, m *backend.RoomRow) error {
	state, err := r.room(m.ID)
	if err != nil {
		return err
	}
	bind, err := r.roomArgs(m)
	if err != nil {
		return err
	}
	if err := r.c.exec(updateRoomSQL, bind); err != nil {
		return err
	}
	r.pending.change(m.ID, state)
	state.active, state.expiresAt, state.rateLimit = m.Active, m.ExpiresAt, m.Settings.RateLimit
	r.pending.bytes += rowBytes
	return r.replaceWords(roomWordsSQL, deleteRoomWordsSQL, insertRoomWordSQL, state.key, m.Words)
}

const (
	roomWordsSQL = `
SELECT word
FROM room_words
WHERE room_key = ?
ORDER BY word`
	insertRoomWordSQL = `
INSERT INTO room_words (room_key, word)
VALUES (?, ?)`
	deleteRoomWordsSQL = `
DELETE FROM room_words
WHERE room_key = ?`
)

// deleteRoomSQL takes away a room, by key, with what readers and foreign keys
// find it by. Its messages, members, invites and sanctions, which nobody finds
// any more, are to follow.
var deleteRoomSQL = []string{
	deleteRoomWordsSQL,
	`DELETE FROM direct_rooms
WHERE room_key = ?`,
	`DELETE FROM room_counters
WHERE room_key = ?`,
	`DELETE FROM rooms
WHERE key = ?`,
	keepFilesSQL,
}

// leaveRemainsSQL leaves word of what is to follow.
const leaveRemainsSQL = `
INSERT INTO deleted_rooms (key, room_id)
VALUES (?, ?)`

// DeleteRoom implements backend.RoomRows.
func (r *rows) DeleteRoom(_ context.Context, id storage.RoomID) error {
	state, err := r.room(id)
	if err != nil {
		return err
	}
	if err := r.flush(); err != nil {
		return err
	}
	for _, sql := range deleteRoomSQL {
		if err := r.c.exec(sql, func(a *args) { a.int(state.key) }); err != nil {
			return err
		}
	}
	r.pending.drop(id)
	r.pending.bytes += rowBytes
	return r.c.exec(leaveRemainsSQL, func(a *args) {
		a.int(state.key)
		a.id(id)
	})
}
