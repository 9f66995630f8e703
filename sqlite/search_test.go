package sqlite

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// queries that the index and the matcher must agree on.
func queries(t *testing.T) map[string]search.Query {
	t.Helper()
	term := func(prefix bool, tokens ...string) search.Term { return search.Term{Tokens: tokens, Prefix: prefix} }
	clause := func(exclude bool, any ...search.Term) search.Clause { return search.Clause{Any: any, Exclude: exclude} }
	out := map[string]search.Query{
		"a phrase":          {Clauses: []search.Clause{clause(false, term(false, "apple", "plum"))}},
		"a prefix":          {Clauses: []search.Clause{clause(false, term(true, "ch"))}},
		"a phrase's prefix": {Clauses: []search.Clause{clause(false, term(true, "apple", "p"))}},
		"an alternative":    {Clauses: []search.Clause{clause(false, term(false, "apple"), term(false, "上海"))}},
		"a whole":           {Clauses: []search.Clause{clause(false, search.Term{Tokens: []string{"apple", "p"}, Prefix: true, Wholes: []string{"plum", "elan"}})}},
		"without a whole":   {Clauses: []search.Clause{clause(false, term(false, "apple")), clause(true, search.Term{Tokens: []string{"plum"}, Wholes: []string{"cherry"}})}},
		"without":           {Clauses: []search.Clause{clause(false, term(false, "apple")), clause(true, term(false, "plum"), term(false, "cherry"))}},
	}
	for _, typed := range []string{"apple", "apple plum", "don't", "3,14", "上", "上海", "ELAN", "and", "r1",
		`"apple plum"`, "ch* OR 上海 -plum", `apple -"apple plum"`} {
		query, err := search.Parse(typed)
		require.NoError(t, err)
		out[typed] = query
	}
	return out
}

// Whether a search reads a room's history or the index, it finds the same.
func TestSearchPathsAgree(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 300)
	now := d.now.Add(time.Hour)
	for name, query := range queries(t) {
		for key := int64(1); key <= 5; key++ {
			for _, desc := range []bool{false, true} {
				s := backend.SearchScan{Query: query, Limit: 7, Desc: desc, Now: now}
				index := positions(t, e, s, key, func(f *finder) error { return f.walkIndex(t.Context()) })
				room := positions(t, e, s, key, func(f *finder) error { return f.walkRoom(t.Context(), key, f.rooms[key]) })
				assert.Equal(t, room, index, "%s in room %d, descending %t", name, key, desc)
			}
		}
	}
}

// positions walks through all pages of a search in one room.
func positions(t *testing.T, e *engine, s backend.SearchScan, room int64, walk func(*finder) error) (all []int64) {
	t.Helper()
	for more := true; more; {
		require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
			f := &finder{r: r.(*rows), s: s}
			f.rooms = map[int64]storage.RoomID{room: {1}}
			if err := walk(f); err != nil {
				require.Equal(t, errEnough, err)
			}
			more = len(f.positions) == s.Limit
			all = append(all, f.positions...)
			return nil
		}))
		if more {
			s.After = all[len(all)-1]
		}
	}
	require.True(t, slices.IsSorted(all) || s.Desc, "positions in order")
	return all
}

// A place in the order of storing is never dealt again, not even that of the
// last message of a room that is gone.
func TestPositionsOfDeletedRooms(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 20)
	last := number(t, e, "SELECT max(doc) FROM messages")
	d.empty(e)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		d.createRoom()
		d.send()
		return nil
	})
	require.NoError(t, err)
	assert.Equal(t, last+1, number(t, e, "SELECT min(doc) FROM messages"), "place of the next message")
}

// What no program of ours can have written is corrupt, not something else.
func TestCorruptRows(t *testing.T) {
	t.Parallel()
	cases := map[string]string{
		"an enumeration":            `UPDATE messages SET type = 99`,
		"an enumeration's overflow": `UPDATE messages SET type = 257`,
		"an identifier":             `UPDATE messages SET parent_id = x'01'`,
		"mentions":                  `UPDATE messages SET mentions = x'010203'`,
		"tags":                      `UPDATE messages SET tags = '{'`,
	}
	for name, sql := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := openEngine(t, nil)
			d := populate(t, e, 1)
			id, _ := pick(d, d.m.messages)
			_, err := e.Update(t.Context(), execute(sql))
			require.NoError(t, err)
			err = e.Read(t.Context(), func(r backend.Rows) error {
				_, err := r.Message(t.Context(), id)
				return err
			})
			require.ErrorIs(t, err, storage.ErrCorrupt)
		})
	}
}

// A walk that has become long ends early and says where to go on.
func TestSearchResumes(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 200)
	query, err := search.Parse("apple")
	require.NoError(t, err)
	s := backend.SearchScan{Query: query, Limit: 1000, Desc: true, Now: d.now}
	want := walkAll(t, e, s, 0)
	require.Greater(t, len(want), 10)
	assert.Equal(t, want, walkAll(t, e, s, maxWalk-3), "positions in walks of three postings")
}

