package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var auditEraseCases = []testCase{
	{"who acted", testEraseActor},
	{"to whom it was done", testEraseSubject},
	{"both", testEraseBoth},
	{"nothing else", testEraseNothingElse},
	{"words", testEraseWords},
	{"in batches", testEraseBatches},
	{"users who are gone", testEraseGone},
	{"undone", testEraseUndone},
	{"erase refuses", testEraseRefused},
	{"prune", testPruneAudit},
	{"prune leaves no gap", testPruneAuditGap},
	{"prune in batches", testPruneAuditBatches},
	{"prune words", testPruneAuditWords},
	{"prune refuses", testPruneAuditRefused},
}

// erased erases, and requires how many entries that concerned.
func (f *fixture) erased(want int, user storage.UserID, limit int) {
	f.t.Helper()
	n, err := f.EraseAudit(f.ctx, user, limit)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "entries that were erased")
}

// prunedAudit prunes, and requires how many entries went.
func (f *fixture) prunedAudit(want int, before time.Time, limit int) {
	f.t.Helper()
	n, err := f.PruneAudit(f.ctx, before, limit)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "entries that were pruned")
}

func testEraseActor(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	e := f.audit(fullAudit(ann, bob, nowhere))
	head := f.auditHead()
	f.erased(1, ann, 0)
	sum := e.Actor.Seal.Sum
	e.Actor = storage.AuditActor{Seal: storage.AuditSeal{Sum: sum}}
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	require.Equal(t, []storage.AuditEntry{e}, list(f, f.AuditEntries, storage.AuditQuery{Actor: ann}))
	require.Equal(t, head, f.auditHead())
	f.verified(head)
	f.erased(0, ann, 0)
}

func testEraseSubject(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	e := f.audit(fullAudit(ann, bob, nowhere))
	head := f.auditHead()
	f.erased(1, bob, 0)
	sum := e.Subject.Seal.Sum
	e.Subject = storage.AuditSubject{Seal: storage.AuditSeal{Sum: sum}}
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	require.Equal(t, []storage.AuditEntry{e}, list(f, f.AuditEntries, storage.AuditQuery{TargetKind: storage.EntityUser, TargetID: bob.String()}))
	f.verified(head)
	f.erased(0, bob, 0)
	f.erased(1, ann, 0)
	e.Actor = e.Actor.Erased()
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	f.verified(head)
}

func testEraseBoth(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	e := f.audit(fullAudit(ann, ann, nowhere))
	f.erased(1, ann, 0)
	e.Actor, e.Subject = e.Actor.Erased(), e.Subject.Erased()
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	f.verified(f.auditHead())
}

// What is about something else, though it has the user's identifier, stays.
func testEraseNothingElse(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	f.audit(fullAudit(ann, cid, nowhere))
	other := fullAudit(ann, bob, nowhere)
	other.TargetKind = storage.EntityRoom
	f.audit(other)
	other.TargetKind = ""
	f.audit(other)
	f.audit(storage.AuditEntry{Action: "user.ban", RoomID: storage.RoomID(bob)})
	before := f.chain()
	f.erased(0, bob, 0)
	f.erased(0, nobody, 0)
	require.Equal(t, before, f.chain())
	f.erased(1, cid, 0)
	require.Equal(t, before[1:], f.chain()[1:])
}

func testEraseWords(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.audit(fullAudit(ann, bob, nowhere))
	other := f.audit(fullAudit(bob, bob, nowhere))
	found := func(text string) int {
		n, err := f.CountAudit(f.ctx, storage.AuditQuery{Text: text})
		require.NoError(t, err)
		items := list(f, f.AuditEntries, storage.AuditQuery{Text: text})
		require.Len(t, items, int(n), text)
		return int(n)
	}
	require.Equal(t, 2, found("example spam"))
	f.erased(1, ann, 0)
	require.Equal(t, 1, found("example"))
	require.Equal(t, 1, found("Example Sample spam"))
	require.Equal(t, []storage.AuditEntry{other}, list(f, f.AuditEntries, storage.AuditQuery{Text: "ann"}))
	require.Equal(t, 2, found("sample ban"))
	f.erased(2, bob, 0)
	for _, text := range []string{"example", "ann", "sample", "spam", "exam"} {
		require.Zero(t, found(text), text)
	}
	require.Equal(t, 2, found("ban"), "what was done is still found")
}

func testEraseBatches(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	for range 3 {
		f.audit(fullAudit(ann, bob, nowhere))
		f.audit(fullAudit(bob, ann, nowhere))
		f.audit(fullAudit(ann, ann, nowhere))
	}
	head := f.auditHead()
	for done := 0; done < 9; done += 2 {
		f.erased(min(2, 9-done), ann, 2)
		for i, e := range f.chain() {
			gone := i < done+2
			require.Equal(t, gone && e.ActorID == ann, e.Actor.Seal.Salt == nil, "actor of %d", e.Position)
			require.Equal(t, gone && e.TargetID == ann.String(), e.Subject.Seal.Salt == nil, "subject of %d", e.Position)
		}
		f.verified(head)
	}
	f.erased(0, ann, 2)
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.DefaultLimit + 1 {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x", ActorID: ann}))
		}
	})
	f.erased(storage.DefaultLimit, ann, 0)
	f.erased(1, ann, 1<<40)
}

