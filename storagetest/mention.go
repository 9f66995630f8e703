package storagetest

// Lists of the messages that mention a user.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var mentionCases = []testCase{
	{"list", testMentionList},
	{"edits", testMentionEdits},
	{"everybody", testMentionsAll},
	{"tombstones", testMentionTombstones},
	{"expired and purged messages", testMentionGone},
	{"deleted room", testMentionDeletedRoom},
	{"deleted user", testMentionDeletedUser},
	{"unknown user", testMentionUnknown},
	{"anchors", testMentionAnchors},
	{"cursors", testMentionCursors},
	{"rolled back and reopened", testMentionKept},
}

// mentions makes a message mention users.
func mentions(users ...storage.UserID) func(*storage.Message) {
	return func(m *storage.Message) { m.Mentions = users }
}

// wantMentioned requires that these messages mention a user, the latest first.
func (f *fixture) wantMentioned(user storage.UserID, want ...string) {
	f.t.Helper()
	q := storage.MessageQuery{Mentioned: user}
	require.Equal(f.t, want, bodies(list(f, f.Messages, q)))
	n, err := f.CountMessages(f.ctx, q)
	require.NoError(f.t, err)
	require.Equal(f.t, int64(len(want)), n, "CountMessages")
}

func testMentionList(t *testing.T, f *fixture) {
	h := f.newThreads()
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(5*time.Minute)
	for _, q := range []storage.MessageQuery{
		{},
		{Room: h.room.ID},
		{Room: h.side.ID},
		{WithDeleted: true},
		{Author: h.ann.ID},
		{Author: h.bob.ID, Room: h.room.ID},
		{Types: []storage.MessageType{storage.MessageCode}},
		{Types: []storage.MessageType{storage.MessageCode}, Room: h.room.ID, WithDeleted: true},
		{Tags: []string{"red"}},
		{Tags: []string{"red", "blue"}, Room: h.room.ID},
		{From: from, To: to},
		{From: from, Room: h.room.ID},
		{Pinned: true},
		{Pinned: true, Room: h.room.ID, Author: h.ann.ID},
		{Thread: h.roots[0], Pinned: true},
	} {
		for _, q.Mentioned = range []storage.UserID{h.ann.ID, h.bob.ID} {
			f.wantHistory(h.history, q)
			q.Order = storage.OldestFirst
			f.wantHistory(h.history, q)
			q.Order = 0
		}
	}
	require.Greater(t, len(h.selected(storage.MessageQuery{Mentioned: h.bob.ID}, f.now())), 5)
}

func testMentionEdits(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "m", mentions(bob.ID))
	other := f.say(room.ID, ann.ID, "other")
	f.wantMentioned(bob.ID, "m")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("edited")})
	f.wantMentioned(bob.ID, "edited")
	f.edit(other.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{ann.ID, bob.ID}})
	f.wantMentioned(bob.ID, "other", "edited")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{ann.ID}})
	f.wantMentioned(bob.ID, "other")
	f.wantMentioned(ann.ID, "other", "edited")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{bob.ID, ann.ID, bob.ID}})
	f.wantMentioned(bob.ID, "other", "edited")
	f.edit(other.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{}})
	f.wantMentioned(bob.ID, "edited")
	f.pin(m.ID, ann.ID)
	f.wantMentioned(bob.ID, "edited")
}

func testMentionsAll(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	all := func(m *storage.Message) { m.MentionsAll = true }
	m := f.say(room.ID, ann.ID, "everybody", all)
	f.wantMentioned(bob.ID)
	f.say(room.ID, ann.ID, "everybody and bob", all, mentions(bob.ID))
	f.wantMentioned(bob.ID, "everybody and bob")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{bob.ID}})
	f.wantMentioned(bob.ID, "everybody and bob", "everybody")
}

func testMentionTombstones(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "m", mentions(bob.ID))
	f.say(room.ID, ann.ID, "other", mentions(bob.ID))
	require.Empty(t, f.remove(m.ID, ann.ID).Mentions)
	f.wantMentioned(bob.ID, "other")
	page, err := f.Messages(f.ctx, storage.MessageQuery{Mentioned: bob.ID, WithDeleted: true})
	require.NoError(t, err)
	require.Equal(t, []string{"other"}, bodies(page.Items))
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Mentioned: bob.ID, Room: room.ID, WithDeleted: true})
	require.NoError(t, err)
	require.Equal(t, int64(1), n, "a tombstone mentions nobody")
}

