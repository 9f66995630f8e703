package storage_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage"
)

var noon = time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)

// fullMessage returns a message with every field set.
func fullMessage() storage.Message {
	return storage.Message{
		ID: storage.NewID[storage.Message](), RoomID: storage.NewID[storage.Room](), Seq: 7,
		AuthorID: storage.NewID[storage.User](), Type: storage.MessageMarkdown, Body: "**hello**",
		ParentID: storage.NewID[storage.Message](), RootID: storage.NewID[storage.Message](), Nonce: "n-1",
		Mentions:    []storage.UserID{storage.NewID[storage.User](), storage.NewID[storage.User]()},
		MentionsAll: true, Tags: []string{"a", "b"}, Custom: json.RawMessage(`{"a":1}`),
		CreatedAt: noon, EditedAt: noon.Add(time.Minute), DeletedAt: noon.Add(time.Hour),
		DeletedBy: storage.NewID[storage.User](), ExpiresAt: noon.Add(2 * time.Hour), PinnedAt: noon.Add(time.Second), Version: 3,
		Attachments: []storage.Attachment{{ID: storage.NewID[storage.Attachment](), Custom: json.RawMessage(`{}`)}},
		Reactions:   []storage.ReactionCount{{Emoji: "👍", Count: 2, Mine: true}},
		Thread:      storage.Thread{Replies: 3, Participants: 2},
	}
}

// TestFullMessageIsFull keeps the tests below from missing a new field.
func TestFullMessageIsFull(t *testing.T) {
	m := reflect.ValueOf(fullMessage())
	for i := range m.NumField() {
		assert.False(t, m.Field(i).IsZero(), m.Type().Field(i).Name)
	}
}

func TestDigestTellsRequestsApart(t *testing.T) {
	digests := map[[16]byte]string{fullMessage().Digest(): ""}
	base := fullMessage()
	digests[base.Digest()] = "the same"
	for name, change := range map[string]func(*storage.Message){
		"type":              func(m *storage.Message) { m.Type = storage.MessageText },
		"body":              func(m *storage.Message) { m.Body += " " },
		"empty body":        func(m *storage.Message) { m.Body = "" },
		"body with a NUL":   func(m *storage.Message) { m.Body += "\x00" },
		"parent":            func(m *storage.Message) { m.ParentID = storage.NewID[storage.Message]() },
		"no parent":         func(m *storage.Message) { m.ParentID = storage.MessageID{} },
		"no mentions":       func(m *storage.Message) { m.Mentions = nil },
		"fewer mentions":    func(m *storage.Message) { m.Mentions = m.Mentions[:1] },
		"order of mentions": func(m *storage.Message) { m.Mentions = []storage.UserID{m.Mentions[1], m.Mentions[0]} },
		"everybody":         func(m *storage.Message) { m.MentionsAll = false },
		"no tags":           func(m *storage.Message) { m.Tags = nil },
		"tags joined":       func(m *storage.Message) { m.Tags = []string{"ab"} },
		"order of tags":     func(m *storage.Message) { m.Tags = []string{"b", "a"} },
		"a tag for a user":  func(m *storage.Message) { m.Mentions, m.Tags = nil, []string{string(m.Mentions[0][:])} },
		"custom fields":     func(m *storage.Message) { m.Custom = json.RawMessage(`{"a": 1}`) },
		"no custom fields":  func(m *storage.Message) { m.Custom = nil },
		"expiry":            func(m *storage.Message) { m.ExpiresAt = m.ExpiresAt.Add(time.Microsecond) },
		"no attachments":    func(m *storage.Message) { m.Attachments = nil },
		"more attachments": func(m *storage.Message) {
			m.Attachments = append(m.Attachments, storage.Attachment{ID: storage.NewID[storage.Attachment]()})
		},
		"other attachment": func(m *storage.Message) { m.Attachments[0].ID = storage.NewID[storage.Attachment]() },
		"no expiry":        func(m *storage.Message) { m.ExpiresAt = time.Time{} },
	} {
		m := base.Clone()
		change(&m)
		digest := m.Digest()
		other, taken := digests[digest]
		assert.False(t, taken, "%s has the digest of %s", name, other)
		digests[digest] = name
	}
}

func TestDigestIsOfTheRequestAlone(t *testing.T) {
	base := fullMessage()
	retry := base.Clone()
	retry.ID, retry.Seq, retry.RootID = storage.NewID[storage.Message](), 99, storage.MessageID{}
	retry.CreatedAt, retry.EditedAt, retry.PinnedAt = noon.Add(time.Hour), time.Time{}, time.Time{}
	retry.DeletedAt, retry.DeletedBy, retry.Version = time.Time{}, storage.UserID{}, 0
	retry.Reactions, retry.Thread = nil, storage.Thread{}
	retry.Attachments = []storage.Attachment{{ID: base.Attachments[0].ID, Name: "another", MessageID: base.ID}}
	assert.Equal(t, base.Digest(), retry.Digest(), "what the store decides is not in the request")

	elsewhere := base.Clone()
	elsewhere.ExpiresAt = base.ExpiresAt.In(time.FixedZone("", 3600))
	assert.Equal(t, base.Digest(), elsewhere.Digest(), "one instant in two time zones")
}

