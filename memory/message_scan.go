package memory

import (
	"context"
	"iter"
	"slices"

	"github.com/tidwall/btree"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// messageScan is a scan of messages with its identifiers looked up.
type messageScan struct {
	backend.MessageScan
	span              span[pair] // where the messages are
	root              pair
	author, mentioned key
}

func (r *rows) Messages(_ context.Context, s backend.MessageScan) ([]storage.Message, error) {
	return list(r.messagesInOrder(s), s.Scan.Limit, r.readMessage), nil
}

func (r *rows) messagesInOrder(s backend.MessageScan) iter.Seq[*message] {
	if !s.Room.IsZero() {
		return r.selectedMessages(s)
	}
	top := newTop(intAfter(s.Scan.After), s.Scan)
	for m := range r.selectedMessages(s) {
		top.add(entry{n: backend.Micros(m.CreatedAt), id: m.ID, key: key(m.at)})
	}
	return func(yield func(*message) bool) {
		for _, e := range top.first() {
			if m, _ := r.messages.Get(pair(e.key)); !yield(m) {
				return
			}
		}
	}
}

func (r *rows) CountMessages(_ context.Context, s backend.MessageScan) (int64, error) {
	var n int64
	for range r.selectedMessages(s) {
		n++
	}
	return n, nil
}

// selectedMessages walks the messages that a query selects: those of one room
// in the query's order.
func (r *rows) selectedMessages(scan backend.MessageScan) iter.Seq[*message] {
	return func(yield func(*message) bool) {
		s, ok := r.lookUp(scan)
		if !ok {
			return
		}
		for at := range r.messagesWithin(s) {
			m, _ := r.messages.Get(at)
			here := !s.Room.IsZero() || !r.roomGone(at)
			if here && s.selects(m) && !(s.Unheld && r.messageIsHeld(m)) && !yield(m) {
				return
			}
		}
	}
}

// lookUp reports false if a scan can select nothing.
func (r *rows) lookUp(scan backend.MessageScan) (*messageScan, bool) {
	s := &messageScan{MessageScan: scan, span: span[pair]{0, pairOf(r.lastRoom, maxMinor)}}
	if !s.Room.IsZero() {
		s.span = r.spanOfRoom(&scan)
	}
	s.author, s.mentioned = r.userKey(s.Author), r.userKey(s.Mentioned)
	known := s.author != 0 || s.Author.IsZero()
	known = known && (s.mentioned != 0 || s.Mentioned.IsZero())
	if !s.Thread.IsZero() {
		s.root, _ = r.placeOrStub(s.Thread)
		known = known && r.isRoot(s.root)
	}
	return s, known && s.span.high > 0
}

// spanOfRoom returns where the messages of a query in a room are.
func (r *rows) spanOfRoom(s *backend.MessageScan) span[pair] {
	room := r.roomKey(s.Room)
	if room == 0 {
		return span[pair]{}
	}
	within := spanOf(room)
	if s.Low > 0 {
		within.low += pair(min(s.Low, maxMinor-1)) + 1
	}
	if s.High > 0 {
		within.high = pairOf(room, key(min(s.High-1, maxMinor)))
	}
	return within
}

// messagesWithin walks the shortest index that has all that a query selects.
func (r *rows) messagesWithin(s *messageScan) iter.Seq[pair] {
	oneRoom := !s.Room.IsZero()
	switch {
	case s.root != 0:
		return r.threadWithin(s.root, s.span, s.Desc)
	case oneRoom && s.Pinned:
		return places(&r.pins, s.span, s.Desc)
	case s.mentioned != 0:
		return r.mentionsWithin(s.mentioned, s.span, s.Desc)
	case oneRoom && len(s.Tags) > 0:
		return r.taggedWithin(s.Tags[0], s.span, s.Desc)
	case s.author != 0:
		return r.authoredWithin(s.author, s.span, s.Desc)
	}
	return places(&r.messages, s.span, s.Desc)
}

// places walks the keys of a tree that are in a span.
func places[V any](m *btree.Map[pair, V], s span[pair], desc bool) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		for at := range within(m, s, desc) {
			if !yield(at) {
				return
			}
		}
	}
}

func (s *state) authoredWithin(author key, within span[pair], desc bool) iter.Seq[pair] {
	entry := func(at pair) authorship { return authorship{author, at} }
	return ofOwner(&s.authored, within, desc, entry, func(a authorship) (pair, bool) {
		return a.message, a.author == author
	})
}

// ofOwner walks the part of an index of messages that has one owner, an author
// say, within a span. entry makes an entry of that owner; read takes one apart
// and tells whether the owner is that.
func ofOwner[T any](
	index *tree[T], within span[pair], desc bool, entry func(pair) T, read func(T) (pair, bool),
) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		visit := func(e T) bool {
			at, ok := read(e)
			return ok && within.low <= at && at <= within.high && yield(at)
		}
		if desc {
			index.Descend(entry(within.high), visit)
			return
		}
		index.Ascend(entry(within.low), visit)
	}
}

// selects tests a message that is in the span.
func (s *messageScan) selects(m *message) bool {
	switch {
	case s.author != 0 && m.author != s.author,
		s.root != 0 && m.root != s.root && m.at != s.root,
		s.mentioned != 0 && !slices.Contains(m.mentioned, s.mentioned),
		len(s.Types) > 0 && !slices.Contains(s.Types, m.Type),
		!s.WithDeleted && m.Deleted(),
		s.Pinned && m.PinnedAt.IsZero(),
		m.Expired(s.Now):
		return false
	}
	for _, tag := range s.Tags {
		if !slices.Contains(m.Tags, tag) {
			return false
		}
	}
	return inRange(m.CreatedAt, s.From, s.To)
}
