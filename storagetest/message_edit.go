package storagetest

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var editCases = []testCase{
	{"edit", testEdit},
	{"fields of a patch", testEditFields},
	{"nothing changed", testEditNothing},
	{"version", testEditVersion},
	{"invalid", testEditInvalid},
	{"unknown editor and mentions", testEditUnknown},
	{"tombstone", testEditTombstone},
	{"order of errors", testEditErrorOrder},
	{"search", testEditSearch},
	{"search keeps its place", testEditSearchPlace},
	{"delete", testDelete},
	{"delete again", testDeleteAgain},
	{"delete by nobody", testDeleteByNobody},
	{"delete and search", testDeleteSearch},
	{"delete leaves replies", testDeleteReplies},
	{"delete leaves no gap", testDeleteSeq},
	{"delete the author", testDeleteAuthor},
	{"delete who deleted", testDeleteDeleter},
	{"delete who is mentioned", testDeleteMentioned},
}

// edit changes a message and requires that it is read as it was returned.
func (f *fixture) edit(m storage.MessageID, by storage.UserID, p storage.MessagePatch) storage.Message {
	f.t.Helper()
	edited, err := f.EditMessage(f.ctx, m, by, p)
	require.NoError(f.t, err)
	require.Equal(f.t, edited, f.readMessage(m), "what EditMessage returned, and what is read")
	return edited
}

// remove deletes a message and requires that it is read as it was returned.
func (f *fixture) remove(m storage.MessageID, by storage.UserID) storage.Message {
	f.t.Helper()
	stone, err := f.DeleteMessage(f.ctx, m, by)
	require.NoError(f.t, err)
	require.Equal(f.t, stone, f.readMessage(m), "what DeleteMessage returned, and what is read")
	return stone
}

func testEdit(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "helo", func(m *storage.Message) {
		m.Type, m.Nonce, m.Tags = storage.MessageMarkdown, "n", []string{"a"}
	})
	f.say(room.ID, bob.ID, "hi")
	before := f.readRoom(room.ID)
	f.clock.advance(time.Minute)
	want := m
	want.Body, want.EditedAt, want.Version = "hello", f.now(), 2
	require.Equal(t, want, f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("hello")}))
	require.Equal(t, before, f.readRoom(room.ID), "an edit changes the room")

	f.clock.advance(time.Minute)
	want.Body, want.EditedAt, want.Version = "", f.now(), 3
	require.Equal(t, want, f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("")}), "by nobody")
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst, Limit: 1})
	require.NoError(t, err)
	require.Equal(t, []storage.Message{want}, page.Items, "an edited message keeps its place")
}

func testEditFields(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	want := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
	step := func(p storage.MessagePatch, edit func(*storage.Message)) {
		t.Helper()
		f.clock.advance(time.Second)
		edit(&want)
		want.Version++
		want.EditedAt = f.now()
		require.Equal(t, want, f.edit(want.ID, ann.ID, p))
	}
	step(storage.MessagePatch{Body: new("y")}, func(m *storage.Message) { m.Body = "y" })
	step(storage.MessagePatch{Mentions: &[]storage.UserID{bob.ID, ann.ID, bob.ID}}, func(m *storage.Message) { m.Mentions = []storage.UserID{bob.ID, ann.ID} })
	step(storage.MessagePatch{MentionsAll: new(true)}, func(m *storage.Message) { m.MentionsAll = true })
	step(storage.MessagePatch{Tags: &[]string{"b", "a", "b"}}, func(m *storage.Message) { m.Tags = []string{"b", "a"} })
	step(storage.MessagePatch{Custom: new(json.RawMessage(` { "k":1 } `))}, func(m *storage.Message) { m.Custom = json.RawMessage(` { "k":1 } `) })
	step(storage.MessagePatch{Mentions: &[]storage.UserID{ann.ID}, Tags: &[]string{}}, func(m *storage.Message) {
		m.Mentions, m.Tags = []storage.UserID{ann.ID}, nil
	})
	step(storage.MessagePatch{Mentions: new([]storage.UserID(nil)), MentionsAll: new(false), Custom: new(json.RawMessage(nil))}, func(m *storage.Message) {
		m.Mentions, m.MentionsAll, m.Custom = nil, false, nil
	})
}

func testEditNothing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) {
		m.Tags, m.Mentions, m.Custom = []string{"a"}, []storage.UserID{ann.ID}, json.RawMessage(`{}`)
	})
	f.clock.advance(time.Minute)
	for _, p := range []storage.MessagePatch{
		{}, {IfVersion: 1}, {Body: new("x")}, {Tags: &[]string{"a", "a"}}, {Mentions: &[]storage.UserID{ann.ID}},
		{MentionsAll: new(false)}, {Custom: new(json.RawMessage(`{}`))},
	} {
		require.Equal(t, m, f.edit(m.ID, ann.ID, p))
	}
}

