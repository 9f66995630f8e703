package sqlite

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// What hangs on a page costs one statement for each kind that there is, however
// large the page is and wherever its messages stand, and nothing where nothing
// hangs.
func TestFillInIsFewStatements(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 60)
	all := d.m.in(func(storage.Message) bool { return true })
	room := d.m.in(func(m storage.Message) bool { return m.RoomID == all[0].RoomID })
	back := slices.Clone(room)
	slices.Reverse(back)
	viewer := all[0].AuthorID
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		c := r.(*rows).c
		fill := func(ms []storage.Message, viewer storage.UserID) uint64 {
			before := c.uses
			require.NoError(t, r.FillIn(t.Context(), ms, viewer, d.now))
			return c.uses - before
		}
		for _, ms := range [][]storage.Message{all[:1], all[:5], all, room[:2], room, back} {
			bare, full := slices.Clone(ms), slices.Clone(ms)
			for i := range bare {
				bare[i].Attachments = nil
			}
			assert.EqualValues(t, 0, fill(bare, viewer), "statements for %d bare messages", len(ms))
			for i := range full {
				full[i].Reactions = []storage.ReactionCount{{Emoji: "x", Count: 1}}
				hint(&full[i], 1, 1)
			}
			assert.EqualValues(t, 3, fill(full, viewer), "statements for %d messages", len(ms))
		}
		return nil
	}))
}

func TestTogether(t *testing.T) {
	t.Parallel()
	a, b := storage.RoomID{1}, storage.RoomID{2}
	page := func(room storage.RoomID, seqs ...int64) (ms []*storage.Message) {
		for _, seq := range seqs {
			ms = append(ms, &storage.Message{RoomID: room, Seq: seq})
		}
		return ms
	}
	for _, ms := range [][]*storage.Message{page(a, 5), page(a, 5, 7, 9), page(a, 9, 7, 5), page(a, 1, 104)} {
		low, high, ok := together(ms)
		assert.True(t, ok, "%v", ms)
		assert.LessOrEqual(t, low, high)
		at := places(ms)
		for i, m := range ms {
			found, ok := at(m.Seq)
			assert.True(t, ok)
			assert.Equal(t, i, found, "the place of %d in %v", m.Seq, ms)
		}
		_, ok = at(6)
		assert.False(t, ok, "the place of what is not there")
	}
	for _, ms := range [][]*storage.Message{
		append(page(a, 5), page(b, 6)...), page(a, 5, 9, 7), page(a, 9, 5, 7), page(a, 1, 1000),
	} {
		_, _, ok := together(ms)
		assert.False(t, ok, "%v", ms)
	}
}
