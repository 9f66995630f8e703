package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	countPurgeColumns = `count(*), ifnull(sum((
	SELECT count(*)
	FROM file_attachments AS f
	WHERE f.message_key = m.key
)), 0), ifnull(sum((
	SELECT count(*)
	FROM file_attachments AS f
	WHERE f.message_key = m.key
	AND f.detached_at <= ?
)), 0)`

	// firstYoungSQL stops at the first message of a room that is too young.
	firstYoungSQL = `
SELECT m.key
FROM rooms AS r
CROSS JOIN messages AS m NOT INDEXED
WHERE r.id = ?
AND m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
AND m.created_at >= ?
AND ` + inOrder + `
ORDER BY m.key
LIMIT 1`
)

// CountPurge implements backend.RetentionRows.
func (r *rows) CountPurge(_ context.Context, s backend.PurgeScan, unattached time.Time) (n backend.PurgeCount, err error) {
	if s.First == 0 {
		return n, nil
	}
	end := int64(0)
	if s.First > 0 {
		if end, err = r.lastLive(s); err != nil {
			return n, err
		}
	}
	if !oldInRoom(s) {
		index, _ := purgeIndex(s)
		tables := `messages AS m ` + index + ` CROSS JOIN rooms AS r ON r.key = m.key >> 32`
		if !s.Room.IsZero() {
			tables = `rooms AS r CROSS JOIN messages AS m ` + index
		}
		return r.countPurge(purgeFrom(countPurgeColumns, tables, s, 0, end), unattached)
	}
	young, err := r.firstKey(firstYoungSQL, func(a *args) { a.id(s.Room); a.int(s.To.UnixMicro()) })
	if err != nil {
		return n, err
	}
	before := end
	if young > 0 && (before == 0 || young <= before) {
		before = young - 1
	}
	rising := purgeFrom(countPurgeColumns, "rooms AS r CROSS JOIN messages AS m NOT INDEXED", s, 0, before)
	rising.where(inOrder)
	n, err = r.countPurge(rising, unattached)
	if err != nil {
		return n, err
	}
	others := purgeFrom(countPurgeColumns, backdatedTables, s, 0, end)
	others.where(backdatedOfRoom)
	more, err := r.countPurge(others, unattached)
	n.Messages += more.Messages
	n.Attachments += more.Attachments
	n.Unattached += more.Unattached
	return n, err
}

func (r *rows) countPurge(l list, unattached time.Time) (n backend.PurgeCount, err error) {
	sql, values, err := l.ToSql()
	if err != nil {
		return n, &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	bind := func(a *args) {
		a.time(unattached)
		a.all(values)
	}
	err = r.c.one(sql, bind, func(row *row) error {
		n = backend.PurgeCount{Messages: row.int(), Attachments: row.int(), Unattached: row.int()}
		return nil
	})
	return n, err
}

// firstKey returns the one key that a statement gives, 0 for none.
func (r *rows) firstKey(sql string, bind func(*args)) (key int64, err error) {
	err = r.c.query(sql, bind, func(row *row) error {
		key = row.int()
		return nil
	})
	return key, err
}

// As the index has it, the room's number has no type.
const countExpiredSQL = `
SELECT count(*)
FROM rooms AS r
CROSS JOIN messages AS m INDEXED BY messages_by_expiry_in_room
WHERE r.id = ?
AND m.key >> 32 = +r.key
AND m.expires_at <= ?
AND m.deleted_at IS NULL`

// CountExpired implements backend.RetentionRows.
func (r *rows) CountExpired(_ context.Context, room storage.RoomID, now time.Time) (int64, error) {
	return r.firstKey(countExpiredSQL, func(a *args) { a.id(room); a.time(now) })
}

const (
	countSessionsSQL = `
SELECT count(*)
FROM sessions
WHERE ends_at < ?`
	countInvitesSQL = `
SELECT count(*)
FROM room_invites AS i INDEXED BY room_invites_by_end
CROSS JOIN rooms AS r ON r.key = i.room_key
WHERE ` + inviteEnd + ` < ?`
	countSanctionsSQL = `
SELECT count(*)
FROM user_moderation AS s INDEXED BY user_moderation_by_end
WHERE ` + sanctionEnd + ` < ?
AND (s.room_key IS NULL OR EXISTS (SELECT 1 FROM rooms AS r WHERE r.key = s.room_key))`
)

var countEndedSQL = map[backend.Ended]string{
	backend.EndedSessions: countSessionsSQL, backend.EndedInvites: countInvitesSQL, backend.EndedSanctions: countSanctionsSQL,
}

// CountEnded implements backend.RetentionRows.
func (r *rows) CountEnded(_ context.Context, kind backend.Ended, before time.Time) (int64, error) {
	return r.firstKey(countEndedSQL[kind], func(a *args) { a.time(before) })
}
