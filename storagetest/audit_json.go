package storagetest

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// A log that was copied elsewhere, in JSON, verifies there.
func testAuditJSON(t *testing.T, f *fixture) {
	for _, metadata := range []string{
		`{"a": 1, "b":"<x>"}`, " {\n\t\"a\" : [ 1 , 2.50 , -0 ] } ", `{"a":"&","a":"\u003c\/"}`, "{\"a\u2028\":\"\u2029 \u00fc\"}", `{}`, ``,
	} {
		given := json.RawMessage(metadata)
		e := f.audit(storage.AuditEntry{
			Action: "user.ban", ActorID: nobody, TargetKind: storage.EntityUser, TargetID: nobody.String(), RoomID: nowhere,
			Actor:   storage.AuditActor{Name: "a<b>&\u2028", IP: netip.MustParseAddr("::ffff:192.0.2.9"), UserAgent: `"x" \\`},
			Subject: storage.AuditSubject{TargetName: "<bob>", Detail: "for \n & \x7f", Metadata: given},
		})
		require.Equal(t, metadata, string(given), "what the caller gave")
		if metadata != "" {
			require.JSONEq(t, metadata, string(e.Subject.Metadata))
		}
	}
	f.audit(storage.AuditEntry{Action: "server.start"})
	head, r := f.auditHead(), f.forge(func(r *forger) {
		text, err := json.Marshal(r.chain)
		require.NoError(t, err)
		r.chain = nil
		require.NoError(t, json.Unmarshal(text, &r.chain))
	})
	require.Len(t, r.chain, 7)
	for _, e := range r.chain {
		require.Equal(t, e.Hash, e.ComputeHash(), "hash of %d", e.Position)
		require.Equal(t, e.Actor.Seal, e.Actor.SealWith(e.Actor.Seal.Salt), "seal of the actor of %d", e.Position)
		require.Equal(t, e.Subject.Seal, e.Subject.SealWith(e.Subject.Seal.Salt), "seal of the subject of %d: %s", e.Position, e.Subject.Metadata)
	}
	require.NoError(t, storage.VerifyAudit(f.ctx, r, head))

	indented, err := json.MarshalIndent(f.chain()[0], "", "  ")
	require.NoError(t, err)
	var e storage.AuditEntry
	require.NoError(t, json.Unmarshal(indented, &e))
	e.Normalize()
	require.Equal(t, e.Subject.Seal, e.Subject.SealWith(e.Subject.Seal.Salt), "indented, and normalized")
}
