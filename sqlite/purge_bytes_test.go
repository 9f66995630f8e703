package sqlite

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// secrets are words that stand in one message each, and nowhere else.
type secrets []string

func (s secrets) has(w string) bool { return slices.Contains(s, w) }

// word returns a new one.
func (s *secrets) word() string {
	w := fmt.Sprintf("zq%04dxsecret", len(*s))
	*s = append(*s, w)
	return w
}

// text returns words, with enough between them to fill so many bytes.
func (s *secrets) text(size int) string {
	var b strings.Builder
	for b.WriteString(s.word()); b.Len() < size; {
		b.WriteString(" " + s.word() + strings.Repeat(" filling", 200))
	}
	return b.String()
}

// leftIn returns the secrets that the files of a store hold.
func (s *secrets) leftIn(t *testing.T, path string) (left []string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		raw = bytes.ToLower(raw)
		for _, w := range *s {
			for _, part := range []string{w, w[:6] + "x"} { // an index keeps what words begin with
				if bytes.Contains(raw, []byte(part)) {
					left = append(left, w+" in"+suffix)
				}
			}
		}
	}
	return left
}

// secretStore is a store of which messages are to be purged.
type secretStore struct {
	t       *testing.T
	s       *Store
	secrets secrets
	room    storage.RoomID
	author  storage.UserID
	n       int
	ahead   *atomic.Int64 // nanoseconds that the store's clock is
}

func newSecretStore(t *testing.T) *secretStore {
	t.Helper()
	ahead := new(atomic.Int64)
	now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	s, err := Open(t.Context(), t.TempDir()+"/test.db", &Options{Options: storage.Options{Now: now}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	u := storage.User{Username: "ann"}
	require.NoError(t, s.CreateUser(t.Context(), &u))
	room := storage.Room{Name: "hall", Type: storage.RoomGroup, CreatorID: u.ID}
	require.NoError(t, s.CreateRoom(t.Context(), &room))
	return &secretStore{t: t, s: s, room: room.ID, author: u.ID, ahead: ahead}
}

func (f *secretStore) check(what string) {
	f.t.Helper()
	require.NoError(f.t, f.s.Checkpoint(f.t.Context()))
	assert.Empty(f.t, f.secrets.leftIn(f.t, f.s.engine.source.path), what)
}

// say stores a message that others surround, all of it secret.
func (f *secretStore) say(tx storage.ReadWriter, size int) storage.Message {
	f.t.Helper()
	f.around(tx)
	a := storage.Attachment{
		RoomID: f.room, UploaderID: f.author, Name: f.secrets.word(), Blob: f.secrets.word(), MediaType: "text/plain", Size: 1,
	}
	require.NoError(f.t, tx.CreateAttachment(f.t.Context(), &a))
	m := storage.Message{
		RoomID: f.room, AuthorID: f.author, Body: f.secrets.text(size), Nonce: f.secrets.word(),
		Tags: []string{f.secrets.word()}, Custom: []byte(`{"a":"` + f.secrets.word() + `"}`), Attachments: []storage.Attachment{{ID: a.ID}},
	}
	_, err := tx.CreateMessage(f.t.Context(), &m)
	require.NoError(f.t, err)
	_, err = tx.AddReaction(f.t.Context(), m.ID, f.author, ":"+f.secrets.word()+":")
	require.NoError(f.t, err)
	f.around(tx)
	return m
}

// around stores messages that stay.
func (f *secretStore) around(tx storage.ReadWriter) {
	for range 10 {
		f.n++
		m := storage.Message{
			RoomID: f.room, AuthorID: f.author, Body: fmt.Sprintf("zp%d zr%d stays", f.n, f.n), Nonce: fmt.Sprint("zn", f.n),
			Tags: []string{fmt.Sprint("zp", f.n)},
		}
		_, err := tx.CreateMessage(f.t.Context(), &m)
		require.NoError(f.t, err)
	}
}

func (f *secretStore) edit(tx storage.ReadWriter, m storage.Message, size int) {
	f.t.Helper()
	_, err := tx.EditMessage(f.t.Context(), m.ID, f.author, storage.MessagePatch{Body: new(f.secrets.text(size)), Tags: new([]string{f.secrets.word()})})
	require.NoError(f.t, err)
}

func (f *secretStore) purge(tx storage.ReadWriter, m storage.Message) {
	f.t.Helper()
	out, err := tx.PurgeMessage(f.t.Context(), m.ID)
	require.NoError(f.t, err)
	assert.EqualValues(f.t, 1, out.Messages)
}

// Nothing of a purged message is left in the file, whatever happened to it.
func TestPurgeLeavesNoByte(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 700, 20_000} {
		for _, analyzed := range []bool{false, true} {
			t.Run(fmt.Sprint(size, analyzed), func(t *testing.T) {
				t.Parallel()
				f := newSecretStore(t)
				var ms []storage.Message
				for range 6 {
					m := f.say(f.s, size)
					f.edit(f.s, m, size)
					ms = append(ms, m)
				}
				if analyzed {
					_, err := f.s.engine.Update(t.Context(), execute(`ANALYZE`))
					require.NoError(t, err)
				}
				for _, m := range ms[:2] {
					_, err := f.s.DeleteMessage(t.Context(), m.ID, f.author)
					require.NoError(t, err)
				}
				require.NotEmpty(t, f.secrets.leftIn(t, f.s.engine.source.path), "before the purge")
				for _, m := range ms {
					f.purge(f.s, m)
				}
				f.check("after the purge")
			})
		}
	}
}

// Nor is there of one that was stored in the same transaction.
func TestPurgeAtOnceLeavesNoByte(t *testing.T) {
	t.Parallel()
	f := newSecretStore(t)
	f.around(f.s)
	for _, size := range []int{1, 700, 20_000} {
		require.NoError(t, f.s.Update(t.Context(), func(_ context.Context, tx storage.Tx) error {
			m := f.say(tx, size)
			f.edit(tx, m, size)
			f.around(tx)
			f.purge(tx, m)
			return nil
		}))
		f.check(fmt.Sprint("a message of ", size))
	}
}

// A purge tells whether the log is clean too: a reader of an older moment keeps
// what it sees.
func TestScrub(t *testing.T) {
	t.Parallel()
	f := newSecretStore(t)
	e := f.s.engine
	m, other := f.say(f.s, 700), f.say(f.s, 700)
	err := e.Snapshot(t.Context(), func(backend.Rows) error {
		before := time.Now()
		out, err := f.s.PurgeMessage(t.Context(), m.ID)
		require.NoError(t, err)
		assert.False(t, out.Scrubbed, "while somebody reads")
		assert.Less(t, time.Since(before), time.Second)
		return nil
	})
	require.NoError(t, err)
	out, err := f.s.PurgeMessage(t.Context(), other.ID)
	require.NoError(t, err)
	assert.True(t, out.Scrubbed)
	assert.Empty(t, f.secrets.leftIn(t, e.source.path))
}
