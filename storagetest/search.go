package storagetest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

var searchCases = []testCase{
	{"words", testSearchWords},
	{"scripts", testSearchScripts},
	{"metacharacters", testSearchMetacharacters},
	{"a backend's own signs", testSearchSigns},
	{"language", testSearchLanguage},
	{"golden", testSearchGolden},
	{"wholes and parts", testSearchWholes},
	{"only left out", testSearchLeavesOut},
	{"nothing to search for", testSearchEmpty},
	{"limits", testSearchLimits},
	{"invalid", testSearchInvalid},
	{"highlights", testSearchHighlights},
	{"order", testSearchOrder},
	{"rooms", testSearchRooms},
	{"reader", testSearchReader},
	{"hidden history", testSearchHidden},
	{"hidden history and rejoining", testSearchHiddenAgain},
	{"author", testSearchAuthor},
	{"never found", testSearchNever},
	{"whole messages", testSearchWhole},
	{"pages", testSearchPages},
	{"pages of a reader", testSearchReaderPages},
	{"cursors", testSearchCursors},
	{"walk while messages come and go", testSearchGrowing},
	{"large and small rooms", testSearchLarge},
	{"deadline", testSearchDeadline},
	{"long messages", testSearchLong},
	{"author is deleted", testSearchAuthorGone},
	{"within a transaction", testSearchInTx},
	{"rolled back", testSearchRolledBack},
	{"imported", testSearchImported},
}

// searchAll returns all that a search finds, walked by pages that may be
// short.
func (f *fixture) searchAll(q storage.SearchQuery) []storage.Match {
	f.t.Helper()
	if f.backend.lacks(FeatureSearch) {
		return nil
	}
	var found []storage.Match
	for range mostPages {
		result, err := f.SearchMessages(f.ctx, q)
		require.NoError(f.t, err, "SearchMessages(%q)", q.Text)
		require.Empty(f.t, result.Reason, "Reason of %q", q.Text)
		found = append(found, result.Items...)
		if result.Next == "" {
			return found
		}
		q = q.WithCursor(result.Next)
	}
	require.Fail(f.t, "a walk that does not end", "SearchMessages(%q)", q.Text)
	return nil
}

// mostPages is more than any walk of the suite needs: a list that leads in
// circles fails then.
const mostPages = 2000

// found returns the texts that a search finds.
func (f *fixture) found(q storage.SearchQuery) []string {
	f.t.Helper()
	var out []string
	for _, match := range f.searchAll(q) {
		out = append(out, match.Message.Body)
	}
	return out
}

// corpus stores texts as messages of one room.
func (f *fixture) corpus(texts ...string) storage.Room {
	f.t.Helper()
	room := f.room("corpus", storage.UserID{})
	var ms []*storage.Message
	for _, text := range texts {
		ms = append(ms, &storage.Message{RoomID: room.ID, Body: text})
	}
	f.createMany(len(texts), ms...)
	return room
}

// wantFound requires that searches find exactly these texts, oldest first.
func (f *fixture) wantFound(cases []foundCase) {
	f.t.Helper()
	for _, c := range cases {
		got := f.found(storage.SearchQuery{Text: c.text, Order: storage.OldestFirst})
		assert.Equal(f.t, c.want, got, "SearchMessages(%q)", c.text)
		slices.Reverse(got)
		assert.Equal(f.t, got, f.found(storage.SearchQuery{Text: c.text}), "SearchMessages(%q), newest first", c.text)
	}
}

type foundCase struct {
	text string
	want []string
}

