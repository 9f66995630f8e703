package storage_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// textField is a field of a record that holds text, with its limit in bytes.
type textField struct {
	field    string
	limit    int
	validate func(s string) error // the record with s in the field
}

func newUser() storage.User { return storage.User{Username: "ann"} }

func newMembership() storage.Membership {
	return storage.Membership{RoomID: storage.NewID[storage.Room](), UserID: storage.NewID[storage.User]()}
}

func newMessage() storage.Message { return storage.Message{RoomID: storage.NewID[storage.Room]()} }

// withText returns a function that puts a text into a field of a record and
// validates it.
func withText[T interface{ Validate() error }](make func() T, put func(*T, string)) func(string) error {
	return func(s string) error {
		record := make()
		put(&record, s)
		return record.Validate()
	}
}

func userTexts() []textField {
	on := func(put func(*storage.User, string)) func(string) error { return withText(newUser, put) }
	return []textField{
		{"ExternalID", storage.MaxExternalID, on(func(u *storage.User, s string) { u.ExternalID = s })},
		{"PasswordHash", storage.MaxPasswordHash, on(func(u *storage.User, s string) { u.PasswordHash = storage.Secret(s) })},
		{"Profile.DisplayName", storage.MaxDisplayName, on(func(u *storage.User, s string) { u.Profile.DisplayName = s })},
		{"Profile.Avatar", storage.MaxAvatar, on(func(u *storage.User, s string) { u.Profile.Avatar = s })},
		{"Profile.StatusMessage", storage.MaxStatusMessage, on(func(u *storage.User, s string) { u.Profile.StatusMessage = s })},
		{"Profile.Bio", storage.MaxBio, on(func(u *storage.User, s string) { u.Profile.Bio = s })},
		{"Profile.Timezone", storage.MaxTimezone, on(func(u *storage.User, s string) { u.Profile.Timezone = s })},
		{"Profile.Language", storage.MaxLanguage, on(func(u *storage.User, s string) { u.Profile.Language = s })},
		{"Settings.Theme", storage.MaxTheme, on(func(u *storage.User, s string) { u.Settings.Theme = s })},
	}
}

func roomTexts() []textField {
	on := func(put func(*storage.Room, string)) func(string) error {
		return withText(func() storage.Room { return storage.Room{} }, put)
	}
	return []textField{
		{"Name", storage.MaxRoomName, on(func(r *storage.Room, s string) { r.Name = s })},
		{"DisplayName", storage.MaxDisplayName, on(func(r *storage.Room, s string) { r.DisplayName = s })},
		{"Description", storage.MaxDescription, on(func(r *storage.Room, s string) { r.Description = s })},
		{"Topic", storage.MaxTopic, on(func(r *storage.Room, s string) { r.Topic = s })},
		{"PasswordHash", storage.MaxPasswordHash, on(func(r *storage.Room, s string) { r.PasswordHash = storage.Secret(s) })},
		{"Settings.Uploads.Types", storage.MaxMediaType, on(func(r *storage.Room, s string) { r.Settings.Uploads.Types = []string{"a/b", s} })},
	}
}

func otherTexts() []textField {
	return []textField{
		{"Settings.Nickname", storage.MaxNickname, withText(newMembership, func(m *storage.Membership, s string) { m.Settings.Nickname = s })},
		{"Settings.Theme", storage.MaxTheme, withText(newMembership, func(m *storage.Membership, s string) { m.Settings.Theme = s })},
		{"Body", storage.MaxBody, withText(newMessage, func(m *storage.Message, s string) { m.Body = s })},
		{"Nonce", storage.MaxNonce, withText(newMessage, func(m *storage.Message, s string) { m.Nonce = s })},
		{"Tags", storage.MaxTag, withText(newMessage, func(m *storage.Message, s string) { m.Tags = []string{"tag", s} })},
		{"Text", storage.MaxQueryText, func(s string) error { return storage.UserQuery{Text: s}.Validate() }},
		{"Text", storage.MaxQueryText, func(s string) error { return storage.RoomQuery{Text: s}.Validate() }},
		{"Text", 1024, func(s string) error { return storage.SearchQuery{Text: s}.Validate() }},
	}
}

func assertInvalid(t *testing.T, field string, err error, what string) {
	t.Helper()
	var e *storage.Error
	if assert.True(t, errors.As(err, &e), "%s with %s = %v, want an error", field, what, err) {
		assert.Equal(t, storage.ErrInvalid, e.Kind, "%s with %s", field, what)
		assert.Equal(t, field, e.Field, "with %s", what)
	}
}

func TestTextLimits(t *testing.T) {
	for _, f := range slices.Concat(userTexts(), roomTexts(), otherTexts()) {
		assert.NoError(t, f.validate(strings.Repeat("a", f.limit)), "%s at its limit", f.field)
		assertInvalid(t, f.field, f.validate(strings.Repeat("a", f.limit+1)), "a byte too many")
		assert.NoError(t, f.validate(strings.Repeat("a", f.limit%4)+strings.Repeat("🦊", f.limit/4)), "%s at its limit", f.field)
		assertInvalid(t, f.field, f.validate(strings.Repeat("🦊", f.limit/4+1)), "few letters of many bytes")
	}
}

