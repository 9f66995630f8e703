package storagetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var limitCases = []testCase{
	{"texts of a new user", testUserTexts},
	{"texts of a user who changes", testUserTextsChanged},
	{"names of a user", testUserNameLimits},
	{"texts of a room", testRoomTexts},
	{"texts of a room that changes", testRoomTextsChanged},
	{"media types of a room", testUploadTypes},
	{"texts of a membership", testMemberTexts},
	{"texts of a new membership", testNewMemberTexts},
	{"texts of an imported message", testImportedTexts},
	{"custom fields", testCustom},
	{"texts of a session", testSessionTexts},
	{"texts of a login attempt", testLoginTexts},
	{"custom fields of a session", testSessionCustom},
	{"texts of a legal hold", testHoldTexts},
	{"texts of an audit entry", testAuditTexts},
	{"metadata of an audit entry", testAuditMetadata},
}

// limited is a text of a record with its limit in bytes.
type limited[R any] struct {
	field string
	limit int
	at    func(*R) *string
}

// texts is how a record with texts is made, stored and read.
type texts[R any] struct {
	fields []limited[R]
	make   func() R
	store  func(*R) error
	read   func(R) R
}

// kept must be read back byte for byte, whatever their look.
var kept = append([]string{
	"", " ", "\t\r\n", "\x01\x1f\x7f", "\u0085\u200b\u202e", "\ufeffx", "e\u0301\u00e9", "ﬁ Å", "\ufffd\U0010ffff",
	"👩‍👩‍👧‍👦", "שלום", "上海", "null", "NULL", "0", "1e3", "{}", "x ",
}, metacharacters...)

// refusedTexts may be in no field.
var refusedTexts = []string{"\x00", "a\x00b", "\xff", "a\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "x\xe4"}

// of returns text of exactly n bytes, not all of them ASCII.
func of(n int) string {
	return strings.Repeat("x", n%2) + strings.Repeat("é", n/2)
}

func testTexts[R any](t *testing.T, f *fixture, x texts[R]) {
	full := x.make()
	for _, field := range x.fields {
		*field.at(&full) = of(field.limit)
	}
	require.NoError(t, x.store(&full), "every text as long as may be")
	require.Equal(t, full, x.read(full), "every text as long as may be")

	for _, text := range kept {
		r := x.make()
		for _, field := range x.fields {
			if len(text) <= field.limit {
				*field.at(&r) = text
			}
		}
		require.NoError(t, x.store(&r), "every text is %q", text)
		require.Equal(t, r, x.read(r), "every text is %q", text)
	}
	for _, field := range x.fields {
		for _, text := range append([]string{of(field.limit + 1)}, refusedTexts...) {
			r := x.make()
			*field.at(&r) = text
			f.refused(t, func() error { return x.store(&r) }, storage.ErrInvalid, field.field)
		}
	}
}

var userTexts = []limited[storage.User]{
	{"ExternalID", storage.MaxExternalID, func(u *storage.User) *string { return &u.ExternalID }},
	{"PasswordHash", storage.MaxPasswordHash, func(u *storage.User) *string { return (*string)(&u.PasswordHash) }},
	{"Profile.DisplayName", storage.MaxDisplayName, func(u *storage.User) *string { return &u.Profile.DisplayName }},
	{"Profile.Avatar", storage.MaxAvatar, func(u *storage.User) *string { return &u.Profile.Avatar }},
	{"Profile.StatusMessage", storage.MaxStatusMessage, func(u *storage.User) *string { return &u.Profile.StatusMessage }},
	{"Profile.Bio", storage.MaxBio, func(u *storage.User) *string { return &u.Profile.Bio }},
	{"Profile.Timezone", storage.MaxTimezone, func(u *storage.User) *string { return &u.Profile.Timezone }},
	{"Profile.Language", storage.MaxLanguage, func(u *storage.User) *string { return &u.Profile.Language }},
	{"Settings.Theme", storage.MaxTheme, func(u *storage.User) *string { return &u.Settings.Theme }},
}

func testUserTexts(t *testing.T, f *fixture) {
	testTexts(t, f, texts[storage.User]{
		fields: userTexts,
		make:   func() storage.User { return storage.User{Username: "bob"} },
		store:  func(u *storage.User) error { return f.CreateUser(f.ctx, u) },
		read: func(u storage.User) storage.User {
			got := f.readUser(u.ID)
			require.NoError(t, f.DeleteUser(f.ctx, u.ID))
			return got
		},
	})
}

func testUserTextsChanged(t *testing.T, f *fixture) {
	u := f.user("ann")
	testTexts(t, f, texts[storage.User]{
		fields: userTexts,
		make:   func() storage.User { return u },
		store: func(next *storage.User) error {
			if err := f.SetPasswordHash(f.ctx, u.ID, next.PasswordHash); err != nil {
				return err
			}
			got, err := f.UpdateUser(f.ctx, u.ID, storage.UserPatch{
				ExternalID: &next.ExternalID, Profile: &next.Profile, Settings: &next.Settings,
			})
			if err == nil {
				*next = got
			}
			return err
		},
		read: func(storage.User) storage.User { u = f.readUser(u.ID); return u },
	})
}

func testUserNameLimits(t *testing.T, f *fixture) {
	domain := "@" + strings.Repeat("x", storage.MaxEmail-65)
	want := f.user(strings.Repeat("я", storage.MaxUsername/2), func(u *storage.User) {
		u.Email = of(64) + domain
	})
	require.Len(t, want.Email, storage.MaxEmail)
	require.Equal(t, want, f.readUser(want.ID))
	got, err := f.UserByUsername(f.ctx, strings.Repeat("Я", storage.MaxUsername/2))
	require.NoError(t, err)
	require.Equal(t, want, got)
	got, err = f.UserByEmail(f.ctx, strings.ToUpper(want.Email))
	require.NoError(t, err)
	require.Equal(t, want, got)

	u := storage.User{Username: strings.Repeat("я", storage.MaxUsername/2) + "i"}
	f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrInvalid, "Username")
	u = storage.User{Username: "ann", Email: of(64) + domain + "x"}
	f.refused(t, func() error { return f.CreateUser(f.ctx, &u) }, storage.ErrInvalid, "Email")
}

