package rollup

import "slices"

// ranking counts the messages in cells by room and by author: whole days by the
// cells of months, and the two days at the ends of a span by their quarters.
type ranking struct {
	cells   Cells
	of      Of
	span    Span
	days    []int64
	entries []entry // scratch
}

// parts returns the months in which there are whole days of the span, and the
// days of which only a part is in it.
func (r *ranking) parts() (months, days []int64) {
	for _, day := range r.days {
		switch {
		case !r.span.touches(day):
		case r.span.whole(day):
			month, _ := monthOf(day)
			months = append(months, month)
		default:
			days = append(days, day)
		}
	}
	return slices.Compact(months), days
}

// sum adds up what a cell, of a month or of a day, has in the span.
func (r *ranking) sum(k Key, cell []byte) (n int64, err error) {
	if r.entries, err = decode(r.entries[:0], cell); err != nil {
		return 0, err
	}
	monthly := k.Kind == roomMonth || k.Kind == authorMonth || k.Kind == pairMonth
	first := int64(0)
	if monthly {
		first = dayIn(k.Period, 0)
	}
	for _, e := range r.entries {
		switch {
		case monthly:
			if r.span.whole(first + e.id) {
				n += e.n
			}
		case What(e.id%whats).message() && r.span.has(k.Period*quarters+e.id/whats):
			n += e.n
		}
	}
	return n, nil
}

// each walks the cells from first to last, exclusive, of each period; these are
// of other kinds for months and for days.
func (r *ranking) each(byMonth, byDay Kind, first, last func(Key) Key, add func(Key, int64)) error {
	months, days := r.parts()
	walk := func(k Key) error {
		return r.cells.Walk(first(k), last(k), func(k Key, cell []byte) error {
			n, err := r.sum(k, cell)
			add(k, n)
			return err
		})
	}
	for _, month := range months {
		if err := walk(Key{Kind: byMonth, Period: month}); err != nil {
			return err
		}
	}
	for _, day := range days {
		if err := walk(Key{Kind: byDay, Period: day}); err != nil {
			return err
		}
	}
	return nil
}

// alone walks the cells of a kind of room or author by their A.
func (r *ranking) alone(byMonth, byDay Kind, to map[int64]int64) error {
	first := func(k Key) Key { return k }
	last := func(k Key) Key { k.Period++; return k }
	return r.each(byMonth, byDay, first, last, func(k Key, n int64) { add(to, k.A, n) })
}

// add adds to a count that is kept only where it is not 0.
func add(to map[int64]int64, of, n int64) {
	if to[of] += n; to[of] == 0 {
		delete(to, of)
	}
}

// rooms counts by room, unless a room is selected.
func (r *ranking) rooms(to map[int64]int64) error {
	switch {
	case r.of.Room != 0:
		return nil
	case r.of.Author != 0:
		return r.roomsOfAuthor(to)
	}
	return r.alone(roomMonth, roomDay, to)
}

// authors counts by author, unless an author is selected.
func (r *ranking) authors(to map[int64]int64) error {
	switch {
	case r.of.Author != 0:
		return nil
	case r.of.Room == 0:
		return r.alone(authorMonth, authorDay, to)
	}
	first := func(k Key) Key { k.A, k.B = r.of.Room, 1; return k }
	last := func(k Key) Key { k.A, k.B = r.of.Room+1, 0; return k }
	return r.each(pairMonth, pairDay, first, last, func(k Key, n int64) { add(to, k.B, n) })
}

func (r *ranking) roomsOfAuthor(to map[int64]int64) error {
	months, days := r.parts()
	for _, month := range months {
		if err := r.roomsIn(month, Key{Kind: pairMonth, Period: month}, to); err != nil {
			return err
		}
	}
	for _, day := range days {
		month, _ := monthOf(day)
		if err := r.roomsIn(month, Key{Kind: pairDay, Period: day}, to); err != nil {
			return err
		}
	}
	return nil
}

// roomsIn counts by the rooms in which an author has written in a month, by
// their cells like k.
func (r *ranking) roomsIn(month int64, k Key, to map[int64]int64) error {
	author := r.of.Author
	return r.cells.Walk(Key{authorRooms, month, author, 0}, Key{authorRooms, month, author + 1, 0}, func(found Key, _ []byte) error {
		k.A, k.B = found.B, author
		cell, err := r.cells.Cell(k)
		if err != nil {
			return err
		}
		n, err := r.sum(k, cell)
		add(to, k.A, n)
		return err
	})
}
