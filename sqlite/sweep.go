package sqlite

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// sweepMost is how many messages go at once, whatever the limit: to take an
// entry out of the search index without a trace costs a millisecond, since
// FTS5 rewrites a page of each word's list.
const sweepMost = 50

const deletedRoomSQL = `
SELECT key
FROM deleted_rooms
ORDER BY key
LIMIT 1`

// SweepRooms implements backend.RoomRows. A room that has nothing left costs
// one of the limit too, so that every call ends.
func (r *rows) SweepRooms(_ context.Context, limit int) (more bool, err error) {
	if err := r.flush(); err != nil {
		return false, err
	}
	for limit = min(limit, sweepMost); limit > 0; {
		var room int64
		err := r.c.one(deletedRoomSQL, nil, func(row *row) error {
			room = row.int()
			return nil
		})
		if errors.Is(err, storage.ErrNotFound) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		swept, err := r.sweep(room, limit)
		if err != nil {
			return false, err
		}
		limit -= max(swept, 1)
	}
	return true, nil
}

// remains is what is left of a message in a deleted room.
type remains struct {
	key      int64
	id       storage.MessageID
	mentions []storage.UserID
	tags     []string
	entry
}

const remainsSQL = `
SELECT m.key, m.created_at, ifnull(u.key, 0), m.id, m.doc, m.author_key, m.mentions, m.type, m.deleted_at, m.body, m.tags, m.attachments
FROM messages AS m
LEFT JOIN users AS u ON u.key = m.author_key
WHERE m.key BETWEEN ? << 32 AND (? << 32) + 4294967295
ORDER BY m.key
LIMIT ?`

// sweep takes away up to limit messages of a room and, when there are none left,
// what else names it, and with the last of that the room's own trace.
func (r *rows) sweep(room int64, limit int) (int, error) {
	var dead []remains
	bind := func(a *args) {
		a.int(room)
		a.int(room)
		a.int(int64(limit))
	}
	err := r.c.query(remainsSQL, bind, func(row *row) error {
		d := remains{key: row.int()}
		at, author := row.time(), row.int()
		d.id, d.entry = row.id(), entry{room: room, doc: row.int(), author: row.int()}
		d.mentions = scanMentions(row)
		m, err := r.said(row, d.key)
		if !m.Deleted() {
			r.pending.deltas = append(r.pending.deltas, rollup.MessageDelta(at, room, author, m.Type, -1))
		}
		d.text, d.tags = backend.SearchText(&m), m.Tags
		dead = append(dead, d)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, d := range dead {
		err := errors.Join(
			r.reindex(d.entry, ""), r.forgetMentions(d.key, d.mentions), r.deleteTags(d.key, d.tags), r.forgetEmoji(d.id),
		)
		if err != nil {
			return 0, err
		}
	}
	if len(dead) > 0 {
		err = r.removeMessages(dead[0], dead[len(dead)-1])
	}
	if err != nil || len(dead) == limit {
		return len(dead), err
	}
	left, err := r.sweepRemains(room, limit-len(dead))
	return len(dead) + left, err
}

const (
	// A number that was dealt is not dealt again, or who searches upwards
	// would miss what has it now.
	retireDocsSQL = `
UPDATE counters
SET value = max(value, ?)
WHERE name = 'documents'`
	deleteThreadsSQL = `
DELETE FROM message_threads
WHERE root_key BETWEEN ? AND ?`
	deleteMessagesSQL = `
DELETE FROM messages
WHERE key BETWEEN ? AND ?`
)

// removeMessages deletes the rows from first to last, of one room.
func (r *rows) removeMessages(first, last remains) error {
	if err := r.c.exec(retireDocsSQL, func(a *args) { a.int(last.doc) }); err != nil {
		return err
	}
	if err := r.removeDependents(first.key, last.key); err != nil {
		return err
	}
	r.pending.bytes += messageBytes * int(last.key-first.key+1)
	for _, sql := range []string{forgetBackdatedSQL, forgetCarriersSQL, deleteThreadsSQL, deleteReceiptsSQL, deleteMessagesSQL} {
		err := r.c.exec(sql, func(a *args) {
			a.int(first.key)
			a.int(last.key)
		})
		if err != nil {
			return err
		}
	}
	return nil
}
