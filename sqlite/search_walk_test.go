package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// crossed is a store in whose messages words, rooms and authors meet seldom.
type crossed struct {
	*backend.Store
	t       *testing.T
	e       *engine
	rooms   [4]storage.Room // the last two are empty
	authors [2]storage.User
}

func newCrossed(t *testing.T) *crossed {
	t.Helper()
	e := openEngine(t, nil)
	c := &crossed{Store: backend.New(e, storage.Options{}), t: t, e: e}
	for i := range c.authors {
		c.authors[i] = storage.User{Username: fmt.Sprint("user", i)}
		require.NoError(t, c.CreateUser(t.Context(), &c.authors[i]))
	}
	for i := range c.rooms {
		c.rooms[i] = storage.Room{Name: fmt.Sprint("room", i), CreatorID: c.authors[i%2].ID}
		require.NoError(t, c.CreateRoom(t.Context(), &c.rooms[i]))
	}
	var ms []*storage.Message
	for i := range 600 {
		m := &storage.Message{RoomID: c.rooms[0].ID, AuthorID: c.authors[0].ID, Body: "foo baz bar"}
		switch {
		case i%2 == 1:
			m.RoomID, m.AuthorID, m.Body = c.rooms[1].ID, c.authors[1].ID, "bar baz qux"
		case i%180 == 30:
			m.RoomID, m.AuthorID, m.Body = c.rooms[1].ID, c.authors[1].ID, "foo bar qux"
		case i%180 == 60:
			m.Body, m.Tags = "foo C++", []string{"to do"}
		}
		ms = append(ms, m)
	}
	_, err := c.CreateMessages(t.Context(), ms)
	require.NoError(t, err)
	return c
}

// queries are those whose lists are long and have little in common.
func (c *crossed) queries() map[string]storage.SearchQuery {
	far := c.rooms[1]
	return map[string]storage.SearchQuery{
		"a reader's room":            {Text: "foo", Reader: c.authors[1].ID},
		"a room":                     {Text: "foo", Rooms: []storage.RoomID{far.ID}},
		"two rooms":                  {Text: "foo qux", Rooms: []storage.RoomID{c.rooms[0].ID, far.ID}},
		"empty rooms":                {Text: "foo", Rooms: []storage.RoomID{c.rooms[2].ID, c.rooms[3].ID}},
		"an author":                  {Text: "foo", Author: c.authors[1].ID},
		"two words":                  {Text: "foo qux"},
		"a phrase":                   {Text: `"foo bar"`},
		"a phrase that never stands": {Text: `"qux foo"`},
		"a phrase or a word":         {Text: `"bar qux" OR do`},
		"a phrase's beginning":       {Text: `"foo ba*"`},
		"a whole":                    {Text: `"foo c++"`},
		"an exclusion":               {Text: "foo -baz"},
		"itself excluded":            {Text: "foo -foo"},
		"a phrase excluded":          {Text: `foo -"baz bar"`},
		"phrases and more excluded":  {Text: `foo bar -"qux foo" -baz`},
		"a tag":                      {Text: "foo", Tags: []string{"to do"}},
	}
}

// hurry makes time pass for searches: they stop at each mark.
func (c *crossed) hurry(late bool) {
	c.e.shared.stopwatch = func() func() time.Duration {
		return func() time.Duration {
			if late {
				return maxSearchTime
			}
			return 0
		}
	}
}

// walk goes through a search's pages, and back again from the last that leads
// back, and counts them.
func (c *crossed) walk(q storage.SearchQuery) (there, back []string, pages int) {
	c.t.Helper()
	var last storage.Cursor
	for more := true; more; pages++ {
		require.Less(c.t, pages, 700, "pages of a walk")
		found, err := c.SearchMessages(c.t.Context(), q)
		require.NoError(c.t, err)
		for _, match := range found.Items {
			there = append(there, match.Message.ID.String())
		}
		if found.Prev != "" || len(found.Items) > 0 {
			last = q.Cursor
		}
		q.Cursor, more = found.Next, found.Next != ""
	}
	for q.Cursor = last; ; {
		found, err := c.SearchMessages(c.t.Context(), q)
		require.NoError(c.t, err)
		for _, match := range slices.Backward(found.Items) {
			back = append(back, match.Message.ID.String())
		}
		if q.Cursor = found.Prev; q.Cursor == "" {
			slices.Reverse(back)
			return there, back, pages
		}
	}
}

