package backend

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// endless is a feed of so many changes, of which a query selects the last.
type endless struct {
	Rows
	newest storage.Position
}

func (r endless) ChangeHead(context.Context) (storage.ChangeHead, error) {
	return storage.ChangeHead{Oldest: 1, Newest: r.newest}, nil
}

func (r endless) Changes(_ context.Context, s ChangeScan) ([]storage.Change, storage.Position, error) {
	through := min(s.After+storage.Position(s.Walk), r.newest)
	if through < r.newest {
		return nil, through, nil
	}
	return []storage.Change{{Position: r.newest}}, through, nil
}

// TestShortPages requires that a page ends after it has looked at much, and
// that the next one goes on from there.
func TestShortPages(t *testing.T) {
	const most = changeWalk * changeSteps
	rows := endless{newest: 2*most + 1}
	q := storage.ChangeQuery{}
	for _, want := range []struct {
		items   int
		through storage.Position
	}{{0, most}, {0, 2 * most}, {1, rows.newest}} {
		p, err := newPager(storage.ChangeQuery{}, 1, q.Cursor)
		require.NoError(t, err)
		w := changeWalker{pager: p, rows: rows, q: storage.ChangeQuery{After: storage.Position(p.at.Int)}}
		page, err := w.page(t.Context())
		require.NoError(t, err)
		assert.Len(t, page.Items, want.items)
		assert.Equal(t, want.through, page.Through)
		assert.Equal(t, want.through < rows.newest, page.Next != "", "Next after %d", page.Through)
		q.Cursor = page.Next
	}
}
