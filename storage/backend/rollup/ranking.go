package rollup

import "slices"

// ranking counts messages by room and by author: whole days by the cells of
// months, and the two days at the ends of a span by their quarters.
type ranking struct {
	view *view
	of   Of
	span Span
	days []int64
}

// parts returns the months in which there are whole days of the span, and the
// days of which only a part is in it.
func (r ranking) parts() (months, days []int64) {
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

// wholeDays adds up the days of a month that are in the span as a whole.
func (r ranking) wholeDays(month int64, cell []entry) (n int64) {
	for _, e := range cell {
		if r.span.whole(dayIn(month, e.id)) {
			n += e.n
		}
	}
	return n
}

// part adds up the messages of a day that are in the span.
func (r ranking) part(day int64, cell []entry) (n int64) {
	for _, e := range cell {
		if What(e.id%whats).message() && r.span.has(day*quarters+e.id/whats) {
			n += e.n
		}
	}
	return n
}

// add adds to a count that is kept only where it is not 0.
func add(to map[int64]int64, of, n int64) {
	if to[of] += n; to[of] == 0 {
		delete(to, of)
	}
}

// rooms counts by room.
func (r ranking) rooms(to map[int64]int64, total int64) error {
	switch {
	case r.of.Room != 0:
		add(to, r.of.Room, total)
		return nil
	case r.of.Author != 0:
		return r.roomsOfAuthor(to)
	}
	return r.walk(roomMonth, roomDay, to)
}

// authors counts by author.
func (r ranking) authors(to map[int64]int64, total int64) error {
	switch {
	case r.of.Author != 0:
		add(to, r.of.Author, total)
		return nil
	case r.of.Room != 0:
		return r.authorsOfRoom(to)
	}
	return r.walk(authorMonth, authorDay, to)
}

// walk counts by the A of cells.
func (r ranking) walk(byMonth, byDay Kind, to map[int64]int64) error {
	months, days := r.parts()
	for _, month := range months {
		err := r.view.walk(Key{Kind: byMonth, Period: month}, Key{Kind: byMonth, Period: month + 1}, func(k Key, cell []entry) error {
			add(to, k.A, r.wholeDays(month, cell))
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, day := range days {
		err := r.view.walk(Key{Kind: byDay, Period: day}, Key{Kind: byDay, Period: day + 1}, func(k Key, cell []entry) error {
			add(to, k.A, r.part(day, cell))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r ranking) authorsOfRoom(to map[int64]int64) error {
	months, days := r.parts()
	room := r.of.Room
	for _, month := range months {
		err := r.view.walk(Key{pairMonth, month, room, 0}, Key{pairMonth, month, room + 1, 0}, func(k Key, cell []entry) error {
			add(to, k.B, r.wholeDays(month, cell))
			return nil
		})
		if err != nil {
			return err
		}
	}
	for _, day := range days {
		err := r.view.walk(Key{pairDay, day, room, 1}, Key{pairDay, day, room + 1, 0}, func(k Key, cell []entry) error {
			add(to, k.B, r.part(day, cell))
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (r ranking) roomsOfAuthor(to map[int64]int64) error {
	months, days := r.parts()
	for _, month := range months {
		rooms, err := r.view.roomsOf(r.of.Author, month)
		if err != nil {
			return err
		}
		for _, room := range rooms {
			err := r.view.cell(Key{pairMonth, month, room, r.of.Author}, func(cell []entry) error {
				add(to, room, r.wholeDays(month, cell))
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	for _, day := range days {
		month, _ := monthOf(day)
		rooms, err := r.view.roomsOf(r.of.Author, month)
		if err != nil {
			return err
		}
		for _, room := range rooms {
			err := r.view.cell(Key{pairDay, day, room, r.of.Author}, func(cell []entry) error {
				add(to, room, r.part(day, cell))
				return nil
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// roomsOf returns the rooms in which an author may have written in a month.
func (v *view) roomsOf(author, month int64) (rooms []int64, err error) {
	from, to := Key{authorRooms, month, author, 0}, Key{authorRooms, month, author + 1, 0}
	err = v.cells.Walk(from, to, func(k Key, _ []byte) error {
		rooms = append(rooms, k.B)
		return nil
	})
	for over := v.over.From(from); len(over) > 0 && over[0].key.Compare(to) < 0; over = over[1:] {
		rooms = append(rooms, over[0].key.B)
	}
	slices.Sort(rooms)
	return slices.Compact(rooms), err
}