var roomTexts = []limited[storage.Room]{
	{"Name", storage.MaxRoomName, func(r *storage.Room) *string { return &r.Name }},
	{"DisplayName", storage.MaxDisplayName, func(r *storage.Room) *string { return &r.DisplayName }},
	{"Description", storage.MaxDescription, func(r *storage.Room) *string { return &r.Description }},
	{"Topic", storage.MaxTopic, func(r *storage.Room) *string { return &r.Topic }},
	{"PasswordHash", storage.MaxPasswordHash, func(r *storage.Room) *string { return (*string)(&r.PasswordHash) }},
}

func testRoomTexts(t *testing.T, f *fixture) {
	testTexts(t, f, texts[storage.Room]{
		fields: roomTexts,
		make:   func() storage.Room { return storage.Room{} },
		store:  func(r *storage.Room) error { return f.CreateRoom(f.ctx, r) },
		read: func(r storage.Room) storage.Room {
			got := f.readRoom(r.ID)
			if r.Name != "" {
				byName, err := f.RoomByName(f.ctx, r.Name)
				require.NoError(t, err)
				require.Equal(t, r, byName, "RoomByName(%q)", r.Name)
			}
			require.NoError(t, f.DeleteRoom(f.ctx, r.ID))
			return got
		},
	})
}

func testUploadTypes(t *testing.T, f *fixture) {
	types := append([]string{of(storage.MaxMediaType)}, kept...)
	types = types[:min(len(types), storage.MaxUploadTypes)]
	r := f.room("", storage.UserID{}, func(r *storage.Room) { r.Settings.Uploads.Types = types })
	require.Equal(t, types, f.readRoom(r.ID).Settings.Uploads.Types)

	types = make([]string, storage.MaxUploadTypes)
	r = f.room("", storage.UserID{}, func(r *storage.Room) { r.Settings.Uploads.Types = types })
	require.Equal(t, types, f.readRoom(r.ID).Settings.Uploads.Types, "as many as may be, and empty")
	for _, text := range append([]string{of(storage.MaxMediaType + 1)}, refusedTexts...) {
		f.refused(t, func() error {
			_, err := f.UpdateRoomSettings(f.ctx, r.ID, storage.RoomSettings{
				Uploads: storage.UploadRules{Types: []string{"image/png", text}},
			})
			return err
		}, storage.ErrInvalid, "Settings.Uploads.Types")
	}
}

