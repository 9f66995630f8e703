package sqlite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// TestMarkersOfOlderFiles begin where they stood: sending moved none.
func TestMarkersOfOlderFiles(t *testing.T) {
	t.Parallel()
	e := openEngine(t, nil)
	d := populate(t, e, 0)
	room, _ := pick(d, d.m.rooms)
	author, _ := pick(d, d.m.users)
	send := func(e *engine) {
		message := storage.Message{ID: d.id(), RoomID: room, AuthorID: author, Type: storage.MessageText, CreatedAt: d.now, Version: 1}
		_, err := e.Write(t.Context(), func(r backend.Rows) error {
			return r.InsertMessage(t.Context(), &backend.MessageRow{Message: message, Marks: true})
		})
		require.NoError(t, err)
	}
	_, err := e.Write(t.Context(), func(r backend.Rows) error {
		return r.InsertMembership(t.Context(), &storage.Membership{RoomID: room, UserID: author, Role: storage.MemberOwner, JoinedAt: d.now})
	})
	require.NoError(t, err)
	send(e)
	send(e)
	assert.Equal(t, int64(2), readSeq(t, e, room, author))
	require.NoError(t, e.Close())

	downTo(t, e.source, 5)
	e = openEngineAt(t, e.source.path, nil)
	assert.Zero(t, readSeq(t, e, room, author))
	send(e)
	assert.Equal(t, int64(3), readSeq(t, e, room, author))
}

// readSeq returns where a member's marker is.
func readSeq(t *testing.T, e *engine, room storage.RoomID, user storage.UserID) (seq int64) {
	t.Helper()
	require.NoError(t, e.Read(t.Context(), func(r backend.Rows) error {
		m, err := r.Membership(t.Context(), room, user)
		seq = m.ReadSeq
		return err
	}))
	return seq
}
