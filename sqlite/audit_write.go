package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	insertAuditSQL = `
INSERT INTO audit_log (
	position, id, action, actor_id, target_kind, target_id, room_id, created_at, prev, hash,
	actor_name, actor_ip, actor_user_agent, actor_salt, actor_seal,
	target_name, detail, metadata, subject_salt, subject_seal
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	moveAuditHeadSQL = `
UPDATE audit_head
SET position = ?, hash = ?
WHERE one = 1`
	insertAuditWordSQL = `
INSERT INTO audit_words (position, word)
VALUES (?, ?)`
)

// InsertAudit implements backend.AuditRows.
func (r *rows) InsertAudit(_ context.Context, e *backend.AuditRow) error {
	err := r.c.exec(insertAuditSQL, func(a *args) {
		a.int(e.Position)
		a.id(e.ID)
		a.text(e.Action)
		a.id(e.ActorID)
		a.textOrNull(string(e.TargetKind))
		a.textOrNull(e.TargetID)
		a.id(e.RoomID)
		a.time(e.CreatedAt)
		a.blob(e.Prev[:])
		a.blob(e.Hash[:])
		a.audited(e)
	})
	if err != nil {
		return bareDuplicate(err)
	}
	r.pending.bytes += rowBytes + len(e.Subject.Detail) + len(e.Subject.Metadata)
	err = r.c.exec(moveAuditHeadSQL, func(a *args) {
		a.int(e.Position)
		a.blob(e.Hash[:])
	})
	if err != nil {
		return err
	}
	return r.insertWords(insertAuditWordSQL, e.Position, e.Words)
}

// audited binds what can be erased, and its seals.
func (a *args) audited(e *backend.AuditRow) {
	a.textOrNull(e.Actor.Name)
	a.addr(e.Actor.IP)
	a.textOrNull(e.Actor.UserAgent)
	a.blob(e.Actor.Seal.Salt)
	a.blob(e.Actor.Seal.Sum[:])
	a.textOrNull(e.Subject.TargetName)
	a.textOrNull(e.Subject.Detail)
	a.textOrNull(string(e.Subject.Metadata))
	a.blob(e.Subject.Seal.Salt)
	a.blob(e.Subject.Seal.Sum[:])
}

const (
	auditOfActorSQL = `SELECT` + auditColumns + `
FROM audit_log AS a
WHERE a.actor_id = ?
AND a.actor_salt IS NOT NULL
ORDER BY a.position
LIMIT ?`
	auditOfUserSQL = `SELECT` + auditColumns + `
FROM audit_log AS a
WHERE a.target_id = ?
AND a.target_kind = 'user'
AND a.subject_salt IS NOT NULL
ORDER BY a.position
LIMIT ?`
)

// AuditAbout implements backend.AuditRows.
func (r *rows) AuditAbout(_ context.Context, user storage.UserID, limit int) ([]storage.AuditEntry, error) {
	by, err := r.audit(auditOfActorSQL, func(a *args) { a.id(user); a.int(int64(limit)) })
	if err != nil {
		return nil, err
	}
	to, err := r.audit(auditOfUserSQL, func(a *args) { a.text(user.String()); a.int(int64(limit)) })
	if err != nil {
		return nil, err
	}
	return firstOfBoth(by, to, limit), nil
}

func (r *rows) audit(sql string, bind func(*args)) (all []storage.AuditEntry, err error) {
	err = r.c.query(sql, bind, func(row *row) error {
		all = append(all, scanAudit(row))
		return nil
	})
	return all, err
}

// firstOfBoth merges two lists by position, each entry once.
func firstOfBoth(a, b []storage.AuditEntry, limit int) (all []storage.AuditEntry) {
	for len(all) < limit && len(a)+len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Position < b[0].Position:
			all, a = append(all, a[0]), a[1:]
		case len(a) == 0 || b[0].Position < a[0].Position:
			all, b = append(all, b[0]), b[1:]
		default:
			all, a, b = append(all, a[0]), a[1:], b[1:]
		}
	}
	return all
}

const (
	eraseAuditSQL = `
UPDATE audit_log
SET
	actor_name = ?, actor_ip = ?, actor_user_agent = ?, actor_salt = ?, actor_seal = ?,
	target_name = ?, detail = ?, metadata = ?, subject_salt = ?, subject_seal = ?
WHERE position = ?`
	auditWordsSQL = `
SELECT word
FROM audit_words
WHERE position = ?
ORDER BY word`
	deleteAuditWordsSQL = `
DELETE FROM audit_words
WHERE position = ?`
)

// EraseAudit implements backend.AuditRows.
func (r *rows) EraseAudit(_ context.Context, e *backend.AuditRow) error {
	r.pending.bytes += rowBytes
	err := r.execOne(eraseAuditSQL, func(a *args) {
		a.audited(e)
		a.int(e.Position)
	})
	if err != nil {
		return err
	}
	return r.replaceWords(auditWordsSQL, deleteAuditWordsSQL, insertAuditWordSQL, e.Position, e.Words)
}

const (
	oldestAuditSQL = `
SELECT position, created_at, hash
FROM audit_log
WHERE position > ?
ORDER BY position
LIMIT ?`
	pruneAuditWordsSQL = `
DELETE FROM audit_words
WHERE position <= ?`
	pruneAuditSQL = `
DELETE FROM audit_log
WHERE position <= ?`
	setAuditPrunedSQL = `
UPDATE audit_head
SET pruned_position = ?, pruned_hash = ?
WHERE one = 1`
)

var errYoung = errors.New("this entry stays")

// PruneAudit implements backend.AuditRows.
func (r *rows) PruneAudit(ctx context.Context, before time.Time, limit int) (pruned int, err error) {
	head, err := r.AuditHead(ctx)
	if err != nil {
		return 0, err
	}
	last, hash := head.PrunedPosition, head.PrunedHash
	oldest := func(a *args) { a.int(last); a.int(int64(limit)) }
	err = r.c.query(oldestAuditSQL, oldest, func(row *row) error {
		position := row.int()
		if !row.time().Before(before) {
			return errYoung
		}
		last, hash = position, row.hash()
		pruned++
		return nil
	})
	if err != nil && !errors.Is(err, errYoung) || pruned == 0 {
		return 0, ignore(err, errYoung)
	}
	for _, sql := range []string{pruneAuditWordsSQL, pruneAuditSQL} {
		if err := r.c.exec(sql, func(a *args) { a.int(last) }); err != nil {
			return 0, err
		}
	}
	r.pending.bytes += pruned * rowBytes
	return pruned, r.c.exec(setAuditPrunedSQL, func(a *args) {
		a.int(last)
		a.blob(hash[:])
	})
}

// ignore returns err, unless it is one that means nothing.
func ignore(err, nothing error) error {
	if errors.Is(err, nothing) {
		return nil
	}
	return err
}
