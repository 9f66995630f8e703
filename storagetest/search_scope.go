package storagetest

// Whose messages a search finds, and where.

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testSearchRooms(t *testing.T, f *fixture) {
	a, b, c := f.room("a", storage.UserID{}), f.room("b", storage.UserID{}), f.room("c", storage.UserID{})
	for _, r := range []storage.Room{a, b, c} {
		f.say(r.ID, storage.UserID{}, "word in "+r.Name)
	}
	unknown := id[storage.Room](1)
	for _, q := range []struct {
		rooms []storage.RoomID
		want  []string
	}{
		{nil, []string{"word in c", "word in b", "word in a"}},
		{[]storage.RoomID{}, []string{"word in c", "word in b", "word in a"}},
		{[]storage.RoomID{b.ID}, []string{"word in b"}},
		{[]storage.RoomID{a.ID, c.ID}, []string{"word in c", "word in a"}},
		{[]storage.RoomID{c.ID, unknown, a.ID, c.ID}, []string{"word in c", "word in a"}},
		{[]storage.RoomID{unknown}, nil},
		{[]storage.RoomID{{}}, nil},
	} {
		require.Equal(t, q.want, f.found(storage.SearchQuery{Text: "word", Rooms: q.rooms}), "rooms %v", q.rooms)
	}
}

// A reader finds what is in the rooms that he is in now.
func testSearchReader(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	f.say(hall.ID, ann.ID, "word in hall")
	f.say(attic.ID, ann.ID, "word in attic")
	found := func(rooms ...storage.RoomID) []string {
		t.Helper()
		return f.found(storage.SearchQuery{Text: "word", Reader: bob.ID, Rooms: rooms})
	}
	require.Empty(t, found(), "in no room")
	f.join(hall.ID, bob.ID)
	require.Equal(t, []string{"word in hall"}, found(), "in one room")
	require.Empty(t, found(attic.ID), "in another room than asked for")
	require.Equal(t, []string{"word in hall"}, found(attic.ID, hall.ID))
	f.join(attic.ID, bob.ID)
	require.Equal(t, []string{"word in attic", "word in hall"}, found(), "in two rooms")
	require.NoError(t, f.RemoveMember(f.ctx, hall.ID, bob.ID))
	require.Equal(t, []string{"word in attic"}, found(), "after leaving one")
	require.NoError(t, f.DeleteRoom(f.ctx, attic.ID))
	require.Empty(t, found(), "after the other was deleted")
	require.Equal(t, []string{"word in hall"}, f.found(storage.SearchQuery{Text: "word", Reader: ann.ID}))
	f.join(hall.ID, bob.ID)
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	require.Empty(t, found(), "after the reader was deleted")
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", Reader: id[storage.User](1)}), "unknown reader")
}

func testSearchAuthor(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	f.say(hall.ID, ann.ID, "word by ann in hall")
	f.say(hall.ID, bob.ID, "word by bob in hall")
	f.say(attic.ID, ann.ID, "word by ann in attic")
	f.say(attic.ID, storage.UserID{}, "word by nobody")
	require.Equal(t, []string{"word by ann in attic", "word by ann in hall"}, f.found(storage.SearchQuery{Text: "word", Author: ann.ID}))
	require.Equal(t, []string{"word by ann in attic"}, f.found(storage.SearchQuery{Text: "word", Author: ann.ID, Rooms: []storage.RoomID{attic.ID}}))
	require.Equal(t, []string{"word by bob in hall"}, f.found(storage.SearchQuery{Text: "word", Author: bob.ID, Reader: ann.ID}))
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", Author: bob.ID, Rooms: []storage.RoomID{attic.ID}}))
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", Author: id[storage.User](1)}))
}

func testSearchAuthorGone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", bob.ID)
	m := f.say(room.ID, ann.ID, "word by ann")
	f.say(room.ID, bob.ID, "word by bob")
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", Author: ann.ID}), "by an author who is deleted")
	m.AuthorID = storage.UserID{}
	found := f.searchAll(storage.SearchQuery{Text: "ann"})
	require.Len(t, found, 1)
	require.Equal(t, m, found[0].Message)
	f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("word by someone")})
	require.Empty(t, f.found(storage.SearchQuery{Text: "ann"}), "the old text")
	require.Equal(t, []string{"word by bob", "word by someone"}, f.found(storage.SearchQuery{Text: "word"}))
	f.user("ann", func(u *storage.User) { u.ID = ann.ID })
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", Author: ann.ID}), "by a later user of the same ID")
}

func testSearchNever(t *testing.T, f *fixture) {
	room, gone := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "word that stays")
	f.say(room.ID, storage.UserID{}, "word in cipher", func(m *storage.Message) { m.Type = storage.MessageEncrypted })
	f.say(gone.ID, storage.UserID{}, "word in a room that goes")
	f.say(room.ID, storage.UserID{}, "word that expires", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	stone := f.say(room.ID, storage.UserID{}, "word that is deleted")
	f.remove(stone.ID, storage.UserID{})
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))
	require.Equal(t, []string{"word that expires", "word that stays"}, f.found(storage.SearchQuery{Text: "word"}))
	f.clock.advance(time.Minute)
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}, {gone.ID}, {room.ID, gone.ID}} {
		var want []string
		if len(rooms) != 1 || rooms[0] != gone.ID {
			want = []string{"word that stays"}
		}
		require.Equal(t, want, f.found(storage.SearchQuery{Text: "word", Rooms: rooms}), "rooms %v", rooms)
	}
	secret := f.say(room.ID, storage.UserID{}, "", func(m *storage.Message) { m.Type = storage.MessageEncrypted })
	f.edit(secret.ID, storage.UserID{}, storage.MessagePatch{Body: new("word in another cipher")})
	require.Equal(t, []string{"word that stays"}, f.found(storage.SearchQuery{Text: "word"}))
}

