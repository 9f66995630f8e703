package sqlite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// However many mention a user who is erased, they go a few at a time, and a
// mention that comes in between goes too.
func TestEraseMentionsInBatches(t *testing.T) {
	t.Parallel()
	f := newSecretStore(t)
	ctx := t.Context()
	u := storage.User{Username: "bob"}
	require.NoError(t, f.s.CreateUser(ctx, &u))
	mention := func(n int) {
		ms := make([]*storage.Message, n)
		for i := range ms {
			ms[i] = &storage.Message{RoomID: f.room, AuthorID: f.author, Body: "bob?", Mentions: []storage.UserID{u.ID}}
		}
		_, err := f.s.CreateMessages(ctx, ms)
		require.NoError(t, err)
	}
	left := func() (mentions, chunks int64) {
		require.NoError(t, f.s.engine.Read(ctx, func(r backend.Rows) error {
			return r.(*rows).c.one(`SELECT (SELECT count(*) FROM message_mentions), (SELECT count(*) FROM mention_chunks)`, nil, func(row *row) error {
				mentions, chunks = row.int(), row.int()
				return nil
			})
		}))
		return mentions, chunks
	}
	const batches = 8 // in several chunks
	mention(batches * mentionsOfRecord)
	for n := batches - 1; n >= 0; n-- {
		e, err := f.s.EraseUserData(ctx, u.ID, storage.EraseOptions{Limit: 1})
		require.NoError(t, err)
		require.True(t, e.More)
		mentions, _ := left()
		require.EqualValues(t, n*mentionsOfRecord, mentions)
	}
	mention(1)
	e, err := f.s.EraseUserData(ctx, u.ID, storage.EraseOptions{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, storage.Erasure{UserID: u.ID, User: true, Scrubbed: true}, e)
	mentions, chunks := left()
	assert.Zero(t, mentions)
	assert.Zero(t, chunks)
}