// A search whose time is over ends at the next mark, wherever its lists meet, and
// leads on to all that one finds which takes its time.
func TestSearchStopsAtMarks(t *testing.T) {
	t.Parallel()
	c := newCrossed(t)
	for name, q := range c.queries() {
		for _, q.Order = range []storage.MessageOrder{storage.NewestFirst, storage.OldestFirst} {
			c.hurry(false)
			q.Limit = storage.MaxLimit
			want, _, pages := c.walk(q)
			require.Equal(t, 1, pages, "%s: pages of a search that takes its time", name)
			c.hurry(true)
			q.Limit = 2
			there, back, pages := c.walk(q)
			assert.Equal(t, want, there, "%s, %s", name, q.Order)
			assert.Equal(t, want, back, "%s, %s, backwards", name, q.Order)
			assert.Greater(t, pages, len(want)/2+10, "%s: pages, most of them empty", name)
			q.WithTotal = true
			found, err := c.SearchMessages(t.Context(), q)
			require.NoError(t, err)
			assert.Equal(t, len(want), found.Total, "%s: total", name)
		}
		q.Order, q.WithTotal, q.Limit = storage.MostRelevant, false, storage.MaxLimit
		c.hurry(false)
		want, _, _ := c.walk(q)
		c.hurry(true)
		got, _, pages := c.walk(q)
		assert.Equal(t, want, got, "%s, by relevance", name)
		assert.Equal(t, 1, pages, "%s: pages by relevance", name)
	}
}

// However long its lists are, a search whose time is over reads little of them: it
// reaches a mark in less than FTS5 takes to find that nothing is in all of them.
// Nothing but the pages that are read tells how far a step has gone.
func TestSearchReadsLittleToAMark(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		for doc := range int64(40_000) {
			text := "foo baz bar"
			if doc%2 == 1 {
				text = "bar baz qux"
			}
			if err := r.(*rows).index(entry{doc: doc + 1, room: 1 + doc%2, author: 1 + doc%2, text: text}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	for _, text := range []string{"foo qux", `"foo qux"`, `"foo qux" OR "qux foo"`, "foo -bar", `foo -"foo qux" -bar`} {
		for _, desc := range []bool{false, true} {
			toMark := pagesRead(t, e, text, desc, (*finder).walkIndex)
			whole := pagesRead(t, e, text, desc, func(f *finder, ctx context.Context) error {
				if desc {
					return f.read(ctx, answering(t, e).table().newest, formExact)
				}
				return f.read(ctx, answering(t, e).table().oldest, formExact)
			})
			assert.Less(t, toMark, whole/2, "pages read to a mark, %s, descending %t", text, desc)
		}
	}
}

// pagesRead returns how many pages a walk reads for a search whose time is over.
func pagesRead(t *testing.T, e *engine, text string, desc bool, walk func(*finder, context.Context) error) (pages int) {
	t.Helper()
	query, err := search.Parse(text)
	require.NoError(t, err)
	require.NoError(t, e.Snapshot(t.Context(), func(r backend.Rows) error {
		rows := r.(*rows)
		f := &finder{r: rows, s: backend.SearchScan{Query: query, Limit: 10, Desc: desc}}
		f.elapsed = func() time.Duration { return maxSearchTime }
		before := hits(t, rows.c)
		if err := walk(f, t.Context()); err != nil {
			require.Equal(t, errEnough, err)
		}
		require.Empty(t, f.positions)
		pages = hits(t, rows.c) - before
		return nil
	}))
	return pages
}

// hits returns how many pages a connection has asked its cache for so far.
func hits(t *testing.T, c *conn) int {
	t.Helper()
	found, _, err := c.db.Status(sqlite3.DBSTATUS_CACHE_HIT, false)
	require.NoError(t, err)
	missed, _, err := c.db.Status(sqlite3.DBSTATUS_CACHE_MISS, false)
	require.NoError(t, err)
	return int(found + missed)
}

// What the clock says does not matter before the first mark.
func TestSearchOfFewIgnoresTheClock(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 0)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		for range markEvery - 1 {
			m := storage.Message{ID: d.id(), RoomID: d.someRoom(), Type: storage.MessageText, Body: "foo bar", CreatedAt: d.now, Version: 1}
			if err := r.InsertMessage(t.Context(), &backend.MessageRow{Message: m, Text: "foo bar"}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	e.shared.stopwatch = func() func() time.Duration {
		return func() time.Duration { return maxSearchTime }
	}
	query, err := search.Parse(`"foo bar"`)
	require.NoError(t, err)
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		hits, resume, err := r.SearchMessages(t.Context(), backend.SearchScan{Query: query, Limit: 100, Now: d.now})
		assert.Len(t, hits, int(markEvery)-1)
		assert.Zero(t, resume)
		return err
	}))
}

