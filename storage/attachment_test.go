package storage_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestUploadRulesAllow(t *testing.T) {
	png := storage.Attachment{MediaType: "image/png", Size: 100}
	for _, tt := range []struct {
		name  string
		rules storage.UploadRules
		want  bool
	}{
		{"none", storage.UploadRules{}, true},
		{"forbidden", storage.UploadRules{Forbidden: true}, false},
		{"forbidden, whatever its type", storage.UploadRules{Forbidden: true, Types: []string{"image/png"}}, false},
		{"just small enough", storage.UploadRules{MaxBytes: 100}, true},
		{"too large", storage.UploadRules{MaxBytes: 99}, false},
		{"one of the types", storage.UploadRules{Types: []string{"text/plain", "image/png"}}, true},
		{"another case", storage.UploadRules{Types: []string{"Image/PNG"}}, true},
		{"with a parameter", storage.UploadRules{Types: []string{" image/png ; q=1"}}, true},
		{"none of the types", storage.UploadRules{Types: []string{"image", "image/*", "image/pn", "png"}}, false},
		{"of the type and too large", storage.UploadRules{MaxBytes: 1, Types: []string{"image/png"}}, false},
	} {
		assert.Equal(t, tt.want, tt.rules.Allow(png), tt.name)
	}
	typed := storage.UploadRules{Types: []string{"text/plain"}}
	assert.True(t, typed.Allow(storage.Attachment{MediaType: "TEXT/plain; charset=utf-8"}))
	assert.False(t, typed.Allow(storage.Attachment{}), "an attachment without a type")
	assert.True(t, storage.UploadRules{Types: []string{""}}.Allow(storage.Attachment{}))
}

func TestAttachmentNormalize(t *testing.T) {
	a := storage.Attachment{Custom: json.RawMessage{}}
	a.Normalize()
	assert.Nil(t, a.Custom)
	a.Custom = json.RawMessage(`{ }`)
	a.Normalize()
	assert.Equal(t, `{ }`, string(a.Custom))
}

func TestAttachmentDetachedAt(t *testing.T) {
	raw, err := json.Marshal(storage.Attachment{})
	require.NoError(t, err)
	assert.NotContains(t, string(raw), "detached_at")
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	raw, err = json.Marshal(storage.Attachment{DetachedAt: at})
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"detached_at":"2026-01-02T03:04:05Z"`)
}

func TestMessageAttachments(t *testing.T) {
	a, b := storage.Attachment{ID: storage.NewID[storage.Attachment]()}, storage.Attachment{ID: storage.NewID[storage.Attachment]()}
	for _, tt := range []struct {
		name  string
		given []storage.Attachment
		valid bool
	}{
		{"none", nil, true},
		{"two", []storage.Attachment{a, b}, true},
		{"nothing but their identifiers counts", []storage.Attachment{{ID: a.ID, Size: -1, Name: "\xff"}}, true},
		{"without an identifier", []storage.Attachment{a, {}}, false},
		{"twice", []storage.Attachment{a, b, a}, false},
	} {
		err := storage.Message{RoomID: someRoom, Type: storage.MessageFile, Attachments: tt.given}.Validate()
		if tt.valid {
			require.NoError(t, err, tt.name)
			continue
		}
		assertInvalid(t, "Attachments", err, tt.name)
	}
}

func TestAttachmentQueryValidate(t *testing.T) {
	for _, q := range []storage.AttachmentQuery{
		{}, {Unattached: true, Room: someRoom}, {Message: someMessage, Uploader: someUser, Hash: "h", Blob: "b"}, {From: noon, To: noon},
	} {
		require.NoError(t, q.Validate(), "%+v", q)
	}
	assertInvalid(t, "Unattached", storage.AttachmentQuery{Unattached: true, Message: someMessage}.Validate(), "a contradiction")
	assertInvalid(t, "To", storage.AttachmentQuery{From: noon, To: noon.Add(-1)}.Validate(), "a range that ends first")
	assertInvalid(t, "Hash", storage.AttachmentQuery{Hash: "\x00"}.Validate(), "no text")
	assertInvalid(t, "Blob", storage.AttachmentQuery{Blob: "\xff"}.Validate(), "no text")
}

func TestAnchorValidate(t *testing.T) {
	at := storage.At(someMessage)
	for _, a := range []storage.Anchor{{}, at, storage.AtSeq(1), storage.AtSeq(math.MaxInt64)} {
		require.NoError(t, a.Validate("upTo"), "%+v", a)
	}
	for _, a := range []storage.Anchor{storage.AtSeq(-1), storage.AtSeq(math.MinInt64), {ID: at.ID, Seq: 1}, {ID: at.ID, Seq: -1}} {
		assertInvalid(t, "upTo", a.Validate("upTo"), "no anchor")
	}
	assert.True(t, storage.Anchor{}.IsZero())
	assert.True(t, storage.AtSeq(0).IsZero())
	assert.False(t, at.IsZero())
	assert.False(t, storage.AtSeq(1).IsZero())
}

func TestPageHasNeighbours(t *testing.T) {
	for _, tt := range []struct {
		page          storage.Page[int]
		before, after bool
	}{
		{storage.Page[int]{}, false, false},
		{storage.Page[int]{Items: []int{1}, Next: "n"}, false, true},
		{storage.Page[int]{Items: []int{1}, Prev: "p"}, true, false},
		{storage.Page[int]{Next: "n", Prev: "p"}, true, true},
	} {
		assert.Equal(t, tt.before, tt.page.HasBefore(), "HasBefore of %+v", tt.page)
		assert.Equal(t, tt.after, tt.page.HasAfter(), "HasAfter of %+v", tt.page)
	}
}

func TestMessageQueryNormalize(t *testing.T) {
	given := []string{"b", "a", "b"}
	q := storage.MessageQuery{Room: someRoom, Tags: given, Types: []storage.MessageType{}}
	q.Normalize()
	assert.Equal(t, storage.NewestFirst, q.Order)
	assert.Nil(t, q.Types)
	assert.ElementsMatch(t, []string{"a", "b"}, q.Tags)
	assert.Equal(t, []string{"b", "a", "b"}, given, "what the caller gave stays")
	oldest := storage.MessageQuery{Order: storage.OldestFirst}
	oldest.Normalize()
	assert.Equal(t, storage.MessageQuery{Order: storage.OldestFirst}, oldest)
	assert.True(t, storage.MessageQuery{Room: someRoom, Author: someUser}.InOneRoom())
	assert.True(t, storage.MessageQuery{Thread: someMessage}.InOneRoom())
	assert.False(t, storage.MessageQuery{Mentioned: someUser, Author: someUser}.InOneRoom())
}
