package storagetest

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAuditTexts(t *testing.T, f *fixture) {
	testTexts(t, f, texts[storage.AuditEntry]{
		fields: []limited[storage.AuditEntry]{
			{"TargetKind", storage.MaxAuditTarget, func(e *storage.AuditEntry) *string { return (*string)(&e.TargetKind) }},
			{"TargetID", storage.MaxAuditTarget, func(e *storage.AuditEntry) *string { return &e.TargetID }},
			{"Actor.Name", storage.MaxAuditTarget, func(e *storage.AuditEntry) *string { return &e.Actor.Name }},
			{"Actor.UserAgent", storage.MaxUserAgent, func(e *storage.AuditEntry) *string { return &e.Actor.UserAgent }},
			{"Subject.TargetName", storage.MaxAuditTarget, func(e *storage.AuditEntry) *string { return &e.Subject.TargetName }},
			{"Subject.Detail", storage.MaxAuditDetail, func(e *storage.AuditEntry) *string { return &e.Subject.Detail }},
		},
		make:  func() storage.AuditEntry { return storage.AuditEntry{Action: "x"} },
		store: func(e *storage.AuditEntry) error { return f.AppendAudit(f.ctx, e) },
		read:  func(e storage.AuditEntry) storage.AuditEntry { return f.newestAudit() },
	})
	for _, action := range append([]string{of(storage.MaxAuditAction)}, kept...) {
		if action != "" {
			e := f.audit(storage.AuditEntry{Action: action})
			require.Equal(t, e, f.newestAudit())
		}
	}
	for _, action := range append([]string{of(storage.MaxAuditAction + 1)}, refusedTexts...) {
		f.refused(t, func() error { return f.AppendAudit(f.ctx, &storage.AuditEntry{Action: action}) }, storage.ErrInvalid, "Action")
	}
	f.verified(storage.AuditHead{})
}

// newestAudit returns the end of the chain.
func (f *fixture) newestAudit() storage.AuditEntry {
	f.t.Helper()
	all, err := f.AuditChain(f.ctx, f.auditHead().Position-1, 2)
	require.NoError(f.t, err)
	require.Len(f.t, all, 1)
	return all[0]
}

func testAuditMetadata(t *testing.T, f *fixture) {
	wantCustomAs(t, f, "Subject.Metadata",
		func(c json.RawMessage) error {
			return f.AppendAudit(f.ctx, &storage.AuditEntry{Action: "x", Subject: storage.AuditSubject{Metadata: c}})
		},
		func() json.RawMessage { return f.newestAudit().Subject.Metadata },
		func(custom string) string {
			text, err := json.Marshal(json.RawMessage(custom))
			require.NoError(t, err)
			return string(text)
		})
	escaped := `{"a":"` + strings.Repeat("<", storage.MaxCustom/6) + `"}`
	f.refused(t, func() error {
		return f.AppendAudit(f.ctx, &storage.AuditEntry{Action: "x", Subject: storage.AuditSubject{Metadata: json.RawMessage(escaped)}})
	}, storage.ErrInvalid, "Subject.Metadata") // too long as it would be stored
	f.verified(storage.AuditHead{})
}
