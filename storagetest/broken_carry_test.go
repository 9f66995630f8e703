package storagetest_test

import (
	"context"
	"errors"
	"sync"

	"github.com/lairchat/lair/storage"
)

// sending changes messages before they are stored.
func sending(edit func(*storage.Message)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return sender{w, edit} })
}

type sender struct {
	storage.Writer
	edit func(*storage.Message)
}

func (w sender) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	w.edit(m)
	return w.Writer.CreateMessage(ctx, m)
}

// fitting sends messages without their attachments where these are refused
// with a kind of error.
func fitting(kind error) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return fits{w, kind} })
}

type fits struct {
	storage.Writer
	kind error
}

func (w fits) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	if errors.Is(err, w.kind) && len(m.Attachments) > 1 {
		m.Attachments = nil
		return w.Writer.CreateMessage(ctx, m)
	}
	return created, err
}

// anyFiles takes a nonce with other attachments for the same request.
type anyFiles struct{ storage.ReadWriter }

func (w anyFiles) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if first, ok := byNonce(ctx, w, m.RoomID, m.Nonce); ok {
		m.Attachments = first.Attachments
	}
	return w.ReadWriter.CreateMessage(ctx, m)
}

func keepsFiles() opener {
	return func(o storage.Options) storage.Store {
		old := new(sync.Map)
		h := &hooks{message: func(m *storage.Message) {
			if was, ok := old.Load(m.ID); ok && m.Deleted() {
				m.Attachments = was.(storage.Message).Attachments
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return remembering{w, old} }
		return newBroken(memoryStore(o), read, write)
	}
}

// takesFiles deletes what a message carries with it.
type takesFiles struct{ storage.ReadWriter }

func (w takesFiles) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Message(ctx, id)
	for _, a := range m.Attachments {
		_, gone := w.DeleteAttachment(ctx, a.ID)
		err = errors.Join(err, gone)
	}
	if err != nil {
		return storage.Message{}, err
	}
	return w.ReadWriter.DeleteMessage(ctx, id, by)
}

// leavesFiles tells of nothing that a tombstone left behind when it is purged.
type leavesFiles struct{ storage.ReadWriter }

func (w leavesFiles) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	m, _ := w.Message(ctx, id)
	r, err := w.ReadWriter.PurgeMessage(ctx, id)
	if m.Deleted() {
		r.Attachments, r.Blobs = 0, nil
	}
	return r, err
}

// undying reads every attachment that there ever was.
func undying() opener {
	return func(o storage.Options) storage.Store {
		all := new(sync.Map)
		h := &hooks{file: func(a *storage.Attachment) { all.Store(a.ID, *a) }}
		read := func(r storage.Reader) storage.Reader { return undead{r, all} }
		write := func(w storage.ReadWriter) storage.Writer { return hookedWriter{w, h} }
		return newBroken(memoryStore(o), read, write)
	}
}

type undead struct {
	storage.Reader
	all *sync.Map // storage.AttachmentID to storage.Attachment
}

func (r undead) Attachment(ctx context.Context, id storage.AttachmentID) (storage.Attachment, error) {
	a, err := r.Reader.Attachment(ctx, id)
	if was, ok := r.all.Load(id); ok && errors.Is(err, storage.ErrNotFound) {
		return was.(storage.Attachment), nil
	}
	return a, err
}

func keptUploaders() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{file: shared(
			func(a storage.Attachment) any { return a.ID },
			func(to *storage.Attachment, from storage.Attachment) { to.UploaderID = from.UploaderID },
		)}).opener()(o)
	}
}

// freeing tells of another blob that is free.
func freeing(free func(a storage.Attachment, freed string) string) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return freer{w, free} })
}

type freer struct {
	storage.ReadWriter
	free func(a storage.Attachment, freed string) string
}

func (w freer) DeleteAttachment(ctx context.Context, id storage.AttachmentID) (string, error) {
	a, _ := w.Attachment(ctx, id)
	freed, err := w.ReadWriter.DeleteAttachment(ctx, id)
	if err != nil {
		return freed, err
	}
	return w.free(a, freed), nil
}

// clinging refuses to take an attachment from its message.
type clinging struct{ storage.ReadWriter }

func (w clinging) DeleteAttachment(ctx context.Context, id storage.AttachmentID) (string, error) {
	if a, err := w.Attachment(ctx, id); err == nil && !a.MessageID.IsZero() {
		return "", &storage.Error{Op: "delete attachment", Entity: storage.EntityAttachment, Kind: storage.ErrConflict}
	}
	return w.ReadWriter.DeleteAttachment(ctx, id)
}

// purging changes what a purge of attachments is asked for, and what it tells.
func purging(ask func(*storage.AttachmentPurge), tell func(*storage.PurgeResult)) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return purger{w, ask, tell} })
}

type purger struct {
	storage.Writer
	ask  func(*storage.AttachmentPurge)
	tell func(*storage.PurgeResult)
}

func (w purger) PurgeAttachments(ctx context.Context, q storage.AttachmentPurge) (storage.PurgeResult, error) {
	if w.ask != nil {
		w.ask(&q)
	}
	r, err := w.Writer.PurgeAttachments(ctx, q)
	if w.tell != nil && err == nil {
		w.tell(&r)
	}
	return r, err
}

func sharedFiles() opener {
	return func(o storage.Options) storage.Store {
		return (&hooks{file: shared(
			func(a storage.Attachment) any { return a.ID },
			func(to *storage.Attachment, from storage.Attachment) { to.Custom = from.Custom },
		)}).opener()(o)
	}
}
