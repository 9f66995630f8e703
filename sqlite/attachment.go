package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const attachmentColumns = `
	f.id, f.name, f.media_type, f.size, f.hash, f.blob, f.width, f.height, f.duration, f.custom, f.created_at,
	f.detached_at`

// scanAttachment reads attachmentColumns. The identifiers of the room, the
// message and the uploader are left to the caller.
func scanAttachment(row *row) storage.Attachment {
	return storage.Attachment{
		ID: row.id(), Name: row.text(), MediaType: row.text(), Size: row.int(), Hash: row.text(), Blob: row.text(),
		Width: row.int(), Height: row.int(), Duration: time.Duration(row.int()), Custom: row.blob(), CreatedAt: row.time(),
		DetachedAt: row.time(),
	}
}

const (
	wholeAttachment = attachmentColumns + `, r.id, m.id, u.id`
	whatIsAttached  = `
CROSS JOIN rooms AS r ON r.key = f.room_key
LEFT JOIN messages AS m ON m.key = f.message_key AND f.detached_at IS NULL
LEFT JOIN users AS u ON u.key = f.uploader_key`

	attachmentSQL = `SELECT` + wholeAttachment + `
FROM file_attachments AS f` + whatIsAttached + `
WHERE f.id = ?`
)

func scanWholeAttachment(row *row) storage.Attachment {
	a := scanAttachment(row)
	a.RoomID, a.MessageID, a.UploaderID = row.id(), row.id(), row.id()
	return a
}

// Attachment implements backend.AttachmentRows.
func (r *rows) Attachment(_ context.Context, id storage.AttachmentID) (a storage.Attachment, err error) {
	err = r.c.one(attachmentSQL, func(a *args) { a.id(id) }, func(row *row) error {
		a = scanWholeAttachment(row)
		return nil
	})
	return a, err
}

// Attachments implements backend.AttachmentRows. What a message carries is
// sorted.
func (r *rows) Attachments(_ context.Context, s backend.AttachmentScan) ([]storage.Attachment, error) {
	return listed(r, attachmentList(s), scanWholeAttachment)
}

// attachmentIndex returns the index with the fewest attachments to look at.
func attachmentIndex(s backend.AttachmentScan) string {
	switch {
	case !s.Message.IsZero():
		return "file_attachments_by_message"
	case s.Blob != "":
		return "file_attachments_by_blob"
	case s.Hash != "":
		return "file_attachments_by_hash"
	case s.Unattached:
		return "file_attachments_unattached"
	case !s.Uploader.IsZero():
		return "file_attachments_by_uploader"
	case !s.Room.IsZero():
		return "file_attachments_by_room"
	}
	return "file_attachments_by_creation"
}

func attachmentList(s backend.AttachmentScan) list {
	l := from(wholeAttachment, "file_attachments AS f INDEXED BY "+attachmentIndex(s)+whatIsAttached)
	if !s.Room.IsZero() {
		l.where("f.room_key = (SELECT key FROM rooms WHERE id = ?)", s.Room[:])
	}
	if !s.Message.IsZero() {
		l.where("f.message_key = (SELECT key FROM messages WHERE id = ?)", s.Message[:])
		l.where("f.detached_at IS NULL")
	}
	if !s.Uploader.IsZero() {
		l.where("f.uploader_key = (SELECT key FROM users WHERE id = ?)", s.Uploader[:])
	}
	if s.Hash != "" {
		l.where("f.hash = ?", s.Hash)
	}
	if s.Blob != "" {
		l.where("f.blob = ?", s.Blob)
	}
	if s.Unattached {
		l.where("(f.message_key IS NULL OR f.detached_at IS NOT NULL)")
	}
	if !s.From.IsZero() {
		l.where("f.created_at >= ?", s.From)
	}
	if !s.To.IsZero() {
		l.where("f.created_at < ?", s.To)
	}
	l.where("(m.expires_at IS NULL OR m.expires_at > ?)", s.Now.UnixMicro())
	l.scan(order{column: "f.created_at", id: "f.id"}, s.Scan)
	return l
}

const (
	attachmentsBetweenSQL = `
SELECT f.message_key & 4294967295, ` + attachmentColumns + `, u.id
FROM rooms AS r
CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_message
LEFT JOIN users AS u ON u.key = f.uploader_key
WHERE r.id = ?
AND f.message_key BETWEEN (r.key << 32) + ? AND (r.key << 32) + ?
AND f.detached_at IS NULL
ORDER BY f.message_key, f.position`
	attachmentsAnywhereSQL = `
SELECT j.key, ` + attachmentColumns + `, u.id
FROM json_each(?) AS j
CROSS JOIN messages AS m ON m.id = unhex(j.value)
CROSS JOIN file_attachments AS f INDEXED BY file_attachments_by_message ON f.message_key = m.key
LEFT JOIN users AS u ON u.key = f.uploader_key
WHERE f.detached_at IS NULL
ORDER BY j.key, f.position`
)

// fillAttachments gives messages what they carry.
func (r *rows) fillAttachments(ms []*storage.Message) error {
	return r.fill(ms, filling{
		between: attachmentsBetweenSQL, anywhere: attachmentsAnywhereSQL,
		scan: func(row *row, m *storage.Message) {
			a := scanAttachment(row)
			a.RoomID, a.MessageID, a.UploaderID = m.RoomID, m.ID, row.id()
			m.Attachments = append(m.Attachments, a)
		},
	})
}
