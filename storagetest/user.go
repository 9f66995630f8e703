package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userCases = []testCase{
	{"create fills in", testCreateUser},
	{"create keeps and overwrites", testCreateUserGiven},
	{"create refuses", testCreateUserRefused},
	{"unknown enumerated values", testUserEnums},
	{"quiet hours", testQuietHours},
	{"read by every key", testReadUser},
	{"read by no key", testReadNoUser},
	{"read several", testUsersByID},
	{"read too many", testUsersByIDLimit},
	{"every writer needs the user", testUserWritersNotFound},
}

func testCreateUser(t *testing.T, f *fixture) {
	u := storage.User{Username: "ann"}
	require.NoError(t, f.CreateUser(f.ctx, &u))
	require.False(t, u.ID.IsZero(), "no ID")
	require.Equal(t, storage.User{
		ID: u.ID, Username: "ann", Role: storage.RoleUser, Active: true,
		CreatedAt: f.now(), UpdatedAt: f.now(), Version: 1,
	}, u)
	require.Equal(t, u, f.readUser(u.ID))
}

// fullUser returns a user with every field that a caller decides.
func fullUser() storage.User {
	return storage.User{
		ID: id[storage.User](1), ExternalID: "auth0|1", Username: "Ann", Email: "Ann@Example.org",
		Role: storage.RoleModerator, PasswordHash: "$argon2id$v=19$hash",
		Profile:  fullProfile(),
		Settings: fullUserSettings(),
	}
}

func fullProfile() storage.Profile {
	return storage.Profile{
		DisplayName: "Ann Smith", Avatar: "https://example.org/a.png", StatusMessage: "here", Bio: "Line 1\nLine 2",
		Timezone: "Europe/Berlin", Language: "de-AT", Custom: json.RawMessage(` {"b": 1,"a":[ ], "a":"\u00e9é"}`),
	}
}

func fullUserSettings() storage.UserSettings {
	return storage.UserSettings{
		Theme: "dark",
		Notifications: storage.NotificationSettings{
			Mentions: true, DirectMessages: true, Rooms: true, Sound: true, DoNotDisturb: true,
			QuietFrom: "22:00", QuietTo: "06:30",
		},
		Privacy: storage.UserPrivacy{
			ShowOnline: true, StrangerDMs: true, ShowTyping: true, SendReceipts: true, DiscoverEmail: true,
		},
		Chat: json.RawMessage(`{"enter": 1e400}`),
	}
}

func testCreateUserGiven(t *testing.T, f *fixture) {
	want := fullUser()
	u := want.Clone()
	u.CreatedAt, u.UpdatedAt, u.LastSeenAt, u.Version = time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0), 7
	require.NoError(t, f.CreateUser(f.ctx, &u))

	want.Active, want.CreatedAt, want.UpdatedAt, want.Version = true, f.now(), f.now(), 1
	require.Equal(t, want, u, "after CreateUser")
	require.Equal(t, want, f.readUser(u.ID), "User")
}

func testCreateUserRefused(t *testing.T, f *fixture) {
	taken := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &taken))
	for _, c := range []struct {
		field string
		kind  error
		edit  func(*storage.User)
	}{
		{"ID", storage.ErrDuplicate, func(u *storage.User) { u.ID = taken.ID }},
		{"Username", storage.ErrDuplicate, func(u *storage.User) { u.Username = "aNN" }},
		{"Email", storage.ErrDuplicate, func(u *storage.User) { u.Email = "ann@example.ORG" }},
		{"ExternalID", storage.ErrDuplicate, func(u *storage.User) { u.ExternalID = taken.ExternalID }},
		{"Username", storage.ErrInvalid, func(u *storage.User) { u.Username = "" }},
		{"Profile.Custom", storage.ErrInvalid, func(u *storage.User) { u.Profile.Custom = json.RawMessage(`[]`) }},
		{"Profile.Custom", storage.ErrInvalid, func(u *storage.User) { u.Profile.Custom = json.RawMessage(`null`) }},
		{"Profile.Custom", storage.ErrInvalid, func(u *storage.User) { u.Profile.Custom = json.RawMessage(`{} {}`) }},
		{"Settings.Chat", storage.ErrInvalid, func(u *storage.User) { u.Settings.Chat = json.RawMessage(`{"a":}`) }},
	} {
		u := storage.User{Username: "bob", Settings: storage.UserSettings{Chat: json.RawMessage{}}}
		c.edit(&u)
		before := u
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, c.kind, c.field)
		require.Equal(t, before, u, "*u after an error about %s", c.field)
	}
}