func testMentionGone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	f.say(room.ID, ann.ID, "expires", mentions(bob.ID), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	purged := f.say(room.ID, ann.ID, "purged", mentions(bob.ID))
	f.say(room.ID, ann.ID, "stays", mentions(bob.ID))
	f.wantMentioned(bob.ID, "stays", "purged", "expires")
	f.forget(purged.ID)
	f.wantMentioned(bob.ID, "stays", "expires")
	f.clock.advance(time.Minute)
	f.wantMentioned(bob.ID, "stays")
}

func testMentionDeletedRoom(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	f.say(room.ID, ann.ID, "gone", mentions(bob.ID))
	f.say(other.ID, ann.ID, "stays", mentions(bob.ID))
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	f.wantMentioned(bob.ID, "stays")
	wantList(t, nil, f.messagePages(storage.MessageQuery{Mentioned: bob.ID, Room: room.ID}))
}

// Mentions stay as they were written, but a user who is deleted is nobody, and
// a later one of the same identifier is somebody else.
func testMentionDeletedUser(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "m", mentions(bob.ID, ann.ID))
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	require.Equal(t, m, f.readMessage(m.ID))
	f.wantMentioned(bob.ID)
	f.wantMentioned(ann.ID, "m")
	again := f.user("bob", func(u *storage.User) { u.ID = bob.ID })
	f.wantMentioned(again.ID)
	f.say(room.ID, ann.ID, "new", mentions(again.ID))
	f.wantMentioned(again.ID, "new")
}

func testMentionUnknown(t *testing.T, f *fixture) {
	h := f.newThreads()
	cid := f.user("cid")
	for _, q := range []storage.MessageQuery{
		{Mentioned: nobody}, {Mentioned: cid.ID}, {Mentioned: cid.ID, Room: h.room.ID, WithDeleted: true},
		{Mentioned: h.bob.ID, Room: nowhere}, {Mentioned: nobody, Tags: []string{"red"}}, {Mentioned: h.bob.ID, Author: nobody},
	} {
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, page, "%+v", q)
		n, err := f.CountMessages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, n, "%+v", q)
	}
}

func testMentionAnchors(t *testing.T, f *fixture) {
	h := f.newThreads()
	q := storage.MessageQuery{Room: h.room.ID, Mentioned: h.bob.ID}
	for i, m := range h.places() {
		if i%3 != 0 {
			continue
		}
		bounds, around := q, q
		bounds.After = anchors(m)[i%2]
		f.wantBounded(h.history, bounds, m.Seq, 0)
		around.Around, around.Limit = anchors(m)[1-i%2], 3
		f.wantAround(h.history, around, m.Seq)
	}
	for field, q := range map[string]storage.MessageQuery{
		"Before": {Before: storage.AtSeq(1)}, "After": {After: storage.AtSeq(1)}, "Around": {Around: storage.AtSeq(1)},
	} {
		q.Mentioned = h.bob.ID
		wantErr(t, errOf(f.Messages(f.ctx, q)), storage.ErrInvalid, field)
	}
}

func testMentionCursors(t *testing.T, f *fixture) {
	h := f.newThreads()
	q := storage.MessageQuery{Mentioned: h.bob.ID}
	read := f.messagePages(q)
	wantTampered(t, read, next(t, read))
	wantOtherLimit(t, h.selected(q, f.now()), read)
	wantForeign(t, read,
		next(t, f.messagePages(storage.MessageQuery{Mentioned: h.ann.ID})),
		next(t, f.messagePages(storage.MessageQuery{Author: h.bob.ID})),
		next(t, f.messagePages(storage.MessageQuery{Mentioned: h.bob.ID, Room: h.room.ID})),
	)
}

func testMentionKept(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "m", mentions(bob.ID))
	f.rollBack(func(tx storage.Tx) error {
		_, err := tx.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{ann.ID}})
		return err
	})
	f.wantMentioned(bob.ID, "m")
	f.wantMentioned(ann.ID)
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.reopen()
	f.wantMentioned(bob.ID, "m")
}

// rollBack runs fn in a transaction that is rolled back.
func (f *fixture) rollBack(fn func(tx storage.Tx) error) {
	f.t.Helper()
	require.ErrorIs(f.t, f.Update(f.ctx, func(_ context.Context, tx storage.Tx) error {
		require.NoError(f.t, fn(tx))
		return errUndo
	}), errUndo)
}
