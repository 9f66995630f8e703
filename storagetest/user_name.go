package storagetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userNameCases = []testCase{
	{"usernames that are the same", testUsernameTaken},
	{"usernames that differ", testUsernameFree},
	{"usernames that are none", testUsernameInvalid},
	{"emails that are the same", testEmailTaken},
	{"emails that differ", testEmailFree},
	{"emails that are none", testEmailInvalid},
	{"external identifiers", testExternalID},
	{"names are kept as typed", testNamesAsTyped},
	{"a name is free again", testUsernameFreed},
}

func testUsernameTaken(t *testing.T, f *fixture) {
	for _, c := range []struct{ first, second string }{
		{"ann", "ANN"},
		{"Ｂob", "bob"},              // full width
		{"jose\u0301", "JOS\u00c9"}, // combining mark, composed
		{"сергей", "СЕРГЕЙ"},
		{"o\u0302\u0323", "\u1ed9"}, // two marks in either order
		{"カタカナ", "ｶﾀｶﾅ"},            // half width
		{"ΟΔΟΣ", "οδος"},            // one sigma
		{"straße", "STRAẞE"},
	} {
		first := f.user(c.first)
		u := storage.User{Username: c.second}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrDuplicate, "Username")
		got, err := f.UserByUsername(f.ctx, c.second)
		require.NoError(t, err)
		require.Equal(t, first, got, "UserByUsername(%q)", c.second)
	}
}

func testUsernameFree(t *testing.T, f *fixture) {
	for _, name := range []string{
		"pop", "рор", // Latin, Cyrillic
		"jose", "josé",
		"strasse", "straße",
		"isik", "ısık", // dotless
		"ann", "ann1", "ann.1", "ann_1", "ann-1",
		"l", "1", "I", "0", "O",
	} {
		u := f.user(name)
		got, err := f.UserByUsername(f.ctx, name)
		require.NoError(t, err)
		require.Equal(t, u, got)
	}
}

func testUsernameInvalid(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, name := range []string{
		"", " ", "ann smith", "аnn", "an\x00n", "an\xffn", "an\nn", "an\u200bn", "an\u202en", "\ufdfa\u2028",
		strings.Repeat("x", storage.MaxUsername+1),
	} {
		u := storage.User{Username: name}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrInvalid, "Username")
		f.refused(t, func() error {
			_, err := f.UpdateUser(f.ctx, ann.ID, storage.UserPatch{Username: &name})
			return err
		}, storage.ErrInvalid, "Username")
	}
}

func testEmailTaken(t *testing.T, f *fixture) {
	for i, c := range []struct{ first, second string }{
		{"Ann@Example.org", "ann@example.ORG"},
		{"ｂob@example.org", "bob@example.org"},
		{"jose\u0301@example.org", "JOS\u00c9@example.org"},
		{"straße@example.org", "STRASSE@example.org"},
		{"οδος@example.org", "ΟΔΟΣ@example.org"},
		{"eve@bücher.example", "eve@BU\u0308CHER.Example"},
	} {
		f.user("u"+string(rune('a'+i)), func(u *storage.User) { u.Email = c.first })
		u := storage.User{Username: "other", Email: c.second}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrDuplicate, "Email")
	}
	f.user("none")
	f.user("either") // users without an email are many
}

// testEmailFree has addresses of others: of a look-alike letter, of another
// domain.
func testEmailFree(t *testing.T, f *fixture) {
	for i, email := range []string{
		"ann@example.org", "\u0430nn@example.org", "a.nn@example.org", "ann+x@example.org",
		"mike@example.org", "mıke@example.org",
		"ann@strasse.example", "ann@straße.example",
	} {
		exists, err := storage.EmailExists(f.ctx, f, email)
		require.NoError(t, err)
		require.False(t, exists, email)
		u := f.user("u"+string(rune('a'+i)), func(u *storage.User) { u.Email = email })
		got, err := f.UserByEmail(f.ctx, email)
		require.NoError(t, err)
		require.Equal(t, u, got)
		exists, err = storage.EmailExists(f.ctx, f, email)
		require.NoError(t, err)
		require.True(t, exists, email)
	}
}

func testEmailInvalid(t *testing.T, f *fixture) {
	for _, email := range []string{
		"ann", "@example.org", "ann@", "Ann <ann@example.org>", "<ann@example.org>", "a b@example.org",
		"a@example.org, b@example.org", " ann@example.org", "ann@example.org\x00", "an\xffn@example.org",
		"a＠b@example.org", "a@b＠example.org",
		strings.Repeat("x", 65) + "@example.org",
		"a@" + strings.Repeat("x", storage.MaxEmail),
	} {
		u := storage.User{Username: "ann", Email: email}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrInvalid, "Email")
	}
}

func testExternalID(t *testing.T, f *fixture) {
	names := []string{"a", "b", "c", "d", "e", "f"}
	for i, external := range []string{"X", "x", "ｘ", "x ", "x\x01", ""} {
		u := f.user(names[i], func(u *storage.User) { u.ExternalID = external })
		if external == "" {
			continue
		}
		got, err := f.UserByExternalID(f.ctx, external)
		require.NoError(t, err)
		require.Equal(t, u, got, "UserByExternalID(%q)", external)

		other := storage.User{Username: "other", ExternalID: external}
		f.refused(t, func() error { return f.CreateUser(f.ctx, &other) }, storage.ErrDuplicate, "ExternalID")
	}
}

func testNamesAsTyped(t *testing.T, f *fixture) {
	for _, name := range []string{"ÀnnÉ", "Jose\u0301", "Ｂob", "ΣΑΣ", "ﾊﾟ"} {
		u := f.user(name, func(u *storage.User) { u.Email = name + "@Example.ORG" })
		got := f.readUser(u.ID)
		require.Equal(t, name, got.Username)
		require.Equal(t, name+"@Example.ORG", got.Email)
	}
}

func testUsernameFreed(t *testing.T, f *fixture) {
	ann := f.user("ann", func(u *storage.User) { u.Email, u.ExternalID = "ann@example.org", "x" })
	_, err := f.UpdateUser(f.ctx, ann.ID, storage.UserPatch{
		Username: new("anna"), Email: new("anna@example.org"), ExternalID: new("y"),
	})
	require.NoError(t, err)
	second := f.user("Ann", func(u *storage.User) { u.Email, u.ExternalID = "Ann@example.org", "x" })

	require.NoError(t, f.DeleteUser(f.ctx, second.ID))
	exists, err := storage.UsernameExists(f.ctx, f, "ann")
	require.NoError(t, err)
	require.False(t, exists)
	third := f.user("ANN", func(u *storage.User) { u.Email, u.ExternalID = "ANN@example.org", "x" })
	got, err := f.UserByUsername(f.ctx, "ann")
	require.NoError(t, err)
	require.Equal(t, third, got)
}
