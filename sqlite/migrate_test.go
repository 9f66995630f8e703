package sqlite

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// schema returns the definitions of everything that the program made.
func schema(t *testing.T, s *source) (all []string) {
	t.Helper()
	c, err := s.writer()
	require.NoError(t, err)
	defer c.close()
	err = c.query(`SELECT type || ' ' || name || ' ' || ifnull(sql, '') FROM sqlite_schema ORDER BY 1`, nil, func(r *row) error {
		all = append(all, r.text())
		return nil
	})
	require.NoError(t, err)
	return all
}

// TestMigrationsDownAndUp leads back to an empty schema, and to the same one
// again.
func TestMigrationsDownAndUp(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	require.NoError(t, e.Close())
	before := schema(t, e.source)

	down(t, e.source)
	for _, object := range schema(t, e.source) {
		assert.Regexp(t, "goose_db_version|sqlite_sequence|sqlite_stat", object, "left by the way down")
	}
	_, err := Open(t.Context(), e.source.path, &Options{NoMigrate: true})
	assert.ErrorIs(t, err, storage.ErrUnsupported)
	_, err = Open(t.Context(), e.source.path, &Options{ReadOnly: true})
	assert.ErrorIs(t, err, storage.ErrUnsupported)

	again := openEngineAt(t, e.source.path, nil)
	_, err = again.Write(t.Context(), put("a"))
	require.NoError(t, err)
	again.awaitIndex()
	require.NoError(t, again.Close())
	assert.Equal(t, before, schema(t, e.source))
}

// down takes every migration back.
func down(t *testing.T, s *source) {
	t.Helper()
	downTo(t, s, 0)
}

// later returns the migrations with one more.
func later(t *testing.T, sql string) fs.FS {
	t.Helper()
	all := fstest.MapFS{"99998_later.sql": {Data: []byte("-- +goose Up\n" + sql)}}
	names, err := fs.Glob(migrations(), "*.sql")
	require.NoError(t, err)
	for _, name := range names {
		content, err := fs.ReadFile(migrations(), name)
		require.NoError(t, err)
		all[name] = &fstest.MapFile{Data: content}
	}
	return all
}

// TestMigratingAtOnce has several connections bring a file up to date.
func TestMigratingAtOnce(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	require.NoError(t, e.Close())
	dir := later(t, "CREATE TABLE later (x INTEGER) STRICT;")
	outcomes := make(chan error)
	const racers = 4
	for range racers {
		go func() { outcomes <- e.source.migrate(t.Context(), dir) }()
	}
	for range racers {
		assert.NoError(t, <-outcomes)
	}
	assert.Contains(t, schema(t, e.source), "table later CREATE TABLE later (x INTEGER) STRICT")
}

func TestFailedMigrationChangesNothing(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	require.NoError(t, e.Close())
	before := schema(t, e.source)
	err := e.source.migrate(t.Context(), later(t, "CREATE TABLE later (x INTEGER) STRICT; SELECT nonsense;"))
	assert.ErrorIs(t, err, storage.ErrQuery)
	assert.Equal(t, before, schema(t, e.source))
}

// TestMigrationStatus is what goose tells of a file.
func TestMigrationStatus(t *testing.T) {
	t.Parallel()
	c := openConn(t)
	db := newDB(c)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations())
	require.NoError(t, err)
	all, err := p.Status(t.Context())
	require.NoError(t, err)
	require.NotEmpty(t, all)
	for _, m := range all {
		assert.Equal(t, goose.StateApplied, m.State, m.Source.Path)
		assert.WithinDuration(t, time.Now(), m.AppliedAt, time.Hour)
	}
}
