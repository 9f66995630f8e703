package storagetest

// What narrows a search besides rooms, reader and author, and what of a message is
// searched besides its body.

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var searchFilterCases = []testCase{
	{"types", testSearchTypes},
	{"times", testSearchTimes},
	{"all of the tags", testSearchTags},
	{"has an attachment", testSearchHasAttachment},
	{"filters together", testSearchTogether},
	{"invalid filters", testSearchFilterInvalid},
	{"tags are found", testSearchInTags},
	{"attachment names are found", testSearchInNames},
	{"names that go are not found", testSearchNamesGone},
	{"no phrase from part to part", testSearchParts},
}

func testSearchTypes(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, kind := range []storage.MessageType{storage.MessageText, storage.MessageSystem, storage.MessageCode} {
		f.say(room.ID, storage.UserID{}, "word "+kind.String(), func(m *storage.Message) { m.Type = kind })
	}
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		q := storage.SearchQuery{Text: "word", Rooms: rooms, Types: []storage.MessageType{storage.MessageSystem}}
		require.Equal(t, []string{"word system"}, f.found(q))
		q.Types = append(q.Types, storage.MessageCode, storage.MessageVoice)
		require.Equal(t, []string{"word code", "word system"}, f.found(q))
		q.Types = []storage.MessageType{storage.MessageVoice}
		require.Empty(t, f.found(q))
	}
}

func testSearchTimes(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	at := func(minute int) time.Time {
		return storage.Timestamp(clockStart).Add(time.Duration(minute) * time.Minute)
	}
	f.createMany(3,
		&storage.Message{RoomID: room.ID, Body: "word 2", CreatedAt: at(2)},
		&storage.Message{RoomID: room.ID, Body: "word 1", CreatedAt: at(1)},
		&storage.Message{RoomID: room.ID, Body: "word 3", CreatedAt: at(3)})
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		q := storage.SearchQuery{Text: "word", Rooms: rooms}
		q.From = at(2)
		require.Equal(t, []string{"word 3", "word 2"}, f.found(q), "From is inclusive")
		q.From = at(2).Add(time.Nanosecond)
		require.Equal(t, []string{"word 3"}, f.found(q), "From between two instants")
		q.From, q.To = time.Time{}, at(2)
		require.Equal(t, []string{"word 1"}, f.found(q), "To is exclusive")
		q.To = at(2).Add(time.Nanosecond)
		require.Equal(t, []string{"word 1", "word 2"}, f.found(q), "To between two instants")
		q.From, q.To = at(2), at(3)
		require.Equal(t, []string{"word 2"}, f.found(q))
		q.To = at(2)
		require.Empty(t, f.found(q), "an empty range")
	}
}

func testSearchTags(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	tagged := func(tags ...string) func(*storage.Message) { return func(m *storage.Message) { m.Tags = tags } }
	f.say(room.ID, storage.UserID{}, "word red", tagged("Red"))
	both := f.say(room.ID, storage.UserID{}, "word both", tagged("blue", "Red"))
	f.say(room.ID, storage.UserID{}, "word spoken Red blue")
	f.say(room.ID, storage.UserID{}, "word symbol", tagged("!?", "dark red"))
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		of := func(tags ...string) storage.SearchQuery {
			return storage.SearchQuery{Text: "word", Rooms: rooms, Tags: tags}
		}
		require.Equal(t, []string{"word both", "word red"}, f.found(of("Red")))
		require.Equal(t, []string{"word both"}, f.found(of("Red", "blue", "Red")))
		require.Empty(t, f.found(of("red")), "a tag in another case")
		require.Empty(t, f.found(of("Red", "dark red")))
		require.Equal(t, []string{"word symbol"}, f.found(of("!?")), "a tag without a word")
		require.Equal(t, []string{"word symbol"}, f.found(of("dark red")))
	}
	f.edit(both.ID, storage.UserID{}, storage.MessagePatch{Tags: &[]string{"blue"}})
	require.Equal(t, []string{"word red"}, f.found(storage.SearchQuery{Text: "word", Tags: []string{"Red"}}), "after the tag was taken off")
}

