package storagetest

// What a search gives of a message, and in which order.

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Highlights are byte offsets into the text as it was written.
func testSearchHighlights(t *testing.T, f *fixture) {
	for _, c := range []struct {
		body, text string
		want       []string
	}{
		{"Die Straße, die STRASSE", "strasse", []string{"Straße", "STRASSE"}},
		{"ünï cödé cafe\u0301!", "cafe code", []string{"cödé", "cafe\u0301"}},
		{"我家在上海东边", "上海", []string{"上海"}},
		{"我家在上海东边", "家在上", []string{"家在上"}},
		{"one two one", "one two", []string{"one", "two", "one"}},
		{"mail user@x.com", "user@x.com", []string{"user@x.com"}},
		{"👍🏽 ok 👍", "ok", []string{"ok"}},
	} {
		m := f.say(f.room("", storage.UserID{}).ID, storage.UserID{}, c.body)
		found := f.searchAll(storage.SearchQuery{Text: c.text, Rooms: []storage.RoomID{m.RoomID}})
		require.Len(t, found, 1, "SearchMessages(%q)", c.text)
		var got []string
		end := 0
		for _, span := range found[0].Highlights {
			require.True(t, end <= span.Start && span.Start < span.End && span.End <= len(c.body), "span %v of %q", span, c.body)
			got, end = append(got, c.body[span.Start:span.End]), span.End
		}
		assert.Equal(t, c.want, got, "highlights of %q in %q", c.text, c.body)
	}
}

// A large text is found by its last word, too, and only by the words it has.
func testSearchLong(t *testing.T, f *fixture) {
	var b strings.Builder
	for i := 0; b.Len() < storage.MaxBody-20; i++ {
		fmt.Fprintf(&b, "word%d ", i)
	}
	body := b.String() + "omega"
	f.corpus(body, "omega", strings.Repeat("x", storage.MaxBody))
	require.Len(t, f.found(storage.SearchQuery{Text: "omega"}), 2)
	require.Equal(t, []string{body}, f.found(storage.SearchQuery{Text: "word0 word1000 omega"}))
	require.Equal(t, []string{"omega", body}, f.found(storage.SearchQuery{Text: "omega"}))
	require.Len(t, f.found(storage.SearchQuery{Text: strings.Repeat("x", 100)}), 1, "a word longer than a token")
}

// Messages rank by when they were stored, whatever their time.
func testSearchOrder(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	f.say(hall.ID, storage.UserID{}, "word 1")
	f.clock.advance(-time.Hour)
	f.say(attic.ID, storage.UserID{}, "word 2")
	f.createMany(2,
		&storage.Message{ID: id[storage.Message](9), RoomID: hall.ID, Body: "word 3", CreatedAt: clockStart.Add(time.Hour)},
		&storage.Message{ID: id[storage.Message](1), RoomID: attic.ID, Body: "word 4", CreatedAt: clockStart.Add(-time.Hour)})
	f.say(hall.ID, storage.UserID{}, "word 5")
	want := []string{"word 1", "word 2", "word 3", "word 4", "word 5"}
	require.Equal(t, want, f.found(storage.SearchQuery{Text: "word", Order: storage.OldestFirst}))
	slices.Reverse(want)
	require.Equal(t, want, f.found(storage.SearchQuery{Text: "word"}), "no order")
	require.Equal(t, want, f.found(storage.SearchQuery{Text: "word", Order: storage.NewestFirst}))
	require.Equal(t, []string{"word 5", "word 3", "word 1"}, f.found(storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{hall.ID}}))
	require.Equal(t, want, f.found(storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{hall.ID, attic.ID}}), "two rooms")
}
