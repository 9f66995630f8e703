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

// Source is where statistics are read from.
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

// view reads cells as if everything were in them.
type view struct {
	cells   Cells
	over    Changes
	authors map[Key]correction
	a, b, c []entry // scratch
}

// correction says which authors are in a set and which are not, whatever the
// cell says.
type correction struct{ in, out bits }

// view returns the view of some kinds of cells, for those that o selects.
func (s Source) view(o Of, of kinds) (*view, error) {
	dead, err := s.deadDeltas(o)
	if err != nil {
		return nil, err
	}
	sums := make(map[Delta]int64)
	add := func(deltas []Delta, sign int64) {
		for _, d := range deltas {
			if o.selects(d) {
				n := d.N
				d.N = 0
				sums[d] += sign * n
			}
		}
	}
	add(s.Tail.Deltas, 1)
	add(s.Over, -1)
	add(dead, -1)
	over := changesOf(sums, of)
	clear(sums)
	add(s.Tail.Sealed, 1)
	if len(sums) > 0 {
		over = append(over, s.unfolded(changesOf(sums, of))...)
		over = over.sorted()
	}
	return &view{cells: s.Cells, over: over}, nil
}

// unfolded leaves out the changes of sealed deltas that are in their cells.
func (s Source) unfolded(all Changes) Changes {
	return slices.DeleteFunc(all, func(c change) bool {
		k := c.key
		if k.Kind == authorRooms { // written with the cell that it leads to
			k = Key{pairMonth, k.Period, k.B, k.A}
		}
		return k.Compare(s.Tail.Mark) < 0
	})
}

// deadDeltas returns the messages of deleted rooms, as what is still counted.
func (s Source) deadDeltas(o Of) (all []Delta, err error) {
	if len(s.Dead) == 0 || o.Room != 0 {
		return nil, nil
	}
	for _, room := range s.Dead {
		alive := Source{Cells: s.Cells, Tail: s.Tail}
		v, err := alive.view(Of{Room: room}, kindsOf(pairDay))
		if err != nil {
			return nil, err
		}
		days, err := v.days(alive)
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			err := v.walk(Key{pairDay, day, room, 0}, Key{pairDay, day, room + 1, 0}, func(k Key, cell []entry) error {
				for _, e := range cell {
					d := Delta{Quarter: day*quarters + e.id/whats, Room: room, Author: k.B, What: What(e.id % whats), N: e.n}
					if d.What.message() {
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

// days returns the days on which anything has happened, in their order, of all
// that s has.
func (v *view) days(s Source) (days []int64, err error) {
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

// cell calls fn for a cell, if there is anything in it.
func (v *view) cell(k Key, fn func([]entry) error) error {
	stored, err := v.cells.Cell(k)
	if err != nil {
		return err
	}
	if v.a, err = decode(v.a[:0], stored); err != nil {
		return err
	}
	entries := v.a
	if over := v.over.From(k); len(over) > 0 && over[0].key == k {
		cell, _ := over.next()
		v.b = cell.entries(v.b[:0])
		v.c = merge(v.c[:0], v.a, v.b)
		entries = v.c
	}
	if len(entries) == 0 {
		return nil
	}
	return fn(entries)
}

// walk calls fn for the cells with from <= key < to, in their order. fn may not
// walk, nor keep what it gets; it may read cells once it needs that no more.
func (v *view) walk(from, to Key, fn func(Key, []entry) error) error {
	over := v.over.From(from)
	emit := func(stored []byte, added Changes) (err error) {
		k := Key{}
		if v.a, err = decode(v.a[:0], stored); err != nil {
			return err
		}
		v.b = added.entries(v.b[:0])
		if len(added) > 0 {
			k = added[0].key
		}
		v.c = merge(v.c[:0], v.a, v.b)
		return fn(k, v.c)
	}
	before := func(k Key) error { // what is only in the tail
		for len(over) > 0 && over[0].key.Compare(k) < 0 {
			cell, rest := over.next()
			over = rest
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
			cell, rest := over.next()
			over = rest
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
