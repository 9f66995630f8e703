package sqlite

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// answering returns the index that answers searches.
func answering(t testing.TB, e *engine) (x searchIndex) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) (err error) {
		x, _, err = r.(*rows).answering()
		return err
	}))
	return x
}

// awaitIndex waits until the search index of the program's version is whole.
func (e *engine) awaitIndex() {
	if e.indexer != nil {
		<-e.indexer.done
	}
}

// outdate makes the engine that of a program whose search index is a version
// newer than what the file has.
func outdate(e *engine) { e.shared.version++ }

// makeIndexes makes batches of some records, until nothing is left.
func makeIndexes(t *testing.T, e *engine, limit int) (batches int) {
	t.Helper()
	for more := true; more; batches++ {
		_, err := e.Write(t.Context(), func(r backend.Rows) (err error) {
			more, err = r.(*rows).makeIndex(limit)
			return err
		})
		require.NoError(t, err)
	}
	return batches
}

// While an index is made, whatever is written finds its way into both, what is
// undone into neither, and a search finds what is there. In the end the new
// index has exactly what it should.
func TestReindexAgainstModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			e := openEngine(t, nil)
			d := &tester{
				t: t, rand: rand.New(rand.NewPCG(seed, 1)), m: newModel(),
				now: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
			}
			for range 8 {
				d.transact(e)
			}
			outdate(e)
			d.batches = 1
			for range 17 {
				d.transact(e)
				require.False(t, t.Failed(), "seed %d", seed)
			}
			makeIndexes(t, e, 5)
			d.batches = 0
			d.transact(e)
			assert.Equal(t, e.shared.version, answering(t, e).version, "version of the index that answers")
			d.empty(e)
		})
	}
}

// An older index keeps what it cannot be told to forget. What it finds is held
// against the messages.
func TestReindexForgets(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 60)
	outdate(e)
	for range 3 {
		_, err := e.Update(t.Context(), func(r backend.Rows) error {
			d.r = r.(*rows)
			for range 10 {
				d.edit()
				d.tombstone()
			}
			return nil
		})
		require.NoError(t, err)
		require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
			d.r = r.(*rows)
			for _, word := range vocabulary {
				for _, other := range vocabulary {
					for _, text := range []string{word, word + " -" + other, word + " OR " + other, `"` + word + " " + other + `"`} {
						query, err := search.Parse(text)
						require.NoError(t, err)
						d.compareSearch(backend.SearchScan{Query: query, Limit: 1000, Now: d.now})
					}
				}
			}
			return nil
		}))
		_, err = e.Write(t.Context(), func(r backend.Rows) error {
			_, err := r.(*rows).makeIndex(25)
			return err
		})
		require.NoError(t, err)
	}
	makeIndexes(t, e, 25)
	d.empty(e)
}

// A batch that is undone leaves everything as it was, and the next goes on.
func TestReindexUndone(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 60)
	outdate(e)
	for i := 0; i < 30; i++ {
		_, err := e.Update(t.Context(), func(r backend.Rows) error {
			d.r = r.(*rows)
			require.ErrorIs(t, d.r.Savepoint(t.Context(), func() error {
				_, err := d.r.makeIndex(7)
				require.NoError(t, err)
				return errRefused
			}), errRefused)
			_, err := d.r.makeIndex(7)
			require.NoError(t, err)
			if i%2 == 0 {
				return errRefused
			}
			return nil
		})
		if err != nil {
			require.ErrorIs(t, err, errRefused)
		}
	}
	assert.Equal(t, 1, makeIndexes(t, e, 7), "batches left")
	d.checkIndex(e)
	d.empty(e)
}

// openVersion opens a file as a program whose search index is of a version.
func openVersion(t *testing.T, path string, version int64) *engine {
	t.Helper()
	e, err := open(t.Context(), path, nil, vfsName, version)
	require.NoError(t, err)
	t.Cleanup(func() {
		if !isClosed(e) {
			require.NoError(t, e.Close())
		}
	})
	return e
}

