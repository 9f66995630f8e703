package sqlite

// How the search index of the program's version is made: in batches, each a
// transaction that says how far it came, so that whoever opens the file next
// goes on from there. Writers keep both indexes meanwhile.

import (
	"errors"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	// batchRows is how many records one batch makes anew, which holds the
	// writer for some 10 ms.
	batchRows = 256

	// batchBytes ends a batch of long messages.
	batchBytes = 256 << 10
)

// makeIndex makes up to limit of the records that are still to be made, and reports
// whether there are more.
func (r *rows) makeIndex(limit int) (more bool, err error) {
	if err := r.flushEntries(); err != nil {
		return false, err
	}
	all, err := r.writeIndexes()
	if err != nil {
		return false, err
	}
	at := slices.IndexFunc(all, func(x searchIndex) bool { return x.version == r.shared.version })
	if at < 0 {
		return true, r.beginIndex(all)
	}
	x := all[at]
	switch x.stage {
	case stageWhole:
		return false, r.dropIndexes(all, func(other searchIndex) bool { return other.place != x.place })
	case stageUsers:
		return true, r.makeWords(x, usersToIndexSQL, userOfRow, userWords, limit)
	case stageRooms:
		return true, r.makeWords(x, roomsToIndexSQL, roomOfRow, roomWords, limit)
	}
	return true, r.makeEntries(x, limit)
}

const insertIndexSQL = `
INSERT INTO search_indexes (version, place, stage, done)
VALUES (?, ?, ?, 0)`

// beginIndex makes an empty index beside the one that answers. What another
// program began and did not end is dropped: its place is needed.
func (r *rows) beginIndex(all []searchIndex) error {
	x, _, err := r.answering()
	if err != nil {
		return err
	}
	if err := r.dropIndexes(all, func(other searchIndex) bool { return other.place != x.place }); err != nil {
		return err
	}
	next := searchIndex{version: r.shared.version, place: 3 - x.place}
	for _, sql := range []string{next.table().create, next.table().configure} {
		if err := r.c.exec(sql, nil); err != nil {
			return err
		}
	}
	r.indexes = nil
	return r.c.exec(insertIndexSQL, func(a *args) {
		a.int(next.version)
		a.int(next.place)
		a.int(int64(stageUsers))
	})
}

const deleteIndexSQL = `
DELETE FROM search_indexes
WHERE version = ?`

func (r *rows) dropIndexes(all []searchIndex, which func(searchIndex) bool) error {
	for _, x := range all {
		if !which(x) {
			continue
		}
		r.indexes = nil
		if err := r.c.exec(deleteIndexSQL, func(a *args) { a.int(x.version) }); err != nil {
			return err
		}
		if err := r.c.exec(x.table().drop, nil); err != nil {
			return err
		}
	}
	return nil
}

const updateIndexSQL = `
UPDATE search_indexes
SET stage = ?, done = ?
WHERE version = ?`

// progress notes how far an index is. A batch that was not full is the last of
// its stage.
func (r *rows) progress(x searchIndex, done int64, full bool) error {
	if !full {
		done = 0
		if x.stage++; x.stage > stageMessages {
			x.stage = stageWhole
		}
	}
	r.indexes = nil
	return r.c.exec(updateIndexSQL, func(a *args) {
		a.key(int64(x.stage))
		a.int(done)
		a.int(x.version)
	})
}

// named is a user or a room by its words.
type named struct {
	key   int64
	words []string
}

const (
	usersToIndexSQL = `
SELECT key, username, ifnull(display_name, ''), ifnull(email, '')
FROM users
WHERE key > ?
ORDER BY key
LIMIT ?`
	roomsToIndexSQL = `
SELECT key, name, ifnull(display_name, ''), ifnull(description, ''), ifnull(topic, '')
FROM rooms
WHERE key > ?
ORDER BY key
LIMIT ?`
)

func userOfRow(row *row) named {
	return named{row.int(), backend.UserWords(row.text(), row.text(), row.text())}
}

func roomOfRow(row *row) named {
	return named{row.int(), backend.RoomWords(row.text(), row.text(), row.text(), row.text())}
}

// wordsTable is the statements of a table of words.
type wordsTable struct{ list, remove, insert string }

var (
	userWords = wordsTable{userWordsSQL, deleteUserWordsSQL, insertUserWordSQL}
	roomWords = wordsTable{roomWordsSQL, deleteRoomWordsSQL, insertRoomWordSQL}
)

// makeWords makes the words of some users or rooms anew.
func (r *rows) makeWords(x searchIndex, sql string, scan func(*row) named, table wordsTable, limit int) error {
	var batch []named
	bind := func(a *args) {
		a.int(x.done)
		a.int(int64(limit))
	}
	err := r.c.query(sql, bind, func(row *row) error {
		batch = append(batch, scan(row))
		return nil
	})
	if err != nil {
		return err
	}
	done := x.done
	for _, n := range batch {
		if err := r.replaceWords(table.list, table.remove, table.insert, n.key, n.words); err != nil {
			return err
		}
		done = n.key
	}
	return r.progress(x, done, len(batch) == limit)
}

const entriesToIndexSQL = `
SELECT m.key, m.doc, m.author_key, m.type, m.deleted_at, m.body, m.tags, m.attachments
FROM messages AS m
WHERE m.doc > ?
ORDER BY m.doc
LIMIT ?`

// makeEntries adds the entries of some messages, also of those in deleted rooms
// that are still to go: what takes them away takes the entries out.
func (r *rows) makeEntries(x searchIndex, limit int) error {
	var batch []entry
	size := 0
	bind := func(a *args) {
		a.int(x.done)
		a.int(int64(limit))
	}
	err := r.c.query(entriesToIndexSQL, bind, func(row *row) error {
		key := row.int()
		e := entry{doc: row.int(), room: key >> 32, author: row.int()}
		m, err := r.said(row, key)
		e.text = backend.SearchText(&m)
		batch = append(batch, e)
		if size += len(e.text); err == nil && size >= batchBytes {
			return errEnough
		}
		return err
	})
	full := len(batch) == limit || err == errEnough
	if err != nil && err != errEnough {
		return err
	}
	done := x.done
	for _, e := range batch {
		done = e.doc
		if e.text == "" {
			continue
		}
		if err := r.addEntry(x, e); err != nil {
			return err
		}
	}
	r.pending.bytes += size
	return r.progress(x, done, full)
}

const progressSQL = `
SELECT done, (SELECT max(doc) FROM messages)
FROM search_indexes
WHERE version = ?
AND stage = 3`

// reindexed reports whether another index than that of the program's version
// answers searches, and which share of the messages that has.
func (r *rows) reindexed() (going bool, share float64, err error) {
	if err := r.snapshot(); err != nil {
		return false, 0, err
	}
	_, own, err := r.answering()
	if err != nil || own {
		return false, 0, err
	}
	err = r.c.one(progressSQL, func(a *args) { a.int(r.shared.version) }, func(row *row) error {
		done, last := row.int(), row.int()
		share = min(float64(done)/float64(max(last, 1)), 1)
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		err = nil // it has not begun
	}
	return true, share, err
}
