package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	countPurgeColumns = `count(*), ifnull(sum((SELECT count(*) FROM file_attachments AS f WHERE f.message_key = m.key)), 0)`

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
func (r *rows) CountPurge(_ context.Context, s backend.PurgeScan) (messages, attachments int64, err error) {
	if s.First == 0 {
		return 0, 0, nil
	}
	end := int64(0)
	if s.First > 0 {
		if end, err = r.firstKey(lastLiveSQL, func(a *args) { a.id(s.Room); a.int(s.First - 1) }); err != nil {
			return 0, 0, err
		}
	}
	if !oldInRoom(s) {
		index, _ := purgeIndex(s)
		tables := `messages AS m ` + index + ` CROSS JOIN rooms AS r ON r.key = m.key >> 32`
		if !s.Room.IsZero() {
			tables = `rooms AS r CROSS JOIN messages AS m ` + index
		}
		return r.countPurge(purgeFrom(countPurgeColumns, tables, s, 0, end))
	}
	young, err := r.firstKey(firstYoungSQL, func(a *args) { a.id(s.Room); a.int(s.To.UnixMicro()) })
	if err != nil {
		return 0, 0, err
	}
	before := end
	if young > 0 && (before == 0 || young <= before) {
		before = young - 1
	}
	rising := purgeFrom(countPurgeColumns, "rooms AS r CROSS JOIN messages AS m NOT INDEXED", s, 0, before)
	rising.where(inOrder)
	messages, attachments, err = r.countPurge(rising)
	if err != nil {
		return 0, 0, err
	}
	others := purgeFrom(countPurgeColumns, backdatedTables, s, 0, end)
	others.where(backdatedOfRoom)
	more, files, err := r.countPurge(others)
	return messages + more, attachments + files, err
}

func (r *rows) countPurge(l list) (messages, attachments int64, err error) {
	sql, values, err := l.ToSql()
	if err != nil {
		return 0, 0, &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	err = r.c.one(sql, func(a *args) { a.all(values) }, func(row *row) error {
		messages, attachments = row.int(), row.int()
		return nil
	})
	return messages, attachments, err
}

// firstKey returns the one key that a statement gives, 0 for none.
func (r *rows) firstKey(sql string, bind func(*args)) (key int64, err error) {
	err = r.c.query(sql, bind, func(row *row) error {
		key = row.int()
		return nil
	})
	return key, err
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
