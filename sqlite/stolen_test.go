package sqlite

import (
	"bytes"
	"context"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// formsOf returns what a secret may be written as: as the text that it is, and
// as the bytes that the text stands for, if it is base64.
func formsOf(secret storage.Secret) (forms [][]byte) {
	whole := [][]byte{[]byte(secret)}
	if raw, err := base64.RawURLEncoding.DecodeString(string(secret)); err == nil && len(raw) >= 16 {
		whole = append(whole, raw)
	}
	for _, raw := range whole {
		for _, text := range []string{
			string(raw), hex.EncodeToString(raw), base32.StdEncoding.EncodeToString(raw),
			base64.StdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
		} {
			forms = append(forms, []byte(text), []byte(strings.ToUpper(text)))
		}
	}
	return forms
}

// loot is what a thief looks for: tokens, codes and passwords.
type loot []storage.Secret

// wantNone requires that no file of a store holds any form of a secret, nor
// either half of one, and that what is no secret would be found.
func (l loot) wantNone(t *testing.T, path, when string, known ...string) {
	t.Helper()
	files := filesIn(t, filepath.Dir(path))
	for name, content := range files {
		for i, secret := range l {
			for _, form := range formsOf(secret) {
				half := len(form) / 2
				assert.False(t, bytes.Contains(content, form[:half]), "the first half of secret %d in %s %s", i, name, when)
				assert.False(t, bytes.Contains(content, form[half:]), "the second half of secret %d in %s %s", i, name, when)
			}
		}
	}
	for _, text := range known {
		found := false
		for _, content := range files {
			found = found || bytes.Contains(content, []byte(text))
		}
		assert.True(t, found, "%s, which is no secret, is found %s", text, when)
	}
}

// hideout is a store in which everything secret is used.
type hideout struct {
	t    *testing.T
	s    *Store
	loot loot
	user storage.UserID
	room storage.RoomID
}

// The passwords are not of letters that a hash in base64 has by chance.
const (
	userPassword  = storage.Secret("correct horse, battery staple")
	nextPassword  = storage.Secret("Tr0ub4dor & three!")
	wrongPassword = storage.Secret("hunter 2, hunter 2")
	mailPassword  = storage.Secret("gu@rded, and @n address")
	roomPassword  = storage.Secret("open, Sesame! open")
)

func (h *hideout) passwords() {
	ctx, hasher := h.t.Context(), &storage.PasswordHasher{Memory: 64, Iterations: 1}
	h.loot = append(h.loot, userPassword, nextPassword, wrongPassword, roomPassword)
	for _, password := range []storage.Secret{userPassword, nextPassword, userPassword} {
		hash, err := hasher.Hash(ctx, password)
		require.NoError(h.t, err)
		require.NoError(h.t, h.s.SetPasswordHash(ctx, h.user, hash))
		for _, try := range []storage.Secret{wrongPassword, password} {
			_, err := storage.Authenticate(ctx, h.s, storage.Credentials{
				Login: "ann", Password: try, UserAgent: "who tries to log in", Hasher: hasher,
			})
			require.Equal(h.t, try == wrongPassword, errors.Is(err, storage.ErrUnauthenticated), "%v", err)
		}
	}
	h.loot = append(h.loot, mailPassword)
	for _, typed := range []storage.Secret{userPassword, mailPassword} { // as the name, by mistake
		_, err := storage.Authenticate(ctx, h.s, storage.Credentials{Login: string(typed), Password: "x", Hasher: hasher})
		require.ErrorIs(h.t, err, storage.ErrUnauthenticated)
		require.NoError(h.t, h.s.RecordLoginAttempt(ctx, &storage.LoginAttempt{Login: string(typed)}))
	}
	hash, err := hasher.Hash(ctx, roomPassword)
	require.NoError(h.t, err)
	room := storage.Room{Name: "cave", Privacy: storage.PrivacyProtected, PasswordHash: hash, CreatorID: h.user}
	require.NoError(h.t, h.s.CreateRoom(ctx, &room))
	_, err = hasher.Verify(ctx, room.PasswordHash, roomPassword)
	require.NoError(h.t, err)
	h.room = room.ID
}

func (h *hideout) sessions() {
	ctx := h.t.Context()
	var ids []storage.SessionID
	login := func(w storage.Writer) error {
		session := storage.Session{UserID: h.user, UserAgent: "the agent that shows", ExpiresAt: time.Now().Add(time.Hour)}
		token, err := w.CreateSession(ctx, &session)
		h.loot, ids = append(h.loot, token), append(ids, session.ID)
		return err
	}
	for range 50 {
		require.NoError(h.t, login(h.s))
	}
	undone := errors.New("undone")
	require.ErrorIs(h.t, h.s.Update(ctx, func(_ context.Context, tx storage.Tx) error {
		return errors.Join(login(tx), undone)
	}), undone)
	require.NoError(h.t, h.s.Update(ctx, func(_ context.Context, tx storage.Tx) error {
		return errors.Join(login(tx), login(tx))
	}))
	for _, token := range h.loot {
		_, err := h.s.SessionByToken(ctx, token)
		if !errors.Is(err, storage.ErrUnauthenticated) { // of what was undone, or is no token
			require.NoError(h.t, err)
		}
	}
	require.NoError(h.t, h.s.RevokeSession(ctx, ids[0]))
	require.NoError(h.t, h.s.DeleteSession(ctx, ids[1]))
	_, err := h.s.UpdateSessionMetadata(ctx, ids[2], storage.SessionMetadata{Device: "phone"})
	require.NoError(h.t, err)
}

func (h *hideout) invites() {
	ctx := h.t.Context()
	guest := storage.User{Username: "guest", Email: "guest@example.org"}
	require.NoError(h.t, h.s.CreateUser(ctx, &guest))
	for _, i := range []storage.Invite{
		{RoomID: h.room}, {RoomID: h.room, InviteeID: guest.ID}, {RoomID: h.room, Email: guest.Email},
	} {
		code, err := h.s.CreateInvite(ctx, &i)
		require.NoError(h.t, err)
		h.loot = append(h.loot, code)
		_, err = h.s.InviteByCode(ctx, code)
		require.NoError(h.t, err)
	}
	_, err := h.s.RedeemInvite(ctx, h.loot[len(h.loot)-2], guest.ID)
	require.NoError(h.t, err)
}

// Whoever steals the files has nobody's token, password or code. What is said in
// the rooms is there to be read, and so is the configuration, be it sensitive or
// not, as storage.Config says.
func TestStolenFilesHoldNoSecret(t *testing.T) {
	t.Parallel()
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "chat.db")
	s, err := Open(ctx, path, nil)
	require.NoError(t, err)
	u := storage.User{Username: "ann"}
	require.NoError(t, s.CreateUser(ctx, &u))
	h := &hideout{t: t, s: s, user: u.ID}
	h.passwords()
	h.sessions()
	h.invites()
	require.NoError(t, s.SetConfig(ctx, &storage.Config{Key: "mail.password", Value: "stored as it is", Sensitive: true}))
	require.Len(t, h.loot, 5+53+3)

	known := []string{"the agent that shows", "who tries to log in", "guest@example.org", "stored as it is", "$argon2id$v=19$m=64,t=1,p=1$"}
	h.loot.wantNone(t, path, "while open", known...)
	require.NoError(t, s.Checkpoint(ctx))
	h.loot.wantNone(t, path, "after a checkpoint", known...)
	require.NoError(t, s.Close())
	h.loot.wantNone(t, path, "after Close", known...)
}

// What is looked for would be found, in every form.
func TestLootIsFound(t *testing.T) {
	token := storage.Secret(base64.RawURLEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef")))
	for _, secret := range []storage.Secret{token, userPassword} {
		forms := formsOf(secret)
		for _, written := range []string{
			string(secret), hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
			base64.StdEncoding.EncodeToString([]byte(secret)), base32.StdEncoding.EncodeToString([]byte(secret)),
		} {
			assert.Contains(t, forms, []byte(written))
		}
	}
	assert.Contains(t, formsOf(token), []byte("0123456789abcdef0123456789abcdef"))
}