func testSearchHasAttachment(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	a := f.upload(room.ID, storage.UserID{}, "picture")
	f.say(room.ID, storage.UserID{}, "word with", carrying(a))
	f.say(room.ID, storage.UserID{}, "word without")
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		q := storage.SearchQuery{Text: "word", Rooms: rooms, HasAttachment: true}
		require.Equal(t, []string{"word with"}, f.found(q))
		require.Empty(t, f.found(storage.SearchQuery{Text: "without", Rooms: rooms, HasAttachment: true}))
	}
	_, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	require.Empty(t, f.found(storage.SearchQuery{Text: "word", HasAttachment: true}), "after the attachment was deleted")
}

// Conditions hold together, and pages under them are exact.
func testSearchTogether(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	var want []string
	for i := range 24 {
		m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "word " + string(rune('a'+i)), Type: storage.MessageText}
		f.clock.advance(time.Minute)
		switch i % 6 {
		case 0:
			m.RoomID = other.ID
		case 1:
			m.Type = storage.MessageCode
		case 2:
			m.AuthorID = storage.UserID{}
		}
		if i%6 != 3 {
			m.Tags = []string{"tag"}
		}
		if i%6 != 4 {
			m.Attachments = []storage.Attachment{f.upload(m.RoomID, ann.ID, "picture")}
		}
		_, err := f.CreateMessage(f.ctx, &m)
		require.NoError(t, err)
		if i%6 == 5 && i < 20 {
			want = append([]string{m.Body}, want...)
		}
	}
	q := storage.SearchQuery{
		Text: "word", Rooms: []storage.RoomID{room.ID}, Reader: ann.ID, Author: ann.ID,
		Types: []storage.MessageType{storage.MessageText}, Tags: []string{"tag"}, HasAttachment: true,
		From: clockStart, To: clockStart.Add(21 * time.Minute),
	}
	require.Len(t, want, 3)
	f.wantMatches(want, q, 4)
	q.Order = storage.OldestFirst
	slices.Reverse(want)
	f.wantMatches(want, q, 4)
}

func testSearchFilterInvalid(t *testing.T, f *fixture) {
	f.corpus("hello")
	for field, q := range map[string]storage.SearchQuery{
		"Types": {Types: []storage.MessageType{99}},
		"Tags":  {Tags: []string{""}},
		"To":    {From: clockStart, To: clockStart.Add(-time.Second)},
	} {
		q.Text = "hello"
		_, err := f.SearchMessages(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
	_, err := f.Messages(f.ctx, storage.MessageQuery{Author: id[storage.User](1), Order: storage.MostRelevant})
	wantErr(t, err, storage.ErrInvalid, "Order")
}

func testSearchInTags(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "a body", func(m *storage.Message) { m.Tags = []string{"Café crème", "urgent"} })
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		q := storage.SearchQuery{Text: "urgent body", Rooms: rooms}
		found := f.searchAll(q)
		require.Len(t, found, 1)
		require.Len(t, found[0].Highlights, 1, "highlights are of the body alone")
		q.Text = "creme"
		found = f.searchAll(q)
		require.Len(t, found, 1)
		require.Empty(t, found[0].Highlights)
	}
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Tags: &[]string{"later"}})
	require.Empty(t, f.found(storage.SearchQuery{Text: "urgent"}), "a tag that was taken off")
	require.Equal(t, []string{"a body"}, f.found(storage.SearchQuery{Text: "later"}))
	f.remove(m.ID, storage.UserID{})
	require.Empty(t, f.found(storage.SearchQuery{Text: "later"}), "the tag of a tombstone")
	f.say(room.ID, storage.UserID{}, "in cipher", func(m *storage.Message) { m.Type, m.Tags = storage.MessageEncrypted, []string{"later"} })
	require.Empty(t, f.found(storage.SearchQuery{Text: "later"}), "the tag of an encrypted message")
}

