package sqlite_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3/driver"
	"github.com/ncruces/go-sqlite3/ext/fts5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// crashSample is how many messages are looked up one by one.
const crashSample = 12

// check opens the file and requires that it holds what it must.
func (c *crash) check() {
	c.t.Helper()
	s := c.open()
	var all []storage.Message
	for _, id := range c.rooms {
		all = append(all, c.checkRoom(s, id)...)
	}
	c.checkAcknowledged(all)
	c.checkBatches(all)
	c.checkSearch(s, all)
	c.checkChanges(s, all)
	c.checkStats(s, all)
	for range min(crashSample, len(all)) {
		m := all[c.rng.IntN(len(all))]
		c.checkWords(s, m)
		c.checkNonce(s, m)
	}
	checkFile(c.t, c.path)
	require.NoError(c.t, s.Close())
}

// checkRoom requires that a room's numbers are those of its messages, which it
// returns in the order of Seq.
func (c *crash) checkRoom(s *sqlite.Store, id storage.RoomID) []storage.Message {
	c.t.Helper()
	room, err := s.Room(c.t.Context(), id)
	require.NoError(c.t, err)
	var all []storage.Message
	var live int64
	var last time.Time
	q := storage.MessageQuery{Room: id, WithDeleted: true, Order: storage.OldestFirst, Limit: storage.MaxLimit}
	for m, err := range storage.All(c.t.Context(), s.Messages, q) {
		require.NoError(c.t, err)
		require.Equal(c.t, int64(len(all)+1), m.Seq, "Seq in room %s", room.Name)
		require.Equal(c.t, said(stageOf(m), m.Nonce), m.Body, "body of message %s", m.ID)
		if !m.Deleted() {
			live++
		}
		if m.CreatedAt.After(last) {
			last = m.CreatedAt
		}
		all = append(all, m)
	}
	assert.Equal(c.t, int64(len(all)), room.LastSeq, "LastSeq of room %s", room.Name)
	assert.Equal(c.t, live, room.MessageCount, "MessageCount of room %s", room.Name)
	assert.Equal(c.t, last, room.LastMessageAt, "LastMessageAt of room %s", room.Name)

	count, err := s.CountMessages(c.t.Context(), storage.MessageQuery{Room: id})
	require.NoError(c.t, err)
	assert.Equal(c.t, live, count, "CountMessages of room %s", room.Name)
	return all
}

// checkStats requires that what is counted is what is there, however far the
// counts were folded.
func (c *crash) checkStats(s *sqlite.Store, all []storage.Message) {
	c.t.Helper()
	rooms, users, days := map[storage.RoomID]int64{}, map[storage.UserID]int64{}, map[time.Time]map[storage.UserID]bool{}
	total := int64(0)
	for _, m := range all {
		if m.Deleted() {
			continue
		}
		total++
		rooms[m.RoomID]++
		users[m.AuthorID]++
		day := m.CreatedAt.Truncate(24 * time.Hour)
		if days[day] == nil {
			days[day] = map[storage.UserID]bool{}
		}
		days[day][m.AuthorID] = true
	}
	delete(users, storage.UserID{})
	stats, err := s.MessageStats(c.t.Context(), storage.StatsQuery{Top: storage.MaxTop})
	require.NoError(c.t, err)
	assert.Equal(c.t, total, stats.Total, "messages of all time")
	assert.Equal(c.t, int64(len(users)), stats.Authors, "authors")
	for _, r := range stats.MostActiveRooms {
		assert.Equal(c.t, rooms[r.RoomID], r.Count, "messages of room %s", r.RoomID)
	}
	for _, u := range stats.MostActiveUsers {
		assert.Equal(c.t, users[u.UserID], u.Count, "messages of user %s", u.UserID)
	}
	for day, authors := range days {
		buckets, err := s.Activity(c.t.Context(), storage.ActivityQuery{From: day, To: day.Add(time.Second)})
		require.NoError(c.t, err)
		delete(authors, storage.UserID{})
		assert.Equal(c.t, int64(len(authors)), buckets[0].Authors, "authors of %s", day)
	}
}

