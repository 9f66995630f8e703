package storagetest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var textCases = []testCase{
	{"users by what they are called", testUserText},
	{"rooms by what they are called", testRoomText},
	{"metacharacters find nothing by themselves", testTextMetacharacters},
	{"a text follows the record", testTextFollows},
	{"texts without a word", testTextEmpty},
	{"limits", testTextLimits},
	{"pages", testTextPages},
}

// metacharacters mean something to some database, pattern or search engine,
// and nothing to a store.
var metacharacters = []string{
	"%", "_", "*", "?", "\\", "'", "''", `"`, "`", ";", "--", "/*", "%%", "\\%", "[a-z]", ".*", "^", "$", "(", ")", "{}",
	"' OR '1'='1", "'; DROP TABLE users; --", `" OR ""="`, "NEAR(a b)", "a AND NOT b", "-ann", "+ann", "^ann",
	"\"ann", "name:ann", "{name}:ann", "ann*", "ann%", "a_n", "an?", "ANN OR BOB", "🙂", "\u0301", "\u200b", "\ufeff", "\x01",
}

func testUserText(t *testing.T, f *fixture) {
	f.user("ann", func(u *storage.User) { u.Profile.DisplayName, u.Email = "Ann O'Neill-Smith", "ann@example.org" })
	f.user("bob_9", func(u *storage.User) { u.Profile.DisplayName = "Zoë Müller" })
	f.user("上海", func(u *storage.User) { u.Profile.DisplayName = "我家在上海东边" })
	f.user("dan", func(u *storage.User) {
		u.Email = "Daniel.Smith@mail.example.org"
		u.Profile.Bio, u.Profile.StatusMessage = "hidden", "hidden"
	})
	for text, want := range map[string]string{
		"":             "ann bob_9 dan 上海",
		"ann":          "ann",
		"AN":           "ann",
		"smith":        "ann dan", // after a hyphen and after a point
		"neill":        "ann",     // a part of a word
		"smith ann":    "ann",
		"ann ann":      "ann",
		"ann zoe":      "",
		"nn":           "", // not the beginning of a word
		"zoe":          "bob_9",
		"ZOË":          "bob_9",
		"zoe\u0308 mu": "bob_9",
		"ｚｏｅ":          "bob_9",
		"9":            "bob_9",
		"bob_9":        "bob_9",
		"上海":           "上海",
		"海":            "上海",
		"海东":           "上海",
		"家在上":          "上海",
		"上东":           "",
		"example":      "ann dan",
		"mail.example": "dan",
		"hidden":       "",
		"o'nei":        "ann",
		"o’nei":        "ann",
	} {
		wantNames(t, f, text, want)
	}
}

// wantNames requires whom a text finds among users, by name, and how many.
func wantNames(t *testing.T, f *fixture, text, want string) {
	t.Helper()
	q := storage.UserQuery{Text: text}
	require.Equal(t, want, strings.Join(usernames(list(f, f.Users, q)), " "), "Users(%q)", text)
	n, err := f.CountUsers(f.ctx, q)
	require.NoError(t, err)
	require.Equal(t, int64(len(strings.Fields(want))), n, "CountUsers(%q)", text)
}

func testRoomText(t *testing.T, f *fixture) {
	f.room("general", storage.UserID{}, func(r *storage.Room) { r.DisplayName, r.Topic = "Lobby", "Tea & biscuits" })
	f.room("go-nuts", storage.UserID{}, func(r *storage.Room) { r.Description = "All about Go, and tea" })
	f.room("東京", storage.UserID{}, func(r *storage.Room) { r.Topic = "東京タワー" })
	for text, want := range map[string]string{
		"":          "general go-nuts 東京",
		"tea":       "general go-nuts",
		"TEA go":    "go-nuts",
		"tea lob":   "general",
		"nuts":      "go-nuts",
		"go-nuts":   "go-nuts",
		"biscuits":  "general",
		"京":         "東京",
		"東京タ":       "東京",
		"tea & bis": "general",
		"x":         "",
	} {
		q := storage.RoomQuery{Text: text}
		require.Equal(t, want, roomNames(list(f, f.Rooms, q)), "Rooms(%q)", text)
		n, err := f.CountRooms(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, int64(len(strings.Fields(want))), n, "CountRooms(%q)", text)
	}
}

