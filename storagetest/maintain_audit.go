package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMaintainAudit(t *testing.T, f *fixture) {
	f.auditLog(3)
	require.Zero(t, f.maintained(storage.MaintainOptions{}), "unless asked for")
	require.Zero(t, f.maintained(storage.MaintainOptions{AuditFor: 3 * time.Minute}), "at that very instant")
	require.Equal(t, storage.MaintainReport{Audit: 1}, f.maintained(storage.MaintainOptions{AuditFor: 3*time.Minute - time.Microsecond}))
	f.verified(storage.AuditHead{})
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x"}))
		}
	})
	f.clock.advance(time.Hour)
	require.Equal(t, storage.MaintainReport{Audit: storage.MaxLimit + 2}, f.maintained(storage.MaintainOptions{AuditFor: time.Minute}))
}
