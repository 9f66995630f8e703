package sqlite

import (
	"testing"
	"time"

	"github.com/ncruces/go-sqlite3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// activitySteps returns how many steps SQLite takes to sum a user up.
func activitySteps(t *testing.T, s *Store, user storage.UserID) (steps int) {
	t.Helper()
	require.NoError(t, s.engine.Read(t.Context(), func(r backend.Rows) error {
		count := func() (n int) {
			for _, sql := range activityQueries {
				if stmt := r.(*rows).c.stmts[sql]; stmt != nil {
					n += stmt.st.Status(sqlite3.STMTSTATUS_VM_STEP, true)
				}
			}
			return n
		}
		count()
		_, err := r.UserTotals(t.Context(), user, time.Now())
		steps = count()
		return err
	}))
	require.Positive(t, steps)
	return steps
}

// What others have said, done and sent costs nothing; one's own does.
func TestUserActivityCostsOnesOwn(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	s, err := Open(ctx, t.TempDir()+"/test.db", &Options{Readers: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	ann, bob := storage.User{Username: "ann"}, storage.User{Username: "bob"}
	require.NoError(t, s.CreateUser(ctx, &ann))
	require.NoError(t, s.CreateUser(ctx, &bob))
	room := storage.Room{Name: "hall", CreatorID: ann.ID}
	require.NoError(t, s.CreateRoom(ctx, &room))
	busy := func(user storage.UserID, messages int) {
		t.Helper()
		ms := make([]*storage.Message, messages)
		for i := range ms {
			ms[i] = &storage.Message{RoomID: room.ID, AuthorID: user, Body: "hello"}
		}
		_, err := s.CreateMessages(ctx, ms)
		require.NoError(t, err)
		for i := range 10 {
			_, err := s.AddReaction(ctx, ms[i].ID, user, "👍")
			require.NoError(t, err)
			require.NoError(t, s.CreateAttachment(ctx, &storage.Attachment{RoomID: room.ID, UploaderID: user, Name: "a", Blob: "a"}))
		}
	}
	busy(ann.ID, 100)
	busy(bob.ID, 10)
	before := activitySteps(t, s, ann.ID)
	busy(bob.ID, 1000)
	assert.Equal(t, before, activitySteps(t, s, ann.ID), "with more of somebody else's")
	busy(ann.ID, 100)
	assert.InDelta(t, 2*before, activitySteps(t, s, ann.ID), float64(before)/4, "with as much again of one's own")
}
