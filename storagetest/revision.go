package storagetest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var revisionCases = []testCase{
	{"every field", testRevisionFields},
	{"none", testRevisionNone},
	{"edits that change nothing or fail", testRevisionFailed},
	{"versions", testRevisionVersions},
	{"by nobody", testRevisionByNobody},
	{"unknown message", testRevisionUnknown},
	{"invalid queries", testRevisionInvalid},
	{"order of errors", testRevisionErrorOrder},
	{"pages", testRevisionPages},
	{"cursors", testRevisionCursors},
	{"walk while edits come", testRevisionWalk},
	{"tombstone", testRevisionTombstone},
	{"expired message", testRevisionExpired},
	{"deleted room", testRevisionDeletedRoom},
	{"deleted users", testRevisionDeletedUsers},
	{"rolled back", testRevisionRolledBack},
	{"snapshot", testRevisionSnapshot},
	{"reopen", testRevisionReopen},
	{"no aliasing", testRevisionAliasing},
}

// revisions reads what a message said before, the latest first, and requires
// that each is found by its version, too.
func (f *fixture) revisions(message storage.MessageID) []storage.Revision {
	f.t.Helper()
	all := list(f, f.MessageRevisions, storage.RevisionQuery{Message: message})
	for _, v := range all {
		one, err := f.MessageRevision(f.ctx, message, v.Version)
		require.NoError(f.t, err)
		require.Equal(f.t, v, one, "MessageRevision and MessageRevisions")
	}
	return all
}

// revisionOf is the revision of a message that by edits at this moment.
func (f *fixture) revisionOf(m storage.Message, by storage.UserID) storage.Revision {
	return storage.Revision{
		MessageID: m.ID, Version: m.Version, Body: m.Body, Mentions: m.Mentions, MentionsAll: m.MentionsAll,
		Tags: m.Tags, Custom: m.Custom, ReplacedAt: f.now(), ReplacedBy: by,
	}
}

func (f *fixture) revisionPages(message storage.MessageID) pages[storage.Revision] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Revision], error) {
		return f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: message, Limit: limit, Cursor: c})
	}
}

// edited stores a message and edits it n times, a minute apart. The revisions
// are the latest first.
func (f *fixture) edited(room storage.RoomID, author storage.UserID, n int) (storage.Message, []storage.Revision) {
	f.t.Helper()
	m := f.say(room, author, "0")
	var all []storage.Revision
	for i := range n {
		f.clock.advance(time.Minute)
		all = append(all, f.revisionOf(m, author))
		m = f.edit(m.ID, author, storage.MessagePatch{Body: new(fmt.Sprint(i + 1))})
	}
	slices.Reverse(all)
	return m, all
}

func testRevisionFields(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "zero", func(m *storage.Message) {
		m.Mentions, m.MentionsAll, m.Tags = []storage.UserID{bob.ID, ann.ID}, true, []string{"b", "a"}
		m.Custom = json.RawMessage(` { "k":1 } `)
	})
	other, kept := f.edited(room.ID, bob.ID, 1)
	var want []storage.Revision
	for _, p := range []storage.MessagePatch{
		{Body: new("")},
		{Mentions: &[]storage.UserID{}},
		{MentionsAll: new(false)},
		{Tags: &[]string{}},
		{Custom: new(json.RawMessage(nil))},
		{Body: new(of(storage.MaxBody))},
		{Body: new("last")},
	} {
		f.clock.advance(time.Minute)
		want = slices.Insert(want, 0, f.revisionOf(m, bob.ID))
		m = f.edit(m.ID, bob.ID, p)
		require.Equal(t, want, f.revisions(m.ID))
	}
	require.Equal(t, kept, f.revisions(other.ID), "those of another message")
}

func testRevisionNone(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	wantList(t, nil, f.revisionPages(m.ID))
	_, err := f.MessageRevision(f.ctx, m.ID, 1)
	e := wantErr(t, err, storage.ErrNotFound)
	require.Equal(t, storage.EntityRevision, e.Entity)
	require.Contains(t, e.ID, m.ID.String())
}

func testRevisionFailed(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, want := f.edited(room.ID, ann.ID, 1)
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: &m.Body})
	require.Equal(t, want, f.revisions(m.ID), "after an edit that changed nothing")
	for _, p := range []storage.MessagePatch{
		{Body: new("x"), IfVersion: 1}, {Body: new("\xff")}, {Body: new("x"), Mentions: &[]storage.UserID{nobody}},
	} {
		_, err := f.EditMessage(f.ctx, m.ID, ann.ID, p)
		require.Error(t, err)
		require.Equal(t, want, f.revisions(m.ID), "after an edit that failed")
	}
}

// Pins raise the version, too, and make no revision.
func testRevisionVersions(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "one")
	f.pin(m.ID, ann.ID)
	m = f.unpin(m.ID, ann.ID)
	want := f.revisionOf(m, ann.ID)
	require.Equal(t, int64(3), want.Version)
	m = f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("two")})
	m = f.pin(m.ID, ann.ID)
	require.Equal(t, int64(5), m.Version)
	require.Equal(t, []storage.Revision{want}, f.revisions(m.ID))
	for _, version := range []int64{-3, 0, 1, 2, 4, 5, 6, 1 << 40} {
		got, err := f.MessageRevision(f.ctx, m.ID, version)
		e := wantErr(t, err, storage.ErrNotFound)
		require.Equal(t, storage.EntityRevision, e.Entity, "version %d", version)
		require.Zero(t, got)
	}
}

func testRevisionByNobody(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	want := f.revisionOf(m, storage.UserID{})
	f.edit(m.ID, storage.UserID{}, storage.MessagePatch{Body: new("y")})
	require.Equal(t, []storage.Revision{want}, f.revisions(m.ID))
}

func testRevisionUnknown(t *testing.T, f *fixture) {
	for _, unknown := range []storage.MessageID{id[storage.Message](1), {0: 0xff}} {
		_, err := f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: unknown})
		wantNotFound(t, err, storage.EntityMessage)
		_, err = f.MessageRevision(f.ctx, unknown, 1)
		wantNotFound(t, err, storage.EntityMessage)
	}
	_, err := f.MessageRevision(f.ctx, storage.MessageID{}, 1)
	wantNotFound(t, err, storage.EntityMessage)
}

func testRevisionInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	for field, q := range map[string]storage.RevisionQuery{
		"Message": {}, "Limit": {Message: m.ID, Limit: -1}, "Cursor": {Message: m.ID, Cursor: "x"},
	} {
		wantErr(t, errOf(f.MessageRevisions(f.ctx, q)), storage.ErrInvalid, field)
	}
}

func testRevisionErrorOrder(t *testing.T, f *fixture) {
	unknown := id[storage.Message](1)
	wantErr(t, errOf(f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: unknown, Limit: -1})), storage.ErrInvalid, "Limit")
	wantErr(t, errOf(f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: unknown, Cursor: "x"})), storage.ErrInvalid, "Cursor")
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	wantErr(t, errOf(f.MessageRevisions(ctx, storage.RevisionQuery{})), storage.ErrCanceled)
	wantErr(t, errOf(f.MessageRevision(ctx, unknown, 1)), storage.ErrCanceled)
}
