package sqlite

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// telling appends entries by and about a user, all of which is secret, and
// others around them.
func (f *secretStore) telling(w storage.ReadWriter, user, other storage.UserID, size int) (salts []string) {
	f.t.Helper()
	ctx := f.t.Context()
	for n := range 6 {
		stays := storage.AuditEntry{Action: "zp.stays", ActorID: other, Subject: storage.AuditSubject{Detail: "zr stays " + strings.Repeat("filling ", n*20)}}
		require.NoError(f.t, w.AppendAudit(ctx, &stays))
		e := storage.AuditEntry{
			Action: "user.ban", ActorID: user, TargetKind: storage.EntityUser, TargetID: user.String(),
			Actor: storage.AuditActor{Name: f.secrets.word(), UserAgent: f.secrets.word()},
			Subject: storage.AuditSubject{
				TargetName: f.secrets.word(), Detail: f.secrets.text(size), Metadata: []byte(`{"a":"` + f.secrets.word() + `"}`),
			},
		}
		require.NoError(f.t, w.AppendAudit(ctx, &e))
		salts = append(salts, string(e.Actor.Seal.Salt), string(e.Subject.Seal.Salt))
	}
	return salts
}

// noSalt requires that the files hold none of the salts.
func (f *secretStore) noSalt(salts []string) {
	f.t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		raw, err := os.ReadFile(f.s.engine.source.path + suffix)
		require.NoError(f.t, err)
		for _, salt := range salts {
			assert.NotContains(f.t, string(raw), salt, "a salt in %q", suffix)
		}
	}
}

// Nothing of what was erased is left in the file, and what was appended and
// erased in one transaction leaves nothing either.
func TestErasedAuditLeavesNoByte(t *testing.T) {
	t.Parallel()
	for _, size := range []int{1, 700, 2000} {
		f := newSecretStore(t)
		ctx := t.Context()
		other := storage.UserID{9}
		salts := f.telling(f.s, f.author, other, size)
		require.NotEmpty(t, f.secrets.leftIn(t, f.s.engine.source.path), "before")
		for {
			n, err := f.s.EraseAudit(ctx, f.author, 4)
			require.NoError(t, err)
			if n < 4 {
				break
			}
		}
		assert.Empty(t, f.secrets.leftIn(t, f.s.engine.source.path), "erasing clears the log, too")
		f.noSalt(salts)
		require.NoError(t, f.s.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			salts = append(salts, f.telling(tx, f.author, other, size)...)
			_, err := tx.EraseAudit(ctx, f.author, 0)
			return err
		}))
		f.check("in one transaction")
		f.noSalt(salts)
		require.NoError(t, storage.VerifyAudit(ctx, f.s, storage.AuditHead{}))
	}
}

// Nor is anything left of entries that were pruned, and of settings that were
// replaced or deleted.
func TestPrunedAuditLeavesNoByte(t *testing.T) {
	t.Parallel()
	f := newSecretStore(t)
	ctx := t.Context()
	salts := f.telling(f.s, f.author, storage.UserID{9}, 700)
	for _, key := range []string{"a", "b", "c"} {
		c := storage.Config{Key: key, Value: storage.Secret(f.secrets.text(3000)), Sensitive: true}
		require.NoError(t, f.s.SetConfig(ctx, &c))
	}
	n, err := f.s.PruneAudit(ctx, time.Now().Add(time.Hour), 0)
	require.NoError(t, err)
	require.Equal(t, 12, n)
	require.NoError(t, f.s.SetConfig(ctx, &storage.Config{Key: "a", Value: "x"}))
	require.NoError(t, errors.Join(f.s.DeleteConfig(ctx, "b"), f.s.DeleteConfig(ctx, "c")))
	f.check("pruned, replaced and deleted")
	f.noSalt(salts)
}
