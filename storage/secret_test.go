package storage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const secret = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"

// withSecrets are all the records that hold a secret.
func withSecrets() map[string]any {
	hash := storage.Secret(secret)
	user := storage.User{Username: "ann", PasswordHash: hash}
	room := storage.Room{Name: "den", PasswordHash: hash}
	return map[string]any{
		"Secret":      hash,
		"*Secret":     &hash,
		"User":        user,
		"*User":       &user,
		"[]User":      []storage.User{user},
		"Room":        room,
		"*Room":       &room,
		"RoomPatch":   storage.RoomPatch{PasswordHash: &hash},
		"Page":        storage.Page[storage.User]{Items: []storage.User{user}},
		"map":         map[string]storage.Secret{"hash": hash},
		"any":         struct{ Value any }{hash},
		"Config":      storage.Config{Key: "smtp.password", Value: hash, Sensitive: true},
		"Credentials": storage.Credentials{Login: "ann", Password: hash},
	}
}

func TestSecretNeverPrints(t *testing.T) {
	for name, v := range withSecrets() {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%t", "%20s"} {
			got := fmt.Sprintf(verb, v)
			assert.NotContains(t, got, "argon2id", "%s of %s", verb, name)
			assert.NotContains(t, got, fmt.Sprintf("%x", "argon2id"), "%s of %s", verb, name)
		}
	}
	assert.Equal(t, "[redacted]", storage.Secret(secret).String())
	assert.Equal(t, `"[redacted]"`, fmt.Sprintf("%q", storage.Secret(secret)))
	assert.Equal(t, `storage.Secret("[redacted]")`, fmt.Sprintf("%#v", storage.Secret(secret)))
}

func TestSecretNeverLogs(t *testing.T) {
	for name, v := range withSecrets() {
		var b bytes.Buffer
		for _, handler := range []slog.Handler{
			slog.NewTextHandler(&b, nil),
			slog.NewJSONHandler(&b, nil),
		} {
			logger := slog.New(handler)
			logger.Info("record", "value", v, slog.Group("in", "value", v))
			logger.With("value", v).Info("record")
		}
		assert.NotContains(t, b.String(), "argon2id", name)
	}
}

func TestSecretNeverShowsInJSON(t *testing.T) {
	for name, v := range withSecrets() {
		text, err := json.Marshal(v)
		require.NoError(t, err, name)
		assert.NotContains(t, string(text), "argon2id", name)
	}
	user, err := json.Marshal(storage.User{PasswordHash: secret})
	require.NoError(t, err)
	assert.NotContains(t, string(user), "redacted", "a record without its secret says nothing of it")
	assert.NotContains(t, string(user), "assword")
}

func TestJSONNeverSetsASecret(t *testing.T) {
	u := storage.User{Username: "ann", PasswordHash: secret}
	text, err := json.Marshal(u)
	require.NoError(t, err)
	var fresh storage.User
	require.NoError(t, json.Unmarshal(text, &fresh))
	assert.Empty(t, string(fresh.PasswordHash))
	assert.Equal(t, u.Username, fresh.Username)

	for _, text := range []string{
		`{"PasswordHash":"forged"}`, `{"password_hash":"forged"}`, `{"passwordhash":"forged"}`, `{"-":"forged"}`,
	} {
		require.NoError(t, json.Unmarshal([]byte(text), &u))
		assert.Equal(t, secret, string(u.PasswordHash), text)
	}

	patch := struct{ Hash storage.Secret }{secret}
	require.NoError(t, json.Unmarshal([]byte(`{"Hash":"[redacted]"}`), &patch))
	assert.Equal(t, secret, string(patch.Hash), "a placeholder does not overwrite what it stands for")
}

func TestEmptySecretHasNoPlaceholder(t *testing.T) {
	assert.Empty(t, fmt.Sprint(storage.Secret("")))
	text, err := json.Marshal(storage.Secret(""))
	require.NoError(t, err)
	assert.Equal(t, `""`, string(text))
}
