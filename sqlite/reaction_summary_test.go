package sqlite

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// column hands a text to who reads columns.
func column(t *testing.T, e *engine, text string, read func(*row)) error {
	t.Helper()
	return e.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.one(`SELECT ?`, func(a *args) { a.text(text) }, func(row *row) error {
			read(row)
			return nil
		})
	})
}

func TestTalliesRoundTrip(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for _, all := range [][]tally{
		nil,
		{{emoji: "x", count: 1, first: 5}},
		{{emoji: ", :", count: 12, first: -7}, {emoji: "é", count: 1}, {emoji: "👍", count: 1 << 50, first: math.MaxInt64}},
		{{emoji: "a", count: 3, first: 9}, {emoji: "b", count: 2, first: 9}},
	} {
		shuffled := slices.Clone(all)
		slices.Reverse(shuffled)
		text := encodeTallies(shuffled)
		var got []tally
		require.NoError(t, column(t, e, text, func(row *row) { got = row.tallies() }))
		assert.Equal(t, all, got, text)
		var want, counts []storage.ReactionCount
		for _, a := range all {
			want = append(want, storage.ReactionCount{Emoji: a.emoji, Count: a.count})
		}
		require.NoError(t, column(t, e, text, func(row *row) { counts = row.reactionCounts() }))
		assert.Equal(t, want, counts, text)
	}
}

// A column that this program cannot have written is corrupt, for whoever reads it.
func TestTalliesCorrupt(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	for _, text := range []string{"x", "0 1 61", "-1 1 61", "1 1 6", "1 1 61,,1 1 62", "1x 1 61", "99999999999999999999 1 61"} {
		assert.ErrorIs(t, column(t, e, text, func(row *row) { row.tallies() }), storage.ErrCorrupt, "tallies of %q", text)
		assert.ErrorIs(t, column(t, e, text, func(row *row) { row.reactionCounts() }), storage.ErrCorrupt, "counts of %q", text)
	}
	assert.ErrorIs(t, column(t, e, "1 y 61", func(row *row) { row.tallies() }), storage.ErrCorrupt)
}
