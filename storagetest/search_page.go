package storagetest

// Pages of what a search finds. They may come back short, even empty, as long
// as Next leads on; so walks are held to their sum.

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// wantMatches requires that a search finds these texts, in pages of every size
// up to most, forwards and backwards.
func (f *fixture) wantMatches(want []string, q storage.SearchQuery, most int) {
	f.t.Helper()
	for q.Limit = 1; q.Limit <= most; q.Limit++ {
		forwards, last := f.walkSearch(q, "", false)
		require.Equal(f.t, want, forwards, "%q, pages of %d", q.Text, q.Limit)
		if last == "" {
			continue
		}
		backwards, _ := f.walkSearch(q, last, true)
		require.Equal(f.t, want, backwards, "%q, pages of %d, backwards from the last", q.Text, q.Limit)
	}
}

// walkSearch returns the texts of a walk, and the cursor of the last page.
func (f *fixture) walkSearch(q storage.SearchQuery, c storage.Cursor, back bool) (got []string, last storage.Cursor) {
	f.t.Helper()
	for range mostPages {
		last = c
		result, err := f.SearchMessages(f.ctx, q.WithCursor(c))
		require.NoError(f.t, err)
		require.LessOrEqual(f.t, len(result.Items), q.Limit)
		var page []string
		for _, match := range result.Items {
			page = append(page, match.Message.Body)
		}
		if back {
			got, c = append(page, got...), result.Prev
		} else {
			got, c = append(got, page...), result.Next
		}
		if c == "" {
			return got, last
		}
	}
	require.Fail(f.t, "a walk that does not end", "SearchMessages(%q)", q.Text)
	return nil, ""
}

func testSearchPages(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	var all, inHall []string
	for i := range 24 {
		room, body := hall.ID, fmt.Sprint("word ", i)
		if i%3 == 1 {
			room = attic.ID
		}
		if i%4 == 3 {
			body = fmt.Sprint("other ", i)
		} else if all = append(all, body); room == hall.ID {
			inHall = append(inHall, body)
		}
		f.say(room, storage.UserID{}, body)
	}
	oldest := storage.SearchQuery{Text: "word", Order: storage.OldestFirst}
	f.wantMatches(all, oldest, len(all)+1)
	oldest.Rooms = []storage.RoomID{hall.ID}
	f.wantMatches(inHall, oldest, len(inHall)+1)
	slices.Reverse(all)
	slices.Reverse(inHall)
	f.wantMatches(all, storage.SearchQuery{Text: "word"}, len(all)+1)
	f.wantMatches(all, storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{attic.ID, hall.ID}}, len(all)+1)
	f.wantMatches(inHall, storage.SearchQuery{Text: "WORD", Rooms: []storage.RoomID{hall.ID}}, len(inHall)+1)
	f.wantMatches([]string{"word 12"}, storage.SearchQuery{Text: "12"}, 2)
}

func testSearchReaderPages(t *testing.T, f *fixture) {
	ann := f.user("ann")
	var want []string
	for i := range 12 {
		creator := ann.ID
		if i%3 == 1 {
			creator = storage.UserID{}
		}
		body := fmt.Sprint("word ", i)
		f.say(f.room(fmt.Sprint("room", i), creator).ID, ann.ID, body)
		if !creator.IsZero() {
			want = append(want, body)
		}
	}
	slices.Reverse(want)
	f.wantMatches(want, storage.SearchQuery{Text: "word", Reader: ann.ID}, len(want)+1)
	f.wantMatches(want, storage.SearchQuery{Text: "word", Reader: ann.ID, Author: ann.ID}, 3)
}

func testSearchCursors(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	for i := range 6 {
		f.say(room.ID, ann.ID, fmt.Sprint("word words ", i))
	}
	of := func(q storage.SearchQuery) pages[storage.Match] {
		return func(limit int, c storage.Cursor) (storage.Page[storage.Match], error) {
			q.Limit, q.Cursor = limit, c
			result, err := f.SearchMessages(f.ctx, q)
			return result.Page, err
		}
	}
	base := storage.SearchQuery{Text: "word"}
	cursor := next(t, of(base))
	wantTampered(t, of(base), cursor)
	_, err := of(base)(3, cursor)
	require.NoError(t, err, "another limit")
	_, err = of(storage.SearchQuery{Text: "word", Order: storage.NewestFirst})(1, cursor)
	require.NoError(t, err, "no order means newest first")
	wantForeign(t, of(base),
		next(t, of(storage.SearchQuery{Text: "words"})),
		next(t, of(storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{room.ID}})),
		next(t, of(storage.SearchQuery{Text: "word", Reader: ann.ID})),
		next(t, of(storage.SearchQuery{Text: "word", Author: ann.ID})),
		next(t, of(storage.SearchQuery{Text: "word", Order: storage.OldestFirst})),
		next(t, f.messagePages(storage.MessageQuery{Room: room.ID})),
	)
}

func testSearchGrowing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, scoped := range []bool{false, true} {
		room := f.room("hall", ann.ID)
		old := f.numbered(12, ann.ID, room.ID)
		slices.Reverse(old)
		for _, m := range old {
			f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("word " + m.Body)})
		}
		q := storage.SearchQuery{Text: "word", Limit: 3}
		if scoped {
			q.Rooms = []storage.RoomID{room.ID}
		}
		var got []string
		for round := 0; round < 100; round++ {
			result, err := f.SearchMessages(f.ctx, q)
			require.NoError(t, err)
			for _, match := range result.Items {
				got = append(got, match.Message.Body)
			}
			if round < 2 {
				f.say(room.ID, ann.ID, "word more")
				f.remove(result.Items[len(result.Items)-1].Message.ID, ann.ID)
				f.remove(old[11-round].ID, ann.ID)
			}
			if q = q.WithCursor(result.Next); result.Next == "" {
				break
			}
		}
		require.Equal(t, []string{"word 11", "word 10", "word 9", "word 8", "word 7", "word 6", "word 5", "word 4", "word 3", "word 2"}, got)
		require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	}
}

// A room of thousands and one of a few messages give what the matcher of
// storage/search says of their texts.
func testSearchLarge(t *testing.T, f *fixture) {
	large, small := f.room("large", storage.UserID{}), f.room("small", storage.UserID{})
	words := []string{"alpha", "beta", "gamma", "delta", "上海东边", "ещё", "x_y", "don't", "Émile"}
	var ms []*storage.Message
	for i := range 3000 {
		room := large.ID
		if i%100 == 50 {
			room = small.ID
		}
		body := fmt.Sprintf("%s %s %d", words[i*7%len(words)], words[i*i%5], i%250)
		ms = append(ms, &storage.Message{RoomID: room, Body: body})
	}
	n, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	require.Equal(t, len(ms), n)
	for _, text := range []string{"alpha", "beta alpha", "17", "上海", "海", "ещё", "y", "don't", "emile gamma", "x_y 150", "nothing"} {
		query, err := search.Parse(text)
		require.NoError(t, err)
		for _, rooms := range [][]storage.RoomID{{small.ID}, {large.ID}, nil} {
			var want []string
			for _, m := range slices.Backward(ms) {
				if (rooms == nil || rooms[0] == m.RoomID) && query.Match(search.Analyze(m.Body)) {
					want = append(want, m.Body)
				}
			}
			q := storage.SearchQuery{Text: text, Rooms: rooms, Limit: storage.MaxLimit}
			require.Equal(t, want, f.found(q), "SearchMessages(%q)", text)
			if len(want) > 0 && len(want) < 40 {
				f.wantMatches(want, q, 3)
			}
		}
	}
}
