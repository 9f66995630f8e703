package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// attachmentFaults are about attachments.
var attachmentFaults = []fault{
	{name: "custom fields of an attachment are reformatted", caught: "attachment/custom fields", open: (&hooks{file: func(a *storage.Attachment) {
		a.Custom = reformatted(a.Custom)
	}}).opener()},
	{name: "names of attachments are cut", caught: "attachment/texts", open: uploading(func(a *storage.Attachment) {
		a.Name = cut(a.Name, storage.MaxAttachmentName)
	})},
	{name: "an attachment without a blob", caught: "attachment/invalid", open: uploading(func(a *storage.Attachment) {
		if a.Blob == "" {
			a.Blob = "b"
		}
	})},
	{name: "an unknown uploader is nobody", caught: "attachment/unknown references", open: excusing(storage.ErrNotFound, "")},
	{name: "an inactive room takes attachments", caught: "attachment/inactive room", open: excusing(storage.ErrForbidden, storage.ReasonRoomInactive)},
	{name: "upload rules are forgotten", caught: "attachment/upload rules", open: excusing(storage.ErrForbidden, storage.ReasonUpload)},
	{name: "an attachment's ID is taken twice", caught: "attachment/ID taken", open: excusing(storage.ErrDuplicate, "")},
	{name: "an uploader dates attachments", caught: "attachment/create clears what the store decides", open: givenTimes()},
	{name: "attachments in the order of their ID", caught: "attachment/order in the message", open: (&hooks{message: func(m *storage.Message) {
		slices.SortFunc(m.Attachments, func(a, b storage.Attachment) int { return a.ID.Compare(b.ID) })
	}}).opener()},
	{name: "attachments are not filled in", caught: "attachment/carried by a message", open: (&hooks{only: "CreateMessage", message: bare}).opener()},
	{name: "one attachment too many", caught: "attachment/as many as may be", open: sending(func(m *storage.Message) {
		m.Attachments = m.Attachments[:min(len(m.Attachments), storage.MaxAttachments)]
	})},
	{name: "an attachment twice in a message", caught: "attachment/not to be carried", open: sending(func(m *storage.Message) {
		m.Attachments = slices.CompactFunc(m.Attachments, func(a, b storage.Attachment) bool { return a.ID == b.ID })
	})},
	{name: "attachments that are not there are dropped", caught: "attachment/not to be carried", open: fitting(storage.ErrNotFound)},
	{name: "attachments of other rooms are dropped", caught: "attachment/not to be carried", open: fitting(storage.ErrInvalid)},
	{name: "attachments that are carried are dropped", caught: "attachment/not to be carried", open: fitting(storage.ErrConflict)},
	{name: "a nonce leaves attachments out", caught: "attachment/nonce", open: writes(func(w storage.ReadWriter) storage.Writer { return anyFiles{w} })},
	{name: "a tombstone keeps its attachments", caught: "attachment/tombstone", open: keepsFiles()},
	{name: "a tombstone's attachments go", caught: "attachment/tombstone", open: writes(func(w storage.ReadWriter) storage.Writer {
		return takesFiles{w}
	})},
	{name: "an attachment is detached when it is created", caught: "attachment/tombstone", open: (&hooks{file: func(a *storage.Attachment) {
		if !a.DetachedAt.IsZero() {
			a.DetachedAt = a.CreatedAt
		}
	}}).opener()},
	{name: "attachments that were carried are dropped", caught: "attachment/carried again", open: fitting(storage.ErrConflict)},
	{name: "a purge leaves what a tombstone left behind", caught: "attachment/purged tombstone", open: writes(func(w storage.ReadWriter) storage.Writer {
		return leavesFiles{w}
	})},
	{name: "what is detached is purged at once", caught: "attachment/purge the detached", open: purging(func(q *storage.AttachmentPurge) {
		q.UnattachedFor = min(q.UnattachedFor, time.Microsecond)
	}, nil)},
	{name: "an expired message's attachment is read", caught: "attachment/expired message", open: undying()},
	{name: "a deleted room's attachment is read", caught: "attachment/deleted room", open: undying()},
	{name: "an uploader who is deleted stays", caught: "attachment/deleted uploader", open: keptUploaders()},
	{name: "a shared blob is free", caught: "attachment/shared blobs", open: freeing(func(a storage.Attachment, _ string) string { return a.Blob })},
	{name: "no blob is free", caught: "attachment/delete", open: freeing(func(storage.Attachment, string) string { return "" })},
	{name: "a carried attachment stays", caught: "attachment/delete one that is carried", open: writes(func(w storage.ReadWriter) storage.Writer {
		return clinging{w}
	})},
	{name: "young attachments are purged", caught: "attachment/purge the unattached", open: purging(func(q *storage.AttachmentPurge) {
		q.UnattachedFor = min(q.UnattachedFor, time.Microsecond)
	}, nil)},
	{name: "unattached attachments are always purged", caught: "attachment/purge the unattached", open: purging(func(q *storage.AttachmentPurge) {
		if q.UnattachedFor == 0 {
			q.UnattachedFor = 1
		}
	}, nil)},
	{name: "a purge of attachments of any size", caught: "attachment/purge in batches", open: purging(func(q *storage.AttachmentPurge) {
		q.Limit = max(q.Limit, 0) * 100
	}, nil)},
	{name: "a purge of attachments knows of no more", caught: "attachment/purge in batches", open: purging(nil, func(r *storage.PurgeResult) {
		r.More = false
	})},
	{name: "purged blobs are in no order", caught: "attachment/purge those of deleted rooms", open: purging(nil, func(r *storage.PurgeResult) {
		slices.Reverse(r.Blobs)
	})},
	{name: "purged blobs are not told", caught: "attachment/purge shared blobs", open: purging(nil, func(r *storage.PurgeResult) { r.Blobs = nil })},
	{name: "a purge of attachments with a negative limit", caught: "attachment/purge refused", open: purging(func(q *storage.AttachmentPurge) {
		q.Limit = max(q.Limit, 0)
	}, nil)},
	{name: "attachments are missing on pages", caught: "attachment/every reader and writer of messages", open: fileless("Messages")},
	{name: "attachments are missing among many", caught: "attachment/every reader and writer of messages", open: fileless("MessagesByID")},
	{name: "attachments are missing in what is found", caught: "attachment/every reader and writer of messages", open: fileless("SearchMessages")},
	{name: "attachments are missing in what is pinned", caught: "attachment/every reader and writer of messages", open: fileless("PinMessage")},
	{name: "attachments are missing in what is edited", caught: "attachment/every reader and writer of messages", open: fileless("EditMessage")},
	{name: "attachments share memory with what is stored", caught: "attachment/no aliasing", open: sharedFiles()},
}

