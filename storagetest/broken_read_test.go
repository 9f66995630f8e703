package storagetest_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

var messageReadFaults = []fault{
	{name: "After is inclusive", caught: "message page/bounds", open: shiftedAnchors(anchorShift{after: -1})},
	{name: "After leaves one out", caught: "message page/bounds", open: shiftedAnchors(anchorShift{after: 1})},
	{name: "Before is inclusive", caught: "message page/bounds", open: shiftedAnchors(anchorShift{before: 1})},
	{name: "Before leaves one out", caught: "message page/bounds", open: shiftedAnchors(anchorShift{before: -1})},
	{name: "Around has its anchor elsewhere", caught: "message page/around", open: shiftedAnchors(anchorShift{around: 1})},
	{name: "Around leaves its anchor out", caught: "message page/around", open: reads(func(r storage.Reader) storage.Reader {
		return aroundNothing{r}
	})},
	{name: "an unknown anchor is none", caught: "message page/unknown anchors", open: shiftedAnchors(anchorShift{unknown: true})},
	{name: "an anchor beside a cursor", caught: "message page/invalid anchors", open: (&hooks{messages: func(q *storage.MessageQuery) {
		if q.Cursor != "" {
			*q = q.WithCursor(q.Cursor)
		}
	}}).opener()},
	{name: "From is exclusive", caught: "message page/range of times", open: (&hooks{
		messages: func(q *storage.MessageQuery) { q.From = later(q.From) },
	}).opener()},
	{name: "To is inclusive", caught: "message page/range of times", open: (&hooks{
		messages: func(q *storage.MessageQuery) { q.To = later(q.To) },
	}).opener()},
	{name: "tombstones are listed", caught: "message page/filters", open: (&hooks{
		messages: func(q *storage.MessageQuery) { q.WithDeleted = true },
	}).opener()},
	{name: "tombstones are counted", caught: "message page/filters", open: (&hooks{counts: true,
		messages: func(q *storage.MessageQuery) { q.WithDeleted = true },
	}).opener()},
	{name: "an author in a room is an author", caught: "message page/filters", open: (&hooks{messages: func(q *storage.MessageQuery) {
		if !q.Author.IsZero() && q.Before.IsZero() && q.After.IsZero() && q.Around.IsZero() {
			q.Room = storage.RoomID{}
		}
	}}).opener()},
	{name: "counts are of a page", caught: "message page/filters", open: reads(func(r storage.Reader) storage.Reader {
		return countsPages{r}
	})},
	{name: "an author's messages in the order of storing", caught: "message page/order across rooms", open: reads(func(r storage.Reader) storage.Reader {
		return storedOrder{r}
	})},
	{name: "expired messages are visible", caught: "message/expired messages are not there", open: immortal(false)},
	{name: "expired messages are listed", caught: "message/expiry", open: immortal(true)},
	{name: "messages expire a little late", caught: "message/expiry", open: lateExpiry()},
}

// anchorShift moves the anchors of queries by places.
type anchorShift struct {
	before, after, around int64
	unknown               bool // an anchor that is not found is left out
}

func shiftedAnchors(s anchorShift) opener {
	return reads(func(r storage.Reader) storage.Reader { return shifting{r, s} })
}

type shifting struct {
	storage.Reader
	anchorShift
}

func (r shifting) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	for _, a := range []struct {
		at *storage.Anchor
		by int64
	}{{&q.Before, r.before}, {&q.After, r.after}, {&q.Around, r.around}} {
		r.shift(ctx, a.at, a.by)
	}
	return r.Reader.Messages(ctx, q)
}

func (r shifting) shift(ctx context.Context, a *storage.Anchor, by int64) {
	if !a.ID.IsZero() {
		m, err := r.Message(ctx, a.ID)
		switch {
		case err == nil && by != 0:
			*a = storage.AtSeq(m.Seq)
		case err != nil && r.unknown:
			*a = storage.Anchor{}
		}
	}
	if a.Seq > 0 {
		a.Seq += by
	}
}