func testSearchWords(t *testing.T, f *fixture) {
	f.corpus("The quick brown fox", "quick QUICK quicker", "a fox, quick!", "foxes", "Crème brûlée", "CREME BRULEE", "don't stop", "snake_case note:this", "")
	f.wantFound([]foundCase{
		{"quick", []string{"The quick brown fox", "quick QUICK quicker", "a fox, quick!"}},
		{"QuIcK", []string{"The quick brown fox", "quick QUICK quicker", "a fox, quick!"}},
		{"fox quick", []string{"The quick brown fox", "a fox, quick!"}},
		{"quick fox", []string{"The quick brown fox", "a fox, quick!"}},
		{"  quick\t\nfox  ", []string{"The quick brown fox", "a fox, quick!"}},
		{"quick quick", []string{"The quick brown fox", "quick QUICK quicker", "a fox, quick!"}},
		{"quic", nil},
		{"fox wolf", nil},
		{"creme brulee", []string{"Crème brûlée", "CREME BRULEE"}},
		{"CRÈME", []string{"Crème brûlée", "CREME BRULEE"}},
		{"bru\u0302le\u0301e", []string{"Crème brûlée", "CREME BRULEE"}},
		{"don't", []string{"don't stop"}},
		{"don’t", []string{"don't stop"}},
		{"case", []string{"snake_case note:this"}},
		{"note:this", []string{"snake_case note:this"}},
		{"this note", []string{"snake_case note:this"}},
		{"snake_note", nil},
	})
}

func testSearchScripts(t *testing.T, f *fixture) {
	shanghai := "我家在上海东边"
	f.corpus(shanghai, "海上", "東京タワーに行く", "한국어를 배워요", "สวัสดีชาวโลก", "Привет, Мир", "Ελλάδα", "שָׁלוֹם עולם", "مرحبا", "नमस्ते दुनिया", "Die Straße", "ﬁnd it", "👍🏽 ok")
	f.wantFound([]foundCase{
		{"上海", []string{shanghai}},
		{"海", []string{shanghai, "海上"}},
		{"上", []string{shanghai, "海上"}},
		{"家在上", []string{shanghai}},
		{"东边", []string{shanghai}},
		{"上东", nil},
		{"东边 我家", []string{shanghai}},
		{"タワー", []string{"東京タワーに行く"}},
		{"東京", []string{"東京タワーに行く"}},
		{"배워", []string{"한국어를 배워요"}},
		{"ชาว", []string{"สวัสดีชาวโลก"}},
		{"ПРИВЕТ мир", []string{"Привет, Мир"}},
		{"ελλαδα", []string{"Ελλάδα"}},
		{"שלום", []string{"שָׁלוֹם עולם"}},
		{"مَرحبا", []string{"مرحبا"}},
		{"दुनिया", []string{"नमस्ते दुनिया"}},
		{"strasse", []string{"Die Straße"}},
		{"STRASSE", []string{"Die Straße"}},
		{"find", []string{"ﬁnd it"}},
		{"ｆｉｎｄ", []string{"ﬁnd it"}},
		{"👍🏽", []string{"👍🏽 ok"}},
	})
}

