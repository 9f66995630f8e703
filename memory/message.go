package memory

import (
	"context"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

// message is a message as it is kept.
type message struct {
	storage.Message // never changed; its author and deleter, and what FillIn sets, mean nothing
	at              pair
	root            pair // of the thread, if it is a reply
	author          key
	deleter         key
	mentioned       []key // who of the Mentions existed when they were written
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

// placeOrStub is place for messages that may have been purged.
func (s *state) placeOrStub(id storage.MessageID) (pair, bool) {
	if at, ok := s.place(id); ok {
		return at, true
	}
	e, ok := s.stubIDs.Get(identified[pair]{id: id})
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

// FillIn costs what the messages carry, and nothing for what they do not.
func (r *rows) FillIn(_ context.Context, ms []storage.Message, viewer storage.UserID, now time.Time) error {
	user := r.userKey(viewer)
	for i := range ms {
		at, _ := r.place(ms[i].ID)
		ms[i].Attachments = r.attachmentsOf(at)
		ms[i].Reactions = r.countReactions(at, user)
		ms[i].Thread = r.thread(at, now)
	}
	return nil
}

func (r *rows) MessagePlace(_ context.Context, id storage.MessageID) (storage.RoomID, int64, error) {
	at, ok := r.placeOrStub(id)
	room, there := r.rooms.Get(at.major())
	if !ok || !there {
		return storage.RoomID{}, 0, storage.ErrNotFound
	}
	return room.row.ID, int64(at.minor()), nil
}

func (r *rows) LatestByAuthor(_ context.Context, room storage.RoomID, author storage.UserID, n int64) (at time.Time, err error) {
	for p := range r.authoredWithin(r.userKey(author), spanOf(r.roomKey(room)), true) {
		if n--; n == 0 {
			m, _ := r.messages.Get(p)
			return m.CreatedAt, nil
		}
	}
	return at, storage.ErrNotFound
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
