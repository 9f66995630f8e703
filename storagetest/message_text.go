package storagetest

// What a message may hold, and that it is kept as it is.

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMessageDistinct(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "@bob @ann @bob", func(m *storage.Message) {
		m.Mentions = []storage.UserID{bob.ID, ann.ID, bob.ID, bob.ID}
		m.Tags = []string{"z", "Z", "a", "z", "ä", "a\u0308"}
	})
	require.Equal(t, []storage.UserID{bob.ID, ann.ID}, m.Mentions)
	require.Equal(t, []string{"z", "Z", "a", "ä", "a\u0308"}, m.Tags)
	require.Equal(t, m, f.readMessage(m.ID))

	m = f.say(room.ID, ann.ID, "", func(m *storage.Message) {
		m.Mentions, m.Tags, m.Custom = []storage.UserID{}, []string{}, json.RawMessage{}
	})
	read := f.readMessage(m.ID)
	require.Nil(t, read.Mentions, "empty Mentions")
	require.Nil(t, read.Tags, "empty Tags")
	require.Nil(t, read.Custom, "empty Custom")
	require.Equal(t, read, m)
}

func testMessageLimits(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var users []storage.UserID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range storage.MaxMentions + 1 {
			u := storage.User{Username: fmt.Sprintf("user%d", i)}
			require.NoError(t, tx.CreateUser(ctx, &u))
			users = append(users, u.ID)
		}
	})
	var tags []string
	for i := range storage.MaxTags + 1 {
		tags = append(tags, fmt.Sprint(i))
	}
	text := func(size int) string { return strings.Repeat("ü", size/2) + strings.Repeat("x", size%2) }
	custom := func(size int) json.RawMessage {
		return json.RawMessage(`{"k":"` + strings.Repeat("x", size-len(`{"k":""}`)) + `"}`)
	}
	for _, c := range []struct {
		field     string
		most, bad storage.Message
	}{
		{"Body", storage.Message{Body: text(storage.MaxBody)}, storage.Message{Body: text(storage.MaxBody + 1)}},
		{"Nonce", storage.Message{Nonce: text(storage.MaxNonce)}, storage.Message{Nonce: text(storage.MaxNonce + 1)}},
		{"Mentions", storage.Message{Mentions: users[:storage.MaxMentions]}, storage.Message{Mentions: users}},
		{"Mentions", storage.Message{}, storage.Message{Mentions: []storage.UserID{users[0], {}}}},
		{"Tags", storage.Message{Tags: tags[:storage.MaxTags]}, storage.Message{Tags: tags}},
		{"Tags", storage.Message{Tags: []string{text(storage.MaxTag)}}, storage.Message{Tags: []string{text(storage.MaxTag + 1)}}},
		{"Tags", storage.Message{}, storage.Message{Tags: []string{"a", ""}}},
		{"Custom", storage.Message{Custom: custom(storage.MaxCustom)}, storage.Message{Custom: custom(storage.MaxCustom + 1)}},
	} {
		c.most.RoomID, c.bad.RoomID = room.ID, room.ID
		created, err := f.CreateMessage(f.ctx, &c.most)
		require.NoError(t, err, "%s at its limit", c.field)
		require.True(t, created)
		require.Equal(t, c.most, f.readMessage(c.most.ID), "%s at its limit", c.field)
		f.refuseMessage(t, c.bad, storage.ErrInvalid, c.field)
	}
}

// odd are texts that are legal and tend to come back changed.
var odd = []string{
	"", " ", "  two  spaces  ", "\n", "\r\n", "\t", "\x01\x02\x1f\x7f\u0085", "\ufeffbom", "\u200b", "\u202eabc",
	"'", "''", `"`, "`", "\\", "%", "_", "--", "/* */", ";", "'; DROP TABLE messages; --", "?", "?1", ":a", "@a", "$1",
	"NULL", "0", "1e3", "0x10", "x'00'", "{}", "[1]", "null", "true",
	"e\u0301", "é", "ﬁ", "Å", "A\u030a", "🧑‍🚀", "👍🏽", "上海", "עברית", "العربية", "हिन्दी", "ไทย", "\U0010ffff", "\ufffd", "\ue000",
}

// bad are texts that no field takes.
var bad = []string{"\x00", "a\x00b", "\xff", "a\xc3", "\xed\xa0\x80", "\xf8\x88\x80\x80\x80"}

func testMessageTexts(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for i, text := range odd {
		m := f.say(room.ID, storage.UserID{}, text, func(m *storage.Message) {
			m.Nonce = text
			if text != "" {
				m.Tags = []string{text}
			}
		})
		require.Equal(t, text, m.Body)
		require.Equal(t, int64(i+1), m.Seq, "Seq of %q", text)
		require.Equal(t, m, f.readMessage(m.ID), "message %q", text)
	}
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst, Limit: len(odd)})
	require.NoError(t, err)
	for i, m := range page.Items {
		assert.Equal(t, odd[i], m.Body)
	}
	for _, text := range bad {
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Body: text}, storage.ErrInvalid, "Body")
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Nonce: text}, storage.ErrInvalid, "Nonce")
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Tags: []string{"a", text}}, storage.ErrInvalid, "Tags")
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Custom: json.RawMessage(`{"a":"` + text + `"}`)}, storage.ErrInvalid, "Custom")
	}
}

