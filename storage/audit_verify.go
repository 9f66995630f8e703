package storage

import (
	"context"
	"errors"
	"strconv"
)

// auditBatch is how many entries VerifyAudit reads at once: some megabytes, if
// they are as long as may be.
const auditBatch = 200

// VerifyAudit walks the chain of the audit log, from where pruning left it to
// its end, and recomputes every hash and every seal that has its salt. The first
// entry that was changed, removed, reordered or inserted is ErrCorrupt with
// EntityAudit and the position as its ID; where entries are missing, it is the
// first position that is. A head that is gone or cannot be read is ErrCorrupt with
// EntityAudit alone.
//
// Who can write the database can also write a chain that is right, from some
// entry on. So let AuditHead be saved elsewhere, from time to time: a log that
// does not lead through the saved head is ErrCorrupt, and one that ends before
// it was cut off. Pruning beyond the saved position leaves nothing to compare
// it with. The zero head asks for nothing.
//
// What it cannot tell is whether fields were erased by EraseAudit, entries
// removed by PruneAudit, or the same done behind the store's back: let these two
// have entries of their own.
//
// Nor does it look at the words by which a Text finds entries. They are an index,
// which every version of the program may make in another way, and no part of the
// chain: where somebody has taken words away, such a query overlooks entries that
// are all there without it.
//
// Nothing is held up while it runs: over a Store it reads page by page, and
// entries that are appended, erased or pruned meanwhile are no error.
func VerifyAudit(ctx context.Context, r Reader, saved AuditHead) error {
	v := auditVerifier{r: r, saved: saved}
	return WithOp("verify audit", v.verify(ctx))
}

// auditVerifier is a walk along the chain.
type auditVerifier struct {
	r     Reader
	saved AuditHead
	head  AuditHead // what the store says

	at    int64     // the last position that was verified, or that was pruned
	hash  AuditHash // of the entry there
	exact bool      // read one by one: some entry cannot be read
}

// badAudit names the entry at a position.
func badAudit(position int64, what string) error {
	return &Error{Entity: EntityAudit, ID: strconv.FormatInt(position, 10), Kind: ErrCorrupt, Err: errors.New(what)}
}

func (v *auditVerifier) verify(ctx context.Context) error {
	if err := v.begin(ctx); err != nil {
		return err
	}
	for {
		page, err := v.page(ctx)
		if err != nil {
			return err
		}
		for i := range page {
			if err := v.next(ctx, &page[i]); err != nil {
				return err
			}
		}
		if len(page) == 0 {
			return v.end(ctx)
		}
	}
}

// begin goes to where pruning left the chain. The entries there are looked for
// from the very first position, where none must be.
func (v *auditVerifier) begin(ctx context.Context) (err error) {
	if v.head, err = v.r.AuditHead(ctx); err != nil {
		return err
	}
	h := v.head
	switch {
	case h.PrunedPosition < 0 || h.Position < h.PrunedPosition:
		return badAudit(h.Position+1, "the log is said to end before it begins")
	case h.Position < v.saved.Position:
		return badAudit(h.Position+1, "cut off before the saved head")
	case h.PrunedPosition < v.saved.PrunedPosition:
		return badAudit(h.PrunedPosition+1, "pruned by the saved head")
	}
	return v.cross(h.PrunedPosition, h.PrunedHash)
}

// cross goes on to a position, whose hash must be what is known of it.
func (v *auditVerifier) cross(at int64, hash AuditHash) error {
	v.at, v.hash = at, hash
	for _, known := range []struct {
		at   int64
		hash AuditHash
	}{
		{0, AuditHash{}},
		{v.saved.PrunedPosition, v.saved.PrunedHash},
		{v.saved.Position, v.saved.Hash},
		{v.head.PrunedPosition, v.head.PrunedHash},
		{v.head.Position, v.head.Hash},
	} {
		if known.at == at && known.hash != hash {
			return badAudit(at, "another hash than the head's")
		}
	}
	return nil
}

// page reads what follows. Where some of it cannot be read, what stands before
// that is read and verified first.
func (v *auditVerifier) page(ctx context.Context) ([]AuditEntry, error) {
	after, limit := v.at, auditBatch
	if after == v.head.PrunedPosition {
		after = 0
	}
	if v.exact {
		limit = 1
	}
	page, err := v.r.AuditChain(ctx, after, limit)
	if errors.Is(err, ErrCorrupt) && !v.exact {
		v.exact = true
		return v.page(ctx)
	}
	if errors.Is(err, ErrCorrupt) {
		return nil, unreadAudit(v.at+1, err)
	}
	return page, err
}

// unreadAudit names the entry that cannot be read, if the error does not.
func unreadAudit(position int64, err error) error {
	var e *Error
	if errors.As(err, &e) && e.Entity == EntityAudit && e.ID != "" {
		position, _ = strconv.ParseInt(e.ID, 10, 64)
	}
	return &Error{Entity: EntityAudit, ID: strconv.FormatInt(position, 10), Kind: ErrCorrupt, Err: err}
}

// next verifies the entry that follows.
func (v *auditVerifier) next(ctx context.Context, e *AuditEntry) error {
	if e.Position > v.at+1 {
		if err := v.pruned(ctx); err != nil {
			return err
		}
		if e.Position <= v.at {
			return nil // pruned since it was read
		}
	}
	switch {
	case e.Position > v.at+1:
		return badAudit(v.at+1, "missing")
	case e.Position < v.at+1:
		return badAudit(e.Position, "before the beginning, or out of order")
	case e.Prev != v.hash:
		return badAudit(e.Position, "does not follow the entry before")
	case !e.Actor.sealed():
		return badAudit(e.Position, "the actor is not what was sealed")
	case !e.Subject.sealed():
		return badAudit(e.Position, "the subject is not what was sealed")
	case e.ComputeHash() != e.Hash:
		return badAudit(e.Position, "not what was hashed")
	}
	return v.cross(e.Position, e.Hash)
}

// pruned goes on to where the log begins, if it begins later by now.
func (v *auditVerifier) pruned(ctx context.Context) error {
	head, err := v.r.AuditHead(ctx)
	if err != nil || head.PrunedPosition <= v.at {
		return err
	}
	v.head.PrunedPosition, v.head.PrunedHash = head.PrunedPosition, head.PrunedHash
	return v.cross(head.PrunedPosition, head.PrunedHash)
}

// end requires that the chain has come to where it has to, and no further.
func (v *auditVerifier) end(ctx context.Context) error {
	if v.at < v.head.Position {
		if err := v.pruned(ctx); err != nil {
			return err
		}
	}
	if v.at < v.head.Position {
		return badAudit(v.at+1, "missing at the end")
	}
	head, err := v.r.AuditHead(ctx)
	switch {
	case err != nil:
		return err
	case head.Position < v.at:
		return badAudit(head.Position+1, "beyond the head")
	case head.Position == v.at && head.Hash != v.hash:
		return badAudit(v.at, "another hash than the head's")
	}
	return nil
}
