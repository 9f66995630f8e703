package sqlite

import (
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

const (
	// The rows of one thread come one after another, those of an author too.
	threadColumns = `t.author_key, t.replies, t.last_key, t.last_id, t.last_at, ` + generationColumn

	threadsBetweenSQL = `
SELECT t.root_key & 4294967295, ` + threadColumns + `
FROM rooms AS r
CROSS JOIN message_threads AS t
WHERE r.id = ?
AND t.root_key BETWEEN (r.key << 32) + ? AND (r.key << 32) + ?
AND (t.expires_at = 0 OR t.expires_at > ?)
ORDER BY t.root_key, t.author_key`
	threadsAnywhereSQL = `
SELECT j.key, ` + threadColumns + `
FROM json_each(?) AS j
CROSS JOIN messages AS m ON m.id = unhex(j.value)
CROSS JOIN message_threads AS t ON t.root_key = m.key
WHERE t.expires_at = 0 OR t.expires_at > ?
ORDER BY j.key, t.author_key`
)

// replies are those of one author in a thread.
type replies struct {
	m          *storage.Message // the root
	author     int64
	count      int64
	lastKey    int64
	lastID     storage.MessageID
	lastAt     time.Time
	generation int64
}

// fillThreads sums up the replies to messages.
func (r *rows) fillThreads(ms []*storage.Message, now time.Time) error {
	if len(ms) == 0 {
		return nil
	}
	for {
		var all []replies
		err := r.fill(ms, filling{
			between: threadsBetweenSQL, anywhere: threadsAnywhereSQL,
			bind: func(a *args) { a.int(now.UnixMicro()) },
			scan: func(row *row, m *storage.Message) {
				all = append(all, replies{m, row.int(), row.int(), row.int(), row.id(), row.time(), row.int()})
			},
		})
		if err != nil {
			return err
		}
		if ok, err := r.sumUp(all); ok || err != nil {
			return err
		}
		// Somebody was deleted since: see page.
		if err := r.snapshot(); err != nil {
			return err
		}
	}
}

// sumUp sets the threads that replies make. It is not ok if an author may have
// been deleted since they were read.
func (r *rows) sumUp(all []replies) (ok bool, err error) {
	var last int64
	for i, p := range all {
		if i == 0 || all[i-1].m != p.m {
			p.m.Thread, last = storage.Thread{}, 0
		}
		author, ok, err := r.userID(p.generation, p.author)
		if err != nil || !ok {
			return false, err
		}
		t := &p.m.Thread
		t.Replies += p.count
		if !author.IsZero() && (i == 0 || all[i-1].m != p.m || all[i-1].author != p.author) {
			t.Participants++
		}
		if p.lastKey > last {
			last = p.lastKey
			t.LastReplyID, t.LastReplyAt, t.LastAuthorID = p.lastID, p.lastAt, author
		}
	}
	return true, nil
}

const (
	rootSQL = `
SELECT key, replied IS NOT NULL
FROM messages
WHERE id = ?`
	purgedRootSQL = `
SELECT key, TRUE
FROM purged_messages
WHERE id = ?`
	markRepliedSQL = `
UPDATE messages
SET replied = 1
WHERE key = ?`
)

// root returns the key of a thread's first message, which may have been
// purged, and whether the message knows of replies.
func (r *rows) root(id storage.MessageID) (key int64, replied bool, err error) {
	for _, sql := range []string{rootSQL, purgedRootSQL} {
		err = r.c.one(sql, func(a *args) { a.id(id) }, func(row *row) error {
			key, replied = row.int(), row.bool()
			return nil
		})
		if !errors.Is(err, storage.ErrNotFound) {
			return key, replied, err
		}
	}
	return 0, false, inconsistent(err, "a reply whose thread has no first message")
}

const addReplySQL = `
INSERT INTO message_threads (root_key, author_key, expires_at, replies, last_key, last_id, last_at)
VALUES (?, ?, ?, 1, ?, ?, ?)
ON CONFLICT (root_key, author_key, expires_at) DO UPDATE
SET replies = replies + 1, last_key = excluded.last_key, last_id = excluded.last_id, last_at = excluded.last_at`

// addReply puts a new message into its thread, if it is a reply.
func (r *rows) addReply(key, author int64, m *storage.Message) error {
	if m.RootID.IsZero() || m.Deleted() {
		return nil
	}
	root, replied, err := r.root(m.RootID)
	if err != nil {
		return err
	}
	if !replied {
		r.pending.bytes += messageBytes
		if err := r.c.exec(markRepliedSQL, func(a *args) { a.int(root) }); err != nil {
			return err
		}
	}
	r.pending.bytes += rowBytes
	return r.c.exec(addReplySQL, func(a *args) {
		a.int(root)
		a.int(author)
		a.int(expiry(m))
		a.int(key)
		a.id(m.ID)
		a.time(m.CreatedAt)
	})
}

// expiry returns when a message expires, 0 for never.
func expiry(m *storage.Message) int64 {
	if m.ExpiresAt.IsZero() {
		return 0
	}
	return m.ExpiresAt.UnixMicro()
}

const (
	repliesSQL = `
SELECT replies, last_key
FROM message_threads
WHERE root_key = ?
AND author_key = ?
AND expires_at = ?`
	lastReplySQL = `
SELECT key, id, created_at
FROM messages INDEXED BY messages_by_root
WHERE root_id = ?
AND key < ?
AND author_key = ?
AND ifnull(expires_at, 0) = ?
AND deleted_at IS NULL
ORDER BY key DESC
LIMIT 1`
	setRepliesSQL = `
UPDATE message_threads
SET replies = ?, last_key = ifnull(?, last_key), last_id = ifnull(?, last_id), last_at = ifnull(?, last_at)
WHERE root_key = ?
AND author_key = ?
AND expires_at = ?`
	deleteRepliesSQL = `
DELETE FROM message_threads
WHERE root_key = ?
AND author_key = ?
AND expires_at = ?`
)

// removeReply takes a message out of its thread, if it is a reply and was no
// tombstone. The message itself may be gone already.
func (r *rows) removeReply(key, author int64, m *storage.Message) error {
	if m.RootID.IsZero() || m.Deleted() {
		return nil
	}
	root, _, err := r.root(m.RootID)
	if err != nil {
		return err
	}
	at := func(a *args) {
		a.int(root)
		a.int(author)
		a.int(expiry(m))
	}
	p := replies{author: author}
	err = r.c.one(repliesSQL, at, func(row *row) error {
		p.count, p.lastKey = row.int(), row.int()
		return nil
	})
	if err != nil {
		return inconsistent(err, "a reply that its thread does not count")
	}
	r.pending.bytes += rowBytes
	if p.count--; p.count == 0 {
		return r.c.exec(deleteRepliesSQL, at)
	}
	if p.lastKey == key {
		if err := r.lastReply(&p, m); err != nil {
			return err
		}
	} else {
		p.lastKey = 0
	}
	return r.c.exec(setRepliesSQL, func(a *args) {
		a.int(p.count)
		a.key(p.lastKey)
		a.id(p.lastID)
		a.time(p.lastAt)
		at(a)
	})
}

// lastReply finds the last reply of an author before m.
func (r *rows) lastReply(p *replies, m *storage.Message) error {
	bind := func(a *args) {
		a.id(m.RootID)
		a.int(p.lastKey)
		a.int(p.author)
		a.int(expiry(m))
	}
	err := r.c.one(lastReplySQL, bind, func(row *row) error {
		p.lastKey, p.lastID, p.lastAt = row.int(), row.id(), row.time()
		return nil
	})
	return inconsistent(err, "a thread that counts more replies than there are")
}
