package sqlite

// What a write transaction defers to its end: the counters of rooms, of which
// one UPDATE a room and commit group is enough; mentions, which are stored faster
// in the order of their table; search entries, since FTS5 writes a segment of its
// index for every savepoint between two of them; changes; and what statistics count.
//
// An operation that fails is undone by value: mark opens a journal, restore
// plays it back.

import (
	"cmp"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// roomState is a room as the messages of one transaction see it: read at the
// first touch, dealt from in memory.
type roomState struct {
	key       int64
	kind      storage.RoomType
	active    bool
	expiresAt time.Time
	rateLimit int64 // of the settings

	lastSeq int64
	lastAt  time.Time
	count   int64 // messages without tombstones
	ordinal int64
	hour    int64 // of lastAt, as the table has it
	dirty   bool  // the table does not say so yet
	epoch   int   // of the journal's newest record of it
}

// record is what a room's state was before it changed.
type record struct {
	id      storage.RoomID
	present bool
	state   roomState
}

// entry is a message that goes into the search index.
type entry struct {
	doc, room, author int64
	text              string
}

// pending is what a transaction has deferred.
type pending struct {
	rooms   map[storage.RoomID]*roomState
	dirty   int // rooms whose state is dirty
	journal []record
	epoch   int // one for each mark

	entries []entry // in the order of doc
	flushed int     // of these, how many are in the index
	lastDoc int64   // the highest number dealt, 0 before the first touch

	mentions []mention
	stored   int // of these, how many are in the table

	changes        []storage.Change // in the order of Position
	flushedChanges int              // of these, how many are in the table
	lastChange     storage.Position // the highest dealt, 0 before the first touch

	deltas        []rollup.Delta // of statistics
	flushedDeltas int            // of these, how many are in the log

	bytes int
}

// mark is a place to go back to.
type mark struct {
	dirty, journal, entries, flushed, mentions, stored, bytes int
	lastDoc                                                   int64
	changes, flushedChanges                                   int
	lastChange                                                storage.Position
	deltas, flushedDeltas                                     int
}

// maxKept is how large a transaction's map may be to be used again: clearing
// costs as much as the map ever held.
const maxKept = 1024

func (p *pending) reset() {
	if p.rooms == nil || len(p.rooms) > maxKept {
		p.rooms = make(map[storage.RoomID]*roomState)
	} else {
		clear(p.rooms)
	}
	clear(p.entries)
	clear(p.journal)
	clear(p.changes)
	*p = pending{
		rooms: p.rooms, entries: p.entries[:0], journal: p.journal[:0], mentions: p.mentions[:0],
		changes: p.changes[:0], deltas: p.deltas[:0],
	}
}

func (p *pending) mark() mark {
	p.epoch++
	return mark{
		dirty: p.dirty, journal: len(p.journal), entries: len(p.entries),
		flushed: p.flushed, mentions: len(p.mentions), stored: p.stored, bytes: p.bytes, lastDoc: p.lastDoc,
		changes: len(p.changes), flushedChanges: p.flushedChanges, lastChange: p.lastChange,
		deltas: len(p.deltas), flushedDeltas: p.flushedDeltas,
	}
}

func (p *pending) restore(m mark) {
	for _, rec := range slices.Backward(p.journal[m.journal:]) {
		if !rec.present {
			delete(p.rooms, rec.id)
			continue
		}
		p.rooms[rec.id] = &rec.state
	}
	p.journal = p.journal[:m.journal]
	p.entries, p.mentions, p.stored = p.entries[:m.entries], p.mentions[:m.mentions], m.stored
	p.dirty, p.flushed, p.bytes, p.lastDoc = m.dirty, m.flushed, m.bytes, m.lastDoc
	p.changes = p.changes[:m.changes]
	p.flushedChanges, p.lastChange = m.flushedChanges, m.lastChange
	p.deltas, p.flushedDeltas = p.deltas[:m.deltas], m.flushedDeltas
}

// add begins to keep a room's state.
func (p *pending) add(id storage.RoomID, state roomState) *roomState {
	p.journal = append(p.journal, record{id: id})
	state.epoch = p.epoch
	p.rooms[id] = &state
	return &state
}

// change is to be called before a room's state changes.
func (p *pending) change(id storage.RoomID, state *roomState) {
	if state.epoch != p.epoch {
		p.journal = append(p.journal, record{id: id, present: true, state: *state})
		state.epoch = p.epoch
	}
}

// soil is change for counters, which flush then writes.
func (p *pending) soil(id storage.RoomID, state *roomState) {
	p.change(id, state)
	if !state.dirty {
		state.dirty = true
		p.dirty++
	}
}

// dirtyRooms returns the rooms whose counters are to be written, in the order
// of the table.
func (p *pending) dirtyRooms() []storage.RoomID {
	ids := make([]storage.RoomID, 0, p.dirty)
	for id, state := range p.rooms {
		if state.dirty {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b storage.RoomID) int { return cmp.Compare(p.rooms[a].key, p.rooms[b].key) })
	return ids
}

// drop forgets a room, whose counters must have been flushed.
func (p *pending) drop(id storage.RoomID) {
	if state := p.rooms[id]; state != nil {
		p.journal = append(p.journal, record{id: id, present: true, state: *state})
		delete(p.rooms, id)
	}
}

// unflushed reports whether the search entry of a message is still deferred.
func (p *pending) unflushed(doc int64) bool {
	return p.flushed < len(p.entries) && doc >= p.entries[p.flushed].doc
}

const roomStateSQL = `
SELECT
	r.key, r.type, r.active, r.expires_at, ifnull(r.settings ->> '$.rate_limit', 0),
	c.last_seq, c.last_message_at, c.message_count, c.ordinal, c.active_hour
FROM rooms AS r
CROSS JOIN room_counters AS c ON c.room_key = r.key
WHERE r.id = ?`

// room returns a room's state, which a transaction reads once.
func (r *rows) room(id storage.RoomID) (*roomState, error) {
	if state := r.pending.rooms[id]; state != nil {
		return state, nil
	}
	var state roomState
	err := r.c.one(roomStateSQL, func(a *args) { a.id(id) }, func(row *row) error {
		state.key, state.kind, state.active = row.int(), known[storage.RoomType](row), row.bool()
		state.expiresAt, state.rateLimit = row.time(), row.int()
		state.lastSeq, state.lastAt = row.int(), row.time()
		state.count, state.ordinal, state.hour = row.int(), row.int(), row.int()
		return nil
	})
	if err != nil {
		return nil, err
	}
	if !r.writable {
		return &state, nil
	}
	return r.pending.add(id, state), nil
}

const lastDocSQL = `
SELECT max(ifnull((SELECT max(doc) FROM messages), 0), value)
FROM counters
WHERE name = 'documents'`

// lastDoc returns the highest document number dealt so far.
func (r *rows) lastDoc() (int64, error) {
	if r.pending.lastDoc > 0 {
		return r.pending.lastDoc, nil
	}
	var doc int64
	err := r.c.one(lastDocSQL, nil, func(row *row) error {
		doc = row.int()
		return nil
	})
	return doc, err
}

// flush writes what was deferred.
func (r *rows) flush() error {
	if err := r.flushCounts(); err != nil {
		return err
	}
	if err := r.flushEntries(); err != nil {
		return err
	}
	if err := r.flushChanges(); err != nil {
		return err
	}
	return r.flushDeltas()
}

// end does what comes last in a transaction.
func (r *rows) end() error {
	if err := r.flush(); err != nil {
		return err
	}
	return r.fold()
}

// flushCounts writes what tells how much is unread.
func (r *rows) flushCounts() error {
	if err := r.flushRooms(); err != nil {
		return err
	}
	return r.flushMentions()
}

const updateCountersSQL = `
UPDATE room_counters
SET last_seq = ?, last_message_at = ?, message_count = ?, ordinal = ?
WHERE room_key = ?`

// The hour has an index, and so is left alone unless it has changed.
const updateHourSQL = `
UPDATE room_counters
SET active_hour = ?
WHERE room_key = ?`

// hourOf returns the hour by which rooms are found in the order of activity.
func hourOf(micros int64) int64 { return micros / time.Hour.Microseconds() }

// flushRooms writes the counters of rooms, for whoever is about to read them.
func (r *rows) flushRooms() error {
	p := &r.pending
	if p.dirty == 0 {
		return nil
	}
	for _, id := range p.dirtyRooms() {
		state := p.rooms[id]
		err := r.c.exec(updateCountersSQL, func(a *args) {
			a.int(state.lastSeq)
			a.time(state.lastAt)
			a.int(state.count)
			a.int(state.ordinal)
			a.int(state.key)
		})
		if err != nil {
			return err
		}
		p.change(id, state)
		state.dirty = false
		p.dirty--
		if err := r.flushHour(state); err != nil {
			return err
		}
	}
	return nil
}

// flushHour writes the hour of a room whose state may change.
func (r *rows) flushHour(state *roomState) error {
	var hour int64
	if !state.lastAt.IsZero() {
		hour = hourOf(state.lastAt.UnixMicro())
	}
	if hour == state.hour {
		return nil
	}
	state.hour = hour
	return r.c.exec(updateHourSQL, func(a *args) {
		a.int(hour)
		a.int(state.key)
	})
}

// flushEntries writes the search entries. They stay in memory, because a
// savepoint that is rolled back takes them out of the index again.
func (r *rows) flushEntries() error {
	p := &r.pending
	for ; p.flushed < len(p.entries); p.flushed++ {
		if err := r.index(p.entries[p.flushed]); err != nil {
			return err
		}
	}
	return nil
}
