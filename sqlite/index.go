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

func roomToken(key int64) string   { return string(appendRoomToken(nil, key)) }
func authorToken(key int64) string { return string(appendAuthorToken(nil, key)) }

func appendRoomToken(b []byte, key int64) []byte {
	return strconv.AppendInt(append(b, scopeMark+"r"...), key, 36)
}

func appendAuthorToken(b []byte, key int64) []byte {
	return strconv.AppendInt(append(b, scopeMark+"a"...), key, 36)
}

// markToken is in the entries of a few messages, which so are marks: places where
// a search comes up for air.
const markToken = scopeMark + "m"

// markEvery is how far marks are from one another: FTS5 passes so many documents
// in some 3 ms, and a mark takes a look at its message. It is a prime, so that the
// marks are not all on messages of one kind where kinds take turns. Another takes
// another backend.SearchVersion. Tests that are no benchmarks make it small.
var markEvery int64 = 32_749

func isMark(doc int64) bool { return doc%markEvery == 0 }

// The index's rowid is doc << 24 | the low bits of the room's key, so that a
// search sees newest first, and where, without a look at the messages.
const (
	roomBits = 24
	roomMask = 1<<roomBits - 1
)

func (e entry) rowid() int64 { return e.doc<<roomBits | e.room&roomMask }

func (e entry) tokens() string {
	var scope [64]byte
	b := append(scope[:0], ' ')
	b = append(appendRoomToken(b, e.room), ' ')
	b = appendAuthorToken(b, e.author)
	if isMark(e.doc) {
		b = append(b, " "+markToken...)
	}
	return e.text + string(b)
}

// deferEntry puts a message's entry off to the end of the group.
func (r *rows) deferEntry(m *backend.MessageRow, e entry) {
	r.pending.bytes += messageBytes + len(m.Body) + len(e.text)
	if e.text != "" {
		r.pending.entries = append(r.pending.entries, e)
	}
}

// index adds an entry that is new. An index that is being made comes to it in its
// turn.
func (r *rows) index(e entry) error {
	all, err := r.writeIndexes()
	if err != nil {
		return err
	}
	for _, x := range all {
		if x.stage != stageWhole {
			continue
		}
		if err := r.addEntry(x, e); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) addEntry(x searchIndex, e entry) error {
	return r.c.exec(x.table().insert, func(a *args) {
		a.int(e.rowid())
		a.text(e.tokens())
	})
}

func (r *rows) removeEntry(x searchIndex, e entry) error {
	return r.c.exec(x.table().remove, func(a *args) {
		a.int(e.rowid())
		a.text(e.tokens())
	})
}

// reindex gives an entry another text, "" for none.
func (r *rows) reindex(was entry, text string) error {
	if was.text == text {
		return nil
	}
	if r.pending.unflushed(was.doc) {
		if err := r.flushEntries(); err != nil {
			return err
		}
	}
	all, err := r.writeIndexes()
	if err != nil {
		return err
	}
	for _, x := range all {
		if err := r.reindexIn(x, was, text); err != nil {
			return err
		}
	}
	return nil
}

// reindexIn does it in one index. In that of an older version the former text
// stays, which does no harm to a search that looks at the message.
func (r *rows) reindexIn(x searchIndex, was entry, text string) error {
	own := x.version == r.shared.version
	if own && !x.has(was.doc) {
		return nil
	}
	if own && was.text != "" {
		if err := r.removeEntry(x, was); err != nil {
			return err
		}
	}
	if text == "" {
		return nil
	}
	was.text = text
	return r.addEntry(x, was)
}
