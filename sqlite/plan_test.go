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
	"message by ID":         messageByIDSQL,
	"message by nonce":      messageByNonceSQL,
	"place of a message":    messageSeqSQL,
	"place of a purged":     purgedSeqSQL,
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
	"reactions to a page":   reactionsBetweenSQL,
	"reaction":              hasReactionSQL,
	"emoji":                 hasEmojiSQL,
	"count of emoji":        countEmojiSQL,
	"removal of a reaction": deleteReactionSQL,
	"end of reactions":      dependentSQL[1],
	"reactions of a user":   deleteUserSQL[3],
	"count of a room":       countOfRoomSQL,
	"last document":         lastDocSQL,
	"counters":              updateCountersSQL,
	"message to change":     messagePlaceSQL,
	"message by document":   messageByDocSQL,
	"history of a room":     messagesOfRoomSQL + "\nORDER BY m.key DESC",
	"remains of a room":     remainsSQL,
	"words of a user":       userWordsSQL,
	"words of a room":       roomWordsSQL,
	"deletion of a user":    deleteUserSQL[len(deleteUserSQL)-1],
	"deletion of a room":    deleteRoomSQL[3],
	"deletion of mentions":  deleteUserSQL[2],
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
	authorInRoom := from(messageColumns, "rooms AS r CROSS JOIN messages AS m")
	authorInRoom.whereMessages(backend.MessageScan{
		MessageQuery: storage.MessageQuery{Room: storage.RoomID{1}, Author: storage.UserID{1}}, Now: time.Unix(1, 0),
	})
	authorInRoom.scan(order{column: "m.key"}, down)
	members := membershipsOfRoom()
	members.whereMemberships(backend.MembershipScan{MembershipQuery: storage.MembershipQuery{Room: storage.RoomID{1}}})
	memberships := membershipsOfUser()
	memberships.whereMemberships(backend.MembershipScan{MembershipQuery: storage.MembershipQuery{User: storage.UserID{1}}})
	return map[string]list{
		"users by name":      users(storage.UsersByName, page),
		"users by creation":  users(storage.UsersByCreation, down),
		"users by last seen": users(storage.UsersBySeen, down),
		"rooms by name":      rooms(storage.RoomsByName, page),
		"rooms by creation":  rooms(storage.RoomsByCreation, down),
		"author in a room":   authorInRoom,
		"members of a room":  members,
		"rooms of a member":  memberships,
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
	author, _, err := listQueries()["author in a room"].ToSql()
	require.NoError(t, err)
	assert.Contains(t, strings.Join(plan(t, e, author), "\n"), "SEARCH m USING INDEX messages_by_author (author_key=? AND rowid>? AND rowid<?)")
	for _, sql := range []string{matchNewestSQL, matchOldestSQL} {
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
	anywhere := plan(t, e, reactionsAnywhereSQL)
	assert.Contains(t, anywhere[0], "SCAN j VIRTUAL TABLE")
	assert.Contains(t, anywhere[1], "SEARCH m USING COVERING INDEX messages_by_id (id=?)")
	assert.Regexp(t, `^SEARCH x USING .*\(key=\?\)$`, anywhere[2])
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
