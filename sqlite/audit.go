package sqlite

import (
	"context"
	"errors"
	"math"
	"net/netip"
	"strconv"
	"time"

	"github.com/Masterminds/squirrel"
	"github.com/ncruces/go-sqlite3"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const auditColumns = `
	a.position, a.id, a.action, a.actor_id, a.target_kind, a.target_id, a.room_id, a.created_at,
	a.actor_name, a.actor_ip, a.actor_user_agent, a.actor_salt, a.actor_seal,
	a.target_name, a.detail, a.metadata, a.subject_salt, a.subject_seal, a.prev, a.hash`

// scanAudit reads an entry. What it cannot read it reports as that entry's.
func scanAudit(row *row) (e storage.AuditEntry) {
	e.Position, e.ID, e.Action, e.ActorID = row.int(), row.id(), row.text(), row.idOrNull()
	e.TargetKind, e.TargetID, e.RoomID, e.CreatedAt = storage.Entity(row.textOrNull()), row.textOrNull(), row.idOrNull(), row.time()
	e.Actor = storage.AuditActor{Name: row.textOrNull(), IP: row.addrOrNull(), UserAgent: row.textOrNull(), Seal: row.seal()}
	e.Subject = storage.AuditSubject{TargetName: row.textOrNull(), Detail: row.textOrNull(), Metadata: row.blobOrNull(), Seal: row.seal()}
	e.Prev, e.Hash = row.hash(), row.hash()
	if row.err != nil {
		row.err = badAudit(strconv.FormatInt(e.Position, 10), row.err)
	}
	return e
}

// badAudit is the error of an entry that cannot be read, or of the head, which
// has no ID.
func badAudit(id string, err error) error {
	return &storage.Error{Entity: storage.EntityAudit, ID: id, Kind: storage.ErrCorrupt, Err: err}
}

func (r *row) seal() storage.AuditSeal {
	return storage.AuditSeal{Salt: r.blobOrNull(), Sum: r.hash()}
}

// What is unset is written as NULL, and read as such alone: an empty value, which
// reads alike, is a change that no hash shows.

func (r *row) textOrNull() string {
	v := r.text()
	r.onlyNull(v == "")
	return v
}

func (r *row) idOrNull() [16]byte {
	v := r.id()
	r.onlyNull(v == [16]byte{})
	return v
}

func (r *row) blobOrNull() []byte {
	v := r.blob()
	r.onlyNull(v == nil)
	return v
}

func (r *row) addrOrNull() netip.Addr {
	v := r.addr()
	r.onlyNull(!v.IsValid())
	return v
}

// onlyNull requires that the column that was read last, if it is unset, is NULL.
func (r *row) onlyNull(unset bool) {
	if unset && r.s.st.ColumnType(r.n-1) != sqlite3.NULL {
		r.corrupt("an empty value where there is to be none")
	}
}

func (r *row) hash() (h storage.AuditHash) {
	if copy(h[:], r.rawBlobOf(len(h))) != len(h) {
		r.corrupt("a hash of the wrong length")
	}
	return h
}

// rawBlobOf is rawBlob for bytes of one length, nil where they have another.
func (r *row) rawBlobOf(length int) []byte {
	if raw := r.rawBlob(); len(raw) == length {
		return raw
	}
	return nil
}

// AuditEntries implements backend.AuditRows. Where words are looked for, it
// finds out first how far it may look.
func (r *rows) AuditEntries(_ context.Context, s backend.AuditScan) ([]storage.AuditEntry, *storage.Keyset, error) {
	if len(s.Prefixes) == 0 {
		found, err := listed(r, auditList(s, nil), scanAudit)
		return found, nil, err
	}
	if err := r.snapshot(); err != nil {
		return nil, nil, err
	}
	last, err := listed(r, auditStop(s), func(row *row) storage.Keyset {
		return storage.Keyset{Int: row.int(), ID: backend.PositionID(row.int())}
	})
	if err != nil {
		return nil, nil, err
	}
	var stop *storage.Keyset
	if len(last) > 0 {
		stop = &last[0]
	}
	found, err := listed(r, auditList(s, stop), scanAudit)
	return found, stop, err
}

// auditList lists entries, up to stop and with it, if there is one.
func auditList(s backend.AuditScan, stop *storage.Keyset) list {
	l := from(auditColumns, "audit_log AS a")
	l.whereAudit(s)
	for _, prefix := range s.Prefixes {
		l.where(hasAuditWord, prefix, prefix+"\U0010FFFF")
	}
	if stop != nil {
		l.whereAuditPlace(!s.Desc, stop, true)
	}
	l.scanAudit(s.Scan)
	return l
}

// hasAuditWord looks among the words of one entry: the list walks entries in
// their order.
const hasAuditWord = `EXISTS (SELECT 1 FROM audit_words AS w WHERE w.position = a.position AND w.word >= ? AND w.word < ?)`

// auditStop finds the last entry that a scan may look at, if there is one.
func auditStop(s backend.AuditScan) list {
	l := from("a.created_at, a.position", "audit_log AS a")
	l.whereAudit(s)
	walk := s.Walk
	s.Scan.Limit = 1
	l.scanAudit(s.Scan)
	l.SelectBuilder = l.Suffix("OFFSET ?", walk-1)
	return l
}

// scanAudit adds the order and the part of it that is wanted.
func (l *list) scanAudit(s backend.Scan) {
	direction := " ASC"
	if s.Desc {
		direction = " DESC"
	}
	l.SelectBuilder = l.OrderBy("a.created_at"+direction, "a.position"+direction).Suffix("LIMIT ?", s.Limit)
	if s.After != nil {
		l.whereAuditPlace(s.Desc, s.After, false)
	}
}

// whereAuditPlace keeps what stands before or beyond a place, or at it.
func (l *list) whereAuditPlace(before bool, k *storage.Keyset, at bool) {
	beyond := ">"
	if before {
		beyond = "<"
	}
	tie := beyond
	if at {
		tie += "="
	}
	l.where("a.created_at "+beyond+"= ?", k.Int)
	l.where("(a.created_at "+beyond+" ? OR a.position "+tie+" ?)", k.Int, backend.IDPosition(k.ID))
}

// whereAudit keeps what all conditions but the words select. All indexes are
// by creation behind one column; of several actions none leads to that order.
func (l *list) whereAudit(s backend.AuditScan) {
	if !s.Actor.IsZero() {
		l.where("a.actor_id = ?", s.Actor[:])
	}
	if s.TargetKind != "" {
		l.where("a.target_kind = ?", string(s.TargetKind))
	}
	if s.TargetID != "" {
		l.where("a.target_id = ?", s.TargetID)
	}
	if !s.Room.IsZero() {
		l.where("a.room_id = ?", s.Room[:])
	}
	switch len(s.Actions) {
	case 0:
	case 1:
		l.where("a.action = ?", s.Actions[0])
	default:
		l.SelectBuilder = l.Where(squirrel.Eq{"+a.action": s.Actions})
	}
	if !s.From.IsZero() {
		l.where("a.created_at >= ?", s.From)
	}
	if !s.To.IsZero() {
		l.where("a.created_at < ?", s.To)
	}
}

// CountAudit implements backend.AuditRows.
func (r *rows) CountAudit(_ context.Context, s backend.AuditScan) (int64, error) {
	return counted(r, auditCount(s))
}

func auditCount(s backend.AuditScan) list {
	l := from("count(*)", "audit_log AS a")
	l.whereAudit(s)
	l.wherePrefixes("a.position", "position FROM audit_words WHERE word >= ?", s.Prefixes)
	return l
}

const auditChainSQL = `SELECT` + auditColumns + `
FROM audit_log AS a
WHERE a.position >= ?
ORDER BY a.position
LIMIT ?`

// AuditChain implements backend.AuditRows. From the beginning means also what
// somebody has put before the first position.
func (r *rows) AuditChain(_ context.Context, after int64, limit int) (all []storage.AuditEntry, err error) {
	first := after + 1
	if after == 0 {
		first = math.MinInt64
	}
	all, err = r.audit(auditChainSQL, func(a *args) { a.int(first); a.int(int64(limit)) })
	if err != nil {
		return nil, err
	}
	return all, nil
}

const auditHeadSQL = `
SELECT position, hash, pruned_position, pruned_hash
FROM audit_head
WHERE one = 1`

// AuditHead implements backend.AuditRows.
func (r *rows) AuditHead(context.Context) (head storage.AuditHead, err error) {
	err = r.c.one(auditHeadSQL, nil, func(row *row) error {
		head = storage.AuditHead{Position: row.int(), Hash: row.hash(), PrunedPosition: row.int(), PrunedHash: row.hash()}
		if row.err != nil {
			row.err = badAudit("", row.err)
		}
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		err = badAudit("", errors.New("the head is gone"))
	}
	return head, err
}

const (
	auditTotalSQL = `
SELECT count(*)
FROM audit_log`
	newAuditSQL = `
SELECT count(*)
FROM audit_log
WHERE created_at BETWEEN ? AND ?`
	auditByActionSQL = `
SELECT action, count(*)
FROM audit_log
GROUP BY action`
	auditMostActiveSQL = `
SELECT actor_id, count(*)
FROM audit_log
WHERE actor_id IS NOT NULL
GROUP BY actor_id
ORDER BY count(*) DESC, actor_id
LIMIT ?`
)

// AuditStats implements backend.AuditRows.
func (r *rows) AuditStats(_ context.Context, now time.Time, top int) (s storage.AuditStats, err error) {
	s.ByAction = map[string]int64{}
	if err := r.snapshot(); err != nil {
		return s, err
	}
	err = r.c.one(auditTotalSQL, nil, func(row *row) error {
		s.Total = row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	if s.Recent, err = r.recent(newAuditSQL, now); err != nil {
		return s, err
	}
	err = r.c.query(auditByActionSQL, nil, func(row *row) error {
		s.ByAction[row.text()] = row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	err = r.c.query(auditMostActiveSQL, func(a *args) { a.int(int64(top)) }, func(row *row) error {
		s.MostActive = append(s.MostActive, storage.UserCount{UserID: row.id(), Count: row.int()})
		return nil
	})
	return s, err
}