func testEraseGone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.audit(fullAudit(ann, bob, nowhere))
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	f.erased(1, ann, 0)
	f.erased(1, bob, 0)
	f.verified(f.auditHead())
}

func testEraseUndone(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.audit(fullAudit(ann, ann, nowhere))
	f.audit(fullAudit(ann, ann, nowhere))
	before := f.dump()
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.EraseAudit(ctx, ann, 1)
		require.NoError(t, err)
		_, err = tx.PruneAudit(ctx, tx.Now().Add(time.Hour), 1)
		require.NoError(t, err)
		require.NoError(t, storage.VerifyAudit(ctx, tx, storage.AuditHead{}))
		return errUndo
	}), errUndo)
	require.Equal(t, before, f.dump())
	require.Len(t, list(f, f.AuditEntries, storage.AuditQuery{Text: "ann"}), 2)
	f.erased(2, ann, 0)
}

func testEraseRefused(t *testing.T, f *fixture) {
	f.audit(fullAudit(nobody, nobody, nowhere))
	f.refused(t, func() error { _, err := f.EraseAudit(f.ctx, storage.UserID{}, 0); return err }, storage.ErrInvalid, "user")
	f.refused(t, func() error { _, err := f.EraseAudit(f.ctx, nobody, -1); return err }, storage.ErrInvalid, "Limit")
}

func testPruneAudit(t *testing.T, f *fixture) {
	begin := f.now()
	for range 4 {
		f.audit(fullAudit(nobody, nobody, nowhere))
		f.clock.advance(time.Minute)
	}
	all, saved := f.chain(), f.auditHead()
	f.prunedAudit(0, begin, 0)
	f.prunedAudit(1, begin.Add(1), 0)
	require.Equal(t, all[1:], f.chain())
	f.prunedAudit(0, begin.Add(time.Minute), 0)
	f.prunedAudit(2, begin.Add(2*time.Minute+time.Microsecond), 0)
	require.Equal(t, all[3:], f.chain())
	f.verified(saved)
	f.verified(f.auditHead())
	again := storage.AuditEntry{ID: all[0].ID, Action: "x"}
	f.audit(again)
	f.prunedAudit(2, time.Date(20000, 1, 1, 0, 0, 0, 0, time.UTC), 0)
	require.Empty(t, f.chain())
	require.Empty(t, list(f, f.AuditEntries, storage.AuditQuery{}))
	f.verified(saved)
	f.verified(f.auditHead())
	f.prunedAudit(0, f.now(), 0)
}

// Where clocks went back, an entry that is to stay keeps older ones behind it.
func testPruneAuditGap(t *testing.T, f *fixture) {
	begin := f.now()
	f.audit(storage.AuditEntry{Action: "old"})
	f.clock.advance(time.Hour)
	f.audit(storage.AuditEntry{Action: "late"})
	f.clock.advance(-time.Hour)
	f.audit(storage.AuditEntry{Action: "old, too"})
	all := f.chain()
	f.prunedAudit(1, begin.Add(time.Minute), 0)
	require.Equal(t, all[1:], f.chain())
	f.prunedAudit(0, begin.Add(time.Minute), 0)
	f.verified(storage.AuditHead{})
	f.prunedAudit(2, begin.Add(2*time.Hour), 0)
	f.verified(storage.AuditHead{})
}

func testPruneAuditBatches(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + storage.DefaultLimit + 3 {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x"}))
		}
	})
	f.clock.advance(time.Minute)
	saved := f.auditHead()
	f.prunedAudit(storage.DefaultLimit, f.now(), 0)
	f.prunedAudit(1, f.now(), 1)
	f.prunedAudit(storage.MaxLimit, f.now(), 1<<40)
	require.Len(t, f.chain(), 2)
	f.verified(saved)
	f.prunedAudit(2, f.now(), 3)
}

func testPruneAuditWords(t *testing.T, f *fixture) {
	f.audit(fullAudit(nobody, nobody, nowhere))
	f.clock.advance(time.Minute)
	kept := f.audit(fullAudit(nobody, nobody, nowhere))
	f.prunedAudit(1, f.now(), 0)
	require.Equal(t, []storage.AuditEntry{kept}, list(f, f.AuditEntries, storage.AuditQuery{Text: "spam"}))
	n, err := f.CountAudit(f.ctx, storage.AuditQuery{Text: "spam"})
	require.NoError(t, err)
	require.Equal(t, int64(1), n)
}

func testPruneAuditRefused(t *testing.T, f *fixture) {
	f.audit(storage.AuditEntry{Action: "x"})
	f.clock.advance(time.Hour)
	for _, c := range []struct {
		field  string
		before time.Time
		limit  int
	}{{"before", time.Time{}, 1}, {"before", time.Time{}.Add(-time.Hour), 1}, {"Limit", f.now(), -1}} {
		f.refused(t, func() error { _, err := f.PruneAudit(f.ctx, c.before, c.limit); return err }, storage.ErrInvalid, c.field)
	}
}
