package storagetest

// What a message refers to, and what it does to its room.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMessageReferences(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	nobody := id[storage.User](1)
	for _, c := range []struct {
		m      storage.Message
		entity storage.Entity
		id     string
	}{
		{storage.Message{RoomID: id[storage.Room](1)}, storage.EntityRoom, id[storage.Room](1).String()},
		{storage.Message{RoomID: room.ID, AuthorID: nobody}, storage.EntityUser, nobody.String()},
		{storage.Message{RoomID: room.ID, Mentions: []storage.UserID{ann.ID, nobody}}, storage.EntityUser, nobody.String()},
		{storage.Message{RoomID: room.ID, ParentID: id[storage.Message](1)}, storage.EntityMessage, id[storage.Message](1).String()},
	} {
		e := f.refuseMessage(t, c.m, storage.ErrNotFound)
		require.Equal(t, c.entity, e.Entity, "Entity of %v", e)
		require.Equal(t, c.id, e.ID, "ID of %v", e)
	}
	f.refuseMessage(t, storage.Message{Body: "nowhere"}, storage.ErrInvalid, "RoomID")
}

func testMessageThreads(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	reply := func(to storage.MessageID) storage.Message {
		t.Helper()
		m := f.say(room.ID, ann.ID, "reply", func(m *storage.Message) { m.ParentID = to })
		require.Equal(t, m, f.readMessage(m.ID))
		return m
	}
	root := f.say(room.ID, ann.ID, "root")
	require.Zero(t, root.RootID, "RootID of a message that replies to none")
	first := reply(root.ID)
	second := reply(first.ID)
	require.Equal(t, root.ID, first.RootID, "RootID of a reply")
	require.Equal(t, root.ID, second.RootID, "RootID of a reply to a reply")
	require.Equal(t, first.ID, second.ParentID)

	_, err := f.DeleteMessage(f.ctx, second.ID, ann.ID)
	require.NoError(t, err)
	require.Equal(t, root.ID, reply(second.ID).RootID, "RootID of a reply to a tombstone")
	_, err = f.DeleteMessage(f.ctx, root.ID, ann.ID)
	require.NoError(t, err)
	require.Equal(t, root.ID, reply(root.ID).RootID, "RootID of a reply to a root that is a tombstone")

	f.refuseMessage(t, storage.Message{RoomID: other.ID, ParentID: first.ID}, storage.ErrInvalid, "ParentID")
}

func testMessageInactiveRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	first := f.say(room.ID, ann.ID, "open")
	require.NoError(t, f.DeactivateRoom(f.ctx, room.ID))
	e := f.refuseMessage(t, storage.Message{RoomID: room.ID, AuthorID: ann.ID}, storage.ErrForbidden)
	require.Equal(t, storage.ReasonRoomInactive, e.Reason)
	require.Equal(t, storage.EntityRoom, e.Entity)

	_, err := f.DeleteMessage(f.ctx, first.ID, ann.ID)
	require.NoError(t, err, "DeleteMessage in an inactive room")

	require.NoError(t, f.ReactivateRoom(f.ctx, room.ID))
	require.Equal(t, int64(2), f.say(room.ID, ann.ID, "open again").Seq)
}

func testMessageCounters(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	want := func(lastSeq, count int64, lastAt time.Time) {
		t.Helper()
		r := f.readRoom(room.ID)
		require.Equal(t, lastSeq, r.LastSeq, "LastSeq")
		require.Equal(t, count, r.MessageCount, "MessageCount")
		require.Equal(t, lastAt, r.LastMessageAt, "LastMessageAt")
	}
	want(0, 0, time.Time{})
	f.say(room.ID, storage.UserID{}, "one")
	start := f.now()
	want(1, 1, start)

	f.clock.advance(time.Hour)
	second := f.say(room.ID, storage.UserID{}, "two")
	want(2, 2, start.Add(time.Hour))

	f.clock.advance(-2 * time.Hour)
	f.say(room.ID, storage.UserID{}, "three, by a clock that was set back")
	want(3, 3, start.Add(time.Hour))

	_, err := f.CreateMessages(f.ctx, []*storage.Message{
		{RoomID: room.ID, Body: "later", CreatedAt: start.Add(3 * time.Hour)},
		{RoomID: room.ID, Body: "old", CreatedAt: start.Add(-time.Hour)},
	})
	require.NoError(t, err)
	want(5, 5, start.Add(3*time.Hour))

	for range 2 {
		_, err = f.DeleteMessage(f.ctx, second.ID, storage.UserID{})
		require.NoError(t, err)
		want(5, 4, start.Add(3*time.Hour))
	}
	after := f.readRoom(room.ID)
	require.Equal(t, room.Version, after.Version, "messages raise the version")
	require.Equal(t, room.UpdatedAt, after.UpdatedAt, "messages move UpdatedAt")
}

