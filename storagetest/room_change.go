package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomChangeCases = []testCase{
	{"patch each field", testPatchRoom},
	{"patch takes values away", testPatchRoomEmpty},
	{"patch that changes nothing", testPatchRoomNothing},
	{"patch on a version", testPatchRoomVersion},
	{"patch refused", testPatchRoomRefused},
	{"own name in another form", testPatchRoomOwnName},
	{"settings are replaced", testRoomSettings},
	{"settings refused", testRoomSettingsRefused},
	{"fewer members than there are", testRoomMaxMembers},
	{"deactivate and reactivate", testDeactivateRoom},
	{"what raises no version", testRoomVersionKept},
	{"times that are stored", testRoomTimes},
}

// wantRoomChanged requires that a room was changed as said, at this moment.
func (f *fixture) wantRoomChanged(t *testing.T, before storage.Room, change func(*storage.Room)) storage.Room {
	t.Helper()
	change(&before)
	before.Version++
	before.UpdatedAt = f.now()
	after := f.readRoom(before.ID)
	require.Equal(t, before, after)
	return after
}

func testPatchRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	other := f.room("other", ann.ID)
	r := f.room("general", ann.ID, func(r *storage.Room) { r.Type = storage.RoomTemporary })
	f.say(r.ID, ann.ID, "hello")
	r = f.readRoom(r.ID)
	all := fullRoom()
	for _, p := range []storage.RoomPatch{
		{Name: &all.Name},
		{DisplayName: &all.DisplayName},
		{Description: &all.Description},
		{Topic: &all.Topic},
		{Privacy: &all.Privacy},
		{PasswordHash: &all.PasswordHash},
		{ExpiresAt: &all.ExpiresAt},
		{Name: new("x"), Topic: new("y"), Privacy: new(storage.PrivacyPublic), DisplayName: new("z")},
	} {
		f.clock.advance(time.Second)
		got, err := f.UpdateRoom(f.ctx, r.ID, p)
		require.NoError(t, err)
		r = f.wantRoomChanged(t, r, func(r *storage.Room) { p.Apply(r) })
		require.Equal(t, r, got, "what UpdateRoom returned")
	}
	require.Equal(t, int64(9), r.Version)
	require.Equal(t, int64(1), r.MessageCount)
	require.Equal(t, other, f.readRoom(other.ID), "another room")
}

func testPatchRoomEmpty(t *testing.T, f *fixture) {
	r := fullRoom()
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	p := storage.RoomPatch{
		Name: new(""), DisplayName: new(""), Description: new(""), Topic: new(""),
		PasswordHash: new(storage.Secret("")), ExpiresAt: new(time.Time{}),
	}
	_, err := f.UpdateRoom(f.ctx, r.ID, p)
	require.NoError(t, err)
	got := f.wantRoomChanged(t, r, func(r *storage.Room) { p.Apply(r) })
	require.Empty(t, got.Name)
	require.True(t, got.ExpiresAt.IsZero())
	_, err = f.RoomByName(f.ctx, r.Name)
	wantNotFound(t, err, storage.EntityRoom)
}

func testPatchRoomNothing(t *testing.T, f *fixture) {
	r := fullRoom()
	require.NoError(t, f.CreateRoom(f.ctx, &r))
	f.clock.advance(time.Second)
	for _, p := range []storage.RoomPatch{
		{},
		{IfVersion: 1},
		{Name: &r.Name, Topic: &r.Topic, Privacy: &r.Privacy, PasswordHash: &r.PasswordHash},
		{ExpiresAt: new(r.ExpiresAt.Add(time.Nanosecond).In(clockStart.Location()))}, // as stored, the same
	} {
		got, err := f.UpdateRoom(f.ctx, r.ID, p)
		require.NoError(t, err)
		require.Equal(t, r, got)
		require.Equal(t, r, f.readRoom(r.ID))
	}
}

func testPatchRoomVersion(t *testing.T, f *fixture) {
	r := f.room("general", storage.UserID{})
	patch := func(version int64, topic string) error {
		_, err := f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{Topic: &topic, IfVersion: version})
		return err
	}
	require.NoError(t, patch(1, "one"))
	e := f.refused(t, func() error { return patch(1, "two") }, storage.ErrConflict)
	require.Equal(t, storage.EntityRoom, e.Entity)
	f.refused(t, func() error { return patch(3, "two") }, storage.ErrConflict)
	f.refused(t, func() error { return patch(1, "one") }, storage.ErrConflict)
	require.NoError(t, patch(2, "two"))
	require.Equal(t, int64(3), f.readRoom(r.ID).Version)
}

func testPatchRoomRefused(t *testing.T, f *fixture) {
	other := f.room("Other", storage.UserID{})
	r := f.room("general", storage.UserID{})
	for _, c := range []struct {
		field string
		kind  error
		patch storage.RoomPatch
	}{
		{"Name", storage.ErrDuplicate, storage.RoomPatch{Name: new("oTHER"), Topic: new("x")}},
		{"Name", storage.ErrDuplicate, storage.RoomPatch{Name: &other.Name}},
		{"Name", storage.ErrInvalid, storage.RoomPatch{Name: new("\xff"), Topic: new("x")}},
		{"ExpiresAt", storage.ErrInvalid, storage.RoomPatch{ExpiresAt: new(time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC))}},
		{"ExpiresAt", storage.ErrInvalid, storage.RoomPatch{ExpiresAt: new(f.now().Add(time.Hour)), Topic: new("x")}},
		{"ExpiresAt", storage.ErrInvalid, storage.RoomPatch{ExpiresAt: new(f.now()), Name: &other.Name, IfVersion: 9}},
	} {
		f.refused(t, func() error {
			got, err := f.UpdateRoom(f.ctx, r.ID, c.patch)
			require.Zero(t, got, "a room beside an error")
			return err
		}, c.kind, c.field)
	}
}

