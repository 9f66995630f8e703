package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const holdColumns = `
	h.id, h.room_id, h.user_id, h.reason, h.created_by, h.created_at, h.released_by, h.released_at`

func scanHold(row *row) storage.Hold {
	return storage.Hold{
		ID: row.id(), RoomID: row.id(), UserID: row.id(), Reason: row.text(),
		CreatedBy: row.id(), CreatedAt: row.time(), ReleasedBy: row.id(), ReleasedAt: row.time(),
	}
}

const holdSQL = `SELECT` + holdColumns + `
FROM legal_holds AS h
WHERE h.id = ?`

// Hold implements backend.HoldRows.
func (r *rows) Hold(_ context.Context, id storage.HoldID) (h storage.Hold, err error) {
	err = r.c.one(holdSQL, func(a *args) { a.id(id) }, func(row *row) error {
		h = scanHold(row)
		return nil
	})
	return h, err
}

// Holds implements backend.HoldRows.
func (r *rows) Holds(_ context.Context, s backend.HoldScan) ([]storage.Hold, error) {
	return listed(r, holdList(s), scanHold)
}

func holdList(s backend.HoldScan) list {
	l := from(holdColumns, "legal_holds AS h")
	if !s.Room.IsZero() {
		l.where("h.room_id = ?", s.Room[:])
	}
	if !s.User.IsZero() {
		l.where("h.user_id = ?", s.User[:])
	}
	if !s.WithReleased {
		l.where("h.released_at IS NULL")
	}
	l.scan(order{column: "h.created_at", id: "h.id"}, s.Scan)
	return l
}

const (
	insertHoldSQL = `
INSERT INTO legal_holds (
	id, room_id, room_key, user_id, user_key, reason, created_by, created_at, released_by, released_at
)
VALUES (
	?1, ?2, (SELECT key FROM rooms WHERE id = ?2), ?3, (SELECT key FROM users WHERE id = ?3), ?4, ?5, ?6, ?7, ?8
)`
	updateHoldSQL = `
UPDATE legal_holds
SET released_by = ?, released_at = ?
WHERE id = ?`
)

// InsertHold implements backend.HoldRows.
func (r *rows) InsertHold(_ context.Context, h *storage.Hold) error {
	r.pending.bytes += rowBytes + len(h.Reason)
	err := r.c.exec(insertHoldSQL, func(a *args) {
		a.id(h.ID)
		a.id(h.RoomID)
		a.id(h.UserID)
		a.text(h.Reason)
		a.id(h.CreatedBy)
		a.time(h.CreatedAt)
		a.id(h.ReleasedBy)
		a.time(h.ReleasedAt)
	})
	return bareDuplicate(err)
}

// UpdateHold implements backend.HoldRows.
func (r *rows) UpdateHold(_ context.Context, h *storage.Hold) error {
	r.pending.bytes += rowBytes
	return r.execOne(updateHoldSQL, func(a *args) {
		a.id(h.ReleasedBy)
		a.time(h.ReleasedAt)
		a.id(h.ID)
	})
}

