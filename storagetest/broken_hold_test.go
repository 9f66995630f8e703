package storagetest_test

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
)

var holdFaults = []fault{
	{name: "held messages are deleted", caught: "hold covers/a room", open: letting("DeleteMessage", always)},
	{name: "held messages are purged", caught: "hold covers/a user", open: letting("PurgeMessage", always)},
	{name: "held attachments are deleted", caught: "hold covers/a room", open: letting("DeleteAttachment", always)},
	{name: "held rooms are deleted", caught: "hold covers/a room", open: letting("DeleteRoom", always)},
	{name: "held users are deleted", caught: "hold covers/a user", open: letting("DeleteUser", always)},
	{name: "uploads are not held", caught: "hold covers/uploads of a user", open: letting("PurgeMessage", func(ctx context.Context, r storage.Reader, id string) bool {
		m, err := r.Message(ctx, must[storage.Message](id))
		return err == nil && !stands(ctx, r, storage.HoldQuery{Room: m.RoomID}) && !stands(ctx, r, storage.HoldQuery{User: m.AuthorID})
	})},
	{name: "what tombstones carried is not held", caught: "hold covers/what a tombstone carried", open: letting("DeleteAttachment", func(ctx context.Context, r storage.Reader, id string) bool {
		a, err := r.Attachment(ctx, must[storage.Attachment](id))
		return err == nil && !a.DetachedAt.IsZero()
	})},
	{name: "tombstones are not held", caught: "hold covers/a tombstone", open: letting("PurgeMessage", func(ctx context.Context, r storage.Reader, id string) bool {
		m, err := r.Message(ctx, must[storage.Message](id))
		return err == nil && m.Deleted()
	})},
	{name: "rooms of the held are deleted", caught: "hold covers/rooms in which a user said something", open: letting("DeleteRoom", func(ctx context.Context, r storage.Reader, id string) bool {
		return !stands(ctx, r, storage.HoldQuery{Room: must[storage.Room](id)})
	})},
	{name: "authors in held rooms are deleted", caught: "hold covers/users who said something in a room", open: letting("DeleteUser", func(ctx context.Context, r storage.Reader, id string) bool {
		return !stands(ctx, r, storage.HoldQuery{User: must[storage.User](id)})
	})},
	{name: "purges take what is held", caught: "hold passes/purges", open: letting("PurgeMessages", always)},
	{name: "deletions take what is held", caught: "hold passes/deletions", open: letting("DeleteMessages", always)},
	{name: "purges of attachments take what is held", caught: "hold passes/attachments", open: letting("PurgeAttachments", always)},
	{name: "what is held is not edited", caught: "hold covers/what goes on", open: holdWrites{
		edit: func(ctx context.Context, w storage.ReadWriter, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
			if stands(ctx, w, storage.HoldQuery{}) {
				return storage.Message{}, &storage.Error{Op: "edit message", Kind: storage.ErrForbidden, Reason: storage.ReasonHeld}
			}
			return w.EditMessage(ctx, id, by, p)
		},
	}.opener()},
	{name: "the first release is the last", caught: "hold covers/two on the same", open: holdWrites{
		release: func(ctx context.Context, w storage.ReadWriter, id storage.HoldID, by storage.UserID) (storage.Hold, error) {
			h, err := w.ReleaseHold(ctx, id, by)
			if err != nil {
				return h, err
			}
			for other, err := range storage.All(ctx, w.Holds, storage.HoldQuery{Room: h.RoomID, User: h.UserID}) {
				if err == nil {
					_, err = w.ReleaseHold(ctx, other.ID, by)
				}
				if err != nil {
					return h, err
				}
			}
			return h, nil
		},
	}.opener()},
	{name: "holds are released by nobody", caught: "hold/release", open: holdWrites{
		release: func(ctx context.Context, w storage.ReadWriter, id storage.HoldID, _ storage.UserID) (storage.Hold, error) {
			return w.ReleaseHold(ctx, id, storage.UserID{})
		},
	}.opener()},
	{name: "holds are released twice", caught: "hold/release", open: holdWrites{
		release: func(ctx context.Context, w storage.ReadWriter, id storage.HoldID, by storage.UserID) (storage.Hold, error) {
			h, err := w.ReleaseHold(ctx, id, by)
			if err == nil {
				h.ReleasedBy = by
			}
			return h, err
		},
	}.opener()},
	{name: "holds are put by nobody", caught: "hold/as it is stored", open: holdWrites{create: func(h *storage.Hold) { h.CreatedBy = storage.UserID{} }}.opener()},
	{name: "reasons of holds are lost", caught: "hold/as it is stored", open: holdWrites{create: func(h *storage.Hold) { h.Reason = "?" }}.opener()},
	{name: "holds go with their rooms", caught: "hold/outlives what it names", open: reads(func(r storage.Reader) storage.Reader { return forgetfulHolds{r} })},
	{name: "released holds are listed", caught: "hold/list", open: listedHolds(func(q *storage.HoldQuery) { q.WithReleased = true })},
	{name: "released holds are not listed", caught: "hold/list", open: listedHolds(func(q *storage.HoldQuery) { q.WithReleased = false })},
	{name: "holds on all rooms", caught: "hold/list", open: listedHolds(func(q *storage.HoldQuery) { q.Room = storage.RoomID{} })},
	{name: "holds on all users", caught: "hold/list", open: listedHolds(func(q *storage.HoldQuery) { q.User = storage.UserID{} })},
	{name: "holds on a room and a user", caught: "hold/list refused", open: listedHolds(func(q *storage.HoldQuery) {
		if !q.Room.IsZero() {
			q.User = storage.UserID{}
		}
	})},
}

