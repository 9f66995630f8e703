package backend

import (
	"context"
	"math"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// auditWalk is how many entries a page looks at for a text: so many take some
// milliseconds.
const auditWalk = 4000

// AuditEntries implements storage.AuditReader.
func (r Reader) AuditEntries(ctx context.Context, q storage.AuditQuery) (storage.Page[storage.AuditEntry], error) {
	var p *pager
	var s AuditScan
	check := func() (err error) {
		if s, err = auditScan(q); err != nil {
			return err
		}
		p, err = newPager(s.AuditQuery, q.Limit, q.Cursor)
		return err
	}
	var stop *storage.Keyset
	rows, err := readList(ctx, r.in, "list audit entries", check, func(rows Rows) (found []storage.AuditEntry, err error) {
		s.Scan, s.Walk = p.scan(!q.OldestFirst), auditWalk
		if hopeless(q.Text, s.Prefixes) {
			return nil, nil
		}
		found, stop, err = rows.AuditEntries(ctx, s)
		return found, err
	})
	if err != nil {
		return storage.Page[storage.AuditEntry]{}, err
	}
	place := func(e storage.AuditEntry) storage.Keyset { return AuditPlace(&e) }
	items, before, after := cut(p, rows)
	if stop != nil && len(rows) <= p.limit {
		return stopped(p, items, *stop, place)
	}
	return edges(p, items, before, after, place)
}

// auditScan checks a query.
func auditScan(q storage.AuditQuery) (AuditScan, error) {
	if err := q.Validate(); err != nil {
		return AuditScan{}, err
	}
	prefixes := search.Prefixes(q.Text)
	if len(prefixes) > storage.MaxAuditWords {
		return AuditScan{}, storage.Invalid("Text", "too many words")
	}
	q.Limit, q.Cursor, q.Actions = 0, "", noneIfEmpty(q.Actions)
	q.From, q.To = ceilTime(q.From), ceilTime(q.To)
	return AuditScan{AuditQuery: q, Prefixes: prefixes}, nil
}

// CountAudit implements storage.AuditReader.
func (r Reader) CountAudit(ctx context.Context, q storage.AuditQuery) (int64, error) {
	var s AuditScan
	check := func() (err error) { s, err = auditScan(q); return err }
	return readOne(ctx, r.in, "count audit entries", check, func(rows Rows) (int64, error) {
		if hopeless(q.Text, s.Prefixes) {
			return 0, nil
		}
		return rows.CountAudit(ctx, s)
	})
}

// AuditChain implements storage.AuditReader.
func (r Reader) AuditChain(ctx context.Context, after int64, limit int) ([]storage.AuditEntry, error) {
	check := func() (err error) {
		if after < 0 {
			return storage.Invalid("after", "negative")
		}
		limit, err = storage.Limit(limit)
		return err
	}
	return readList(ctx, r.in, "read audit chain", check, func(rows Rows) ([]storage.AuditEntry, error) {
		if after == math.MaxInt64 { // rows may look from the next one on
			return nil, nil
		}
		return rows.AuditChain(ctx, after, limit)
	})
}

// AuditHead implements storage.AuditReader.
func (r Reader) AuditHead(ctx context.Context) (storage.AuditHead, error) {
	return readOne(ctx, r.in, "read head of audit log", unchecked, func(rows Rows) (storage.AuditHead, error) {
		return rows.AuditHead(ctx)
	})
}

// AuditStats implements storage.AuditReader.
func (r Reader) AuditStats(ctx context.Context, q storage.StatsQuery) (storage.AuditStats, error) {
	return readOne(ctx, r.in, "read audit statistics", q.Validate, func(rows Rows) (storage.AuditStats, error) {
		top := min(q.Top, storage.MaxTop)
		if top == 0 {
			top = storage.DefaultTop
		}
		return rows.AuditStats(ctx, r.now(), top)
	})
}

// auditRow prepares an entry for storing. Of what was erased no words are left.
// The parts of an action are words, and so is all of it.
func auditRow(e storage.AuditEntry) *AuditRow {
	parts := strings.ReplaceAll(e.Action, ".", " ")
	words := search.Words(strings.Join([]string{e.Action, parts, e.Actor.Name, e.Subject.TargetName, e.Subject.Detail}, " "))
	return &AuditRow{AuditEntry: e, Words: words}
}