func testSearchWhole(t *testing.T, f *fixture) {
	w := f.world()
	found := f.searchAll(storage.SearchQuery{Text: "good"})
	require.Len(t, found, 1)
	require.Equal(t, w.first, found[0].Message, "a message as it was found, and as it is")
	require.Equal(t, w.first, f.searchAll(storage.SearchQuery{Text: "greeting"})[0].Message, "a message as it was found by its tag")
}

func testEditSearch(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureSearch) {
		return
	}
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "the old words")
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("the new words")})
	require.Empty(t, f.found(storage.SearchQuery{Text: "old"}), "the old text")
	require.Equal(t, []string{"the new words"}, f.found(storage.SearchQuery{Text: "new"}))
	require.Equal(t, []string{"the new words"}, f.found(storage.SearchQuery{Text: "the words"}))
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Tags: &[]string{"a"}})
	require.Equal(t, []string{"the new words"}, f.found(storage.SearchQuery{Text: "new"}), "another field changed")
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("")})
	require.Empty(t, f.found(storage.SearchQuery{Text: "new"}), "the text emptied")
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("newer")})
	require.Equal(t, []string{"newer"}, f.found(storage.SearchQuery{Text: "newer"}))
}

func testEditSearchPlace(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureSearch) {
		return
	}
	room := f.room("hall", storage.UserID{})
	first := f.say(room.ID, storage.UserID{}, "first")
	f.say(room.ID, storage.UserID{}, "second word")
	f.say(room.ID, storage.UserID{}, "third word")
	f.edit(first.ID, storage.UserID{}, storage.MessagePatch{Body: new("first word")})
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		require.Equal(t, []string{"third word", "second word", "first word"}, f.found(storage.SearchQuery{Text: "word", Rooms: rooms}))
		require.Equal(t, []string{"first word", "second word", "third word"},
			f.found(storage.SearchQuery{Text: "word", Rooms: rooms, Order: storage.OldestFirst}))
	}
}

func testDeleteSearch(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureSearch) {
		return
	}
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "say no more")
	f.say(room.ID, storage.UserID{}, "more")
	f.remove(m.ID, storage.UserID{})
	require.Equal(t, []string{"more"}, f.found(storage.SearchQuery{Text: "more"}))
	require.Empty(t, f.found(storage.SearchQuery{Text: "say"}))
}

func testSearchInTx(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	kept, changed, gone := f.say(room.ID, storage.UserID{}, "word kept"), f.say(room.ID, storage.UserID{}, "word old"), f.say(room.ID, storage.UserID{}, "word gone")
	want := []string{"word new", "word changed", "word kept"}
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID, Body: "word new"})
		require.NoError(t, err)
		_, err = tx.EditMessage(ctx, changed.ID, storage.UserID{}, storage.MessagePatch{Body: new("word changed")})
		require.NoError(t, err)
		_, err = tx.DeleteMessage(ctx, gone.ID, storage.UserID{})
		require.NoError(t, err)
		for _, q := range []storage.SearchQuery{{Text: "word"}, {Text: "word", Rooms: []storage.RoomID{room.ID}}} {
			result, err := tx.SearchMessages(ctx, q)
			require.NoError(t, err)
			var got []string
			for _, match := range result.Items {
				got = append(got, match.Message.Body)
			}
			require.Equal(t, want, got, "a search that sees its own writes")
		}
		return nil
	}))
	require.Equal(t, want, f.found(storage.SearchQuery{Text: "word"}))
	require.Equal(t, kept, f.readMessage(kept.ID))
}

func testSearchRolledBack(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	changed, gone := f.say(room.ID, storage.UserID{}, "word old"), f.say(room.ID, storage.UserID{}, "word gone")
	undo := errors.New("undo")
	err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for i := range 5 {
			_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID, Body: fmt.Sprint("word new ", i)})
			require.NoError(t, err)
		}
		_, err := tx.EditMessage(ctx, changed.ID, storage.UserID{}, storage.MessagePatch{Body: new("word new")})
		require.NoError(t, err)
		_, err = tx.DeleteMessage(ctx, gone.ID, storage.UserID{})
		require.NoError(t, err)
		_, err = tx.SearchMessages(ctx, storage.SearchQuery{Text: "new"})
		require.NoError(t, err)
		return undo
	})
	require.ErrorIs(t, err, undo)
	require.Equal(t, []string{"word gone", "word old"}, f.found(storage.SearchQuery{Text: "word"}))
	require.Empty(t, f.found(storage.SearchQuery{Text: "new"}), "what was rolled back")
	f.say(room.ID, storage.UserID{}, "word next")
	require.Equal(t, []string{"word next", "word gone", "word old"}, f.found(storage.SearchQuery{Text: "word"}))
}

func testSearchImported(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	f.createMany(2,
		&storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "an old word", CreatedAt: time.Unix(0, 0), Nonce: "1"},
		&storage.Message{RoomID: room.ID, Body: "a new word", Nonce: "2"})
	f.createMany(0, &storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "an old word", Nonce: "1"})
	require.Equal(t, []string{"a new word", "an old word"}, f.found(storage.SearchQuery{Text: "word", Rooms: []storage.RoomID{room.ID}}))
	require.Equal(t, []string{"an old word"}, f.found(storage.SearchQuery{Text: "word", Author: ann.ID}))
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.reopen()
	require.Equal(t, []string{"a new word", "an old word"}, f.found(storage.SearchQuery{Text: "word", Reader: ann.ID}))
}
