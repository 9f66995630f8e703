package rollup

// correct finds out which sets of authors the tail makes different from what
// is stored: of the days of the changes of authorDay that the view has.
func (v *view) correct() error {
	v.authors = make(map[Key]correction)
	for over := v.over; len(over) > 0; {
		var cell Changes
		cell, over = over.next()
		if k := cell[0].key; k.Kind == authorDay {
			if err := v.correctDay(k, cell); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *view) correctDay(k Key, changed Changes) error {
	return v.cell(k, func(day []entry) error {
		chunk, bit := place(k.A)
		rest := day
		last := int64(-1)
		for _, c := range changed {
			q := c.id / whats
			if q == last {
				continue
			}
			last = q
			for len(rest) > 0 && rest[0].id < q*whats {
				rest = rest[1:]
			}
			var n int64
			n, rest = messagesOf(rest, q)
			v.correctSet(Key{quarterAuthors, k.Period*quarters + q, chunk, 0}, bit, n > 0)
		}
		v.correctSet(Key{dayAuthors, k.Period, chunk, 0}, bit, wrote(day))
		return nil
	})
}

func (v *view) correctSet(k Key, bit int, in bool) {
	c := v.authors[k]
	if in {
		c.in = c.in.set(bit, true)
	} else {
		c.out = c.out.set(bit, true)
	}
	v.authors[k] = c
}

// authorsBetween counts the authors with messages in the quarters from first,
// up to and without end, who are not gone.
func (v *view) authorsBetween(first, end int64, gone map[int64]bits) (n int64, err error) {
	all := make(map[int64]bits)
	from, to := -floorDiv(-first, quarters), dayOf(end)
	if from < to {
		err = v.collect(all, dayAuthors, from, to)
		if err == nil {
			err = v.collect(all, quarterAuthors, first, from*quarters)
		}
		if err == nil {
			err = v.collect(all, quarterAuthors, to*quarters, end)
		}
	} else {
		err = v.collect(all, quarterAuthors, first, end)
	}
	for chunk, set := range all {
		n += set.without(gone[chunk])
	}
	return n, err
}

// collect adds the sets of a kind from one period to another, exclusive.
func (v *view) collect(all map[int64]bits, kind Kind, from, to int64) error {
	if from >= to {
		return nil
	}
	if len(v.authors) > 0 {
		v.collectCorrections(all, kind, from, to)
	}
	return v.cells.Walk(Key{Kind: kind, Period: from}, Key{Kind: kind, Period: to}, func(k Key, cell []byte) error {
		set := bits(cell)
		if c, corrected := v.authors[k]; corrected && len(c.out) > 0 {
			set = append(bits(nil), set...)
			for i := range min(len(set), len(c.out)) {
				set[i] &^= c.out[i]
			}
		}
		all[k.A] = all[k.A].union(set)
		return nil
	})
}

func (v *view) collectCorrections(all map[int64]bits, kind Kind, from, to int64) {
	for k, c := range v.authors {
		if k.Kind == kind && from <= k.Period && k.Period < to {
			all[k.A] = all[k.A].union(c.in)
		}
	}
}

// gone returns the users that were deleted, by chunks.
func (v *view) gone() (map[int64]bits, error) {
	all := make(map[int64]bits)
	err := v.cells.Walk(Key{Kind: gone}, Key{Kind: gone, Period: 1}, func(k Key, cell []byte) error {
		all[k.A] = append(bits(nil), cell...)
		return nil
	})
	return all, err
}

func isGone(gone map[int64]bits, author int64) bool {
	chunk, bit := place(author)
	return gone[chunk].has(bit)
}
