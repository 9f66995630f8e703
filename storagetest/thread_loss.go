package storagetest

// What becomes of threads when messages and users go.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testThreadDeleted(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	f.remove(second.ID, root.AuthorID)
	f.wantThread(root, 1, 1, first)
	f.remove(second.ID, root.AuthorID)
	f.wantThread(root, 1, 1, first)
	third := f.reply(second, second.AuthorID, "to a tombstone")
	f.wantThread(root, 2, 2, third)
	f.remove(first.ID, root.AuthorID)
	f.wantThread(root, 1, 1, third)
	f.remove(third.ID, root.AuthorID)
	f.wantThread(root, 0, 0, storage.Message{})
	f.wantThread(root, 1, 1, f.reply(root, root.AuthorID, "again"))
}

// A tombstone shows its thread, which goes on.
func testThreadTombstone(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	want := f.readMessage(root.ID).Thread
	stone := f.remove(root.ID, root.AuthorID)
	require.Equal(t, want, stone.Thread, "what DeleteMessage returned")
	require.Equal(t, stone, f.remove(root.ID, root.AuthorID), "what DeleteMessage returned a second time")
	f.wantThread(root, 2, 2, second)
	third := f.reply(root, root.AuthorID, "third")
	f.wantThread(root, 3, 2, third)
	f.remove(third.ID, root.AuthorID)
	f.forget(second.ID)
	f.wantThread(root, 1, 1, first)
}

// Replies leave the summary when their time is over, which no write tells.
func testThreadExpired(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	in := func(d time.Duration) func(*storage.Message) {
		at := f.now().Add(d)
		return func(m *storage.Message) { m.ExpiresAt = at }
	}
	late := f.reply(root, root.AuthorID, "late", in(2*time.Minute))
	cid := f.user("cid")
	soon := f.reply(first, cid.ID, "soon", in(time.Minute))
	f.wantThread(root, 4, 3, soon)
	f.clock.advance(time.Minute - time.Microsecond)
	f.wantThread(root, 4, 3, soon)
	f.clock.advance(time.Microsecond)
	f.wantThread(root, 3, 2, late)
	f.clock.advance(time.Minute)
	f.wantThread(root, 2, 2, second)
	f.reply(root, cid.ID, "stillborn", in(0))
	f.wantThread(root, 2, 2, second)
	for _, gone := range []storage.MessageID{soon.ID, late.ID} {
		f.forget(gone)
		f.wantThread(root, 2, 2, second)
	}
	stone := f.reply(root, cid.ID, "a tombstone before it expires", in(time.Minute))
	f.remove(stone.ID, cid.ID)
	f.wantThread(root, 2, 2, second)
	f.clock.advance(time.Minute)
	f.wantThread(root, 2, 2, second)
}