func testUserEnums(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, role := range []storage.Role{storage.RoleGuest + 1, 255} {
		u := storage.User{Username: "bob", Role: role}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrInvalid, "Role")
		f.refused(t, func() error { return f.SetUserRole(f.ctx, ann.ID, role) }, storage.ErrInvalid)
	}
	f.refused(t, func() error { return f.SetUserRole(f.ctx, ann.ID, 0) }, storage.ErrInvalid)

	_, err := f.Users(f.ctx, storage.UserQuery{Roles: []storage.Role{storage.RoleUser, 9}})
	wantErr(t, err, storage.ErrInvalid, "Roles")
	_, err = f.CountUsers(f.ctx, storage.UserQuery{Roles: []storage.Role{0}})
	wantErr(t, err, storage.ErrInvalid, "Roles")
	_, err = f.Users(f.ctx, storage.UserQuery{Order: storage.UsersBySeen + 1})
	wantErr(t, err, storage.ErrInvalid, "Order")
}

func testQuietHours(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, c := range []struct {
		from, to string
		field    string // at fault
	}{
		{"22:00", "", "Settings.Notifications.QuietTo"},
		{"", "06:00", "Settings.Notifications.QuietTo"},
		{"24:00", "06:00", "Settings.Notifications.QuietFrom"},
		{"9:00", "10:00", "Settings.Notifications.QuietFrom"},
	} {
		var s storage.UserSettings
		s.Notifications.QuietFrom, s.Notifications.QuietTo = c.from, c.to
		f.refused(t, func() error {
			_, err := f.UpdateUser(f.ctx, ann.ID, storage.UserPatch{Settings: &s})
			return err
		}, storage.ErrInvalid, c.field)
	}
}

func testReadUser(t *testing.T, f *fixture) {
	ann := fullUser()
	require.NoError(t, f.CreateUser(f.ctx, &ann))
	f.user("bob", func(u *storage.User) { u.Email, u.ExternalID = "bob@example.org", "AUTH0|1" })
	f.user("carol")

	for _, key := range []string{"Ann", "ann", "ANN", "ａｎｎ"} {
		u, err := f.UserByUsername(f.ctx, key)
		require.NoError(t, err, key)
		require.Equal(t, ann, u, key)
		exists, err := storage.UsernameExists(f.ctx, f, key)
		require.NoError(t, err)
		require.True(t, exists, key)
	}
	for _, key := range []string{"Ann@Example.org", "ann@example.org", "ANN@EXAMPLE.ORG", "ａｎｎ@example.org"} {
		u, err := f.UserByEmail(f.ctx, key)
		require.NoError(t, err, key)
		require.Equal(t, ann, u, key)
		exists, err := storage.EmailExists(f.ctx, f, key)
		require.NoError(t, err)
		require.True(t, exists, key)
	}
	u, err := f.UserByExternalID(f.ctx, "auth0|1")
	require.NoError(t, err)
	require.Equal(t, ann, u)
}

