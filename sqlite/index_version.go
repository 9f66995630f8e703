package sqlite

// Which search indexes there are. The text in one is of a version; a program
// whose version is newer makes its own index beside the other (reindex.go), and
// has the older answer until its own is whole. Of an older version it knows only
// what there is in the index, not how it was made: it can add to it, but take
// nothing out. What an older index finds is therefore held against the message.

import (
	"errors"
	"fmt"
	"strings"

	"github.com/lairchat/lair/storage"
)

// stage is what of an index is still to be made.
type stage int64

// The stages, in their order. The words of users and rooms belong to no index,
// but are made by the same analysis.
const (
	stageWhole stage = iota
	stageUsers
	stageRooms
	stageMessages
)

// searchIndex is one index.
type searchIndex struct {
	version int64
	place   int64
	stage   stage
	done    int64 // the key or doc up to which its stage is done
}

// has reports whether a message's entry is to be found in the index, and not to
// be added in its turn.
func (x searchIndex) has(doc int64) bool {
	return x.stage == stageWhole || x.stage == stageMessages && doc <= x.done
}

const searchIndexesSQL = `
SELECT version, place, stage, done
FROM search_indexes
ORDER BY version DESC`

// readIndexes returns the indexes there are, newest first.
func (r *rows) readIndexes() (all []searchIndex, err error) {
	if len(r.indexes) > 0 {
		return r.indexes, nil
	}
	err = r.c.query(searchIndexesSQL, nil, func(row *row) error {
		x := searchIndex{version: row.int(), place: row.int(), stage: stage(row.int()), done: row.int()}
		if x.place < 1 || x.place > int64(len(ftsTables)) {
			return &storage.Error{Kind: storage.ErrCorrupt, Err: errors.New("a search index has no place")}
		}
		all = append(all, x)
		return nil
	})
	return all, err
}

// writeIndexes returns the same to whoever is about to write, which takes a
// program whose version is the newest. A transaction asks once.
func (r *rows) writeIndexes() ([]searchIndex, error) {
	if len(r.indexes) > 0 {
		return r.indexes, nil
	}
	all, err := r.readIndexes()
	if err == nil && len(all) > 0 && all[0].version > r.shared.version {
		err = &storage.Error{
			Kind: storage.ErrSchemaTooNew,
			Err:  fmt.Errorf("the file's search index is version %d, the program's %d", all[0].version, r.shared.version),
		}
	}
	if err == nil && r.writable {
		r.indexes = all
	}
	return all, err
}

// stale reports whether the program has an index to make.
func (r *rows) stale() (bool, error) {
	all, err := r.writeIndexes()
	return len(all) != 1 || all[0].version != r.shared.version || all[0].stage != stageWhole, err
}

// answering returns the index that answers searches, and whether it is of the
// program's version.
func (r *rows) answering() (x searchIndex, own bool, err error) {
	all, err := r.readIndexes()
	if err != nil {
		return x, false, err
	}
	for _, x := range all {
		if x.stage == stageWhole {
			return x, x.version == r.shared.version, nil
		}
	}
	return x, false, &storage.Error{Kind: storage.ErrCorrupt, Err: errors.New("no search index is whole")}
}

// ftsTable is the statements of the table in one place.
type ftsTable struct{ create, configure, drop, insert, remove, newest, oldest, ranked string }

// The tokenizer is told of all the ASCII that tokens may ever hold: all but
// spaces, control characters and double quotes. Nothing but the spaces that part
// them then parts tokens.
const (
	createFTSSQL = `
CREATE VIRTUAL TABLE messages_fts USING fts5 (
    text,
    content = '',
    tokenize = "ascii tokenchars '!#$%&''()*+,-./:;<=>?@[\]^_` + "`" + `{|}~'"
)`
	// Deleted text leaves no trace in the index.
	configureFTSSQL = `
INSERT INTO messages_fts (messages_fts, rank)
VALUES ('secure-delete', 1)`
	dropFTSSQL = `
DROP TABLE messages_fts`
	insertEntrySQL = `
INSERT INTO messages_fts (rowid, text)
VALUES (?, ?)`
	// The index keeps no text, so it must be told what to forget.
	deleteEntrySQL = `
INSERT INTO messages_fts (messages_fts, rowid, text)
VALUES ('delete', ?, ?)`
)

// ftsTables are the tables by place, from 1.
var ftsTables = [...]ftsTable{newFTSTable(1), newFTSTable(2)}

func newFTSTable(place int) ftsTable {
	in := func(sql string) string {
		return strings.ReplaceAll(sql, "messages_fts", fmt.Sprint("messages_fts_", place))
	}
	return ftsTable{
		create: in(createFTSSQL), configure: in(configureFTSSQL), drop: in(dropFTSSQL),
		insert: in(insertEntrySQL), remove: in(deleteEntrySQL), newest: in(matchNewestSQL), oldest: in(matchOldestSQL),
		ranked: in(matchRankedSQL),
	}
}

func (x searchIndex) table() *ftsTable { return &ftsTables[x.place-1] }
