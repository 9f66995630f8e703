package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const insertMessageSQL = `
INSERT INTO messages (
	key, id, author_key, type, doc, ordinal, created_at, parent_id, root_id, nonce, nonce_digest,
	edited_at, deleted_at, deleted_by_key, expires_at, pinned_at, version, mentions_all, mentions,
	body, tags, custom, attachments, passed
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// messageBytes is what a message counts for in size beside its texts.
const messageBytes = 256

// InsertMessage implements backend.MessageRows. It looks for nobody's ID or
// nonce, but among what was purged: the indexes do.
func (r *rows) InsertMessage(_ context.Context, m *backend.MessageRow) error {
	room, err := r.room(m.RoomID)
	if err != nil {
		return err
	}
	doc, err := r.lastDoc()
	if err != nil {
		return err
	}
	author, err := r.userKey(m.AuthorID)
	if err != nil {
		return err
	}
	mutable, err := r.messageArgs(m)
	if err != nil {
		return err
	}
	sender, err := r.sender(m.ID, room.key, author)
	if err != nil {
		return err
	}
	seq, ordinal := room.lastSeq+1, room.ordinal
	if m.Countable() {
		ordinal++
	}
	doc++
	err = r.c.exec(insertMessageSQL, func(a *args) {
		a.message(m, standing{key: room.key<<32 | seq, author: author, doc: doc, ordinal: ordinal})
		mutable(a)
		a.key(int64(len(m.Attachments))) // NULL for none
		a.passed(sender, m)
	})
	if err != nil {
		return duplicate(err)
	}
	r.pending.lastDoc = doc
	if err := r.noteBackdated(room.key<<32|seq, m.CreatedAt, room.lastAt); err != nil {
		return err
	}
	r.count(room, m, seq, ordinal)
	m.Seq = seq
	r.deferEntry(m, entry{doc: doc, room: room.key, author: author, text: m.Text})
	if err := r.sent(sender, m); err != nil {
		return err
	}
	return r.insertHanging(room.key<<32|seq, author, m)
}

// standing is what a message is known by inside, once and for all.
type standing struct{ key, author, doc, ordinal int64 }

// message binds what never changes of a message.
func (a *args) message(m *backend.MessageRow, s standing) {
	a.int(s.key)
	a.id(m.ID)
	a.int(s.author)
	a.int(int64(m.Type))
	a.int(s.doc)
	a.int(s.ordinal)
	a.time(m.CreatedAt)
	a.id(m.ParentID)
	a.id(m.RootID)
	a.textOrNull(m.Nonce)
	a.digest(m)
}

// insertHanging stores what hangs on a new message: most have nothing.
func (r *rows) insertHanging(key, author int64, m *backend.MessageRow) error {
	if err := r.insertMentions(key, author, &m.Message); err != nil {
		return err
	}
	if err := r.insertTags(key, m.Tags); err != nil {
		return err
	}
	if err := r.attach(key, m.Attachments); err != nil {
		return err
	}
	return r.addReply(key, author, &m.Message)
}

// digest binds the digest of a message that has a nonce.
func (a *args) digest(m *backend.MessageRow) {
	if m.Nonce == "" {
		a.null()
		return
	}
	a.blob(m.Digest[:])
}

// duplicate tells an ID or a nonce that is taken from a key that is, which
// the counters should have ruled out.
func duplicate(err error) error {
	if errors.Is(err, sqlite3.CONSTRAINT_PRIMARYKEY) || errors.Is(err, sqlite3.CONSTRAINT_ROWID) {
		return &storage.Error{Kind: storage.ErrCorrupt, Err: errors.New("a message has the next number of its room")}
	}
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.ErrDuplicate
	}
	return err
}

// count adds a message to its room's counters.
func (r *rows) count(room *roomState, m *backend.MessageRow, seq, ordinal int64) {
	r.pending.soil(m.RoomID, room)
	room.lastSeq, room.ordinal = seq, ordinal
	if !m.Deleted() {
		room.count++
	}
	if m.CreatedAt.After(room.lastAt) {
		room.lastAt = m.CreatedAt
	}
}

// messageArgs binds what an edit can change too.
func (r *rows) messageArgs(m *backend.MessageRow) (func(*args), error) {
	deleter, err := r.userKey(m.DeletedBy)
	if err != nil {
		return nil, err
	}
	tags, err := tagsJSON(m.Tags)
	if err != nil {
		return nil, err
	}
	return func(a *args) {
		a.time(m.EditedAt)
		a.time(m.DeletedAt)
		a.key(deleter)
		a.time(m.ExpiresAt)
		a.time(m.PinnedAt)
		a.int(m.Version)
		a.bool(m.MentionsAll)
		a.mentions(m.Mentions)
		a.text(m.Body)
		a.textOrNull(tags)
		a.textOrNull(string(m.Custom))
	}, nil
}

// tagsJSON returns tags for a column that is NULL for none.
func tagsJSON(tags []string) (string, error) {
	if len(tags) == 0 {
		return "", nil
	}
	return toJSON(tags)
}

// mentions binds identifiers one after another, NULL for none.
func (a *args) mentions(ids []storage.UserID) {
	var all []byte
	for _, id := range ids {
		all = append(all, id[:]...)
	}
	a.blob(all)
}

const (
	messagePlaceSQL = `
