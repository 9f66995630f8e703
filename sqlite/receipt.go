package sqlite

import (
	"context"
	"math"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// readAt is when user u read the message with the key ?2 of the room ?1, in the
// far future for never. What a user's marker has passed does not overlap, so
// only the first move that went beyond the message can have passed it.
const readAt = `min(
		ifnull((
			SELECT iif(x.from_seq < ?2 & 4294967295, x.at, NULL)
			FROM read_ranges AS x
			WHERE x.room_key = ?1
			AND x.user_key = u.key
			AND x.to_seq >= ?2 & 4294967295
			ORDER BY x.to_seq
			LIMIT 1
		), 9223372036854775807),
		ifnull((
			SELECT iif(o.passed < ?2 & 4294967295, o.created_at, NULL)
			FROM messages AS o
			WHERE o.author_key = u.key
			AND o.key > ?2
			AND o.key <= (?1 << 32) + 4294967295
			AND o.passed IS NOT NULL
			ORDER BY o.key
			LIMIT 1
		), 9223372036854775807),
		ifnull((
			SELECT s.at
			FROM message_read_receipts AS s
			WHERE s.key = ?2
			AND s.user_key = u.key
		), 9223372036854775807)
	)`

// Receipts are sorted when asked: who has read a message comes out of the
// markers of all who were ever there.
const (
	receiptsOf = `
WITH read AS MATERIALIZED (
	SELECT u.id AS id, ` + readAt + ` AS at
	FROM (
		SELECT user_key FROM room_memberships WHERE room_key = ?1
		UNION SELECT user_key FROM former_members WHERE room_key = ?1
		UNION SELECT user_key FROM message_read_receipts WHERE key = ?2
	) AS c
	CROSS JOIN users AS u ON u.key = c.user_key
	WHERE u.key <> ?3
)
SELECT id, at
FROM read
WHERE at < 9223372036854775807`
	firstReceiptsSQL = receiptsOf + `
AND (at > ?4 OR at = ?4 AND id > ?5)
ORDER BY at, id
LIMIT ?6`
	lastReceiptsSQL = receiptsOf + `
AND (at < ?4 OR at = ?4 AND id < ?5)
ORDER BY at DESC, id DESC
LIMIT ?6`
)

// Receipts implements backend.ReceiptRows.
func (r *rows) Receipts(_ context.Context, s backend.ReceiptScan) (all []storage.ReadReceipt, err error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	m, err := r.stored(s.Message)
	if err != nil {
		return nil, err
	}
	sql, after := firstReceiptsSQL, storage.Keyset{Int: math.MinInt64}
	if s.Desc {
		sql, after.Int = lastReceiptsSQL, math.MaxInt64
	}
	if s.After != nil {
		after = *s.After
	}
	bind := func(a *args) {
		a.int(m.key >> 32)
		a.int(m.key)
		a.int(m.author)
		a.int(after.Int)
		a.id(after.ID)
		a.int(int64(s.Limit))
	}
	err = r.c.query(sql, bind, func(row *row) error {
		all = append(all, storage.ReadReceipt{UserID: row.id(), ReadAt: row.time()})
		return nil
	})
	return all, err
}

// storedMessage is what a message is known by inside.
type storedMessage struct{ key, doc, author int64 }

func (r *rows) stored(id storage.MessageID) (m storedMessage, err error) {
	err = r.c.one(messagePlaceSQL, func(a *args) { a.id(id) }, func(row *row) error {
		m = storedMessage{row.int(), row.int(), row.int()}
		return nil
	})
	return m, err
}

const hasReceiptSQL = `
SELECT ` + readAt + ` < 9223372036854775807
FROM users AS u
WHERE u.key = ?3`

// HasReceipt implements backend.ReceiptRows.
func (r *rows) HasReceipt(_ context.Context, message storage.MessageID, user storage.UserID) (has bool, err error) {
	if err := r.snapshot(); err != nil {
		return false, err
	}
	m, err := r.stored(message)
	if err != nil {
		return false, err
	}
	key, err := r.userKey(user)
	if err != nil {
		return false, err
	}
	bind := func(a *args) {
		a.int(m.key >> 32)
		a.int(m.key)
		a.int(key)
	}
	err = r.c.one(hasReceiptSQL, bind, func(row *row) error {
		has = row.bool()
		return nil
	})
	return has, err
}

const insertReceiptSQL = `
INSERT INTO message_read_receipts (key, user_key, at)
VALUES ((SELECT key FROM messages WHERE id = ?), ?, ?)`

// InsertReceipt implements backend.ReceiptRows.
func (r *rows) InsertReceipt(_ context.Context, message storage.MessageID, user storage.UserID, at time.Time) error {
	key, err := r.userKey(user)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.c.exec(insertReceiptSQL, func(a *args) {
		a.id(message)
		a.int(key)
		a.time(at)
	})
}

const deleteReceiptsSQL = `
DELETE FROM message_read_receipts
WHERE key BETWEEN ? AND ?`

// deleteReceipts removes the single receipts of messages, by the first and the
// last of their keys.
func (r *rows) deleteReceipts(first, last int64) error {
	return r.c.exec(deleteReceiptsSQL, func(a *args) {
		a.int(first)
		a.int(last)
	})
}

// forgetReaderSQL takes away what a user has read, by the user's key, before
// the memberships that lead to it.
var forgetReaderSQL = []string{
	`DELETE FROM read_ranges
WHERE user_key = ?1
AND room_key IN (
	SELECT room_key FROM room_memberships WHERE user_key = ?1
	UNION SELECT room_key FROM former_members WHERE user_key = ?1
)`,
	`DELETE FROM former_members
WHERE user_key = ?`,
	`DELETE FROM message_read_receipts
WHERE user_key = ?`,
}

func (r *rows) forgetReader(user int64) error {
	for _, sql := range forgetReaderSQL {
		if err := r.c.exec(sql, func(a *args) { a.int(user) }); err != nil {
			return err
		}
	}
	return nil
}
