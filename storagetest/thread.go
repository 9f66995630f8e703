package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var threadCases = []testCase{
	{"summary", testThreadSummary},
	{"replies to replies", testThreadNested},
	{"edits, pins and reactions leave the summary", testThreadEdits},
	{"deleted replies", testThreadDeleted},
	{"deleted root", testThreadTombstone},
	{"expired replies", testThreadExpired},
	{"expired root", testThreadExpiredRoot},
	{"purged replies", testThreadPurged},
	{"purged root", testThreadPurgedRoot},
	{"deleted authors", testThreadAuthors},
	{"replies of nobody", testThreadNobody},
	{"imported replies", testThreadImported},
	{"unknown parents", testThreadUnknownParent},
	{"repeated replies", testThreadNonce},
	{"deleted room", testThreadDeletedRoom},
	{"rolled back", testThreadRolledBack},
	{"snapshot", testThreadSnapshot},
	{"reopen", testThreadReopen},
	{"list", testThreadList},
	{"list with every other condition", testThreadFilters},
	{"list of what is no root", testThreadNone},
	{"bounds in a thread", testThreadBounds},
	{"around in a thread", testThreadAround},
	{"unknown anchors in a thread", testThreadAnchors},
	{"cursors", testThreadCursors},
	{"walk while replies come and go", testThreadWalk},
}

// reply stores a reply, changed by edits first.
func (f *fixture) reply(to storage.Message, author storage.UserID, body string, edits ...func(*storage.Message)) storage.Message {
	f.t.Helper()
	parent := func(m *storage.Message) { m.ParentID = to.ID }
	return f.say(to.RoomID, author, body, append([]func(*storage.Message){parent}, edits...)...)
}

// forget purges a message.
func (f *fixture) forget(m storage.MessageID) {
	f.t.Helper()
	_, err := f.PurgeMessage(f.ctx, m)
	require.NoError(f.t, err)
}

// summary is what the contract says about a thread in a room of which these
// are all messages in the order of Seq, without those that have expired.
func summary(all []storage.Message, root storage.MessageID) (s storage.Thread) {
	authors := map[storage.UserID]bool{}
	for _, m := range all {
		if m.RootID != root || m.Deleted() {
			continue
		}
		s.Replies++
		s.LastReplyID, s.LastReplyAt, s.LastAuthorID = m.ID, m.CreatedAt, m.AuthorID
		if !m.AuthorID.IsZero() {
			authors[m.AuthorID] = true
		}
	}
	s.Participants = int64(len(authors))
	return s
}

// wantSummaries requires that every message of a room shows its thread as it
// is, whichever way it is read.
func (f *fixture) wantSummaries(room storage.RoomID) {
	f.t.Helper()
	all := list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true, Order: storage.OldestFirst})
	var ids []storage.MessageID
	for _, m := range all {
		require.Equal(f.t, summary(all, m.ID), m.Thread, "Thread of %q", m.Body)
		require.Equal(f.t, m, f.readMessage(m.ID), "on a page, and alone")
		ids = append(ids, m.ID)
	}
	many, err := f.MessagesByID(f.ctx, ids...)
	require.NoError(f.t, err)
	require.Equal(f.t, all, many, "on a page, and by ID")
}

// wantThread requires that a root has so many replies of so many authors, and
// the last one of them.
func (f *fixture) wantThread(root storage.Message, replies, participants int64, last storage.Message) {
	f.t.Helper()
	want := storage.Thread{Replies: replies, Participants: participants}
	if replies > 0 {
		want.LastReplyID, want.LastReplyAt, want.LastAuthorID = last.ID, last.CreatedAt, last.AuthorID
	}
	require.Equal(f.t, want, f.readMessage(root.ID).Thread)
	f.wantSummaries(root.RoomID)
}

// threadOf stores a root and a reply of each of two users, a second apart.
func (f *fixture) threadOf() (root, first, second storage.Message) {
	f.t.Helper()
	ann, bob := f.user("ann"), f.user("bob")
	root = f.say(f.room("hall", ann.ID).ID, ann.ID, "root")
	f.clock.advance(time.Second)
	first = f.reply(root, ann.ID, "first")
	f.clock.advance(time.Second)
	second = f.reply(root, bob.ID, "second")
	return root, first, second
}

