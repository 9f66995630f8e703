package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var pinCases = []testCase{
	{"pin and unpin", testPin},
	{"again", testPinAgain},
	{"leaves everything else", testPinLeaves},
	{"by nobody, and without a membership", testPinFreely},
	{"unknown message and user", testPinUnknown},
	{"tombstone", testPinTombstone},
	{"edit", testPinEdit},
	{"expired message", testPinExpired},
	{"deleted room", testPinDeletedRoom},
	{"deleted users", testPinDeletedUsers},
	{"lists", testPinLists},
	{"list around and between", testPinAnchors},
	{"cursors", testPinCursors},
	{"walk while pins come and go", testPinWalk},
	{"rolled back", testPinRolledBack},
	{"reopen", testPinReopen},
	{"no aliasing", testPinAliasing},
}

// pin pins a message and requires that it is read as it was returned.
func (f *fixture) pin(m storage.MessageID, by storage.UserID) storage.Message {
	f.t.Helper()
	pinned, err := f.PinMessage(f.ctx, m, by)
	require.NoError(f.t, err)
	require.Equal(f.t, pinned, f.readMessage(m), "what PinMessage returned, and what is read")
	return pinned
}

// unpin is the inverse of pin.
func (f *fixture) unpin(m storage.MessageID, by storage.UserID) storage.Message {
	f.t.Helper()
	unpinned, err := f.UnpinMessage(f.ctx, m, by)
	require.NoError(f.t, err)
	require.Equal(f.t, unpinned, f.readMessage(m), "what UnpinMessage returned, and what is read")
	return unpinned
}

// pinned reads what is pinned in a room, newest first.
func (f *fixture) pinned(room storage.RoomID) []storage.Message {
	f.t.Helper()
	q := storage.MessageQuery{Room: room, Pinned: true}
	all := list(f, f.Messages, q)
	n, err := f.CountMessages(f.ctx, q)
	require.NoError(f.t, err)
	require.Equal(f.t, int64(len(all)), n, "CountMessages of what is pinned")
	return all
}

func testPin(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "read this")
	require.Empty(t, f.pinned(room.ID))
	f.clock.advance(time.Minute)
	want := m
	want.PinnedAt, want.Version = f.now(), 2
	require.Equal(t, want, f.pin(m.ID, ann.ID))
	require.Equal(t, []storage.Message{want}, f.pinned(room.ID))
	f.clock.advance(time.Minute)
	want.PinnedAt, want.Version = time.Time{}, 3
	require.Equal(t, want, f.unpin(m.ID, ann.ID))
	require.Empty(t, f.pinned(room.ID))
	want.PinnedAt, want.Version = f.now(), 4
	require.Equal(t, want, f.pin(m.ID, ann.ID), "pinned a second time")
}

func testPinAgain(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	require.Equal(t, m, f.unpin(m.ID, bob.ID), "what was never pinned")
	want := f.pin(m.ID, ann.ID)
	f.clock.advance(time.Minute)
	require.Equal(t, want, f.pin(m.ID, bob.ID), "what is pinned")
	want = f.unpin(m.ID, ann.ID)
	f.clock.advance(time.Minute)
	require.Equal(t, want, f.unpin(m.ID, bob.ID), "what is unpinned")
}

func testPinLeaves(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "a needle", func(m *storage.Message) {
		m.Nonce, m.Tags, m.Mentions = "n", []string{"a"}, []storage.UserID{ann.ID}
	})
	f.say(room.ID, ann.ID, "y")
	before, hall := f.readMessage(m.ID), f.readRoom(room.ID)
	f.clock.advance(time.Minute)
	f.pin(m.ID, ann.ID)
	require.Equal(t, hall, f.readRoom(room.ID), "pinning changes the room")
	if !f.backend.lacks(FeatureSearch) {
		require.Equal(t, []string{"a needle"}, f.found(storage.SearchQuery{Text: "needle"}))
	}
	after := f.unpin(m.ID, ann.ID)
	before.Version = after.Version
	require.Equal(t, before, after)
}

func testPinFreely(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	require.False(t, f.pin(m.ID, storage.UserID{}).PinnedAt.IsZero())
	require.True(t, f.unpin(m.ID, storage.UserID{}).PinnedAt.IsZero())
	require.False(t, f.pin(m.ID, bob.ID).PinnedAt.IsZero(), "by who is no member")
}

