package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	messageToPurgeSQL = `
SELECT key, doc, author_key, passed
FROM messages
WHERE id = ?`
	deleteMessageSQL = `
DELETE FROM messages
WHERE key = ?`
	insertStubSQL = `
INSERT INTO purged_messages (key, id, countable)
VALUES (?, ?, ?)`
)

// PurgeMessage implements backend.PurgeRows.
func (r *rows) PurgeMessage(_ context.Context, m *storage.Message) (attachments int64, freed []string, err error) {
	was := entry{text: backend.SearchText(m)}
	key, passed := int64(0), int64(-1)
	err = r.c.one(messageToPurgeSQL, func(a *args) { a.id(m.ID) }, func(row *row) error {
		key, was.doc, was.author = row.int(), row.int(), row.int()
		was.room = key >> 32
		if !row.null() {
			passed = row.int()
		}
		return nil
	})
	if err != nil {
		return 0, nil, err
	}
	if err := errors.Join(r.reindex(was, ""), r.forgetSamples()); err != nil {
		return 0, nil, err
	}
	if err := r.keepRead(marker{room: was.room, user: was.author, position: passed}, m); err != nil {
		return 0, nil, err
	}
	if attachments, freed, err = r.purgeAttachments(key); err != nil {
		return 0, nil, err
	}
	if err := r.purgeHanging(key, m); err != nil {
		return 0, nil, err
	}
	if err := r.leaveStub(key, was.doc, m); err != nil {
		return 0, nil, err
	}
	return attachments, freed, r.removeReply(key, was.author, m)
}

// purgeHanging takes away what hangs on a message but for its attachments.
func (r *rows) purgeHanging(key int64, m *storage.Message) error {
	if err := r.deleteMentions(key, m.Mentions); err != nil {
		return err
	}
	if err := r.deleteTags(key, m.Tags); err != nil {
		return err
	}
	if err := r.removeDependents(key, key); err != nil {
		return err
	}
	if err := r.deleteReceipts(key, key); err != nil {
		return err
	}
	return r.forgetEmoji(m.ID)
}

// leaveStub takes away the message itself.
func (r *rows) leaveStub(key, doc int64, m *storage.Message) error {
	r.pending.bytes += messageBytes + len(m.Body)
	if err := r.forgetBackdated(key, key); err != nil {
		return err
	}
	if err := r.execOne(deleteMessageSQL, func(a *args) { a.int(key) }); err != nil {
		return err
	}
	err := r.c.exec(insertStubSQL, func(a *args) {
		a.int(key)
		a.id(m.ID)
		a.bool(m.Countable())
	})
	if err != nil {
		return err
	}
	if err := r.c.exec(retireDocsSQL, func(a *args) { a.int(doc) }); err != nil {
		return err
	}
	if m.Deleted() {
		return nil
	}
	return r.countTombstone(m)
}

// raiseMarkerSQL makes a marker stay where an own message holds it up, if that
// is the last one.
const raiseMarkerSQL = `
UPDATE room_memberships
SET read_seq = ?3
WHERE room_key = ?1
AND user_key = ?2
AND max(read_seq, own_after) < ?3
AND NOT EXISTS (
	SELECT 1
	FROM messages
	WHERE author_key = ?2
	AND key > (?1 << 32) + ?3
	AND key <= (?1 << 32) + 4294967295
)`

// keepRead stores what a message has told by being there: how far its author,
// whose marker was at k's position before if it moved it, has read.
func (r *rows) keepRead(k marker, m *storage.Message) error {
	if m.AuthorID.IsZero() {
		return nil
	}
	if k.position >= 0 && k.position < m.Seq-1 {
		if err := r.insertRange(k, span{k.position, m.Seq - 1}, m.CreatedAt); err != nil {
			return err
		}
	}
	return r.c.exec(raiseMarkerSQL, func(a *args) {
		a.int(k.room)
		a.int(k.user)
		a.int(m.Seq)
	})
}

const (
	hasSamplesSQL = `
SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4')`
	forgetSamplesSQL = `
DELETE FROM sqlite_stat4`
)

// forgetSamples takes away what ANALYZE has copied out of the indexes: nonces,
// tags and the like. No statement of ours makes use of it.
func (r *rows) forgetSamples() error {
	var has bool
	err := r.c.one(hasSamplesSQL, nil, func(row *row) error {
		has = row.bool()
		return nil
	})
	if err != nil || !has {
		return err
	}
	return r.c.exec(forgetSamplesSQL, nil)
}
