package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const insertAttachmentSQL = `
INSERT INTO file_attachments (
	id, room_key, position, uploader_key, name, media_type, size, hash, blob, width, height, duration,
	custom, created_at, detached_at
)
VALUES (?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// InsertAttachment implements backend.AttachmentRows.
func (r *rows) InsertAttachment(_ context.Context, v *storage.Attachment) error {
	room, err := r.room(v.RoomID)
	if err != nil {
		return err
	}
	return r.insertAttachment(room.key, v)
}

// insertAttachment stores an attachment of a room, which may be a deleted one.
func (r *rows) insertAttachment(room int64, v *storage.Attachment) error {
	uploader, err := r.userKey(v.UploaderID)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes + len(v.Name) + len(v.Blob) + len(v.Custom)
	err = r.c.exec(insertAttachmentSQL, func(a *args) {
		a.id(v.ID)
		a.int(room)
		a.key(uploader)
		a.text(v.Name)
		a.textOrNull(v.MediaType)
		a.int(v.Size)
		a.textOrNull(v.Hash)
		a.text(v.Blob)
		a.int(v.Width)
		a.int(v.Height)
		a.int(int64(v.Duration))
		a.textOrNull(string(v.Custom))
		a.time(v.CreatedAt)
		a.time(v.DetachedAt)
	})
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.ErrDuplicate
	}
	return err
}

const (
	attachSQL = `
UPDATE file_attachments
SET message_key = ?, position = ?
WHERE id = ?`
	detachSQL = `
UPDATE file_attachments
SET detached_at = ?
WHERE message_key = ?`
	forgetCarriersSQL = `
UPDATE file_attachments
SET message_key = NULL
WHERE message_key BETWEEN ? AND ?`
)

// attach gives a new message the attachments that it carries.
func (r *rows) attach(key int64, all []storage.Attachment) error {
	for i, v := range all {
		r.pending.bytes += rowBytes
		err := r.execOne(attachSQL, func(a *args) {
			a.int(key)
			a.int(int64(i))
			a.id(v.ID)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// detach leaves behind what a message carries that becomes a tombstone, where a
// purge of the tombstone finds it.
func (r *rows) detach(key int64, at time.Time) error {
	return r.c.exec(detachSQL, func(a *args) {
		a.time(at)
		a.int(key)
	})
}

// file is an attachment that is about to go.
type file struct {
	key, message, room int64 // message: that carries it, 0 for none
	blob               string
}

const (
	filesByID = `
SELECT key, iif(detached_at IS NULL, message_key, NULL), room_key, blob
FROM file_attachments`
	fileSQL = filesByID + `
WHERE id = ?`
	fileNamesSQL = `
SELECT name
FROM file_attachments
WHERE message_key = ?
AND detached_at IS NULL
ORDER BY position`
	filesOfMessageSQL = filesByID + `
WHERE message_key = ?
ORDER BY position`
)

func scanFile(row *row) file {
	return file{key: row.int(), message: row.int(), room: row.int(), blob: row.text()}
}

// DeleteAttachment implements backend.AttachmentRows.
func (r *rows) DeleteAttachment(_ context.Context, id storage.AttachmentID) (freed string, err error) {
	var f file
	err = r.c.one(fileSQL, func(a *args) { a.id(id) }, func(row *row) error {
		f = scanFile(row)
		return nil
	})
	if err != nil {
		return "", err
	}
	if f.message == 0 {
		return r.removeFile(f)
	}
	was, err := r.deadEntry(f.message)
	if err != nil {
		return "", err
	}
	if freed, err = r.removeFile(f); err != nil || was.doc == 0 {
		return freed, err
	}
	now, err := r.deadEntry(f.message)
	if err != nil {
		return "", err
	}
	return freed, r.reindex(was, now.text)
}

const deadEntrySQL = `
SELECT m.doc, m.author_key, m.type, m.deleted_at, m.body, m.tags, m.attachments
FROM messages AS m
WHERE m.key = ?
AND m.key >> 32 IN (SELECT key FROM deleted_rooms)`

// deadEntry returns the entry of a message in a deleted room, which is still to be
// taken out as it was put in, and nothing for any other message.
func (r *rows) deadEntry(key int64) (e entry, err error) {
	err = r.c.one(deadEntrySQL, func(a *args) { a.int(key) }, func(row *row) (err error) {
		e = entry{doc: row.int(), author: row.int(), room: key >> 32}
		m, err := r.said(row, key)
		e.text = backend.SearchText(&m)
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return entry{}, nil
	}
	return e, err
}

// said returns what of a message its search text is made of, by its key and from a
// row with its type, deleted_at, body, tags and attachments.
func (r *rows) said(row *row, key int64) (m storage.Message, err error) {
	m = storage.Message{Type: known[storage.MessageType](row), DeletedAt: row.time(), Body: row.text()}
	row.json(&m.Tags)
	if row.int() > 0 {
		m.Attachments, err = r.fileNames(key)
	}
	return m, err
}

// fileNames returns the names of what a message carries, in attachments that have
// nothing else.
func (r *rows) fileNames(message int64) (all []storage.Attachment, err error) {
	err = r.c.query(fileNamesSQL, func(a *args) { a.int(message) }, func(row *row) error {
		all = append(all, storage.Attachment{Name: row.text()})
		return nil
	})
	return all, err
}

// purgeAttachments removes what a message carries, or a tombstone carried, and
// returns how many those were and the blobs that no other attachment has.
func (r *rows) purgeAttachments(key int64) (n int64, freed []string, err error) {
	var all []file
	err = r.c.query(filesOfMessageSQL, func(a *args) { a.int(key) }, func(row *row) error {
		all = append(all, scanFile(row))
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	for _, f := range all {
		blob, err := r.removeFile(f)
		if err != nil {
			return 0, nil, err
		}
		if blob != "" {
			freed = append(freed, blob)
		}
	}
	return int64(len(all)), freed, nil
}

const (
	deleteFileSQL = `