// Whoever opens an older file has its index made in the background, as far as it
// gets before the end, and the next goes on from there.
func TestReindexInBackground(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "old.db")
	e := openVersion(t, path, backend.SearchVersion)
	assert.Nil(t, e.indexer, "indexer of a new file")
	d := populate(t, e, 700)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		u := storage.User{ID: d.id(), Username: "ada", Role: storage.RoleUser, CreatedAt: d.now, UpdatedAt: d.now, Version: 1}
		u.Profile.DisplayName = "Countess"
		require.NoError(t, r.InsertUser(t.Context(), &backend.UserRow{User: u, FoldedName: "ada", Words: []string{"stale"}}))
		room := storage.Room{ID: d.id(), Topic: "Engines", Type: storage.RoomGroup, Privacy: storage.PrivacyPublic, CreatedAt: d.now, UpdatedAt: d.now, Version: 1}
		d.m.rooms[room.ID] = room
		return r.InsertRoom(t.Context(), &backend.RoomRow{Room: room, Words: []string{"stale"}})
	})
	require.NoError(t, err)
	require.NoError(t, e.Close())

	for range 3 {
		require.NoError(t, openVersion(t, path, backend.SearchVersion+1).Close())
	}
	e = openVersion(t, path, backend.SearchVersion+1)
	e.awaitIndex()
	h, err := e.Health(t.Context())
	require.NoError(t, err)
	assert.False(t, h.Reindexing, "Reindexing")
	d.checkIndex(e)
	for _, table := range []string{"user_words WHERE word = 'countess'", "room_words WHERE word = 'engines'", "search_indexes"} {
		assert.EqualValues(t, 1, number(t, e, "SELECT count(*) FROM "+table), table)
	}
	for _, table := range []string{"user_words", "room_words"} {
		assert.Zero(t, number(t, e, "SELECT count(*) FROM "+table+" WHERE word = 'stale'"), table)
	}
	require.NoError(t, e.Close())

	_, err = open(t.Context(), path, nil, vfsName, backend.SearchVersion)
	assert.ErrorIs(t, err, storage.ErrSchemaTooNew, "an older program")
	after := openVersion(t, path, backend.SearchVersion+1)
	assert.Nil(t, after.indexer, "indexer of a file that is done")
	d.empty(after)
}

// Another program's index that is half made gives way to a newer one's; an older
// program that still runs can write no more.
func TestReindexVersions(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 30)
	clean, err := e.Scrub(t.Context())
	require.NoError(t, err)
	assert.True(t, clean, "Scrub with an index of one version")
	outdate(e)
	clean, err = e.Scrub(t.Context())
	require.NoError(t, err)
	assert.False(t, clean, "Scrub while an older index keeps what is purged")
	for range 4 {
		_, err := e.Write(t.Context(), func(r backend.Rows) error {
			_, err := r.(*rows).makeIndex(5)
			return err
		})
		require.NoError(t, err)
	}
	h, err := e.Health(t.Context())
	require.NoError(t, err)
	assert.True(t, h.Reindexing, "Reindexing")
	assert.Less(t, h.Reindexed, 1.0, "Reindexed")

	outdate(e)
	makeIndexes(t, e, 10)
	d.checkIndex(e)
	assert.Equal(t, backend.SearchVersion+2, answering(t, e).version, "version of the index")

	e.shared.version--
	_, err = e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		return d.r.index(entry{doc: 1000, room: 1, text: "late"})
	})
	assert.ErrorIs(t, err, storage.ErrSchemaTooNew, "a write of an older program")
	e.shared.version++
	d.empty(e)
}

// Going back to a schema before there were versions leaves an index of none,
// which the next program makes anew.
func TestReindexAfterDown(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 50)
	require.NoError(t, e.Close())
	downTo(t, e.source, 9)
	again := openEngineAt(t, e.source.path, nil)
	require.NotNil(t, again.indexer)
	again.awaitIndex()
	d.checkIndex(again)
	d.empty(again)
}
