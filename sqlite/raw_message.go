package sqlite

import (
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// Raw records of messages and what hangs on them. That in deleted rooms, which
// waits for the sweep, is passed over by the rooms that are there.

const rawStubsSQL = `
SELECT p.key, p.id, r.id
FROM purged_messages AS p
CROSS JOIN rooms AS r ON r.key = p.key >> 32
WHERE p.key > ?
ORDER BY p.key
LIMIT ?`

func (r *rows) rawStubs(page *rawPage) error {
	return r.c.query(rawStubsSQL, func(a *args) { a.int(page.after.Int); a.int(page.asked()) }, func(row *row) error {
		key := row.int()
		raw := &storage.RawStub{ID: row.id(), RoomID: row.id(), Seq: key & seqMask}
		return page.add(storage.Keyset{Int: key}, 0, storage.Raw{Stub: raw})
	})
}

const rawMessagesSQL = `SELECT` + messageColumns + `, r.id, a.id, d.id, m.nonce_digest, m.doc
FROM messages AS m
CROSS JOIN rooms AS r ON r.key = m.key >> 32
LEFT JOIN users AS a ON a.key = m.author_key
LEFT JOIN users AS d ON d.key = m.deleted_by_key
WHERE m.doc > ?
ORDER BY m.doc
LIMIT ?`

func (r *rows) rawMessages(page *rawPage) error {
	type carrier struct {
		key int64
		raw *storage.RawMessage
	}
	var all []carrier
	err := r.c.query(rawMessagesSQL, func(a *args) { a.int(page.after.Int); a.int(page.asked()) }, func(row *row) error {
		raw := &storage.RawMessage{}
		room, people := scanMessage(row, &raw.Message)
		raw.Attachments, raw.Reactions, raw.Thread = nil, nil, storage.Thread{}
		raw.RoomID, raw.AuthorID, raw.DeletedBy = row.id(), row.id(), row.id()
		raw.AuthorGone = raw.Nonce != "" && people.author != 0 && raw.AuthorID.IsZero()
		raw.Digest = row.blob()
		err := page.add(storage.Keyset{Int: row.int()}, len(raw.Body)+len(raw.Custom), storage.Raw{Message: raw})
		if err == nil {
			all = append(all, carrier{room<<32 | raw.Seq, raw})
		}
		return err
	})
	for _, c := range all {
		if failed := errors.Join(r.rawCarried(c.key, c.raw), r.rawMissed(c.key, c.raw)); failed != nil {
			return failed
		}
	}
	return err
}

const rawCarriedSQL = `
SELECT id
FROM file_attachments
WHERE message_key = ?
ORDER BY position`

// rawCarried names what a message carries, or carried.
func (r *rows) rawCarried(key int64, raw *storage.RawMessage) error {
	return r.c.query(rawCarriedSQL, func(a *args) { a.int(key) }, func(row *row) error {
		raw.AttachmentIDs = append(raw.AttachmentIDs, row.id())
		return nil
	})
}

const rawMentionedSQL = `
SELECT EXISTS (
	SELECT 1
	FROM users AS u
	CROSS JOIN message_mentions AS n ON n.chunk = ?2 >> 9 AND n.user_key = u.key AND n.key = ?2
	WHERE u.id = ?1
)`

// rawMissed names the mentions of a message that mention nobody.
func (r *rows) rawMissed(key int64, raw *storage.RawMessage) error {
	for _, user := range raw.Mentions {
		there := false
		err := r.c.one(rawMentionedSQL, func(a *args) { a.id(user); a.int(key) }, func(row *row) error {
			there = row.bool()
			return nil
		})
		if err != nil {
			return err
		}
		if !there {
			raw.Missed = append(raw.Missed, user)
		}
	}
	return nil
}

const rawRevisionsSQL = `
SELECT v.version, v.body, v.mentions_all, v.mentions, v.tags, v.custom, v.replaced_at, u.id, v.key, m.id, r.id
FROM message_revisions AS v
CROSS JOIN messages AS m ON m.key = v.key
CROSS JOIN rooms AS r ON r.key = v.key >> 32
LEFT JOIN users AS u ON u.key = v.replaced_by_key
WHERE (v.key, v.version) > (?, ?)
ORDER BY v.key, v.version
LIMIT ?`

func (r *rows) rawRevisions(page *rawPage) error {
	bind := func(a *args) {
		a.int(page.after.Int)
		a.int(page.after.Low)
		a.int(page.asked())
	}
	return r.c.query(rawRevisionsSQL, bind, func(row *row) error {
		raw := &storage.RawRevision{Revision: scanRevision(row, storage.MessageID{})}
		place := storage.Keyset{Int: row.int(), Low: raw.Version}
		raw.MessageID, raw.RoomID = row.id(), row.id()
		return page.add(place, len(raw.Body)+len(raw.Custom), storage.Raw{Revision: raw})
	})
}

const rawReactionsSQL = `
SELECT x.key, x.emoji, x.user_key, x.created_at, u.id, m.id, r.id
FROM message_reactions AS x
CROSS JOIN messages AS m ON m.key = x.key
CROSS JOIN rooms AS r ON r.key = x.key >> 32
CROSS JOIN users AS u ON u.key = x.user_key
WHERE (x.key, x.emoji, x.user_key) > (?, ?, ?)
ORDER BY x.key, x.emoji, x.user_key
LIMIT ?`

func (r *rows) rawReactions(page *rawPage) error {
	bind := func(a *args) {
		a.int(page.after.Int)
		a.text(page.after.Text)
		a.int(page.after.Low)
		a.int(page.asked())
	}
	return r.c.query(rawReactionsSQL, bind, func(row *row) error {
		place := storage.Keyset{Int: row.int(), Text: row.text(), Low: row.int()}
		raw := &storage.RawReaction{Reaction: storage.Reaction{Emoji: place.Text, CreatedAt: row.time()}}
		raw.UserID, raw.MessageID, raw.RoomID = row.id(), row.id(), row.id()
		return page.add(place, 0, storage.Raw{Reaction: raw})
	})
}

const roomFromSQL = `
SELECT key, id
FROM rooms
WHERE key >= ?
ORDER BY key
LIMIT 1`

// Who may have read something in a room: members, former ones, and who has
// receipts of single messages.
const readersOfRoomSQL = `
SELECT u.key, u.id
FROM (
	SELECT user_key FROM room_memberships WHERE room_key = ?1 AND user_key >= ?2
	UNION SELECT user_key FROM former_members WHERE room_key = ?1 AND user_key >= ?2
	UNION SELECT user_key FROM message_read_receipts
		WHERE key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295 AND user_key >= ?2
) AS c
CROSS JOIN users AS u ON u.key = c.user_key
ORDER BY c.user_key`

// readerOf is who may have read something in a room.
type readerOf struct {
	room, user int64
	raw        storage.RawReceipt
}

// rawReceipts takes one room after another, and in it one reader. After holds
// the room's key and the user's, and up to which Seq runs are listed already.
func (r *rows) rawReceipts(page *rawPage) error {
	at := page.after
	for ; ; at = (storage.Keyset{Int: at.Int + 1}) {
		var room storage.RoomID
		err := r.c.one(roomFromSQL, func(a *args) { a.int(at.Int) }, func(row *row) error {
			key := row.int()
			if key != at.Int {
				at = storage.Keyset{Int: key}
			}
			room = row.id()
			return nil
		})
		if errors.Is(err, storage.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		var readers []readerOf
		err = r.c.query(readersOfRoomSQL, func(a *args) { a.int(at.Int); a.int(at.Low) }, func(row *row) error {
			readers = append(readers, readerOf{at.Int, row.int(), storage.RawReceipt{RoomID: room, UserID: row.id()}})
			return nil
		})
		if err != nil {
			return err
		}
		for _, v := range readers {
			listed := int64(0)
			if v.user == at.Low {
				listed = at.High
			}
			if err := r.rawReceiptsOf(page, v, listed); err != nil {
				return err
			}
		}
	}
}

// rawReadSQL is all that a user, ?2, has read in a room, ?1: what a marker has
// passed, by moves and by own messages, and single messages.
var rawReadSQL = []string{`
SELECT from_seq, to_seq, at
FROM read_ranges
WHERE room_key = ?1
AND user_key = ?2`, `
SELECT passed, key & 4294967295, created_at
FROM messages
WHERE author_key = ?2
AND key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295
AND passed IS NOT NULL`, `
SELECT (key & 4294967295) - 1, key & 4294967295, at
FROM message_read_receipts INDEXED BY message_read_receipts_by_user
WHERE user_key = ?2
AND key BETWEEN ?1 << 32 AND (?1 << 32) + 4294967295`}

const passesSQL = `
SELECT author_key = ?2
FROM messages
WHERE key = ?1`

func (r *rows) rawReceiptsOf(page *rawPage, v readerOf, listed int64) error {
	var spans []backend.ReadSpan
	for _, sql := range rawReadSQL {
		err := r.c.query(sql, func(a *args) { a.int(v.room); a.int(v.user) }, func(row *row) error {
			spans = append(spans, backend.ReadSpan{From: row.int(), To: row.int(), At: row.int()})
			return nil
		})
		if err != nil {
			return err
		}
	}
	runs, err := backend.ReadRuns(spans, func(seq int64) (passes bool, err error) {
		err = r.c.one(passesSQL, func(a *args) { a.int(v.room<<32 | seq); a.int(v.user) }, func(row *row) error {
			passes = row.bool()
			return nil
		})
		return passes || errors.Is(err, storage.ErrNotFound), absent(err)
	})
	if err != nil {
		return err
	}
	for _, run := range runs {
		if run.To <= listed {
			continue
		}
		raw := v.raw
		raw.Range, raw.ReadAt = storage.SeqRange{First: run.From + 1, Last: run.To}, time.UnixMicro(run.At).UTC()
		place := storage.Keyset{Int: v.room, Low: v.user, High: run.To}
		if err := page.add(place, 0, storage.Raw{Receipt: &raw}); err != nil {
			return err
		}
	}
	return nil
}
