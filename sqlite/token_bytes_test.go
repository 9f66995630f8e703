package sqlite

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// formsOf returns what a token may be written as, and what it is of.
func formsOf(t *testing.T, token storage.Secret) (forms [][]byte) {
	t.Helper()
	raw, err := base64.RawURLEncoding.DecodeString(string(token))
	require.NoError(t, err)
	for _, text := range []string{
		string(token), string(raw), hex.EncodeToString(raw), hex.EncodeToString([]byte(token)),
		base64.StdEncoding.EncodeToString(raw), base64.RawStdEncoding.EncodeToString([]byte(token)),
		base32.StdEncoding.EncodeToString(raw),
	} {
		forms = append(forms, []byte(text), []byte(strings.ToUpper(text)))
	}
	return forms
}

// wantNoToken requires that the files of a store hold no form of any token, and
// neither half of one.
func wantNoToken(t *testing.T, path string, tokens []storage.Secret, when string, suffixes ...string) {
	t.Helper()
	for _, suffix := range suffixes {
		content, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		require.NotEmpty(t, content, "%q %s", suffix, when)
		for _, token := range tokens {
			for _, form := range formsOf(t, token) {
				half := len(form) / 2
				assert.False(t, bytes.Contains(content, form[:half]), "the first half of a token in %q %s", suffix, when)
				assert.False(t, bytes.Contains(content, form[half:]), "the second half of a token in %q %s", suffix, when)
			}
		}
	}
}

// Whoever steals the file has nobody's token.
func TestFileHoldsNoToken(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), t.TempDir()+"/test.db"
	s, err := Open(ctx, path, nil)
	require.NoError(t, err)
	u := storage.User{Username: "ann"}
	require.NoError(t, s.CreateUser(ctx, &u))
	var tokens []storage.Secret
	var ids []storage.SessionID
	login := func(w storage.Writer) {
		session := storage.Session{UserID: u.ID, UserAgent: "the agent that shows", ExpiresAt: time.Now().Add(time.Hour)}
		token, err := w.CreateSession(ctx, &session)
		require.NoError(t, err)
		tokens, ids = append(tokens, token), append(ids, session.ID)
	}
	for range 50 {
		login(s)
	}
	undone := errors.New("undone")
	require.ErrorIs(t, s.Update(ctx, func(_ context.Context, tx storage.Tx) error { login(tx); return undone }), undone)
	require.NoError(t, s.Update(ctx, func(_ context.Context, tx storage.Tx) error { login(tx); login(tx); return nil }))
	for _, token := range tokens {
		_, err := s.SessionByToken(ctx, token)
		if !errors.Is(err, storage.ErrUnauthenticated) { // of what was undone
			require.NoError(t, err)
		}
	}
	require.NoError(t, s.RevokeSession(ctx, ids[0]))
	require.NoError(t, s.DeleteSession(ctx, ids[1]))
	_, err = s.UpdateSessionMetadata(ctx, ids[2], storage.SessionMetadata{Device: "phone"})
	require.NoError(t, err)

	wantNoToken(t, path, tokens, "while it is open", "", "-wal")
	log, err := os.ReadFile(path + "-wal")
	require.NoError(t, err)
	require.Contains(t, string(log), "the agent that shows", "what is looked for would be found")
	require.NoError(t, s.Close())
	wantNoToken(t, path, tokens, "once it is closed", "")
	file, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Contains(t, string(file), "the agent that shows")
}
