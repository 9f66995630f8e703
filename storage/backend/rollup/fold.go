package rollup

import "math"

// folder writes changes to cells.
type folder struct {
	table       Table
	old, sum, d []entry
	bytes       []byte
	authors     map[Key]bits // sets of authors that have changed
}

// Plan is what deltas mean to cells. It is worked out kind by kind, as folding
// goes on: whoever folds is waited for.
type Plan struct {
	sums map[Delta]int64
	kind Kind
	all  changes // of the kind
}

// NewPlan returns the plan of deltas, which is the same whoever makes it.
func NewPlan(deltas []Delta) *Plan { return &Plan{sums: summed(deltas)} }

// Start is the mark of a plan of which nothing is folded.
var Start = Key{Kind: serverDay, Period: math.MinInt64}

// Fold writes what is beyond a mark: some cells of one kind, and the sets of
// authors that belong to them. It returns how many cells that were, and the next
// mark, which is no mark when all is folded.
func (p *Plan) Fold(t Table, mark Key, most int) (cells int, next Key, err error) {
	if p.kind != mark.Kind {
		p.kind, p.all = mark.Kind, changesOf(p.sums, kindsOf(mark.Kind))
	}
	f := &folder{table: t, authors: make(map[Key]bits)}
	rest := p.all.from(mark)
	for ; len(rest) > 0 && cells < most; cells++ {
		var cell changes
		cell, rest = rest.next()
		if err := f.fold(cell); err != nil {
			return cells, mark, err
		}
	}
	for k, set := range f.authors {
		if err := t.SetCell(k, set.trimmed()); err != nil {
			return cells, mark, err
		}
	}
	switch {
	case len(rest) > 0:
		return cells, rest[0].key, nil
	case mark.Kind == changed[len(changed)-1]:
		return cells, Key{}, nil
	}
	return cells, Key{Kind: mark.Kind + 1, Period: math.MinInt64}, nil
}

// FoldAll writes what deltas mean to all cells.
func FoldAll(t Table, deltas []Delta) error {
	p := NewPlan(deltas)
	for mark := Start; mark != (Key{}); {
		var err error
		if _, mark, err = p.Fold(t, mark, math.MaxInt); err != nil {
			return err
		}
	}
	return nil
}

// fold writes the changes of one cell.
func (f *folder) fold(cell changes) (err error) {
	k := cell[0].key
	before, err := f.table.Cell(k)
	if err != nil {
		return err
	}
	isNew := len(before) == 0
	if f.old, err = decode(f.old[:0], before); err != nil {
		return err
	}
	f.d = cell.entries(f.d[:0])
	f.sum = merge(f.sum[:0], f.old, f.d)
	f.bytes = encode(f.bytes[:0], f.sum)
	if err := f.table.SetCell(k, f.bytes); err != nil {
		return err
	}
	switch {
	case k.Kind == authorDay:
		return f.noteAuthor(k)
	case k.Kind == pairMonth && isNew && len(f.bytes) > 0:
		return f.table.SetCell(Key{authorRooms, k.Period, k.B, k.A}, []byte{1})
	}
	return nil
}

// noteAuthor keeps the sets of authors of a day whose cell has changed.
func (f *folder) noteAuthor(k Key) error {
	chunk, bit := place(k.A)
	was, is := f.old, f.sum
	for q := range int64(quarters) {
		var before, after int64
		before, was = messagesOf(was, q)
		after, is = messagesOf(is, q)
		if (before > 0) != (after > 0) {
			if err := f.setAuthor(Key{quarterAuthors, k.Period*quarters + q, chunk, 0}, bit, after > 0); err != nil {
				return err
			}
		}
	}
	before, after := wrote(f.old), wrote(f.sum)
	if before == after {
		return nil
	}
	return f.setAuthor(Key{dayAuthors, k.Period, chunk, 0}, bit, after)
}

// messagesOf returns the number of messages in a quarter, and the entries
// after it, of entries from this quarter on.
func messagesOf(day []entry, q int64) (n int64, rest []entry) {
	for len(day) > 0 && day[0].id < (q+1)*whats {
		if What(day[0].id % whats).message() {
			n += day[0].n
		}
		day = day[1:]
	}
	return n, day
}

// wrote reports whether there is a message in any quarter of a day.
func wrote(day []entry) bool {
	for q := int64(0); len(day) > 0; q++ {
		var n int64
		if n, day = messagesOf(day, q); n > 0 {
			return true
		}
	}
	return false
}

func (f *folder) setAuthor(k Key, bit int, on bool) error {
	set, known := f.authors[k]
	if !known {
		cell, err := f.table.Cell(k)
		if err != nil {
			return err
		}
		set = append(bits(nil), cell...)
	}
	f.authors[k] = set.set(bit, on)
	return nil
}

// Forget notes that a user was deleted, and so is no author of anything any
// more.
func Forget(t Table, author int64) error {
	chunk, bit := place(author)
	k := Key{gone, 0, chunk, 0}
	cell, err := t.Cell(k)
	if err != nil {
		return err
	}
	return t.SetCell(k, append(bits(nil), cell...).set(bit, true))
}