func TestTextBytes(t *testing.T) {
	for _, f := range slices.Concat(userTexts(), roomTexts(), otherTexts()) {
		for _, s := range []string{"\x00", "a\x00", "\x00a", "a\x00b"} {
			assertInvalid(t, f.field, f.validate(s), "a NUL byte")
		}
		for _, s := range []string{"\xff", "a\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"} {
			assertInvalid(t, f.field, f.validate(s), "invalid UTF-8")
		}
		for _, s := range []string{"\t\r\n", "\x01\x02\x03", "\x1b[31m", "\x7f", "\u0085", "\u200b", "\u2028", "\ufeff", "\ufffd", "\U0010ffff", " "} {
			assert.NoError(t, f.validate(s), "%s with %q", f.field, s)
		}
	}
}

func TestUsernameAndEmailLimits(t *testing.T) {
	username := withText(newUser, func(u *storage.User, s string) { u.Username = s })
	assert.NoError(t, username("a"))
	assert.NoError(t, username(strings.Repeat("a", storage.MaxUsername)))
	assert.NoError(t, username(strings.Repeat("é", storage.MaxUsername/2)))
	assertInvalid(t, "Username", username(""), "nothing")
	assertInvalid(t, "Username", username(strings.Repeat("a", storage.MaxUsername+1)), "a byte too many")
	assertInvalid(t, "Username", username(strings.Repeat("é", storage.MaxUsername/2+1)), "few letters of many bytes")
	assertInvalid(t, "Username", username(strings.Repeat("Ⱥ", storage.MaxUsername/2)), "a folded form of 96 bytes")

	email := withText(newUser, func(u *storage.User, s string) { u.Email = s })
	local := strings.Repeat("l", 64)
	atLimit := local + "@" + strings.Repeat("d", storage.MaxEmail-len(local)-1)
	assert.NoError(t, email(""), "an email address is optional")
	assert.NoError(t, email(atLimit))
	assertInvalid(t, "Email", email(atLimit+"d"), "a byte too many")
	assertInvalid(t, "Email", email("l"+local+"@example.org"), "a local part of 65 bytes")
}

// customFields are the fields that hold a JSON object.
func customFields() map[string]func(s string) error {
	return map[string]func(string) error{
		"Profile.Custom":  withText(newUser, func(u *storage.User, s string) { u.Profile.Custom = json.RawMessage(s) }),
		"Settings.Chat":   withText(newUser, func(u *storage.User, s string) { u.Settings.Chat = json.RawMessage(s) }),
		"Settings.Custom": withText(newMembership, func(m *storage.Membership, s string) { m.Settings.Custom = json.RawMessage(s) }),
		"Custom":          withText(newMessage, func(m *storage.Message, s string) { m.Custom = json.RawMessage(s) }),
	}
}

func TestCustomFieldsAreJSONObjects(t *testing.T) {
	room := withText(func() storage.Room { return storage.Room{} }, func(r *storage.Room, s string) { r.Settings.Custom = json.RawMessage(s) })
	assertInvalid(t, "Settings.Custom", room("[]"), "an array in a room")
	for field, validate := range customFields() {
		for _, s := range []string{"", "{}", " {\n} ", `{"a":{"b":[1,null,"c"]}}`, `{"a":1,"a":2}`, `{"NUL":"\u0000"}`} {
			assert.NoError(t, validate(s), "%s = %s", field, s)
		}
		for _, s := range []string{"null", "[]", `"a"`, "1", "true", "{", "{}{}", "{}x", "{'a':1}", `{"a":}`, "{}\x00", "{\"a\":\"\xff\"}", " "} {
			assertInvalid(t, field, validate(s), s)
		}
		fits := `{"a":"` + strings.Repeat("x", storage.MaxCustom-len(`{"a":""}`)) + `"}`
		require.NoError(t, validate(fits), "%s at its limit", field)
		assertInvalid(t, field, validate(fits+" "), "a byte too many")
	}
}

func TestNumbersOfEntries(t *testing.T) {
	tags := func(n int) error {
		m := newMessage()
		m.Tags = slices.Repeat([]string{"tag"}, n)
		return m.Validate()
	}
	mentions := func(n int) error {
		m := newMessage()
		m.Mentions = slices.Repeat([]storage.UserID{storage.NewID[storage.User]()}, n)
		return m.Validate()
	}
	types := func(n int) error {
		var r storage.Room
		r.Settings.Uploads.Types = slices.Repeat([]string{"image/png"}, n)
		return r.Validate()
	}
	for _, tt := range []struct {
		field    string
		limit    int
		validate func(int) error
	}{{"Tags", storage.MaxTags, tags}, {"Mentions", storage.MaxMentions, mentions}, {"Settings.Uploads.Types", storage.MaxUploadTypes, types}} {
		assert.NoError(t, tt.validate(0))
		assert.NoError(t, tt.validate(tt.limit), "%s at its limit", tt.field)
		assertInvalid(t, tt.field, tt.validate(tt.limit+1), "one too many")
	}
}
