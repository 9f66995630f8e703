package sqlite

import (
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// hotQueries are what users wait for, or what every message costs.
var hotQueries = map[string]string{
	"user by ID":            userByIDSQL,
	"user by username":      userByUsernameSQL,
	"user by email":         userByEmailSQL,
	"user by external ID":   userByExternalIDSQL,
	"key of a user":         userKeySQL,
	"user of a key":         userIDSQL,
	"room by ID":            roomByIDSQL,
	"room by name":          roomByNameSQL,
	"state of a room":       roomStateSQL,
	"membership":            membershipSQL,
	"is member":             isMemberSQL,
	"count of members":      memberCountSQL,
	"rooms of a user":       roomsOfUserSQL,
	"hidden histories":      hiddenUpToSQL,
	"message by ID":         messageByIDSQL,
	"message by nonce":      messageByNonceSQL,
	"place of a message":    placeOfMessageSQL,
	"place of a purged":     placeOfPurgedSQL,
	"newest":                newestSQL,
	"oldest":                oldestSQL,
	"newest with deleted":   newestWithDeletedSQL,
	"oldest with deleted":   oldestWithDeletedSQL,
	"newest pinned":         newestPinnedSQL,
	"oldest pinned":         oldestPinnedSQL,
	"pin":                   pinMessageSQL,
	"revision":              revisionSQL,
	"newest revisions":      newestRevisionsSQL,
	"oldest revisions":      oldestRevisionsSQL,
	"end of revisions":      dependentSQL[0],
	"reaction":              hasReactionSQL,
	"counts of reactions":   talliesSQL,
	"new counts":            setTalliesSQL,
	"first reaction":        firstReactionSQL,
	"removal of a reaction": deleteReactionSQL,
	"end of reactions":      dependentSQL[1],
	"mine of a page":        mineBetweenSQL,

	"root of a thread":        rootOfThreadSQL,
	"root with deleted":       rootOfThreadWithDeletedSQL,
	"newest replies":          newestRepliesSQL,
	"oldest replies":          oldestRepliesSQL,
	"newest replies of all":   newestRepliesWithDeletedSQL,
	"oldest replies of all":   oldestRepliesWithDeletedSQL,
	"root":                    rootSQL,
	"purged root":             purgedRootSQL,
	"mark of a root":          markRepliedSQL,
	"replies of an author":    repliesSQL,
	"last reply of an author": lastReplySQL,
	"new count of replies":    setRepliesSQL,
	"end of an author":        deleteRepliesSQL,
	"threads of a page":       threadsBetweenSQL,
	"end of threads":          deleteThreadsSQL,
	"removal of a tag":        deleteTagSQL,

	"attachment":              attachmentSQL,
	"attachments of a page":   attachmentsBetweenSQL,
	"attaching":               attachSQL,
	"end of attaching":        detachSQL,
	"end of carriers":         forgetCarriersSQL,
	"file":                    fileSQL,
	"files of a message":      filesOfMessageSQL,
	"end of a file":           deleteFileSQL,
	"one file less":           carryLessSQL,
	"end of files of a room":  forgetFilesSQL,
	"use of a blob":           hasBlobSQL,
	"unattached files":        unattachedFilesSQL,
	"files of a deleted room": keepFilesSQL,
	"count of a room":         countOfRoomSQL,
	"last document":           lastDocSQL,
	"counters":                updateCountersSQL,
	"message to change":       messagePlaceSQL,
	"message by document":     messageByDocSQL,
	"history of a room":       messagesOfRoomSQL + "\nORDER BY m.key DESC",
	"remains of a room":       remainsSQL,
	"words of a user":         userWordsSQL,
	"words of a room":         roomWordsSQL,
	"end of a mention":        deleteMentionSQL,
	"end of a chunk":          forgetChunkSQL,

	"head of changes":         changeHeadSQL,
	"changes":                 changesSQL,
	"oldest changes":          oldestChangesSQL,
	"pruning of changes":      pruneChangesSQL,
	"pruning of stays":        pruneStaysSQL,
	"end of a stay":           endStaySQL,
	"end of stays of a user":  endStaysOfUserSQL,
	"end of stays in a room":  endStaysInRoomSQL,
	"stays":                   staysSQL,
	"stayed together":         stayedTogetherSQL,
	"history of a room shown": historyHiddenSQL,
	"pruned":                  prunedSQL,
	"pruned deletions":        prunedDeletionsSQL,
	"forgetting of what is":   forgetPrunedSQL,
	"consumer":                consumerSQL,
	"emoji of a message":      forgetEmojiSQL,
}

// listQueries are lists that are built.
func listQueries() map[string]list {
	page := backend.Scan{Limit: 51, After: &storage.Keyset{Int: 1, Text: "a", ID: [16]byte{1}}}
	down := page
	down.Desc = true
	users := func(o storage.UserOrder, s backend.Scan) list {
		l := from(userColumns, "users AS u")
		l.scan(userOrder(o), s)
		return l
	}
	rooms := func(o storage.RoomOrder, s backend.Scan) list {
		l := from(roomColumns, roomTables)
		l.scan(roomOrder(o), s)
		return l
	}
	messages := func(q storage.MessageQuery, of part) list {
		q.Room = storage.RoomID{1}
		s := backend.MessageScan{MessageQuery: q, Now: time.Unix(1, 0)}
		l := messageList(messageColumns, s, of)
		l.scan(accessTo(s, of).order(), down)
		return l
	}
	files := func(s backend.AttachmentScan) list {
		s.Scan = down
		return attachmentList(s)
	}
	members := membershipsOfRoom("room_memberships AS m")
	members.whereMemberships(backend.MembershipScan{MembershipQuery: storage.MembershipQuery{Room: storage.RoomID{1}}})
	memberships := membershipsOfUser()
	memberships.whereMemberships(backend.MembershipScan{MembershipQuery: storage.MembershipQuery{User: storage.UserID{1}}})
	return map[string]list{
		"users by name":      users(storage.UsersByName, page),
		"users by creation":  users(storage.UsersByCreation, down),
		"users by last seen": users(storage.UsersBySeen, down),
		"rooms by name":      rooms(storage.RoomsByName, page),
		"rooms by creation":  rooms(storage.RoomsByCreation, down),
		"author in a room":   messages(storage.MessageQuery{Author: storage.UserID{1}}, everything),
		"mentions in a room": messages(storage.MessageQuery{Mentioned: storage.UserID{1}, Author: storage.UserID{1}}, everything),
		"tags in a room": messages(
			storage.MessageQuery{Tags: []string{"a", "b"}, Mentioned: storage.UserID{1}, Pinned: true}, everything),
		"root by its author": messages(storage.MessageQuery{Thread: storage.MessageID{1}, Author: storage.UserID{1}}, rootOfThread),
		"replies of one author": messages(
			storage.MessageQuery{Thread: storage.MessageID{1}, Author: storage.UserID{1}, Tags: []string{"a"}}, repliesOfThread),
		"files":                files(backend.AttachmentScan{}),
		"files of a room":      files(backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Room: storage.RoomID{1}}}),
		"files of an uploader": files(backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Uploader: storage.UserID{1}}}),
		"files of a hash":      files(backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Hash: "a"}}),
		"files of a blob":      files(backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Blob: "a"}}),
		"files that wait":      files(backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Unattached: true}}),
		"members of a room":    members,
		"rooms of a member":    memberships,
	}
}