// On the writer's connection nothing interrupts a step. A search that finds
// nothing, even one that is to walk to the end, looks at its context at marks.
func TestSearchOfNothingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	c := newCrossed(t)
	for name, q := range c.queries() {
		query, err := search.Parse(q.Text)
		require.NoError(t, err)
		_, err = c.e.Update(t.Context(), func(r backend.Rows) error {
			s := backend.SearchScan{
				Query: query, Limit: 1000, Whole: true, Reader: q.Reader, Rooms: q.Rooms, Author: q.Author, Tags: q.Tags,
			}
			hits, resume, err := r.SearchMessages(&dying{Context: t.Context()}, s)
			assert.ErrorIs(t, err, context.Canceled, name)
			assert.Empty(t, hits, name)
			assert.Zero(t, resume, name)
			return errTaken
		})
		require.ErrorIs(t, err, errTaken, name)
	}
}

// Of an index that has no marks a search finds the same, and of one of another
// version.
func TestSearchWithoutMarks(t *testing.T) {
	t.Parallel()
	c := newCrossed(t)
	want := make(map[string][]string)
	for name, q := range c.queries() {
		q.Limit = storage.MaxLimit
		want[name], _, _ = c.walk(q)
	}
	_, err := c.e.Update(t.Context(), func(r backend.Rows) error { return unmark(r.(*rows)) })
	require.NoError(t, err)
	c.hurry(true)
	for _, outdated := range []bool{false, true} {
		if outdated {
			outdate(c.e)
		}
		for name, q := range c.queries() {
			q.Limit = storage.MaxLimit
			got, _, _ := c.walk(q)
			assert.Equal(t, want[name], got, "%s, outdated %t", name, outdated)
		}
	}
}

// unmark takes all marks out of the index.
func unmark(r *rows) error {
	all, err := r.writeIndexes()
	if err != nil {
		return err
	}
	var marks []entry
	bind := func(a *args) {
		a.int(0)
		a.int(1000)
	}
	err = r.c.query(entriesToIndexSQL, bind, func(row *row) error {
		key := row.int()
		e := entry{doc: row.int(), room: key >> 32, author: row.int()}
		m, err := r.said(row, key)
		if e.text = backend.SearchText(&m); isMark(e.doc) {
			marks = append(marks, e)
		}
		return err
	})
	for _, e := range marks {
		err = errors.Join(err, r.removeEntry(all[0], e), r.c.exec(all[0].table().insert, func(a *args) {
			a.int(e.rowid())
			a.text(strings.TrimSuffix(e.tokens(), " "+markToken))
		}))
	}
	return err
}
