package sqlite

// How a search reads the index, and when it has read enough.

import (
	"context"
	"errors"
	"math"
	"time"
)

const (
	matchSQL = `
SELECT rowid
FROM messages_fts
WHERE messages_fts MATCH ?
AND rowid >= ?
AND rowid < ?`
	matchNewestSQL = matchSQL + `
ORDER BY rowid DESC`
	matchOldestSQL = matchSQL + `
ORDER BY rowid`
	// The better it fits, the lower is bm25
	// (https://sqlite.org/fts5.html#the_bm25_function).
	matchRankedSQL = `
SELECT rowid, -bm25(messages_fts)
FROM messages_fts
WHERE messages_fts MATCH ?
AND rowid >= ?
AND rowid < ?
ORDER BY rowid DESC`
)

// maxSearchTime is how long a search goes on from mark to mark. Tests that are no
// benchmarks make it long.
var maxSearchTime = 10 * time.Millisecond

// startStopwatch returns what tells the time since then. It is monotonic.
func startStopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// maxMissed is how many messages a search by the words of a phrase looks at in
// vain: where they are together often, FTS5 compares their places more quickly.
const maxMissed = 16

// errMissed ends a walk that finds too much that does not match.
var errMissed = errors.New("too much that does not match")

// walkIndex reads posting lists, and those messages that are in the right
// rooms by their rowid.
func (f *finder) walkIndex(ctx context.Context) error {
	x, own, err := f.r.answering()
	if err != nil {
		return err
	}
	f.doubtful = !own
	table := x.table()
	if f.s.Ranked {
		return f.read(ctx, table.ranked, formExact)
	}
	sql := table.oldest
	if f.s.Desc {
		sql = table.newest
	}
	if !f.intersects() {
		return f.read(ctx, sql, formExact)
	}
	if f.hasPhrase() {
		if err := f.read(ctx, sql, formLoose); !errors.Is(err, errMissed) {
			return err
		}
	}
	return f.read(ctx, sql, formMarked)
}

// read asks the index in one form, and goes on from where the search is.
func (f *finder) read(ctx context.Context, sql string, form form) error {
	f.form, f.missed = form, 0
	match := f.expression()
	low, high := f.bounds()
	bind := func(a *args) {
		a.text(match)
		a.int(low)
		a.int(high)
	}
	return f.r.c.query(sql, bind, func(row *row) error {
		if f.tired() {
			return f.stop()
		}
		return f.take(ctx, row)
	})
}

// bounds returns the rowids among which the search goes on: from low, below high.
func (f *finder) bounds() (low, high int64) {
	after := f.s.After
	if f.last != 0 {
		after = f.last
	}
	switch {
	case !f.s.Desc:
		return (after + 1) << roomBits, math.MaxInt64
	case after > 0:
		return 0, after << roomBits
	}
	return 0, math.MaxInt64
}

// take deals with a row of the index. Between two marks FTS5 may have come a long
// way within one step.
func (f *finder) take(ctx context.Context, row *row) error {
	rowid := row.int()
	f.last = rowid >> roomBits
	mark := f.form != formExact && isMark(f.last)
	if f.walked++; mark || f.walked-f.checked >= checkEvery {
		if f.checked = f.walked; ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if _, ok := f.low[rowid&roomMask]; ok || f.low == nil {
		if err := f.inspect(ctx, row); err != nil {
			return err
		}
	}
	if mark && f.late() {
		return f.stop()
	}
	return nil
}

// inspect looks at the message of a row.
func (f *finder) inspect(ctx context.Context, row *row) error {
	f.walked += lookCost
	kept := len(f.positions)
	err := f.look(ctx, f.last)
	if f.s.Ranked && len(f.positions) > kept {
		f.scores = append(f.scores, row.float())
	}
	if err == nil && f.form == formLoose && f.missed >= maxMissed {
		return errMissed
	}
	return err
}

// tired reports whether the walk has become long.
func (f *finder) tired() bool { return f.walked >= maxWalk && !f.s.Whole }

// late reports whether it has taken long.
func (f *finder) late() bool {
	return !f.s.Whole && f.elapsed != nil && f.elapsed() >= maxSearchTime
}

// stop ends the walk, which can go on behind the last position.
func (f *finder) stop() error {
	f.stopped = true
	return errEnough
}
