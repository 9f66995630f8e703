package storage_test

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

func TestUsernamesEqualByTheirFoldedForm(t *testing.T) {
	for _, tt := range []struct {
		name  string
		a, b  string
		equal bool
	}{
		{"case", "Ann", "aNN", true},
		{"case beyond ASCII", "ÉTÉ", "été", true},
		{"case of Greek", "ΑΝΝΑ", "αννα", true},
		{"full width", "Ａｎｎ", "ann", true},
		{"full-width digits", "ann１", "ann1", true},
		{"half-width kana", "ｶﾅ", "カナ", true},
		{"combining marks", "e\u0301te\u0301", "été", true},
		{"order of combining marks", "q\u0307\u0323", "q\u0323\u0307", true},
		{"all at once", "Ｅ\u0301T\u00c9", "\u00e9te\u0301", true},
		{"another letter", "ann", "anm", false},
		{"an accent", "ann", "änn", false},
		{"a confusable of another script", "aco", "асо", false},
		{"zero and o", "b0b", "bob", false},
		{"sharp s", "straße", "strasse", false},
		{"capital sharp s", "STRAẞE", "straße", true},
		{"dotless i", "ı", "i", false},
		{"dotted capital I", "İsa", "isa", false},
		{"capital I", "ISIK", "isik", true},
		{"final sigma", "ΟΔΟΣ", "οδος", true},
		{"final sigma as any", "οδος", "οδοσ", true},
		{"sign and letter", "\u212aen", "ken", true},
		{"hiragana and katakana", "かな", "カナ", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, err := storage.FoldUsername(tt.a)
			require.NoError(t, err)
			b, err := storage.FoldUsername(tt.b)
			require.NoError(t, err)
			assert.Equal(t, tt.equal, a == b, "FoldUsername(%q) = %q, FoldUsername(%q) = %q", tt.a, a, tt.b, b)
		})
	}
}

// Each letter has one script, so that it makes no difference in which order
// they are looked through.
func TestScriptsAreDisjoint(t *testing.T) {
	script := map[rune]string{}
	for name, table := range unicode.Scripts {
		for r := range runesOf(table) {
			require.Empty(t, script[r], "%U is %s, too", r, name)
			script[r] = name
		}
	}
	require.Greater(t, len(script), 100_000)
}

func runesOf(table *unicode.RangeTable) iter.Seq[rune] {
	return func(yield func(rune) bool) {
		ranges := slices.Clone(table.R32)
		for _, r := range table.R16 {
			ranges = append(ranges, unicode.Range32{Lo: uint32(r.Lo), Hi: uint32(r.Hi), Stride: uint32(r.Stride)})
		}
		for _, r := range ranges {
			for c := r.Lo; c <= r.Hi; c += r.Stride {
				if !yield(rune(c)) {
					return
				}
			}
		}
	}
}

func TestUsernames(t *testing.T) {
	legal := []string{
		"a", "42", "ann", "O'Brien", "ann.lee-2", "ann_lee",
		`_nick`, `[bot]`, `\o/`, `^_^`, `{x}`, `a|away`, "`tick`", `_[]\^{|}` + "`", "0day",
		"été", "анна", "άννα", "שרה", "سارة", "अन्ना", "안나", "安娜", "さくら", "サクラ", "桜子さくらサクラ", "Nguyễn",
	}
	for _, name := range legal {
		assert.NoError(t, storage.User{Username: name}.Validate(), name)
	}
	illegal := []string{
		"", " ", "a b", " ann", "ann ", "a\tb", "a\nb", "\x00", "a\x7f", "a\u00a0b", "a\u3000b", "\xff", "a\u200bb", "a\u202eb",
		"ann☃", "👍", "Ⅳ", "ﬁn",
		"user@host", "ann＠example.org",
		"аnn",      // Cyrillic and Latin
		"pаypal",   // Latin, Cyrillic, Latin
		"Αnna",     // Greek and Latin
		"аα",       // Cyrillic and Greek
		"annさくら",   // Latin and Hiragana
		"ann١",     // an Arabic digit after Latin letters: RFC 5893
		"سaرة",     // Arabic and Latin, in two directions
		"a\u0430１", // full-width digits do not help
	}
	for _, name := range illegal {
		assertInvalid(t, "Username", storage.User{Username: name}.Validate(), name)
	}
}

