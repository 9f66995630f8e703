package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// RestoreRoom implements backend.RawRows.
func (r *rows) RestoreRoom(_ context.Context, id storage.RoomID, lastSeq int64, lastMessageAt time.Time) error {
	k := r.roomKey(id)
	if k == 0 {
		return storage.ErrNotFound
	}
	r.changeRoom(k, func(r *room) { r.lastSeq, r.lastMessageAt = lastSeq, lastMessageAt })
	return nil
}

// RestoreLeftover implements backend.RawRows.
func (r *rows) RestoreLeftover(_ context.Context, v *storage.RawLeftover) error {
	if _, taken := r.attachment(v.ID); taken {
		return storage.ErrDuplicate
	}
	room, _, ok := r.deletedWithFiles.Max()
	if v.Next || !ok {
		r.lastRoom++
		room = r.lastRoom
		r.deletedWithFiles.Set(room, struct{}{})
	}
	r.insertAttachment(room, &v.Attachment)
	return nil
}

// RestoreStub implements backend.RawRows.
func (r *rows) RestoreStub(_ context.Context, s *storage.RawStub) error {
	at := pairOf(r.roomKey(s.RoomID), key(s.Seq))
	if _, taken := r.placeOrStub(s.ID); taken || r.hasPlace(at) {
		return storage.ErrDuplicate
	}
	r.stubs.Set(at, s.ID)
	r.stubIDs.Set(identified[pair]{s.ID, at})
	return nil
}

// hasPlace reports whether a message, or a stub, has a Seq.
func (s *state) hasPlace(at pair) bool {
	_, message := s.messages.Get(at)
	_, stub := s.stubs.Get(at)
	return message || stub
}

// RestoreMessage implements backend.RawRows.
func (r *rows) RestoreMessage(_ context.Context, row *backend.RestoredMessage) error {
	into := r.roomKey(row.RoomID)
	m := newMessage(&row.MessageRow)
	m.at, m.document = pairOf(into, key(row.Seq)), r.lastDocument+1
	m.author, m.deleter = r.userKey(row.AuthorID), r.userKey(row.DeletedBy)
	if row.Gone {
		r.goneAuthor(m)
	}
	m.root, _ = r.placeOrStub(row.RootID)
	for _, user := range row.Live {
		m.mentioned = append(m.mentioned, r.userKey(user))
	}
	if r.taken(m) || r.hasPlace(m.at) || r.carriesOthers(row) {
		return storage.ErrDuplicate
	}
	for range within(&r.messages, span[pair]{m.at, pairOf(into, maxMinor)}, false) {
		return &storage.Error{Field: "Seq", Kind: storage.ErrConstraint}
	}
	r.lastDocument = m.document
	r.addMessage(m)
	of, _ := r.rooms.Get(into)
	r.noteRestored(m, of.lastMessageAt)
	r.attach(m, row.Attachments)
	if !m.Deleted() {
		r.changeRoom(into, func(r *room) { r.messages++ })
	}
	return nil
}

// goneAuthor gives a message an author whom no user's key names: the one that
// others of the transaction have, unless that one has used its nonce in the room.
func (r *rows) goneAuthor(m *message) {
	m.author = r.gone
	if _, used := r.nonces.Get(m.nonceEntry()); r.gone == 0 || used {
		r.lastUser++
		r.gone, m.author = r.lastUser, r.lastUser
	}
}

// carriesOthers reports whether another message carries, or carried, what a
// message is to carry.
func (s *state) carriesOthers(row *backend.RestoredMessage) bool {
	for _, given := range row.Attachments {
		if a, ok := s.attachment(given.ID); ok && a.message != 0 {
			return true
		}
	}
	return false
}

// RestoreReceipt implements backend.RawRows.
func (r *rows) RestoreReceipt(_ context.Context, v *storage.RawReceipt) error {
	n := reading{
		room: r.roomKey(v.RoomID), user: r.userKey(v.UserID), from: key(v.Range.First) - 1, to: key(v.Range.Last), at: v.ReadAt,
	}
	for old := range r.readingsOf(n.room, n.user, n.from+1) {
		if old.from < n.to {
			return storage.ErrDuplicate
		}
		break
	}
	r.addReading(n)
	return nil
}

// RestoreAuditHead implements backend.RawRows.
func (r *rows) RestoreAuditHead(_ context.Context, h storage.AuditHead) error {
	r.auditHead = h
	return nil
}

// RestoreChange implements backend.RawRows.
func (r *rows) RestoreChange(_ context.Context, c *storage.Change) error {
	switch {
	case c.Position <= r.lastChange:
		return storage.ErrDuplicate
	case r.changes.Len() > 0 && c.Position > r.lastChange+1:
		return &storage.Error{Field: "Position", Kind: storage.ErrConstraint}
	}
	kept := c.Clone()
	r.lastChange = kept.Position
	r.changes.Set(kept.Position, &kept)
	r.noteEmoji(&kept)
	return nil
}

// RestoreChangeHead implements backend.RawRows. The oldest is the first one that
// there is.
func (r *rows) RestoreChangeHead(_ context.Context, h storage.ChangeHead) error {
	if r.changes.Len() == 0 {
		r.lastChange = h.Newest
	}
	return nil
}

// RestorePruned implements backend.RawRows.
func (r *rows) RestorePruned(_ context.Context, subject [16]byte, at storage.Position) error {
	r.pruned.Set(subjectKey(subject), at)
	return nil
}

// RestoreStay implements backend.RawRows.
func (r *rows) RestoreStay(_ context.Context, user storage.UserID, s backend.Stay) error {
	v := stay{room: s.Room, user: user, from: s.From, to: s.To, seq: s.Seq}
	if _, taken := r.stays.Get(v); taken {
		return storage.ErrDuplicate
	}
	r.stays.Set(v)
	if v.to == 0 {
		r.openStays.Set(v)
	} else {
		r.endedStays.Set(v)
	}
	return nil
}
