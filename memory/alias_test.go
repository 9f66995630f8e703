package memory

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// The rows keep nothing of what they are given and give away nothing of their
// own: whatever is scribbled over must read back as it was.

func scribble[E any](s []E) {
	clear(s)
}

func TestUsersShareNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	object := func() json.RawMessage { return json.RawMessage(`{"a":1}`) }
	row := &backend.UserRow{
		User: storage.User{
			ID: storage.NewID[storage.User](), Username: "bob",
			Profile:  storage.Profile{Custom: object()},
			Settings: storage.UserSettings{Chat: object()},
		},
		FoldedName: "bob",
		Words:      []string{"bob"},
	}
	list := func(r backend.Rows) []storage.User {
		users, err := r.Users(t.Context(), backend.UserScan{Prefixes: []string{"bo"}, Scan: backend.Scan{Limit: 9}})
		require.NoError(t, err)
		return users
	}
	w.write(func(r backend.Rows) error {
		err := r.InsertUser(t.Context(), row)
		scribble(row.Profile.Custom)
		scribble(row.Settings.Chat)
		scribble(row.Words)
		return err
	})
	r := &rows{state: w.present.Load()}
	for _, u := range list(r) {
		scribble(u.Profile.Custom)
		scribble(u.Settings.Chat)
	}
	users := list(r)
	require.Len(t, users, 1)
	assert.Equal(t, object(), users[0].Profile.Custom)
	assert.Equal(t, object(), users[0].Settings.Chat)
}

func TestMessagesShareNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	row := func() *backend.MessageRow {
		return &backend.MessageRow{Message: storage.Message{
			ID: storage.MessageID{1}, RoomID: w.room, AuthorID: w.user,
			Mentions: []storage.UserID{w.user}, Tags: []string{"tag"}, Custom: json.RawMessage(`{"a":1}`),
		}}
	}
	scribbleMessage := func(m *storage.Message) {
		scribble(m.Mentions)
		scribble(m.Tags)
		scribble(m.Custom)
	}
	read := func(r backend.Rows) storage.Message {
		m, err := r.Message(t.Context(), storage.MessageID{1})
		require.NoError(t, err)
		return m
	}
	w.write(func(r backend.Rows) error {
		given := row()
		err := r.InsertMessage(t.Context(), given)
		scribbleMessage(&given.Message)
		return err
	})
	want := row().Message
	want.Seq = 1
	r := &rows{state: w.present.Load()}
	for range 2 {
		m := read(r)
		assert.Equal(t, want, m)
		scribbleMessage(&m)
	}
	w.write(func(r backend.Rows) error {
		given, old := row(), read(r)
		given.Seq = 1
		err := r.UpdateMessage(t.Context(), &old, given)
		scribbleMessage(&given.Message)
		scribbleMessage(&old)
		return err
	})
	assert.Equal(t, want, read(&rows{state: w.present.Load()}), "after an update")
}

func TestAttachmentsShareNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	want := storage.Attachment{ID: storage.AttachmentID{1}, RoomID: w.room, Blob: "blob", Custom: json.RawMessage(`{"a":1}`)}
	w.write(func(r backend.Rows) error {
		given := want.Clone()
		err := r.InsertAttachment(t.Context(), &given)
		scribble(given.Custom)
		return err
	})
	w.write(func(r backend.Rows) error {
		want.MessageID = storage.MessageID{1}
		row := &backend.MessageRow{Message: storage.Message{
			ID: want.MessageID, RoomID: w.room, Attachments: []storage.Attachment{want.Clone()},
		}}
		err := r.InsertMessage(t.Context(), row)
		scribble(row.Attachments[0].Custom)
		scribble(row.Attachments)
		return err
	})
	r := &rows{state: w.present.Load()}
	for range 2 {
		one, err := r.Attachment(t.Context(), want.ID)
		require.NoError(t, err)
		list, err := r.Attachments(t.Context(), backend.AttachmentScan{Scan: backend.Scan{Limit: 9}})
		require.NoError(t, err)
		ms := []storage.Message{{ID: want.MessageID}}
		require.NoError(t, r.FillIn(t.Context(), ms, storage.UserID{}, time.Time{}))
		for _, got := range [][]storage.Attachment{{one}, list, ms[0].Attachments} {
			assert.Equal(t, []storage.Attachment{want}, got)
			scribble(got[0].Custom)
			scribble(got)
		}
	}
}
