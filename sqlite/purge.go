package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// MessagesToPurge implements backend.PurgeRows.
func (r *rows) MessagesToPurge(_ context.Context, s backend.PurgeScan) ([]storage.Message, error) {
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	author, err := r.userKey(s.Author)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.First == 0 {
		return nil, nil
	}
	ms, err := r.toPurge(s, author, 0)
	if err != nil || s.First < 0 || len(ms) == 0 {
		return ms, err
	}
	end, err := r.endOfFirst(s, ms)
	if err != nil || end == 0 {
		return ms, err
	}
	return r.toPurge(s, author, end)
}

// toPurge returns what a scan selects, up to the key end if there is one.
func (r *rows) toPurge(s backend.PurgeScan, author, end int64) ([]storage.Message, error) {
	if oldInRoom(s) {
		return r.oldToPurge(s, end)
	}
	return r.purgePage(purgeList(s, author, end))
}

// purgePage returns the messages of a list.
func (r *rows) purgePage(l list) ([]storage.Message, error) {
	sql, values, err := l.ToSql()
	if err != nil {
		return nil, &storage.Error{Kind: storage.ErrQuery, Err: err}
	}
	return r.page(sql, storage.RoomID{}, 0, func(a *args) { a.all(values) })
}

// purgeList is the list of a scan. What is rarest leads to it: the order follows
// from what does, but for old tombstones of all rooms, which are sorted.
func purgeList(s backend.PurgeScan, author, end int64) list {
	index, o := purgeIndex(s)
	tables := `messages AS m ` + index + ` CROSS JOIN rooms AS r ON r.key = m.key >> 32`
	if !s.Room.IsZero() {
		tables = `rooms AS r CROSS JOIN messages AS m ` + index
	}
	l := purgeFrom(messageColumns+", "+generationColumn+", r.id", tables, s, author, end)
	if o != "m.key" {
		l.SelectBuilder = l.OrderBy(o)
	}
	l.byKey(s.Limit)
	return l
}

// purgeFrom selects what a scan does, up to the key end if there is one.
func purgeFrom(columns, tables string, s backend.PurgeScan, author, end int64) list {
	l := from(columns, tables)
	l.wherePurge(s, author)
	if end > 0 {
		l.where("m.key <= ?", end)
	}
	return l
}

func (l *list) byKey(limit int) { l.SelectBuilder = l.OrderBy("m.key").Suffix("LIMIT ?", limit) }

// purgeIndex returns how to find what a scan selects, and what it is sorted by
// before the key.
func purgeIndex(s backend.PurgeScan) (index, order string) {
	switch {
	case s.Expired && !s.Room.IsZero():
		return "INDEXED BY messages_by_expiry_in_room", "m.expires_at"
	case s.Expired:
		return "INDEXED BY messages_by_expiry", "m.expires_at"
	case s.Tombstones && s.Room.IsZero() && s.Author.IsZero() && !s.To.IsZero():
		return "INDEXED BY messages_by_deletion", "m.created_at"
	case s.Tombstones:
		return "INDEXED BY messages_by_deletion", "m.key"
	case !s.Author.IsZero():
		return "INDEXED BY messages_by_author", "m.key"
	case !s.Room.IsZero():
		return "NOT INDEXED", "m.key"
	}
	return "INDEXED BY messages_by_time", "m.created_at"
}

func (l *list) wherePurge(s backend.PurgeScan, author int64) {
	if !s.Room.IsZero() {
		l.where("r.id = ?", s.Room[:])
		if s.Expired {
			l.where("m.key >> 32 = +r.key") // as it is: the index is of a number that has no type
		}
		l.where("m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295")
	}
	if s.Expired {
		l.where("m.expires_at <= ?", s.Now.UnixMicro())
	}
	if s.Unexpired {
		l.where("ifnull(m.expires_at > ?, TRUE)", s.Now.UnixMicro())
	}
	if !s.Author.IsZero() {
		l.where("m.author_key = ?", author)
	}
	if !s.To.IsZero() {
		l.where("m.created_at < ?", s.To.UnixMicro())
	}
	if s.Tombstones {
		l.where("m.deleted_at IS NOT NULL")
	}
	if s.KeepPinned {
		l.where("m.pinned_at IS NULL")
	}
	l.where("NOT (" + messageHeld + ")")
}

const (
	liveUpToSQL = `
SELECT count(*)
FROM rooms AS r
CROSS JOIN messages AS m
WHERE r.id = ?
AND m.key BETWEEN r.key << 32 AND (r.key << 32) + ?
AND m.deleted_at IS NULL
AND ifnull(m.expires_at > ?, TRUE)`
	lastLiveSQL = `
SELECT m.key
FROM rooms AS r
CROSS JOIN messages AS m
WHERE r.id = ?
AND m.key BETWEEN r.key << 32 AND (r.key << 32) + 4294967295
AND m.deleted_at IS NULL
AND ifnull(m.expires_at > ?, TRUE)
ORDER BY m.key
LIMIT 1
OFFSET ?`
)

// endOfFirst returns the key of the last of the first messages of a scan's room,
// if one of ms may be beyond it, and 0 otherwise.
func (r *rows) endOfFirst(s backend.PurgeScan, ms []storage.Message) (end int64, err error) {
	var last, live int64
	for _, m := range ms {
		last = max(last, m.Seq)
	}
	bind := func(a *args) {
		a.id(s.Room)
		a.int(last)
		a.time(s.Now)
	}
	err = r.c.one(liveUpToSQL, bind, func(row *row) error {
		live = row.int()
		return nil
	})
	if err != nil || live < s.First {
		return 0, err
	}
	return r.lastLive(s)
}

// lastLive returns the key of the last of the first messages of a scan's room, 0
// for none.
func (r *rows) lastLive(s backend.PurgeScan) (int64, error) {
	return r.firstKey(lastLiveSQL, func(a *args) {
		a.id(s.Room)
		a.time(s.Now)
		a.int(s.First - 1)
	})
}
