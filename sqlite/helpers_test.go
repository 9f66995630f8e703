package sqlite

import (
	"flag"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/lairchat/lair/storage/backend"
)

func TestMain(m *testing.M) {
	if flag.Parse(); flag.Lookup("test.bench").Value.String() == "" {
		foldFrom, foldCells = 30, 7               // so that every test folds
		markEvery, maxSearchTime = 7, time.Minute // so that every search meets marks, and slow machines find all
	}
	child() // does not return in a child process
	goleak.VerifyTestMain(m)
}

// openEngine opens the engine of a new store, which the test closes.
func openEngine(t testing.TB, o *Options) *engine {
	t.Helper()
	return openEngineAt(t, filepath.Join(t.TempDir(), "test.db"), o)
}

func openEngineAt(t testing.TB, path string, o *Options) *engine {
	t.Helper()
	return openEngineOn(t, path, o, vfsName)
}

func openEngineOn(t testing.TB, path string, o *Options, vfs string) *engine {
	t.Helper()
	e, err := open(t.Context(), path, o, vfs, backend.SearchVersion)
	require.NoError(t, err)
	t.Cleanup(func() {
		if !isClosed(e) {
			require.NoError(t, e.Close())
		}
	})
	return e
}

// isClosed reports whether the test has closed the engine itself.
func isClosed(e *engine) bool {
	if e.log == nil {
		return false // read-only: nothing minds being closed twice
	}
	select {
	case <-e.log.done:
		return true
	default:
		return false
	}
}

const putSQL = `
	INSERT INTO counters (name, value)
	VALUES (?, 1)`

// put stores a name, once.
func put(name string) func(backend.Rows) error {
	return func(r backend.Rows) error {
		return r.(*rows).c.exec(putSQL, func(a *args) { a.text(name) })
	}
}

// stored returns the names that were put, in order.
func stored(t testing.TB, e *engine) (names []string) {
	t.Helper()
	const storedSQL = `
		SELECT name
		FROM counters
		WHERE value = 1 AND name NOT IN ('user_deletions', 'documents', 'changes')
		ORDER BY name`
	err := e.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.query(storedSQL, nil, func(row *row) error {
			names = append(names, row.text())
			return nil
		})
	})
	require.NoError(t, err)
	return names
}

// execute runs any SQL.
func execute(sql string) func(backend.Rows) error {
	return func(r backend.Rows) error { return r.(*rows).c.exec(sql, nil) }
}

// How long a test waits for what happens in the background.
const (
	waitLimit = 10 * time.Second
	waitStep  = time.Millisecond
)
