package sqlite

import (
	"context"
	"fmt"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// TestFeedAfterFailedCommits has commits fail that tell the feed. Whatever became
// of them, positions go on without a gap and without a repeat, also in another
// engine on the file; each message that is there is told of once; and a watcher
// has seen it so.
func TestFeedAfterFailedCommits(t *testing.T) {
	t.Parallel()
	e, f := openFaulty(t, nil)
	s := backend.New(e, storage.Options{})
	room := storage.Room{Name: "hall"}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	send := func(body string) error {
		_, err := s.CreateMessage(t.Context(), &storage.Message{RoomID: room.ID, Body: body})
		return err
	}
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	watched := make(chan []storage.Change, 1)
	go func() { watched <- watchUntil(ctx, s, storage.ChangeRoomUpdated) }()
	for i := range 5 {
		require.NoError(t, send(fmt.Sprint("before ", i)))
		fail(&f.sync, syscall.EIO)
		assert.ErrorIs(t, send(fmt.Sprint("sync ", i)), storage.ErrCommitUnknown)
		fail(&f.sync, nil)
		require.NoError(t, send(fmt.Sprint("between ", i)))
		fail(&f.write, syscall.ENOSPC)
		assert.ErrorIs(t, send(fmt.Sprint("write ", i)), storage.ErrCommitUnknown)
		fail(&f.write, nil)
	}
	require.NoError(t, s.DeactivateRoom(t.Context(), room.ID))
	seen := <-watched
	wantFeed(t, s, room.ID, seen)

	again := openStoreAt(t, e.source.path)
	wantFeed(t, again.Store, room.ID, seen)
	require.NoError(t, again.ReactivateRoom(t.Context(), room.ID))
	head, err := again.ChangeHead(t.Context())
	require.NoError(t, err)
	assert.Equal(t, storage.ChangeHead{Oldest: 1, Newest: storage.Position(len(seen) + 1)}, head)
}

// watchUntil returns what a watcher sees, up to the first change of a kind.
func watchUntil(ctx context.Context, s *backend.Store, kind storage.ChangeKind) (seen []storage.Change) {
	for c, err := range s.Watch(ctx, storage.ChangeQuery{}) {
		if err != nil {
			return nil
		}
		if seen = append(seen, c); c.Kind == kind {
			return seen
		}
	}
	return seen
}

// wantFeed requires that the feed is what a watcher has seen, without gaps, and
// tells once of each message there is.
func wantFeed(t *testing.T, s *backend.Store, room storage.RoomID, seen []storage.Change) {
	t.Helper()
	page, err := s.Changes(t.Context(), storage.ChangeQuery{Limit: storage.MaxLimit})
	require.NoError(t, err)
	require.Equal(t, seen, page.Items)
	var told, stored []storage.MessageID
	for i, c := range page.Items {
		assert.Equal(t, storage.Position(i+1), c.Position)
		if !c.MessageID.IsZero() {
			told = append(told, c.MessageID)
		}
	}
	q := storage.MessageQuery{Room: room, Order: storage.OldestFirst, Limit: storage.MaxLimit}
	for m, err := range storage.All(t.Context(), s.Messages, q) {
		require.NoError(t, err)
		stored = append(stored, m.ID)
	}
	assert.Equal(t, stored, told)
	assert.GreaterOrEqual(t, len(stored), 10)
}