DELETE FROM file_attachments
WHERE key = ?`
	carryLessSQL = `
UPDATE messages
SET attachments = nullif(attachments - 1, 0)
WHERE key = ?`
	forgetFilesSQL = `
DELETE FROM deleted_room_files
WHERE room_key = ?1
AND NOT EXISTS (SELECT 1 FROM file_attachments WHERE room_key = ?1)`
	hasBlobSQL = `
SELECT EXISTS (SELECT 1 FROM file_attachments WHERE blob = ?)`
)

// removeFile removes an attachment, and returns its blob if no other has it.
func (r *rows) removeFile(f file) (freed string, err error) {
	r.pending.bytes += rowBytes
	if err := r.c.exec(deleteFileSQL, func(a *args) { a.int(f.key) }); err != nil {
		return "", err
	}
	if f.message != 0 {
		r.pending.bytes += messageBytes
		if err := r.c.exec(carryLessSQL, func(a *args) { a.int(f.message) }); err != nil {
			return "", err
		}
	}
	if err := r.c.exec(forgetFilesSQL, func(a *args) { a.int(f.room) }); err != nil {
		return "", err
	}
	shared := false
	err = r.c.one(hasBlobSQL, func(a *args) { a.text(f.blob) }, func(row *row) error {
		shared = row.bool()
		return nil
	})
	if err != nil || shared {
		return "", err
	}
	return f.blob, nil
}

const (
	// keepFilesSQL remembers a room that is deleted, by its key, if it has
	// attachments.
	keepFilesSQL = `
INSERT INTO deleted_room_files (room_key)
SELECT ?1
WHERE EXISTS (SELECT 1 FROM file_attachments WHERE room_key = ?1)`
	filesOfDeletedRoomsSQL = `
SELECT f.id
FROM deleted_room_files AS d
CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_room ON f.room_key = d.room_key
LIMIT ?`
	unattachedFilesSQL = `
SELECT f.id
FROM file_attachments AS f INDEXED BY file_attachments_resting
CROSS JOIN rooms AS r ON r.key = f.room_key
WHERE (f.message_key IS NULL OR f.detached_at IS NOT NULL)
AND ifnull(f.detached_at, f.created_at) <= ?
AND NOT (` + attachmentHeld + `)
ORDER BY ifnull(f.detached_at, f.created_at), f.id
LIMIT ?`
)

// AttachmentsToPurge implements backend.AttachmentRows. Where the second
// statement runs, the first gave all that the second passes over.
func (r *rows) AttachmentsToPurge(_ context.Context, unattached time.Time, limit int) (ids []storage.AttachmentID, err error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	scan := func(row *row) error {
		ids = append(ids, row.id())
		return nil
	}
	err = r.c.query(filesOfDeletedRoomsSQL, func(a *args) { a.int(int64(limit)) }, scan)
	if err != nil || len(ids) >= limit || unattached.IsZero() {
		return ids, err
	}
	bind := func(a *args) {
		a.time(unattached)
		a.int(int64(limit - len(ids)))
	}
	return ids, r.c.query(unattachedFilesSQL, bind, scan)
}