func TestMessageNormalize(t *testing.T) {
	a, b := storage.NewID[storage.User](), storage.NewID[storage.User]()
	east := time.FixedZone("", 3600)
	m := storage.Message{
		Mentions: []storage.UserID{b, a, b, b, a}, Tags: []string{"y", "x", "y"}, Custom: json.RawMessage{},
		CreatedAt: noon.Add(time.Nanosecond).In(east), ExpiresAt: noon.Add(1999).In(east),
	}
	given := m.Mentions
	m.Normalize()
	assert.Equal(t, storage.Message{
		Type: storage.MessageText, Mentions: []storage.UserID{b, a}, Tags: []string{"y", "x"},
		CreatedAt: noon, ExpiresAt: noon.Add(time.Microsecond),
	}, m)
	assert.Equal(t, []storage.UserID{b, a, b, b, a}, given, "what the caller gave stays")

	empty := storage.Message{
		Mentions: []storage.UserID{}, Tags: []string{}, Attachments: []storage.Attachment{}, Type: storage.MessageCode,
	}
	empty.Normalize()
	assert.Equal(t, storage.Message{Type: storage.MessageCode}, empty)
}

func TestNormalizeKeepsEachOnceInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tags := rapid.SliceOf(rapid.SampledFrom([]string{"a", "b", "c", "A", "ä"})).Draw(t, "tags")
		m := storage.Message{Tags: tags}
		m.Normalize()
		var want []string
		seen := map[string]bool{}
		for _, tag := range tags {
			if !seen[tag] {
				want = append(want, tag)
			}
			seen[tag] = true
		}
		assert.Equal(t, want, m.Tags)
		again := m.Clone()
		again.Normalize()
		assert.Equal(t, m, again)
	})
}

func TestTombstoneLeavesNothingOfWhatWasSaid(t *testing.T) {
	said := fullMessage()
	by, now := storage.NewID[storage.User](), noon.Add(3*time.Hour)
	got := said.Clone()
	got.Tombstone(by, now)
	want := storage.Message{
		ID: said.ID, RoomID: said.RoomID, Seq: said.Seq, AuthorID: said.AuthorID, Type: said.Type,
		ParentID: said.ParentID, RootID: said.RootID, Nonce: said.Nonce,
		CreatedAt: said.CreatedAt, EditedAt: said.EditedAt, ExpiresAt: said.ExpiresAt,
		DeletedAt: now, DeletedBy: by, Version: said.Version + 1,
		Thread: said.Thread, // which outlives its root
	}
	assert.Equal(t, want, got)
	assert.True(t, got.Deleted())
	assert.False(t, got.Searchable())
}

func TestMessageCloneSharesNothing(t *testing.T) {
	m := fullMessage()
	clone := m.Clone()
	require.Equal(t, m, clone)
	clone.Mentions[0], clone.Tags[0], clone.Custom[0] = storage.UserID{}, "changed", '['
	assert.NotEqual(t, m.Mentions[0], clone.Mentions[0])
	assert.Equal(t, "a", m.Tags[0])
	assert.JSONEq(t, `{"a":1}`, string(m.Custom))
	clone.Attachments[0].Custom[0] = '['
	assert.JSONEq(t, `{}`, string(m.Attachments[0].Custom))
	clone.Attachments[0], clone.Reactions[0] = storage.Attachment{}, storage.ReactionCount{}
	assert.NotEmpty(t, m.Attachments[0].ID)
	assert.NotEmpty(t, m.Reactions[0].Emoji)
}

func TestMessageExpires(t *testing.T) {
	m := storage.Message{ExpiresAt: noon}
	assert.False(t, m.Expired(noon.Add(-time.Microsecond)))
	assert.True(t, m.Expired(noon), "from its instant on")
	assert.True(t, m.Expired(noon.Add(time.Hour)))
	assert.False(t, storage.Message{}.Expired(noon), "zero means never")
}