SELECT key, doc, author_key
FROM messages
WHERE id = ?`
	updateMessageSQL = `
UPDATE messages
SET
	edited_at = ?, deleted_at = ?, deleted_by_key = ?, expires_at = ?, pinned_at = ?, version = ?,
	mentions_all = ?, mentions = ?, body = ?, tags = ?, custom = ?
WHERE key = ?`
)

// UpdateMessage implements backend.MessageRows. Place, author and thread of a
// message never change; the author's key stays even if nobody has it any more.
func (r *rows) UpdateMessage(_ context.Context, old *storage.Message, m *backend.MessageRow) error {
	var key int64
	was := entry{text: backend.SearchText(old)}
	err := r.c.one(messagePlaceSQL, func(a *args) { a.id(m.ID) }, func(row *row) error {
		key, was.doc, was.author = row.int(), row.int(), row.int()
		was.room = key >> 32
		return nil
	})
	if err != nil {
		return err
	}
	mutable, err := r.messageArgs(m)
	if err != nil {
		return err
	}
	err = r.execOne(updateMessageSQL, func(a *args) {
		mutable(a)
		a.int(key)
	})
	if err != nil {
		return err
	}
	r.pending.bytes += messageBytes + len(m.Body)
	if err := r.changeMentions(key, was.author, old, &m.Message); err != nil {
		return err
	}
	if err := r.changeTags(key, old.Tags, m.Tags); err != nil {
		return err
	}
	if err := r.reindex(was, m.Text); err != nil {
		return err
	}
	if old.Deleted() || !m.Deleted() {
		return nil
	}
	if err := r.becomeTombstone(key, was.author, old, m.DeletedAt); err != nil {
		return err
	}
	return r.countTombstone(old)
}

const bareMessageSQL = `
UPDATE messages
SET reactions = NULL, attachments = NULL
WHERE key = ?`

// becomeTombstone takes away what a tombstone does not have, and takes it out
// of its thread.
func (r *rows) becomeTombstone(key, author int64, old *storage.Message, at time.Time) error {
	if err := r.removeDependents(key, key); err != nil {
		return err
	}
	if err := r.detach(key, at); err != nil {
		return err
	}
	if err := r.c.exec(bareMessageSQL, func(a *args) { a.int(key) }); err != nil {
		return err
	}
	return r.removeReply(key, author, old)
}

// dependentSQL removes what hangs on messages and does not outlive their
// text, by the first and the last of their keys.
var dependentSQL = []string{
	`DELETE FROM message_revisions
WHERE key BETWEEN ? AND ?`,
	`DELETE FROM message_reactions
WHERE key BETWEEN ? AND ?`,
}

func (r *rows) removeDependents(first, last int64) error {
	for _, sql := range dependentSQL {
		err := r.c.exec(sql, func(a *args) {
			a.int(first)
			a.int(last)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// countTombstone takes a message that has become one out of its room's count.
func (r *rows) countTombstone(old *storage.Message) error {
	room, err := r.room(old.RoomID)
	if err != nil {
		return err
	}
	r.pending.soil(old.RoomID, room)
	room.count--
	return nil
}
