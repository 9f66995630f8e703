package storagetest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAliasAudit(t *testing.T, f *fixture) {
	given := fullAudit(id[storage.User](1), id[storage.User](2), nowhere)
	e := given
	require.NoError(t, f.AppendAudit(f.ctx, &e))
	wantUnaliased(t, func() any { return f.chain() },
		exchange{"AppendAudit took", func() (any, error) { return &given, nil }},
		exchange{"AppendAudit gave", func() (any, error) { return &e, nil }},
		exchange{"AuditChain", func() (any, error) { return got(f.AuditChain(f.ctx, 0, 0)) }},
		exchange{"AuditEntries", func() (any, error) { return got(f.AuditEntries(f.ctx, storage.AuditQuery{})) }},
		exchange{"AuditEntries by text", func() (any, error) { return got(f.AuditEntries(f.ctx, storage.AuditQuery{Text: "ban"})) }},
	)
	actions := []string{"user.ban", "a", "user.ban"}
	_, err := f.AuditEntries(f.ctx, storage.AuditQuery{Actions: actions})
	require.NoError(t, err)
	require.Equal(t, []string{"user.ban", "a", "user.ban"}, actions)
}
