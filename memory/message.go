package memory

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// message is a message as it is kept.
type message struct {
	storage.Message // never changed; its author and deleter mean nothing
	at              pair
	author          key
	deleter         key
	digest          [16]byte
	text            string
	document        key // its place in the order of storing
}

// authorship is an entry of the index by author.
type authorship struct {
	author  key
	message pair
}

func lessAuthorships(a, b authorship) bool {
	if a.author != b.author {
		return a.author < b.author
	}
	return a.message < b.message
}

// nonce is an entry of the index of nonces.
type nonce struct {
	nonce   string
	author  key
	room    key
	message pair
}

func lessNonces(a, b nonce) bool {
	if c := strings.Compare(a.nonce, b.nonce); c != 0 {
		return c < 0
	}
	if a.author != b.author {
		return a.author < b.author
	}
	return a.room < b.room
}

func (m *message) nonceEntry() nonce { return nonce{m.Nonce, m.author, m.at.major(), m.at} }

// place returns where a message is, also when its room is deleted.
func (s *state) place(id storage.MessageID) (pair, bool) {
	e, ok := s.messageIDs.Get(identified[pair]{id: id})
	return e.key, ok
}

// roomGone reports whether the room of a message is deleted.
func (s *state) roomGone(p pair) bool {
	_, ok := s.rooms.Get(p.major())
	return !ok
}

// message returns a message of a room that is there. Its slices are still the
// store's own.
func (s *state) message(id storage.MessageID) (storage.Message, bool) {
	p, ok := s.place(id)
	if !ok || s.roomGone(p) {
		return storage.Message{}, false
	}
	m, _ := s.messages.Get(p)
	return s.readMessage(m), true
}

func (s *state) readMessage(m *message) storage.Message {
	message := m.Message
	message.AuthorID, message.DeletedBy = s.userID(m.author), s.userID(m.deleter)
	return message
}

func (r *rows) Message(_ context.Context, id storage.MessageID) (storage.Message, error) {
	return found(r.message(id))
}

func (r *rows) MessagesByID(_ context.Context, ids []storage.MessageID) ([]storage.Message, error) {
	return each(ids, r.message), nil
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
func (r *rows) selectedMessages(s backend.MessageScan) iter.Seq[*message] {
	return func(yield func(*message) bool) {
		for _, m := range r.messagesWithin(&s) {
			here := !s.Room.IsZero() || !r.roomGone(m.at)
			if here && selectsMessage(&s, m) && !yield(m) {
				return
			}
		}
	}
}

// messagesWithin walks the shortest index that has all that a query selects.
func (r *rows) messagesWithin(s *backend.MessageScan) iter.Seq2[pair, *message] {
	span, ok := r.spanOfRoom(s)
	if !ok {
		return func(func(pair, *message) bool) {}
	}
	switch {
	case !s.Author.IsZero():
		return r.authoredWithin(r.userKey(s.Author), span, s.Desc)
	case s.Pinned:
		return r.pinnedWithin(span, s.Desc)
	}
	return within(&r.messages, span, s.Desc)
}

func (r *rows) authoredWithin(author key, within span[pair], desc bool) iter.Seq2[pair, *message] {
	return func(yield func(pair, *message) bool) {
		if author == 0 {
			return
		}
		visit := func(a authorship) bool {
			if a.author != author || a.message < within.low || a.message > within.high {
				return false
			}
			m, _ := r.messages.Get(a.message)
			return yield(a.message, m)
		}
		if desc {
			r.authored.Descend(authorship{author, within.high}, visit)
			return
		}
		r.authored.Ascend(authorship{author, within.low}, visit)
	}
}

// spanOfRoom returns where the messages of a query are, and false if its room
// does not exist.
func (r *rows) spanOfRoom(s *backend.MessageScan) (span[pair], bool) {
	if s.Room.IsZero() {
		return span[pair]{0, pairOf(r.lastRoom, maxMinor)}, true
	}
	room := r.roomKey(s.Room)
	within := spanOf(room)
	if s.Low > 0 {
		within.low += pair(min(s.Low, maxMinor-1)) + 1
	}
	if s.High > 0 {
		within.high = pairOf(room, key(min(s.High-1, maxMinor)))
	}
	return within, room != 0
}

// selectsMessage tests what no index does.
func selectsMessage(s *backend.MessageScan, m *message) bool {
	switch {
	case len(s.Types) > 0 && !slices.Contains(s.Types, m.Type),
		!s.WithDeleted && m.Deleted(),
		s.Pinned && m.PinnedAt.IsZero(),
		m.Expired(s.Now):
		return false
	}
	return inRange(m.CreatedAt, s.From, s.To)
}

func (r *rows) MessageSeq(_ context.Context, room storage.RoomID, id storage.MessageID) (int64, error) {
	p, ok := r.place(id)
	if !ok || p.major() != r.roomKey(room) {
		return 0, storage.ErrNotFound
	}
	return int64(p.minor()), nil
}

func (r *rows) MessageByNonce(_ context.Context, room storage.RoomID, author storage.UserID, text string) (storage.Message, [16]byte, error) {
	n := nonce{nonce: text, author: r.userKey(author), room: r.roomKey(room)}
	e, ok := r.nonces.Get(n)
	if !ok || n.room == 0 || n.author == 0 && !author.IsZero() {
		return storage.Message{}, [16]byte{}, storage.ErrNotFound
	}
	m, _ := r.messages.Get(e.message)
	return r.readMessage(m).Clone(), m.digest, nil
}