func testSearchInNames(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	a, b := f.upload(room.ID, storage.UserID{}, "annual report"), f.upload(room.ID, storage.UserID{}, "holiday")
	require.Empty(t, f.found(storage.SearchQuery{Text: "report"}), "an attachment that no message carries")
	m := f.say(room.ID, storage.UserID{}, "look", carrying(a, b))
	bare := f.say(room.ID, storage.UserID{}, "", carrying(f.upload(room.ID, storage.UserID{}, "report of nobody")))
	for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
		require.Equal(t, []string{"", "look"}, f.found(storage.SearchQuery{Text: "report", Rooms: rooms}))
		require.Equal(t, []string{"look"}, f.found(storage.SearchQuery{Text: "holiday look REPORT", Rooms: rooms}))
	}
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("stare")})
	require.Equal(t, []string{"stare"}, f.found(storage.SearchQuery{Text: "stare holiday"}), "after an edit")
	_, err := f.DeleteAttachment(f.ctx, b.ID)
	require.NoError(t, err)
	require.Empty(t, f.found(storage.SearchQuery{Text: "holiday"}), "an attachment that is deleted")
	require.Equal(t, []string{"stare"}, f.found(storage.SearchQuery{Text: "annual stare"}), "the other one")
	f.remove(bare.ID, storage.UserID{})
	require.Equal(t, []string{"stare"}, f.found(storage.SearchQuery{Text: "report"}), "after the other message was deleted")
}

// Whatever way an attachment goes, what is found is what is there.
func testSearchNamesGone(t *testing.T, f *fixture) {
	room, gone := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	purged := f.say(room.ID, storage.UserID{}, "one", carrying(f.upload(room.ID, storage.UserID{}, "scroll")))
	stays := f.say(room.ID, storage.UserID{}, "two", carrying(f.upload(room.ID, storage.UserID{}, "scroll")))
	f.say(gone.ID, storage.UserID{}, "three", carrying(f.upload(gone.ID, storage.UserID{}, "scroll")))
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))
	require.Equal(t, []string{"two", "one"}, f.found(storage.SearchQuery{Text: "scroll"}), "after a room was deleted")
	_, err := f.PurgeMessage(f.ctx, purged.ID)
	require.NoError(t, err)
	require.Equal(t, []string{"two"}, f.found(storage.SearchQuery{Text: "scroll"}), "after a purge")
	_, err = f.PurgeAttachments(f.ctx, storage.AttachmentPurge{})
	require.NoError(t, err)
	require.Equal(t, []string{"two"}, f.found(storage.SearchQuery{Text: "scroll"}), "after attachments were purged")
	_, more, err := f.DeleteMessages(f.ctx, storage.MessageQuery{Room: room.ID}, storage.UserID{})
	require.NoError(t, err)
	require.False(t, more)
	require.Empty(t, f.found(storage.SearchQuery{Text: "scroll"}), "after all were deleted")
	require.True(t, f.readMessage(stays.ID).Deleted())
}

// Body, tags and names are texts of their own, in which characters next to each
// other, too, are so within one of them only.
func testSearchParts(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	a, b := f.upload(room.ID, storage.UserID{}, "four five"), f.upload(room.ID, storage.UserID{}, "six_seven")
	f.say(room.ID, storage.UserID{}, "one two", carrying(a, b), func(m *storage.Message) { m.Tags = []string{"three", "海"} })
	for text, want := range map[string]int{
		`"one two"`: 1, `"four five"`: 1, `"six seven"`: 1, "six_seven": 1, "two three four": 1, "two 海": 1,
		`"two three"`: 0, `"three four"`: 0, `"five six"`: 0, `"two 海"`: 0, `"海 four"`: 0, "上海": 0,
	} {
		for _, rooms := range [][]storage.RoomID{nil, {room.ID}} {
			require.Len(t, f.found(storage.SearchQuery{Text: text, Rooms: rooms}), want, "SearchMessages(%q)", text)
		}
	}
}
