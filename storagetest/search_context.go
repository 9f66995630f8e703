package storagetest

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// ending is a context whose deadline passes once it was looked at so often.
type ending struct {
	context.Context
	looks atomic.Int64
}

func endAfter(parent context.Context, looks int) *ending {
	e := &ending{Context: parent}
	e.looks.Store(int64(looks))
	return e
}

func (e *ending) Err() error {
	if e.looks.Add(-1) < 0 {
		return context.DeadlineExceeded
	}
	return e.Context.Err()
}

// Whenever its deadline passes, a search gives no page. It looks at its context
// before each match, whose highlights may take long.
func testSearchDeadline(t *testing.T, f *fixture) {
	var observed error
	f = f.another(func(o *storage.Options) {
		o.Observe = func(_ context.Context, op storage.Op) { observed = op.Err }
	})
	room := f.room("hall", storage.UserID{})
	for range 5 {
		f.say(room.ID, storage.UserID{}, "needle in a haystack")
	}
	for _, q := range []storage.SearchQuery{
		{Text: "needle"}, {Text: `"in a"`, Order: storage.MostRelevant}, {Text: "needle haystack", WithTotal: true},
	} {
		want, err := f.SearchMessages(f.ctx, q)
		require.NoError(t, err)
		require.Len(t, want.Items, 5)
		looks := 0
		for ; ; looks++ {
			require.Less(t, looks, 10_000, "looks at the context")
			got, err := f.SearchMessages(endAfter(f.ctx, looks), q)
			require.Equal(t, err, observed, "the error that is observed")
			if err == nil {
				require.Equal(t, want, got)
				break
			}
			wantErr(t, err, storage.ErrTimeout)
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Zero(t, got, "what came with an error")
		}
		require.Greater(t, looks, len(want.Items)+1, "looks at the context of a search for %q", q.Text)
	}
}