// fileless leaves the attachments out of what one method returns.
func fileless(method string) opener {
	return (&hooks{only: method, message: func(m *storage.Message) { m.Attachments = nil }}).opener()
}

// bare leaves nothing of a message's attachments but what was asked for.
func bare(m *storage.Message) {
	for i, a := range m.Attachments {
		m.Attachments[i] = storage.Attachment{ID: a.ID}
	}
}

// uploading changes attachments before they are stored.
func uploading(edit func(*storage.Attachment)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return uploader{w, edit} })
}

type uploader struct {
	storage.Writer
	edit func(*storage.Attachment)
}

func (w uploader) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	w.edit(a)
	return w.Writer.CreateAttachment(ctx, a)
}

// excusing takes an attachment that must be refused for well stored.
func excusing(kind error, reason storage.Reason) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return excuse{w, kind, reason} })
}

type excuse struct {
	storage.Writer
	kind   error
	reason storage.Reason
}

func (w excuse) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	err := w.Writer.CreateAttachment(ctx, a)
	var e *storage.Error
	if errors.As(err, &e) && e.Kind == w.kind && e.Reason == w.reason {
		return nil
	}
	return err
}

// givenTimes gives attachments the time that came with them.
func givenTimes() opener {
	return func(o storage.Options) storage.Store {
		times := new(sync.Map)
		h := &hooks{file: func(a *storage.Attachment) {
			if at, ok := times.Load(a.Name); ok && !at.(time.Time).IsZero() {
				a.CreatedAt = at.(time.Time)
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer {
			return hookedWriter{uploader{w, func(a *storage.Attachment) { times.Store(a.Name, a.CreatedAt) }}, h}
		}
		return newBroken(memoryStore(o), read, write)
	}
}