func testPinUnknown(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m, other := f.say(room.ID, storage.UserID{}, "x"), f.say(room.ID, storage.UserID{}, "y")
	f.pin(other.ID, storage.UserID{})
	for _, call := range []func(context.Context, storage.MessageID, storage.UserID) (storage.Message, error){f.PinMessage, f.UnpinMessage} {
		for _, unknown := range []storage.MessageID{{}, id[storage.Message](1)} {
			got, err := call(f.ctx, unknown, storage.UserID{})
			wantNotFound(t, err, storage.EntityMessage)
			require.Zero(t, got)
		}
		for _, message := range []storage.MessageID{m.ID, other.ID} {
			e := f.refused(t, func() error { _, err := call(f.ctx, message, nobody); return err }, storage.ErrNotFound, "by")
			require.Equal(t, storage.EntityUser, e.Entity)
		}
	}
}

func testPinTombstone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	pinned := f.pin(m.ID, ann.ID)
	stone := f.remove(m.ID, ann.ID)
	require.Zero(t, stone.PinnedAt, "PinnedAt of a tombstone")
	require.Equal(t, pinned.Version+1, stone.Version)
	require.Empty(t, f.pinned(room.ID))
	wantList(t, nil, f.messagePages(storage.MessageQuery{Room: room.ID, Pinned: true, WithDeleted: true}))
	e := f.refused(t, func() error { _, err := f.PinMessage(f.ctx, m.ID, ann.ID); return err }, storage.ErrConflict)
	require.Equal(t, storage.EntityMessage, e.Entity)
	require.Equal(t, m.ID.String(), e.ID)
	require.Equal(t, stone, f.unpin(m.ID, ann.ID))
}

func testPinEdit(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	pinned := f.pin(m.ID, ann.ID)
	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("y"), IfVersion: m.Version})
		return err
	}, storage.ErrConflict)
	f.clock.advance(time.Minute)
	edited := f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("y"), IfVersion: pinned.Version})
	require.Equal(t, pinned.PinnedAt, edited.PinnedAt, "PinnedAt after an edit")
	require.Equal(t, []storage.Message{edited}, f.pinned(room.ID))
	unpinned := f.unpin(m.ID, ann.ID)
	require.Equal(t, edited.EditedAt, unpinned.EditedAt, "EditedAt after unpinning")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("z")})
	require.Empty(t, f.pinned(room.ID))
}

func testPinExpired(t *testing.T, f *fixture) {
	m, _ := f.expiring()
	other := f.say(m.RoomID, m.AuthorID, "too late", func(o *storage.Message) { o.ExpiresAt = m.ExpiresAt })
	pinned := f.pin(m.ID, m.AuthorID)
	require.Equal(t, []storage.Message{pinned}, f.pinned(m.RoomID))
	f.clock.advance(time.Minute)
	require.Empty(t, f.pinned(m.RoomID))
	_, err := f.PinMessage(f.ctx, other.ID, m.AuthorID)
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.UnpinMessage(f.ctx, m.ID, m.AuthorID)
	wantNotFound(t, err, storage.EntityMessage)
}

func testPinDeletedRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m, kept := f.say(room.ID, ann.ID, "x"), f.say(other.ID, ann.ID, "y")
	f.pin(m.ID, ann.ID)
	kept = f.pin(kept.ID, ann.ID)
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	_, err := f.UnpinMessage(f.ctx, m.ID, ann.ID)
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.PinMessage(f.ctx, m.ID, ann.ID)
	wantNotFound(t, err, storage.EntityMessage)
	require.Empty(t, f.pinned(room.ID))
	wantList(t, []storage.Message{kept}, f.messagePages(storage.MessageQuery{Author: ann.ID, Pinned: true}))
	again := f.room("hall", ann.ID)
	f.say(again.ID, ann.ID, "z")
	require.Empty(t, f.pinned(again.ID))
}

func testPinDeletedUsers(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, bob.ID, "x")
	m = f.pin(m.ID, ann.ID)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	m.AuthorID = storage.UserID{}
	require.Equal(t, []storage.Message{m}, f.pinned(room.ID))
	require.Zero(t, f.unpin(m.ID, storage.UserID{}).AuthorID)
	require.Zero(t, f.pin(m.ID, storage.UserID{}).AuthorID)
}

// newPinnedHistory is newHistory with every third message pinned that can be,
// in another order than theirs.
func (f *fixture) newPinnedHistory() *history {
	f.t.Helper()
	h := f.newHistory()
	for i := range slices.Backward(h.all) {
		if m := &h.all[i]; i%3 != 1 && !m.Deleted() && !m.Expired(f.now()) {
			*m = f.pin(m.ID, h.ann.ID)
		}
	}
	for i := 0; i < len(h.all); i += 6 {
		if m := &h.all[i]; !m.PinnedAt.IsZero() {
			*m = f.unpin(m.ID, h.ann.ID)
		}
	}
	return h
}
