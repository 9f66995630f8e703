package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testWholeAudit(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{}).ID
	start := f.audit(storage.AuditEntry{Action: "server.start"})
	given := fullAudit(id[storage.User](1), id[storage.User](2), room)
	e := f.audit(given)
	wantFilled(t, e)
	require.Equal(t, start.Hash, e.Prev)
	ways := []way[storage.AuditEntry]{
		{"AuditChain", func() (storage.AuditEntry, error) { return first(f.AuditChain(f.ctx, 1, 1)) }},
	}
	for _, q := range []storage.AuditQuery{
		{}, {Text: "ban"}, {Actor: e.ActorID}, {TargetKind: e.TargetKind}, {TargetID: e.TargetID}, {Room: room}, {Actions: []string{e.Action}},
		{Actions: []string{e.Action, "x"}}, {From: e.CreatedAt}, {From: e.CreatedAt, To: e.CreatedAt.Add(time.Hour)},
	} {
		ways = append(ways, way[storage.AuditEntry]{"AuditEntries", func() (storage.AuditEntry, error) {
			return firstOf(f.AuditEntries(f.ctx, q))
		}})
	}
	wantWhole(t, e, ways...)
}