func testTextMetacharacters(t *testing.T, f *fixture) {
	f.user("bob")
	f.user("carol")
	f.room("bob", storage.UserID{})
	for _, text := range metacharacters {
		wantNames(t, f, text, "")
		n, err := f.CountRooms(f.ctx, storage.RoomQuery{Text: text})
		require.NoError(t, err)
		require.Zero(t, n, "CountRooms(%q)", text)
	}
	f.user("ann")
	for _, text := range []string{"ann*", "ann%", `"ann`, "-ann", "^ann", "(ann)", "ann\x01", "ann'"} {
		wantNames(t, f, text, "ann")
	}
}

func testTextFollows(t *testing.T, f *fixture) {
	u := f.user("ann", func(u *storage.User) { u.Email = "post@example.org" })
	_, err := f.UpdateUser(f.ctx, u.ID, storage.UserPatch{
		Username: new("zoe"), Email: new(""), Profile: &storage.Profile{DisplayName: "Big Bird"},
	})
	require.NoError(t, err)
	wantNames(t, f, "ann", "")
	wantNames(t, f, "post", "")
	wantNames(t, f, "bird zoe", "zoe")
	require.NoError(t, f.SetUserRole(f.ctx, u.ID, storage.RoleGuest))
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	wantNames(t, f, "big", "zoe")
	require.NoError(t, f.DeleteUser(f.ctx, u.ID))
	wantNames(t, f, "bird", "")

	r := f.room("attic", storage.UserID{}, func(r *storage.Room) { r.Topic = "dust" })
	_, err = f.UpdateRoom(f.ctx, r.ID, storage.RoomPatch{Topic: new("light"), Name: new("loft")})
	require.NoError(t, err)
	for text, want := range map[string]string{"dust": "", "attic": "", "light": "loft", "lof lig": "loft"} {
		require.Equal(t, want, roomNames(list(f, f.Rooms, storage.RoomQuery{Text: text})), "Rooms(%q)", text)
	}
}

func testTextEmpty(t *testing.T, f *fixture) {
	f.user("ann", func(u *storage.User) { u.Profile.DisplayName = "... !!! ..." })
	f.room("!!!", storage.UserID{})
	wantNames(t, f, "", "ann")
	wantNames(t, f, "...", "")
	wantNames(t, f, "... ann", "ann")
	n, err := f.CountRooms(f.ctx, storage.RoomQuery{Text: "!!!"})
	require.NoError(t, err)
	require.Zero(t, n)
	page, err := f.Rooms(f.ctx, storage.RoomQuery{Text: "!!!"})
	require.NoError(t, err)
	require.Empty(t, page)
}

func testTextLimits(t *testing.T, f *fixture) {
	var words []string
	for i := range storage.MaxQueryText / 3 {
		words = append(words, string([]byte{byte('a' + i/26), byte('a' + i%26)}))
	}
	many := strings.Join(words, " ")
	f.user("ann", func(u *storage.User) { u.Profile.Bio = many })
	for _, text := range []string{
		many, strings.Repeat("x", storage.MaxQueryText), strings.Repeat("上", storage.MaxQueryText/3), strings.Repeat(" ", storage.MaxQueryText-3) + "bob",
	} {
		wantNames(t, f, text, "")
		_, err := f.Rooms(f.ctx, storage.RoomQuery{Text: text})
		require.NoError(t, err)
	}
	wantNames(t, f, strings.Repeat("an ", storage.MaxQueryText/3), "ann")

	for _, text := range []string{strings.Repeat("x", storage.MaxQueryText+1), "a\x00", "\xff", "a\xc0\xaf"} {
		_, err := f.Users(f.ctx, storage.UserQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
		_, err = f.CountUsers(f.ctx, storage.UserQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
		_, err = f.Rooms(f.ctx, storage.RoomQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
		_, err = f.CountRooms(f.ctx, storage.RoomQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
	}
}

func testTextPages(t *testing.T, f *fixture) {
	var want []storage.User
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g"} {
		u := f.user(name, func(u *storage.User) { u.Profile.DisplayName = "tea teapot team " + name })
		f.user(name + "2")
		want = append(want, u)
	}
	q := storage.UserQuery{Text: "te tea"}
	n, err := f.CountUsers(f.ctx, q)
	wantSame(t, want, f.userPages(q), n, err)
}
