package backend

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// auditSalt returns a salt that nobody can guess.
func auditSalt() []byte {
	salt := make([]byte, storage.AuditSaltSize)
	rand.Read(salt) // never fails
	return salt
}

// AppendAudit implements storage.AuditWriter. What is sealed is sealed before
// the writer is taken; the place in the chain is dealt inside.
func (w Writer) AppendAudit(ctx context.Context, e *storage.AuditEntry) error {
	var row *AuditRow
	check := func() error {
		if e == nil {
			return storage.Invalid("e", "nil")
		}
		next := e.Clone()
		next.Normalize()
		if err := next.Validate(); err != nil {
			return err
		}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		next.Actor.Seal = next.Actor.SealWith(auditSalt())
		next.Subject.Seal = next.Subject.SealWith(auditSalt())
		row = auditRow(next)
		return nil
	}
	err := writeOnly(ctx, w.in, "append audit entry", check, func(t *rules) error { return t.appendAudit(ctx, row) })
	if err != nil {
		return err
	}
	*e = row.AuditEntry
	return nil
}

func (t *rules) appendAudit(ctx context.Context, row *AuditRow) error {
	head, err := t.rows.AuditHead(ctx)
	if err != nil {
		return err
	}
	row.Position, row.Prev, row.CreatedAt = head.Position+1, head.Hash, t.now
	row.Hash = row.ComputeHash()
	err = t.rows.InsertAudit(ctx, row)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntityAudit, row.ID.String(), "ID")
	}
	return err
}

// EraseAudit implements storage.AuditWriter. The log of the database is cleared,
// too: what it held of the fields is gone then, unless somebody still reads an
// older moment.
func (w Writer) EraseAudit(ctx context.Context, user storage.UserID, limit int) (erased int, err error) {
	check := func() (err error) {
		if user.IsZero() {
			return storage.Invalid("user", "unset")
		}
		limit, err = storage.Limit(limit)
		return err
	}
	err = w.in.write(ctx, "erase audit entries", check, func(t *rules) (_ int, err error) {
		erased, err = t.eraseAudit(ctx, user, limit)
		return erased, err
	})
	if err != nil {
		return 0, err
	}
	if erased > 0 {
		w.in.scrub(ctx)
	}
	return erased, nil
}

func (t *rules) eraseAudit(ctx context.Context, user storage.UserID, limit int) (int, error) {
	entries, err := t.rows.AuditAbout(ctx, user, limit)
	if err != nil {
		return 0, err
	}
	for _, e := range entries {
		if e.ActorID == user {
			e.Actor = e.Actor.Erased()
		}
		if e.TargetKind == storage.EntityUser && e.TargetID == user.String() {
			e.Subject = e.Subject.Erased()
		}
		if err := t.rows.EraseAudit(ctx, auditRow(e)); err != nil {
			return 0, err
		}
	}
	return len(entries), nil
}

// PruneAudit implements storage.AuditWriter.
func (w Writer) PruneAudit(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	check := func() (err error) {
		if !before.After(time.Time{}) {
			return storage.Invalid("before", "unset")
		}
		limit, err = storage.Limit(limit)
		return err
	}
	err = w.in.write(ctx, "prune audit log", check, func(t *rules) (_ int, err error) {
		pruned, err = t.rows.PruneAudit(ctx, ceilTime(before), limit)
		return pruned, err
	})
	if err != nil {
		return 0, err
	}
	return pruned, nil
}
