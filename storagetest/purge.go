package storagetest

// Messages that are taken away for good, and what is left of them.

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var purgeCases = []testCase{
	{"message", testPurgeMessage},
	{"unknown message", testPurgeUnknown},
	{"what hangs on a message", testPurgeDependents},
	{"anchors", testPurgeAnchors},
	{"markers", testPurgeMarkers},
	{"identifier", testPurgeID},
	{"nonce", testPurgeNonce},
	{"replies", testPurgeReplies},
	{"tombstone", testPurgeTombstone},
	{"expired message", testPurgeExpired},
	{"search", testPurgeSearch},
	{"blobs", testPurgeBlobs},
	{"scrubbed", testPurgeScrubbed},
	{"in a transaction", testPurgeInTx},
	{"rolled back", testPurgeRolledBack},
	{"reopen", testPurgeReopen},
	{"conditions", testPurgeConditions},
	{"combined conditions", testPurgeCombined},
	{"keep the newest", testPurgeKeep},
	{"keep the newest but in batches", testPurgeKeepBatches},
	{"keep the newest that are seen", testPurgeKeepExpired},
	{"keep what is pinned", testPurgeKeepPinned},
	{"batches of a room", testPurgeRoomOrder},
	{"batches of an author", testPurgeAuthorOrder},
	{"batches by expiry", testPurgeExpiryOrder},
	{"batches by age", testPurgeAgeOrder},
	{"batches of tombstones", testPurgeTombstoneOrder},
	{"batch without a limit", testPurgeDefault},
	{"nothing to purge", testPurgeNothing},
	{"deleted room", testPurgeDeletedRoom},
	{"invalid", testPurgeInvalid},
	{"all batches", testPurgeAll},
	{"blobs of a batch", testPurgeBatchBlobs},
}

// purge purges a batch and returns the result without Scrubbed, which is true
// at most where the batch is the last one and no part of a transaction.
func (f *fixture) purge(q storage.PurgeQuery) storage.PurgeResult {
	f.t.Helper()
	return f.unscrubbed(f.PurgeMessages(f.ctx, q))
}

func (f *fixture) unscrubbed(r storage.PurgeResult, err error) storage.PurgeResult {
	f.t.Helper()
	require.NoError(f.t, err)
	_, nested := f.Store.(*txStore)
	require.False(f.t, r.Scrubbed && (r.More || nested), "Scrubbed")
	r.Scrubbed = false
	return r
}

// there returns those of the messages that are not purged, expired ones too.
func (f *fixture) there(ms []storage.Message) []storage.Message {
	f.t.Helper()
	const long = 1000 * time.Hour
	f.clock.advance(-long)
	defer f.clock.advance(long)
	var left []storage.Message
	for _, m := range ms {
		got, err := f.Message(f.ctx, m.ID)
		if err == nil {
			left = append(left, got)
			continue
		}
		wantNotFound(f.t, err, storage.EntityMessage)
	}
	return left
}

func testPurgeMessage(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "secret", func(m *storage.Message) {
		m.Nonce, m.Mentions, m.MentionsAll, m.Tags = "n", []storage.UserID{c.bob}, true, []string{"a"}
		m.Custom = json.RawMessage(`{"a":1}`)
	})
	other := f.say(c.room, c.bob, "other")
	before := f.readRoom(c.room)
	f.clock.advance(time.Minute)
	require.Equal(t, storage.PurgeResult{Messages: 1}, f.unscrubbed(f.PurgeMessage(f.ctx, m.ID)))
	require.Empty(t, f.waysTo(m), "ways to a message that was purged")
	require.Equal(t, []storage.Message{other}, list(f, f.Messages, storage.MessageQuery{Room: c.room, WithDeleted: true}))
	for _, q := range []storage.MessageQuery{{Mentioned: c.bob}, {Room: c.room, Tags: []string{"a"}}, {Author: c.ann}} {
		require.Empty(t, list(f, f.Messages, q))
		n, err := f.CountMessages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, n)
	}
	after := before
	after.MessageCount--
	require.Equal(t, after, f.readRoom(c.room), "the room of a message that was purged")
	require.Equal(t, int64(3), f.say(c.room, c.ann, "next").Seq, "Seq")
}

func testPurgeUnknown(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	f.say(room.ID, ann.ID, "first")
	m := f.say(room.ID, ann.ID, "x")
	f.wipe(m)
	for _, unknown := range []storage.MessageID{m.ID, {}, id[storage.Message](1)} {
		f.refused(t, func() error { return errOf(f.PurgeMessage(f.ctx, unknown)) }, storage.ErrNotFound)
		wantNotFound(t, errOf(f.PurgeMessage(f.ctx, unknown)), storage.EntityMessage)
	}
	gone := f.say(f.room("attic", ann.ID).ID, ann.ID, "dust")
	require.NoError(t, f.DeleteRoom(f.ctx, gone.RoomID))
	wantNotFound(t, errOf(f.PurgeMessage(f.ctx, gone.ID)), storage.EntityMessage)
}

// testPurgeDependents calls all that takes a message by its identifier.
func testPurgeDependents(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "secret")
	f.edit(m.ID, c.ann, storage.MessagePatch{Body: new("secrets")})
	f.pin(m.ID, c.ann)
	f.react(m.ID, c.bob, "x")
	f.markRead(c.room, c.bob, storage.Anchor{})
	require.NoError(t, f.AddReadReceipt(f.ctx, m.ID, c.cid))
	f.wipe(m)
	for name, call := range map[string]func() error{
		"Message":          func() error { return errOf(f.Message(f.ctx, m.ID)) },
		"Reactions":        func() error { return errOf(f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID})) },
		"ReactionCounts":   func() error { return errOf(f.ReactionCounts(f.ctx, m.ID, c.bob)) },
		"MessageRevisions": func() error { return errOf(f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: m.ID})) },
		"MessageRevision":  func() error { return errOf(f.MessageRevision(f.ctx, m.ID, 1)) },
		"ReadReceipts":     func() error { return errOf(f.ReadReceipts(f.ctx, storage.ReceiptQuery{Message: m.ID})) },
		"EditMessage":      func() error { return errOf(f.EditMessage(f.ctx, m.ID, c.ann, storage.MessagePatch{})) },
		"DeleteMessage":    func() error { return errOf(f.DeleteMessage(f.ctx, m.ID, c.ann)) },
		"PinMessage":       func() error { return errOf(f.PinMessage(f.ctx, m.ID, c.ann)) },
		"UnpinMessage":     func() error { return errOf(f.UnpinMessage(f.ctx, m.ID, c.ann)) },
		"AddReaction":      func() error { return errOf(f.AddReaction(f.ctx, m.ID, c.ann, "x")) },
		"RemoveReaction":   func() error { return errOf(f.RemoveReaction(f.ctx, m.ID, c.bob, "x")) },
		"AddReadReceipt":   func() error { return f.AddReadReceipt(f.ctx, m.ID, c.bob) },
		"CreateMessage": func() error {
			return errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, ParentID: m.ID}))
		},
	} {
		wantNotFound(t, call(), storage.EntityMessage)
		f.refused(t, call, storage.ErrNotFound)
		require.Empty(t, f.waysTo(m), name)
	}
	require.Empty(t, f.pinned(c.room))
}
