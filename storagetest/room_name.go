package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomNameCases = []testCase{
	{"names that are the same", testRoomNameTaken},
	{"names that differ", testRoomNameFree},
	{"rooms without a name", testRoomsNameless},
	{"a name is free again", testRoomNameFreed},
	{"read by name", testRoomByName},
}

func testRoomNameTaken(t *testing.T, f *fixture) {
	for _, c := range []struct{ first, second string }{
		{"General", "gENERAL"},
		{"Ｌobby", "lobby"},
		{"cafe\u0301", "CAF\u00c9"},
		{"Straße", "STRASSE"},
		{"ﬁle", "File"},
		{"ΣΑΣ", "σας"},
		{"Ꭰꭱ", "ꭰᎡ"},           // Cherokee, which folds to capitals
		{"  ", "\u00a0\u2003"}, // spaces are a name
		{"x\x01", "X\x01"},
	} {
		first := f.room(c.first, storage.UserID{})
		r := storage.Room{Name: c.second}
		f.refused(t, func() error { return f.CreateRoom(f.ctx, &r) }, storage.ErrDuplicate, "Name")
		exists, err := storage.RoomNameExists(f.ctx, f, c.second)
		require.NoError(t, err)
		require.True(t, exists, "RoomNameExists(%q)", c.second)
		require.Equal(t, c.first, f.readRoom(first.ID).Name, "as typed")
	}
}

func testRoomNameFree(t *testing.T, f *fixture) {
	for _, name := range []string{
		"chat", "сhat", "cafe", "café", "a b", "a  b", " a b", "a b ", "a%", "a_", "a\\%", "'a'", "a\u200b", "1", "l",
	} {
		r := f.room(name, storage.UserID{})
		got, err := f.RoomByName(f.ctx, name)
		require.NoError(t, err)
		require.Equal(t, r, got, "RoomByName(%q)", name)
	}
}

func testRoomsNameless(t *testing.T, f *fixture) {
	a, b := f.room("", storage.UserID{}), f.room("", storage.UserID{})
	_, err := f.RoomByName(f.ctx, "")
	wantNotFound(t, err, storage.EntityRoom)
	exists, err := storage.RoomNameExists(f.ctx, f, "")
	require.NoError(t, err)
	require.False(t, exists)

	_, err = f.UpdateRoom(f.ctx, a.ID, storage.RoomPatch{Name: new("general")})
	require.NoError(t, err)
	_, err = f.UpdateRoom(f.ctx, a.ID, storage.RoomPatch{Name: new("")})
	require.NoError(t, err)
	_, err = f.UpdateRoom(f.ctx, b.ID, storage.RoomPatch{Name: new("General")})
	require.NoError(t, err)
}

func testRoomNameFreed(t *testing.T, f *fixture) {
	first := f.room("General", storage.UserID{})
	_, err := f.UpdateRoom(f.ctx, first.ID, storage.RoomPatch{Name: new("lobby")})
	require.NoError(t, err)
	second := f.room("general", storage.UserID{})
	r := storage.Room{Name: "LOBBY"}
	f.refused(t, func() error { return f.CreateRoom(f.ctx, &r) }, storage.ErrDuplicate, "Name")

	require.NoError(t, f.DeleteRoom(f.ctx, second.ID))
	exists, err := storage.RoomNameExists(f.ctx, f, "general")
	require.NoError(t, err)
	require.False(t, exists)
	third := f.room("GENERAL", storage.UserID{})
	got, err := f.RoomByName(f.ctx, "general")
	require.NoError(t, err)
	require.Equal(t, third, got)
}

func testRoomByName(t *testing.T, f *fixture) {
	r := f.room("General", storage.UserID{}, func(r *storage.Room) { r.DisplayName = "Lobby" })
	f.room("general2", storage.UserID{})
	for _, name := range []string{"General", "general", "GENERAL", "ｇeneral"} {
		got, err := f.RoomByName(f.ctx, name)
		require.NoError(t, err)
		require.Equal(t, r, got, "RoomByName(%q)", name)
	}
	for _, name := range []string{"genera", "lobby", "general%", "general ", "_eneral"} {
		got, err := f.RoomByName(f.ctx, name)
		require.Error(t, err, "RoomByName(%q)", name)
		wantNotFound(t, err, storage.EntityRoom)
		require.Zero(t, got)
	}
}
