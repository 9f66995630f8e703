package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// A message's key is its room's key << 32 | Seq.
const seqMask = 1<<32 - 1

// generationColumn tells under which count of deletions (keys.go) a row was
// read.
const generationColumn = `(SELECT value FROM counters WHERE name = 'user_deletions')`

const messageColumns = `
	m.key, m.id, m.author_key, m.deleted_by_key, m.type, m.body, m.created_at, m.edited_at,
	m.deleted_at, m.expires_at, m.pinned_at, m.version, m.parent_id, m.root_id, m.nonce,
	m.mentions_all, m.mentions, m.tags, m.custom`

// people are the users of a message whose identifiers are still to be found.
type people struct{ author, deleter int64 }

// scanMessage reads messageColumns. RoomID, AuthorID and DeletedBy are left to
// the caller.
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
	messageSeqSQL = `
SELECT m.key
FROM messages AS m
CROSS JOIN rooms AS r ON r.key = m.key >> 32
WHERE m.id = ?
AND r.id = ?`
	purgedSeqSQL = `
SELECT p.key
FROM purged_messages AS p
CROSS JOIN rooms AS r ON r.key = p.key >> 32
WHERE p.id = ?
AND r.id = ?`
)

// MessageSeq implements backend.MessageRows.
func (r *rows) MessageSeq(_ context.Context, room storage.RoomID, id storage.MessageID) (seq int64, err error) {
	if err := r.snapshot(); err != nil {
		return 0, err
	}
	for _, sql := range []string{messageSeqSQL, purgedSeqSQL} {
		bind := func(a *args) {
			a.id(id)
			a.id(room)
		}
		err = r.c.one(sql, bind, func(row *row) error {
			seq = row.int() & seqMask
			return nil
		})
		if !errors.Is(err, storage.ErrNotFound) {
			break
		}
	}
	return seq, err
}

// The pages that are asked for all the time. One room makes one range of the
// table.
const (
	pageOfRoom = `SELECT` + messageColumns + `, ` + generationColumn + `
FROM rooms AS r
CROSS JOIN messages AS m
WHERE r.id = ?
AND m.key > (r.key << 32) + ?
AND m.key < (r.key << 32) + ?
AND (m.expires_at IS NULL OR m.expires_at > ?)`
	notDeleted = `
AND m.deleted_at IS NULL`
	newestFirst = `
ORDER BY m.key DESC
LIMIT ?`
	oldestFirst = `
ORDER BY m.key
LIMIT ?`

	newestSQL            = pageOfRoom + notDeleted + newestFirst
	oldestSQL            = pageOfRoom + notDeleted + oldestFirst
	newestWithDeletedSQL = pageOfRoom + newestFirst
	oldestWithDeletedSQL = pageOfRoom + oldestFirst
)

func pageSQL(s backend.MessageScan) string {
	switch {
	case s.Desc && s.WithDeleted:
		return newestWithDeletedSQL
	case s.Desc:
		return newestSQL
	case s.WithDeleted:
		return oldestWithDeletedSQL
	}
	return oldestSQL
}

// seqBounds returns exclusive bounds that stay within a room's range of keys.
func seqBounds(s backend.MessageScan) (low, high int64) {
	if low, high = s.Low, s.High; high <= 0 || high > seqMask+1 {
		high = seqMask + 1
	}
	return min(max(low, 0), seqMask), high
}

// unfiltered reports whether bounds and tombstones are all that a scan of a
// room is about.
func unfiltered(s backend.MessageScan) bool {
	return !s.Room.IsZero() && s.Author.IsZero() && len(s.Types) == 0 && s.From.IsZero() && s.To.IsZero()
}

// Messages implements backend.MessageRows. An author in a room has an index;
// an author in all rooms is sorted when asked, because an index by time would
// cost every message a page.
func (r *rows) Messages(_ context.Context, s backend.MessageScan) ([]storage.Message, error) {
	if !unfiltered(s) {
		return r.filteredMessages(s)
	}
	low, high := seqBounds(s)
	return r.page(pageSQL(s), s.Room, min(s.Scan.Limit, pageHint), func(a *args) {
		a.id(s.Room)
		a.int(low)
		a.int(high)
		a.int(s.Now.UnixMicro())
		a.int(int64(s.Scan.Limit))
	})
}

func (r *rows) filteredMessages(s backend.MessageScan) ([]storage.Message, error) {
	tables, o := "rooms AS r CROSS JOIN messages AS m", order{column: "m.key"}
	if s.Room.IsZero() {
		tables = "messages AS m CROSS JOIN rooms AS r ON r.key = m.key >> 32"
		o = order{column: "m.created_at", id: "m.id"}
	}
	l := from(messageColumns+", "+generationColumn+", r.id", tables)
	l.whereMessages(s)
	l.scan(o, s.Scan)
	sql, values, err := l.ToSql()
	if err != nil {
		return nil, err
	}
	return r.page(sql, s.Room, 0, func(a *args) { a.all(values) })
}

func (l *list) whereMessages(s backend.MessageScan) {
	if !s.Room.IsZero() {
		low, high := seqBounds(s)
		l.where("r.id = ?", s.Room[:])
		l.where("m.key > (r.key << 32) + ?", low)
		l.where("m.key < (r.key << 32) + ?", high)
	}
	if !s.Author.IsZero() {
		l.where("m.author_key = (SELECT key FROM users WHERE id = ?)", s.Author[:])
	}
	whereIn(l, "m.type", s.Types)
	if !s.From.IsZero() {
		l.where("m.created_at >= ?", s.From)
	}
	if !s.To.IsZero() {
		l.where("m.created_at < ?", s.To)
	}
	if !s.WithDeleted {
		l.where("m.deleted_at IS NULL")
	}
	l.where("(m.expires_at IS NULL OR m.expires_at > ?)", s.Now.UnixMicro())
}

const countOfRoomSQL = `
SELECT c.message_count - (
	SELECT count(*)
	FROM messages AS m INDEXED BY messages_by_expiry
	WHERE m.expires_at <= ?
	AND m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
	AND m.deleted_at IS NULL
)
FROM rooms AS r
CROSS JOIN room_counters AS c ON c.room_key = r.key
WHERE r.id = ?`

// CountMessages implements backend.MessageRows. All the messages of a room
// are not counted but known, less those whose time is over.
func (r *rows) CountMessages(_ context.Context, s backend.MessageScan) (n int64, err error) {
	if !unfiltered(s) || s.WithDeleted || s.Low > 0 || s.High > 0 {
		l := from("count(*)", "messages AS m CROSS JOIN rooms AS r ON r.key = m.key >> 32")
		if !s.Room.IsZero() {
			l = from("count(*)", "rooms AS r CROSS JOIN messages AS m")
		}
		l.whereMessages(s)
		return counted(r, l)
	}
	if err := r.flushRooms(); err != nil {
		return 0, err
	}
	bind := func(a *args) {
		a.int(s.Now.UnixMicro())
		a.id(s.Room)
	}
	err = r.c.one(countOfRoomSQL, bind, func(row *row) error {
		n = row.int()
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return 0, nil
	}
	return n, err
}
