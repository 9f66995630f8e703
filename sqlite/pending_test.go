package sqlite

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var errRefused = errors.New("refused")

// What is deferred survives savepoints that fail, nested ones, flushes in the
// middle of what is undone, and transactions that are rolled back.
func TestPendingAgainstModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			e := openEngine(t, nil)
			d := &tester{
				t: t, rand: rand.New(rand.NewPCG(seed, 0)), m: newModel(),
				now: time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC),
			}
			for range 25 {
				d.transact(e)
				require.False(t, t.Failed(), "seed %d", seed)
			}
			d.empty(e)
		})
	}
}

// transact runs one transaction, a third of which fail, and looks at what is
// left.
func (d *tester) transact(e *engine) {
	before := d.m.clone()
	_, err := e.Update(d.t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for range 1 + d.rand.IntN(8) {
			d.operation(0)
		}
		return d.mayRefuse()
	})
	if err != nil {
		require.Equal(d.t, errRefused, err)
		d.m = before
	}
	require.NoError(d.t, e.Read(d.t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		d.checkRooms()
		d.checkSearch()
		d.checkLists()
		d.checkChanges()
		return nil
	}))
	d.checkIndex(e)
}

func (d *tester) mayRefuse() error {
	if d.rand.IntN(3) == 0 {
		return errRefused
	}
	return nil
}

// operation runs a few steps in a savepoint, a third of which fail.
func (d *tester) operation(depth int) {
	before := d.m.clone()
	err := d.r.Savepoint(d.t.Context(), func() error {
		for range 1 + d.rand.IntN(4) {
			d.step(depth)
		}
		return d.mayRefuse()
	})
	if err != nil {
		require.Equal(d.t, errRefused, err)
		d.m = before
	}
}

func (d *tester) step(depth int) {
	switch n := d.rand.IntN(12); {
	case n < 6:
		d.tell()
	case n < 7:
		d.checkChanges()
	case n < 8:
		d.prune()
	}
	if d.batches > 0 && d.rand.IntN(6) == 0 {
		_, err := d.r.makeIndex(d.batches)
		require.NoError(d.t, err)
	}
	switch n := d.rand.IntN(30); {
	case n < 10:
		d.send()
	case n < 13:
		d.edit()
		d.react()
	case n < 15:
		d.tombstone()
	case n < 18:
		d.createUser()
	case n < 19:
		d.deleteUser()
	case n < 22:
		d.createRoom()
	case n < 23:
		d.deleteRoom()
	case n < 24:
		d.sweep()
	case n < 25:
		d.toggleRoom()
	case n < 26:
		d.checkRooms()
	case n < 28:
		d.checkSearch()
	case depth < 3:
		d.operation(depth + 1)
	}
}

// checkIndex compares the number of entries with that of the messages that
// have words, and of those in deleted rooms that are still to go.
func (d *tester) checkIndex(e *engine) {
	if x := answering(d.t, e); x.version == e.shared.version { // an older one has more than there is
		d.checkEntries(e, fmt.Sprint("messages_fts_", x.place))
	}
	for _, table := range []string{"message_revisions", "message_reactions", "message_tags"} {
		n := number(d.t, e, `
SELECT count(*)
FROM `+table+` AS x
LEFT JOIN messages AS m ON m.key = x.key
WHERE m.key IS NULL
OR m.deleted_at IS NOT NULL`)
		assert.Zero(d.t, n, "%s of tombstones or of nothing", table)
	}
}

func (d *tester) checkEntries(e *engine, fts string) {
	strayEntriesSQL := `
SELECT count(*)
FROM ` + fts + `_docsize AS f
LEFT JOIN messages AS m ON m.doc = f.id >> 24 AND (m.key >> 32) & 16777215 = f.id & 16777215
WHERE m.key IS NULL OR m.deleted_at IS NOT NULL OR m.type = 9`
	assert.Zero(d.t, number(d.t, e, strayEntriesSQL), "entries without a message")
	want := 0
	for _, m := range d.m.messages {
		if backend.SearchText(&m.Message) != "" {
			want++
		}
	}
	entriesSQL := `
SELECT count(*)
FROM ` + fts + `_docsize AS f
JOIN messages AS m ON m.doc = f.id >> 24
JOIN rooms AS r ON r.key = m.key >> 32`
	assert.EqualValues(d.t, want, number(d.t, e, entriesSQL), "entries")
}

// empty deletes every room, after which nothing must be left: no row, and no
// token, which shows that each entry was taken out as it was put in.
func (d *tester) empty(e *engine) {
	fts := fmt.Sprint("messages_fts_", answering(d.t, e).place)
	_, err := e.Update(d.t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for len(d.m.rooms) > 0 {
			d.deleteRoom()
		}
		for more := true; more; {
			var err error
			if more, err = d.r.SweepRooms(d.t.Context(), 7); err != nil {
				return err
			}
		}
		return d.r.c.exec(`CREATE VIRTUAL TABLE vocabulary USING fts5vocab(`+fts+`, row)`, nil)
	})
	require.NoError(d.t, err)
	for _, table := range []string{
		"vocabulary", "messages", "message_mentions", "message_revisions", "message_reactions", "message_tags", "message_threads",
		"file_attachments WHERE message_key IS NOT NULL", "deleted_rooms", "room_counters", "room_words", fts + "_docsize",
	} {
		assert.Zero(d.t, number(d.t, e, "SELECT count(*) FROM "+table), table)
	}
}

// number runs a query of one number.
func number(t *testing.T, e *engine, sql string) (n int64) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.one(sql, nil, func(row *row) error {
			n = row.int()
			return nil
		})
	}))
	return n
}

// A savepoint is undone on the way of a panic too.
func TestSavepointPanic(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d := &tester{t: t, rand: rand.New(rand.NewPCG(1, 2)), m: newModel(), r: r.(*rows), now: time.Unix(1, 0).UTC()}
		d.createRoom()
		kept := d.m.clone()
		assert.Panics(t, func() {
			_ = d.r.Savepoint(t.Context(), func() error {
				d.createRoom()
				d.send()
				panic("in a savepoint")
			})
		})
		d.m = kept
		d.checkRooms()
		d.send()
		d.checkRooms()
		return nil
	})
	require.NoError(t, err)
	assert.EqualValues(t, 1, number(t, e, "SELECT count(*) FROM rooms"), "rooms")
	assert.EqualValues(t, 1, number(t, e, "SELECT count(*) FROM messages"), "messages")
}

// Keys that a transaction learned and that are dealt again after its rollback
// stand for their new users.
func TestKeysAfterRollback(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := &tester{t: t, rand: rand.New(rand.NewPCG(1, 2)), m: newModel(), now: time.Unix(1, 0).UTC()}
	talk := func() {
		d.createUser()
		d.createRoom()
		d.send()
		d.checkRooms()
	}
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		talk()
		return errRefused
	})
	require.Equal(t, errRefused, err)
	d.m = newModel()
	_, err = e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		talk()
		return nil
	})
	require.NoError(t, err)
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		d.checkRooms()
		return nil
	}))
	require.Len(t, d.m.users, 1)
	for id := range d.m.users {
		exists := false
		require.NoError(t, e.Read(t.Context(), func(r backend.Rows) (err error) {
			exists, err = r.UserExists(t.Context(), storage.UserID(id))
			return err
		}))
		assert.True(t, exists, "UserExists")
	}
}