func TestFoldingIsIdempotent(t *testing.T) {
	letters := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("AÉéßΣσςİıſK\u0345\u0301\u0323ﬁﾊﾞ１Ａ가\u1112\u1161ᾳᾼ"))))
	rapid.Check(t, func(t *rapid.T) {
		s := letters.Draw(t, "text")
		email := storage.FoldEmail(s)
		assert.Equal(t, email, storage.FoldEmail(email), "FoldEmail(%q)", s)
		room := storage.FoldRoomName(s)
		assert.Equal(t, room, storage.FoldRoomName(room), "FoldRoomName(%q)", s)
		if (storage.User{Username: s}).Validate() != nil {
			return
		}
		username, err := storage.FoldUsername(s)
		require.NoError(t, err)
		again, err := storage.FoldUsername(username)
		require.NoError(t, err)
		assert.Equal(t, username, again, "FoldUsername(%q)", s)
	})
}

func TestEmails(t *testing.T) {
	for _, tt := range []struct {
		a, b  string
		equal bool
	}{
		{"Ann@Example.ORG", "ann@example.org", true},
		{"straße@example.org", "STRASSE@example.org", true},
		{"e\u0301@example.org", "é@EXAMPLE.org", true},
		{"Ꮧ@example.org", "ꮧ@example.org", true},
		{"ann@bücher.example", "ann@BÜCHER.example", true},
		{"ann@bu\u0308cher.example", "ann@bücher.example", true},
		{"ann@ｅｘａｍｐｌｅ.org", "ann@example.org", true},
		{"οδος@example.org", "ΟΔΟΣ@example.org", true},
		{"ann@straße.example", "ann@strasse.example", false},
		{"ann@οδος.example", "ann@οδοσ.example", false},
		{"ann@bücher.example", "ann@xn--bcher-kva.example", false},
		{"mıke@example.org", "mike@example.org", false},
		{"аnn@example.org", "ann@example.org", false}, // Cyrillic a
		{"ann@example.org", "ann@example.com", false},
		{"ann+tag@example.org", "ann@example.org", false},
		{"a.nn@example.org", "ann@example.org", false},
	} {
		assert.Equal(t, tt.equal, storage.FoldEmail(tt.a) == storage.FoldEmail(tt.b), "%s and %s", tt.a, tt.b)
		assert.NoError(t, storage.User{Username: "ann", Email: tt.a}.Validate(), tt.a)
	}
	for _, email := range []string{
		"ann", "@", "ann@", "@example.org", "ann@@example.org", "a b@example.org", " ann@example.org", "ann@example.org ",
		"Ann <ann@example.org>", "<ann@example.org>", "ann@example.org,bob@example.org", "ann@exa mple.org", "ann\n@example.org", "a＠b@example.org", "a@b＠example.org",
	} {
		assertInvalid(t, "Email", storage.User{Username: "ann", Email: email}.Validate(), email)
	}
}

func TestQuietHours(t *testing.T) {
	for _, tt := range []struct {
		from, to string
		ok       bool
	}{
		{"", "", true}, {"22:00", "06:30", true}, {"00:00", "23:59", true},
		{"22:00", "", false}, {"", "06:00", false}, {"22:00", "24:00", false}, {"22:00", "6:00", false},
		{"22:60", "06:00", false}, {"22h00", "06:00", false}, {"10 PM", "06:00", false}, {"22:00", "06:0\n", false},
	} {
		u := newUser()
		u.Settings.Notifications.QuietFrom, u.Settings.Notifications.QuietTo = tt.from, tt.to
		err := u.Validate()
		if tt.ok {
			assert.NoError(t, err, "%q to %q", tt.from, tt.to)
			continue
		}
		assert.ErrorIs(t, err, storage.ErrInvalid, "%q to %q", tt.from, tt.to)
	}
}

