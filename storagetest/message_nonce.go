package storagetest

// The idempotency key of a message.

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// request is a message with a nonce, as a client would send it twice.
func (f *fixture) request() func() storage.Message {
	f.t.Helper()
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	parent := f.say(room.ID, bob.ID, "parent")
	return func() storage.Message {
		return storage.Message{
			RoomID: room.ID, AuthorID: ann.ID, Body: "once", Nonce: "n", ParentID: parent.ID,
			Mentions: []storage.UserID{bob.ID}, Tags: []string{"t"}, Custom: json.RawMessage(`{"a":1}`),
			ExpiresAt: storage.Timestamp(clockStart.Add(24 * time.Hour)),
		}
	}
}

// send stores what a request asks for.
func (f *fixture) send(m storage.Message) storage.Message {
	f.t.Helper()
	created, err := f.CreateMessage(f.ctx, &m)
	require.NoError(f.t, err)
	require.True(f.t, created, "the nonce is taken")
	return m
}

// sendAgain requires that a request is known to the store, and that it answers
// with first.
func (f *fixture) sendAgain(first, again storage.Message) {
	f.t.Helper()
	rooms := f.dump()
	created, err := f.CreateMessage(f.ctx, &again)
	require.NoError(f.t, err)
	require.False(f.t, created, "a nonce stored two messages")
	require.Equal(f.t, first, again, "what a repeated request gives")
	require.Equal(f.t, rooms, f.dump(), "a repeated request changed something")
}

func testNonceAgain(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	f.clock.advance(time.Hour)
	f.sendAgain(first, request())
	again := request()
	again.ID, again.Seq, again.Version = id[storage.Message](1), 99, 99
	again.Mentions, again.Tags = append(again.Mentions, again.Mentions...), append(again.Tags, again.Tags...)
	f.sendAgain(first, again)
	f.sendAgain(first, first)
}

func testNonceAfterChanges(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	f.clock.advance(time.Hour)
	edited, err := f.EditMessage(f.ctx, first.ID, first.AuthorID, storage.MessagePatch{Body: new("changed"), Tags: &[]string{"other"}})
	require.NoError(t, err)
	f.sendAgain(edited, request())
	other := request()
	other.Body = "changed"
	f.refuseMessage(t, other, storage.ErrConflict)

	tombstone, err := f.DeleteMessage(f.ctx, first.ID, first.AuthorID)
	require.NoError(t, err)
	f.sendAgain(tombstone, request())
	f.refuseMessage(t, other, storage.ErrConflict)
}

func testNonceReopened(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Logf("left out: the backend lacks %q", FeatureReopen)
		return
	}
	request := f.request()
	first := f.send(request())
	f.reopen()
	f.sendAgain(first, request())
	tombstone, err := f.DeleteMessage(f.ctx, first.ID, first.AuthorID)
	require.NoError(t, err)
	f.reopen()
	f.sendAgain(tombstone, request())
	other := request()
	other.MentionsAll = true
	f.refuseMessage(t, other, storage.ErrConflict)
}

func testNonceConflict(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	for name, edit := range map[string]func(*storage.Message){
		"Body":        func(m *storage.Message) { m.Body = "Once" },
		"Type":        func(m *storage.Message) { m.Type = storage.MessageMarkdown },
		"ParentID":    func(m *storage.Message) { m.ParentID = storage.MessageID{} },
		"Mentions":    func(m *storage.Message) { m.Mentions = nil },
		"MentionsAll": func(m *storage.Message) { m.MentionsAll = true },
		"Tags":        func(m *storage.Message) { m.Tags = []string{"t", "u"} },
		"Custom":      func(m *storage.Message) { m.Custom = json.RawMessage(`{"a": 1}`) },
		"ExpiresAt":   func(m *storage.Message) { m.ExpiresAt = m.ExpiresAt.Add(time.Microsecond) },
	} {
		other := request()
		edit(&other)
		e := f.refuseMessage(t, other, storage.ErrConflict)
		assert.Equal(t, storage.EntityMessage, e.Entity, "another %s", name)
	}
	require.Equal(t, first, f.readMessage(first.ID))
}

func testNonceScope(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	other := request()
	other.AuthorID = other.Mentions[0]
	theirs := f.send(other)
	require.NotEqual(t, first.ID, theirs.ID, "the same nonce of two authors")

	attic := f.room("attic", first.AuthorID)
	elsewhere := request()
	elsewhere.RoomID, elsewhere.ParentID = attic.ID, storage.MessageID{}
	require.NotEqual(t, first.ID, f.send(elsewhere).ID, "the same nonce in two rooms")

	for _, nonce := range []string{"N", "n ", "ｎ", ""} {
		m := request()
		m.Nonce = nonce
		f.send(m)
	}
	f.send(func() storage.Message { m := request(); m.Nonce = ""; return m }())
	f.sendAgain(first, request())
	f.sendAgain(theirs, other)
}

func testNonceNobody(t *testing.T, f *fixture) {
	request := f.request()
	anonymous := request()
	anonymous.AuthorID = storage.UserID{}
	first := f.send(anonymous)
	again := request()
	again.AuthorID = storage.UserID{}
	f.sendAgain(first, again)
	again.Body = "twice"
	f.refuseMessage(t, again, storage.ErrConflict)
	require.NotEqual(t, first.ID, f.send(request()).ID, "the same nonce of an author and of nobody")
}

// A request that was granted once is granted again, even if it could not be
// made for the first time now.
func testNonceLater(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	require.NoError(t, f.DeactivateRoom(f.ctx, first.RoomID))
	f.sendAgain(first, request())
	require.NoError(t, f.DeleteUser(f.ctx, first.Mentions[0]))
	f.sendAgain(first, request())
	require.NoError(t, f.ReactivateRoom(f.ctx, first.RoomID))
	f.sendAgain(first, request())

	fresh := request()
	fresh.Nonce = "m"
	e := f.refuseMessage(t, fresh, storage.ErrNotFound)
	require.Equal(t, storage.EntityUser, e.Entity)
}

func testNonceInTx(t *testing.T, f *fixture) {
	request := f.request()
	m := request()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		created, err := tx.CreateMessage(ctx, &m)
		require.NoError(t, err)
		require.True(t, created)
		again := request()
		created, err = tx.CreateMessage(ctx, &again)
		require.NoError(t, err)
		require.False(t, created, "a nonce stored two messages in one transaction")
		require.Equal(t, m, again)
		return nil
	}))
	f.sendAgain(m, request())
}
