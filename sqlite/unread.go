package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

const markerSQL = `
SELECT m.room_key, m.user_key, m.own_after, ` + position + `, c.last_seq
FROM rooms AS r
CROSS JOIN users AS u
CROSS JOIN room_memberships AS m ON m.room_key = r.key AND m.user_key = u.key
CROSS JOIN room_counters AS c ON c.room_key = r.key
WHERE r.id = ?
AND u.id = ?`

// Unread implements backend.ReceiptRows.
func (r *rows) Unread(_ context.Context, room storage.RoomID, user storage.UserID, now time.Time) (storage.Unread, error) {
	if err := r.flushCounts(); err != nil {
		return storage.Unread{}, err
	}
	if err := r.snapshot(); err != nil {
		return storage.Unread{}, err
	}
	var m marker
	var last int64
	err := r.c.one(markerSQL, place(room, user), func(row *row) error {
		m.room, m.user, m.ownAfter, m.position = row.int(), row.int(), row.int(), row.int()
		last = row.int()
		return nil
	})
	if err != nil {
		return storage.Unread{}, err
	}
	return r.unread(m, last, now)
}

// unreadSQL subtracts, from what has been said since the first message e beyond
// a marker, what is gone of it or does not count. Messages that were purged
// before e cost nothing. A plain mention counts whoever reads it and whenever;
// tombstones mention nobody.
const unreadSQL = `
SELECT
	c.ordinal - e.ordinal + (e.type <> 2) - (
		SELECT count(*)
		FROM messages AS t INDEXED BY messages_by_deletion
		WHERE t.key BETWEEN e.key AND (?1 << 32) + 4294967295
		AND t.deleted_at IS NOT NULL
		AND t.type <> 2
	) - (
		SELECT count(*)
		FROM messages AS x INDEXED BY messages_by_expiry_in_room
		WHERE x.key >> 32 = ?1
		AND x.expires_at <= ?5
		AND x.key >= e.key
		AND x.deleted_at IS NULL
		AND x.type <> 2
	) - (
		SELECT count(*)
		FROM purged_messages AS p
		WHERE p.key > e.key
		AND p.key <= (?1 << 32) + 4294967295
		AND p.countable = 1
	) - iif(?4 <= ?3, 0, (
		SELECT count(*)
		FROM messages AS o INDEXED BY messages_by_author
		WHERE o.author_key = ?2
		AND o.key BETWEEN e.key AND (?1 << 32) + 4294967295
		AND o.deleted_at IS NULL
		AND (o.expires_at IS NULL OR o.expires_at > ?5)
		AND o.type <> 2
	)),
	(
		SELECT ifnull(sum(CASE WHEN n.plain THEN 1 ELSE (
			SELECT q.author_key <> ?2 AND (q.expires_at IS NULL OR q.expires_at > ?5) AND q.type <> 2
			FROM messages AS q
			WHERE q.key = n.key
		) END), 0)
		FROM mention_chunks AS p
		CROSS JOIN message_mentions AS n ON n.chunk = p.chunk AND n.user_key = p.user_key
		WHERE p.user_key = ?2
		AND p.chunk BETWEEN e.key >> 9 AND ((?1 << 32) + 4294967295) >> 9
		AND n.key >= e.key
	) + (
		SELECT count(*)
		FROM messages AS q INDEXED BY messages_to_all
		WHERE q.key BETWEEN e.key AND (?1 << 32) + 4294967295
		AND q.mentions_all = 1
		AND q.author_key <> ?2
		AND (q.expires_at IS NULL OR q.expires_at > ?5)
		AND q.type <> 2
		AND NOT EXISTS (SELECT 1 FROM message_mentions WHERE chunk = q.key >> 9 AND user_key = ?2 AND key = q.key)
	),
	e.key,
	iif(e.author_key <> ?2 AND e.deleted_at IS NULL AND (e.expires_at IS NULL OR e.expires_at > ?5) AND e.type <> 2, e.id, NULL)
FROM messages AS e
CROSS JOIN room_counters AS c ON c.room_key = ?1
WHERE e.key > (?1 << 32) + ?3
AND e.key <= (?1 << 32) + 4294967295
ORDER BY e.key
LIMIT 1`

// unread returns what is beyond a marker, in a room whose last message is the
// one with Seq last. Counters and marker must be of one moment.
func (r *rows) unread(m marker, last int64, now time.Time) (u storage.Unread, err error) {
	if m.position >= last {
		return u, nil
	}
	bind := func(a *args) {
		a.int(m.room)
		a.int(m.user)
		a.int(m.position)
		a.int(m.ownAfter)
		a.int(now.UnixMicro())
	}
	var first int64
	err = r.c.query(unreadSQL, bind, func(row *row) error {
		u.Messages, u.Mentions = row.int(), row.int()
		first, u.FirstID = row.int(), row.id()
		return nil
	})
	switch {
	case err != nil || u.Messages == 0:
		return storage.Unread{}, err
	case !u.FirstID.IsZero():
		u.FirstSeq = first & seqMask
		return u, nil
	}
	return u, r.firstUnread(&u, first, m.user, now)
}

const firstUnreadSQL = `
SELECT key, id
FROM messages
WHERE key BETWEEN ?1 AND ?1 | 4294967295
AND author_key <> ?2
AND deleted_at IS NULL
AND (expires_at IS NULL OR expires_at > ?3)
AND type <> 2
ORDER BY key
LIMIT 1`

// firstUnread finds the first message that counts, from a key on.
func (r *rows) firstUnread(u *storage.Unread, from, user int64, now time.Time) error {
	bind := func(a *args) {
		a.int(from)
		a.int(user)
		a.int(now.UnixMicro())
	}
	return r.c.one(firstUnreadSQL, bind, func(row *row) error {
		u.FirstSeq, u.FirstID = row.int()&seqMask, row.id()
		return nil
	})
}
