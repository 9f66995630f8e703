package storagetest

// What a purge of many messages selects, and in which order.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// estate is messages of many kinds, named by letters in the order of storing.
type estate struct {
	ann, bob    storage.UserID
	hall, attic storage.RoomID // hall is older
	all         []storage.Message
}

// newEstate stores an estate; n is its number. A minute passes after each
// message.
func (f *fixture) newEstate(n int) *estate {
	f.t.Helper()
	e := &estate{ann: f.user(fmt.Sprint("ann", n)).ID, bob: f.user(fmt.Sprint("bob", n)).ID}
	e.hall = f.room(fmt.Sprint("hall", n), e.ann).ID
	f.clock.advance(time.Minute)
	e.attic = f.room(fmt.Sprint("attic", n), e.ann).ID
	old, start := f.now().Add(-time.Hour), f.now()
	expires := func(hours time.Duration) func(*storage.Message) {
		return func(m *storage.Message) { m.ExpiresAt = start.Add(hours * time.Hour) }
	}
	e.add(f, e.hall, e.ann)                                                           // a
	e.add(f, e.attic, e.bob, expires(3))                                              // b
	e.add(f, e.hall, e.bob)                                                           // c, a tombstone
	e.add(f, e.hall, e.ann)                                                           // d, pinned
	e.add(f, e.attic, e.ann)                                                          // e, a tombstone
	e.add(f, e.hall, e.bob, expires(1))                                               // f
	e.add(f, e.attic, e.ann)                                                          // g, pinned
	e.add(f, e.hall, storage.UserID{})                                                // h
	e.add(f, e.hall, e.ann, expires(2))                                               // i, a tombstone
	m := storage.Message{RoomID: e.attic, AuthorID: e.bob, Body: "x", CreatedAt: old} // j, imported
	f.createMany(1, &m)
	e.all = append(e.all, m)
	for _, letter := range "cei" {
		f.remove(e.at(letter).ID, e.ann)
	}
	f.pin(e.at('d').ID, e.ann)
	f.pin(e.at('g').ID, e.ann)
	f.clock.advance(4 * time.Hour)
	return e
}

func (e *estate) add(f *fixture, room storage.RoomID, author storage.UserID, edits ...func(*storage.Message)) {
	e.all = append(e.all, f.say(room, author, "x", edits...))
	f.clock.advance(time.Minute)
}

func (e *estate) at(letter rune) storage.Message { return e.all[letter-'a'] }

// letters names those of an estate that are among some messages.
func (e *estate) letters(among []storage.Message) (out string) {
	for i, m := range e.all {
		if holds(among, m.ID) {
			out += string(rune('a' + i))
		}
	}
	return out
}

// wantPurged requires which messages a query purges, batch by batch.
func (f *fixture) wantPurged(e *estate, q storage.PurgeQuery, batches ...string) {
	f.t.Helper()
	left := e.letters(f.there(e.all))
	for i, want := range batches {
		r := f.purge(q)
		now := e.letters(f.there(e.all))
		require.Equal(f.t, want, missingFrom(left, now), "batch %d of %+v", i, q)
		require.Equal(f.t, storage.PurgeResult{Messages: int64(len(want)), More: i < len(batches)-1}, r, "batch %d of %+v", i, q)
		left = now
	}
	require.Zero(f.t, f.purge(q), "a purge when all is done")
	require.Equal(f.t, left, e.letters(f.there(e.all)), "a purge when all is done")
}

// missingFrom returns the letters of before that are not in after.
func missingFrom(before, after string) (out string) {
	for _, letter := range before {
		if !strings.ContainsRune(after, letter) {
			out += string(letter)
		}
	}
	return out
}

// singles makes a batch of each letter.
func singles(letters string) (out []string) {
	for _, letter := range letters {
		out = append(out, string(letter))
	}
	return out
}

// purgeCase is what a query purges, one message at a time.
type purgeCase struct {
	want string
	q    func(e *estate) storage.PurgeQuery
}

// wantEach tries each case on an estate of its own.
func (f *fixture) wantEach(cases []purgeCase) {
	f.t.Helper()
	for i, c := range cases {
		e := f.newEstate(i)
		q := c.q(e)
		q.Limit = 1
		f.wantPurged(e, q, singles(c.want)...)
		require.NoError(f.t, f.DeleteRoom(f.ctx, e.hall))
		require.NoError(f.t, f.DeleteRoom(f.ctx, e.attic))
	}
}

