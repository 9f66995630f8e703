package storagetest

// What a search puts first, and how much it counts.

import (
	"cmp"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var searchRankCases = []testCase{
	{"most relevant", testSearchRelevance},
	{"most relevant, pages", testSearchRankedPages},
	{"most relevant, of the newest", testSearchRankedMost},
	{"most relevant, while messages come and go", testSearchRankedGrowing},
	{"total", testSearchTotal},
}

// What fits plainly better comes first, and what fits equally in the order of
// storing.
func testSearchRelevance(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", storage.UserID{})
	f.say(room.ID, ann.ID, "apple among many other words that have nothing at all to do with any fruit")
	f.say(room.ID, ann.ID, "apple apple apple")
	for i := range 3 {
		f.say(room.ID, ann.ID, fmt.Sprint("plum twin", i))
	}
	f.say(other.ID, storage.UserID{}, "apple elsewhere")
	for range 20 {
		f.say(room.ID, ann.ID, "something else")
	}
	for _, q := range []storage.SearchQuery{{Rooms: []storage.RoomID{room.ID}}, {Reader: ann.ID}, {Author: ann.ID}} {
		q.Order, q.Text = storage.MostRelevant, "apple"
		require.Equal(t, []string{
			"apple apple apple", "apple among many other words that have nothing at all to do with any fruit",
		}, f.found(q))
		q.Text = "plum"
		require.Equal(t, []string{"plum twin0", "plum twin1", "plum twin2"}, f.found(q), "ties")
		q.Text = "nowhere"
		require.Empty(t, f.found(q))
	}
}

// rankedCorpus stores messages that fit a word more and less, and returns their
// texts, newest first.
func (f *fixture) rankedCorpus(room storage.RoomID, n int) (bodies []string) {
	var ms []*storage.Message
	for i := range n {
		body := fmt.Sprint("number ", i)
		for range 1 + i*7%5 {
			body += " word"
		}
		ms = append(ms, &storage.Message{RoomID: room, Body: body})
		bodies = append(bodies, body)
	}
	f.createMany(n, ms...)
	slices.Reverse(bodies)
	return bodies
}

func testSearchRankedPages(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	bodies := f.rankedCorpus(room.ID, 23)
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		q := storage.SearchQuery{Text: "word", Order: storage.MostRelevant, Rooms: rooms}
		all := f.found(q)
		require.ElementsMatch(t, bodies, all)
		f.wantMatches(all, q, len(all)+1)
	}
	of := func(q storage.SearchQuery) pages[storage.Match] {
		return func(limit int, c storage.Cursor) (storage.Page[storage.Match], error) {
			q.Limit, q.Cursor = limit, c
			result, err := f.SearchMessages(f.ctx, q)
			return result.Page, err
		}
	}
	base := storage.SearchQuery{Text: "word", Order: storage.MostRelevant}
	wantTampered(t, of(base), next(t, of(base)))
	wantForeign(t, of(base), next(t, of(storage.SearchQuery{Text: "word"})),
		next(t, of(storage.SearchQuery{Text: "number", Order: storage.MostRelevant})))
}

// Of many matches, the newest are ordered, and no other is found.
func testSearchRankedMost(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	bodies := f.rankedCorpus(room.ID, storage.MaxRanked+20)
	q := storage.SearchQuery{Text: "word", Order: storage.MostRelevant, Limit: storage.MaxLimit}
	require.ElementsMatch(t, bodies[:storage.MaxRanked], f.found(q))
	require.ElementsMatch(t, bodies[:storage.MaxRanked], f.found(storage.SearchQuery{
		Text: "number", Order: storage.MostRelevant, Limit: storage.MaxLimit, Rooms: []storage.RoomID{room.ID},
	}))
}

// Pages go on among the matches of the first one; what is stored later is not
// among them, and what goes leaves nothing out.
func testSearchRankedGrowing(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.rankedCorpus(room.ID, 12)
	q := storage.SearchQuery{Text: "word", Order: storage.MostRelevant, Limit: 4}
	first, err := f.SearchMessages(f.ctx, q)
	require.NoError(t, err)
	require.Len(t, first.Items, 4)
	all := f.searchAll(q)
	f.say(room.ID, storage.UserID{}, "word word word word word")
	f.remove(first.Items[3].Message.ID, storage.UserID{})
	var got []string
	for c := first.Next; c != ""; {
		result, err := f.SearchMessages(f.ctx, q.WithCursor(c))
		require.NoError(t, err)
		for _, match := range result.Items {
			got = append(got, match.Message.Body)
		}
		c = result.Next
	}
	var want []string
	for _, match := range all[4:] {
		want = append(want, match.Message.Body)
	}
	require.ElementsMatch(t, want, got, "after a match came and the one at the cursor went")
}

func testSearchTotal(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", storage.UserID{})
	f.rankedCorpus(other.ID, storage.MaxSearchTotal-5)
	for i := range 5 {
		f.say(room.ID, ann.ID, fmt.Sprint("word ", i), func(m *storage.Message) {
			if i == 0 {
				m.ExpiresAt = f.now().Add(time.Hour)
			}
		})
	}
	total := func(q storage.SearchQuery) int {
		t.Helper()
		q.Text, q.Limit = cmp.Or(q.Text, "word"), 3
		without, err := f.SearchMessages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, without.Total, "Total that nobody asked for")
		q.WithTotal = true
		result, err := f.SearchMessages(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, without.Page, result.Page)
		if result.Next != "" {
			second, err := f.SearchMessages(f.ctx, q.WithCursor(result.Next))
			require.NoError(t, err)
			require.Equal(t, result.Total, second.Total, "Total on the second page")
		}
		return result.Total
	}
	for _, order := range []storage.MessageOrder{0, storage.OldestFirst, storage.MostRelevant} {
		require.Equal(t, 5, total(storage.SearchQuery{Rooms: []storage.RoomID{room.ID}, Order: order}))
		require.Equal(t, 5, total(storage.SearchQuery{Reader: ann.ID, Order: order}))
		require.Equal(t, storage.MaxSearchTotal, total(storage.SearchQuery{Order: order}), "as many as are counted")
		require.Zero(t, total(storage.SearchQuery{Text: "nowhere", Order: order}))
		require.Zero(t, total(storage.SearchQuery{Text: "...", Order: order}), "a search without a word")
	}
	f.say(room.ID, ann.ID, "word")
	require.Equal(t, storage.MaxSearchTotal, total(storage.SearchQuery{}), "more than are counted")
	f.clock.advance(time.Hour)
	require.Equal(t, 5, total(storage.SearchQuery{Author: ann.ID}), "after one expired")
}