// No hot query reads a whole table or sorts, whatever statistics there are: a
// table with a few rows is as good to scan, until it is not.
func TestPlans(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	queries := maps.Clone(hotQueries)
	for name, l := range listQueries() {
		sql, _, err := l.ToSql()
		require.NoError(t, err)
		queries[name] = sql
	}
	checkPlans(t, e, queries, "of an empty store")
	populate(t, e, 40)
	_, err := e.Update(t.Context(), func(r backend.Rows) error { return r.(*rows).c.exec(`ANALYZE`, nil) })
	require.NoError(t, err)
	require.NoError(t, e.Close())
	checkPlans(t, openEngineAt(t, e.source.path, nil), queries, "with statistics")
}

func checkPlans(t *testing.T, e *engine, queries map[string]string, when string) {
	t.Helper()
	for name, sql := range queries {
		steps := plan(t, e, sql)
		assert.NotEmpty(t, steps, "%s: plan", name)
		for _, step := range steps {
			if step == "SCAN CONSTANT ROW" { // the one of a SELECT without FROM
				continue
			}
			assert.NotContains(t, step, "SCAN", "%s %s: %s\nof%s", name, when, steps, sql)
			assert.NotContains(t, step, "TEMP B-TREE", "%s %s: %s\nof%s", name, when, steps, sql)
		}
	}
}

// populate stores a few users and rooms and some messages.
func populate(t *testing.T, e *engine, messages int) *tester {
	t.Helper()
	d := &tester{t: t, rand: rand.New(rand.NewPCG(5, 5)), m: newModel(), now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for range 5 {
			d.createUser()
			d.createRoom()
		}
		for range messages {
			d.send()
		}
		return nil
	})
	require.NoError(t, err)
	return d
}