func TestUserPatch(t *testing.T) {
	before := storage.User{
		ExternalID: "sub|1", Username: "Ann", Email: "ann@example.org", Role: storage.RoleUser, Active: true,
		Profile: storage.Profile{DisplayName: "Ann", Custom: json.RawMessage(`{"a":1}`)}, Version: 3,
	}
	for _, tt := range []struct {
		name    string
		patch   storage.UserPatch
		changed bool
	}{
		{"nothing", storage.UserPatch{}, false},
		{"a version alone", storage.UserPatch{IfVersion: 3}, false},
		{"the same username", storage.UserPatch{Username: new("Ann")}, false},
		{"the same of everything", storage.UserPatch{
			ExternalID: new("sub|1"), Username: new("Ann"), Email: new("ann@example.org"),
			Profile: &storage.Profile{DisplayName: "Ann", Custom: json.RawMessage(`{"a":1}`)}, Settings: &storage.UserSettings{},
		}, false},
		{"empty is nil", storage.UserPatch{Settings: &storage.UserSettings{Chat: json.RawMessage{}}}, false},
		{"case of the username", storage.UserPatch{Username: new("ann")}, true},
		{"no email", storage.UserPatch{Email: new("")}, true},
		{"external identifier", storage.UserPatch{ExternalID: new("sub|2")}, true},
		{"profile", storage.UserPatch{Profile: &storage.Profile{DisplayName: "Ann"}}, true},
		{"spaces in custom fields", storage.UserPatch{Profile: &storage.Profile{DisplayName: "Ann", Custom: json.RawMessage(`{"a": 1}`)}}, true},
		{"settings", storage.UserPatch{Settings: &storage.UserSettings{Theme: "dark"}}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := before.Clone()
			assert.Equal(t, tt.changed, tt.patch.Apply(&got))
			if tt.changed {
				assert.NotEqual(t, before, got)
			} else {
				assert.Equal(t, before, got)
			}
			assert.Equal(t, before.Version, got.Version, "Apply leaves the version to the store")
			assert.False(t, tt.patch.Apply(&got), "the same patch again")
		})
	}
}

func TestUserCloneSharesNothing(t *testing.T) {
	u := newUser()
	u.Profile.Custom, u.Settings.Chat = json.RawMessage(`{"a":1}`), json.RawMessage(`{"b":2}`)
	clone := u.Clone()
	require.Equal(t, u, clone)
	copy(clone.Profile.Custom, strings.ToUpper(string(clone.Profile.Custom)))
	clone.Settings.Chat[0] = '['
	assert.JSONEq(t, `{"a":1}`, string(u.Profile.Custom))
	assert.JSONEq(t, `{"b":2}`, string(u.Settings.Chat))
}

func TestUserDefaults(t *testing.T) {
	u := storage.User{Username: "ann", Profile: storage.Profile{Custom: json.RawMessage{}}}
	u.Normalize()
	assert.Equal(t, storage.User{Username: "ann", Role: storage.RoleUser}, u)
	u.Role = 200
	assertInvalid(t, "Role", u.Validate(), "an unknown number")
}

// userReader finds one user, or fails.
type userReader struct {
	storage.UserReader
	err error
}

func (r userReader) UserByUsername(context.Context, string) (storage.User, error) {
	return storage.User{}, r.err
}

func (r userReader) UserByEmail(context.Context, string) (storage.User, error) {
	return storage.User{}, r.err
}

func TestExistence(t *testing.T) {
	for _, exists := range []func(context.Context, storage.UserReader, string) (bool, error){storage.UsernameExists, storage.EmailExists} {
		found, err := exists(t.Context(), userReader{}, "ann")
		require.NoError(t, err)
		assert.True(t, found)
		found, err = exists(t.Context(), userReader{err: storage.NotFound(storage.EntityUser, "ann")}, "ann")
		require.NoError(t, err)
		assert.False(t, found)
		_, err = exists(t.Context(), userReader{err: storage.WithOp("user", context.Canceled)}, "ann")
		assert.ErrorIs(t, err, storage.ErrCanceled)
	}
}

func TestUserQueryValidate(t *testing.T) {
	far := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	assert.NoError(t, storage.UserQuery{Roles: []storage.Role{storage.RoleGuest}, SeenSince: noon}.Validate())
	assertInvalid(t, "Roles", storage.UserQuery{Roles: []storage.Role{0}}.Validate(), "an unset role")
	assertInvalid(t, "Order", storage.UserQuery{Order: 9}.Validate(), "an unknown order")
	assertInvalid(t, "SeenSince", storage.UserQuery{SeenSince: far}.Validate(), "a far time")
	assertInvalid(t, "CreatedTo", storage.UserQuery{CreatedFrom: noon, CreatedTo: noon.Add(-1)}.Validate(), "a range backwards")
}
