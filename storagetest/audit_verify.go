package storagetest

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var auditVerifyCases = []testCase{
	{"no entry", testVerifyEmpty},
	{"many entries", testVerifyMany},
	{"against saved heads", testVerifySaved},
	{"against other heads", testVerifyOther},
	{"within a snapshot and a transaction", testVerifyInside},
	{"what was tampered with", testVerifyTampered},
	{"what cannot be read", testVerifyUnreadable},
	{"while it is pruned", testVerifyPruned},
	{"other errors", testVerifyErrors},
}

// verified requires that the log verifies against a head.
func (f *fixture) verified(saved storage.AuditHead) {
	f.t.Helper()
	require.NoError(f.t, storage.VerifyAudit(f.ctx, f, saved))
}

// wantBadAudit requires an error that names an entry.
func wantBadAudit(t *testing.T, err error, position int64, what string) {
	t.Helper()
	require.ErrorIs(t, err, storage.ErrCorrupt, what)
	e := wantErr(t, err, storage.ErrCorrupt)
	require.Equal(t, storage.EntityAudit, e.Entity, what)
	require.Equal(t, strconv.FormatInt(position, 10), e.ID, "%s: %s", what, err)
	require.Equal(t, "verify audit", e.Op, what)
}

func testVerifyEmpty(t *testing.T, f *fixture) {
	f.verified(storage.AuditHead{})
	err := storage.VerifyAudit(f.ctx, f, storage.AuditHead{Position: 1, Hash: storage.AuditHash{1}})
	wantBadAudit(t, err, 1, "all of it was cut off")
}

func testVerifyMany(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range 401 {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x", Actor: storage.AuditActor{Name: "ann"}}))
		}
	})
	f.verified(f.auditHead())
	f.clock.advance(time.Minute)
	f.prunedAudit(201, f.now(), 201)
	f.verified(f.auditHead())
}

// auditLog appends some entries, and returns the heads on the way, the empty
// one first.
func (f *fixture) auditLog(n int) (heads []storage.AuditHead) {
	f.t.Helper()
	heads = append(heads, f.auditHead())
	for range n {
		f.audit(fullAudit(id[storage.User](1), id[storage.User](2), nowhere))
		f.clock.advance(time.Minute)
		heads = append(heads, f.auditHead())
	}
	return heads
}

func testVerifySaved(t *testing.T, f *fixture) {
	heads := f.auditLog(7)
	for range 3 {
		for _, head := range heads {
			f.verified(head)
		}
		f.prunedAudit(2, f.now(), 2)
		heads = append(heads, f.auditHead())
		f.audit(storage.AuditEntry{Action: "x"})
		f.erased(1, id[storage.User](1), 1)
	}
}

func testVerifyOther(t *testing.T, f *fixture) {
	heads := f.auditLog(5)
	f.prunedAudit(2, f.now(), 2)
	pruned := f.auditHead()
	wrong := storage.AuditHash{1}
	for _, c := range []struct {
		what string
		head storage.AuditHead
		at   int64
	}{
		{"another hash", storage.AuditHead{Position: 4, Hash: wrong}, 4},
		{"another hash at the end", storage.AuditHead{Position: 5, Hash: heads[4].Hash}, 5},
		{"another hash where it begins", storage.AuditHead{Position: 2, Hash: wrong}, 2},
		{"an end that is not there", storage.AuditHead{Position: 7, Hash: wrong}, 6},
		{"a hash before the first", storage.AuditHead{Hash: wrong}, 0},
		{"another pruned hash", storage.AuditHead{Position: 5, Hash: pruned.Hash, PrunedPosition: 2, PrunedHash: wrong}, 2},
		{"more was pruned", storage.AuditHead{Position: 5, Hash: pruned.Hash, PrunedPosition: 3, PrunedHash: heads[3].Hash}, 3},
	} {
		if c.at == 0 { // which pruning has gone beyond
			f.verified(c.head)
			continue
		}
		wantBadAudit(t, storage.VerifyAudit(f.ctx, f, c.head), c.at, c.what)
	}
	require.NoError(t, storage.VerifyAudit(f.ctx, f, heads[1]), "pruning has gone beyond it")
}

func testVerifyInside(t *testing.T, f *fixture) {
	heads := f.auditLog(3)
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		return storage.VerifyAudit(ctx, r, heads[3])
	}))
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x"}))
		require.NoError(t, storage.VerifyAudit(ctx, tx, heads[3]))
		_, err := tx.PruneAudit(ctx, tx.Now(), 2)
		require.NoError(t, err)
		return storage.VerifyAudit(ctx, tx, heads[3])
	}))
}

// forger is a Reader of a log that somebody has written into.
type forger struct {
	storage.Reader
	chain []storage.AuditEntry
	head  storage.AuditHead
	fail  int64 // the entry at this position cannot be read
	named bool  // the error says which one
	after func()
}

func (r *forger) AuditHead(context.Context) (storage.AuditHead, error) { return r.head, nil }

func (r *forger) AuditChain(_ context.Context, after int64, limit int) (page []storage.AuditEntry, err error) {
	for _, e := range r.chain {
		if after > 0 && e.Position <= after || len(page) == limit {
			continue
		}
		if r.fail != 0 && e.Position == r.fail {
			e := &storage.Error{Op: "read audit chain", Kind: storage.ErrCorrupt}
			if r.named {
				e.Entity, e.ID = storage.EntityAudit, strconv.FormatInt(r.fail, 10)
			}
			return nil, e
		}
		page = append(page, e)
	}
	if r.after != nil {
		r.after()
	}
	return page, nil
}

// forge returns a reader of what a change makes of the log.
func (f *fixture) forge(change func(r *forger)) *forger {
	r := &forger{Reader: f, chain: f.chain(), head: f.auditHead()}
	change(r)
	return r
}

func testVerifyUnreadable(t *testing.T, f *fixture) {
	f.auditLog(6)
	for _, named := range []bool{false, true} {
		r := f.forge(func(r *forger) { r.fail, r.named = 4, named })
		wantBadAudit(t, storage.VerifyAudit(f.ctx, r, storage.AuditHead{}), 4, "unreadable")
		r.chain[1].Action = "forged"
		wantBadAudit(t, storage.VerifyAudit(f.ctx, r, storage.AuditHead{}), 2, "the first that is bad")
	}
}

func testVerifyPruned(t *testing.T, f *fixture) {
	f.auditLog(500)
	saved, all := f.auditHead(), f.chain()
	for _, gone := range []int{1, 199, 200, 201, 499, 500} {
		times := 0
		r := f.forge(func(r *forger) {
			r.after = func() {
				if times++; times == 1 {
					r.chain = all[gone:]
					r.head.PrunedPosition, r.head.PrunedHash = all[gone-1].Position, all[gone-1].Hash
				}
			}
		})
		require.NoError(t, storage.VerifyAudit(f.ctx, r, saved), "%d entries pruned after the first page", gone)
	}
	r := f.forge(func(r *forger) { r.after = func() { r.chain = all[300:] } })
	wantBadAudit(t, storage.VerifyAudit(f.ctx, r, saved), 201, "removed, not pruned")
}

func testVerifyErrors(t *testing.T, f *fixture) {
	f.auditLog(2)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	err := storage.VerifyAudit(ctx, f, storage.AuditHead{})
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, errors.Is(err, storage.ErrCorrupt))
	require.NoError(t, f.Close())
	wantErr(t, storage.VerifyAudit(f.ctx, f, storage.AuditHead{}), storage.ErrClosed)
}