func testPatchRoomOwnName(t *testing.T, f *fixture) {
	r := f.room("general", storage.UserID{})
	got, err := f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{Name: new("GENERAL")})
	require.NoError(t, err)
	require.Equal(t, "GENERAL", got.Name)
	require.Equal(t, "GENERAL", f.readRoom(r.ID).Name)
}

func testRoomSettings(t *testing.T, f *fixture) {
	r := f.room("general", storage.UserID{}, func(r *storage.Room) { r.Topic = "tea" })
	for _, s := range []storage.RoomSettings{fullRoomSettings(), {MaxMembers: 3}, {}} {
		f.clock.advance(time.Second)
		got, err := f.UpdateRoomSettings(f.ctx, r.ID, s)
		require.NoError(t, err)
		r = f.wantRoomChanged(t, r, func(r *storage.Room) { r.Settings = s })
		require.Equal(t, r, got, "what UpdateRoomSettings returned")
	}
}

func testRoomSettingsRefused(t *testing.T, f *fixture) {
	r := f.room("general", storage.UserID{})
	for field, s := range map[string]storage.RoomSettings{
		"Settings.MaxMembers":    {MaxMembers: -1, Moderated: true},
		"Settings.Custom":        {Custom: []byte("[]")},
		"Settings.Uploads.Types": {Uploads: storage.UploadRules{Types: []string{"a\x00"}}},
	} {
		f.refused(t, func() error {
			got, err := f.UpdateRoomSettings(f.ctx, r.ID, s)
			require.Zero(t, got, "a room beside an error")
			return err
		}, storage.ErrInvalid, field)
	}
}

func testRoomMaxMembers(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	r := f.room("general", ann.ID)
	f.join(r.ID, bob.ID)
	got, err := f.UpdateRoomSettings(f.ctx, r.ID, storage.RoomSettings{MaxMembers: 1})
	require.NoError(t, err)
	require.Equal(t, int64(2), got.MemberCount)
	require.Len(t, list(f, f.Memberships, storage.MembershipQuery{Room: r.ID}), 2)

	m := storage.Membership{RoomID: r.ID, UserID: carol.ID}
	e := f.refused(t, func() error { return f.AddMember(f.ctx, &m) }, storage.ErrForbidden)
	require.Equal(t, storage.ReasonRoomFull, e.Reason)
	_, err = f.UpdateRoomSettings(f.ctx, r.ID, storage.RoomSettings{MaxMembers: 3})
	require.NoError(t, err)
	require.NoError(t, f.AddMember(f.ctx, &m))
}

func testDeactivateRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	r := f.room("general", ann.ID)
	for _, active := range []bool{false, true} {
		set := f.ReactivateRoom
		if !active {
			set = f.DeactivateRoom
		}
		f.clock.advance(time.Second)
		require.NoError(t, set(f.ctx, r.ID))
		r = f.wantRoomChanged(t, r, func(r *storage.Room) { r.Active = active })

		f.clock.advance(time.Second)
		require.NoError(t, set(f.ctx, r.ID))
		require.Equal(t, r, f.readRoom(r.ID), "doing so again")

		_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: r.ID, AuthorID: ann.ID, Body: "hello"})
		if active {
			require.NoError(t, err)
		} else {
			wantForbidden(t, err, storage.ReasonRoomInactive)
		}
	}
}

func testRoomVersionKept(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	r := f.room("general", ann.ID)
	f.clock.advance(time.Second)
	f.join(r.ID, bob.ID)
	m := f.say(r.ID, bob.ID, "hello")
	_, err := f.DeleteMessage(f.ctx, m.ID, ann.ID)
	require.NoError(t, err)
	require.NoError(t, f.TouchMember(f.ctx, r.ID, bob.ID))
	require.NoError(t, f.TransferOwnership(f.ctx, r.ID, ann.ID, bob.ID))
	require.NoError(t, f.RemoveMember(f.ctx, r.ID, ann.ID))

	r.LastSeq, r.LastMessageAt, r.MessageCount, r.MemberCount = 1, f.now(), 0, 1
	require.Equal(t, r, f.readRoom(r.ID))
}

func testRoomTimes(t *testing.T, f *fixture) {
	zone := time.FixedZone("", -3*3600)
	for _, given := range []time.Time{
		time.Date(2027, 3, 28, 2, 30, 0, 999999999, zone),
		time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC),
		time.Unix(0, 0), // is not "never"
		time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
	} {
		r := f.room("", storage.UserID{}, expiring(given))
		require.Equal(t, storage.Timestamp(given), r.ExpiresAt, "after CreateRoom")
		require.Equal(t, r, f.readRoom(r.ID), "with ExpiresAt %v", given)
	}
}
