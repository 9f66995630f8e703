package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

var messageFaults = []fault{
	{name: "Seq has gaps", caught: "message/Seq has no gaps", open: (&hooks{message: func(m *storage.Message) {
		m.Seq = 2*m.Seq - 1
	}}).opener()},
	{name: "a nonce is ignored", caught: "message/nonce", open: writes(func(w storage.ReadWriter) storage.Writer {
		return ignoresNonces{w}
	})},
	{name: "a nonce stands for any request", caught: "message/nonce of another request", open: writes(func(w storage.ReadWriter) storage.Writer {
		return anyRequest{w}
	})},
	{name: "a nonce is the room's", caught: "message/nonce of another author or room", open: writes(func(w storage.ReadWriter) storage.Writer {
		return sharedNonces{w}
	})},
	{name: "an inactive room takes messages", caught: "message/inactive room", open: writes(func(w storage.ReadWriter) storage.Writer {
		return openRooms{w}
	})},
	{name: "a parent in another room", caught: "message/threads", open: writes(func(w storage.ReadWriter) storage.Writer {
		return strangeParents{w}
	})},
	{name: "a thread begins at the parent", caught: "message/threads", open: (&hooks{
		message: func(m *storage.Message) { m.RootID = m.ParentID },
	}).opener()},
	{name: "mentions of nobody are dropped", caught: "message/unknown references", open: writes(func(w storage.ReadWriter) storage.Writer {
		return dropsMentions{w}
	})},
	{name: "a sender dates messages", caught: "message/create clears what the store decides", open: writes(func(w storage.ReadWriter) storage.Writer {
		return senderDates{w}
	})},
	{name: "an import is dated anew", caught: "bulk/given times", open: writes(func(w storage.ReadWriter) storage.Writer {
		return redates{w}
	})},
	{name: "half of a bulk call stays", caught: "bulk/all or none", open: writes(func(w storage.ReadWriter) storage.Writer {
		return halfOfBulk{w}
	})},
	{name: "a bulk call of any size", caught: "bulk/limit", open: writes(func(w storage.ReadWriter) storage.Writer {
		return largeBulk{w}
	})},
	{name: "a message's stale version", caught: "edit/version", open: writes(func(w storage.ReadWriter) storage.Writer {
		return staleMessages{w}
	})},
	{name: "an edit that changes nothing counts", caught: "edit/nothing changed", open: writes(func(w storage.ReadWriter) storage.Writer {
		return restlessEdits{w}
	})},
	{name: "an edit leaves EditedAt", caught: "edit/edit", open: (&hooks{
		message: func(m *storage.Message) { m.EditedAt = time.Time{} },
	}).opener()},
	{name: "a tombstone is edited", caught: "edit/tombstone", open: writes(func(w storage.ReadWriter) storage.Writer {
		return editsTombstones{w}
	})},
	{name: "an unknown editor", caught: "edit/unknown editor and mentions", open: writes(func(w storage.ReadWriter) storage.Writer {
		return anyEditor{w}
	})},
	{name: "deleting again raises the version", caught: "edit/delete again", open: writes(func(w storage.ReadWriter) storage.Writer {
		return newTombstones{w}
	})},
	{name: "a tombstone keeps the body", caught: "edit/delete", open: keepsBodies()},
	{name: "nobody deleted it", caught: "edit/delete", open: (&hooks{
		message: func(m *storage.Message) { m.DeletedBy = storage.UserID{} },
	}).opener()},
}

type ignoresNonces struct{ storage.Writer }

func (w ignoresNonces) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	nonce := m.Nonce
	m.Nonce = ""
	created, err := w.Writer.CreateMessage(ctx, m)
	m.Nonce = nonce
	return created, err
}

// byNonce finds the message of a room that was sent under a nonce.
func byNonce(ctx context.Context, r storage.Reader, room storage.RoomID, nonce string) (storage.Message, bool) {
	for m, err := range storage.All(ctx, r.Messages, storage.MessageQuery{Room: room, WithDeleted: true}) {
		if err == nil && nonce != "" && m.Nonce == nonce {
			return m, true
		}
	}
	return storage.Message{}, false
}

type anyRequest struct{ storage.ReadWriter }

func (w anyRequest) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.ReadWriter.CreateMessage(ctx, m)
	if first, ok := byNonce(ctx, w, m.RoomID, m.Nonce); ok && errors.Is(err, storage.ErrConflict) {
		*m = first
		return false, nil
	}
	return created, err
}

type sharedNonces struct{ storage.ReadWriter }

func (w sharedNonces) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if first, ok := byNonce(ctx, w, m.RoomID, m.Nonce); ok && first.AuthorID != m.AuthorID {
		*m = first
		return false, nil
	}
	return w.ReadWriter.CreateMessage(ctx, m)
}

type openRooms struct{ storage.Writer }

