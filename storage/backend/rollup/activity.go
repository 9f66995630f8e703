package rollup

import "slices"

// Bucket counts what happened in one stretch of time.
type Bucket struct{ Messages, Authors, Joins, Leaves, Registrations int64 }

// Activity returns what happened between each two of the bounds, which are
// quarters and rise.
func (s Source) Activity(o Of, bounds []int64) ([]Bucket, error) {
	b := buckets{of: o, bounds: bounds, all: make([]Bucket, len(bounds)-1)}
	if len(b.all) == 0 {
		return nil, nil
	}
	of := kindsOf(o.dayKey(0).Kind)
	switch {
	case o.Author == 0 && o.Room == 0:
		of |= kindsOf(authorDay)
	case o.Author == 0:
		of |= kindsOf(pairDay)
	}
	v, err := s.view(o, of)
	if err != nil {
		return nil, err
	}
	if b.gone, err = v.gone(); err != nil {
		return nil, err
	}
	if o.Author == 0 && o.Room == 0 {
		err = b.serverDays(v)
	} else {
		err = b.otherDays(v, s)
	}
	if err == nil {
		err = b.authors(v)
	}
	return b.all, err
}

type buckets struct {
	of     Of
	bounds []int64
	all    []Bucket
	gone   map[int64]bits
	seen   map[int64]int // in a room: the last bucket in which an author was counted, from 1
}

// days returns the first and the last day that is asked for.
func (b *buckets) days() (first, last int64) {
	return dayOf(b.bounds[0]), dayOf(b.bounds[len(b.bounds)-1] - 1)
}

// at returns the bucket that a quarter is in, -1 if it is in none.
func (b *buckets) at(q int64) int {
	i, found := slices.BinarySearch(b.bounds, q)
	if !found {
		i--
	}
	if i >= len(b.all) {
		return -1
	}
	return i
}

func (b *buckets) serverDays(v *view) error {
	first, last := b.days()
	return v.walk(Key{Kind: serverDay, Period: first}, Key{Kind: serverDay, Period: last + 1}, func(k Key, cell []entry) error {
		b.add(k.Period, cell)
		return nil
	})
}

// otherDays adds the days of a room or an author.
func (b *buckets) otherDays(v *view, s Source) error {
	days, err := v.days(s)
	if err != nil {
		return err
	}
	b.seen = make(map[int64]int)
	first, last := b.days()
	for _, day := range days {
		if day < first || day > last {
			continue
		}
		err := v.cell(b.of.dayKey(day), func(cell []entry) error {
			b.add(day, cell)
			return nil
		})
		if err == nil && b.of.Author == 0 {
			err = v.walk(Key{pairDay, day, b.of.Room, 1}, Key{pairDay, day, b.of.Room + 1, 0}, func(k Key, cell []entry) error {
				b.see(k.B, day, cell)
				return nil
			})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds a day to the buckets.
func (b *buckets) add(day int64, cell []entry) {
	for _, e := range cell {
		i := b.at(day*quarters + e.id/whats)
		if i < 0 {
			continue
		}
		switch what := What(e.id % whats); {
		case what.message():
			b.all[i].Messages += e.n
		case what == Join:
			b.all[i].Joins += e.n
		case what == Leave:
			b.all[i].Leaves += e.n
		case what == Registration:
			b.all[i].Registrations += e.n
		}
	}
}

// see counts an author in the buckets of a day. Days come in their order.
func (b *buckets) see(author, day int64, cell []entry) {
	if isGone(b.gone, author) {
		return
	}
	for len(cell) > 0 {
		q := cell[0].id / whats
		var n int64
		n, cell = messagesOf(cell, q)
		if i := b.at(day*quarters + q); n > 0 && i >= 0 && b.seen[author] <= i {
			b.seen[author] = i + 1
			b.all[i].Authors++
		}
	}
}

// authors counts the authors of the buckets, where see has not.
func (b *buckets) authors(v *view) error {
	if b.of.Author == 0 && b.of.Room != 0 {
		return nil
	}
	if b.of.Author != 0 {
		for i := range b.all {
			b.all[i].Authors = min(b.all[i].Messages, 1)
		}
		return nil
	}
	if err := v.correct(); err != nil {
		return err
	}
	for i := range b.all {
		if b.all[i].Messages == 0 {
			continue
		}
		n, err := v.authorsBetween(b.bounds[i], b.bounds[i+1], b.gone)
		if err != nil {
			return err
		}
		b.all[i].Authors = n
	}
	return nil
}
