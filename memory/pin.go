package memory

import (
	"context"
	"iter"
	"time"

	"github.com/lairchat/lair/storage"
)

func (r *rows) PinMessage(_ context.Context, id storage.MessageID, at time.Time, version int64) error {
	p, ok := r.place(id)
	if !ok {
		return storage.ErrNotFound
	}
	old, _ := r.messages.Get(p)
	m := *old
	m.PinnedAt, m.Version = at, version
	r.setMessage(&m)
	return nil
}

// setMessage stores a message that has no other index entries than before, or
// is new, and its place among those that are pinned.
func (s *state) setMessage(m *message) {
	old, replaced := s.messages.Set(m.at, m)
	switch {
	case !m.PinnedAt.IsZero():
		s.pins.Set(m.at, struct{}{})
	case replaced && !old.PinnedAt.IsZero():
		s.pins.Delete(m.at)
	}
}

// pinnedWithin walks the pinned messages that are in a span.
func (r *rows) pinnedWithin(span span[pair], desc bool) iter.Seq2[pair, *message] {
	return func(yield func(pair, *message) bool) {
		for p := range within(&r.pins, span, desc) {
			if m, _ := r.messages.Get(p); !yield(p, m) {
				return
			}
		}
	}
}
