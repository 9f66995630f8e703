package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userChangeCases = []testCase{
	{"patch each field", testPatchUser},
	{"patch several fields", testPatchUserFields},
	{"patch takes values away", testPatchUserEmpty},
	{"patch that changes nothing", testPatchUserNothing},
	{"patch on a version", testPatchUserVersion},
	{"patch refused", testPatchUserRefused},
	{"own name in another form", testPatchUserOwnName},
	{"role", testSetUserRole},
	{"password hash", testSetPasswordHash},
	{"last seen", testTouchUser},
	{"deactivate and reactivate", testDeactivateUser},
}

// wantUserChanged requires that a user was changed as said, at this moment.
func (f *fixture) wantUserChanged(t *testing.T, before storage.User, change func(*storage.User)) storage.User {
	t.Helper()
	change(&before)
	before.Version++
	before.UpdatedAt = f.now()
	after := f.readUser(before.ID)
	require.Equal(t, before, after)
	return after
}

func testPatchUser(t *testing.T, f *fixture) {
	profile, settings := fullProfile(), fullUserSettings()
	u := f.user("ann")
	for _, p := range []storage.UserPatch{
		{ExternalID: new("x")},
		{Username: new("Anna")},
		{Email: new("anna@example.org")},
		{Profile: &profile},
		{Settings: &settings},
	} {
		f.clock.advance(time.Second)
		got, err := f.UpdateUser(f.ctx, u.ID, p)
		require.NoError(t, err)
		u = f.wantUserChanged(t, u, func(u *storage.User) { p.Apply(u) })
		require.Equal(t, u, got, "what UpdateUser returned")
	}
	require.Equal(t, int64(6), u.Version)

	_, err := f.UserByUsername(f.ctx, "ann")
	wantNotFound(t, err, storage.EntityUser)
	for _, read := range []func() (storage.User, error){
		func() (storage.User, error) { return f.UserByUsername(f.ctx, "anna") },
		func() (storage.User, error) { return f.UserByEmail(f.ctx, "anna@example.org") },
		func() (storage.User, error) { return f.UserByExternalID(f.ctx, "x") },
	} {
		got, err := read()
		require.NoError(t, err)
		require.Equal(t, u, got)
	}
}

func testPatchUserFields(t *testing.T, f *fixture) {
	bob := f.user("bob")
	u := f.user("ann")
	f.clock.advance(time.Second)
	p := storage.UserPatch{
		ExternalID: new("x"), Username: new("Anna"), Email: new("a@example.org"),
		Profile: &storage.Profile{Bio: "new"}, Settings: &storage.UserSettings{Theme: "light"},
	}
	_, err := f.UpdateUser(f.ctx, u.ID, p)
	require.NoError(t, err)
	f.wantUserChanged(t, u, func(u *storage.User) { p.Apply(u) })
	require.Equal(t, bob, f.readUser(bob.ID), "another user")
}

func testPatchUserEmpty(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	p := storage.UserPatch{
		ExternalID: new(""), Email: new(""), Profile: &storage.Profile{}, Settings: &storage.UserSettings{},
	}
	_, err := f.UpdateUser(f.ctx, u.ID, p)
	require.NoError(t, err)
	f.wantUserChanged(t, u, func(u *storage.User) { p.Apply(u) })

	_, err = f.UserByEmail(f.ctx, u.Email)
	wantNotFound(t, err, storage.EntityUser)
	_, err = f.UserByExternalID(f.ctx, u.ExternalID)
	wantNotFound(t, err, storage.EntityUser)
	f.user("bob", func(other *storage.User) { other.Email, other.ExternalID = u.Email, u.ExternalID })
}

func testPatchUserNothing(t *testing.T, f *fixture) {
	u := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &u))
	f.clock.advance(time.Second)
	profile, settings := fullProfile(), fullUserSettings()
	for _, p := range []storage.UserPatch{
		{},
		{IfVersion: 1},
		{ExternalID: &u.ExternalID, Username: &u.Username, Email: &u.Email, Profile: &profile, Settings: &settings},
	} {
		got, err := f.UpdateUser(f.ctx, u.ID, p)
		require.NoError(t, err)
		require.Equal(t, u, got)
		require.Equal(t, u, f.readUser(u.ID))
	}
}

