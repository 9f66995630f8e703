package rollup

// rest is what cells do not say: deltas that are in none of them, and such as
// are in those before the mark.
type rest struct {
	loose  []Delta
	sealed []Delta
	mark   Key
}

// rest returns the deltas that o selects. What is over, or of deleted rooms, is
// taken away.
func (s Source) rest(o Of) (r rest, err error) {
	dead, err := s.deadDeltas(o)
	if err != nil {
		return r, err
	}
	add := func(to, all []Delta, sign int64) []Delta {
		for _, d := range all {
			if o.selects(d) {
				d.N *= sign
				to = append(to, d)
			}
		}
		return to
	}
	r.loose = make([]Delta, 0, len(s.Tail.Deltas)+len(s.Over)+len(dead))
	r.loose = add(add(add(r.loose, s.Tail.Deltas, 1), s.Over, -1), dead, -1)
	r.sealed, r.mark = add(make([]Delta, 0, len(s.Tail.Sealed)), s.Tail.Sealed, 1), s.Tail.Mark
	return r, nil
}

// each calls fn for each delta. in reports whether the delta is in a cell.
func (r rest) each(fn func(d *Delta, in func(Key) bool)) {
	for i := range r.loose {
		fn(&r.loose[i], inNone)
	}
	folded := func(k Key) bool { return k.Compare(r.mark) < 0 }
	for i := range r.sealed {
		fn(&r.sealed[i], folded)
	}
}

func inNone(Key) bool { return false }

// months remembers in which month a day is: deltas of a day come together.
type months struct {
	day, month int64
	known      bool
}

func (m *months) of(day int64) int64 {
	if !m.known || m.day != day {
		m.day, m.known = day, true
		m.month, _ = monthOf(day)
	}
	return m.month
}
