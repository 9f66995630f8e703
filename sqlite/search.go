package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

const (
	// maxWalk is how many postings one search looks at, so that a word that
	// is common everywhere but where one looks does not hold a reader.
	maxWalk = 24_000

	// lookCost is what a look at a message costs, in postings.
	lookCost = 16

	// bytesPerPosting is how much text is analysed in the time of a posting.
	bytesPerPosting = 8

	// checkEvery is how many postings a search looks at between two looks at its
	// context: on the writer's connection nothing else ends its walk.
	checkEvery = 1024

	// smallRoom is the length of a history that is read rather than looked up:
	// some 2 µs a message, against posting lists of a million.
	smallRoom = 256

	// maxScopes is up to how many rooms the index itself narrows a search to.
	maxScopes = 8
)

// errEnough ends the walk of a search.
var errEnough = errors.New("enough")

// finder is one search.
type finder struct {
	r      *rows
	s      backend.SearchScan
	rooms  map[int64]storage.RoomID // where to look; nil: everywhere
	low    map[int64]struct{}       // the low bits of their keys
	names  map[int64]storage.RoomID // rooms met so far, zero if deleted
	author int64

	// doubtful: the index is of another version, and may find what is not there.
	doubtful bool

	form   form // how the index is asked (search_match.go)
	partly bool // it is not asked for all that is to be excluded
	missed int  // what was found in this form and does not match

	stopped bool                 // the walk ended before the end
	elapsed func() time.Duration // since the search began; nil: time does not count

	found     gathered
	positions []int64
	scores    []float64      // where they are ranked
	tokens    []search.Token // of the message that is looked at
	walked    int
	checked   int   // how far it had walked when it last looked at the context
	last      int64 // the position looked at last, 0: none
}

// SearchMessages implements backend.SearchRows.
func (r *rows) SearchMessages(ctx context.Context, s backend.SearchScan) ([]backend.SearchHit, int64, error) {
	if s.Query.Empty() {
		return nil, 0, nil
	}
	if err := errors.Join(r.flush(), r.snapshot()); err != nil {
		return nil, 0, err
	}
	f := &finder{r: r, s: s, names: make(map[int64]storage.RoomID), elapsed: r.shared.stopwatch()}
	ok, err := f.resolve()
	if err != nil || !ok {
		return nil, 0, err
	}
	if err := f.walk(ctx); err != nil && !errors.Is(err, errEnough) {
		return nil, 0, err
	}
	return f.hits()
}

// walk looks for messages where that is quickest.
func (f *finder) walk(ctx context.Context) error {
	if len(f.rooms) != 1 || f.s.Ranked {
		return f.walkIndex(ctx)
	}
	for key, id := range f.rooms {
		state, err := f.r.room(id)
		if err != nil {
			return err
		}
		if state.lastSeq <= smallRoom {
			return f.walkRoom(ctx, key, id)
		}
	}
	return f.walkIndex(ctx)
}

// hits names what was found, and says where to go on if it is too little for
// the length of the walk.
func (f *finder) hits() ([]backend.SearchHit, int64, error) {
	if len(f.positions) > 0 {
		if err := f.name(); err != nil {
			return nil, 0, err
		}
	}
	var hits []backend.SearchHit
	for i, m := range f.found.messages {
		hit := backend.SearchHit{Message: m, Position: f.positions[i]}
		if f.s.Ranked {
			hit.Score = f.scores[i]
		}
		hits = append(hits, hit)
	}
	if len(hits) < f.s.Limit && f.stopped {
		return hits, f.last, nil
	}
	return hits, 0, nil
}

func (f *finder) name() error {
	err := f.r.c.one(generationSQL, nil, func(row *row) error {
		f.found.generation = row.int()
		return nil
	})
	if err != nil {
		return err
	}
	_, err = f.r.name(&f.found)
	return err
}

// keep takes a message that matches.
func (f *finder) keep(m storage.Message, p people, position int64) error {
	f.found.messages = append(f.found.messages, m)
	f.found.people = append(f.found.people, p)
	f.positions = append(f.positions, position)
	if len(f.positions) >= f.s.Limit {
		return errEnough
	}
	return nil
}

const messageByDocSQL = `SELECT` + messageColumns + `
FROM messages AS m
WHERE m.doc = ?
AND m.deleted_at IS NULL
AND (m.expires_at IS NULL OR m.expires_at > ?)`

// look reads a message that matches, and keeps it if it is one to be found.
func (f *finder) look(ctx context.Context, doc int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var m storage.Message
	var key int64
	var p people
	bind := func(a *args) {
		a.int(doc)
		a.int(f.s.Now.UnixMicro())
	}
	err := f.r.c.one(messageByDocSQL, bind, func(row *row) error {
		key, p = scanMessage(row, &m)
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if m.RoomID, err = f.room(key); err != nil {
		return err
	}
	if m.RoomID.IsZero() || f.author != 0 && p.author != f.author || !f.s.Selects(&m, carries(&m)) {
		return nil
	}
	if f.doubts(doc) {
		f.walked += len(m.Body) / bytesPerPosting
		if ok, err := f.matches(key<<32|m.Seq, m); err != nil || !ok {
			f.missed++
			return err
		}
	}
	return f.keep(m, p, doc)
}

// carries reports whether a message that FillIn has yet to fill in carries an
// attachment.
func carries(m *storage.Message) bool { return m.Thread.Participants > 0 }

// matches holds a message, by its key, against the query.
func (f *finder) matches(key int64, m storage.Message) (bool, error) {
	if carries(&m) {
		names, err := f.r.fileNames(key)
		if err != nil {
			return false, err
		}
		m.Attachments = names
	}
	f.tokens = backend.AppendTokens(f.tokens[:0], backend.SearchText(&m))
	return f.s.Query.Match(f.tokens), nil
}

const messagesOfRoomSQL = `SELECT m.doc,` + messageColumns + `
FROM messages AS m
WHERE m.key BETWEEN ? << 32 AND (? << 32) + 4294967295
AND m.deleted_at IS NULL
AND (m.expires_at IS NULL OR m.expires_at > ?)`

// walkRoom reads a room's history with the matcher that all backends share.
// Within a room, messages are stored in the order of their keys. They may be
// long, so that the context is looked at for each, and a room of such is not read
// to its end at once.
func (f *finder) walkRoom(ctx context.Context, key int64, id storage.RoomID) error {
	sql := messagesOfRoomSQL + "\nORDER BY m.key"
	if f.s.Desc {
		sql += " DESC"
	}
	bind := func(a *args) {
		a.int(key)
		a.int(key)
		a.int(f.s.Now.UnixMicro())
	}
	return f.r.c.query(sql, bind, func(row *row) error {
		doc := row.int()
		if f.passed(doc) {
			return nil
		}
		if f.tired() {
			return f.stop()
		}
		if f.last = doc; ctx.Err() != nil {
			return ctx.Err()
		}
		var m storage.Message
		_, p := scanMessage(row, &m)
		m.RoomID = id
		if f.author != 0 && p.author != f.author || !f.s.Selects(&m, carries(&m)) {
			return nil
		}
		f.walked += len(m.Body) / bytesPerPosting
		if ok, err := f.matches(key<<32|m.Seq, m); err != nil || !ok {
			return err
		}
		return f.keep(m, p, doc)
	})
}

// passed reports whether a position is not beyond where the search goes on.
func (f *finder) passed(doc int64) bool {
	if f.s.Desc {
		return f.s.After > 0 && doc >= f.s.After
	}
	return doc <= f.s.After
}
