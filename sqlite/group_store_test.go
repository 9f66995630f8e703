package sqlite

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// TestFailingUpdateTakesBackWhatItDeferred, between others of the same commit
// that deferred the like: counters, sequence numbers, search entries.
func TestFailingUpdateTakesBackWhatItDeferred(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "chat.db"), nil)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	room := storage.Room{Name: "lobby"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))

	say := func(w storage.MessageWriter, body string) error {
		_, err := w.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID, Body: body})
		return err
	}
	update := func(err error, bodies ...string) call {
		return func(ctx context.Context, _ func(backend.Rows) error) (int, error) {
			return 0, s.Update(ctx, func(_ context.Context, tx storage.Tx) error {
				for _, body := range bodies {
					assert.NoError(t, say(tx, body))
				}
				return err
			})
		}
	}
	c := hold(t, s.engine)
	c.queue(update(nil, "first apple"), nil)
	failed := c.queue(update(errTest, "second apple", "third apple"), nil)
	c.queue(update(nil, "fourth apple", "fifth apple"), nil)
	c.release()
	assert.Equal(t, errTest, failed.err)

	page, err := s.Messages(t.Context(), storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst})
	require.NoError(t, err)
	var bodies []string
	for i, m := range page.Items {
		bodies = append(bodies, m.Body)
		assert.Equal(t, int64(i+1), m.Seq, "no hole is left")
	}
	assert.Equal(t, []string{"first apple", "fourth apple", "fifth apple"}, bodies)
	found, err := s.SearchMessages(t.Context(), storage.SearchQuery{Text: "apple"})
	require.NoError(t, err)
	assert.Len(t, found.Items, 3)
	after, err := s.Room(t.Context(), room.ID)
	require.NoError(t, err)
	assert.Equal(t, int64(3), after.MessageCount)
	assert.Equal(t, int64(3), after.LastSeq)
}
