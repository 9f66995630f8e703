package memory

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// attachment is an attachment as it is kept.
type attachment struct {
	storage.Attachment // never changed; its message and uploader mean nothing
	key, room          key
	uploader           key
	message            pair // that carries it, or did until DetachedAt; 0 for none
}

// carrier returns the message that carries an attachment, 0 for none.
func (a *attachment) carrier() pair {
	if !a.DetachedAt.IsZero() {
		return 0
	}
	return a.message
}

// readAttachment puts an attachment together. Its slices are still the store's
// own.
func (s *state) readAttachment(a *attachment) storage.Attachment {
	out := a.Attachment
	out.UploaderID, out.MessageID = s.userID(a.uploader), storage.MessageID{}
	if m, ok := s.messages.Get(a.carrier()); ok {
		out.MessageID = m.ID
	}
	return out
}

// attachment returns an attachment, also of a deleted room.
func (s *state) attachment(id storage.AttachmentID) (*attachment, bool) {
	e, ok := s.attachmentIDs.Get(identified[key]{id: id})
	if !ok {
		return nil, false
	}
	return s.attachments.Get(e.key)
}

func (r *rows) Attachment(_ context.Context, id storage.AttachmentID) (storage.Attachment, error) {
	a, ok := r.attachment(id)
	if !ok {
		return storage.Attachment{}, storage.ErrNotFound
	}
	_, there := r.rooms.Get(a.room)
	return found(r.readAttachment(a), there)
}

// attachmentsOf returns what a message carries, in its order: nothing where it
// is a tombstone.
func (s *state) attachmentsOf(message pair) []storage.Attachment {
	keys, _ := s.carried.Get(message)
	return each(keys, func(k key) (storage.Attachment, bool) {
		a, _ := s.attachments.Get(k)
		return s.readAttachment(a), a.carrier() != 0
	})
}

func (r *rows) InsertAttachment(_ context.Context, v *storage.Attachment) error {
	room := r.roomKey(v.RoomID)
	if room == 0 {
		return storage.ErrNotFound
	}
	if _, taken := r.attachment(v.ID); taken {
		return storage.ErrDuplicate
	}
	r.insertAttachment(room, v)
	return nil
}

// insertAttachment stores an attachment of a room, which may be a deleted one.
func (s *state) insertAttachment(room key, v *storage.Attachment) {
	s.lastAttachment++
	a := &attachment{Attachment: v.Clone(), key: s.lastAttachment, room: room, uploader: s.userKey(v.UploaderID)}
	s.attachmentIDs.Set(identified[key]{a.ID, a.key})
	s.addAttachment(a)
}

// addAttachment stores an attachment and its places in the lists.
func (s *state) addAttachment(a *attachment) {
	s.attachments.Set(a.key, a)
	for _, l := range a.lists() {
		s.attachmentLists.Set(l)
	}
}

// removeAttachment is the inverse of addAttachment.
func (s *state) removeAttachment(a *attachment) {
	s.attachments.Delete(a.key)
	for _, l := range a.lists() {
		s.attachmentLists.Delete(l)
	}
}

// attach has a new message carry attachments, in their order.
func (s *state) attach(m *message, all []storage.Attachment) {
	var keys []key
	for _, given := range all {
		if a, ok := s.attachment(given.ID); ok {
			s.changeAttachment(a, func(a *attachment) { a.message = m.at })
			keys = append(keys, a.key)
		}
	}
	if keys != nil {
		s.carried.Set(m.at, keys)
	}
}

// detach leaves behind what a message carries that becomes a tombstone, where a
// purge of the tombstone finds it.
func (s *state) detach(message pair, at time.Time) {
	keys, _ := s.carried.Get(message)
	for _, k := range keys {
		a, _ := s.attachments.Get(k)
		s.changeAttachment(a, func(a *attachment) { a.DetachedAt = at })
	}
}

// forgetCarrier forgets a message that goes, and returns what it carries, or
// carried until it was deleted.
func (s *state) forgetCarrier(message pair) []*attachment {
	keys, _ := s.carried.Delete(message)
	all := make([]*attachment, len(keys))
	for i, k := range keys {
		a, _ := s.attachments.Get(k)
		all[i] = s.changeAttachment(a, func(a *attachment) { a.message = 0 })
	}
	return all
}

func (s *state) changeAttachment(old *attachment, change func(*attachment)) *attachment {
	a := *old
	change(&a)
	s.removeAttachment(old)
	s.addAttachment(&a)
	return &a
}

func (r *rows) DeleteAttachment(_ context.Context, id storage.AttachmentID) (string, error) {
	a, ok := r.attachment(id)
	if !ok {
		return "", storage.ErrNotFound
	}
	if keys, carried := r.carried.Get(a.message); carried {
		rest := slices.DeleteFunc(slices.Clone(keys), func(k key) bool { return k == a.key })
		r.carried.Set(a.message, rest)
		if len(rest) == 0 {
			r.carried.Delete(a.message)
		}
	}
	return r.deleteAttachment(a), nil
}

// deleteAttachment takes an attachment away that no message carries any more,
// and returns its blob if no other has it.
func (s *state) deleteAttachment(a *attachment) string {
	s.removeAttachment(a)
	s.attachmentIDs.Delete(identified[key]{id: a.ID})
	if !s.hasFiles(a.room) {
		s.deletedWithFiles.Delete(a.room)
	}
	if s.isListed(attachmentList{by: byBlob, text: a.Blob}) {
		return ""
	}
	return a.Blob
}

// hasFiles reports whether there are attachments of a room.
func (s *state) hasFiles(room key) bool {
	return s.isListed(attachmentList{by: byRoom, owner: room})
}

func (r *rows) AttachmentsToPurge(_ context.Context, unattached time.Time, limit int) ([]storage.AttachmentID, error) {
	var ids []storage.AttachmentID
	for _, a := range firstOf(r.attachmentsToPurge(unattached), limit) {
		ids = append(ids, a.ID)
	}
	return ids, nil
}
