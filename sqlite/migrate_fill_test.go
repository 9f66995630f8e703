package sqlite

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/backend"
)

// What the fifth migration makes of messages that were there before it.
var filledByMigration = map[string]string{
	"threads": `
SELECT root_key || ' ' || author_key || ' ' || expires_at || ' ' || replies || ' ' || last_key || ' ' || hex(last_id) || ' ' || last_at
FROM message_threads
ORDER BY root_key, author_key, expires_at`,
	"roots": `
SELECT key
FROM messages
WHERE replied
AND key IN (SELECT root_key FROM message_threads)
ORDER BY key`,
	"tags": `
SELECT tag || ' ' || key
FROM message_tags
ORDER BY tag, key`,
	"reactions": `
SELECT key || ' ' || reactions
FROM messages
WHERE reactions IS NOT NULL
ORDER BY key`,
}

// TestMigrationFillsIn takes away what writes have kept, and has the migration
// make it again.
func TestMigrationFillsIn(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := &tester{t: t, rand: rand.New(rand.NewPCG(7, 7)), m: newModel(), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for range 5 {
			d.createUser()
		}
		d.createRoom()
		for range 100 {
			d.send()
			d.react()
			d.react()
		}
		for range 5 {
			d.tombstone()
		}
		return nil
	})
	require.NoError(t, err)
	before := read(t, e)
	for name, found := range before {
		assert.Greater(t, len(found), 10, name)
	}
	require.NoError(t, e.Close())
	downTo(t, e.source, 4)
	assert.Equal(t, before, read(t, openEngineAt(t, e.source.path, nil)))
}

// read returns what the statements of filledByMigration find.
func read(t *testing.T, e *engine) map[string][]string {
	t.Helper()
	all := make(map[string][]string)
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		for name, sql := range filledByMigration {
			err := r.(*rows).c.query(sql, nil, func(row *row) error {
				all[name] = append(all[name], row.text())
				return nil
			})
			require.NoError(t, err)
		}
		return nil
	}))
	return all
}

// downTo takes migrations back, down to one.
func downTo(t *testing.T, s *source, version int64) {
	t.Helper()
	c, err := s.migrator()
	require.NoError(t, err)
	defer c.close()
	db := newDB(c)
	defer db.Close()
	p, err := goose.NewProvider(goose.DialectSQLite3, db, migrations())
	require.NoError(t, err)
	_, err = p.DownTo(t.Context(), version)
	require.NoError(t, err)
}