func testThreadExpiredRoot(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	root := f.say(room.ID, ann.ID, "root", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	first := f.reply(root, ann.ID, "first")
	f.wantThread(root, 1, 1, first)
	f.clock.advance(time.Minute)
	f.refuseMessage(t, storage.Message{RoomID: room.ID, ParentID: root.ID}, storage.ErrNotFound)
	second := f.reply(first, ann.ID, "second")
	require.Equal(t, root.ID, second.RootID)
	wantList(t, []storage.Message{second, first}, f.messagePages(storage.MessageQuery{Thread: root.ID}))
	f.forget(root.ID)
	wantList(t, []storage.Message{second, first}, f.messagePages(storage.MessageQuery{Thread: root.ID}))
	f.wantSummaries(room.ID)
}

func testThreadPurged(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	third := f.reply(second, root.AuthorID, "third")
	stone := f.reply(second, root.AuthorID, "a tombstone")
	f.remove(stone.ID, root.AuthorID)
	f.forget(stone.ID)
	f.wantThread(root, 3, 2, third)
	f.forget(third.ID)
	f.wantThread(root, 2, 2, second)
	f.forget(first.ID)
	f.wantThread(root, 1, 1, second)
	f.forget(second.ID)
	f.wantThread(root, 0, 0, storage.Message{})
	last := f.reply(root, root.AuthorID, "again")
	f.wantThread(root, 1, 1, last)
}

// A thread outlives its root even if that is purged: its replies keep their
// RootID, and may be replied to.
func testThreadPurgedRoot(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	f.forget(root.ID)
	f.refuseMessage(t, storage.Message{RoomID: root.RoomID, ParentID: root.ID}, storage.ErrNotFound)
	require.Equal(t, first, f.readMessage(first.ID), "a reply to what was purged")
	third := f.reply(second, root.AuthorID, "third")
	require.Equal(t, root.ID, third.RootID)
	require.Equal(t, second.ID, third.ParentID)
	q := storage.MessageQuery{Thread: root.ID, Order: storage.OldestFirst}
	wantList(t, []storage.Message{first, second, third}, f.messagePages(q))
	q.Before = storage.At(third.ID)
	wantList(t, []storage.Message{first, second}, f.messagePages(q))
	f.forget(first.ID)
	f.remove(second.ID, root.AuthorID)
	wantList(t, []storage.Message{third}, f.messagePages(storage.MessageQuery{Thread: root.ID}))
	f.wantSummaries(root.RoomID)
}

func testThreadAuthors(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	third := f.reply(root, second.AuthorID, "third")
	f.wantThread(root, 3, 2, third)
	require.NoError(t, f.DeleteUser(f.ctx, second.AuthorID))
	third.AuthorID = storage.UserID{}
	f.wantThread(root, 3, 1, third)
	again := f.user("bob", func(u *storage.User) { u.ID = second.AuthorID })
	f.wantThread(root, 3, 1, third)
	fourth := f.reply(root, again.ID, "fourth")
	f.wantThread(root, 4, 2, fourth)
	f.remove(fourth.ID, again.ID)
	require.NoError(t, f.DeleteUser(f.ctx, first.AuthorID))
	f.wantThread(root, 3, 0, third)
}

func testThreadNobody(t *testing.T, f *fixture) {
	root, _, second := f.threadOf()
	ghost := f.reply(root, storage.UserID{}, "from the void")
	f.wantThread(root, 3, 2, ghost)
	f.reply(root, storage.UserID{}, "and again")
	f.remove(second.ID, storage.UserID{})
	all := list(f, f.Messages, storage.MessageQuery{Thread: root.ID})
	f.wantThread(root, 3, 1, all[0])
}

// The last reply is the one of the highest Seq, whatever its time.
func testThreadImported(t *testing.T, f *fixture) {
	root, first, _ := f.threadOf()
	old := &storage.Message{
		RoomID: root.RoomID, AuthorID: root.AuthorID, ParentID: root.ID, Body: "old", CreatedAt: clockStart.Add(-time.Hour),
	}
	older := &storage.Message{RoomID: root.RoomID, ParentID: first.ID, Body: "older", CreatedAt: clockStart.Add(-2 * time.Hour)}
	f.createMany(2, old, older)
	f.wantThread(root, 4, 2, *older)
	f.remove(older.ID, root.AuthorID)
	f.wantThread(root, 3, 2, *old)
}

func testThreadDeletedRoom(t *testing.T, f *fixture) {
	root, first, _ := f.threadOf()
	kept := f.say(f.room("attic", root.AuthorID).ID, root.AuthorID, "kept")
	reply := f.reply(kept, root.AuthorID, "reply")
	require.NoError(t, f.DeleteRoom(f.ctx, root.RoomID))
	for _, q := range []storage.MessageQuery{{Thread: root.ID}, {Thread: root.ID, Room: root.RoomID}, {Thread: first.ID}} {
		wantList(t, nil, f.messagePages(q))
	}
	f.wantThread(kept, 1, 1, reply)
}

func testThreadRolledBack(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		m := storage.Message{RoomID: root.RoomID, AuthorID: root.AuthorID, ParentID: first.ID}
		_, err := tx.CreateMessage(ctx, &m)
		require.NoError(t, err)
		_, err = tx.DeleteMessage(ctx, second.ID, root.AuthorID)
		require.NoError(t, err)
		_, err = tx.PurgeMessage(ctx, first.ID)
		require.NoError(t, err)
		inside, err := tx.Message(ctx, root.ID)
		require.NoError(t, err)
		require.Equal(t, storage.Thread{
			Replies: 1, Participants: 1, LastReplyID: m.ID, LastReplyAt: m.CreatedAt, LastAuthorID: m.AuthorID,
		}, inside.Thread, "within the transaction")
		return errUndo
	}), errUndo)
	f.wantThread(root, 2, 2, second)
}

func testThreadSnapshot(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureConcurrentViews) {
		t.Log("left out: writers wait for readers")
		return
	}
	root, _, second := f.threadOf()
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		before, err := r.Message(ctx, root.ID)
		require.NoError(t, err)
		f.remove(second.ID, root.AuthorID)
		f.reply(root, root.AuthorID, "more")
		after, err := r.Message(ctx, root.ID)
		require.NoError(t, err)
		require.Equal(t, before, after)
		return nil
	}))
	f.wantSummaries(root.RoomID)
}

func testThreadReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	root, first, second := f.threadOf()
	f.remove(first.ID, root.AuthorID)
	f.reopen()
	f.wantThread(root, 1, 1, second)
	third := f.reply(first, root.AuthorID, "third")
	f.reopen()
	f.wantThread(root, 2, 2, third)
	f.forget(root.ID)
	f.reopen()
	wantList(t, []storage.Message{third, second}, f.messagePages(storage.MessageQuery{Thread: root.ID}))
}
