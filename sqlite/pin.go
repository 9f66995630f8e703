package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// The pinned messages of a room are few, and have an index of their own.
const (
	pinnedTables = `rooms AS r CROSS JOIN messages AS m INDEXED BY messages_by_pin`
	pinnedOfRoom = `SELECT` + messageColumns + `, ` + generationColumn + `
FROM ` + pinnedTables + `
WHERE r.id = ?
AND m.key > (r.key << 32) + ?
AND m.key < (r.key << 32) + ?
AND m.pinned_at IS NOT NULL
AND (m.expires_at IS NULL OR m.expires_at > ?)`

	newestPinnedSQL = pinnedOfRoom + newestFirst
	oldestPinnedSQL = pinnedOfRoom + oldestFirst
)

// pinnedInRoom reports whether the index of pins has all that a scan selects.
func pinnedInRoom(s backend.MessageScan) bool {
	return s.Pinned && !s.Room.IsZero() && s.Author.IsZero()
}

const pinMessageSQL = `
UPDATE messages
SET pinned_at = ?, version = ?
WHERE id = ?`

// PinMessage implements backend.MessageRows.
func (r *rows) PinMessage(_ context.Context, id storage.MessageID, at time.Time, version int64) error {
	r.pending.bytes += messageBytes
	return r.execOne(pinMessageSQL, func(a *args) {
		a.time(at)
		a.int(version)
		a.id(id)
	})
}