func testReadNoUser(t *testing.T, f *fixture) {
	f.user("ann", func(u *storage.User) { u.ExternalID = "x" }) // no email
	f.user("bob")                                               // no external identifier

	for name, read := range map[string]func() (storage.User, error){
		"unknown ID":                func() (storage.User, error) { return f.User(f.ctx, nobody) },
		"no ID":                     func() (storage.User, error) { return f.User(f.ctx, storage.UserID{}) },
		"username":                  func() (storage.User, error) { return f.UserByUsername(f.ctx, "carol") },
		"beginning of a username":   func() (storage.User, error) { return f.UserByUsername(f.ctx, "an") },
		"email":                     func() (storage.User, error) { return f.UserByEmail(f.ctx, "ann@example.org") },
		"empty email":               func() (storage.User, error) { return f.UserByEmail(f.ctx, "") },
		"external ID of other case": func() (storage.User, error) { return f.UserByExternalID(f.ctx, "X") },
		"empty external ID":         func() (storage.User, error) { return f.UserByExternalID(f.ctx, "") },
	} {
		u, err := read()
		require.Error(t, err, name)
		wantNotFound(t, err, storage.EntityUser)
		require.Zero(t, u, name)
	}
	exists, err := storage.UsernameExists(f.ctx, f, "carol")
	require.NoError(t, err)
	assert.False(t, exists, "UsernameExists")
	exists, err = storage.EmailExists(f.ctx, f, "")
	require.NoError(t, err)
	assert.False(t, exists, "EmailExists")
}

func testUsersByID(t *testing.T, f *fixture) {
	ann, bob, carol := f.user("ann"), f.user("bob"), f.user("carol")
	gone := f.user("dan")
	require.NoError(t, f.DeleteUser(f.ctx, gone.ID))

	for _, c := range []struct {
		ids  []storage.UserID
		want []storage.User
	}{
		{nil, nil},
		{[]storage.UserID{gone.ID, {}, id[storage.User](1)}, nil},
		{[]storage.UserID{carol.ID, ann.ID, bob.ID}, []storage.User{carol, ann, bob}},
		{[]storage.UserID{bob.ID, gone.ID, ann.ID, bob.ID, ann.ID}, []storage.User{bob, ann}},
	} {
		got, err := f.UsersByID(f.ctx, c.ids...)
		require.NoError(t, err)
		require.Equal(t, c.want, got, "UsersByID(%v)", c.ids)
	}
}

func testUsersByIDLimit(t *testing.T, f *fixture) {
	ann := f.user("ann")
	ids := make([]storage.UserID, storage.MaxLimit)
	for i := range ids {
		ids[i] = storage.UserID(f.options.NewUUID())
	}
	ids[storage.MaxLimit-1] = ann.ID
	got, err := f.UsersByID(f.ctx, ids...)
	require.NoError(t, err)
	require.Equal(t, []storage.User{ann}, got)

	_, err = f.UsersByID(f.ctx, append(ids, id[storage.User](1))...)
	wantErr(t, err, storage.ErrInvalid)
}

func testUserWritersNotFound(t *testing.T, f *fixture) {
	f.user("ann")
	for name, write := range map[string]func() error{
		"UpdateUser":       func() error { _, err := f.UpdateUser(f.ctx, nobody, storage.UserPatch{}); return err },
		"update by nobody": func() error { _, err := f.UpdateUser(f.ctx, storage.UserID{}, storage.UserPatch{}); return err },
		"SetUserRole":      func() error { return f.SetUserRole(f.ctx, nobody, storage.RoleAdmin) },
		"SetPasswordHash":  func() error { return f.SetPasswordHash(f.ctx, nobody, "") },
		"TouchUser":        func() error { return f.TouchUser(f.ctx, nobody) },
		"DeactivateUser":   func() error { return f.DeactivateUser(f.ctx, nobody) },
		"ReactivateUser":   func() error { return f.ReactivateUser(f.ctx, nobody) },
		"DeleteUser":       func() error { return f.DeleteUser(f.ctx, nobody) },
	} {
		e := f.refused(t, write, storage.ErrNotFound)
		require.Equal(t, storage.EntityUser, e.Entity, name)
	}
}
