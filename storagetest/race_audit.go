package storagetest

// Races of the audit log.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// auditRacer is one of those who write to the log at once, and what it did.
type auditRacer struct {
	*fixture
	user      storage.UserID
	positions []int64 // of its entries that were committed
	pruned    int
}

// All that there is to do with the log at once: what was committed stands in it,
// without a gap, and it verifies at any time.
func testRaceAudit(t *testing.T, f *fixture) {
	writers := make([]auditRacer, racers)
	for _, err := range race(racers+2, func(i int) error {
		if i >= racers {
			return f.verifyOften()
		}
		r := &writers[i]
		*r = auditRacer{fixture: f, user: id[storage.User](byte(i + 1))}
		for n := range 2 * rounds {
			if err := errors.Join(r.append(n%3 == 1), r.appendOne(), r.shorten(n)); err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	var all []int64
	pruned := 0
	for _, r := range writers {
		require.IsIncreasing(t, r.positions, "positions of one writer's entries")
		all, pruned = append(all, r.positions...), pruned+r.pruned
	}
	slices.Sort(all)
	for i, position := range all {
		require.EqualValues(t, i+1, position, "positions in order")
	}
	head := f.auditHead()
	require.EqualValues(t, len(all), head.Position, "nothing stands behind what was committed")
	require.EqualValues(t, pruned, head.PrunedPosition, "each is pruned once")
	n, err := f.CountAudit(f.ctx, storage.AuditQuery{})
	require.NoError(t, err)
	require.EqualValues(t, len(all)-pruned, n)
	f.verified(head)
}

// append appends two entries in one transaction, and one that fails between
// them, and takes all of it back if it is told to.
func (r *auditRacer) append(undo bool) error {
	var own []int64
	err := r.Update(r.ctx, func(ctx context.Context, tx storage.Tx) error {
		first := storage.AuditEntry{Action: "first", ActorID: r.user, Actor: storage.AuditActor{Name: "ann"}}
		if err := tx.AppendAudit(ctx, &first); err != nil {
			return err
		}
		if err := tx.AppendAudit(ctx, &storage.AuditEntry{ID: first.ID, Action: "again"}); !errors.Is(err, storage.ErrDuplicate) {
			return fmt.Errorf("an ID that is taken: %v", err)
		}
		second := storage.AuditEntry{Action: "second", TargetKind: storage.EntityUser, TargetID: r.user.String(), Subject: storage.AuditSubject{Detail: "spam"}}
		if err := tx.AppendAudit(ctx, &second); err != nil {
			return err
		}
		if second.Prev != first.Hash || second.Position != first.Position+1 {
			return fmt.Errorf("%d does not follow %d", second.Position, first.Position)
		}
		own = []int64{first.Position, second.Position}
		if undo {
			return errUndo
		}
		return nil
	})
	if undo && errors.Is(err, errUndo) {
		return nil
	}
	r.positions = append(r.positions, own...)
	return err
}

// appendOne appends an entry on its own, and one that fails.
func (r *auditRacer) appendOne() error {
	e := storage.AuditEntry{Action: "one", ActorID: r.user}
	if err := r.AppendAudit(r.ctx, &e); err != nil {
		return err
	}
	r.positions = append(r.positions, e.Position)
	if err := r.AppendAudit(r.ctx, &storage.AuditEntry{Action: "none", TargetKind: storage.EntityUser}); !errors.Is(err, storage.ErrInvalid) {
		return fmt.Errorf("a user without an identifier: %v", err)
	}
	return nil
}

// shorten erases what entries tell about the racer, and prunes some, now and then.
func (r *auditRacer) shorten(round int) error {
	switch round % 4 {
	case 1:
		_, err := r.EraseAudit(r.ctx, r.user, 3)
		return err
	case 2:
		n, err := r.PruneAudit(r.ctx, r.now().Add(time.Hour), 5)
		r.pruned += n
		return err
	}
	return nil
}

// verifyOften verifies the log against the head that it had the time before.
func (f *fixture) verifyOften() error {
	var saved storage.AuditHead
	for range 2 * rounds {
		if err := storage.VerifyAudit(f.ctx, f, saved); err != nil {
			return err
		}
		var err error
		if saved, err = f.AuditHead(f.ctx); err != nil {
			return err
		}
	}
	return nil
}
