package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var membershipCases = []testCase{
	{"add fills in", testAddMember},
	{"add keeps and overwrites", testAddMemberGiven},
	{"add refuses", testAddMemberRefused},
	{"unknown enumerated values", testMemberEnums},
	{"joining starts with nothing unread", testAddMemberReadSeq},
	{"who is no member", testNoMember},
	{"leave and come back", testRemoveMember},
	{"roles", testSetMemberRole},
	{"settings are replaced", testMemberSettings},
	{"settings refused", testMemberSettingsRefused},
	{"last active", testTouchMember},
	{"every writer needs the membership", testMemberWritersNotFound},
}

func testAddMember(t *testing.T, f *fixture) {
	ann, room := f.user("ann"), f.room("general", storage.UserID{})
	f.clock.advance(time.Second)
	m := storage.Membership{RoomID: room.ID, UserID: ann.ID}
	require.NoError(t, f.AddMember(f.ctx, &m))
	require.Equal(t, storage.Membership{
		RoomID: room.ID, UserID: ann.ID, Role: storage.MemberMember, JoinedAt: f.now(),
	}, m)
	require.Equal(t, m, f.readMember(room.ID, ann.ID))
	member, err := f.IsMember(f.ctx, room.ID, ann.ID)
	require.NoError(t, err)
	require.True(t, member)
	require.Equal(t, int64(1), f.readRoom(room.ID).MemberCount)
}

func fullMemberSettings() storage.MemberSettings {
	return storage.MemberSettings{
		Nickname: "Annie", Notifications: storage.NotifyMentions, Theme: "dark",
		MutedUntil: time.Date(2027, 1, 2, 3, 4, 5, 678901000, time.UTC),
		Custom:     json.RawMessage(`{"b":1, "a":{ }}`),
	}
}

func testAddMemberGiven(t *testing.T, f *fixture) {
	ann, bob, room := f.user("ann"), f.user("bob"), f.room("general", storage.UserID{})
	want := storage.Membership{
		RoomID: room.ID, UserID: bob.ID, Role: storage.MemberModerator, InvitedBy: ann.ID, Settings: fullMemberSettings(),
	}
	m := want.Clone()
	m.Settings.MutedUntil = m.Settings.MutedUntil.Add(time.Nanosecond).In(clockStart.Location())
	m.JoinedAt, m.LastActiveAt, m.ReadSeq = time.Unix(1, 0), time.Unix(2, 0), 7
	require.NoError(t, f.AddMember(f.ctx, &m))
	want.JoinedAt = f.now()
	require.Equal(t, want, m, "after AddMember")
	require.Equal(t, want, f.readMember(room.ID, bob.ID), "Membership")
}

func testAddMemberRefused(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	full := f.room("full", ann.ID, func(r *storage.Room) { r.Settings.MaxMembers = 2 })
	f.join(full.ID, carol.ID)
	for name, c := range map[string]struct {
		m      storage.Membership
		kind   error
		field  string // "" for any
		entity storage.Entity
		reason storage.Reason
	}{
		"no RoomID":     {m: storage.Membership{UserID: bob.ID}, kind: storage.ErrInvalid, field: "RoomID"},
		"no UserID":     {m: storage.Membership{RoomID: room.ID}, kind: storage.ErrInvalid, field: "UserID"},
		"no such room":  {m: storage.Membership{RoomID: nowhere, UserID: bob.ID}, kind: storage.ErrNotFound, entity: storage.EntityRoom},
		"no such user":  {m: storage.Membership{RoomID: room.ID, UserID: nobody}, kind: storage.ErrNotFound, entity: storage.EntityUser},
		"no such guest": {m: storage.Membership{RoomID: room.ID, UserID: bob.ID, InvitedBy: nobody}, kind: storage.ErrNotFound, entity: storage.EntityUser},
		"a member":      {m: storage.Membership{RoomID: room.ID, UserID: ann.ID, Role: storage.MemberGuest}, kind: storage.ErrDuplicate, entity: storage.EntityMembership},
		"a full room":   {m: storage.Membership{RoomID: full.ID, UserID: bob.ID}, kind: storage.ErrForbidden, entity: storage.EntityRoom, reason: storage.ReasonRoomFull},
	} {
		c.m.Settings.Custom = json.RawMessage{}
		before := c.m
		e := f.refused(t, func() error { return f.AddMember(f.ctx, &c.m) }, c.kind)
		require.Equal(t, before, c.m, "*m after an error: %s", name)
		require.Equal(t, c.reason, e.Reason, name)
		if c.field != "" {
			require.Equal(t, c.field, e.Field, name)
		}
		if c.entity != "" {
			require.Equal(t, c.entity, e.Entity, name)
		}
	}
}

