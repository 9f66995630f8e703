package sqlite

import (
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// readingQueries are the hot ones of markers, receipts, the inbox and purges.
var readingQueries = map[string]string{
	"sender":                  senderSQL,
	"marker":                  markerSQL,
	"marker to set":           setMarkerSQL,
	"own messages that count": ownAfterSQL,
	"ranges passed before":    passedBeforeSQL[0],
	"messages passed before":  passedBeforeSQL[1],
	"receipt":                 hasReceiptSQL,
	"end of receipts":         deleteReceiptsSQL,
	"end of a reader":         forgetReaderSQL[1],
	"receipts of a reader":    forgetReaderSQL[2],
	"unread":                  unreadSQL,
	"first unread":            firstUnreadSQL,
	"inbox":                   inboxPlacesSQL,
	"entry of an inbox":       inboxEntrySQL,
	"room of an inbox":        roomIDSQL,
	"message to purge":        messageToPurgeSQL,
	"purge":                   deleteMessageSQL,
	"marker held up":          raiseMarkerSQL,
	"messages kept up to":     liveUpToSQL,
	"messages kept after":     lastLiveSQL,
}

func TestReadingPlans(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	queries := maps.Clone(readingQueries)
	for name, c := range purgeScans() {
		queries["to purge: "+name] = purgeSQL(t, c.scan)
	}
	sql, _, err := inboxList(backend.InboxScan{InboxQuery: storage.InboxQuery{Active: new(true)}}).ToSql()
	require.NoError(t, err)
	queries["inbox of active rooms"] = sql
	checkPlans(t, e, queries, "of an empty store")
	populate(t, e, 40)
	_, err = e.Update(t.Context(), execute(`ANALYZE`))
	require.NoError(t, err)
	require.NoError(t, e.Close())
	checkPlans(t, openEngineAt(t, e.source.path, nil), queries, "with statistics")
}

type purgeCase struct {
	scan backend.PurgeScan
	by   string // what leads to the messages
}

func purgeScans() map[string]purgeCase {
	room, author, to := storage.RoomID{1}, storage.UserID{1}, time.Unix(1, 0)
	scan := func(q storage.PurgeQuery) backend.PurgeScan {
		return backend.PurgeScan{PurgeQuery: q, First: -1, Now: to, Limit: 11}
	}
	return map[string]purgeCase{
		"expired":           {scan(storage.PurgeQuery{Expired: true, Author: author}), "messages_by_expiry (expires_at<?)"},
		"expired in a room": {scan(storage.PurgeQuery{Expired: true, Room: room}), "messages_by_expiry_in_room (<expr>=? AND expires_at<?)"},
		"room":              {scan(storage.PurgeQuery{Room: room, To: to}), "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"},
		"author":            {scan(storage.PurgeQuery{Author: author, To: to}), "messages_by_author (author_key=?)"},
		"author in a room":  {scan(storage.PurgeQuery{Author: author, Room: room}), "messages_by_author (author_key=? AND rowid>? AND rowid<?)"},
		"time":              {scan(storage.PurgeQuery{To: to, KeepPinned: true}), "messages_by_time (created_at<?)"},
		"tombstones":        {scan(storage.PurgeQuery{Tombstones: true, Room: room}), "messages_by_deletion (key>? AND key<?)"},
	}
}

func purgeSQL(t *testing.T, s backend.PurgeScan) string {
	t.Helper()
	sql, _, err := purgeList(s, 1, 0).ToSql()
	require.NoError(t, err)
	return sql
}

// What is purged is found by what is rarest.
func TestPlanOfPurges(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for name, c := range purgeScans() {
		assert.Contains(t, strings.Join(plan(t, e, purgeSQL(t, c.scan)), "\n"), c.by, name)
	}
	all := purgeSQL(t, backend.PurgeScan{PurgeQuery: storage.PurgeQuery{Tombstones: true}})
	assert.Contains(t, plan(t, e, all)[0], "SCAN m USING INDEX messages_by_deletion")
}

// A marker is one seek; each receipt of a message is three.
func TestPlanOfMarkers(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	own := "SEARCH o USING COVERING INDEX messages_by_author (author_key=? AND rowid>? AND rowid<?)"
	for _, sql := range []string{senderSQL, markerSQL, membershipSQL, inboxEntrySQL} {
		assert.Contains(t, plan(t, e, sql), own)
	}
	for _, sql := range []string{firstReceiptsSQL, lastReceiptsSQL, hasReceiptSQL} {
		steps := plan(t, e, sql)
		assert.Contains(t, steps, "SEARCH x USING PRIMARY KEY (room_key=? AND user_key=? AND to_seq>?)")
		assert.Contains(t, steps, "SEARCH o USING INDEX messages_by_author (author_key=? AND rowid>? AND rowid<?)")
		assert.Contains(t, steps, "SEARCH s USING PRIMARY KEY (key=? AND user_key=?)")
	}
}

// No statement is prepared again because the file was analysed, whatever is
// bound to it.
func TestHotStatementsSurviveAnalyze(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	populate(t, e, 200)
	for _, sql := range []string{`ANALYZE`, `PRAGMA optimize`} {
		_, err := e.Update(t.Context(), execute(sql))
		require.NoError(t, err)
	}
	require.NoError(t, e.Close())
	e = openEngineAt(t, e.source.path, nil)
	queries := maps.Clone(hotQueries)
	maps.Copy(queries, readingQueries)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		c := r.(*rows).c
		for name, sql := range queries {
			for i := range int64(5) {
				require.NoError(t, execBound(c, sql, i), name)
			}
			assert.Zero(t, c.stmts[sql].st.Status(sqlite3.STMTSTATUS_REPREPARE, false), name)
		}
		return nil
	})
	require.NoError(t, err)
}

// execBound runs a statement with numbers and identifiers of nobody, and undoes
// what it did.
func execBound(c *conn, sql string, i int64) error {
	if err := c.exec(`SAVEPOINT bound`, nil); err != nil {
		return err
	}
	err := c.exec(sql, func(a *args) {
		for n := range a.s.st.BindCount() {
			if (int64(n)+i)%2 == 0 {
				a.int(1<<33 + i)
			} else {
				a.id([16]byte{1, byte(i)})
			}
		}
	})
	if err := c.exec(`ROLLBACK TO bound`, nil); err != nil {
		return err
	}
	if isCode(err, sqlite3.CONSTRAINT) || isCode(err, sqlite3.MISMATCH) {
		err = nil
	}
	return err
}
