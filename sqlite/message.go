package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// A message's key is its room's key << 32 | Seq.
const seqMask = 1<<32 - 1

// generationColumn tells under which count of deletions (keys.go) a row was
// read.
const generationColumn = `(SELECT value FROM counters WHERE name = 'user_deletions')`

const messageColumns = `
	m.key, m.id, m.author_key, m.deleted_by_key, m.type, m.body, m.created_at, m.edited_at,
	m.deleted_at, m.expires_at, m.pinned_at, m.version, m.parent_id, m.root_id, m.nonce,
	m.mentions_all, m.mentions, m.tags, m.custom, m.reactions, m.replied, m.attachments`

// people are the users of a message whose identifiers are still to be found.
type people struct{ author, deleter int64 }

// scanMessage reads messageColumns. RoomID, AuthorID and DeletedBy are left to
// the caller, the rest of what FillIn sets to that.
func scanMessage(row *row, m *storage.Message) (roomKey int64, p people) {
	key := row.int()
	m.Seq, m.ID = key&seqMask, row.id()
	p = people{row.int(), row.int()}
	m.Type, m.Body = known[storage.MessageType](row), row.text()
	m.CreatedAt, m.EditedAt = row.time(), row.time()
	m.DeletedAt, m.ExpiresAt, m.PinnedAt = row.time(), row.time(), row.time()
	m.Version = row.int()
	m.ParentID, m.RootID, m.Nonce = row.id(), row.id(), row.text()
	m.MentionsAll, m.Mentions = row.bool(), scanMentions(row)
	row.json(&m.Tags)
	m.Custom = row.blob()
	m.Reactions = row.reactionCounts()
	replied, attachments := row.int(), row.int()
	hint(m, replied, attachments)
	return key >> 32, p
}

// scanMentions reads identifiers that stand one after another.
func scanMentions(row *row) []storage.UserID {
	raw := row.rawBlob()
	if len(raw) == 0 {
		return nil
	}
	const size = len(storage.UserID{})
	if len(raw)%size != 0 {
		row.corrupt("mentions of the wrong length")
		return nil
	}
	ids := make([]storage.UserID, len(raw)/size)
	for i := range ids {
		copy(ids[i][:], raw[i*size:])
	}
	return ids
}

const singleMessage = `SELECT` + messageColumns + `, r.id, a.id, d.id, m.nonce_digest
FROM messages AS m
CROSS JOIN rooms AS r ON r.key = m.key >> 32
LEFT JOIN users AS a ON a.key = m.author_key
LEFT JOIN users AS d ON d.key = m.deleted_by_key`

// oneMessage reads what singleMessage selects.
func (r *rows) oneMessage(sql string, bind func(*args)) (m storage.Message, digest [16]byte, err error) {
	err = r.c.one(sql, bind, func(row *row) error {
		scanMessage(row, &m)
		m.RoomID, m.AuthorID, m.DeletedBy, digest = row.id(), row.id(), row.id(), row.id()
		return nil
	})
	return m, digest, err
}

const messageByIDSQL = singleMessage + `
WHERE m.id = ?`

// Message implements backend.MessageRows.
func (r *rows) Message(_ context.Context, id storage.MessageID) (storage.Message, error) {
	m, _, err := r.oneMessage(messageByIDSQL, func(a *args) { a.id(id) })
	return m, err
}

// MessagesByID implements backend.MessageRows.
func (r *rows) MessagesByID(ctx context.Context, ids []storage.MessageID) ([]storage.Message, error) {
	return byID(ctx, r, ids, r.Message)
}

const latestByAuthorSQL = `
SELECT m.created_at
FROM messages AS m
WHERE m.author_key = ?
AND m.key BETWEEN ? << 32 AND (? << 32) + 4294967295
ORDER BY m.key DESC
LIMIT 1 OFFSET ?`

// LatestByAuthor implements backend.MessageRows.
func (r *rows) LatestByAuthor(
	_ context.Context, room storage.RoomID, author storage.UserID, n int64,
) (at time.Time, err error) {
	state, err := r.room(room)
	if err != nil {
		return at, err
	}
	key, err := r.userKey(author)
	if err != nil {
		return at, err
	}
	bind := func(a *args) {
		a.int(key)
		a.int(state.key)
		a.int(state.key)
		a.int(n - 1)
	}
	err = r.c.one(latestByAuthorSQL, bind, func(row *row) error {
		at = row.time()
		return nil
	})
	return at, err
}

const messageByNonceSQL = singleMessage + `
WHERE m.nonce = ?1
AND m.author_key = iif(?2 IS NULL, 0, (SELECT key FROM users WHERE id = ?2))
AND m.key >> 32 = (SELECT key FROM rooms WHERE id = ?3)`

// MessageByNonce implements backend.MessageRows.
func (r *rows) MessageByNonce(
	_ context.Context, room storage.RoomID, author storage.UserID, nonce string,
) (storage.Message, [16]byte, error) {
	return r.oneMessage(messageByNonceSQL, func(a *args) {
		a.text(nonce)
		a.id(author)
		a.id(room)
	})
}

const (
	placeOfMessageSQL = `
SELECT r.id, m.key
FROM messages AS m
CROSS JOIN rooms AS r ON r.key = m.key >> 32
WHERE m.id = ?`
	placeOfPurgedSQL = `
SELECT r.id, p.key
FROM purged_messages AS p
CROSS JOIN rooms AS r ON r.key = p.key >> 32
WHERE p.id = ?`
)

// MessagePlace implements backend.MessageRows.
func (r *rows) MessagePlace(_ context.Context, id storage.MessageID) (room storage.RoomID, seq int64, err error) {
	if err := r.snapshot(); err != nil {
		return room, 0, err
	}
	for _, sql := range []string{placeOfMessageSQL, placeOfPurgedSQL} {
		err = r.c.one(sql, func(a *args) { a.id(id) }, func(row *row) error {
			room, seq = row.id(), row.int()&seqMask
			return nil
		})
		if !errors.Is(err, storage.ErrNotFound) {
			break
		}
	}
	return room, seq, err
}
