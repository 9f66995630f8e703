package storagetest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

var purgeFaults = []fault{
	{name: "a purge leaves a tombstone", caught: "purge/message", open: writes(func(w storage.ReadWriter) storage.Writer {
		return buries{w}
	})},
	{name: "a purge of nothing succeeds", caught: "purge/unknown message", open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgesNothing{w}
	})},
	{name: "what has expired is not purged", caught: "purge/expired message", open: writes(func(w storage.ReadWriter) storage.Writer {
		return sparesExpired{w}
	})},
	{name: "a purged identifier is free", caught: "purge/identifier", open: writes(func(w storage.ReadWriter) storage.Writer {
		return reusesIDs{w}
	})},
	{name: "a purge keeps the nonce", caught: "purge/nonce", open: keepsNonces()},
	{name: "a purge moves markers", caught: "purge/markers", open: writes(func(w storage.ReadWriter) storage.Writer {
		return movesMarkers{w}
	})},
	{name: "a purge takes replies along", caught: "purge/replies", open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgesReplies{w}
	})},
	{name: "a purge frees shared blobs", caught: "purge/blobs", open: writes(func(w storage.ReadWriter) storage.Writer {
		return freesAll{w}
	})},
	{name: "LastSeq falls", caught: "purge/batch without a limit", open: reads(func(r storage.Reader) storage.Reader {
		return fallingSeq{r}
	})},
	resultFault("a purge tells of no blobs", "purge/blobs of a batch", func(r *storage.PurgeResult) { r.Blobs = nil }),
	resultFault("a purge counts no attachments", "purge/blobs of a batch", func(r *storage.PurgeResult) { r.Attachments = 0 }),
	resultFault("a purge is never done", "purge/batches of a room", func(r *storage.PurgeResult) { r.More = r.Messages > 0 }),
	resultFault("a purge is always done", "purge/batches of an author", func(r *storage.PurgeResult) { r.More = false }),
	resultFault("a purge is never scrubbed", "purge/scrubbed", func(r *storage.PurgeResult) { r.Scrubbed = false }),
	resultFault("a batch is scrubbed", "purge/scrubbed", func(r *storage.PurgeResult) { r.Scrubbed = true }),
	queryFault("a purge ignores the room", "purge/combined conditions", func(q *storage.PurgeQuery) {
		if !q.Author.IsZero() && q.Keep == 0 {
			q.Room = storage.RoomID{}
		}
	}),
	queryFault("a purge ignores the author", "purge/combined conditions", func(q *storage.PurgeQuery) {
		if !q.Room.IsZero() {
			q.Author = storage.UserID{}
		}
	}),
	queryFault("a purge ignores the time", "purge/combined conditions", func(q *storage.PurgeQuery) {
		if !q.Room.IsZero() {
			q.To = time.Time{}
		}
	}),
	queryFault("a purge ignores the expiry", "purge/combined conditions", func(q *storage.PurgeQuery) {
		q.Expired = q.Expired && q.Room.IsZero()
	}),
	queryFault("a purge of tombstones takes all", "purge/combined conditions", func(q *storage.PurgeQuery) {
		q.Tombstones = q.Tombstones && q.Room.IsZero()
	}),
	queryFault("a purge keeps one too few", "purge/keep the newest", func(q *storage.PurgeQuery) { q.Keep = max(0, q.Keep-1) }),
	queryFault("a purge takes what is pinned", "purge/keep what is pinned", func(q *storage.PurgeQuery) { q.KeepPinned = false }),
	queryFault("a batch takes all", "purge/batch without a limit", func(q *storage.PurgeQuery) {
		if q.Limit == 0 {
			q.Limit = storage.MaxLimit
		}
	}),
	queryFault("a purge of nothing in particular", "purge/invalid", func(q *storage.PurgeQuery) {
		q.Tombstones = q.Tombstones || *q == storage.PurgeQuery{}
	}),
	queryFault("what expires is taken before", "maintain/nothing is due", func(q *storage.PurgeQuery) {
		if q.Expired {
			q.Expired, q.Tombstones = false, true
		}
	}),
	{name: "a room is purged from its end", caught: "purge/batches of a room", open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgesNewest{w}
	})},
}

type buries struct{ storage.Writer }

func (w buries) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	_, err := w.DeleteMessage(ctx, id, storage.UserID{})
	return storage.PurgeResult{Messages: 1}, err
}

type purgesNothing struct{ storage.Writer }

func (w purgesNothing) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	r, err := w.Writer.PurgeMessage(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return r, nil
	}
	return r, err
}

