package rollup

import "slices"

// Bucket counts what happened in one stretch of time.
type Bucket struct{ Messages, Authors, Joins, Leaves, Registrations int64 }

// Activity returns what happened between each two of the bounds, which are
// quarters and rise.
func (s Source) Activity(o Of, bounds []int64) ([]Bucket, error) {
	b := &buckets{of: o, bounds: bounds, cells: s.Cells, all: make([]Bucket, len(bounds)-1)}
	if len(b.all) == 0 {
		return nil, nil
	}
	r, err := s.rest(o)
	if err != nil {
		return nil, err
	}
	r.each(func(d *Delta, in func(Key) bool) {
		if i := b.at(d.Quarter); i >= 0 && !in(o.dayKey(dayOf(d.Quarter))) {
			b.all[i].add(d.What, d.N)
		}
	})
	if err := b.addDays(s); err != nil {
		return nil, err
	}
	if o.Author != 0 {
		for i := range b.all {
			b.all[i].Authors = min(b.all[i].Messages, 1)
		}
		return b.all, nil
	}
	return b.all, b.countAuthors(s, r)
}

type buckets struct {
	of     Of
	bounds []int64
	cells  Cells
	all    []Bucket
	last   int // what at has found
}

// at returns the bucket that a quarter is in, -1 if it is in none.
func (b *buckets) at(q int64) int {
	if b.bounds[b.last] <= q && q < b.bounds[b.last+1] {
		return b.last
	}
	i, found := slices.BinarySearch(b.bounds, q)
	if !found {
		i--
	}
	if i < 0 || i >= len(b.all) {
		return -1
	}
	b.last = i
	return i
}

// add adds what happened.
func (b *Bucket) add(what What, n int64) {
	switch {
	case what.message():
		b.Messages += n
	case what == Join:
		b.Joins += n
	case what == Leave:
		b.Leaves += n
	case what == Registration:
		b.Registrations += n
	}
}

// days returns those that the buckets touch.
func (b *buckets) days(all []int64) []int64 {
	first, last := dayOf(b.bounds[0]), dayOf(b.bounds[len(b.bounds)-1]-1)
	from, _ := slices.BinarySearch(all, first)
	to, _ := slices.BinarySearch(all, last+1)
	return all[from:to]
}

// addDays adds what the cells of the days say.
func (b *buckets) addDays(s Source) error {
	days, err := s.Days()
	if err != nil {
		return err
	}
	var entries []entry
	for _, day := range b.days(days) {
		cell, err := b.cells.Cell(b.of.dayKey(day))
		if err != nil {
			return err
		}
		if entries, err = decode(entries[:0], cell); err != nil {
			return err
		}
		for _, e := range entries {
			if i := b.at(day*quarters + e.id/whats); i >= 0 {
				b.all[i].add(What(e.id%whats), e.n)
			}
		}
	}
	return nil
}