// Nothing that a user types is an error, or has a meaning that the language of
// queries does not give it.
func testSearchMetacharacters(t *testing.T, f *fixture) {
	f.corpus("foo bar", "foo and bar", "bar or baz", "near foo", "c++ is not c", "mail user@x.com now", "not", "a b", "select", "100% sure", "body body", `say "foo bar" twice`)
	f.wantFound([]foundCase{
		{"foo AND", []string{"foo and bar"}},
		{"foo AND bar", []string{"foo and bar"}},
		{"bar or baz", []string{"bar or baz"}},
		{"NEAR(foo)", []string{"near foo"}},
		{"near/2 foo", nil},
		{"NOT", []string{"c++ is not c", "not"}},
		{"c++", []string{"c++ is not c"}},
		{"user@x.com", []string{"mail user@x.com now"}},
		{"body:body", []string{"body body"}},
		{"select * from messages", nil},
		{"foo)", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"(foo", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{`"foo`, []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"foo'", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"foo;--", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"^foo", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"{foo}", []string{"foo bar", "foo and bar", "near foo", `say "foo bar" twice`}},
		{"100%", []string{"100% sure"}},
	})
	for _, text := range odd {
		_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		require.NoError(t, err, "SearchMessages(%q)", text)
	}
	for _, text := range []string{"*", "foo*", "-foo", "+foo", `""`, `"""`, `"foo bar`, "foo OR", "OR OR", "AND", "NEAR", "foo NOT", "()", "((((", "a:b:c", "messages_fts:foo", "\ue000foo", "\uf8ff", "foo\u0000"[:3], "' OR 1=1 --"} {
		_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		require.NoError(t, err, "SearchMessages(%q)", text)
	}
}

// What a backend may put into its index besides, behind signs that no text keeps,
// is found by nobody who types the like, nor hidden by who has said it.
func testSearchSigns(t *testing.T, f *fixture) {
	texts := slices.Repeat([]string{"apple pie"}, 16)
	f.corpus(append(texts, "\ue000m", "plum m", "\ue000r1 \ue000a1")...)
	f.wantFound([]foundCase{
		{"\ue000m", []string{"\ue000m", "plum m"}},
		{"\ue000m*", []string{"\ue000m", "plum m"}},
		{`"pie \ue000m"`, nil},
		{"apple \ue000m", nil},
		{"m -plum", []string{"\ue000m"}},
		{"plum -\ue000m", nil},
		{"\ue000r1", []string{"\ue000r1 \ue000a1"}},
		{"\ue000r*", []string{"\ue000r1 \ue000a1"}},
		{"apple -\ue000m", texts},
		{"apple -\ue000", texts},
	})
}

func testSearchEmpty(t *testing.T, f *fixture) {
	room := f.corpus("", "hello", "!", "...")
	for _, text := range []string{"", " ", "\t\n", "!", "... --- ...", `"`, "()", "%", "\ue000", "\ue000*", "\u200b", "\u0301"} {
		for _, q := range []storage.SearchQuery{{Text: text}, {Text: text, Rooms: []storage.RoomID{room.ID}}} {
			result, err := f.SearchMessages(f.ctx, q)
			require.NoError(t, err, "SearchMessages(%q)", text)
			require.Empty(t, result.Items, "SearchMessages(%q)", text)
			require.NotEmpty(t, result.Reason, "Reason of %q", text)
			require.Empty(t, result.Next)
			require.Empty(t, result.Prev)
		}
	}
	result, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "nowhere"})
	require.NoError(t, err)
	require.Zero(t, result, "a search that finds nothing, and could have")
}

func testSearchLimits(t *testing.T, f *fixture) {
	body := strings.Repeat("w ", search.MaxTerms)
	room := f.corpus(body)
	for _, text := range []string{body, strings.Repeat("w ", search.MaxTerms-1) + "w", strings.Repeat("x", search.MaxQueryBytes), strings.Repeat("! ", search.MaxQueryBytes/2)} {
		_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		require.NoError(t, err, "SearchMessages of %d bytes", len(text))
	}
	for _, text := range []string{strings.Repeat("w ", search.MaxTerms+1), strings.Repeat("x", search.MaxQueryBytes+1), strings.Repeat(" ", search.MaxQueryBytes+1)} {
		result, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
		require.Zero(t, result)
	}
	rooms := slices.Repeat([]storage.RoomID{room.ID}, storage.MaxLimit)
	require.Len(t, f.searchAll(storage.SearchQuery{Text: "w", Rooms: rooms}), 1)
	_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "w", Rooms: append(rooms, room.ID)})
	wantErr(t, err, storage.ErrInvalid, "Rooms")
}

func testSearchInvalid(t *testing.T, f *fixture) {
	f.corpus("hello")
	for _, text := range bad {
		_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		wantErr(t, err, storage.ErrInvalid, "Text")
	}
	_, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "hello", Order: 99})
	wantErr(t, err, storage.ErrInvalid, "Order")
	_, err = f.SearchMessages(f.ctx, storage.SearchQuery{Text: "hello", Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
}
