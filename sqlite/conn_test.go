package sqlite

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// openConn returns a writing connection to a new store.
func openConn(t testing.TB) *conn {
	t.Helper()
	e := openEngine(t, nil)
	c, err := e.source.writer()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.close()) })
	return c
}

const numbersSQL = `
	WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
	SELECT i FROM n`

func TestValuesRoundTrip(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	id := [16]byte{1, 15: 2}
	at := time.Date(1969, 7, 20, 20, 17, 40, 123456000, time.UTC)
	err := c.one(`SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`, func(a *args) {
		a.int(-7)
		a.bool(true)
		a.text("a\x00ü")
		a.textOrNull("")
		a.blob([]byte{0, 1})
		a.blob(nil)
		a.id(id)
		a.id([16]byte{})
		a.time(at)
		a.time(time.Time{})
		a.null()
		a.text("")
	}, func(r *row) error {
		assert.Equal(t, int64(-7), r.int())
		assert.True(t, r.bool())
		assert.Equal(t, "a\x00ü", r.text())
		assert.True(t, r.null())
		assert.Equal(t, "", r.text())
		assert.Equal(t, []byte{0, 1}, r.blob())
		assert.Nil(t, r.blob())
		assert.Equal(t, id, r.id())
		assert.Zero(t, r.id())
		assert.Equal(t, at, r.time())
		assert.Zero(t, r.time())
		assert.True(t, r.null())
		assert.Zero(t, r.int())
		assert.False(t, r.null())
		assert.Equal(t, "", r.text())
		return nil
	})
	require.NoError(t, err)
}

func TestCorruptColumns(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	for _, sql := range []string{"SELECT x'01'", "SELECT zeroblob(17)"} {
		err := c.query(sql, nil, func(r *row) error { r.id(); return nil })
		assert.ErrorIs(t, err, storage.ErrCorrupt)
	}
}

func TestNoRow(t *testing.T) {
	t.Parallel()
	err := openConn(t).one(`SELECT 1 WHERE 0`, nil, func(*row) error { return nil })
	assert.Equal(t, storage.ErrNotFound, err)
}

func TestNotOneStatement(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	for _, sql := range []string{"", "-- nothing", "SELECT 1; SELECT 2"} {
		assert.ErrorIs(t, c.exec(sql, nil), storage.ErrQuery, sql)
	}
	assert.NoError(t, c.exec("SELECT 1;\n", nil))
}

// TestNestedStatement runs a statement while its own rows are read.
func TestNestedStatement(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	three := func(a *args) { a.int(3) }
	for range 2 {
		var got []int64
		err := c.query(numbersSQL, three, func(outer *row) error {
			i := outer.int()
			return c.query(numbersSQL, three, func(inner *row) error {
				got = append(got, 10*i+inner.int())
				return nil
			})
		})
		require.NoError(t, err)
		assert.Equal(t, []int64{11, 12, 13, 21, 22, 23, 31, 32, 33}, got)
	}
}

func TestScanErrorEndsQuery(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	for range 2 {
		calls := 0
		err := c.query(numbersSQL, func(a *args) { a.int(3) }, func(*row) error { calls++; return errTest })
		assert.Equal(t, errTest, err)
		assert.Equal(t, 1, calls)
	}
}

func TestStatementCacheIsBounded(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	for i := range 3 * maxStatements {
		require.NoError(t, c.exec(fmt.Sprintf("SELECT %d", i), nil))
		require.NoError(t, c.exec("SELECT 'often'", nil))
	}
	assert.Len(t, c.stmts, maxStatements)
	assert.Contains(t, c.stmts, "SELECT 'often'")
}

// TestBindingsAreCleared keeps large values from staying in memory.
func TestBindingsAreCleared(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	require.NoError(t, c.exec(`SELECT length(?)`, func(a *args) { a.blob(bytes.Repeat([]byte{1}, 4<<20)) }))
	err := c.one(`SELECT length(?)`, nil, func(r *row) error { assert.True(t, r.null()); return nil })
	require.NoError(t, err)
}

// TestStatementsSurviveAnalyze would fail without QPSG: every binding would
// prepare the statement again.
func TestStatementsSurviveAnalyze(t *testing.T) {
	t.Parallel()
	const sql = `
		SELECT value
		FROM counters
		WHERE name > ?`
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), func(r backend.Rows) error {
		c := r.(*rows).c
		for i := range 200 {
			if err := put(fmt.Sprint("name", i))(r); err != nil {
				return err
			}
		}
		return c.exec("ANALYZE", nil)
	})
	require.NoError(t, err)
	err = e.Read(t.Context(), func(r backend.Rows) error {
		c := r.(*rows).c
		for i := range 10 {
			if err := c.exec(sql, func(a *args) { a.text(fmt.Sprint("name", i)) }); err != nil {
				return err
			}
		}
		assert.Zero(t, c.stmts[sql].st.Status(sqlite3.STMTSTATUS_REPREPARE, false))
		return nil
	})
	require.NoError(t, err)
}

// TestQueryAllocatesNothing of its own: hot reads pay for what they return.
func TestQueryAllocatesNothing(t *testing.T) {
	c := openConn(t)
	var sum int64
	id := [16]byte{1}
	allocs := testing.AllocsPerRun(100, func() {
		err := c.one(`SELECT ?, ?`, func(a *args) { a.int(2); a.id(id) }, func(r *row) error {
			sum += r.int()
			id = r.id()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
	assert.LessOrEqual(t, allocs, 1.0, "the bytes of an argument")
	assert.Positive(t, sum)
}