func testThreadSummary(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	root, other := f.say(room.ID, ann.ID, "root"), f.say(room.ID, ann.ID, "another root")
	require.Zero(t, root.Thread)
	f.wantThread(root, 0, 0, storage.Message{})
	f.clock.advance(time.Minute)
	first := f.reply(root, bob.ID, "first", func(m *storage.Message) { m.Thread.Replies = 7 })
	require.Zero(t, first.Thread, "Thread of a reply")
	f.wantThread(root, 1, 1, first)
	f.clock.advance(time.Minute)
	second := f.reply(root, bob.ID, "second")
	f.wantThread(root, 2, 1, second)
	f.clock.advance(-time.Hour)
	third := f.reply(root, ann.ID, "third, by a clock that was set back")
	f.wantThread(root, 3, 2, third)
	f.wantThread(other, 0, 0, storage.Message{})
	f.wantThread(other, 1, 1, f.reply(other, ann.ID, "reply"))
	f.wantThread(root, 3, 2, third)

	after := f.readMessage(root.ID)
	after.Thread = storage.Thread{}
	require.Equal(t, root, after, "replies change nothing else of their root")
}

func testThreadNested(t *testing.T, f *fixture) {
	root, first, _ := f.threadOf()
	cid := f.user("cid")
	nested := f.reply(first, cid.ID, "to the first")
	require.Equal(t, root.ID, nested.RootID)
	require.Equal(t, first.ID, nested.ParentID)
	f.wantThread(root, 3, 3, nested)
	deeper := f.reply(nested, cid.ID, "to that")
	require.Equal(t, root.ID, deeper.RootID)
	f.wantThread(root, 4, 3, deeper)
	f.wantThread(first, 0, 0, storage.Message{})
	f.remove(nested.ID, cid.ID)
	f.wantThread(root, 3, 3, deeper)
}

func testThreadEdits(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	f.clock.advance(time.Hour)
	f.edit(first.ID, first.AuthorID, storage.MessagePatch{Body: new("edited"), Tags: &[]string{"a"}})
	f.wantThread(root, 2, 2, second)
	f.pin(second.ID, first.AuthorID)
	f.react(first.ID, first.AuthorID, "x")
	f.wantThread(root, 2, 2, second)
	want := f.readMessage(root.ID).Thread
	require.Equal(t, want, f.pin(root.ID, root.AuthorID).Thread, "PinMessage")
	require.Equal(t, want, f.unpin(root.ID, root.AuthorID).Thread, "UnpinMessage")
	for range 2 {
		require.Equal(t, want, f.edit(root.ID, root.AuthorID, storage.MessagePatch{Body: new("edited")}).Thread, "EditMessage")
	}
	require.NoError(t, f.DeactivateRoom(f.ctx, root.RoomID))
	f.wantThread(root, 2, 2, second)
}

func testThreadUnknownParent(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	elsewhere := f.room("attic", root.AuthorID)
	f.refuseMessage(t, storage.Message{RoomID: elsewhere.ID, ParentID: root.ID}, storage.ErrInvalid, "ParentID")
	f.refuseMessage(t, storage.Message{RoomID: elsewhere.ID, ParentID: first.ID}, storage.ErrInvalid, "ParentID")
	f.forget(first.ID)
	for _, parent := range []storage.MessageID{first.ID, id[storage.Message](1)} {
		e := f.refuseMessage(t, storage.Message{RoomID: root.RoomID, ParentID: parent}, storage.ErrNotFound)
		require.Equal(t, storage.EntityMessage, e.Entity)
		require.Equal(t, parent.String(), e.ID)
	}
	f.wantThread(root, 1, 1, second)
	late := f.reply(root, root.AuthorID, "expires", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	f.clock.advance(time.Minute)
	f.refuseMessage(t, storage.Message{RoomID: root.RoomID, ParentID: late.ID}, storage.ErrNotFound)
}

// A request that is repeated is no second reply.
func testThreadNonce(t *testing.T, f *fixture) {
	root, _, _ := f.threadOf()
	request := storage.Message{RoomID: root.RoomID, AuthorID: root.AuthorID, ParentID: root.ID, Body: "once", Nonce: "n"}
	reply := f.send(request)
	f.wantThread(root, 3, 2, reply)
	f.sendAgain(reply, request)
	request.Body = "twice"
	f.refuseMessage(t, request, storage.ErrConflict)
	f.wantThread(root, 3, 2, reply)

	first := storage.Message{RoomID: root.RoomID, AuthorID: root.AuthorID, Body: "a root", Nonce: "m"}
	begun := f.send(first)
	f.reply(begun, root.AuthorID, "x")
	f.sendAgain(f.readMessage(begun.ID), first)
}