func testPurgeConditions(_ *testing.T, f *fixture) {
	f.wantEach([]purgeCase{
		{"acdfhi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall} }},
		{"begj", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.attic} }},
		{"adieg", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.ann} }},
		{"cfbj", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.bob} }},
		{"jabc", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{To: e.at('d').CreatedAt} }},
		{"fib", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Expired: true} }},
		{"cie", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Tombstones: true} }},
	})
}

func testPurgeCombined(_ *testing.T, f *fixture) {
	f.wantEach([]purgeCase{
		{"adi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Author: e.ann} }},
		{"ac", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, To: e.at('d').CreatedAt} }},
		{"cbj", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.bob, To: e.at('d').CreatedAt} }},
		{"fi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Expired: true} }},
		{"fb", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.bob, Expired: true} }},
		{"i", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Expired: true, Tombstones: true} }},
		{"ci", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Tombstones: true} }},
		{"ie", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.ann, Tombstones: true} }},
		{"cei", func(e *estate) storage.PurgeQuery {
			return storage.PurgeQuery{Tombstones: true, To: e.at('i').CreatedAt.Add(1)}
		}},
		{"b", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Expired: true, To: e.at('c').CreatedAt} }},
		{"f", func(e *estate) storage.PurgeQuery {
			return storage.PurgeQuery{Room: e.hall, Author: e.bob, Expired: true, To: e.at('g').CreatedAt}
		}},
		{"", func(e *estate) storage.PurgeQuery {
			return storage.PurgeQuery{Room: e.attic, Author: e.bob, Tombstones: true}
		}},
	})
}

func testPurgeKeep(_ *testing.T, f *fixture) {
	f.wantEach([]purgeCase{
		{"acd", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1} }},
		{"a", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 2} }},
		{"", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 3} }},
		{"", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1 << 62} }},
		{"c", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1, Author: e.bob} }},
		{"c", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1, Tombstones: true} }},
		{"ac", func(e *estate) storage.PurgeQuery {
			return storage.PurgeQuery{Room: e.hall, Keep: 1, To: e.at('d').CreatedAt}
		}},
		{"", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1, Expired: true} }},
		{"", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Room: nowhere, Keep: 1} }},
	})
}

// testPurgeKeepBatches has the room keep the same, whatever the batches.
func testPurgeKeepBatches(_ *testing.T, f *fixture) {
	for limit, batches := range map[int][]string{2: {"ac", "d"}, 3: {"acd"}, 4: {"acd"}} {
		e := f.newEstate(limit)
		f.wantPurged(e, storage.PurgeQuery{Room: e.hall, Keep: 1, Limit: limit}, batches...)
	}
}

// testPurgeKeepExpired has messages expire among others: b, d and f of a to g.
func testPurgeKeepExpired(t *testing.T, f *fixture) {
	for keep, want := range map[int64]string{1: "abcde", 2: "abc", 3: "a", 4: "", 9: ""} {
		ann := f.user(fmt.Sprint("ann", keep)).ID
		e := &estate{hall: f.room("", ann).ID}
		over := func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) }
		for _, letter := range "abcdefg" {
			if strings.ContainsRune("bdf", letter) {
				e.add(f, e.hall, ann, over)
			} else {
				e.add(f, e.hall, ann)
			}
		}
		q := storage.PurgeQuery{Room: e.hall, Keep: keep, Limit: 1}
		require.Zero(t, f.purge(storage.PurgeQuery{Room: e.hall, Keep: 7}), "before they expire")
		f.clock.advance(2 * time.Hour)
		f.wantPurged(e, q, singles(want)...)
	}
}

func testPurgeKeepPinned(_ *testing.T, f *fixture) {
	f.wantEach([]purgeCase{
		{"acfhi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, KeepPinned: true} }},
		{"aie", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.ann, KeepPinned: true} }},
		{"jabce", func(e *estate) storage.PurgeQuery {
			return storage.PurgeQuery{To: e.at('f').CreatedAt, KeepPinned: true}
		}},
		{"ac", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1, KeepPinned: true} }},
		{"fib", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Expired: true, KeepPinned: true} }},
	})
}