func testPatchUserVersion(t *testing.T, f *fixture) {
	u := f.user("ann")
	patch := func(version int64, name string) error {
		_, err := f.UpdateUser(f.ctx, u.ID, storage.UserPatch{Username: &name, IfVersion: version})
		return err
	}
	require.NoError(t, patch(1, "anna"))
	e := f.refused(t, func() error { return patch(1, "anne") }, storage.ErrConflict)
	require.Equal(t, storage.EntityUser, e.Entity)
	f.refused(t, func() error { return patch(3, "anne") }, storage.ErrConflict)
	f.refused(t, func() error { return patch(1, "anna") }, storage.ErrConflict)
	require.NoError(t, patch(2, "anne"))
	require.Equal(t, int64(3), f.readUser(u.ID).Version)
}

func testPatchUserRefused(t *testing.T, f *fixture) {
	other := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &other))
	u := f.user("bob")
	for _, c := range []struct {
		field string
		kind  error
		patch storage.UserPatch
	}{
		{"Username", storage.ErrDuplicate, storage.UserPatch{Username: new("ANN"), Profile: &storage.Profile{Bio: "x"}}},
		{"Email", storage.ErrDuplicate, storage.UserPatch{Email: new("ANN@example.org"), Username: new("bobby")}},
		{"ExternalID", storage.ErrDuplicate, storage.UserPatch{ExternalID: &other.ExternalID}},
		{"Username", storage.ErrInvalid, storage.UserPatch{Username: new("")}},
		{"Email", storage.ErrInvalid, storage.UserPatch{Email: new("bob")}},
		{"Profile.Bio", storage.ErrInvalid, storage.UserPatch{Profile: &storage.Profile{Bio: "\x00"}}},
		{"Settings.Theme", storage.ErrInvalid, storage.UserPatch{Settings: &storage.UserSettings{Theme: "\xff"}}},
	} {
		f.refused(t, func() error {
			got, err := f.UpdateUser(f.ctx, u.ID, c.patch)
			require.Zero(t, got, "a user beside an error")
			return err
		}, c.kind, c.field)
	}
}

func testPatchUserOwnName(t *testing.T, f *fixture) {
	u := f.user("ann", func(u *storage.User) { u.Email = "ann@example.org" })
	got, err := f.UpdateUser(f.ctx, u.ID, storage.UserPatch{Username: new("ANN"), Email: new("ANN@example.org")})
	require.NoError(t, err)
	require.Equal(t, "ANN", got.Username)
	require.Equal(t, "ANN@example.org", f.readUser(u.ID).Email)
}

func testSetUserRole(t *testing.T, f *fixture) {
	u := f.user("ann")
	for _, role := range []storage.Role{storage.RoleAdmin, storage.RoleModerator, storage.RoleGuest, storage.RoleUser} {
		f.clock.advance(time.Second)
		require.NoError(t, f.SetUserRole(f.ctx, u.ID, role))
		u = f.wantUserChanged(t, u, func(u *storage.User) { u.Role = role })
	}
}

func testSetPasswordHash(t *testing.T, f *fixture) {
	u := f.user("ann")
	for _, hash := range []storage.Secret{"one", "two", ""} {
		f.clock.advance(time.Second)
		require.NoError(t, f.SetPasswordHash(f.ctx, u.ID, hash))
		u = f.wantUserChanged(t, u, func(u *storage.User) { u.PasswordHash = hash })
		require.Equal(t, string(hash), string(u.PasswordHash))
	}
}

func testTouchUser(t *testing.T, f *fixture) {
	u := f.user("ann")
	require.True(t, u.LastSeenAt.IsZero())
	f.clock.advance(time.Hour)
	for range 2 { // again at the same time
		require.NoError(t, f.TouchUser(f.ctx, u.ID))
		u.LastSeenAt = f.now()
		require.Equal(t, u, f.readUser(u.ID))
	}
	f.clock.advance(-time.Minute)
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	require.Equal(t, u, f.readUser(u.ID), "after the clock went back")
}

func testDeactivateUser(t *testing.T, f *fixture) {
	u := f.user("ann")
	room := f.room("general", u.ID)
	for _, active := range []bool{false, true} {
		set := f.ReactivateUser
		if !active {
			set = f.DeactivateUser
		}
		f.clock.advance(time.Second)
		require.NoError(t, set(f.ctx, u.ID))
		u = f.wantUserChanged(t, u, func(u *storage.User) { u.Active = active })

		f.clock.advance(time.Second)
		require.NoError(t, set(f.ctx, u.ID))
		require.Equal(t, u, f.readUser(u.ID), "doing so again")
	}
	require.Equal(t, room, f.readRoom(room.ID))
	member, err := f.IsMember(f.ctx, room.ID, u.ID)
	require.NoError(t, err)
	require.True(t, member)
}
