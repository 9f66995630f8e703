package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	// authoredTotalsSQL looks at each message of the user, and at no other.
	authoredTotalsSQL = `
SELECT
	max(m.created_at), count(*),
	count(*) FILTER (WHERE m.created_at BETWEEN ? AND ?),
	count(*) FILTER (WHERE m.created_at BETWEEN ? AND ?),
	count(*) FILTER (WHERE m.created_at BETWEEN ? AND ?)
FROM messages AS m INDEXED BY messages_by_author
WHERE m.author_key = ?
AND ` + standingMessage

	// standingMessage is true of a message that is no tombstone and has not
	// expired, in a room that exists.
	standingMessage = `m.deleted_at IS NULL
AND (m.expires_at IS NULL OR m.expires_at > ?)
AND NOT EXISTS (SELECT 1 FROM deleted_rooms AS d WHERE d.key = m.key >> 32)`

	reactionTotalSQL = `
SELECT count(*)
FROM message_reactions AS x INDEXED BY message_reactions_by_user
CROSS JOIN messages AS m ON m.key = x.key
WHERE x.user_key = ?
AND ` + standingMessage

	attachmentTotalsSQL = `
SELECT count(*), ifnull(sum(f.size), 0)
FROM file_attachments AS f INDEXED BY file_attachments_by_uploader` + whatIsAttached + `
WHERE f.uploader_key = ?
AND (m.expires_at IS NULL OR m.expires_at > ?)`

	sanctionTotalSQL = `
SELECT count(*)
FROM user_moderation AS s INDEXED BY user_moderation_standing
LEFT JOIN rooms AS r ON r.key = s.room_key
WHERE s.user_key = ?
AND ` + sanctionInForce + `
AND ` + sanctionThere
)

// UserTotals implements backend.UserRows.
func (r *rows) UserTotals(_ context.Context, id storage.UserID, now time.Time) (t backend.UserTotals, err error) {
	if err := r.snapshot(); err != nil {
		return t, err
	}
	key, err := r.userKey(id)
	if err != nil {
		return t, err
	}
	bind := func(a *args) {
		a.int(key)
		a.time(now)
	}
	for _, q := range []struct {
		sql  string
		bind func(*args)
		scan func(*row)
	}{
		{authoredTotalsSQL, func(a *args) { a.recent(now); bind(a) }, func(row *row) {
			t.LastMessageAt, t.Messages = row.time(), row.int()
			t.RecentMessages = storage.Recent{Day: row.int(), Week: row.int(), Month: row.int()}
		}},
		{reactionTotalSQL, bind, func(row *row) { t.Reactions = row.int() }},
		{attachmentTotalsSQL, bind, func(row *row) { t.Attachments, t.AttachedBytes = row.int(), row.int() }},
		{sanctionTotalSQL, bind, func(row *row) { t.Sanctions = row.int() }},
	} {
		err := r.c.one(q.sql, q.bind, func(row *row) error {
			q.scan(row)
			return nil
		})
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

// recent binds the spans of storage.Recent.
func (a *args) recent(now time.Time) {
	for _, span := range []time.Duration{backend.RecentDay, backend.RecentWeek, backend.RecentMonth} {
		a.time(now.Add(-span))
		a.time(now)
	}
}
