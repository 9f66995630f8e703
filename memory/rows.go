package memory

import (
	"context"
	"iter"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var (
	_ backend.Rows       = (*rows)(nil)
	_ backend.Announcing = (*rows)(nil)
)

// rows reads a state, and writes it if it is a copy of its own.
type rows struct {
	*state
	committed func() // nil: nobody wants to know
	gone      key    // of restored authors who are gone, 0: none yet
}

// AfterCommit implements backend.Announcing.
func (r *rows) AfterCommit(fn func()) { r.committed = fn }

// Savepoint goes on with a copy and puts the old state back unless fn
// succeeds, however it ends.
func (r *rows) Savepoint(_ context.Context, fn func() error) error {
	saved, kept := r.state, false
	r.state = saved.copy()
	defer func() {
		if !kept {
			r.state, r.gone = saved, 0
		}
	}()
	if err := fn(); err != nil {
		return err
	}
	kept = true
	return nil
}

// found returns a copy of a record that was looked for, or ErrNotFound.
func found[T interface{ Clone() T }](record T, ok bool) (T, error) {
	if !ok {
		return record, storage.ErrNotFound
	}
	return record.Clone(), nil
}

// each returns copies of those records that are there, in the order of ids.
func each[I any, T interface{ Clone() T }](ids []I, find func(I) (T, bool)) []T {
	var records []T
	for _, id := range ids {
		if record, ok := find(id); ok {
			records = append(records, record.Clone())
		}
	}
	return records
}

// firstOf returns the first of what is walked, at most limit.
func firstOf[R any](records iter.Seq[R], limit int) []R {
	var first []R
	if limit <= 0 {
		return nil
	}
	for record := range records {
		first = append(first, record)
		if len(first) == limit { // before it looks for one more
			break
		}
	}
	return first
}

// list returns copies of the first records that there are, at most limit, as
// read puts them together.
func list[R any, T interface{ Clone() T }](records iter.Seq[R], limit int, read func(R) T) []T {
	first := firstOf(records, limit)
	if len(first) == 0 {
		return nil
	}
	copies := make([]T, len(first))
	for i, record := range first {
		copies[i] = read(record).Clone()
	}
	return copies
}

// byTime returns the first records of a scan in an order by time, of those that
// are selected.
func byTime[R, T any](
	times *tree[entry], s backend.Scan, get func(key) (R, bool), selects func(R) bool, read func(R) T,
) (all []T) {
	for e := range beyond(times, intAfter(s.After), s.Desc) {
		record, _ := get(e.key)
		if !selects(record) {
			continue
		}
		if all = append(all, read(record)); len(all) == s.Limit {
			break
		}
	}
	return all
}