var memberTexts = []limited[storage.Membership]{
	{"Settings.Nickname", storage.MaxNickname, func(m *storage.Membership) *string { return &m.Settings.Nickname }},
	{"Settings.Theme", storage.MaxTheme, func(m *storage.Membership) *string { return &m.Settings.Theme }},
}

func testMemberTexts(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	testTexts(t, f, texts[storage.Membership]{
		fields: memberTexts,
		make:   func() storage.Membership { return f.readMember(room.ID, ann.ID) },
		store:  func(m *storage.Membership) error { return f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, m.Settings) },
		read:   func(storage.Membership) storage.Membership { return f.readMember(room.ID, ann.ID) },
	})
}

// customs are JSON objects that must be read back byte for byte.
var customs = []string{
	`{}`, ` { } `, `{"a":1,"a":2}`, `{"b":1, "a":[ 1e400, -0, 1.10 ]}`, `{"\u00e9":"é\u0000\/"}`, "{\n\t\"a\": null\r\n}",
	`{"a":"\ud83d\ude00 <&>"}`, `{"":{"":{"":[]}}}`,
}

func testCustom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	for field, x := range map[string]struct {
		store func(json.RawMessage) error
		read  func() json.RawMessage
	}{
		"Profile.Custom": {
			func(c json.RawMessage) error {
				_, err := f.UpdateUser(f.ctx, ann.ID, storage.UserPatch{Profile: &storage.Profile{Custom: c}})
				return err
			},
			func() json.RawMessage { return f.readUser(ann.ID).Profile.Custom },
		},
		"Settings.Chat": {
			func(c json.RawMessage) error {
				_, err := f.UpdateUser(f.ctx, ann.ID, storage.UserPatch{Settings: &storage.UserSettings{Chat: c}})
				return err
			},
			func() json.RawMessage { return f.readUser(ann.ID).Settings.Chat },
		},
		"Settings.Custom": {
			func(c json.RawMessage) error {
				if err := f.UpdateMemberSettings(f.ctx, room.ID, ann.ID, storage.MemberSettings{Custom: c}); err != nil {
					return err
				}
				_, err := f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{Custom: c})
				return err
			},
			func() json.RawMessage {
				custom := f.readMember(room.ID, ann.ID).Settings.Custom
				require.Equal(t, custom, f.readRoom(room.ID).Settings.Custom)
				return custom
			},
		},
	} {
		wantCustom(t, f, field, x.store, x.read)
	}
}

// wantCustom holds one field of custom JSON to its promises.
func wantCustom(t *testing.T, f *fixture, field string, store func(json.RawMessage) error, read func() json.RawMessage) {
	t.Helper()
	wantCustomAs(t, f, field, store, read, func(custom string) string { return custom })
}

// wantCustomAs is wantCustom for a field that is stored in a form of its own.
func wantCustomAs(t *testing.T, f *fixture, field string, store func(json.RawMessage) error, read func() json.RawMessage, form func(string) string) {
	t.Helper()
	full := `{"a":"` + of(storage.MaxCustom-8) + `"}`
	require.Len(t, full, storage.MaxCustom)
	for _, custom := range append([]string{full}, customs...) {
		require.NoError(t, store(json.RawMessage(custom)), "%s = %.80s", field, custom)
		require.Equal(t, form(custom), string(read()), field)
	}
	for _, custom := range []string{
		`{"a":"` + of(storage.MaxCustom-7) + `"}`, `null`, `[]`, `"a"`, `1`, `{`, `{"a"}`, `{"a":1,}`, `{}{}`, ` `, "{\"a\":\"\x01\"}", "{\"a\":\"\xff\"}", "{\"a\":\"\x00\"}",
	} {
		f.refused(t, func() error { return store(json.RawMessage(custom)) }, storage.ErrInvalid, field)
	}
	for _, empty := range []json.RawMessage{{}, nil} {
		require.NoError(t, store(json.RawMessage(`{"a":1}`)))
		require.NoError(t, store(empty))
		require.Nil(t, read(), "%s, empty", field)
	}
}
