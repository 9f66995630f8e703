package sqlite

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func TestFileModes(t *testing.T) {
	for _, mode := range []fs.FileMode{0o600, 0o640} {
		path := filepath.Join(t.TempDir(), "chat.db")
		first := openEngineAt(t, path, nil)
		require.NoError(t, first.Close())
		require.NoError(t, os.Chmod(path, mode))

		e := openEngineAt(t, path, nil)
		_, err := e.Write(t.Context(), put("a"))
		require.NoError(t, err)
		assertMode(t, path, mode)
		assertMode(t, path+"-wal", 0o600)
		assertMode(t, path+"-shm", 0o600)
	}
}

func assertMode(t *testing.T, name string, mode fs.FileMode) {
	t.Helper()
	info, err := os.Stat(name)
	require.NoError(t, err)
	assert.Equal(t, mode, info.Mode().Perm(), "mode of %s", filepath.Base(name))
}

func TestOpenLeavesNothingElse(t *testing.T) {
	dir := t.TempDir()
	e := openEngineAt(t, filepath.Join(dir, "chat.db"), nil)
	require.NoError(t, e.Close())
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "chat.db", entries[0].Name())
}

func TestOpenOddNames(t *testing.T) {
	for _, name := range []string{"with space.db", "50%25.db", "what?.db", "a#b.db", "файл.db", "a&vfs=os.db", "file:x.db"} {
		path := filepath.Join(t.TempDir(), name)
		e := openEngineAt(t, path, nil)
		_, err := e.Write(t.Context(), put("a"))
		require.NoError(t, err, name)
		assert.FileExists(t, path)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
		return path
	}
	for _, c := range []struct {
		name, path string
		options    Options
		kind       error
	}{
		{"no name", "", Options{}, storage.ErrInvalid},
		{"memory", ":memory:", Options{}, storage.ErrInvalid},
		{"NUL", "a\x00b", Options{}, storage.ErrInvalid},
		{"an empty file", file("empty", ""), Options{}, storage.ErrInvalid},
		{"a folder", dir, Options{}, storage.ErrInvalid},
		{"no folder", filepath.Join(dir, "none", "chat.db"), Options{}, storage.ErrConnection},
		{"text", file("text", string(make([]byte, 8192))+"no database"), Options{}, storage.ErrCorrupt},
		{"a short text", file("short", "no database"), Options{}, storage.ErrCorrupt},
		{"nothing to read", filepath.Join(dir, "none"), Options{ReadOnly: true}, storage.ErrNotFound},
	} {
		_, err := Open(t.Context(), c.path, &c.options)
		require.ErrorIs(t, err, c.kind, c.name)
		var e *storage.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, "open", e.Op, c.name)
	}
}

func TestOpenRefusesAnotherProgramsDatabase(t *testing.T) {
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), execute("PRAGMA application_id = 0"))
	require.NoError(t, err)
	require.NoError(t, e.Close())
	_, err = Open(t.Context(), e.source.path, nil)
	require.ErrorIs(t, err, storage.ErrInvalid)
}

func TestOpenRefusesNewerSchema(t *testing.T) {
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), execute("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, 1)"))
	require.NoError(t, err)
	require.NoError(t, e.Close())
	_, err = Open(t.Context(), e.source.path, nil)
	require.ErrorIs(t, err, storage.ErrSchemaTooNew)
}

func TestOptionsAreChecked(t *testing.T) {
	for field, o := range map[string]Options{
		"Readers":       {Readers: -1},
		"Durability":    {Durability: 7},
		"MaxGroup":      {MaxGroup: -1},
		"MaxGroupBytes": {MaxGroupBytes: -1},
		"CacheSize":     {CacheSize: 1},
		"MmapSize":      {MmapSize: 256 << 20},
		"ReaderWait":    {ReaderWait: -time.Second},
		"LockWait":      {LockWait: -time.Second},
	} {
		_, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"), &o)
		var e *storage.Error
		require.ErrorAs(t, err, &e, field)
		assert.ErrorIs(t, err, storage.ErrInvalid)
		assert.Equal(t, "open", e.Op)
		assert.Equal(t, field, e.Field)
	}
}

func TestOpenCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	path := filepath.Join(t.TempDir(), "chat.db")
	_, err := Open(ctx, path, nil)
	require.ErrorIs(t, err, storage.ErrCanceled)
	assert.NoFileExists(t, path)
}

func TestReadOnly(t *testing.T) {
	e := openEngine(t, nil)
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	require.NoError(t, e.Close())

	ro := openEngineAt(t, e.source.path, &Options{ReadOnly: true})
	assert.Equal(t, []string{"a"}, stored(t, ro))
	_, err = ro.Write(t.Context(), put("b"))
	assert.ErrorIs(t, err, storage.ErrReadOnly)
	assert.ErrorIs(t, ro.checkpoint(t.Context()), storage.ErrReadOnly)
	err = ro.Read(t.Context(), put("b"))
	assert.ErrorIs(t, err, storage.ErrReadOnly)
}

func TestReadersCannotWrite(t *testing.T) {
	e := openEngine(t, nil)
	assert.ErrorIs(t, e.Read(t.Context(), put("a")), storage.ErrReadOnly)
	assert.Empty(t, stored(t, e))
}

func TestHealth(t *testing.T) {
	e := openEngine(t, &Options{Readers: 3})
	_, err := e.Write(t.Context(), put("a"))
	require.NoError(t, err)
	h, err := e.Health(t.Context())
	require.NoError(t, err)
	latest, err := latestSchema()
	require.NoError(t, err)
	assert.Regexp(t, `^sqlite 3\.\d+\.\d+$`, h.Backend)
	assert.Equal(t, latest, h.SchemaVersion)
	assert.Positive(t, h.Size)
	assert.Positive(t, h.LogSize)
	assert.Equal(t, 1, h.Readers)
	assert.Zero(t, h.ReadersBusy)
	assert.NoError(t, h.CheckpointError)
}

func TestStoreAfterClose(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"), nil)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	assert.ErrorIs(t, s.Close(), storage.ErrClosed)
	assert.ErrorIs(t, s.Checkpoint(t.Context()), storage.ErrClosed)
}

// The planner is told nothing of how large tables are: what is true of a young
// store makes FTS5 scan its tables once they have grown.
func TestNoStatistics(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	for range 2 {
		e := openEngineAt(t, path, nil)
		_, err := e.Write(t.Context(), put(t.Name()+rand.Text()))
		require.NoError(t, err)
		require.NoError(t, e.Close())
	}
	e := openEngineAt(t, path, nil)
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.query(`SELECT name FROM sqlite_schema WHERE name LIKE 'sqlite_stat%'`, nil, func(row *row) error {
			return errors.New("there is a table " + row.text())
		})
	}))
}