type sparesExpired struct{ storage.ReadWriter }

func (w sparesExpired) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	if _, err := w.Message(ctx, id); err != nil {
		return storage.PurgeResult{}, err
	}
	return w.ReadWriter.PurgeMessage(ctx, id)
}

type reusesIDs struct{ storage.ReadWriter }

func (w reusesIDs) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.ReadWriter.CreateMessage(ctx, m)
	if _, there := w.Message(ctx, m.ID); !errors.Is(err, storage.ErrDuplicate) || there == nil {
		return created, err
	}
	id := m.ID
	m.ID = storage.MessageID{}
	created, err = w.ReadWriter.CreateMessage(ctx, m)
	m.ID = id
	return created, err
}

// keepsNonces opens stores that remember the messages that had a nonce.
func keepsNonces() opener {
	return func(o storage.Options) storage.Store {
		known := &sync.Map{}
		return newBroken(memoryStore(o), sameReader, func(w storage.ReadWriter) storage.Writer {
			return rememberedNonces{w, known}
		})
	}
}

type rememberedNonces struct {
	storage.Writer
	known *sync.Map // nonce to the first message that had it
}

func (w rememberedNonces) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if first, ok := w.known.Load(m.Nonce); ok && m.Nonce != "" {
		*m = first.(storage.Message)
		return false, nil
	}
	created, err := w.Writer.CreateMessage(ctx, m)
	if err == nil {
		w.known.Store(m.Nonce, m.Clone())
	}
	return created, err
}

type movesMarkers struct{ storage.ReadWriter }

func (w movesMarkers) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	m, _ := w.Message(ctx, id)
	r, err := w.ReadWriter.PurgeMessage(ctx, id)
	for member, broken := range storage.All(ctx, w.Memberships, storage.MembershipQuery{Room: m.RoomID}) {
		if broken == nil && err == nil {
			err = w.MarkUnread(ctx, m.RoomID, member.UserID, storage.AtSeq(m.Seq))
		}
	}
	return r, err
}

type purgesReplies struct{ storage.ReadWriter }

func (w purgesReplies) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	r, err := w.ReadWriter.PurgeMessage(ctx, id)
	for reply, broken := range storage.All(ctx, w.Messages, storage.MessageQuery{Thread: id}) {
		if broken == nil && err == nil {
			_, err = w.ReadWriter.PurgeMessage(ctx, reply.ID)
		}
	}
	return r, err
}

type freesAll struct{ storage.ReadWriter }

func (w freesAll) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	m, _ := w.Message(ctx, id)
	r, err := w.ReadWriter.PurgeMessage(ctx, id)
	if err == nil {
		r.Blobs = nil
		for _, a := range m.Attachments {
			r.Blobs = append(r.Blobs, a.Blob)
		}
	}
	return r, err
}

type fallingSeq struct{ storage.Reader }

func (r fallingSeq) Room(ctx context.Context, id storage.RoomID) (storage.Room, error) {
	room, err := r.Reader.Room(ctx, id)
	last, _ := r.Messages(ctx, storage.MessageQuery{Room: id, WithDeleted: true, Limit: 1})
	if room.LastSeq = 0; len(last.Items) > 0 {
		room.LastSeq = last.Items[0].Seq
	}
	return room, err
}

type purgesNewest struct{ storage.ReadWriter }

func (w purgesNewest) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	list := storage.MessageQuery{Room: q.Room, WithDeleted: true, Limit: q.Limit}
	all, err := w.Messages(ctx, list)
	for _, m := range all.Items {
		if err == nil {
			_, err = w.PurgeMessage(ctx, m.ID)
		}
	}
	return storage.PurgeResult{Messages: int64(len(all.Items)), More: all.HasAfter()}, err
}

// resultFault changes what every purge returns.
func resultFault(name, caught string, change func(*storage.PurgeResult)) fault {
	return fault{name: name, caught: caught, open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgeHook{Writer: w, result: change}
	})}
}

// queryFault changes every query of a purge.
func queryFault(name, caught string, change func(*storage.PurgeQuery)) fault {
	return fault{name: name, caught: caught, open: writes(func(w storage.ReadWriter) storage.Writer {
		return purgeHook{Writer: w, query: change}
	})}
}

// purgeHook changes what goes into a purge and what comes out of it.
type purgeHook struct {
	storage.Writer
	query  func(*storage.PurgeQuery)
	result func(*storage.PurgeResult)
}

func (w purgeHook) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	if w.query != nil {
		w.query(&q)
	}
	r, err := w.Writer.PurgeMessages(ctx, q)
	return apply(w.result, r, err)
}
