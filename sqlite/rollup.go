package sqlite

// Rollups: the cells that statistics are read from, and the log of what is in no
// cell yet. A commit group adds one row to the log, which costs its messages next
// to nothing; when the log is long, groups fold it into the cells, each a part
// that takes a few milliseconds. How far that came is stored, so whoever writes
// next goes on, in this process or in another.

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// cellTable is the table of the cells.
type cellTable struct{ c *conn }

var _ rollup.Table = cellTable{}

func (r *rows) cells() rollup.Table { return cellTable{r.c} }

const cellSQL = `
SELECT cell
FROM rollups
WHERE kind = ?
AND period = ?
AND a = ?
AND b = ?`

// Cell implements rollup.Cells.
func (t cellTable) Cell(k rollup.Key) (cell []byte, err error) {
	err = t.c.one(cellSQL, func(a *args) { a.cell(k) }, func(row *row) error {
		cell = row.blob()
		return nil
	})
	if errors.Is(err, storage.ErrNotFound) {
		err = nil
	}
	return cell, err
}

// cell binds the key of a cell.
func (a *args) cell(k rollup.Key) {
	a.int(int64(k.Kind))
	a.int(k.Period)
	a.int(k.A)
	a.int(k.B)
}

const walkCellsSQL = `
SELECT kind, period, a, b, cell
FROM rollups
WHERE (kind, period, a, b) >= (?, ?, ?, ?)
AND (kind, period, a, b) < (?, ?, ?, ?)
ORDER BY kind, period, a, b`

// Walk implements rollup.Cells.
func (t cellTable) Walk(from, to rollup.Key, fn func(rollup.Key, []byte) error) error {
	bind := func(a *args) {
		a.cell(from)
		a.cell(to)
	}
	return t.c.query(walkCellsSQL, bind, func(row *row) error {
		k := rollup.Key{Kind: rollup.Kind(row.int()), Period: row.int(), A: row.int(), B: row.int()}
		return fn(k, row.rawBlob())
	})
}

const (
	setCellSQL = `
INSERT INTO rollups (kind, period, a, b, cell)
VALUES (?1, ?2, ?3, ?4, ?5)
ON CONFLICT DO UPDATE SET cell = ?5`
	removeCellSQL = `
DELETE FROM rollups
WHERE kind = ?
AND period = ?
AND a = ?
AND b = ?`
)

// SetCell implements rollup.Table.
func (t cellTable) SetCell(k rollup.Key, cell []byte) error {
	if len(cell) == 0 {
		return t.c.exec(removeCellSQL, func(a *args) { a.cell(k) })
	}
	return t.c.exec(setCellSQL, func(a *args) {
		a.cell(k)
		a.blob(cell)
	})
}

// AddActivity implements backend.StatsRows. It is written at the end of the
// group.
func (r *rows) AddActivity(_ context.Context, a backend.Activity) error {
	var room int64
	if !a.Room.IsZero() {
		state, err := r.room(a.Room)
		if err != nil {
			return err
		}
		room = state.key
	}
	user, err := r.userKey(a.User)
	if err != nil {
		return err
	}
	d := rollup.Delta{Quarter: rollup.QuarterOf(a.At), Room: room, Author: user}
	for what, n := range a.Counts() {
		if d.What, d.N = what, n; n != 0 {
			r.pending.deltas = append(r.pending.deltas, d)
		}
	}
	return nil
}

const (
	insertLogSQL = `
INSERT INTO rollup_log (deltas, count)
VALUES (?, ?)`
	// A row that is not sealed may become longer.
	appendLogSQL = `
UPDATE rollup_log
SET deltas = CAST(deltas || ?1 AS BLOB), count = count + ?2
WHERE key = (SELECT max(key) FROM rollup_log)
AND key > (SELECT sealed FROM rollup_fold WHERE one = 1)
AND count < 64`
)

// shortRow is how many deltas of a group are rather added to the last row of the
// log: whoever writes alone would make a row of each message, all of which
// statistics read.
const shortRow = 16

// flushDeltas writes to the log.
func (r *rows) flushDeltas() error {
	p := &r.pending
	more := p.deltas[p.flushedDeltas:]
	if len(more) == 0 {
		return nil
	}
	r.log = r.log[:0]
	for _, d := range more {
		r.log = rollup.AppendDelta(r.log, d)
	}
	bind := func(a *args) {
		a.blob(r.log)
		a.int(int64(len(more)))
	}
	p.flushedDeltas = len(p.deltas)
	if len(more) <= shortRow {
		if err := r.c.exec(appendLogSQL, bind); err != nil || r.c.changes() > 0 {
			return err
		}
	}
	return r.c.exec(insertLogSQL, bind)
}

// folding is how far the log is folded: up to the row sealed into the cells
// before mark, or, if it is not open, into all.
type folding struct {
	sealed int64
	open   bool
	mark   rollup.Key
}

const foldingSQL = `
SELECT sealed, kind, period, a, b
FROM rollup_fold
WHERE one = 1`

func (r *rows) folding() (f folding, err error) {
	err = r.c.one(foldingSQL, nil, func(row *row) error {
		f.sealed, f.open = row.int(), !row.null()
		f.mark = rollup.Key{Kind: rollup.Kind(row.int()), Period: row.int(), A: row.int(), B: row.int()}
		return nil
	})
	return f, err
}

const logSQL = `
SELECT deltas
FROM rollup_log
WHERE key > ?
AND key <= ?`

// logged returns the deltas of the rows of the log beyond one and up to another
// that of selects.
func (r *rows) logged(after, upTo int64, of rollup.Of) (all []rollup.Delta, err error) {
	bind := func(a *args) {
		a.int(after)
		a.int(upTo)
	}
	err = r.c.query(logSQL, bind, func(row *row) (err error) {
		all, err = rollup.ReadDeltas(all, row.rawBlob(), of)
		return err
	})
	return all, err
}

// tail returns what is in no cell, or not in all of them.
func (r *rows) tail(of rollup.Of) (t rollup.Tail, err error) {
	f, err := r.folding()
	if err != nil {
		return t, err
	}
	if t.Deltas, err = r.logged(f.sealed, maxKey, of); err != nil || !f.open {
		return t, err
	}
	t.Mark = f.mark
	t.Sealed, err = r.logged(0, f.sealed, of)
	return t, err
}

const (
	overSQL = `
SELECT m.created_at, m.key >> 32, ifnull(u.key, 0), m.type
FROM messages AS m INDEXED BY messages_by_expiry
LEFT JOIN users AS u ON u.key = m.author_key
WHERE m.expires_at <= ?
AND m.deleted_at IS NULL
AND NOT EXISTS (SELECT 1 FROM deleted_rooms AS d WHERE d.key = m.key >> 32)`
	deadRoomsSQL = `
SELECT key
FROM deleted_rooms`
)

// source returns where statistics are read from of those that of selects.
func (r *rows) source(of rollup.Of, now time.Time) (s rollup.Source, err error) {
	if err := r.flushDeltas(); err != nil {
		return s, err
	}
	s.Cells = r.cells()
	if s.Tail, err = r.tail(of); err != nil {
		return s, err
	}
	err = r.c.query(overSQL, func(a *args) { a.time(now) }, func(row *row) error {
		s.Over = append(s.Over, rollup.MessageDelta(row.time(), row.int(), row.int(), storage.MessageType(row.int()), 1))
		return nil
	})
	if err != nil {
		return s, err
	}
	err = r.c.query(deadRoomsSQL, nil, func(row *row) error {
		s.Dead = append(s.Dead, row.int())
		return nil
	})
	return s, err
}
