package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Raw records of what deleted rooms have left of attachments.

const rawLeftoversSQL = `SELECT` + attachmentColumns + `, u.id, d.room_key
FROM deleted_room_files AS d
CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_room ON f.room_key = d.room_key
LEFT JOIN users AS u ON u.key = f.uploader_key
WHERE d.room_key >= ?1
AND (d.room_key > ?1 OR (f.created_at, f.id) > (?2, ?3))
ORDER BY d.room_key, f.created_at, f.id
LIMIT ?4`

func (r *rows) rawLeftovers(page *rawPage, after *storage.Keyset) error {
	before := page.after.Low
	bind := func(a *args) {
		a.int(before)
		a.fromTime(page, after)
	}
	return r.c.query(rawLeftoversSQL, bind, func(row *row) error {
		raw := &storage.RawLeftover{Attachment: scanAttachment(row)}
		raw.UploaderID = row.id()
		place := storage.Keyset{Int: backend.Micros(raw.CreatedAt), ID: raw.ID, Low: row.int()}
		raw.Next, before = place.Low != before, place.Low
		return page.add(place, len(raw.Custom), storage.Raw{Leftover: raw})
	})
}

const (
	lastLeftSQL = `
SELECT max(room_key)
FROM deleted_room_files
HAVING count(*) > 0`
	nextRoomKeySQL = `
UPDATE sqlite_sequence
SET seq = seq + 1
WHERE name = 'rooms'
RETURNING seq`
	firstRoomKeySQL = `
INSERT INTO sqlite_sequence (name, seq)
VALUES ('rooms', 1)`
	leaveFilesSQL = `
INSERT INTO deleted_room_files (room_key)
VALUES (?)`
)

// RestoreLeftover implements backend.RawRows. The room's key is one that no room
// will ever have.
func (r *rows) RestoreLeftover(_ context.Context, v *storage.RawLeftover) error {
	var room int64
	scan := func(row *row) error {
		room = row.int()
		return nil
	}
	err := r.c.one(lastLeftSQL, nil, scan)
	if v.Next || errors.Is(err, storage.ErrNotFound) {
		if room, err = r.deadKey(nextRoomKeySQL, firstRoomKeySQL); err == nil {
			err = r.c.exec(leaveFilesSQL, func(a *args) { a.int(room) })
		}
	}
	if err != nil {
		return err
	}
	return r.insertAttachment(room, &v.Attachment)
}

// deadKey deals a key that no row will ever have, as those of rows that were
// deleted.
func (r *rows) deadKey(next, first string) (key int64, err error) {
	err = r.c.one(next, nil, func(row *row) error {
		key = row.int()
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return 1, r.c.exec(first, nil)
	}
	return key, err
}
