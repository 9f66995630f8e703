package sqlite

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// dataVersion tells whether anything was committed since it was last asked for,
// on the only reader that there is.
func dataVersion(t *testing.T, s *Store) (version int64) {
	t.Helper()
	require.NoError(t, s.engine.Read(t.Context(), func(r backend.Rows) error {
		return r.(*rows).c.one(`PRAGMA data_version`, nil, func(row *row) error {
			version = row.int()
			return nil
		})
	}))
	return version
}

// filesIn returns what the files of a directory hold, by name. The shared memory
// of the log, which only tells who reads what, is left out.
func filesIn(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	require.NoError(t, err)
	files := make(map[string][]byte)
	for _, name := range names {
		if filepath.Ext(name) == ".db-shm" {
			continue
		}
		content, err := os.ReadFile(name)
		require.NoError(t, err)
		files[filepath.Base(name)] = content
	}
	return files
}

// The code of an invite is in none of the files, whether it was used or not; who
// is typing commits nothing to them.
func TestNothingOnDisk(t *testing.T) {
	t.Parallel()
	dir, ctx := t.TempDir(), t.Context()
	s, err := Open(ctx, filepath.Join(dir, "chat.db"), &Options{Readers: 1})
	require.NoError(t, err)
	user, room := storage.User{Username: "ann"}, storage.Room{Name: "findable"}
	require.NoError(t, s.CreateUser(ctx, &user))
	require.NoError(t, s.CreateRoom(ctx, &room))
	var codes []storage.Secret
	for range 3 {
		code, err := s.CreateInvite(ctx, &storage.Invite{RoomID: room.ID})
		require.NoError(t, err)
		codes = append(codes, code)
	}
	_, err = s.RedeemInvite(ctx, codes[0], user.ID)
	require.NoError(t, err)

	before := dataVersion(t, s)
	require.NoError(t, s.SetTyping(ctx, room.ID, user.ID, time.Now().Add(time.Minute)))
	typing, err := s.TypingUsers(ctx, room.ID)
	require.NoError(t, err)
	require.Equal(t, []storage.UserID{user.ID}, typing)
	require.NoError(t, s.ClearTyping(ctx, room.ID, user.ID))
	assert.Equal(t, before, dataVersion(t, s), "typing wrote")
	_, err = s.CreateInvite(ctx, &storage.Invite{RoomID: room.ID})
	require.NoError(t, err)
	assert.NotEqual(t, before, dataVersion(t, s), "an invite writes")

	wantNoCode := func(when string) {
		t.Helper()
		found := false
		for name, content := range filesIn(t, dir) {
			found = found || bytes.Contains(content, []byte("findable"))
			for _, code := range codes {
				assert.False(t, bytes.Contains(content, []byte(code)), "a code in %s %s", name, when)
			}
		}
		assert.True(t, found, "what is stored is found %s", when)
	}
	wantNoCode("while open")
	require.NoError(t, s.Close())
	wantNoCode("after Close")
}