// checkAcknowledged requires that every message is there, and at least as far
// as it was acknowledged to be. What is found has been stored, and must still
// be found after the next crash.
func (c *crash) checkAcknowledged(all []storage.Message) {
	c.t.Helper()
	found := make(map[storage.MessageID]stage, len(all))
	for _, m := range all {
		found[m.ID] = stageOf(m)
	}
	require.Len(c.t, found, len(all), "messages with the same ID")
	for id, at := range c.acked {
		now, ok := found[id]
		require.True(c.t, ok, "message %s is lost", id)
		require.GreaterOrEqual(c.t, now, at, "stage of message %s", id)
	}
	c.acked = found
}

// checkBatches requires that what was stored in one transaction is there whole
// or not at all.
func (c *crash) checkBatches(all []storage.Message) {
	c.t.Helper()
	places := map[string][]string{}
	for _, m := range all {
		parts := strings.Split(m.Nonce, "/")
		require.Len(c.t, parts, 3, "nonce of message %s", m.ID)
		batch := parts[0] + "/" + parts[2]
		places[batch] = append(places[batch], parts[1])
	}
	for batch, at := range places {
		_, size, _ := strings.Cut(batch, "/")
		slices.Sort(at)
		require.Equal(c.t, size, strconv.Itoa(len(slices.Compact(at))), "messages of batch %s", batch)
	}
}

// checkSearch requires that a word that all messages have finds each of them
// once.
func (c *crash) checkSearch(s *sqlite.Store, all []storage.Message) {
	c.t.Helper()
	missing := map[storage.MessageID]bool{}
	for _, m := range all {
		if !m.Deleted() {
			missing[m.ID] = true
		}
	}
	q := storage.SearchQuery{Text: "common", Limit: 300}
	for {
		page, err := s.SearchMessages(c.t.Context(), q)
		require.NoError(c.t, err)
		for _, match := range page.Items {
			id := match.Message.ID
			require.True(c.t, missing[id], "message %s is found twice, or should not be", id)
			delete(missing, id)
		}
		if page.Next == "" {
			break
		}
		q = q.WithCursor(page.Next)
	}
	require.Empty(c.t, missing, "messages that are not found")
}

// checkWords requires that a message is found by the words of what it says
// now, and by nothing that it said before.
func (c *crash) checkWords(s *sqlite.Store, m storage.Message) {
	c.t.Helper()
	for _, at := range []stage{stageSent, stageEdited} {
		found, err := s.SearchMessages(c.t.Context(), storage.SearchQuery{Text: ownWord(at, m.Nonce)})
		require.NoError(c.t, err)
		if at != stageOf(m) {
			require.Empty(c.t, found.Items, "%s is not in message %s", ownWord(at, m.Nonce), m.ID)
			continue
		}
		require.Len(c.t, found.Items, 1, "%s is in message %s", ownWord(at, m.Nonce), m.ID)
		require.Equal(c.t, m, found.Items[0].Message)
	}
}

// checkNonce requires that a message that is sent again is known.
func (c *crash) checkNonce(s *sqlite.Store, m storage.Message) {
	c.t.Helper()
	again := storage.Message{RoomID: m.RoomID, AuthorID: m.AuthorID, Nonce: m.Nonce, Body: said(stageSent, m.Nonce)}
	created, err := s.CreateMessage(c.t.Context(), &again)
	require.NoError(c.t, err)
	require.False(c.t, created, "message %s was stored again", m.ID)
	require.Equal(c.t, m, again)
}

// checkFile asks SQLite whether the file is sound.
func checkFile(t *testing.T, path string) {
	t.Helper()
	db, err := driver.Open("file:"+path, fts5.Register)
	require.NoError(t, err)
	defer db.Close()
	require.Equal(t, []string{"ok"}, lines(t, db, "PRAGMA integrity_check"))
	require.Empty(t, lines(t, db, "PRAGMA foreign_key_check"))
}

// lines returns the rows that a statement gives, their columns side by side.
func lines(t *testing.T, db *sql.DB, query string) (all []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	require.NoError(t, err)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	values := make([]any, len(columns))
	for i := range values {
		values[i] = new(sql.NullString)
	}
	for rows.Next() {
		require.NoError(t, rows.Scan(values...))
		var line []string
		for _, v := range values {
			line = append(line, fmt.Sprint(v.(*sql.NullString).String))
		}
		all = append(all, strings.Join(line, " "))
	}
	require.NoError(t, rows.Err())
	return all
}