// Where several errors apply: invalid, not found, forbidden, conflict,
// duplicate.
func testMessageErrorOrder(t *testing.T, f *fixture) {
	ann := f.user("ann")
	open, shut := f.room("hall", ann.ID), f.room("attic", ann.ID)
	nonce := func(m *storage.Message) { m.Nonce = "n" }
	said := f.say(open.ID, ann.ID, "said", nonce)
	f.say(shut.ID, ann.ID, "said", nonce)
	require.NoError(t, f.DeactivateRoom(f.ctx, shut.ID))
	unknown := id[storage.User](1)
	long := strings.Repeat("x", storage.MaxBody+1)
	for _, c := range []struct {
		name string
		m    storage.Message
		want error
	}{
		{"invalid and not found", storage.Message{RoomID: id[storage.Room](1), Body: long}, storage.ErrInvalid},
		{"invalid and forbidden", storage.Message{RoomID: shut.ID, Body: long}, storage.ErrInvalid},
		{"another room's parent and not found", storage.Message{RoomID: shut.ID, AuthorID: unknown, ParentID: said.ID}, storage.ErrInvalid},
		{"another room's parent and forbidden", storage.Message{RoomID: shut.ID, ParentID: said.ID}, storage.ErrInvalid},
		{"not found and forbidden", storage.Message{RoomID: shut.ID, AuthorID: unknown}, storage.ErrNotFound},
		{"not found and duplicate", storage.Message{RoomID: open.ID, AuthorID: unknown, ID: said.ID}, storage.ErrNotFound},
		{"not found and conflict", storage.Message{RoomID: open.ID, AuthorID: ann.ID, Nonce: "n", Mentions: []storage.UserID{unknown}}, storage.ErrNotFound},
		{"forbidden and conflict", storage.Message{RoomID: shut.ID, AuthorID: ann.ID, Nonce: "n", Body: "other"}, storage.ErrForbidden},
		{"forbidden and duplicate", storage.Message{RoomID: shut.ID, ID: said.ID}, storage.ErrForbidden},
		{"conflict and duplicate", storage.Message{RoomID: open.ID, AuthorID: ann.ID, Nonce: "n", Body: "other", ID: said.ID}, storage.ErrConflict},
	} {
		m := c.m
		_, err := f.CreateMessage(f.ctx, &m)
		require.ErrorIs(t, err, c.want, c.name)
		wantErr(t, err, c.want)
	}
}

func testMessageDeletedRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m := f.say(room.ID, ann.ID, "walls have ears")
	stays := f.say(other.ID, ann.ID, "walls")
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))

	require.Empty(t, f.waysTo(m), "ways to a message of a deleted room")
	require.ElementsMatch(t, everyWay(f), f.waysTo(stays), "ways to a message of another room")
	_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("x")})
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.DeleteMessage(f.ctx, m.ID, ann.ID)
	wantNotFound(t, err, storage.EntityMessage)
	f.refuseMessage(t, storage.Message{RoomID: other.ID, ParentID: m.ID}, storage.ErrNotFound)
	f.refuseMessage(t, storage.Message{RoomID: room.ID}, storage.ErrNotFound)
	again := f.room("hall", ann.ID)
	require.Equal(t, int64(1), f.say(again.ID, ann.ID, "new walls").Seq, "Seq in a new room of the old name")
	require.Empty(t, f.waysTo(m))
}
