package storagetest

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// auditDisputes are about entries of which several things are wrong.
func (f *fixture) auditDisputes() []dispute {
	f.t.Helper()
	taken := f.audit(storage.AuditEntry{Action: "x"})
	return []dispute{
		{"audit entry: no action, ID taken", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AppendAudit(ctx, &storage.AuditEntry{ID: taken.ID})
		}},
		{"audit entry of nobody, ID taken", storage.ErrDuplicate, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AppendAudit(ctx, &storage.AuditEntry{ID: taken.ID, Action: "x", ActorID: nobody})
		}},
		{"audit entries of nobody: too long", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AuditEntries(ctx, storage.AuditQuery{Actor: nobody, Text: tooLong})
			return err
		}},
		{"count of audit entries: range", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CountAudit(ctx, storage.AuditQuery{From: time.Unix(2, 0), To: time.Unix(1, 0)})
			return err
		}},
		{"audit chain: negative", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AuditChain(ctx, -1, 0)
			return err
		}},
		{"audit statistics: negative", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.AuditStats(ctx, storage.StatsQuery{Top: -1})
			return err
		}},
		{"erasing nobody: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EraseAudit(ctx, nobody, -1)
			return err
		}},
		{"pruning: unset", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.PruneAudit(ctx, time.Time{}, 0)
			return err
		}},
	}
}