func always(context.Context, storage.Reader, string) bool { return true }

// must returns the identifier that a text is.
func must[T any](text string) storage.ID[T] {
	id, err := storage.ParseID[T](text)
	if err != nil {
		panic(err)
	}
	return id
}

// stands reports whether there are holds that a query selects.
func stands(ctx context.Context, r storage.Reader, q storage.HoldQuery) bool {
	p, err := r.Holds(ctx, q)
	return err == nil && len(p.Items) > 0
}

// holdWrites are calls that are other than they should be.
type holdWrites struct {
	create  func(*storage.Hold)
	release func(ctx context.Context, w storage.ReadWriter, id storage.HoldID, by storage.UserID) (storage.Hold, error)
	edit    func(ctx context.Context, w storage.ReadWriter, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error)

	method string // which holds do not stop
	lets   func(ctx context.Context, r storage.Reader, id string) bool
}

func (h holdWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return holdWriter{w, h} })
}

// letting opens stores in which holds do not stop a method.
func letting(method string, lets func(ctx context.Context, r storage.Reader, id string) bool) opener {
	return holdWrites{method: method, lets: lets}.opener()
}

type holdWriter struct {
	storage.ReadWriter
	holdWrites
}

// past calls a method as if there were no holds, if that is what is broken.
func past[T any](ctx context.Context, w holdWriter, method, id string, call func() (T, error)) (T, error) {
	if w.method != method || !w.lets(ctx, w.ReadWriter, id) {
		return call()
	}
	p, err := w.Holds(ctx, storage.HoldQuery{Limit: storage.MaxLimit})
	for _, h := range p.Items {
		_, failed := w.ReadWriter.ReleaseHold(ctx, h.ID, storage.UserID{})
		err = errors.Join(err, failed)
	}
	if err != nil {
		return *new(T), err
	}
	v, err := call()
	for _, h := range p.Items {
		h.ID = storage.HoldID{}
		_ = w.ReadWriter.CreateHold(ctx, &h) // what it covered may be gone
	}
	return v, err
}

func (w holdWriter) CreateHold(ctx context.Context, h *storage.Hold) error {
	if w.create != nil && h != nil {
		w.create(h)
	}
	return w.ReadWriter.CreateHold(ctx, h)
}

func (w holdWriter) ReleaseHold(ctx context.Context, id storage.HoldID, by storage.UserID) (storage.Hold, error) {
	if w.release == nil {
		return w.ReadWriter.ReleaseHold(ctx, id, by)
	}
	return w.release(ctx, w.ReadWriter, id, by)
}

func (w holdWriter) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	if w.edit == nil {
		return w.ReadWriter.EditMessage(ctx, id, by, p)
	}
	return w.edit(ctx, w.ReadWriter, id, by, p)
}

func (w holdWriter) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	return past(ctx, w, "DeleteMessage", id.String(), func() (storage.Message, error) { return w.ReadWriter.DeleteMessage(ctx, id, by) })
}

func (w holdWriter) DeleteMessages(ctx context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	more := false
	n, err := past(ctx, w, "DeleteMessages", "", func() (n int, err error) {
		n, more, err = w.ReadWriter.DeleteMessages(ctx, q, by)
		return n, err
	})
	return n, more, err
}

func (w holdWriter) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	return past(ctx, w, "PurgeMessage", id.String(), func() (storage.PurgeResult, error) { return w.ReadWriter.PurgeMessage(ctx, id) })
}

func (w holdWriter) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	return past(ctx, w, "PurgeMessages", "", func() (storage.PurgeResult, error) { return w.ReadWriter.PurgeMessages(ctx, q) })
}

func (w holdWriter) DeleteAttachment(ctx context.Context, id storage.AttachmentID) (string, error) {
	return past(ctx, w, "DeleteAttachment", id.String(), func() (string, error) { return w.ReadWriter.DeleteAttachment(ctx, id) })
}

func (w holdWriter) PurgeAttachments(ctx context.Context, q storage.AttachmentPurge) (storage.PurgeResult, error) {
	return past(ctx, w, "PurgeAttachments", "", func() (storage.PurgeResult, error) { return w.ReadWriter.PurgeAttachments(ctx, q) })
}

func (w holdWriter) DeleteRoom(ctx context.Context, id storage.RoomID) error {
	_, err := past(ctx, w, "DeleteRoom", id.String(), func() (struct{}, error) { return struct{}{}, w.ReadWriter.DeleteRoom(ctx, id) })
	return err
}

func (w holdWriter) DeleteUser(ctx context.Context, id storage.UserID) error {
	_, err := past(ctx, w, "DeleteUser", id.String(), func() (struct{}, error) { return struct{}{}, w.ReadWriter.DeleteUser(ctx, id) })
	return err
}

// listedHolds lists what a query does not ask for.
func listedHolds(change func(*storage.HoldQuery)) opener {
	return reads(func(r storage.Reader) storage.Reader { return holdReader{r, change} })
}

type holdReader struct {
	storage.Reader
	change func(*storage.HoldQuery)
}

func (r holdReader) Holds(ctx context.Context, q storage.HoldQuery) (storage.Page[storage.Hold], error) {
	r.change(&q)
	return r.Reader.Holds(ctx, q)
}

// forgetfulHolds finds no hold on a room that is gone.
type forgetfulHolds struct{ storage.Reader }

func (r forgetfulHolds) Hold(ctx context.Context, id storage.HoldID) (storage.Hold, error) {
	h, err := r.Reader.Hold(ctx, id)
	if err == nil && !h.RoomID.IsZero() {
		_, err = r.Room(ctx, h.RoomID)
	}
	return h, err
}