func testMessageCustom(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, custom := range []string{
		`{}`, `{ }`, " {\n\t\"b\" : 1.50 ,\"a\":[ ] } ", `{"a":1,"a":2}`, `{"n":12345678901234567890.10}`,
		`{"u":"\u00e9é\/"}`, `{"":null}`,
	} {
		m := f.say(room.ID, storage.UserID{}, "", func(m *storage.Message) { m.Custom = json.RawMessage(custom) })
		require.Equal(t, custom, string(m.Custom))
		require.Equal(t, custom, string(f.readMessage(m.ID).Custom))
	}
	for _, custom := range []string{"x", "1", `"s"`, "[]", "null", "{", "{}{}", "{} x", `{"a":}`, "{'a':1}", " "} {
		f.refuseMessage(t, storage.Message{RoomID: room.ID, Custom: json.RawMessage(custom)}, storage.ErrInvalid, "Custom")
	}
}

func testMessageTimes(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, at := range []time.Time{
		clockStart.Add(time.Nanosecond), clockStart.Add(999 * time.Nanosecond), time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
		time.Date(2030, 1, 1, 0, 0, 0, 1, time.FixedZone("", -11*3600)),
	} {
		m := f.say(room.ID, storage.UserID{}, "", func(m *storage.Message) { m.ExpiresAt = at })
		require.Equal(t, storage.Timestamp(at), m.ExpiresAt)
	}
	last := f.say(room.ID, storage.UserID{}, "", func(m *storage.Message) {
		m.ExpiresAt = time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC)
	})
	require.Equal(t, last, f.readMessage(last.ID))
	f.refuseMessage(t, storage.Message{RoomID: room.ID, ExpiresAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, storage.ErrInvalid, "ExpiresAt")
}

func testMessageAliasing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	spoil := func(m storage.Message) {
		m.Mentions[0], m.Tags[0], m.Custom[2] = storage.UserID{}, "spoiled", 'X'
	}
	given := storage.Message{
		RoomID: room.ID, AuthorID: ann.ID, Body: "findme", Mentions: []storage.UserID{ann.ID}, Tags: []string{"tag"},
		Custom: json.RawMessage(`{"key":1}`), Nonce: "n",
	}
	mentions, tags, custom := given.Mentions, given.Tags, given.Custom
	_, err := f.CreateMessage(f.ctx, &given)
	require.NoError(t, err)
	want := f.readMessage(given.ID)
	mentions[0], tags[0], custom[2] = storage.UserID{}, "spoiled", 'X'
	spoil(given)
	check := func(how string) {
		t.Helper()
		require.Equal(t, want, f.readMessage(want.ID), "after spoiling what %s", how)
	}
	check("CreateMessage was given")

	again := storage.Message{
		RoomID: room.ID, AuthorID: ann.ID, Body: "findme", Mentions: []storage.UserID{ann.ID}, Tags: []string{"tag"},
		Custom: json.RawMessage(`{"key":1}`), Nonce: "n",
	}
	_, err = f.CreateMessage(f.ctx, &again)
	require.NoError(t, err)
	spoil(again)
	check("a repeated CreateMessage gave")

	want.Mentions, want.Tags, want.Custom = []storage.UserID{ann.ID}, []string{"new"}, json.RawMessage(`{"new":1}`)
	patch := storage.MessagePatch{Mentions: new([]storage.UserID{ann.ID}), Tags: new([]string{"new"}), Custom: new(json.RawMessage(`{"new":1}`))}
	edited, err := f.EditMessage(f.ctx, want.ID, ann.ID, patch)
	require.NoError(t, err)
	want = f.readMessage(want.ID)
	spoil(edited)
	(*patch.Mentions)[0], (*patch.Tags)[0], (*patch.Custom)[2] = storage.UserID{}, "spoiled", 'X'
	check("EditMessage gave and was given")
	f.spoilReads(t, want, spoil, check)
}

// spoilReads changes what each read of a message gave, and checks.
func (f *fixture) spoilReads(t *testing.T, m storage.Message, spoil func(storage.Message), check func(string)) {
	t.Helper()
	spoil(f.readMessage(m.ID))
	check("Message gave")
	byID, err := f.MessagesByID(f.ctx, m.ID)
	require.NoError(t, err)
	spoil(byID[0])
	check("MessagesByID gave")
	for _, q := range []storage.MessageQuery{{Room: m.RoomID}, {Author: m.AuthorID}, {Room: m.RoomID, Around: storage.At(m.ID)}} {
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		spoil(page.Items[0])
		check("Messages gave")
	}
	if f.backend.lacks(FeatureSearch) {
		return
	}
	found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "findme"})
	require.NoError(t, err)
	spoil(found.Items[0].Message)
	found.Items[0].Highlights[0].Start = 99
	check("SearchMessages gave")
	again, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "findme"})
	require.NoError(t, err)
	require.Equal(t, 0, again.Items[0].Highlights[0].Start)
}