// Pages of messages are one range of the table; a page in the order of storing
// comes out of the search index as it is.
func TestPlanOfPages(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for _, sql := range []string{newestSQL, oldestSQL, newestWithDeletedSQL, oldestWithDeletedSQL} {
		assert.Contains(t, strings.Join(plan(t, e, sql), "\n"), "SEARCH m USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)")
	}
	for _, sql := range []string{newestPinnedSQL, oldestPinnedSQL} {
		assert.Contains(t, strings.Join(plan(t, e, sql), "\n"), "SEARCH m USING INDEX messages_by_pin (key>? AND key<?)")
	}
	for _, sql := range []string{newestRepliesSQL, oldestRepliesSQL} {
		assert.Contains(t, strings.Join(plan(t, e, sql), "\n"), "SEARCH m USING INDEX messages_by_root (root_id=? AND rowid>? AND rowid<?)")
	}
	for name, step := range map[string]string{
		"tags in a room":     "SEARCH t USING PRIMARY KEY (tag=? AND key>? AND key<?)",
		"mentions in a room": "SEARCH p USING PRIMARY KEY (user_key=? AND chunk>? AND chunk<?)",
	} {
		sql, _, err := listQueries()[name].ToSql()
		require.NoError(t, err)
		assert.Contains(t, plan(t, e, sql), step)
	}
	author, _, err := listQueries()["author in a room"].ToSql()
	require.NoError(t, err)
	assert.Contains(t, strings.Join(plan(t, e, author), "\n"), "SEARCH m USING INDEX messages_by_author (author_key=? AND rowid>? AND rowid<?)")
	table := answering(t, e).table()
	for _, sql := range []string{table.newest, table.oldest, table.ranked} {
		steps := plan(t, e, sql)
		require.Len(t, steps, 1, "plan of%s", sql)
		assert.Contains(t, steps[0], "VIRTUAL TABLE INDEX")
	}
}

// Reactions to messages from anywhere are looked up one message after the
// other; a list of them follows the order of time and sorts ties alone.
func TestPlanOfReactions(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for sql, step := range map[string]string{
		mineAnywhereSQL:        "SEARCH x USING COVERING INDEX message_reactions_by_user (user_key=? AND key=?)",
		threadsAnywhereSQL:     "SEARCH t USING PRIMARY KEY (root_key=?)",
		attachmentsAnywhereSQL: "SEARCH f USING INDEX file_attachments_by_message (message_key=?)",
	} {
		anywhere := plan(t, e, sql)
		assert.Contains(t, anywhere[0], "SCAN j VIRTUAL TABLE")
		assert.Contains(t, anywhere[1], "SEARCH m USING COVERING INDEX messages_by_id (id=?)")
		assert.Equal(t, step, anywhere[2])
	}
	for _, desc := range []bool{false, true} {
		for _, after := range []*storage.Keyset{nil, {Int: 1, ID: [16]byte{1}, Text: "x"}} {
			sql, _, err := reactionList(backend.ReactionScan{Emoji: "x", Scan: backend.Scan{Desc: desc, After: after, Limit: 9}}).ToSql()
			require.NoError(t, err)
			steps := strings.Join(plan(t, e, sql), "\n")
			assert.Contains(t, steps, "SEARCH x USING COVERING INDEX message_reactions_by_time (key=?")
			assert.NotContains(t, steps, "USE TEMP B-TREE FOR ORDER BY")
		}
	}
}

// What the search index is made of and kept by is looked up by keys.
func TestPlanOfIndexing(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for sql, step := range map[string]string{
		entriesToIndexSQL: "SEARCH m USING INDEX messages_by_doc (doc>?)",
		usersToIndexSQL:   "SEARCH users USING INTEGER PRIMARY KEY (rowid>?)",
		roomsToIndexSQL:   "SEARCH rooms USING INTEGER PRIMARY KEY (rowid>?)",
		fileNamesSQL:      "SEARCH file_attachments USING INDEX file_attachments_by_message (message_key=?)",
		deadEntrySQL:      "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)",
	} {
		steps := strings.Join(plan(t, e, sql), "\n")
		assert.Contains(t, steps, step)
		assert.NotContains(t, steps, "USE TEMP B-TREE")
	}
}

// plan returns the steps of a query's plan.
func plan(t *testing.T, e *engine, sql string) (steps []string) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.query("EXPLAIN QUERY PLAN "+sql, nil, func(row *row) error {
			row.int()
			row.int()
			row.int()
			steps = append(steps, row.text())
			return nil
		})
	}))
	return steps
}
