package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// RestoreRoom implements backend.RawRows.
func (r *rows) RestoreRoom(_ context.Context, id storage.RoomID, lastSeq int64, lastMessageAt time.Time) error {
	room, err := r.room(id)
	if err != nil {
		return err
	}
	r.pending.soil(id, room)
	room.lastSeq, room.lastAt = lastSeq, lastMessageAt
	return nil
}

const takenSQL = `
SELECT EXISTS (
	SELECT 1 FROM messages WHERE key = ?1 OR id = ?2
	UNION ALL SELECT 1 FROM purged_messages WHERE key = ?1 OR id = ?2
)`

// taken reports whether a message has a key or an ID, or one had it that was
// purged.
func (r *rows) taken(key int64, id storage.MessageID) (taken bool, err error) {
	err = r.c.one(takenSQL, func(a *args) { a.int(key); a.id(id) }, func(row *row) error {
		taken = row.bool()
		return nil
	})
	return taken, err
}

// RestoreStub implements backend.RawRows. Ordinals do not count what was purged,
// and so neither does the stub.
func (r *rows) RestoreStub(_ context.Context, s *storage.RawStub) error {
	room, err := r.room(s.RoomID)
	if err != nil {
		return err
	}
	key := room.key<<32 | s.Seq
	taken, err := r.taken(key, s.ID)
	if err != nil {
		return err
	}
	if taken {
		return storage.ErrDuplicate
	}
	r.pending.bytes += rowBytes
	return r.c.exec(insertStubSQL, func(a *args) {
		a.int(key)
		a.id(s.ID)
		a.bool(false)
	})
}

const (
	nextUserKeySQL = `
UPDATE sqlite_sequence
SET seq = seq + 1
WHERE name = 'users'
RETURNING seq`
	firstUserKeySQL = `
INSERT INTO sqlite_sequence (name, seq)
VALUES ('users', 1)`
)

const restorableSQL = `
SELECT
	EXISTS (SELECT 1 FROM purged_messages WHERE key = ?1 OR id = ?2),
	EXISTS (SELECT 1 FROM messages WHERE key > ?1 AND key <= ?1 | 4294967295)`

// RestoreMessage implements backend.RawRows.
func (r *rows) RestoreMessage(_ context.Context, m *backend.RestoredMessage) error {
	room, err := r.room(m.RoomID)
	if err != nil {
		return err
	}
	key := room.key<<32 | m.Seq
	if err := r.restorable(key, m.ID); err != nil {
		return err
	}
	doc, err := r.lastDoc()
	if err != nil {
		return err
	}
	r.pending.soil(m.RoomID, room)
	if m.Countable() {
		room.ordinal++
	}
	if !m.Deleted() {
		room.count++
	}
	s := standing{key: key, doc: doc + 1, ordinal: room.ordinal}
	if m.Gone {
		err = r.restoreOfGone(&s, m)
	} else if s.author, err = r.userKey(m.AuthorID); err == nil {
		err = r.restoreMessage(s, m)
	}
	if err != nil {
		return err
	}
	r.pending.lastDoc = s.doc
	if err := r.noteRestored(key, m.CreatedAt, room.lastAt); err != nil {
		return err
	}
	r.deferEntry(&m.MessageRow, entry{doc: s.doc, room: room.key, author: s.author, text: m.Text})
	return r.restoreHanging(s, m)
}

// restoreOfGone gives a message whose author is gone the author that others of
// the transaction have, unless that one has used its nonce in the room.
func (r *rows) restoreOfGone(s *standing, m *backend.RestoredMessage) (err error) {
	for _, first := range []bool{true, false} {
		if r.gone == 0 || !first {
			if r.gone, err = r.deadKey(nextUserKeySQL, firstUserKeySQL); err != nil {
				return err
			}
		}
		s.author = r.gone
		if err = r.restoreMessage(*s, m); !errors.Is(err, storage.ErrDuplicate) {
			return err
		}
	}
	return err
}

func (r *rows) restoreMessage(s standing, m *backend.RestoredMessage) error {
	mutable, err := r.messageArgs(&m.MessageRow)
	if err != nil {
		return err
	}
	carries := int64(len(m.Attachments))
	if m.Deleted() {
		carries = 0
	}
	return bareDuplicate(r.c.exec(insertMessageSQL, func(a *args) {
		a.message(&m.MessageRow, s)
		mutable(a)
		a.key(carries) // NULL for none
		a.null()       // no marker moves: receipts are restored
	}))
}

// restorable refuses a message where one was purged, or that has others of its
// room beyond it.
func (r *rows) restorable(key int64, id storage.MessageID) error {
	purged, beyond := false, false
	err := r.c.one(restorableSQL, func(a *args) { a.int(key); a.id(id) }, func(row *row) error {
		purged, beyond = row.bool(), row.bool()
		return nil
	})
	if err != nil || !purged && !beyond {
		return err
	}
	switch taken, err := r.taken(key, id); {
	case err != nil:
		return err
	case taken:
		return storage.ErrDuplicate
	}
	return &storage.Error{Field: "Seq", Kind: storage.ErrConstraint}
}

const restoreCarriedSQL = `
UPDATE file_attachments
SET message_key = ?, position = ?
WHERE id = ?
AND message_key IS NULL`

// restoreHanging is insertHanging for a message that is restored.
func (r *rows) restoreHanging(s standing, m *backend.RestoredMessage) error {
	live := m.Message
	live.Mentions = m.Live
	if err := r.insertMentions(s.key, s.author, &live); err != nil {
		return err
	}
	if err := r.insertTags(s.key, m.Tags); err != nil {
		return err
	}
	for i, v := range m.Attachments {
		r.pending.bytes += rowBytes
		err := r.execOne(restoreCarriedSQL, func(a *args) {
			a.int(s.key)
			a.int(int64(i))
			a.id(v.ID)
		})
		if errors.Is(err, storage.ErrNotFound) {
			return storage.ErrDuplicate
		}
		if err != nil {
			return err
		}
	}
	return r.addReply(s.key, s.author, &m.Message)
}

const (
	overlappingSQL = `
SELECT EXISTS (
	SELECT 1
	FROM read_ranges
	WHERE room_key = ?1
	AND user_key = ?2
	AND to_seq > ?3
	AND from_seq < ?4
)`
	formerReaderSQL = `
INSERT INTO former_members (room_key, user_key)
SELECT ?1, ?2
WHERE NOT EXISTS (SELECT 1 FROM room_memberships WHERE room_key = ?1 AND user_key = ?2)
ON CONFLICT DO NOTHING`
)

// RestoreReceipt implements backend.RawRows. What lies beyond a member's marker,
// as it was moved back or as messages were read alone, stays behind own_after,
// and so the next move minds it.
func (r *rows) RestoreReceipt(_ context.Context, v *storage.RawReceipt) error {
	room, user, err := r.membershipKeys(v.RoomID, v.UserID)
	if err != nil {
		return err
	}
	s := span{v.Range.First - 1, v.Range.Last}
	bind := func(a *args) {
		a.int(room)
		a.int(user)
		a.int(s.from)
		a.int(s.to)
	}
	overlaps := false
	err = r.c.one(overlappingSQL, bind, func(row *row) error {
		overlaps = row.bool()
		return nil
	})
	if err != nil {
		return err
	}
	if overlaps {
		return storage.ErrDuplicate
	}
	if err := r.c.exec(formerReaderSQL, func(a *args) { a.int(room); a.int(user) }); err != nil {
		return err
	}
	return r.insertRange(marker{room: room, user: user}, s, v.ReadAt)
}