// What holds cover, as conditions on a message m and an attachment f. Each is a
// seek or two in indexes that hold what stands, which is little.
const (
	standingOnRoom = `EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_rooms
	WHERE h.released_at IS NULL
	AND h.room_key = `
	standingOnUser = `EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_users
	WHERE h.released_at IS NULL
	AND h.user_key = `
	messageHeld = standingOnRoom + `m.key >> 32
)
OR ` + standingOnUser + `m.author_key
)
OR EXISTS (
	SELECT 1
	FROM file_attachments AS c INDEXED BY file_attachments_by_message
	CROSS JOIN legal_holds AS h INDEXED BY legal_holds_on_users ON h.user_key = c.uploader_key
	WHERE c.message_key = m.key
	AND h.released_at IS NULL
)`
	attachmentHeld = standingOnRoom + `f.room_key
)
OR ` + standingOnUser + `f.uploader_key
)
OR EXISTS (
	SELECT 1
	FROM messages AS c
	CROSS JOIN legal_holds AS h INDEXED BY legal_holds_on_users ON h.user_key = c.author_key
	WHERE c.key = f.message_key
	AND h.released_at IS NULL
)`

	anyHoldSQL = `
SELECT ` + standingOnRoom + `h.room_key
	AND h.room_key > 0
)
OR ` + standingOnUser + `h.user_key
	AND h.user_key > 0
)`
	messageHeldSQL = `
SELECT ` + messageHeld + `
FROM messages AS m
WHERE m.id = ?`
	attachmentHeldSQL = `
SELECT ` + attachmentHeld + `
FROM file_attachments AS f
WHERE f.id = ?`

	// What users who are held have said and uploaded in a room: a seek for each
	// of them, and their uploads in others.
	roomHeldSQL = `
SELECT ` + standingOnRoom + `r.key
)
OR EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_users
	CROSS JOIN messages AS m INDEXED BY messages_by_author ON m.author_key = h.user_key
	WHERE h.released_at IS NULL
	AND h.user_key IS NOT NULL
	AND m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
)
OR EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_users
	CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_uploader ON f.uploader_key = h.user_key
	WHERE h.released_at IS NULL
	AND h.user_key IS NOT NULL
	AND f.room_key = r.key
)
FROM rooms AS r
WHERE r.id = ?`

	// What a user has said and uploaded that is covered: a seek for each room that
	// is held, the user's uploads, and those of who is held.
	userHeldSQL = `
SELECT ` + standingOnUser + `u.key
)
OR EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_rooms
	CROSS JOIN messages AS m INDEXED BY messages_by_author ON m.author_key = u.key
	WHERE h.released_at IS NULL
	AND h.room_key IS NOT NULL
	AND m.key BETWEEN h.room_key << 32 AND (h.room_key << 32) + 4294967295
)
OR EXISTS (
	SELECT 1
	FROM file_attachments AS f INDEXED BY file_attachments_by_uploader
	CROSS JOIN legal_holds AS h INDEXED BY legal_holds_on_rooms ON h.room_key = f.room_key
	WHERE f.uploader_key = u.key
	AND h.released_at IS NULL
)
OR EXISTS (
	SELECT 1
	FROM file_attachments AS f INDEXED BY file_attachments_by_uploader
	CROSS JOIN messages AS m ON m.key = f.message_key
	CROSS JOIN legal_holds AS h INDEXED BY legal_holds_on_users ON h.user_key = m.author_key
	WHERE f.uploader_key = u.key
	AND h.released_at IS NULL
)
OR EXISTS (
	SELECT 1
	FROM legal_holds AS h INDEXED BY legal_holds_on_users
	CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_uploader ON f.uploader_key = h.user_key
	CROSS JOIN messages AS m ON m.key = f.message_key
	WHERE h.released_at IS NULL
	AND h.user_key IS NOT NULL
	AND m.author_key = u.key
)
FROM users AS u
WHERE u.id = ?`
)

// MessageHeld implements backend.HoldRows.
func (r *rows) MessageHeld(_ context.Context, id storage.MessageID) (bool, error) {
	return r.held(messageHeldSQL, id)
}

// AttachmentHeld implements backend.HoldRows.
func (r *rows) AttachmentHeld(_ context.Context, id storage.AttachmentID) (bool, error) {
	return r.held(attachmentHeldSQL, id)
}

// RoomHeld implements backend.HoldRows.
func (r *rows) RoomHeld(_ context.Context, id storage.RoomID) (bool, error) {
	return r.heldByAny(roomHeldSQL, id)
}

// UserHeld implements backend.HoldRows.
func (r *rows) UserHeld(_ context.Context, id storage.UserID) (bool, error) {
	return r.heldByAny(userHeldSQL, id)
}

// heldByAny spares the longer looks where nothing is held at all.
func (r *rows) heldByAny(sql string, id [16]byte) (any bool, err error) {
	err = r.c.one(anyHoldSQL, nil, func(row *row) error {
		any = row.bool()
		return nil
	})
	if err != nil || !any {
		return false, err
	}
	return r.held(sql, id)
}

// held asks whether a hold covers what is named; nothing is not covered.
func (r *rows) held(sql string, id [16]byte) (held bool, err error) {
	err = r.c.query(sql, func(a *args) { a.id(id) }, func(row *row) error {
		held = row.bool()
		return nil
	})
	return held, err
}
