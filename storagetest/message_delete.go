package storagetest

// Tombstones, and what becomes of messages when users go.

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testDelete(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	parent := f.say(room.ID, bob.ID, "parent")
	m := f.say(room.ID, ann.ID, "regret", func(m *storage.Message) {
		m.Type, m.ParentID, m.Nonce = storage.MessageMarkdown, parent.ID, "n"
		m.Mentions, m.MentionsAll = []storage.UserID{bob.ID}, true
		m.Tags, m.Custom = []string{"a"}, json.RawMessage(`{}`)
		m.ExpiresAt = f.now().Add(time.Hour)
	})
	f.clock.advance(time.Minute)
	m = f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("regrets")})
	f.clock.advance(time.Minute)
	stone := f.remove(m.ID, bob.ID)
	require.True(t, stone.Deleted())
	require.Equal(t, storage.Message{
		ID: m.ID, RoomID: room.ID, Seq: 2, AuthorID: ann.ID, Type: storage.MessageMarkdown,
		ParentID: parent.ID, RootID: parent.ID, Nonce: "n", CreatedAt: m.CreatedAt, EditedAt: m.EditedAt,
		DeletedAt: f.now(), DeletedBy: bob.ID, ExpiresAt: m.ExpiresAt, Version: 3,
	}, stone)
	require.Equal(t, int64(1), f.readRoom(room.ID).MessageCount, "MessageCount")
	require.Equal(t, int64(2), f.readRoom(room.ID).LastSeq, "LastSeq")

	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID})
	require.NoError(t, err)
	require.Equal(t, []storage.Message{parent}, page.Items)
	page, err = f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, WithDeleted: true})
	require.NoError(t, err)
	require.Equal(t, []storage.Message{stone, parent}, page.Items)
}

func testDeleteAgain(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.say(room.ID, ann.ID, "y")
	stone := f.remove(m.ID, ann.ID)
	for range 2 {
		f.clock.advance(time.Minute)
		require.Equal(t, stone, f.remove(m.ID, bob.ID), "the tombstone of a message that is deleted again")
		require.Equal(t, int64(1), f.readRoom(room.ID).MessageCount, "MessageCount")
	}
}

func testDeleteByNobody(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	stone := f.remove(m.ID, storage.UserID{})
	require.Zero(t, stone.DeletedBy)
	require.Equal(t, f.now(), stone.DeletedAt)
}

func testDeleteReplies(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	root := f.say(room.ID, ann.ID, "root")
	reply := f.say(room.ID, ann.ID, "reply", func(m *storage.Message) { m.ParentID = root.ID })
	f.remove(root.ID, ann.ID)
	require.Equal(t, reply, f.readMessage(reply.ID), "a reply to a message that is deleted")
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: room.ID})
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
}

func testDeleteSeq(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for i := range 3 {
		m := f.say(room.ID, storage.UserID{}, "x")
		require.Equal(t, int64(i+1), m.Seq, "Seq after the last message was deleted")
		f.remove(m.ID, storage.UserID{})
	}
	require.Equal(t, int64(3), f.readRoom(room.ID).LastSeq)
}

// What a user wrote stays, authored by nobody.
func testDeleteAuthor(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", bob.ID)
	m := f.say(room.ID, ann.ID, "i was here", func(m *storage.Message) { m.Nonce = "n" })
	stone := f.say(room.ID, ann.ID, "x")
	stone = f.remove(stone.ID, bob.ID)
	other := f.say(room.ID, bob.ID, "i am here", func(m *storage.Message) { m.Nonce = "n" })
	before := f.readRoom(room.ID)
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))

	m.AuthorID, stone.AuthorID = storage.UserID{}, storage.UserID{}
	want := []storage.Message{m, stone, other}
	for _, message := range want {
		require.Equal(t, message, f.readMessage(message.ID), "Message")
	}
	wantList(t, want, f.messagePages(storage.MessageQuery{Room: room.ID, WithDeleted: true, Order: storage.OldestFirst}))
	many, err := f.MessagesByID(f.ctx, m.ID, stone.ID)
	require.NoError(t, err)
	require.Equal(t, want[:2], many, "MessagesByID")
	for _, author := range []storage.MessageQuery{{Author: ann.ID, WithDeleted: true}, {Room: room.ID, Author: ann.ID, WithDeleted: true}} {
		wantList(t, nil, f.messagePages(author))
	}
	require.Equal(t, before.MessageCount, f.readRoom(room.ID).MessageCount)

	require.NotEqual(t, m.ID, f.say(room.ID, storage.UserID{}, "i was here", func(m *storage.Message) { m.Nonce = "n" }).ID,
		"nobody's nonce and that of a user who is gone")
	edited := f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("ann was here")})
	require.Zero(t, edited.AuthorID)
	require.Zero(t, f.remove(m.ID, bob.ID).AuthorID)

	again := f.user("ann", func(u *storage.User) { u.ID = ann.ID })
	wantList(t, nil, f.messagePages(storage.MessageQuery{Author: again.ID, WithDeleted: true}))
}

func testDeleteDeleter(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	stone := f.remove(m.ID, bob.ID)
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	stone.DeletedBy = storage.UserID{}
	require.Equal(t, stone, f.readMessage(m.ID))
	require.Equal(t, stone, f.remove(m.ID, ann.ID))
}

// Mentions stay as they were written, and so can the message be edited.
func testDeleteMentioned(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "@bob", func(m *storage.Message) { m.Mentions = []storage.UserID{bob.ID, ann.ID} })
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	require.Equal(t, m, f.readMessage(m.ID))
	edited := f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("@bob?")})
	require.Equal(t, m.Mentions, edited.Mentions)
	edited = f.edit(m.ID, ann.ID, storage.MessagePatch{Mentions: new(slices.Clone(m.Mentions[1:]))})
	require.Equal(t, m.Mentions[1:], edited.Mentions)
	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Mentions: new(slices.Clone(m.Mentions))})
		return err
	}, storage.ErrNotFound)
}