func (w openRooms) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	if !forbidden(err, storage.ReasonRoomInactive) {
		return created, err
	}
	if err := w.ReactivateRoom(ctx, m.RoomID); err != nil {
		return false, err
	}
	if created, err = w.Writer.CreateMessage(ctx, m); err != nil {
		return created, err
	}
	return created, w.DeactivateRoom(ctx, m.RoomID)
}

type strangeParents struct{ storage.Writer }

func (w strangeParents) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	var e *storage.Error
	if errors.As(err, &e) && e.Kind == storage.ErrInvalid && e.Field == "ParentID" {
		m.ParentID = storage.MessageID{}
		return w.Writer.CreateMessage(ctx, m)
	}
	return created, err
}

type dropsMentions struct{ storage.ReadWriter }

func (w dropsMentions) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	known, err := w.UsersByID(ctx, m.Mentions...)
	if err == nil {
		m.Mentions = slices.DeleteFunc(m.Mentions, func(id storage.UserID) bool {
			return !id.IsZero() && !slices.ContainsFunc(known, func(u storage.User) bool { return u.ID == id })
		})
	}
	return w.ReadWriter.CreateMessage(ctx, m)
}

type senderDates struct{ storage.Writer }

func (w senderDates) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if created, err := w.CreateMessages(ctx, []*storage.Message{m}); err == nil {
		return created == 1, nil
	}
	return w.Writer.CreateMessage(ctx, m)
}

type redates struct{ storage.Writer }

func (w redates) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	for _, m := range ms {
		m.CreatedAt = time.Time{}
	}
	return w.Writer.CreateMessages(ctx, ms)
}

// halfOfBulk stores one message after the other, up to the first that cannot
// be.
type halfOfBulk struct{ storage.Writer }

func (w halfOfBulk) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	created := 0
	for i := range ms {
		n, err := w.Writer.CreateMessages(ctx, ms[i:i+1])
		if err != nil {
			return 0, err
		}
		created += n
	}
	return created, nil
}

type largeBulk struct{ storage.Writer }

func (w largeBulk) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	created := 0
	for chunk := range slices.Chunk(ms, storage.MaxBatch) {
		n, err := w.Writer.CreateMessages(ctx, chunk)
		if err != nil {
			return 0, err
		}
		created += n
	}
	return created, nil
}

type staleMessages struct{ storage.Writer }

func (w staleMessages) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	p.IfVersion = min(p.IfVersion, 0)
	return w.Writer.EditMessage(ctx, id, by, p)
}

// restlessEdits raises the version with every edit.
type restlessEdits struct{ storage.ReadWriter }

func (w restlessEdits) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	before, _ := w.Message(ctx, id)
	after, err := w.ReadWriter.EditMessage(ctx, id, by, p)
	if err != nil || after.Version != before.Version {
		return after, err
	}
	if _, err := w.ReadWriter.EditMessage(ctx, id, by, storage.MessagePatch{Body: new(after.Body + "x")}); err != nil {
		return after, err
	}
	return w.ReadWriter.EditMessage(ctx, id, by, storage.MessagePatch{Body: &after.Body})
}

type editsTombstones struct{ storage.ReadWriter }

func (w editsTombstones) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	after, err := w.ReadWriter.EditMessage(ctx, id, by, p)
	if m, _ := w.Message(ctx, id); m.Deleted() && errors.Is(err, storage.ErrConflict) {
		return m, nil
	}
	return after, err
}

type anyEditor struct{ storage.Writer }

func (w anyEditor) EditMessage(ctx context.Context, id storage.MessageID, _ storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	return w.Writer.EditMessage(ctx, id, storage.UserID{}, p)
}

type newTombstones struct{ storage.ReadWriter }

func (w newTombstones) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	before, _ := w.Message(ctx, id)
	m, err := w.ReadWriter.DeleteMessage(ctx, id, by)
	if before.Deleted() && err == nil {
		m.Version++
	}
	return m, err
}

// remembering keeps messages as they were before they were edited or deleted.
type remembering struct {
	storage.ReadWriter
	old *sync.Map // storage.MessageID to storage.Message
}

func (w remembering) remember(ctx context.Context, id storage.MessageID) {
	if m, err := w.Message(ctx, id); err == nil && !m.Deleted() {
		w.old.Store(id, m)
	}
}

func (w remembering) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	w.remember(ctx, id)
	return w.ReadWriter.EditMessage(ctx, id, by, p)
}

func (w remembering) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	w.remember(ctx, id)
	return w.ReadWriter.DeleteMessage(ctx, id, by)
}

func keepsBodies() opener {
	return func(o storage.Options) storage.Store {
		old := new(sync.Map)
		h := &hooks{message: func(m *storage.Message) {
			if was, ok := old.Load(m.ID); ok && m.Deleted() {
				m.Body = was.(storage.Message).Body
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return remembering{w, old} }
		return newBroken(memoryStore(o), read, write)
	}
}
