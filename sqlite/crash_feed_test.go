package sqlite_test

import (
	"strings"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/sqlite"
	"github.com/lairchat/lair/storage"
)

// checkChanges requires that the feed goes on where it was, without a gap, and
// tells of each message all that happened to it, in order.
func (c *crash) checkChanges(s *sqlite.Store, all []storage.Message) {
	c.t.Helper()
	q := storage.ChangeQuery{Limit: storage.MaxLimit}
	var feed []storage.Change
	for {
		page, err := s.Changes(c.t.Context(), q)
		require.NoError(c.t, err)
		feed = append(feed, page.Items...)
		if page.Next == "" {
			break
		}
		q = q.WithCursor(page.Next)
	}
	require.GreaterOrEqual(c.t, len(feed), len(c.feed), "changes")
	if len(c.feed) > 0 {
		require.Equal(c.t, c.feed, feed[:len(c.feed)], "what was in the feed before")
	}
	c.feed = feed
	c.checkPositions()
	c.checkHistories(all)
}

// checkPositions requires that positions have no gaps, and transactions neither.
func (c *crash) checkPositions() {
	c.t.Helper()
	var tx storage.Position
	for i, change := range c.feed {
		require.Equal(c.t, storage.Position(i+1), change.Position, "Position")
		if change.Tx != tx {
			tx = change.Position
		}
		require.Equal(c.t, tx, change.Tx, "Tx of change %d", change.Position)
	}
}

// checkHistories requires that the changes of each message have led to its
// present version, and that those of a batch were made as one.
func (c *crash) checkHistories(all []storage.Message) {
	c.t.Helper()
	histories := make(map[storage.MessageID][]storage.Change)
	for _, change := range c.feed {
		if !change.MessageID.IsZero() {
			histories[change.MessageID] = append(histories[change.MessageID], change)
		}
	}
	require.Len(c.t, histories, len(all), "messages in the feed")
	batches := make(map[string]storage.Position)
	for _, m := range all {
		history := histories[m.ID]
		require.Len(c.t, history, int(m.Version), "changes of message %s", m.ID)
		for i, change := range history {
			require.Equal(c.t, int64(i+1), change.Version, "Version of change %d", change.Position)
			require.Equal(c.t, m.Seq, change.Seq, "Seq of change %d", change.Position)
			require.Equal(c.t, kindAt(m, i), change.Kind, "Kind of change %d", change.Position)
		}
		id, place, _ := strings.Cut(m.Nonce, "/")
		if batches[id] == 0 {
			batches[id] = history[0].Tx
		}
		require.Equal(c.t, batches[id], history[0].Tx, "Tx of message %s of batch %s", place, id)
	}
}

// kindAt returns what a message's change to a version, from 0, was.
func kindAt(m storage.Message, version int) storage.ChangeKind {
	switch {
	case version == 0:
		return storage.ChangeMessageCreated
	case m.Deleted() && int64(version) == m.Version-1:
		return storage.ChangeMessageDeleted
	}
	return storage.ChangeMessageEdited
}
