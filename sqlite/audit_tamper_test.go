package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ncruces/go-sqlite3"
	"github.com/ncruces/go-sqlite3/driver"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// tamperedLog is the file of a store whose audit log has five entries, and
// further ones if they are given, of which those by the user 2 are erased, and the
// head that was saved elsewhere.
type tamperedLog struct {
	image []byte
	saved storage.AuditHead
}

func newTamperedLog(t *testing.T, further ...storage.AuditEntry) tamperedLog {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "test.db")
	s, err := Open(ctx, path, nil)
	require.NoError(t, err)
	for range 5 {
		require.NoError(t, s.AppendAudit(ctx, &storage.AuditEntry{
			Action: "user.ban", ActorID: storage.UserID{1}, RoomID: storage.RoomID{1},
			TargetKind: storage.EntityUser, TargetID: storage.UserID{0xab}.String(),
			Actor:   storage.AuditActor{Name: "ann", IP: netip.MustParseAddr("192.0.2.7"), UserAgent: "test"},
			Subject: storage.AuditSubject{TargetName: "bob", Detail: "spam", Metadata: json.RawMessage(`{"days":1}`)},
		}))
	}
	for _, e := range further {
		require.NoError(t, s.AppendAudit(ctx, &e))
	}
	_, err = s.EraseAudit(ctx, storage.UserID{2}, 0)
	require.NoError(t, err)
	saved, err := s.AuditHead(ctx)
	require.NoError(t, err)
	require.NoError(t, s.Close())
	image, err := os.ReadFile(path)
	require.NoError(t, err)
	return tamperedLog{image, saved}
}

// verify runs SQL on a copy of the closed file, behind the store's back, and
// verifies the log, with the saved head and without.
func (l tamperedLog) verify(t *testing.T, statements string) (alone, withHead error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	require.NoError(t, os.WriteFile(path, l.image, 0o600))
	db, err := driver.Open("file:"+filepath.ToSlash(path), func(*sqlite3.Conn) error { return nil })
	require.NoError(t, err)
	runSQL(t, db, statements)
	require.NoError(t, db.Close())
	s, err := Open(t.Context(), path, nil)
	require.NoError(t, err)
	defer s.Close()
	return storage.VerifyAudit(t.Context(), s, storage.AuditHead{}), storage.VerifyAudit(t.Context(), s, l.saved)
}

func runSQL(t *testing.T, db *sql.DB, statements string) {
	t.Helper()
	for _, statement := range strings.Split(statements, ";") {
		if strings.TrimSpace(statement) == "" {
			continue
		}
		_, err := db.ExecContext(context.Background(), statement)
		require.NoError(t, err, statement)
	}
}

// changes of one column of the third entry, whatever is in it.
var columnChanges = map[string][]string{
	"INTEGER": {`%s + 1`, `-1`, `9000000000000000000`},
	"TEXT":    {`%s || 'x'`, `upper(%s)`, `NULL`, `''`, `CAST(x'ff' AS TEXT)`},
	"BLOB":    {`NULL`, `x''`, `x'00'`, `zeroblob(length(%s))`, `zeroblob(length(%s) + 1)`, `randomblob(length(%s))`},
}

// emptyValues are written where NULL is, and read like it.
var emptyValues = map[string][]string{
	"TEXT": {`''`, `'x'`},
	"BLOB": {`x''`, `x'00'`, `zeroblob(4)`, `zeroblob(16)`},
}

// TestTamperedNulls changes each column of the log that is NULL, in an entry with
// nothing that may be left out, and in one all of which was erased.
func TestTamperedNulls(t *testing.T) {
	t.Parallel()
	l := newTamperedLog(t, storage.AuditEntry{Action: "server.start"}, storage.AuditEntry{
		Action: "user.ban", ActorID: storage.UserID{2}, TargetKind: storage.EntityUser, TargetID: storage.UserID{2}.String(),
		Actor: storage.AuditActor{Name: "ann"}, Subject: storage.AuditSubject{Detail: "spam"},
	})
	for _, c := range []struct {
		position string
		columns  map[string]string
	}{
		{"6", map[string]string{
			"actor_id": "BLOB", "target_kind": "TEXT", "target_id": "TEXT", "room_id": "BLOB", "actor_name": "TEXT", "actor_ip": "BLOB",
			"actor_user_agent": "TEXT", "target_name": "TEXT", "detail": "TEXT", "metadata": "TEXT",
		}},
		{"7", map[string]string{"actor_salt": "BLOB", "subject_salt": "BLOB", "actor_name": "TEXT", "actor_ip": "BLOB", "detail": "TEXT"}},
	} {
		for column, kind := range c.columns {
			for _, value := range emptyValues[kind] {
				sql := "UPDATE audit_log SET " + column + " = " + value + " WHERE position = " + c.position + " AND " + column + " IS NULL"
				alone, withHead := l.verify(t, "PRAGMA foreign_keys = OFF; "+sql)
				assertBadAudit(t, alone, c.position, sql)
				assertBadAudit(t, withHead, c.position, sql)
			}
		}
	}
}

