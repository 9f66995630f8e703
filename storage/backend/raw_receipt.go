package backend

import (
	"cmp"
	"slices"
)

// ReadSpan says that a user has read the messages of a room beyond one Seq up
// to another, at a time in microseconds since 1970.
type ReadSpan struct{ From, To, At int64 }

// ReadRuns gives what a user has read in a room the one form in which raw
// records have it, however a backend keeps it: runs in their order, which do not
// overlap, each with the earliest time that a message was read at. passes reports
// whether a message means nothing to it, as it is the user's own or purged: no
// run begins or ends with such, and where nothing else is between two of one
// time, they are one.
func ReadRuns(spans []ReadSpan, passes func(seq int64) (bool, error)) (runs []ReadSpan, err error) {
	for _, s := range earliest(spans) {
		for ; s.From < s.To; s.From++ {
			if passed, err := passes(s.From + 1); err != nil {
				return nil, err
			} else if !passed {
				break
			}
		}
		for ; s.From < s.To; s.To-- {
			if passed, err := passes(s.To); err != nil {
				return nil, err
			} else if !passed {
				break
			}
		}
		if s.From == s.To {
			continue
		}
		if n := len(runs); n > 0 && runs[n-1].At == s.At {
			joined, err := allPass(runs[n-1].To, s.From, passes)
			if err != nil {
				return nil, err
			}
			if joined {
				runs[n-1].To = s.To
				continue
			}
		}
		runs = append(runs, s)
	}
	return runs, nil
}

// allPass reports whether all messages beyond one Seq up to another mean nothing.
func allPass(from, to int64, passes func(int64) (bool, error)) (bool, error) {
	for seq := from + 1; seq <= to; seq++ {
		if passed, err := passes(seq); err != nil || !passed {
			return false, err
		}
	}
	return true, nil
}

// earliest cuts spans that overlap, of which the earlier time is right, and
// returns them in their order.
func earliest(spans []ReadSpan) []ReadSpan {
	slices.SortFunc(spans, func(a, b ReadSpan) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.From, b.From)) })
	disjoint := true
	byPlace := slices.Clone(spans)
	slices.SortFunc(byPlace, func(a, b ReadSpan) int { return cmp.Compare(a.From, b.From) })
	for i := 0; i+1 < len(byPlace); i++ {
		disjoint = disjoint && byPlace[i].To <= byPlace[i+1].From
	}
	if disjoint {
		return byPlace
	}
	var out []ReadSpan // in the order of place, disjoint
	for _, s := range spans {
		out = addSpan(out, s)
	}
	return out
}

// addSpan adds what is left of a span without others, which are earlier.
func addSpan(all []ReadSpan, s ReadSpan) []ReadSpan {
	i, _ := slices.BinarySearchFunc(all, s.From, func(o ReadSpan, from int64) int {
		if o.To <= from {
			return -1
		}
		return 1
	})
	for ; s.From < s.To; i++ {
		if i == len(all) || s.To <= all[i].From {
			return slices.Insert(all, i, s)
		}
		if s.From < all[i].From {
			all = slices.Insert(all, i, ReadSpan{s.From, all[i].From, s.At})
			i++
		}
		s.From = max(s.From, all[i].To)
	}
	return all
}
