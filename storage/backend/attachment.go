package backend

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// Attachment implements storage.AttachmentReader.
func (r Reader) Attachment(ctx context.Context, id storage.AttachmentID) (storage.Attachment, error) {
	var a storage.Attachment
	err := r.in.view(ctx, "read attachment", unchecked, func(rows Rows) (_ int, err error) {
		a, err = liveAttachment(ctx, rows, id, r.now())
		return 1, err
	})
	if err != nil {
		return storage.Attachment{}, err
	}
	return a, nil
}

// liveAttachment reads an attachment whose message's time, if one carries it, is
// not over.
func liveAttachment(ctx context.Context, rows Rows, id storage.AttachmentID, now time.Time) (storage.Attachment, error) {
	a, err := rows.Attachment(ctx, id)
	if err == nil && !a.MessageID.IsZero() {
		_, err = liveMessage(ctx, rows, a.MessageID, now)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return a, storage.NotFound(storage.EntityAttachment, id.String())
	}
	return a, err
}

// Attachments implements storage.AttachmentReader.
func (r Reader) Attachments(ctx context.Context, q storage.AttachmentQuery) (storage.Page[storage.Attachment], error) {
	var p *pager
	s := AttachmentScan{AttachmentQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.AttachmentQuery.Limit = 0
		s.From, s.To = ceilTime(q.From), ceilTime(q.To)
		p, err = newPager(s.AttachmentQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list attachments", check, func(rows Rows) ([]storage.Attachment, error) {
		s.Scan, s.Now = p.scan(true), r.unexpired(q.WithExpired)
		return rows.Attachments(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Attachment]{}, err
	}
	return page(p, items, func(a storage.Attachment) storage.Keyset {
		return storage.Keyset{Int: Micros(a.CreatedAt), ID: a.ID}
	})
}

// CreateAttachment implements storage.AttachmentWriter.
func (w Writer) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	var next storage.Attachment
	check := func() error {
		if a == nil {
			return storage.Invalid("a", "nil")
		}
		next = a.Clone()
		next.Normalize()
		next.MessageID, next.DetachedAt = storage.MessageID{}, time.Time{}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "create attachment", check, func(t *rules) error {
		return t.createAttachment(ctx, &next)
	})
	if err == nil {
		*a = next
	}
	return err
}

func (t *rules) createAttachment(ctx context.Context, a *storage.Attachment) error {
	room, err := t.rows.Room(ctx, a.RoomID)
	if err != nil {
		return missing(err, storage.EntityRoom, a.RoomID)
	}
	if !a.UploaderID.IsZero() {
		if err := t.needUser(ctx, a.UploaderID, "UploaderID"); err != nil {
			return err
		}
	}
	if err := t.admits(ctx, a.RoomID, a.UploaderID, storage.SanctionBan, storage.SanctionMute); err != nil {
		return err
	}
	if !room.Settings.Uploads.Allow(*a) {
		return storage.Forbidden(storage.EntityRoom, a.RoomID.String(), storage.ReasonUpload)
	}
	a.CreatedAt = t.now
	err = t.rows.InsertAttachment(ctx, a)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntityAttachment, a.ID.String(), "ID")
	}
	if err != nil {
		return err
	}
	return t.changed(ctx, storage.Change{
		Kind: storage.ChangeAttachmentCreated, RoomID: a.RoomID, AttachmentID: a.ID, UserID: a.UploaderID,
	})
}

// setAttachments reads the attachments that a new message is to carry.
func (t *rules) setAttachments(ctx context.Context, row *MessageRow) error {
	var absent, taken error
	for i, given := range row.Attachments {
		a, err := liveAttachment(ctx, t.rows, given.ID, t.now)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			absent = &storage.Error{
				Entity: storage.EntityAttachment, ID: given.ID.String(), Field: "Attachments", Kind: storage.ErrNotFound,
			}
		case err != nil:
			return err
		case a.RoomID != row.RoomID:
			return storage.Invalid("Attachments", "in another room")
		case !a.MessageID.IsZero():
			taken = storage.Conflict(storage.EntityAttachment, a.ID.String(), "another message carries it")
		case !a.DetachedAt.IsZero():
			taken = storage.Conflict(storage.EntityAttachment, a.ID.String(), "the message that carried it is deleted")
		}
		a.MessageID = row.ID
		row.Attachments[i] = a
	}
	if len(row.Attachments) > 0 {
		row.Text = SearchText(&row.Message)
	}
	if absent != nil {
		return absent
	}
	return taken
}