func testEditVersion(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "one")
	m = f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("two"), IfVersion: 1})
	for _, stale := range []int64{1, 3, 1 << 40} {
		e := f.refused(t, func() error {
			got, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("three"), IfVersion: stale})
			require.Zero(t, got)
			return err
		}, storage.ErrConflict)
		require.Equal(t, storage.EntityMessage, e.Entity)
		require.Equal(t, m.ID.String(), e.ID)
	}
	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("two"), IfVersion: 1})
		return err
	}, storage.ErrConflict)
	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("x"), IfVersion: -1})
		return err
	}, storage.ErrInvalid, "IfVersion")
	require.Equal(t, int64(3), f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("three"), IfVersion: 2}).Version)
}

func testEditInvalid(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	refuse := func(field string, p storage.MessagePatch) {
		t.Helper()
		f.refused(t, func() error { _, err := f.EditMessage(f.ctx, m.ID, ann.ID, p); return err }, storage.ErrInvalid, field)
	}
	refuse("Body", storage.MessagePatch{Body: new(strings.Repeat("x", storage.MaxBody+1))})
	refuse("Tags", storage.MessagePatch{Tags: &[]string{""}})
	refuse("Mentions", storage.MessagePatch{Mentions: &[]storage.UserID{{}}})
	for _, text := range bad {
		refuse("Body", storage.MessagePatch{Body: &text})
		refuse("Tags", storage.MessagePatch{Tags: &[]string{text}})
		refuse("Custom", storage.MessagePatch{Custom: new(json.RawMessage(text))})
	}
	full := strings.Repeat("x", storage.MaxBody)
	require.Equal(t, full, f.edit(m.ID, ann.ID, storage.MessagePatch{Body: &full}).Body)
	for _, text := range odd {
		require.Equal(t, text, f.edit(m.ID, ann.ID, storage.MessagePatch{Body: &text}).Body)
	}
}

func testEditUnknown(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.Mentions = []storage.UserID{bob.ID} })
	nobody := id[storage.User](1)
	for _, call := range []func() error{
		func() error {
			_, err := f.EditMessage(f.ctx, m.ID, nobody, storage.MessagePatch{Body: new("y")})
			return err
		},
		func() error {
			_, err := f.EditMessage(f.ctx, m.ID, ann.ID, storage.MessagePatch{Body: new("y"), Mentions: &[]storage.UserID{ann.ID, nobody}})
			return err
		},
		func() error { _, err := f.DeleteMessage(f.ctx, m.ID, nobody); return err },
	} {
		e := f.refused(t, call, storage.ErrNotFound)
		require.Equal(t, storage.EntityUser, e.Entity)
		require.Equal(t, nobody.String(), e.ID)
	}
}

func testEditTombstone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.remove(m.ID, ann.ID)
	for _, p := range []storage.MessagePatch{{Body: new("back")}, {Tags: &[]string{"a"}}, {Body: new("back"), IfVersion: 2}} {
		e := f.refused(t, func() error { _, err := f.EditMessage(f.ctx, m.ID, ann.ID, p); return err }, storage.ErrConflict)
		require.Equal(t, storage.EntityMessage, e.Entity)
	}
}

func testEditErrorOrder(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, stone := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "x")
	f.remove(stone.ID, ann.ID)
	nobody := id[storage.User](1)
	long := strings.Repeat("x", storage.MaxBody+1)
	for _, c := range []struct {
		name string
		m    storage.MessageID
		by   storage.UserID
		p    storage.MessagePatch
		want error
	}{
		{"invalid and not found", id[storage.Message](1), ann.ID, storage.MessagePatch{Body: &long}, storage.ErrInvalid},
		{"invalid and a tombstone", stone.ID, ann.ID, storage.MessagePatch{Body: &long}, storage.ErrInvalid},
		{"invalid and stale", m.ID, ann.ID, storage.MessagePatch{Body: &long, IfVersion: 9}, storage.ErrInvalid},
		{"not found and stale", m.ID, nobody, storage.MessagePatch{Body: new("y"), IfVersion: 9}, storage.ErrNotFound},
		{"not found and a tombstone", stone.ID, nobody, storage.MessagePatch{Body: new("y")}, storage.ErrNotFound},
		{"mention not found and stale", m.ID, ann.ID, storage.MessagePatch{Mentions: &[]storage.UserID{nobody}, IfVersion: 9}, storage.ErrNotFound},
	} {
		_, err := f.EditMessage(f.ctx, c.m, c.by, c.p)
		require.ErrorIs(t, err, c.want, c.name)
		wantErr(t, err, c.want)
	}
}
