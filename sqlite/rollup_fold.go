package sqlite

import (
	"context"
	"errors"
	"math"

	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

const maxKey = math.MaxInt64

// Tests that are no benchmarks make both small.
var (
	// foldFrom is how many deltas make the log long: the more, the fewer cells
	// are written for each; but every statistic reads them.
	foldFrom int64 = 8192

	// foldCells is how many cells a group folds.
	foldCells = 400
)

// foldPlan is what the sealed part of the log means to the cells: it is the same
// whoever makes it.
type foldPlan struct {
	sealed int64
	*rollup.Plan
	fresh bool // made in this transaction, which may come to nothing
}

const (
	// foldEach is how many cells are folded for each delta of a group, at least:
	// a delta is in seven, so that the log does not grow while many come at once.
	foldEach = 8

	// foldKind is how many cells it is worth to begin with another kind.
	foldKind = 50
)

// fold goes on folding the log, if it is long. The length is not looked up in
// each group: each process counts what it has added itself.
func (r *rows) fold() error {
	added := len(r.pending.deltas)
	if r.shared.unfolded.Add(int64(added)) < foldFrom {
		return nil
	}
	for budget := max(foldCells, foldEach*added); budget > 0; {
		cells, more, err := r.foldPart(budget)
		if err != nil {
			return err
		}
		if !more {
			r.shared.unfolded.Store(0)
			return nil
		}
		budget -= cells + foldKind
	}
	return nil
}

const (
	lengthSQL = `
SELECT ifnull(sum(count), 0)
FROM rollup_log`
	sealSQL = `
UPDATE rollup_fold
SET sealed = ?, kind = ?, period = ?, a = ?, b = ?
WHERE one = 1`
	markSQL = `
UPDATE rollup_fold
SET kind = ?, period = ?, a = ?, b = ?
WHERE one = 1`
)

// foldPart folds a part of the log into so many cells, and reports how many those
// were, and whether there may be more to fold.
func (r *rows) foldPart(most int) (cells int, more bool, err error) {
	f, err := r.folding()
	if err != nil {
		return 0, false, err
	}
	if !f.open {
		if f, err = r.seal(f.sealed); err != nil || !f.open {
			return 0, false, err
		}
	}
	if r.plan == nil || r.plan.sealed != f.sealed {
		all, err := r.logged(0, f.sealed, rollup.Of{})
		if err != nil {
			return 0, false, err
		}
		r.plan = &foldPlan{f.sealed, rollup.NewPlan(all), true}
	}
	cells, next, err := r.plan.Fold(r.cells(), f.mark, most)
	switch {
	case err != nil:
		return cells, false, err
	case next == rollup.Key{}:
		return cells, true, r.folded(f.sealed)
	}
	return cells, true, r.c.exec(markSQL, func(a *args) { a.cell(next) })
}

const sealUpToSQL = `
SELECT key, count
FROM rollup_log
WHERE key > ?
ORDER BY key`

// seal picks the rows that are folded next: enough that it is worth it, and no
// more than can be kept in memory.
func (r *rows) seal(after int64) (f folding, err error) {
	var length int64
	err = r.c.query(sealUpToSQL, func(a *args) { a.int(after) }, func(row *row) error {
		if length < maxSealed {
			f.sealed = row.int()
			length += row.int()
			return nil
		}
		return errSettled
	})
	if err != nil && !errors.Is(err, errSettled) || length < foldFrom {
		return folding{}, err
	}
	f.open, f.mark = true, rollup.Start
	return f, r.c.exec(sealSQL, func(a *args) {
		a.int(f.sealed)
		a.cell(f.mark)
	})
}

// maxSealed is how many deltas are folded at a time where very many wait, as
// they do after a migration.
const maxSealed = 1 << 16

var errSettled = errors.New("enough rows")

var foldedSQL = []string{
	`DELETE FROM rollup_log
WHERE key < ?`,
	`UPDATE rollup_log
SET deltas = x'', count = 0
WHERE key = ?`,
	`UPDATE rollup_fold
SET sealed = ?, kind = NULL, period = NULL, a = NULL, b = NULL
WHERE one = 1`,
}

// folded notes that the log is in all cells up to a row.
func (r *rows) folded(sealed int64) error {
	r.plan = nil
	for _, sql := range foldedSQL {
		if err := r.c.exec(sql, func(a *args) { a.int(sealed) }); err != nil {
			return err
		}
	}
	return nil
}

// logLength returns how many deltas are in no cell.
func (e *engine) logLength(ctx context.Context) (n int64, err error) {
	err = e.Read(ctx, func(r backend.Rows) error {
		return r.(*rows).c.one(lengthSQL, nil, func(row *row) error {
			n = row.int()
			return nil
		})
	})
	return n, err
}

// foldCellsAlone is foldCells while nobody else writes.
const foldCellsAlone = 20_000

// foldLog notes how long the log is that others have left. What a migration has
// left is folded at once.
func (e *engine) foldLog(ctx context.Context) error {
	if e.writer == nil {
		return nil
	}
	length, err := e.logLength(ctx)
	e.shared.unfolded.Store(length)
	for more := length > maxSealed; more && err == nil; {
		_, err = e.Write(ctx, func(r backend.Rows) (err error) {
			_, more, err = r.(*rows).foldPart(foldCellsAlone)
			return err
		})
	}
	return err
}
