package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// wantAnyOrder is makes for changes after the first whose order nothing tells.
func (f *fixture) wantAnyOrder(call func() error, first storage.Change, rest ...storage.Change) {
	f.t.Helper()
	all := f.made(call)
	require.NotEmpty(f.t, all)
	require.Equal(f.t, first, all[0])
	require.ElementsMatch(f.t, rest, all[1:])
}

// about is a change of a message that tells who wrote it.
func about(kind storage.ChangeKind, m storage.Message, actor storage.UserID) storage.Change {
	return storage.Change{
		Kind: kind, Actor: actor, RoomID: m.RoomID, MessageID: m.ID, Seq: m.Seq,
		UserID: m.AuthorID, RootID: m.RootID, Version: m.Version,
	}
}

// sends requires that a message that is sent is told of, and returns it.
func (f *fixture) sends(m storage.Message) storage.Message {
	f.t.Helper()
	all := f.made(func() error { return errOf(f.CreateMessage(f.ctx, &m)) })
	require.Equal(f.t, []storage.Change{about(storage.ChangeMessageCreated, m, m.AuthorID)}, all)
	return m
}

// Sending moves the sender's marker without a change of its own.
func testChangeMessages(t *testing.T, f *fixture) {
	c := f.circle()
	file := f.upload(c.room, c.ann, "file")
	f.sends(storage.Message{RoomID: c.room, AuthorID: c.ann, Body: "hello"})
	f.sends(storage.Message{RoomID: c.room, AuthorID: c.ann, Mentions: []storage.UserID{c.bob}, Tags: []string{"a"}})
	f.sends(storage.Message{RoomID: c.room, Type: storage.MessageSystem, Body: "from nobody"})
	f.sends(storage.Message{RoomID: c.room, AuthorID: c.bob, Attachments: []storage.Attachment{{ID: file.ID}}})
	f.sends(storage.Message{RoomID: c.room, AuthorID: f.user("dan").ID, Body: "no member"})
	f.sends(storage.Message{RoomID: c.room, AuthorID: c.ann, ExpiresAt: f.now().Add(time.Minute)})
}

func testChangeReplies(t *testing.T, f *fixture) {
	c := f.circle()
	root := f.sends(storage.Message{RoomID: c.room, AuthorID: c.ann, Body: "root"})
	reply := f.sends(storage.Message{RoomID: c.room, AuthorID: c.bob, ParentID: root.ID})
	require.Equal(t, root.ID, reply.RootID)
	again := f.sends(storage.Message{RoomID: c.room, AuthorID: c.ann, ParentID: reply.ID})
	again.Version = 2
	f.makes(func() error {
		return errOf(f.EditMessage(f.ctx, again.ID, c.cid, storage.MessagePatch{Body: new("edited")}))
	}, about(storage.ChangeMessageEdited, again, c.cid))
	again.Version = 3
	f.makes(func() error { return errOf(f.DeleteMessage(f.ctx, again.ID, c.cid)) },
		about(storage.ChangeMessageDeleted, again, c.cid))
}

func testChangeNonces(t *testing.T, f *fixture) {
	c := f.circle()
	m := storage.Message{RoomID: c.room, AuthorID: c.ann, Body: "once", Nonce: "n"}
	f.sends(m)
	f.makes(func() error { return errOf(f.CreateMessage(f.ctx, &m)) })
	other := storage.Message{RoomID: c.room, AuthorID: c.ann, Body: "twice", Nonce: "o"}
	all := f.made(func() error { return errOf(f.CreateMessages(f.ctx, []*storage.Message{&m, &other})) })
	require.Equal(t, []storage.Change{about(storage.ChangeMessageCreated, other, storage.UserID{})}, all)
}

func testChangeImports(t *testing.T, f *fixture) {
	c := f.circle()
	ms := []*storage.Message{
		{RoomID: c.room, AuthorID: c.ann, Body: "one", CreatedAt: f.now().Add(-time.Hour)},
		{RoomID: f.room("attic", c.ann).ID, AuthorID: c.bob, Body: "two"},
		{RoomID: c.room, Body: "three"},
	}
	all := f.made(func() error { return errOf(f.CreateMessages(f.ctx, ms)) })
	var want []storage.Change
	for _, m := range ms {
		want = append(want, about(storage.ChangeMessageCreated, *m, storage.UserID{}))
	}
	require.Equal(t, want, all)
	f.wantMarker(0, c.room, c.ann)
}

