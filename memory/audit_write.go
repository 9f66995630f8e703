package memory

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func cloneAudit(e *backend.AuditRow) *backend.AuditRow {
	return &backend.AuditRow{AuditEntry: e.Clone(), Words: slices.Clone(e.Words)}
}

func (r *rows) InsertAudit(_ context.Context, e *backend.AuditRow) error {
	if _, taken := r.auditIDs.Get(identified[key]{id: e.ID}); taken {
		return storage.ErrDuplicate
	}
	r.audit.Set(key(e.Position), cloneAudit(e))
	r.auditIDs.Set(identified[key]{e.ID, key(e.Position)})
	r.auditTimes.Set(auditPlace(e))
	r.auditHead.Position, r.auditHead.Hash = e.Position, e.Hash
	return nil
}

func (r *rows) AuditAbout(_ context.Context, user storage.UserID, limit int) (all []storage.AuditEntry, err error) {
	r.audit.Scan(func(_ key, e *backend.AuditRow) bool {
		by := e.ActorID == user && e.Actor.Seal.Salt != nil
		to := e.TargetKind == storage.EntityUser && e.TargetID == user.String() && e.Subject.Seal.Salt != nil
		if by || to {
			all = append(all, e.Clone())
		}
		return len(all) < limit
	})
	return all, nil
}

func (r *rows) EraseAudit(_ context.Context, e *backend.AuditRow) error {
	if _, ok := r.audit.Get(key(e.Position)); !ok {
		return storage.ErrNotFound
	}
	r.audit.Set(key(e.Position), cloneAudit(e))
	return nil
}

func (r *rows) PruneAudit(_ context.Context, before time.Time, limit int) (pruned int, err error) {
	for pruned < limit {
		at, e, ok := r.audit.Min()
		if !ok || !e.CreatedAt.Before(before) {
			break
		}
		r.audit.Delete(at)
		r.auditIDs.Delete(identified[key]{id: e.ID})
		r.auditTimes.Delete(auditPlace(e))
		r.auditHead.PrunedPosition, r.auditHead.PrunedHash = e.Position, e.Hash
		pruned++
	}
	return pruned, nil
}