func TestMessagePatch(t *testing.T) {
	before := fullMessage()
	before.Normalize()
	for _, tt := range []struct {
		name    string
		patch   storage.MessagePatch
		changed bool
	}{
		{"nothing", storage.MessagePatch{}, false},
		{"a version alone", storage.MessagePatch{IfVersion: 3}, false},
		{"the same body", storage.MessagePatch{Body: new(before.Body)}, false},
		{"the same of everything", storage.MessagePatch{
			Body: new(before.Body), Mentions: new(before.Clone().Mentions), MentionsAll: new(true),
			Tags: &[]string{"a", "b"}, Custom: new(json.RawMessage(`{"a":1}`)),
		}, false},
		{"a tag said twice", storage.MessagePatch{Tags: &[]string{"a", "b", "a"}}, false},
		{"body", storage.MessagePatch{Body: new("")}, true},
		{"order of tags", storage.MessagePatch{Tags: &[]string{"b", "a"}}, true},
		{"no tags", storage.MessagePatch{Tags: &[]string{}}, true},
		{"no mentions", storage.MessagePatch{Mentions: new([]storage.UserID(nil))}, true},
		{"not everybody", storage.MessagePatch{MentionsAll: new(false)}, true},
		{"custom fields", storage.MessagePatch{Custom: new(json.RawMessage(`{"a":2}`))}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := before.Clone()
			assert.Equal(t, tt.changed, tt.patch.Apply(&got))
			assert.Equal(t, tt.changed, !reflect.DeepEqual(before, got), "Apply tells what it did")
			assert.Equal(t, before.Version, got.Version, "Apply leaves the version to the store")
			assert.False(t, tt.patch.Apply(&got), "the same patch again")
		})
	}
}

func TestMessageValidate(t *testing.T) {
	require.NoError(t, fullMessage().Validate())
	for field, spoil := range map[string]func(*storage.Message){
		"RoomID":    func(m *storage.Message) { m.RoomID = storage.RoomID{} },
		"Type":      func(m *storage.Message) { m.Type = 100 },
		"Mentions":  func(m *storage.Message) { m.Mentions[1] = storage.UserID{} },
		"Tags":      func(m *storage.Message) { m.Tags[1] = "" },
		"CreatedAt": func(m *storage.Message) { m.CreatedAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) },
		"ExpiresAt": func(m *storage.Message) { m.ExpiresAt = time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC) },
		"Custom":    func(m *storage.Message) { m.Custom = json.RawMessage("null") },
		"Attachments": func(m *storage.Message) {
			m.Attachments = make([]storage.Attachment, storage.MaxAttachments+1)
		},
	} {
		m := fullMessage()
		spoil(&m)
		assertInvalid(t, field, m.Validate(), "a spoiled value")
	}
}

func TestMessageQueryValidate(t *testing.T) {
	room, author, at := storage.NewID[storage.Room](), storage.NewID[storage.User](), storage.At(storage.NewID[storage.Message]())
	for _, q := range []storage.MessageQuery{
		{Room: room}, {Author: author}, {Room: room, Author: author}, {Room: room, Around: at},
		{Room: room, Before: at, After: storage.AtSeq(1)}, {Room: room, From: noon, To: noon}, {Room: room, Cursor: "x"},
		{Thread: at.ID}, {Mentioned: author}, {Thread: at.ID, Around: at}, {Thread: at.ID, After: storage.AtSeq(1), Tags: []string{"a"}},
		{Room: room, Tags: make([]string, 0, 9), Pinned: true, WithDeleted: true}, {Mentioned: author, Room: room, Before: at},
	} {
		assert.NoError(t, q.Validate(), "%+v", q)
		assert.NoError(t, q.WithCursor("x").Validate(), "a cursor takes the place of anchors")
	}
	for _, tt := range []struct {
		field string
		q     storage.MessageQuery
	}{
		{"Room", storage.MessageQuery{}},
		{"Types", storage.MessageQuery{Room: room, Types: []storage.MessageType{0}}},
		{"Order", storage.MessageQuery{Room: room, Order: 9}},
		{"To", storage.MessageQuery{Room: room, From: noon, To: noon.Add(-1)}},
		{"Before", storage.MessageQuery{Author: author, Before: at}},
		{"After", storage.MessageQuery{Room: room, After: at, Cursor: "x"}},
		{"After", storage.MessageQuery{Room: room, After: storage.AtSeq(-1)}},
		{"Before", storage.MessageQuery{Room: room, Before: storage.Anchor{ID: at.ID, Seq: 1}}},
		{"Around", storage.MessageQuery{Room: room, Around: at, Before: at}},
		{"Room", storage.MessageQuery{Tags: []string{"a"}, Pinned: true}},
		{"Tags", storage.MessageQuery{Room: room, Tags: []string{"a", ""}}},
		{"Tags", storage.MessageQuery{Room: room, Tags: make([]string, storage.MaxTags+1)}},
		{"Tags", storage.MessageQuery{Room: room, Tags: []string{"\xff"}}},
		{"Around", storage.MessageQuery{Mentioned: author, Around: at}},
		{"Around", storage.MessageQuery{Thread: at.ID, Around: at, Cursor: "x"}},
	} {
		assertInvalid(t, tt.field, tt.q.Validate(), "a query that means nothing")
	}
}
