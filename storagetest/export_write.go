package storagetest

// How an export is written: by pages, of one moment, until something fails.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// testExportPages has more of everything than is read at once.
func testExportPages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	first := f.say(room, ann, "first")
	const many = 120
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range many {
			require.NoError(t, errOf(tx.EditMessage(ctx, first.ID, ann, storage.MessagePatch{Body: new(fmt.Sprint("edit ", i))})))
			m := storage.Message{RoomID: room, AuthorID: ann, Body: fmt.Sprint(i), Mentions: []storage.UserID{ann}}
			require.NoError(t, errOf(tx.CreateMessage(ctx, &m)))
		}
	})
	_, out := f.export(ann)
	require.Len(t, out.Messages, many+1)
	require.Len(t, out.Messages[0].Revisions, many)
	require.Len(t, out.Mentions, many)
	for i, m := range out.Messages {
		require.EqualValues(t, i+1, m.Seq)
	}
}

// writerFunc is a function as an io.Writer.
type writerFunc func([]byte) (int, error)

// Write calls the function.
func (w writerFunc) Write(p []byte) (int, error) { return w(p) }

// long has a user write so much that an export is written in several parts.
func (f *fixture) long(user storage.UserID, room storage.RoomID) {
	f.t.Helper()
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range 8 {
			m := storage.Message{RoomID: room, AuthorID: user, Body: strings.Repeat("long ", 8<<10)}
			require.NoError(f.t, errOf(tx.CreateMessage(ctx, &m)))
		}
	})
}

// testExportMoment changes what is exported as soon as the first part is written.
func testExportMoment(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.long(ann, room)
	f.login(ann)
	var b bytes.Buffer
	parts := 0
	err := storage.ExportUser(f.ctx, f, ann, writerFunc(func(p []byte) (int, error) {
		if parts++; parts == 1 {
			f.say(room, ann, "too late")
			f.login(ann)
			f.audit(fullAudit(ann, bob, room))
			require.NoError(t, f.BlockUser(f.ctx, ann, bob))
		}
		return b.Write(p)
	}))
	require.NoError(t, err)
	require.Greater(t, parts, 1)
	var out exported
	require.NoError(t, json.Unmarshal(b.Bytes(), &out))
	require.Len(t, out.Messages, 8)
	require.Len(t, out.Sessions, 1)
	require.Empty(t, out.Audit)
	require.Empty(t, out.Blocks)
}

var errWriter = errors.New("the disk is full")

// testExportFails fails at each of the writes of an export.
func testExportFails(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.long(ann, f.room("hall", ann).ID)
	for fails := 1; ; fails++ {
		var b bytes.Buffer
		parts := 0
		err := storage.ExportUser(f.ctx, f, ann, writerFunc(func(p []byte) (int, error) {
			if parts++; parts == fails {
				return 0, errWriter
			}
			return b.Write(p)
		}))
		if parts < fails {
			require.NoError(t, err)
			require.Greater(t, fails, 3)
			return
		}
		require.ErrorIs(t, err, errWriter)
		require.Equal(t, fails, parts, "nothing is written after an error")
		require.False(t, json.Valid(b.Bytes()))
	}
}

func testExportContext(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.long(ann, f.room("hall", ann).ID)
	ctx, cancel := context.WithCancel(f.ctx)
	var b bytes.Buffer
	err := storage.ExportUser(ctx, f, ann, writerFunc(func(p []byte) (int, error) {
		cancel()
		return b.Write(p)
	}))
	wantErr(t, err, storage.ErrCanceled)
	require.False(t, json.Valid(b.Bytes()))
	b.Reset()
	wantErr(t, storage.ExportUser(ctx, f, ann, &b), storage.ErrCanceled)
	require.Zero(t, b.Len())
}

// testExportErased finds less and less, and then nobody.
func testExportErased(t *testing.T, f *fixture) {
	user, _, _ := f.person()
	size := 1 << 30
	for {
		text, _ := f.export(user)
		require.Less(t, len(text), size)
		size = len(text) + 100 // a tombstone says when it was made
		e, err := f.EraseUserData(f.ctx, user, storage.EraseOptions{})
		require.NoError(t, err)
		if !e.More {
			break
		}
	}
	wantNotFound(t, storage.ExportUser(f.ctx, f, user, &bytes.Buffer{}), storage.EntityUser)
}
