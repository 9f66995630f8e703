package storagetest

// Unread mentions.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// mentioning makes a message mention users, and all if there are none.
func mentioning(users ...storage.UserID) func(*storage.Message) {
	return func(m *storage.Message) { m.Mentions, m.MentionsAll = users, len(users) == 0 }
}

func testUnreadMentions(t *testing.T, f *fixture) {
	c := f.circle()
	plain := f.say(c.room, c.ann, "x")
	both := f.say(c.room, c.ann, "hey", mentioning(c.bob, c.cid))
	f.wantUnread(c.room, c.bob, 1, plain, both)
	other := f.say(c.room, c.ann, "hey", mentioning(c.cid))
	f.wantUnread(c.room, c.bob, 1, plain, both, other)
	all := f.say(c.room, c.ann, "hey all", mentioning())
	f.wantUnread(c.room, c.bob, 2, plain, both, other, all)
	f.wantUnread(c.room, c.cid, 3, plain, both, other, all)
	once := f.say(c.room, c.ann, "hey all, and bob", mentioning(c.bob), func(m *storage.Message) { m.MentionsAll = true })
	f.wantUnread(c.room, c.bob, 3, plain, both, other, all, once)
	f.say(c.room, c.ann, "hey all", mentioning(), func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.say(c.room, c.ann, "hey bob", mentioning(c.bob), func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.wantUnread(c.room, c.bob, 3, plain, both, other, all, once)
	f.markRead(c.room, c.bob, storage.At(both.ID))
	f.wantUnread(c.room, c.bob, 2, other, all, once)
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantUnread(c.room, c.bob, 0)
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 3, both, other, all, once)

	imported := &storage.Message{RoomID: c.room, AuthorID: c.bob, Mentions: []storage.UserID{c.bob}, MentionsAll: true}
	f.createMany(1, imported) // mentioning oneself
	f.wantUnread(c.room, c.bob, 3, both, other, all, once)
	f.wantUnread(c.room, c.ann, 1, *imported)
}

func testUnreadEdited(t *testing.T, f *fixture) {
	c := f.circle()
	m, read := f.say(c.room, c.ann, "x"), f.say(c.room, c.ann, "y")
	edit := func(m storage.Message, p storage.MessagePatch) {
		require.NoError(t, errOf(f.EditMessage(f.ctx, m.ID, c.ann, p)))
	}
	both, cid, none := []storage.UserID{c.cid, c.bob}, []storage.UserID{c.cid}, []storage.UserID{}
	for _, step := range []struct {
		patch         storage.MessagePatch
		ofBob, ofBoth int64 // unread mentions of bob, and of cid
	}{
		{storage.MessagePatch{Mentions: &both}, 1, 1},
		{storage.MessagePatch{Mentions: &both, Body: new("again")}, 1, 1},
		{storage.MessagePatch{Mentions: &cid}, 0, 1},
		{storage.MessagePatch{MentionsAll: new(true)}, 1, 1},
		{storage.MessagePatch{Mentions: &both}, 1, 1},
		{storage.MessagePatch{MentionsAll: new(false)}, 1, 1},
		{storage.MessagePatch{Mentions: &none}, 0, 0},
		{storage.MessagePatch{MentionsAll: new(true)}, 1, 1},
		{storage.MessagePatch{Body: new("more")}, 1, 1},
		{storage.MessagePatch{MentionsAll: new(false), Mentions: &both}, 1, 1},
	} {
		edit(m, step.patch)
		f.wantUnread(c.room, c.bob, step.ofBob, m, read)
		f.wantUnread(c.room, c.cid, step.ofBoth, m, read)
	}
	f.markRead(c.room, c.bob, storage.Anchor{})
	edit(read, storage.MessagePatch{Mentions: &both}) // read already
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.cid, 2, m, read)
	f.markUnread(c.room, c.bob, storage.At(read.ID))
	f.wantUnread(c.room, c.bob, 1, read)
}

func testUnreadMentionsGone(t *testing.T, f *fixture) {
	c := f.circle()
	var ms []storage.Message
	for range 3 {
		ms = append(ms, f.say(c.room, c.ann, "hey", mentioning(c.bob)), f.say(c.room, c.ann, "hey", mentioning()))
	}
	f.wantUnread(c.room, c.bob, 6, ms...)
	f.unsay(ms[0])
	f.wantUnread(c.room, c.bob, 5, ms[1:]...)
	f.unsay(ms[1])
	f.wantUnread(c.room, c.bob, 4, ms[2:]...)
	f.wipe(ms[2])
	f.wipe(ms[3])
	f.wantUnread(c.room, c.bob, 2, ms[4:]...)
	f.wipe(ms[0])
	f.wipe(ms[1])
	f.wantUnread(c.room, c.bob, 2, ms[4:]...)
	f.wantUnread(c.room, c.cid, 1, ms[4:]...)
	require.NoError(t, f.DeleteUser(f.ctx, c.bob))
	f.wantUnread(c.room, c.cid, 1, ms[4:]...)
}

// The list shows the messages as its viewer would see them anywhere.
func testUnreadViewer(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.ann)
	f.react(ms[0].ID, c.bob, "👍")
	f.react(ms[0].ID, c.ann, ":tea:")
	f.say(c.room, c.cid, "reply", func(m *storage.Message) { m.ParentID = ms[0].ID })
	want := list(f, f.Messages, storage.MessageQuery{Room: c.room, Viewer: c.bob, Order: storage.OldestFirst})
	require.Equal(t, ":tea: 1, 👍 1*", countsText(want[0].Reactions))
	got := list(f, f.unreadMessages, storage.UnreadQuery{Room: c.room, User: c.bob})
	require.Equal(t, want, got)
	f.react(ms[1].ID, c.cid, "👍")
	f.clock.advance(time.Minute)
	f.markUnread(c.room, c.cid, storage.AtSeq(1))
	want = list(f, f.Messages, storage.MessageQuery{Room: c.room, Viewer: c.cid, Order: storage.OldestFirst})
	got = list(f, f.unreadMessages, storage.UnreadQuery{Room: c.room, User: c.cid})
	require.Equal(t, want[:2], got)
}