type aroundNothing struct{ storage.Reader }

func (r aroundNothing) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	p, err := r.Reader.Messages(ctx, q)
	p.Items = slices.DeleteFunc(p.Items, func(m storage.Message) bool {
		return !q.Around.IsZero() && (m.ID == q.Around.ID || m.Seq == q.Around.Seq)
	})
	return p, err
}

type countsPages struct{ storage.Reader }

func (r countsPages) CountMessages(ctx context.Context, q storage.MessageQuery) (int64, error) {
	n, err := r.Reader.CountMessages(ctx, q)
	if q.Limit > 0 {
		n = min(n, int64(q.Limit))
	}
	return n, err
}

// storedOrder breaks the ties of an author's messages by Seq.
type storedOrder struct{ storage.Reader }

func (r storedOrder) Messages(ctx context.Context, q storage.MessageQuery) (storage.Page[storage.Message], error) {
	p, err := r.Reader.Messages(ctx, q)
	if q.Room.IsZero() {
		slices.SortStableFunc(p.Items, func(a, b storage.Message) int {
			if q.Order == storage.OldestFirst {
				return int(a.Seq - b.Seq)
			}
			return int(b.Seq - a.Seq)
		})
	}
	return p, err
}

// immortal stores messages without their end, which readers are told all the
// same: everywhere, or in lists only.
func immortal(listsOnly bool) opener {
	return func(o storage.Options) storage.Store {
		ends := new(sync.Map)
		h := &hooks{message: func(m *storage.Message) {
			if end, ok := ends.Load(m.ID); ok {
				m.ExpiresAt = end.(time.Time)
			}
		}}
		read := func(r storage.Reader) storage.Reader {
			if listsOnly {
				return endsAlone{hookedReader{r, h}, o.Now}
			}
			return hookedReader{r, h}
		}
		write := func(w storage.ReadWriter) storage.Writer { return endless{w, ends} }
		return newBroken(memoryStore(o), read, write)
	}
}

type endless struct {
	storage.Writer
	ends *sync.Map // storage.MessageID to time.Time
}

func (w endless) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	end := m.ExpiresAt
	m.ExpiresAt = time.Time{}
	created, err := w.Writer.CreateMessage(ctx, m)
	if m.ExpiresAt = storage.Timestamp(end); err == nil {
		w.ends.Store(m.ID, m.ExpiresAt)
	}
	return created, err
}

// endsAlone looks at the end of a message that is read alone.
type endsAlone struct {
	hookedReader
	now func() time.Time
}

func (r endsAlone) Message(ctx context.Context, id storage.MessageID) (storage.Message, error) {
	m, err := r.hookedReader.Message(ctx, id)
	if err == nil && m.Expired(r.now()) {
		err = &storage.Error{Op: "read message", Entity: storage.EntityMessage, Kind: storage.ErrNotFound}
		return storage.Message{}, err
	}
	return m, err
}

// lateExpiry ends messages one step of time after their end.
func lateExpiry() opener {
	return func(o storage.Options) storage.Store {
		h := &hooks{message: func(m *storage.Message) {
			if !m.ExpiresAt.IsZero() {
				m.ExpiresAt = m.ExpiresAt.Add(-storage.TimePrecision)
			}
		}}
		read := func(r storage.Reader) storage.Reader { return hookedReader{r, h} }
		write := func(w storage.ReadWriter) storage.Writer { return hookedWriter{delaying{w}, h} }
		return newBroken(memoryStore(o), read, write)
	}
}

type delaying struct{ storage.Writer }

func (w delaying) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if !m.ExpiresAt.IsZero() {
		m.ExpiresAt = m.ExpiresAt.Add(storage.TimePrecision)
	}
	return w.Writer.CreateMessage(ctx, m)
}