// DeleteAttachment implements storage.AttachmentWriter.
func (w Writer) DeleteAttachment(ctx context.Context, id storage.AttachmentID) (string, error) {
	return writeOne(ctx, w.in, "delete attachment", unchecked, func(t *rules) (string, error) {
		a, err := liveAttachment(ctx, t.rows, id, t.now)
		if err != nil {
			return "", err
		}
		if err := free(ctx, t.rows.AttachmentHeld, storage.EntityAttachment, id); err != nil {
			return "", err
		}
		return t.deleteAttachment(ctx, a)
	})
}

// deleteAttachment takes an attachment away, from the message that carries it
// too.
func (t *rules) deleteAttachment(ctx context.Context, a storage.Attachment) (freed string, err error) {
	change := storage.Change{
		Kind: storage.ChangeAttachmentDeleted, RoomID: a.RoomID, AttachmentID: a.ID, MessageID: a.MessageID,
	}
	if !a.MessageID.IsZero() {
		if change.Seq, change.Version, err = t.carriesLess(ctx, a); err != nil {
			return "", err
		}
	}
	if freed, err = t.rows.DeleteAttachment(ctx, a.ID); err != nil {
		return "", err
	}
	return freed, t.changed(ctx, change)
}

// carriesLess raises the version of the message that is about to lose an
// attachment, and returns its place and that version.
func (t *rules) carriesLess(ctx context.Context, a storage.Attachment) (seq, version int64, err error) {
	m, err := t.rows.Message(ctx, a.MessageID)
	if err != nil {
		return 0, 0, err
	}
	if m, err = t.fillIn(ctx, m); err != nil {
		return 0, 0, err
	}
	next := m.Clone()
	next.Attachments = slices.DeleteFunc(next.Attachments, func(other storage.Attachment) bool { return other.ID == a.ID })
	next.Version++
	row, err := messageRow(next)
	if err != nil {
		return 0, 0, err
	}
	return m.Seq, next.Version, t.rows.UpdateMessage(ctx, &m, row)
}

// PurgeAttachments implements storage.AttachmentWriter.
func (w Writer) PurgeAttachments(ctx context.Context, q storage.AttachmentPurge) (storage.PurgeResult, error) {
	limit := 0
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		limit, err = storage.Limit(q.Limit)
		return err
	}
	return writeOne(ctx, w.in, "purge attachments", check, func(t *rules) (out storage.PurgeResult, err error) {
		var unattached time.Time
		if q.UnattachedFor > 0 {
			unattached = t.now.Add(-q.UnattachedFor)
		}
		ids, err := t.rows.AttachmentsToPurge(ctx, unattached, limit+1)
		if err != nil {
			return out, err
		}
		out.More = len(ids) > limit
		for _, id := range ids[:min(len(ids), limit)] {
			freed, err := t.purgeAttachment(ctx, id)
			if err != nil {
				return out, err
			}
			out.Attachments++
			if freed != "" {
				out.Blobs = append(out.Blobs, freed)
			}
		}
		slices.Sort(out.Blobs)
		return out, nil
	})
}

// purgeAttachment takes away an attachment that no message carries. The feed is
// told, unless its room is gone.
func (t *rules) purgeAttachment(ctx context.Context, id storage.AttachmentID) (freed string, err error) {
	a, err := t.rows.Attachment(ctx, id)
	there, err := found(err)
	if err == nil && there {
		err = t.changed(ctx, storage.Change{Kind: storage.ChangeAttachmentDeleted, RoomID: a.RoomID, AttachmentID: id})
	}
	if err != nil {
		return "", err
	}
	return t.rows.DeleteAttachment(ctx, id)
}
