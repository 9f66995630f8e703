package storage

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The vectors of the reference implementation for version 19:
// https://github.com/P-H-C/phc-winner-argon2/blob/master/src/test.c
var argon2Vectors = []struct{ password, hash string }{
	{"password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
	{"password", "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
	{"password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"},
	{"password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
	{"differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"},
	{"password", "$argon2id$v=19$m=65536,t=2,p=1$ZGlmZnNhbHQ$vfMrBczELrFdWP0ZsfhWsRPaHppYdP3MVEMIVlqoFBw"},
}

// cheapHash is a hash of "password" that costs little.
var cheapHash = Secret(argon2Vectors[0].hash)

// wantPassword requires that a password is the one of a hash.
func wantPassword(t *testing.T, hash, password Secret, rehash bool) {
	t.Helper()
	got, err := VerifyPassword(t.Context(), hash, password)
	require.NoError(t, err)
	require.Equal(t, rehash, got, "rehash")
}

// wantRefused requires an error of VerifyPassword that shows nothing.
func wantRefused(t *testing.T, hash, password Secret, kind error) {
	t.Helper()
	rehash, err := VerifyPassword(t.Context(), hash, password)
	wantPasswordError(t, err, "verify password", kind, hash, password)
	assert.False(t, rehash, "rehash of what is wrong")
}

func wantPasswordError(t *testing.T, err error, op string, kind error, secrets ...Secret) {
	t.Helper()
	var e *Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, kind, e.Kind, "Kind of %v", err)
	require.Equal(t, op, e.Op)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Error("refused", "error", err, "whole", e)
	for _, secret := range secrets {
		if len(secret) >= 4 {
			assert.NotContains(t, fmt.Sprintf("%v %+v %#v %q", err, err, err, err)+log.String(), string(secret))
		}
	}
}

func TestPassword(t *testing.T) {
	hash, err := HashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
	assert.Regexp(t, `^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$`, string(hash))
	wantPassword(t, hash, "correct horse", false)
	for _, wrong := range []Secret{"Correct horse", "correct horse ", Secret(strings.Repeat("x", MaxPassword))} {
		wantRefused(t, hash, wrong, ErrUnauthenticated)
	}
	other, err := HashPassword(t.Context(), "correct horse")
	require.NoError(t, err)
	assert.NotEqual(t, string(hash), string(other), "two hashes of one password")
	require.NoError(t, User{Username: "ann", PasswordHash: hash}.Validate())
}

func TestPasswordVectors(t *testing.T) {
	for _, v := range argon2Vectors {
		wantPassword(t, Secret(v.hash), Secret(v.password), true)
	}
	wantRefused(t, cheapHash, "passwore", ErrUnauthenticated)
}

func TestPasswordForms(t *testing.T) {
	hash, err := HashPassword(t.Context(), "caf\u00e9 de la gare")
	require.NoError(t, err)
	wantPassword(t, hash, "cafe\u0301 de la gare", false)
	wantPassword(t, hash, "caf\u00e9\u00a0de\u3000la gare", false)
	wantRefused(t, hash, "cafe de la gare", ErrUnauthenticated)
}

func TestPasswordInvalid(t *testing.T) {
	for name, password := range map[string]Secret{
		"empty":            "",
		"too long":         Secret(strings.Repeat("x", MaxPassword+1)),
		"not UTF-8":        "secret\xff",
		"a NUL byte":       "secret\x00",
		"a line feed":      "secret\n",
		"no character yet": "secret\U000E0080",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := HashPassword(t.Context(), password)
			wantPasswordError(t, err, "hash password", ErrInvalid, password)
			wantRefused(t, cheapHash, password, ErrInvalid)
			wantRefused(t, "", password, ErrInvalid)
		})
	}
}

func TestPasswordNone(t *testing.T) {
	for _, password := range []Secret{"something", "x", " "} {
		wantRefused(t, "", password, ErrUnauthenticated)
	}
}

func TestPasswordContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := HashPassword(ctx, "")
	wantPasswordError(t, err, "hash password", ErrCanceled)
	require.ErrorIs(t, err, context.Canceled)
	_, err = VerifyPassword(ctx, "no hash", "")
	wantPasswordError(t, err, "verify password", ErrCanceled)
}

// full takes every turn, running and waiting, until the test has ended.
func full(t *testing.T, turns *turns) {
	for range cap(turns.inside) {
		turns.inside <- struct{}{}
	}
	t.Cleanup(func() {
		for range cap(turns.inside) {
			<-turns.inside
		}
	})
}

func TestPasswordBusy(t *testing.T) {
	full(t, passwords.turns())
	_, err := HashPassword(t.Context(), "something")
	wantPasswordError(t, err, "hash password", ErrBusy, "something")
	wantRefused(t, cheapHash, "something", ErrBusy)
	wantRefused(t, "", "something", ErrBusy)
	wantRefused(t, "no hash", "something", ErrCorrupt)
	wantRefused(t, cheapHash, "", ErrInvalid)
}

// One runs, two wait, the next is turned away; one who gives up waiting makes
// room for another.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &PasswordHasher{Concurrent: 1, Waiting: 2}
		turns := h.turns()
		require.NoError(t, turns.take(t.Context()))
		impatient, cancel := context.WithCancel(t.Context())
		outcomes := make(chan error, 3)
		go func() { _, err := h.Verify(t.Context(), cheapHash, "password"); outcomes <- err }()
		go func() { _, err := h.Verify(impatient, cheapHash, "password"); outcomes <- err }()
		synctest.Wait()
		require.Empty(t, outcomes, "callers that did not wait")
		require.ErrorIs(t, turns.take(t.Context()), ErrBusy)
		_, err := h.Hash(t.Context(), "password")
		require.ErrorIs(t, err, ErrBusy)

		cancel()
		synctest.Wait()
		require.ErrorIs(t, <-outcomes, context.Canceled)
		go func() { _, err := h.Hash(t.Context(), "password"); outcomes <- err }()
		synctest.Wait()
		require.Empty(t, outcomes, "callers that did not wait")

		turns.give()
		require.NoError(t, <-outcomes)
		require.NoError(t, <-outcomes)
		synctest.Wait()
		require.Empty(t, turns.inside, "turns that were not given back")
		require.Empty(t, turns.running, "turns that were not given back")
	})
}