func testMemberEnums(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	m := storage.Membership{RoomID: room.ID, UserID: bob.ID, Role: storage.MemberGuest + 1}
	f.refused(t, func() error { return f.AddMember(f.ctx, &m) }, storage.ErrInvalid, "Role")
	m.Role, m.Settings.Notifications = 0, storage.NotifyNone+1
	f.refused(t, func() error { return f.AddMember(f.ctx, &m) }, storage.ErrInvalid, "Settings.Notifications")
	for _, role := range []storage.MemberRole{0, 255} {
		f.refused(t, func() error { return f.SetMemberRole(f.ctx, room.ID, ann.ID, role) }, storage.ErrInvalid)
	}
	f.refused(t, func() error {
		_, err := f.AddMembers(f.ctx, room.ID, 255, bob.ID)
		return err
	}, storage.ErrInvalid)
}

func testAddMemberReadSeq(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	room := f.room("general", ann.ID)
	f.say(room.ID, ann.ID, "one")
	two := f.say(room.ID, ann.ID, "two")
	require.Equal(t, int64(2), f.join(room.ID, bob.ID).ReadSeq)
	_, err := f.DeleteMessage(f.ctx, two.ID, ann.ID)
	require.NoError(t, err)
	_, err = f.AddMembers(f.ctx, room.ID, 0, carol.ID)
	require.NoError(t, err)
	require.Equal(t, int64(2), f.readMember(room.ID, carol.ID).ReadSeq)
	require.Equal(t, int64(2), f.readMember(room.ID, ann.ID).ReadSeq, "ReadSeq of who wrote them")
}

func testNoMember(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	for name, c := range map[string]struct {
		room storage.RoomID
		user storage.UserID
	}{
		"no member":    {room.ID, bob.ID},
		"no such room": {nowhere, ann.ID},
		"no such user": {room.ID, nobody},
		"neither":      {},
		"swapped":      {storage.RoomID(ann.ID), storage.UserID(room.ID)},
	} {
		member, err := f.IsMember(f.ctx, c.room, c.user)
		require.NoError(t, err, name)
		require.False(t, member, name)
		got, err := f.Membership(f.ctx, c.room, c.user)
		require.Error(t, err, name)
		wantNotFound(t, err, storage.EntityMembership)
		require.Zero(t, got, name)
	}
}

func testRemoveMember(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	f.join(room.ID, bob.ID, func(m *storage.Membership) {
		m.Role, m.InvitedBy, m.Settings = storage.MemberAdmin, ann.ID, fullMemberSettings()
	})
	f.say(room.ID, bob.ID, "hello")
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, bob.ID))

	member, err := f.IsMember(f.ctx, room.ID, bob.ID)
	require.NoError(t, err)
	require.False(t, member)
	require.Equal(t, int64(1), f.readRoom(room.ID).MemberCount)
	require.Len(t, list(f, f.Memberships, storage.MembershipQuery{Room: room.ID}), 1)
	require.Empty(t, list(f, f.Memberships, storage.MembershipQuery{User: bob.ID}))
	f.refused(t, func() error { return f.RemoveMember(f.ctx, room.ID, bob.ID) }, storage.ErrNotFound)

	f.clock.advance(time.Minute)
	again := f.join(room.ID, bob.ID)
	require.Equal(t, storage.Membership{
		RoomID: room.ID, UserID: bob.ID, Role: storage.MemberMember, JoinedAt: f.now(), ReadSeq: 1,
	}, again, "nothing is left of the first membership")
	require.Equal(t, int64(2), f.readRoom(room.ID).MemberCount)
}

