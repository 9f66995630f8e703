package storagetest

// Reading single messages, and the ways in which a message is found at all.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMessageUnknown(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "x")
	for _, unknown := range []storage.MessageID{{}, id[storage.Message](1), {0: 0xff}} {
		got, err := f.Message(f.ctx, unknown)
		e := wantErr(t, err, storage.ErrNotFound)
		require.Equal(t, storage.EntityMessage, e.Entity)
		require.Equal(t, unknown.String(), e.ID)
		require.Zero(t, got)
		_, err = f.EditMessage(f.ctx, unknown, storage.UserID{}, storage.MessagePatch{Body: new("y")})
		wantNotFound(t, err, storage.EntityMessage)
		_, err = f.DeleteMessage(f.ctx, unknown, storage.UserID{})
		wantNotFound(t, err, storage.EntityMessage)
	}
}

func testMessagesByID(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	a, b := f.say(hall.ID, storage.UserID{}, "a"), f.say(attic.ID, storage.UserID{}, "b")
	c := f.say(hall.ID, storage.UserID{}, "c")
	tombstone, err := f.DeleteMessage(f.ctx, b.ID, storage.UserID{})
	require.NoError(t, err)
	got, err := f.MessagesByID(f.ctx, c.ID, id[storage.Message](1), b.ID, c.ID, storage.MessageID{}, a.ID, b.ID)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{c, tombstone, a}, got, "MessagesByID(c, unknown, b, c, none, a, b)")
	for _, ids := range [][]storage.MessageID{nil, {id[storage.Message](1)}} {
		got, err = f.MessagesByID(f.ctx, ids...)
		require.NoError(t, err)
		require.Empty(t, got)
	}
}

func testMessagesByIDLimit(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	ms := make([]*storage.Message, storage.MaxLimit)
	for i := range ms {
		ms[i] = &storage.Message{RoomID: room.ID, Body: "x"}
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	ids := make([]storage.MessageID, 0, storage.MaxLimit+1)
	for _, m := range ms {
		ids = append(ids, m.ID)
	}
	got, err := f.MessagesByID(f.ctx, ids...)
	require.NoError(t, err)
	require.Len(t, got, storage.MaxLimit)
	_, err = f.MessagesByID(f.ctx, append(ids, ids[0])...)
	wantErr(t, err, storage.ErrInvalid)
}

// everyWay names the ways in which readers find a message that has an author
// and text.
func everyWay(f *fixture) []string {
	ways := []string{
		"Message", "MessagesByID", "Messages of the room", "Messages of the author", "Messages of both",
		"Messages around", "CountMessages of the room", "CountMessages of the author",
	}
	if !f.backend.lacks(FeatureSearch) {
		ways = append(ways, "SearchMessages", "SearchMessages in the room")
	}
	return ways
}

// waysTo names the ways in which readers find a message, which must be the
// only one of its author in its room. Tombstones are looked for, too.
func (f *fixture) waysTo(m storage.Message) []string { return waysTo(f, f.Store, m) }

func waysTo(f *fixture, r storage.Reader, m storage.Message) (ways []string) {
	f.t.Helper()
	found := func(way string, is bool, err error) {
		f.t.Helper()
		if is {
			ways = append(ways, way)
		}
		if err != nil && kindOf(err) != storage.ErrNotFound.Error() {
			require.NoError(f.t, err, way)
		}
	}
	got, err := r.Message(f.ctx, m.ID)
	found("Message", got.ID == m.ID, err)
	many, err := r.MessagesByID(f.ctx, m.ID)
	found("MessagesByID", holds(many, m.ID), err)
	room, author := storage.MessageQuery{Room: m.RoomID, WithDeleted: true}, storage.MessageQuery{Author: m.AuthorID, WithDeleted: true}
	both, around := room, room
	both.Author, around.Around = m.AuthorID, storage.AtSeq(m.Seq)
	for _, list := range []struct {
		way string
		q   storage.MessageQuery
	}{{"Messages of the room", room}, {"Messages of the author", author}, {"Messages of both", both}, {"Messages around", around}} {
		page, err := r.Messages(f.ctx, list.q)
		found(list.way, holds(page.Items, m.ID), err)
	}
	n, err := r.CountMessages(f.ctx, both)
	found("CountMessages of the room", n > 0, err)
	author.Types, author.From, author.To = []storage.MessageType{m.Type}, m.CreatedAt, m.CreatedAt.Add(time.Microsecond)
	both.From, both.To, both.Types = author.From, author.To, author.Types
	n, err = r.CountMessages(f.ctx, both)
	found("CountMessages of the author", n > 0, err)
	if f.backend.lacks(FeatureSearch) {
		return ways
	}
	for way, q := range map[string]storage.SearchQuery{
		"SearchMessages": {Text: m.Body}, "SearchMessages in the room": {Text: m.Body, Rooms: []storage.RoomID{m.RoomID}, Author: m.AuthorID},
	} {
		result, err := r.SearchMessages(f.ctx, q)
		is := false
		for _, match := range result.Items {
			is = is || match.Message.ID == m.ID
		}
		found(way, is, err)
	}
	return ways
}

func holds(ms []storage.Message, id storage.MessageID) bool {
	for _, m := range ms {
		if m.ID == id {
			return true
		}
	}
	return false
}
