package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomCases = []testCase{
	{"create fills in", testCreateRoom},
	{"create keeps and overwrites", testCreateRoomGiven},
	{"create refuses", testCreateRoomRefused},
	{"the creator is the owner", testCreateRoomOwner},
	{"no creator, no member", testCreateRoomNobody},
	{"read what is not there", testReadNoRoom},
	{"read several", testRoomsByID},
	{"unknown enumerated values", testRoomEnums},
	{"every writer needs the room", testRoomWritersNotFound},
}

func testCreateRoom(t *testing.T, f *fixture) {
	r := storage.Room{Name: "general"}
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	require.False(t, r.ID.IsZero(), "no ID")
	require.Equal(t, storage.Room{
		ID: r.ID, Name: "general", Type: storage.RoomChannel, Privacy: storage.PrivacyPrivate, Active: true,
		CreatedAt: f.now(), UpdatedAt: f.now(), Version: 1,
	}, r)
	require.Equal(t, r, f.readRoom(r.ID))
}

// fullRoom returns a room with every field that a caller decides.
func fullRoom() storage.Room {
	return storage.Room{
		ID: id[storage.Room](1), Name: "The Attic", DisplayName: "Attic", Description: "Below\nthe roof", Topic: "dust",
		Type: storage.RoomTemporary, Privacy: storage.PrivacyProtected, PasswordHash: "$argon2id$x",
		Settings:  fullRoomSettings(),
		ExpiresAt: time.Date(2027, 1, 2, 3, 4, 5, 678901000, time.UTC),
	}
}

func fullRoomSettings() storage.RoomSettings {
	return storage.RoomSettings{
		MaxMembers: 10, RetentionDays: 20, RetentionMax: 1 << 40, HistoryHidden: true, RateLimit: 30, Moderated: true,
		Uploads: storage.UploadRules{Forbidden: true, MaxBytes: 1 << 50, Types: []string{"image/png", "*", "", "image/png"}},
		Custom:  json.RawMessage("{\"z\": [1, 2],\n\"a\":\"\\u4e0a\"} "),
	}
}

func testCreateRoomGiven(t *testing.T, f *fixture) {
	ann := f.user("ann")
	want := fullRoom()
	want.CreatorID = ann.ID
	r := want.Clone()
	r.CreatedAt, r.UpdatedAt, r.LastMessageAt, r.Version = time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0), 7
	r.LastSeq, r.MessageCount, r.MemberCount = 4, 5, 6
	require.NoError(t, f.CreateRoom(f.ctx, &r))

	want.Active, want.CreatedAt, want.UpdatedAt, want.Version, want.MemberCount = true, f.now(), f.now(), 1, 1
	require.Equal(t, want, r, "after CreateRoom")
	require.Equal(t, want, f.readRoom(r.ID), "Room")
	require.Equal(t, int64(1), f.say(r.ID, ann.ID, "first").Seq)
}

func testCreateRoomRefused(t *testing.T, f *fixture) {
	taken := fullRoom()
	require.NoError(t, f.CreateRoom(f.ctx, &taken))
	for _, c := range []struct {
		field string
		kind  error
		edit  func(*storage.Room)
	}{
		{"ID", storage.ErrDuplicate, func(r *storage.Room) { r.ID = taken.ID }},
		{"Name", storage.ErrDuplicate, func(r *storage.Room) { r.Name = "the attic" }},
		{"Type", storage.ErrInvalid, func(r *storage.Room) { r.Type, r.Name = storage.RoomDirectMessage, "" }},
		{"Settings.MaxMembers", storage.ErrInvalid, func(r *storage.Room) { r.Settings.MaxMembers = -1 }},
		{"Settings.RetentionDays", storage.ErrInvalid, func(r *storage.Room) { r.Settings.RetentionDays = -1 }},
		{"Settings.RetentionMax", storage.ErrInvalid, func(r *storage.Room) { r.Settings.RetentionMax = -1 }},
		{"Settings.RateLimit", storage.ErrInvalid, func(r *storage.Room) { r.Settings.RateLimit = -1 }},
		{"Settings.Uploads.MaxBytes", storage.ErrInvalid, func(r *storage.Room) { r.Settings.Uploads.MaxBytes = -1 }},
		{"Settings.Uploads.Types", storage.ErrInvalid, func(r *storage.Room) {
			r.Settings.Uploads.Types = make([]string, storage.MaxUploadTypes+1)
		}},
		{"Settings.Custom", storage.ErrInvalid, func(r *storage.Room) { r.Settings.Custom = json.RawMessage(`"x"`) }},
		{"ExpiresAt", storage.ErrInvalid, expiring(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))},
		{"ExpiresAt", storage.ErrInvalid, func(r *storage.Room) { r.ExpiresAt = f.now().Add(time.Hour) }},
		{"ExpiresAt", storage.ErrInvalid, func(r *storage.Room) { r.Type, r.ExpiresAt = storage.RoomSystem, f.now() }},
	} {
		r := storage.Room{Name: "general", Settings: storage.RoomSettings{Custom: json.RawMessage{}}}
		c.edit(&r)
		before := r
		f.refused(t, func() error { return f.CreateRoom(f.ctx, &r) }, c.kind, c.field)
		require.Equal(t, before, r, "*r after an error about %s", c.field)
	}
}

