package memory

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// TestIdleWatcher has a watcher of a user and one of a room rest while others
// register, of which some is pruned: nothing that they are told is gone, and the
// next message is.
func TestIdleWatcher(t *testing.T) {
	now := time.Unix(1e9, 0)
	looks := make(chan struct{}, 100)
	s := New(&Options{storage.Options{
		Now: func() time.Time { return now },
		Observe: func(_ context.Context, op storage.Op) {
			if op.Name == "watch changes" {
				looks <- struct{}{}
			}
		},
	}})
	defer func() { require.NoError(t, s.Close()) }()
	ann := storage.User{Username: "ann"}
	require.NoError(t, s.CreateUser(t.Context(), &ann))
	room := storage.Room{CreatorID: ann.ID}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	head, err := s.ChangeHead(t.Context())
	require.NoError(t, err)
	for _, c := range []struct {
		q     storage.ChangeQuery
		looks int // before it rests: in a new room, twice
	}{{storage.ChangeQuery{User: ann.ID}, 2}, {storage.ChangeQuery{Room: room.ID}, 1}} {
		c.q.After = head.Newest
		got := make(chan storage.Change, 1)
		go func() {
			for change, err := range s.Watch(t.Context(), c.q) {
				assert.NoError(t, err)
				got <- change
				return
			}
		}()
		for range c.looks {
			<-looks
		}
		for i := range 5 {
			require.NoError(t, s.CreateUser(t.Context(), &storage.User{Username: fmt.Sprintf("stranger%d-%d", head.Newest, i)}))
		}
		now = now.Add(time.Hour)
		require.NoError(t, s.CreateUser(t.Context(), &storage.User{Username: fmt.Sprint("young", head.Newest)}))
		_, err := s.PruneChanges(t.Context(), storage.ChangePrune{Age: time.Minute})
		require.NoError(t, err)
		m := storage.Message{RoomID: room.ID, AuthorID: ann.ID}
		_, err = s.CreateMessage(t.Context(), &m)
		require.NoError(t, err)
		require.Equal(t, m.ID, (<-got).MessageID)
		<-looks
		head, err = s.ChangeHead(t.Context())
		require.NoError(t, err)
	}
}
