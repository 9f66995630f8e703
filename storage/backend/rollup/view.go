package rollup

import (
	"math"
	"slices"
)

// Tail is what the cells do not say yet.
type Tail struct {
	Deltas []Delta // in no cell

	// Sealed are being written to the cells, of which those from Mark on do not
	// have them.
	Sealed []Delta
	Mark   Key
}

// Source is where statistics are read from. The deltas of those that a query
// does not select may be left out.
type Source struct {
	Cells Cells
	Tail  Tail

	// Over are messages whose time is over and that are not purged: one delta
	// each, with 1. They are in the cells and do not count.
	Over []Delta

	// Dead are deleted rooms of which messages are left in the cells.
	Dead []int64
}

// Of selects what statistics are about: a room, an author, both, or with 0
// everything.
type Of struct{ Room, Author int64 }

func (o Of) selects(d Delta) bool {
	return (o.Room == 0 || d.Room == o.Room) && (o.Author == 0 || d.Author == o.Author)
}

// Days returns the days on which anything has happened, counted from 1970 in
// UTC, in their order. While a day that has lost all it had is folded, it may
// have no cell of its own any more but still some of rooms and authors: then it
// is in the tail.
func (s Source) Days() (days []int64, err error) {
	err = s.Cells.Walk(Key{Kind: serverDay, Period: math.MinInt64}, Key{Kind: serverDay + 1, Period: math.MinInt64}, func(k Key, _ []byte) error {
		days = append(days, k.Period)
		return nil
	})
	for _, tail := range [][]Delta{s.Tail.Deltas, s.Tail.Sealed} {
		last := int64(math.MinInt64)
		for _, d := range tail {
			if day := dayOf(d.Quarter); day != last {
				days, last = append(days, day), day
			}
		}
	}
	slices.Sort(days)
	return slices.Compact(days), err
}

// view reads cells as if everything were in them. It is for a few cells at a
// time: what can be added up is added to the answers instead (tail.go).
type view struct {
	cells   Cells
	over    changes
	a, b, c []entry // scratch
}

// view returns the view of a kind of cells, of those that o selects.
func (s Source) view(o Of, kind Kind) *view {
	selected := func(all []Delta) map[Delta]int64 {
		var some []Delta
		for _, d := range all {
			if o.selects(d) {
				some = append(some, d)
			}
		}
		return summed(some)
	}
	over := changesOf(selected(s.Tail.Deltas), kindsOf(kind))
	sealed := changesOf(selected(s.Tail.Sealed), kindsOf(kind))
	over = append(over, sealed.from(s.Tail.Mark)...)
	return &view{cells: s.Cells, over: over.sorted()}
}

// deadDeltas returns the messages of deleted rooms, as what is still counted.
func (s Source) deadDeltas(o Of) (all []Delta, err error) {
	if len(s.Dead) == 0 || o.Room != 0 {
		return nil, nil
	}
	days, err := s.Days()
	if err != nil {
		return nil, err
	}
	for _, room := range s.Dead {
		v := s.view(Of{Room: room}, pairDay)
		for _, day := range days {
			err := v.walk(Key{pairDay, day, room, 0}, Key{pairDay, day, room + 1, 0}, func(k Key, cell []entry) error {
				for _, d := range deltasOf(k, cell) {
					if d.What.message() && o.selects(d) {
						all = append(all, d)
					}
				}
				return nil
			})
			if err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// deltasOf returns what a pairDay counts.
func deltasOf(k Key, cell []entry) (all []Delta) {
	for _, e := range cell {
		if e.n != 0 {
			all = append(all, Delta{k.Period*quarters + e.id/whats, k.A, k.B, What(e.id % whats), e.n})
		}
	}
	return all
}

// walk calls fn for the cells with from <= key < to, in their order. fn may
// not walk, nor keep what it gets.
func (v *view) walk(from, to Key, fn func(Key, []entry) error) error {
	over := v.over.from(from)
	emit := func(stored []byte, added changes) (err error) {
		if v.a, err = decode(v.a[:0], stored); err != nil {
			return err
		}
		v.b = added.entries(v.b[:0])
		v.c = merge(v.c[:0], v.a, v.b)
		return fn(added[0].key, v.c)
	}
	before := func(k Key) error { // what is only in the tail
		for len(over) > 0 && over[0].key.Compare(k) < 0 {
			var cell changes
			cell, over = over.next()
			if err := emit(nil, cell); err != nil {
				return err
			}
		}
		return nil
	}
	err := v.cells.Walk(from, to, func(k Key, stored []byte) (err error) {
		if err := before(k); err != nil {
			return err
		}
		if len(over) > 0 && over[0].key == k {
			var cell changes
			cell, over = over.next()
			return emit(stored, cell)
		}
		if v.a, err = decode(v.a[:0], stored); err != nil {
			return err
		}
		return fn(k, v.a)
	})
	if err != nil {
		return err
	}
	return before(to)
}
