package rollup

// What cannot be counted anew from what is stored: who joined, left and was
// registered.

// Days returns the days on which anything has happened, counted from 1970 in
// UTC, in their order.
func (s Source) Days() ([]int64, error) { return (&view{}).days(s) }

// DayOf returns in which day a quarter of an hour is.
func DayOf(q int64) int64 { return dayOf(q) }

// Events returns the joins, leaves and registrations of a day.
func (s Source) Events(day int64) (all []Delta, err error) {
	v, err := Source{Cells: s.Cells, Tail: s.Tail}.view(Of{}, kindsOf(pairDay))
	if err != nil {
		return nil, err
	}
	err = v.walk(Key{Kind: pairDay, Period: day}, Key{Kind: pairDay, Period: day + 1}, func(k Key, cell []entry) error {
		for _, e := range cell {
			d := Delta{Quarter: day*quarters + e.id/whats, Room: k.A, Author: k.B, What: What(e.id % whats), N: e.n}
			if !d.What.message() && d.N != 0 {
				all = append(all, d)
			}
		}
		return nil
	})
	return all, err
}
