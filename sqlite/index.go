package sqlite

// The search index: what goes into it, and how it comes out again.

import (
	"strconv"

	"github.com/lairchat/lair/storage/backend"
)

// scopeMark begins the tokens that say where a message is and whose it is. No
// text has a token that begins with it: the analysis takes private-use code
// points for spaces.
const scopeMark = "\uE000"

func roomToken(key int64) string   { return scopeMark + "r" + strconv.FormatInt(key, 36) }
func authorToken(key int64) string { return scopeMark + "a" + strconv.FormatInt(key, 36) }

// The index's rowid is doc << 24 | the low bits of the room's key, so that a
// search sees newest first, and where, without a look at the messages.
const (
	roomBits = 24
	roomMask = 1<<roomBits - 1
)

func (e entry) rowid() int64 { return e.doc<<roomBits | e.room&roomMask }

func (e entry) tokens() string {
	return e.text + " " + roomToken(e.room) + " " + authorToken(e.author)
}

// deferEntry puts a message's entry off to the end of the group.
func (r *rows) deferEntry(m *backend.MessageRow, e entry) {
	r.pending.bytes += messageBytes + len(m.Body) + len(e.text)
	if e.text != "" {
		r.pending.entries = append(r.pending.entries, e)
	}
}

const insertEntrySQL = `
INSERT INTO messages_fts_1 (rowid, text)
VALUES (?, ?)`

func (r *rows) index(e entry) error {
	return r.c.exec(insertEntrySQL, func(a *args) {
		a.int(e.rowid())
		a.text(e.tokens())
	})
}

// The index keeps no text, so it must be told what to forget.
const deleteEntrySQL = `
INSERT INTO messages_fts_1 (messages_fts_1, rowid, text)
VALUES ('delete', ?, ?)`

func (r *rows) unindex(e entry) error {
	if e.text == "" {
		return nil
	}
	return r.c.exec(deleteEntrySQL, func(a *args) {
		a.int(e.rowid())
		a.text(e.tokens())
	})
}

// reindex gives an entry another text.
func (r *rows) reindex(was entry, text string) error {
	if was.text == text {
		return nil
	}
	if r.pending.unflushed(was.doc) {
		if err := r.flushEntries(); err != nil {
			return err
		}
	}
	if err := r.unindex(was); err != nil || text == "" {
		return err
	}
	was.text = text
	return r.index(was)
}
