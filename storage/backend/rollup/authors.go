package rollup

// authorSets are the authors of the messages in buckets, each once. Deltas that
// only add messages add authors; where some take away, the author's day is
// worked out.
type authorSets struct {
	*buckets
	sets    []map[int64]bits
	settled map[Key][]entry // the days that were worked out
	out     map[Key]bits    // authors in stored sets who may not be there any more
}

// countAuthors counts the authors of the buckets who are not gone.
func (b *buckets) countAuthors(s Source, r rest) error {
	a := &authorSets{buckets: b, sets: make([]map[int64]bits, len(b.all))}
	if err := a.settle(r); err != nil {
		return err
	}
	r.each(func(d *Delta, _ func(Key) bool) {
		if d.N > 0 && d.What.message() && d.Author != 0 && a.settled[a.key(d)] == nil {
			a.put(d.Quarter, d.Author)
		}
	})
	var err error
	if b.of.Room != 0 {
		err = a.addRoom(s)
	} else {
		err = a.addServer()
	}
	if err != nil {
		return err
	}
	gone, err := goneUsers(b.cells)
	for i, set := range a.sets {
		for chunk, authors := range set {
			b.all[i].Authors += authors.without(gone[chunk])
		}
	}
	return err
}

// key returns the cell of an author's day.
func (a *authorSets) key(d *Delta) Key {
	if a.of.Room != 0 {
		return Key{pairDay, dayOf(d.Quarter), d.Room, d.Author}
	}
	return Key{authorDay, dayOf(d.Quarter), d.Author, 0}
}

func (k Key) author() int64 {
	if k.Kind == pairDay {
		return k.B
	}
	return k.A
}

// put adds an author to the bucket of a quarter, if there is one.
func (a *authorSets) put(q, author int64) {
	i := a.at(q)
	if i < 0 {
		return
	}
	if a.sets[i] == nil {
		a.sets[i] = make(map[int64]bits)
	}
	chunk, bit := place(author)
	a.sets[i][chunk] = a.sets[i][chunk].set(bit, true)
}

// settle works out the days of authors of whom messages are taken away.
func (a *authorSets) settle(r rest) error {
	a.settled, a.out = make(map[Key][]entry), make(map[Key]bits)
	taken := make(map[Key]map[Delta]int64)
	r.each(func(d *Delta, _ func(Key) bool) {
		if d.N < 0 && d.What.message() && d.Author != 0 {
			taken[a.key(d)] = make(map[Delta]int64)
		}
	})
	if len(taken) == 0 {
		return nil
	}
	r.each(func(d *Delta, in func(Key) bool) {
		k := a.key(d)
		if sums := taken[k]; sums != nil && d.What.message() && !in(k) {
			of := *d
			of.N = 0
			sums[of] += d.N
		}
	})
	for k, sums := range taken {
		if err := a.settleDay(k, changesOf(sums, kindsOf(k.Kind))); err != nil {
			return err
		}
	}
	return nil
}

func (a *authorSets) settleDay(k Key, more changes) error {
	cell, err := a.cells.Cell(k)
	if err != nil {
		return err
	}
	before, err := decode(nil, cell)
	if err != nil {
		return err
	}
	after := merge([]entry{}, before, more.entries(nil))
	a.settled[k] = after
	a.putDay(k, after)
	if k.Kind != authorDay {
		return nil
	}
	chunk, bit := place(k.A)
	for q := range int64(quarters) { // what is stored of the author does not count
		at := Key{quarterAuthors, k.Period*quarters + q, chunk, 0}
		a.out[at] = a.out[at].set(bit, true)
	}
	at := Key{dayAuthors, k.Period, chunk, 0}
	a.out[at] = a.out[at].set(bit, true)
	return nil
}

// putDay adds an author to the buckets in which there are messages.
func (a *authorSets) putDay(k Key, day []entry) {
	for len(day) > 0 {
		q := day[0].id / whats
		var n int64
		if n, day = messagesOf(day, q); n > 0 {
			a.put(k.Period*quarters+q, k.author())
		}
	}
}

// addRoom adds the authors that the cells of a room tell.
func (a *authorSets) addRoom(s Source) error {
	days, err := s.Days()
	if err != nil {
		return err
	}
	var entries []entry
	for _, day := range a.days(days) {
		from, to := Key{pairDay, day, a.of.Room, 1}, Key{pairDay, day, a.of.Room + 1, 0}
		err := a.cells.Walk(from, to, func(k Key, cell []byte) (err error) {
			if a.settled[k] == nil {
				entries, err = decode(entries[:0], cell)
				a.putDay(k, entries)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// addServer adds the authors that the stored sets tell: those of whole days, and
// of the quarters beside them.
func (a *authorSets) addServer() error {
	for i := range a.all {
		if a.all[i].Messages == 0 {
			continue
		}
		if a.sets[i] == nil {
			a.sets[i] = make(map[int64]bits)
		}
		first, end := a.bounds[i], a.bounds[i+1]
		from, to := -floorDiv(-first, quarters), dayOf(end)
		if from >= to {
			if err := a.collect(a.sets[i], quarterAuthors, first, end); err != nil {
				return err
			}
			continue
		}
		err := a.collect(a.sets[i], dayAuthors, from, to)
		if err == nil {
			err = a.collect(a.sets[i], quarterAuthors, first, from*quarters)
		}
		if err == nil {
			err = a.collect(a.sets[i], quarterAuthors, to*quarters, end)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// collect adds the sets of a kind from one period to another, exclusive.
func (a *authorSets) collect(to map[int64]bits, kind Kind, from, end int64) error {
	if from >= end {
		return nil
	}
	return a.cells.Walk(Key{Kind: kind, Period: from}, Key{Kind: kind, Period: end}, func(k Key, cell []byte) error {
		to[k.A] = to[k.A].union(cell, a.out[k])
		return nil
	})
}

// goneUsers returns the users that were deleted, by chunks.
func goneUsers(cells Cells) (map[int64]bits, error) {
	all := make(map[int64]bits)
	err := cells.Walk(Key{Kind: gone}, Key{Kind: gone, Period: 1}, func(k Key, cell []byte) error {
		all[k.A] = append(bits(nil), cell...)
		return nil
	})
	return all, err
}

func isGone(gone map[int64]bits, author int64) bool {
	chunk, bit := place(author)
	return gone[chunk].has(bit)
}
