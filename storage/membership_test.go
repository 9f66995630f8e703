package storage_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
)

func TestMembershipDefaultsAndRefusals(t *testing.T) {
	m := storage.Membership{RoomID: someRoom, UserID: someUser, Settings: storage.MemberSettings{
		MutedUntil: noon.Add(time.Nanosecond).In(time.FixedZone("", 3600)), Custom: json.RawMessage{},
	}}
	m.Normalize()
	assert.Equal(t, storage.Membership{
		RoomID: someRoom, UserID: someUser, Role: storage.MemberMember, Settings: storage.MemberSettings{MutedUntil: noon},
	}, m)
	assert.NoError(t, m.Validate())

	for _, tt := range []struct {
		field string
		spoil func(*storage.Membership)
	}{
		{"RoomID", func(m *storage.Membership) { m.RoomID = storage.RoomID{} }},
		{"UserID", func(m *storage.Membership) { m.UserID = storage.UserID{} }},
		{"Role", func(m *storage.Membership) { m.Role = 9 }},
		{"Settings.Notifications", func(m *storage.Membership) { m.Settings.Notifications = 9 }},
		{"Settings.MutedUntil", func(m *storage.Membership) { m.Settings.MutedUntil = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }},
		{"Settings.Custom", func(m *storage.Membership) { m.Settings.Custom = json.RawMessage("[]") }},
	} {
		spoiled := m.Clone()
		tt.spoil(&spoiled)
		assertInvalid(t, tt.field, spoiled.Validate(), "a spoiled value")
	}
}

func TestMemberSettingsEqual(t *testing.T) {
	s := storage.MemberSettings{Nickname: "fox", MutedUntil: noon, Custom: json.RawMessage(`{"a":1}`)}
	same := storage.MemberSettings{Nickname: "fox", MutedUntil: noon, Custom: json.RawMessage(`{"a":1}`)}
	assert.True(t, s.Equal(same))
	same.Custom[1] = ' '
	assert.False(t, s.Equal(same))
}

func TestMembershipQueryValidate(t *testing.T) {
	assert.NoError(t, storage.MembershipQuery{Room: someRoom}.Validate())
	assert.NoError(t, storage.MembershipQuery{User: someUser, Order: storage.MembersByActivity}.Validate())
	for _, tt := range []struct {
		field string
		q     storage.MembershipQuery
	}{
		{"Room", storage.MembershipQuery{}},
		{"User", storage.MembershipQuery{Room: someRoom, User: someUser}},
		{"Roles", storage.MembershipQuery{Room: someRoom, Roles: []storage.MemberRole{0}}},
		{"Order", storage.MembershipQuery{Room: someRoom, Order: 9}},
		{"ActiveSince", storage.MembershipQuery{Room: someRoom, ActiveSince: time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		assertInvalid(t, tt.field, tt.q.Validate(), "a query that means nothing")
	}
}