func testChangeEdits(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "helo")
	edit := func(by storage.UserID, p storage.MessagePatch) func() error {
		return func() error { return errOf(f.EditMessage(f.ctx, m.ID, by, p)) }
	}
	m.Version = 2
	f.makes(edit(c.ann, storage.MessagePatch{Body: new("hello")}), about(storage.ChangeMessageEdited, m, c.ann))
	f.makes(edit(c.ann, storage.MessagePatch{Body: new("hello")}))
	m.Version = 3
	f.makes(edit(storage.UserID{}, storage.MessagePatch{Tags: &[]string{"a"}}),
		about(storage.ChangeMessageEdited, m, storage.UserID{}))
	require.NoError(t, f.DeleteUser(f.ctx, c.ann))
	m.Version, m.AuthorID = 4, storage.UserID{}
	f.makes(edit(c.bob, storage.MessagePatch{Body: new("bye")}), about(storage.ChangeMessageEdited, m, c.bob))
}

func testChangeDeletions(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "a slip", func(m *storage.Message) { m.Nonce = "n" })
	f.react(m.ID, c.bob, "👍")
	f.pin(m.ID, c.ann)
	m = f.readMessage(m.ID)
	m.Version++
	f.makes(func() error { return errOf(f.DeleteMessage(f.ctx, m.ID, c.bob)) }, about(storage.ChangeMessageDeleted, m, c.bob))
	f.makes(func() error { return errOf(f.DeleteMessage(f.ctx, m.ID, c.ann)) })

	var want []storage.Change
	for _, m := range f.saying(3, c.room, c.ann) {
		m.Version = 2
		want = append(want, about(storage.ChangeMessageDeleted, m, storage.UserID{}))
	}
	q := storage.MessageQuery{Room: c.room, Order: storage.OldestFirst}
	remove := func() error { _, _, err := f.DeleteMessages(f.ctx, q, storage.UserID{}); return err }
	f.makes(remove, want...)
	f.makes(remove)
}

func testChangePins(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "the rules")
	change := storage.Change{
		Kind: storage.ChangeMessagePinned, Actor: c.bob, RoomID: c.room, MessageID: m.ID, Seq: 1, Version: 2,
	}
	f.makes(func() error { return errOf(f.PinMessage(f.ctx, m.ID, c.bob)) }, change)
	f.makes(func() error { return errOf(f.PinMessage(f.ctx, m.ID, c.ann)) })
	change.Kind, change.Actor, change.Version = storage.ChangeMessageUnpinned, storage.UserID{}, 3
	f.makes(func() error { return errOf(f.UnpinMessage(f.ctx, m.ID, storage.UserID{})) }, change)
	f.makes(func() error { return errOf(f.UnpinMessage(f.ctx, m.ID, c.ann)) })
}

func testChangeReactions(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.saying(2, c.room, c.ann)[1]
	change := storage.Change{
		Kind: storage.ChangeReactionAdded, Actor: c.bob, RoomID: c.room, MessageID: m.ID, Seq: 2, UserID: c.bob, Emoji: "é",
	}
	add := func() error { return errOf(f.AddReaction(f.ctx, m.ID, c.bob, "e\u0301")) }
	f.makes(add, change)
	f.makes(add)
	remove := func() error { return errOf(f.RemoveReaction(f.ctx, m.ID, c.bob, "é")) }
	change.Kind = storage.ChangeReactionRemoved
	f.makes(remove, change)
	f.makes(remove)
}

// reacted tells of all reactions.
var reacted = storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeReactionAdded, storage.ChangeReactionRemoved}}

// reactTo makes three changes about a message.
func (f *fixture) reactTo(m storage.MessageID, one, other storage.UserID) {
	f.t.Helper()
	f.react(m, one, "👍")
	f.react(m, other, "🎉")
	f.retract(m, other, "🎉")
}

// mute takes the emoji out of changes.
func mute(all []storage.Change) {
	for i := range all {
		all[i].Emoji = ""
	}
}

// What somebody felt about a message goes with it.
func testChangeReactionsPurged(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.ann)
	f.reactTo(ms[0].ID, c.ann, c.bob)
	f.reactTo(ms[1].ID, c.ann, c.bob)
	want := f.changesOf(reacted)
	require.Len(t, want, 6)
	f.wipe(ms[0])
	mute(want[:3])
	require.Equal(t, want, f.changesOf(reacted))
}
