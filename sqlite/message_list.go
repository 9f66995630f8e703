package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

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
	case s.Desc && s.Pinned:
		return newestPinnedSQL
	case s.Pinned:
		return oldestPinnedSQL
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

// unfiltered reports whether bounds, tombstones, pins and a thread are all that
// a scan of a room is about, be it held or not.
func unfiltered(s backend.MessageScan) bool {
	return !s.Room.IsZero() && !s.Unheld && s.Author.IsZero() && s.Mentioned.IsZero() && len(s.Types) == 0 &&
		len(s.Tags) == 0 && s.From.IsZero() && s.To.IsZero()
}

// Messages implements backend.MessageRows. An author in a room has an index;
// an author, a tag or a mention in all rooms is sorted when asked, because an
// index by time would cost every message a page.
func (r *rows) Messages(_ context.Context, s backend.MessageScan) ([]storage.Message, error) {
	switch {
	case !unfiltered(s) || !s.Thread.IsZero() && s.Pinned:
		return r.inParts(s, r.filteredMessages)
	case !s.Thread.IsZero():
		return r.inParts(s, r.threadPart)
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

func (r *rows) filteredMessages(s backend.MessageScan, of part) ([]storage.Message, error) {
	if err := r.flushMentions(); err != nil {
		return nil, err
	}
	o := accessTo(s, of).order()
	if s.Room.IsZero() {
		o = order{column: "m.created_at", id: "m.id"}
	}
	l := messageList(messageColumns+", "+generationColumn+", r.id", s, of)
	l.scan(o, s.Scan)
	sql, values, err := l.ToSql()
	if err != nil {
		return nil, err
	}
	return r.page(sql, s.Room, 0, func(a *args) { a.all(values) })
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
	if !unfiltered(s) || !s.Thread.IsZero() || s.Pinned || s.WithDeleted || s.Low > 0 || s.High > 0 {
		return r.countInParts(s)
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

func (r *rows) countInParts(s backend.MessageScan) (n int64, err error) {
	if err := r.flushMentions(); err != nil {
		return 0, err
	}
	in := parts(s)
	if len(in) > 1 {
		if err := r.snapshot(); err != nil {
			return 0, err
		}
	}
	for _, of := range in {
		found, err := counted(r, messageList("count(*)", s, of))
		if err != nil {
			return 0, err
		}
		n += found
	}
	return n, nil
}