// TestTamperedColumns changes each column of the log, as its table tells them.
func TestTamperedColumns(t *testing.T) {
	t.Parallel()
	l := newTamperedLog(t)
	columns := map[string]string{}
	required := map[string]bool{}
	e := openEngine(t, nil)
	err := e.writer.c.query(`SELECT name, type, "notnull" FROM pragma_table_info('audit_log')`, nil, func(r *row) error {
		name := r.text()
		columns[name] = r.text()
		required[name] = r.bool()
		return nil
	})
	require.NoError(t, err)
	require.Len(t, columns, 20)
	for column, kind := range columns {
		for _, change := range columnChanges[kind] {
			expression := strings.ReplaceAll(change, "%s", column)
			if change == "NULL" && required[column] || column == "position" && !strings.Contains(change, "9000") {
				continue // which the table refuses; positions are another test's
			}
			alone, withHead := l.verify(t, "PRAGMA foreign_keys = OFF; UPDATE audit_log SET "+column+" = "+expression+" WHERE position = 3")
			for _, err := range []error{alone, withHead} {
				assertBadAudit(t, err, "3", column+" = "+expression)
			}
		}
	}
}

func assertBadAudit(t *testing.T, err error, position, what string) {
	t.Helper()
	var e *storage.Error
	if assert.ErrorAs(t, err, &e, what) {
		assert.ErrorIs(t, err, storage.ErrCorrupt, what)
		assert.Equal(t, storage.EntityAudit, e.Entity, what)
		assert.Equal(t, position, e.ID, "%s: %s", what, err)
	}
}

const (
	noKeys   = `PRAGMA foreign_keys = OFF;`
	copyOf   = `INSERT INTO audit_log SELECT %to, randomblob(16), action, actor_id, target_kind, target_id, room_id, created_at, actor_name, actor_ip, actor_user_agent, actor_salt, actor_seal, target_name, detail, metadata, subject_salt, subject_seal, prev, hash FROM audit_log WHERE position = %from;`
	swapped  = `UPDATE audit_log SET position = 99 WHERE position = 2; UPDATE audit_log SET position = 2 WHERE position = 4; UPDATE audit_log SET position = 4 WHERE position = 99;`
	headOf   = `UPDATE audit_head SET position = %n, hash = (SELECT hash FROM audit_log WHERE position = %n);`
	prunedTo = `UPDATE audit_head SET pruned_position = %n, pruned_hash = (SELECT hash FROM audit_log WHERE position = %n);`
)

func filled(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }

// TestTamperedRows removes, inserts, moves and renumbers entries, and changes
// what the store says of the whole.
func TestTamperedRows(t *testing.T) {
	t.Parallel()
	l := newTamperedLog(t)
	alone, withHead := l.verify(t, "")
	require.NoError(t, alone)
	require.NoError(t, withHead)
	for _, c := range []struct{ what, sql, position string }{
		{"the first removed", `DELETE FROM audit_log WHERE position = 1`, "1"},
		{"one removed", `DELETE FROM audit_log WHERE position = 3`, "3"},
		{"the last removed", `DELETE FROM audit_log WHERE position = 5`, "5"},
		{"all removed", `DELETE FROM audit_log`, "1"},
		{"removed and renumbered", `DELETE FROM audit_log WHERE position = 2; UPDATE audit_log SET position = position - 1 WHERE position > 2`, "2"},
		{"two change places", swapped, "2"},
		{"inserted", filled(copyOf, "%to", "6", "%from", "5"), "6"},
		{"inserted, with the head", filled(copyOf, "%to", "6", "%from", "5") + `UPDATE audit_head SET position = 6`, "6"},
		{"inserted before the first", filled(copyOf, "%to", "-1", "%from", "1"), "-1"},
		{"inserted in the middle", `UPDATE audit_log SET position = position + 100 WHERE position > 3; UPDATE audit_log SET position = position - 99 WHERE position > 100;` + filled(copyOf, "%to", "4", "%from", "3"), "4"},
		{"renumbered", `UPDATE audit_log SET position = position + 100; UPDATE audit_log SET position = position - 99`, "1"},
		{"the head is earlier", filled(headOf, "%n", "4"), "5"},
		{"the head is later", `UPDATE audit_head SET position = 7`, "6"},
		{"the head's hash", `UPDATE audit_head SET hash = zeroblob(32)`, "5"},
		{"the head's hash is short", `UPDATE audit_head SET hash = x'00'`, ""},
		{"the beginning's hash is short", `UPDATE audit_head SET pruned_hash = x''`, ""},
		{"the head is gone", `DELETE FROM audit_head`, ""},
		{"said to be pruned", filled(prunedTo, "%n", "2"), "1"},
		{"pruned, and the hash", filled(prunedTo, "%n", "2") + `DELETE FROM audit_log WHERE position <= 2; UPDATE audit_head SET pruned_hash = zeroblob(32)`, "3"},
	} {
		alone, withHead := l.verify(t, noKeys+c.sql)
		assertBadAudit(t, alone, c.position, c.what)
		assertBadAudit(t, withHead, c.position, c.what)
	}
	alone, withHead = l.verify(t, `DELETE FROM audit_words`)
	assert.NoError(t, errors.Join(alone, withHead), "words are an index, and no part of the chain")
	for _, c := range []struct{ what, sql, position string }{
		{"a tail is cut off", `DELETE FROM audit_log WHERE position > 3;` + filled(headOf, "%n", "3"), "4"},
		{"all is cut off", `DELETE FROM audit_log; UPDATE audit_head SET position = 0, hash = zeroblob(32)`, "1"},
	} {
		alone, withHead := l.verify(t, noKeys+c.sql)
		assert.NoError(t, alone, "%s: nothing is left that tells", c.what)
		assertBadAudit(t, withHead, c.position, c.what)
	}
}