// walkAll searches on and on, each time as if so many postings were behind it.
func walkAll(t *testing.T, e *engine, s backend.SearchScan, walked int) (all []int64) {
	t.Helper()
	for more := true; more; {
		require.NoError(t, e.Snapshot(t.Context(), func(r backend.Rows) error {
			f := &finder{r: r.(*rows), s: s, names: make(map[int64]storage.RoomID), walked: walked}
			if err := f.walkIndex(t.Context()); err != nil {
				require.Equal(t, errEnough, err)
			}
			hits, resume, err := f.hits()
			for _, hit := range hits {
				all = append(all, hit.Position)
			}
			s.After, more = resume, resume != 0
			return err
		}))
	}
	return all
}

// dying is a context that is cancelled after it was asked a few times.
type dying struct {
	context.Context
	asked int
}

func (d *dying) Err() error {
	if d.asked++; d.asked > 3 {
		return context.Canceled
	}
	return nil
}

// A walk ends with its context, on the writer's connection too, where nothing
// interrupts it, and the transaction goes on.
func TestSearchEndsWithItsContext(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	populate(t, e, 10)
	query, err := search.Parse("needle")
	require.NoError(t, err)
	_, err = e.Update(t.Context(), func(r backend.Rows) error {
		for i := range int64(10 * checkEvery) {
			require.NoError(t, r.(*rows).index(entry{doc: 1000 + i, room: 1, text: "needle"}))
		}
		s := backend.SearchScan{Query: query, Limit: 10, Desc: true, Whole: true}
		_, _, err := r.SearchMessages(&dying{Context: t.Context()}, s)
		assert.ErrorIs(t, err, context.Canceled)
		hits, _, err := r.SearchMessages(t.Context(), s)
		assert.Empty(t, hits)
		return errors.Join(err, put("a")(r))
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"a"}, stored(t, e))
}

// A search whose filter rejects nearly all that matches gives up before long, and
// leads on to what there is.
func TestSearchTiresOfLooking(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 0)
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		for i := range 2 * maxWalk / lookCost {
			m := storage.Message{ID: d.id(), RoomID: d.someRoom(), Type: storage.MessageText, Body: "needle", CreatedAt: d.now, Version: 1}
			if i == 5 {
				m.Type = storage.MessageCode
			}
			if err := r.InsertMessage(t.Context(), &backend.MessageRow{Message: m, Text: "needle"}); err != nil {
				return err
			}
		}
		return nil
	})
	require.NoError(t, err)
	query, err := search.Parse("needle")
	require.NoError(t, err)
	s := backend.SearchScan{Query: query, Limit: 1, Desc: true, Now: d.now, Types: []storage.MessageType{storage.MessageCode}}
	pages := 0
	for {
		var hits []backend.SearchHit
		require.NoError(t, e.Read(t.Context(), func(r backend.Rows) (err error) {
			hits, s.After, err = r.SearchMessages(t.Context(), s)
			return err
		}))
		if pages++; s.After == 0 {
			assert.Len(t, hits, 1)
			break
		}
		require.Empty(t, hits)
		require.Less(t, pages, 10)
	}
	assert.Greater(t, pages, 1, "pages of the walk")
}

func (d *tester) someRoom() storage.RoomID {
	id, _ := pick(d, d.m.rooms)
	return id
}

// The names of attachments that go before the messages of their deleted room leave
// no token behind.
func TestDeadAttachmentsLeaveNoToken(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 200)
	gone := 0
	_, err := e.Update(t.Context(), func(r backend.Rows) error {
		d.r = r.(*rows)
		for len(d.m.rooms) > 0 {
			d.deleteRoom()
		}
		ids, err := r.AttachmentsToPurge(t.Context(), time.Time{}, 30)
		require.NoError(t, err)
		for _, id := range ids {
			_, err := r.DeleteAttachment(t.Context(), id)
			require.NoError(t, err)
			gone++
		}
		return nil
	})
	require.NoError(t, err)
	require.Equal(t, 30, gone, "attachments that went first")
	d.empty(e)
}

// A room of a few long messages is not read to its end at once, either.
func TestSearchTiresOfLongMessages(t *testing.T) {
	t.Parallel()
	s := backend.New(openEngine(t, nil), storage.Options{})
	room := storage.Room{Name: "hall"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	long := strings.Repeat("straw ", storage.MaxBody/len("straw ")-2)
	var want []string
	for i := range 24 {
		m := storage.Message{RoomID: room.ID, Body: long}
		if i%7 == 0 {
			m.Body = fmt.Sprint("needle ", i)
			want = append(want, m.Body)
		}
		_, err := s.CreateMessage(t.Context(), &m)
		require.NoError(t, err)
	}
	for _, order := range []storage.MessageOrder{storage.OldestFirst, storage.NewestFirst} {
		q := storage.SearchQuery{Text: "needle", Rooms: []storage.RoomID{room.ID}, Order: order}
		var got []string
		pages := 0
		for more := true; more; pages++ {
			found, err := s.SearchMessages(t.Context(), q)
			require.NoError(t, err)
			for _, match := range found.Items {
				got = append(got, match.Message.Body)
			}
			q.Cursor, more = found.Next, found.Next != ""
		}
		assert.Equal(t, want, got, order)
		assert.Greater(t, pages, 1, "pages, %s", order)
		slices.Reverse(want)
		q.WithTotal, q.Cursor = true, ""
		found, err := s.SearchMessages(t.Context(), q)
		require.NoError(t, err)
		assert.Equal(t, len(want), found.Total)
	}
}