func testSetMemberRole(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	want := f.join(room.ID, bob.ID)
	other := f.readMember(room.ID, ann.ID)
	for _, role := range []storage.MemberRole{
		storage.MemberOwner, storage.MemberAdmin, storage.MemberModerator, storage.MemberGuest, storage.MemberMember,
	} {
		for range 2 { // again is no error
			require.NoError(t, f.SetMemberRole(f.ctx, room.ID, bob.ID, role))
			want.Role = role
			require.Equal(t, want, f.readMember(room.ID, bob.ID))
		}
	}
	require.Equal(t, other, f.readMember(room.ID, ann.ID))
}

func testMemberSettings(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, elsewhere := f.room("general", ann.ID), f.room("elsewhere", ann.ID)
	want := f.readMember(room.ID, ann.ID)
	for _, s := range []storage.MemberSettings{fullMemberSettings(), {Nickname: "a"}, {}, {}} {
		f.clock.advance(time.Second)
		require.NoError(t, f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, s))
		want.Settings = s
		require.Equal(t, want, f.readMember(room.ID, ann.ID))
	}
	s := storage.MemberSettings{MutedUntil: clockStart, Custom: json.RawMessage{}}
	require.NoError(t, f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, s))
	want.Settings = storage.MemberSettings{MutedUntil: storage.Timestamp(clockStart)}
	require.Equal(t, want, f.readMember(room.ID, ann.ID))
	require.Zero(t, f.readMember(elsewhere.ID, ann.ID).Settings)
}

func testMemberSettingsRefused(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	for field, s := range map[string]storage.MemberSettings{
		"Settings.Notifications": {Notifications: 200, Nickname: "x"},
		"Settings.MutedUntil":    {MutedUntil: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
		"Settings.Custom":        {Custom: json.RawMessage(`1`)},
		"Settings.Nickname":      {Nickname: "a\x00"},
	} {
		f.refused(t, func() error { return f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, s) }, storage.ErrInvalid, field)
	}
}

func testTouchMember(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	m := f.readMember(room.ID, ann.ID)
	require.True(t, m.LastActiveAt.IsZero())
	f.clock.advance(time.Hour)
	for range 2 { // again at the same time
		require.NoError(t, f.TouchMember(f.ctx, room.ID, ann.ID))
		m.LastActiveAt = f.now()
		require.Equal(t, m, f.readMember(room.ID, ann.ID))
	}
	f.clock.advance(-time.Minute)
	require.NoError(t, f.TouchMember(f.ctx, room.ID, ann.ID))
	require.Equal(t, m, f.readMember(room.ID, ann.ID), "after the clock went back")
}

func testMemberWritersNotFound(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	for _, c := range []struct {
		room storage.RoomID
		user storage.UserID
	}{{room.ID, bob.ID}, {room.ID, nobody}, {nowhere, ann.ID}, {}} {
		for name, write := range map[string]func() error{
			"RemoveMember":         func() error { return f.RemoveMember(f.ctx, c.room, c.user) },
			"SetMemberRole":        func() error { return f.SetMemberRole(f.ctx, c.room, c.user, storage.MemberGuest) },
			"UpdateMemberSettings": func() error { return f.UpdateMemberSettings(f.ctx, c.room, c.user, storage.MemberSettings{}) },
			"TouchMember":          func() error { return f.TouchMember(f.ctx, c.room, c.user) },
			"TransferOwnership":    func() error { return f.TransferOwnership(f.ctx, c.room, ann.ID, c.user) },
		} {
			if name == "TransferOwnership" && c.user == ann.ID {
				continue // from one to the same
			}
			e := f.refused(t, write, storage.ErrNotFound)
			require.Equal(t, storage.EntityMembership, e.Entity, name)
		}
	}
}
