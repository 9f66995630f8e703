package memory

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) InsertMessage(_ context.Context, row *backend.MessageRow) error {
	into, ok := r.rooms.Get(r.roomKey(row.RoomID))
	if !ok {
		return storage.ErrNotFound
	}
	m := newMessage(row)
	m.author, m.deleter = r.userKey(row.AuthorID), r.userKey(row.DeletedBy)
	m.root, _ = r.placeOrStub(row.RootID)
	r.setMentioned(m, nil)
	m.Seq = into.lastSeq + 1
	m.at = pairOf(into.key, key(m.Seq))
	if r.taken(m) {
		return storage.ErrDuplicate
	}
	r.lastDocument++
	m.document = r.lastDocument
	r.addMessage(m)
	r.noteBackdated(m, into.lastMessageAt)
	r.attach(m, row.Attachments)
	r.changeRoom(into.key, func(r *room) {
		r.lastSeq = m.Seq
		r.messages++
		if m.CreatedAt.After(r.lastMessageAt) {
			r.lastMessageAt = m.CreatedAt
		}
	})
	if sender, ok := r.members.Get(pairOf(into.key, m.author)); ok && row.Marks {
		r.moveMarker(sender, m.Seq, m.CreatedAt)
	}
	row.Seq = m.Seq
	return nil
}

// taken reports whether a message has the ID or the nonce already.
func (s *state) taken(m *message) bool {
	if m.Nonce != "" {
		if _, ok := s.nonces.Get(m.nonceEntry()); ok {
			return true
		}
	}
	_, ok := s.placeOrStub(m.ID)
	return ok
}

func (r *rows) UpdateMessage(_ context.Context, _ *storage.Message, row *backend.MessageRow) error {
	at, ok := r.place(row.ID)
	if !ok {
		return storage.ErrNotFound
	}
	old, _ := r.messages.Get(at)
	m := newMessage(row)
	m.at, m.author, m.deleter = at, old.author, r.userKey(row.DeletedBy)
	m.root, m.digest, m.document = old.root, old.digest, old.document
	r.setMentioned(m, old)
	r.setMessage(m)
	if m.text != old.text {
		r.removeText(old)
		r.addText(m)
	}
	if m.Deleted() && !old.Deleted() {
		r.removeDependents(at)
		r.detach(at, m.DeletedAt)
		r.changeRoom(at.major(), func(r *room) { r.messages-- })
	}
	return nil
}

func newMessage(row *backend.MessageRow) *message {
	plain := row.Message
	plain.Attachments, plain.Reactions, plain.Thread = nil, nil, storage.Thread{}
	m := &message{Message: plain.Clone(), digest: row.Digest}
	if !m.Deleted() {
		m.text = row.Text
	}
	return m
}

// addMessage stores a message and its index entries.
func (s *state) addMessage(m *message) {
	s.setMessage(m)
	s.messageIDs.Set(identified[pair]{m.ID, m.at})
	s.stored.Set(m.document, m.at)
	s.authored.Set(authorship{m.author, m.at})
	if m.Nonce != "" {
		s.nonces.Set(m.nonceEntry())
	}
	s.addText(m)
}

// removeMessage is the inverse of addMessage. It leaves the room alone.
func (s *state) removeMessage(at pair) {
	m, _ := s.messages.Delete(at)
	s.messageIDs.Delete(identified[pair]{id: m.ID})
	s.stored.Delete(m.document)
	s.authored.Delete(authorship{m.author, at})
	s.backdated.Delete(m.backdated())
	s.unindex(m)
	s.removeDependents(at)
	s.forgetCarrier(at)
	if m.Nonce != "" {
		s.nonces.Delete(m.nonceEntry())
	}
	s.removeText(m)
}

// removeDependents takes away what hangs on a message and does not outlive its
// text.
func (s *state) removeDependents(message pair) {
	s.removeRevisions(message)
	s.removeReactions(slices.Collect(s.reactionsTo(message, "")))
}
