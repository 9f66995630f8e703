package storagetest_test

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// auditWriter is a writer of which some calls are others. Those that are nil
// are the good ones.
type auditWriter struct {
	storage.ReadWriter
	auditWrites
}

type auditWrites struct {
	add   func(ctx context.Context, w storage.ReadWriter, e *storage.AuditEntry) error
	erase func(ctx context.Context, w storage.ReadWriter, user storage.UserID, limit int) (int, error)
	prune func(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error)
}

func (c auditWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return auditWriter{w, c} })
}

func (w auditWriter) AppendAudit(ctx context.Context, e *storage.AuditEntry) error {
	if w.add == nil {
		return w.ReadWriter.AppendAudit(ctx, e)
	}
	return w.add(ctx, w.ReadWriter, e)
}

func (w auditWriter) EraseAudit(ctx context.Context, user storage.UserID, limit int) (int, error) {
	if w.erase == nil {
		return w.ReadWriter.EraseAudit(ctx, user, limit)
	}
	return w.erase(ctx, w.ReadWriter, user, limit)
}

func (w auditWriter) PruneAudit(ctx context.Context, before time.Time, limit int) (int, error) {
	if w.prune == nil {
		return w.ReadWriter.PruneAudit(ctx, before, limit)
	}
	return w.prune(ctx, w.ReadWriter, before, limit)
}

// auditReader is a reader that changes queries and records on their way.
type auditReader struct {
	storage.Reader
	auditReads
}

type auditReads struct {
	only    string // the method that changes records; both if it is empty
	entry   func(*storage.AuditEntry)
	query   func(*storage.AuditQuery) // of AuditEntries
	counted func(*storage.AuditQuery) // of CountAudit
	head    func(*storage.AuditHead)
	stats   func(*storage.AuditStats)
}

func (c auditReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return auditReader{r, c} })
}

func (r auditReader) change(method string) func(*storage.AuditEntry) {
	if r.only != "" && r.only != method {
		return nil
	}
	return r.entry
}

func (r auditReader) AuditEntries(ctx context.Context, q storage.AuditQuery) (storage.Page[storage.AuditEntry], error) {
	p, err := r.Reader.AuditEntries(ctx, asked(r.query, true, q))
	return applyPage(r.change("AuditEntries"), p, err)
}

func (r auditReader) CountAudit(ctx context.Context, q storage.AuditQuery) (int64, error) {
	return r.Reader.CountAudit(ctx, asked(r.counted, true, q))
}

func (r auditReader) AuditChain(ctx context.Context, after int64, limit int) ([]storage.AuditEntry, error) {
	all, err := r.Reader.AuditChain(ctx, after, limit)
	return applyAll(r.change("AuditChain"), all, err)
}

func (r auditReader) AuditHead(ctx context.Context) (storage.AuditHead, error) {
	head, err := r.Reader.AuditHead(ctx)
	return apply(r.head, head, err)
}

func (r auditReader) AuditStats(ctx context.Context, q storage.StatsQuery) (storage.AuditStats, error) {
	s, err := r.Reader.AuditStats(ctx, q)
	return apply(r.stats, s, err)
}
