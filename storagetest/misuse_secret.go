package storagetest

// No error tells a secret, and nothing that is observed or logged does.

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const plantedSecret = "planted/hunter2#secret"

// eavesdropper gathers whatever a store says.
type eavesdropper struct {
	said bytes.Buffer
}

func (e *eavesdropper) hear(err error) {
	if err != nil {
		fmt.Fprintf(&e.said, "%v %+v %#v %q %s\n", err, err, err, err, err.Error())
		slog.New(slog.NewJSONHandler(&e.said, nil)).Error("failed", "error", err)
	}
}

func testMisuseSecrets(t *testing.T, f *fixture) {
	e := &eavesdropper{}
	other := f.another(func(o *storage.Options) {
		o.Logger = slog.New(slog.NewTextHandler(&e.said, &slog.HandlerOptions{Level: slog.LevelDebug}))
		o.Observe = func(_ context.Context, op storage.Op) { fmt.Fprintf(&e.said, "%+v\n", op); e.hear(op.Err) }
	})
	w := other.world()
	secrets := []string{plantedSecret, "hunter2", string(w.phoneToken), string(w.deskToken), string(w.openCode)}
	require.NoError(t, other.SetPasswordHash(other.ctx, w.ann.ID, plantedSecret))
	_, err := other.UpdateRoom(other.ctx, w.hall.ID, storage.RoomPatch{PasswordHash: new(storage.Secret(plantedSecret))})
	require.NoError(t, err)
	other.configure("smtp.password", plantedSecret, sensitive)

	cancelled, cancel := context.WithCancel(other.ctx)
	cancel()
	e.hearAll(cancelled, other, w)
	e.hearSecrets(other, w)
	e.hearAll(other.ctx, other, w)
	e.hearAll(other.ctx, other, w) // what went well the first time is refused now
	require.NoError(t, other.Close())
	e.hearAll(other.ctx, other, w)
	e.hearSecrets(other, w)
	require.Contains(t, e.said.String(), "closed")
	require.Contains(t, e.said.String(), "smtp.password")
	for _, secret := range secrets {
		at := strings.Index(e.said.String(), secret)
		require.Negative(t, at, "a secret shows: %.200s", e.said.String()[max(0, at-100):])
	}
}

// hearAll calls everything, and hears what fails.
func (e *eavesdropper) hearAll(ctx context.Context, f *fixture, w *world) {
	for _, read := range reads {
		_, err := read.run(ctx, f, w)
		e.hear(err)
	}
	for _, write := range writes {
		e.hear(write.run(ctx, f, w))
	}
	for _, call := range failing {
		e.hear(call.run(ctx, f, w))
	}
}

// hearSecrets calls whatever takes a secret with one that is wrong.
func (e *eavesdropper) hearSecrets(f *fixture, w *world) {
	for _, secret := range []storage.Secret{
		plantedSecret, plantedSecret + "\x00", plantedSecret + "\xff", storage.Secret(plantedSecret + tooLong), w.phoneToken + "x", w.openCode + "x",
	} {
		e.hear(errOf(f.SessionByToken(f.ctx, secret)))
		e.hear(errOf(f.InviteByCode(f.ctx, secret)))
		e.hear(errOf(f.RedeemInvite(f.ctx, secret, w.bob.ID)))
		e.hear(f.SetPasswordHash(f.ctx, nobody, secret))
		e.hear(f.SetPasswordHash(f.ctx, w.bob.ID, secret+"\x00"))
		e.hear(f.CreateUser(f.ctx, &storage.User{Username: "ann", PasswordHash: secret}))
		e.hear(f.CreateRoom(f.ctx, &storage.Room{Name: "hall", Privacy: storage.PrivacyProtected, PasswordHash: secret}))
		e.hear(errOf(f.UpdateRoom(f.ctx, w.hall.ID, storage.RoomPatch{PasswordHash: &secret, IfVersion: 99})))
		for _, typ := range []storage.ConfigType{0, storage.ConfigInteger, storage.ConfigBoolean, storage.ConfigJSON, 99} {
			e.hear(f.SetConfig(f.ctx, &storage.Config{Key: "smtp.password", Type: typ, Value: secret, Sensitive: true}))
			e.hear(f.SetConfig(f.ctx, &storage.Config{Key: "", Type: typ, Value: secret, Sensitive: true}))
		}
		e.hear(f.DeleteConfig(f.ctx, "smtp.password.x"))
	}
}