func testCreateRoomOwner(t *testing.T, f *fixture) {
	ann := f.user("ann")
	f.clock.advance(time.Second)
	r := f.room("general", ann.ID, func(r *storage.Room) { r.Settings.MaxMembers = 1 })
	require.Equal(t, int64(1), r.MemberCount)
	require.Equal(t, r, f.readRoom(r.ID))
	require.Equal(t, []storage.Membership{
		{RoomID: r.ID, UserID: ann.ID, Role: storage.MemberOwner, JoinedAt: f.now()},
	}, list(f, f.Memberships, storage.MembershipQuery{Room: r.ID}))

	r = storage.Room{Name: "other", CreatorID: nobody}
	e := f.refused(t, func() error { return f.CreateRoom(f.ctx, &r) }, storage.ErrNotFound)
	require.Equal(t, storage.EntityUser, e.Entity)
	require.Equal(t, storage.Room{Name: "other", CreatorID: nobody}, r)
	f.room("other", ann.ID) // the name is free
}

func testCreateRoomNobody(t *testing.T, f *fixture) {
	r := f.room("general", storage.UserID{})
	require.Zero(t, r.MemberCount)
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{Room: r.ID}))
}

func testReadNoRoom(t *testing.T, f *fixture) {
	f.room("general", storage.UserID{})
	for _, id := range []storage.RoomID{{}, nowhere} {
		got, err := f.Room(f.ctx, id)
		wantNotFound(t, err, storage.EntityRoom)
		require.Zero(t, got)
	}
}

func testRoomsByID(t *testing.T, f *fixture) {
	a, b, gone := f.room("a", storage.UserID{}), f.room("", storage.UserID{}), f.room("gone", storage.UserID{})
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))
	for _, c := range []struct {
		ids  []storage.RoomID
		want []storage.Room
	}{
		{nil, nil},
		{[]storage.RoomID{gone.ID, {}}, nil},
		{[]storage.RoomID{b.ID, gone.ID, a.ID, b.ID}, []storage.Room{b, a}},
	} {
		got, err := f.RoomsByID(f.ctx, c.ids...)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "RoomsByID(%v)", c.ids)
	}
	many := make([]storage.RoomID, storage.MaxLimit+1)
	for i := range many {
		many[i] = storage.RoomID(f.options.NewUUID())
	}
	_, err := f.RoomsByID(f.ctx, many...)
	wantErr(t, err, storage.ErrInvalid)
	got, err := f.RoomsByID(f.ctx, many[1:]...)
	require.NoError(t, err)
	require.Nil(t, got)
}

func testRoomEnums(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	for _, c := range []struct {
		field string
		edit  func(*storage.Room)
	}{
		{"Type", func(r *storage.Room) { r.Type = storage.RoomTemporary + 1 }},
		{"Privacy", func(r *storage.Room) { r.Privacy = 255 }},
	} {
		var r storage.Room
		c.edit(&r)
		f.refused(t, func() error { return f.CreateRoom(f.ctx, &r) }, storage.ErrInvalid, c.field)
	}
	f.refused(t, func() error {
		_, err := f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{Privacy: new(storage.PrivacySystem + 1)})
		return err
	}, storage.ErrInvalid, "Privacy")

	for field, q := range map[string]storage.RoomQuery{
		"Types":     {Types: []storage.RoomType{storage.RoomGroup, 0}},
		"Privacies": {Privacies: []storage.Privacy{9}},
		"Order":     {Order: storage.RoomsByMembers + 1},
	} {
		_, err := f.Rooms(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		_, err = f.CountRooms(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}

func testRoomWritersNotFound(t *testing.T, f *fixture) {
	f.room("general", storage.UserID{})
	for name, write := range map[string]func() error{
		"UpdateRoom":     func() error { _, err := f.UpdateRoom(f.ctx, nowhere, storage.RoomPatch{}); return err },
		"UpdateSettings": func() error { _, err := f.UpdateRoomSettings(f.ctx, nowhere, storage.RoomSettings{}); return err },
		"DeactivateRoom": func() error { return f.DeactivateRoom(f.ctx, nowhere) },
		"ReactivateRoom": func() error { return f.ReactivateRoom(f.ctx, nowhere) },
		"DeleteRoom":     func() error { return f.DeleteRoom(f.ctx, nowhere) },
		"of no room":     func() error { return f.DeleteRoom(f.ctx, storage.RoomID{}) },
	} {
		e := f.refused(t, write, storage.ErrNotFound)
		require.Equal(t, storage.EntityRoom, e.Entity, name)
	}
}
