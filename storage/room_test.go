package storage_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
)

func fullRoom() storage.Room {
	return storage.Room{
		ID: someRoom, Name: "Den", DisplayName: "The den", Topic: "foxes",
		Type: storage.RoomTemporary, Privacy: storage.PrivacyProtected, PasswordHash: "hash",
		Settings: storage.RoomSettings{
			MaxMembers: 9, Uploads: storage.UploadRules{Types: []string{"image/png"}}, Custom: json.RawMessage(`{"a":1}`),
		},
		Active: true, ExpiresAt: noon, Version: 3,
	}
}

func TestRoomPatch(t *testing.T) {
	for _, tt := range []struct {
		name    string
		patch   storage.RoomPatch
		changed bool
	}{
		{"nothing", storage.RoomPatch{}, false},
		{"a version alone", storage.RoomPatch{IfVersion: 3}, false},
		{"the same of everything", storage.RoomPatch{
			Name: new("Den"), DisplayName: new("The den"), Description: new(""), Topic: new("foxes"),
			Privacy: new(storage.PrivacyProtected), PasswordHash: new(storage.Secret("hash")), ExpiresAt: &noon,
		}, false},
		{"the same instant elsewhere", storage.RoomPatch{ExpiresAt: new(noon.Add(time.Nanosecond).In(time.FixedZone("", 3600)))}, false},
		{"case of the name", storage.RoomPatch{Name: new("den")}, true},
		{"no topic", storage.RoomPatch{Topic: new("")}, true},
		{"privacy", storage.RoomPatch{Privacy: new(storage.PrivacyPublic)}, true},
		{"no password", storage.RoomPatch{PasswordHash: new(storage.Secret(""))}, true},
		{"never expires", storage.RoomPatch{ExpiresAt: new(time.Time{})}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			room := fullRoom()
			assert.Equal(t, tt.changed, tt.patch.Apply(&room))
			assert.EqualValues(t, 3, room.Version, "Apply leaves the version to the store")
			if !tt.changed {
				assert.Equal(t, fullRoom(), room)
			}
			assert.False(t, tt.patch.Apply(&room), "the same patch again")
		})
	}
}

func TestRoomSettings(t *testing.T) {
	room := fullRoom()
	assert.False(t, room.ApplySettings(fullRoom().Settings), "the same settings")
	assert.True(t, room.ApplySettings(storage.RoomSettings{}))
	assert.False(t, room.ApplySettings(storage.RoomSettings{
		Uploads: storage.UploadRules{Types: []string{}}, Custom: json.RawMessage{},
	}), "empty is nil")

	for field, s := range map[string]storage.RoomSettings{
		"Settings.MaxMembers":       {MaxMembers: -1},
		"Settings.RetentionDays":    {RetentionDays: -1},
		"Settings.RetentionMax":     {RetentionMax: -1},
		"Settings.RateLimit":        {RateLimit: -1},
		"Settings.Uploads.MaxBytes": {Uploads: storage.UploadRules{MaxBytes: -1}},
	} {
		assertInvalid(t, field, storage.Room{Settings: s}.Validate(), "a negative number")
	}
}

func TestRoomDefaultsAndRefusals(t *testing.T) {
	var room storage.Room
	room.Normalize()
	assert.Equal(t, storage.Room{Type: storage.RoomChannel, Privacy: storage.PrivacyPrivate}, room)
	assert.NoError(t, room.Validate(), "a room needs no name")
	assertInvalid(t, "Type", storage.Room{Type: 9}.Validate(), "an unknown type")
	assertInvalid(t, "Privacy", storage.Room{Privacy: 9}.Validate(), "an unknown privacy")
	assertInvalid(t, "Name", storage.Room{Type: storage.RoomDirectMessage, Name: "x"}.Validate(), "a name of a direct room")
	for _, privacy := range []storage.Privacy{storage.PrivacyPublic, storage.PrivacyProtected, storage.PrivacySystem} {
		assertInvalid(t, "Privacy", storage.Room{Type: storage.RoomDirectMessage, Privacy: privacy}.Validate(), "an open direct room")
	}
	assert.NoError(t, storage.Room{Type: storage.RoomDirectMessage, Privacy: storage.PrivacyPrivate}.Validate())
	assertInvalid(t, "ExpiresAt", storage.Room{ExpiresAt: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}.Validate(), "a far time")
	assertInvalid(t, "Types", storage.RoomQuery{Types: []storage.RoomType{0}}.Validate(), "an unset type")
	assertInvalid(t, "Privacies", storage.RoomQuery{Privacies: []storage.Privacy{9}}.Validate(), "an unknown privacy")
	assertInvalid(t, "Order", storage.RoomQuery{Order: 9}.Validate(), "an unknown order")
}

func TestRoomExpired(t *testing.T) {
	room := storage.Room{ExpiresAt: noon}
	assert.False(t, room.Expired(noon.Add(-time.Microsecond)))
	assert.True(t, room.Expired(noon), "at its instant")
	assert.True(t, room.Expired(noon.Add(time.Hour)))
	assert.False(t, storage.Room{}.Expired(noon), "one without an end")
	assert.False(t, storage.Room{}.Expired(time.Time{}))
}

func TestRoomNamesEqualByTheirFoldedForm(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		equal bool
	}{
		{"Den", "DEN", true}, {"Ｄｅｎ", "den", true}, {"Straße", "STRASSE", true}, {"ﬁre", "FIRE", true},
		{"e\u0301", "É", true}, {"ΣΟΦΟΣ", "σοφος", true}, {"σοφος", "σοφοσ", true},
		{"den", "dén", false}, {"den", "den ", false}, {"aco", "асо", false}, {"a b", "ab", false},
	} {
		assert.Equal(t, tt.equal, storage.FoldRoomName(tt.a) == storage.FoldRoomName(tt.b), "%q and %q", tt.a, tt.b)
	}
}
