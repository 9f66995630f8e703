package rollup

// What cannot be counted anew from what is stored: who joined, left and was
// registered.

// DayOf returns in which day a quarter of an hour is, counted from 1970 in UTC.
func DayOf(q int64) int64 { return dayOf(q) }

// Events calls fn with the joins, leaves and registrations of each day, from one
// on, until it wants no more.
func (s Source) Events(from int64, fn func(all []Delta) (more bool, err error)) error {
	days, err := s.Days()
	if err != nil {
		return err
	}
	v := s.view(Of{}, pairDay)
	for _, day := range days {
		if day < from {
			continue
		}
		all, err := v.events(day)
		if err != nil {
			return err
		}
		if more, err := fn(all); err != nil || !more {
			return err
		}
	}
	return nil
}

func (v *view) events(day int64) (all []Delta, err error) {
	err = v.walk(Key{Kind: pairDay, Period: day}, Key{Kind: pairDay, Period: day + 1}, func(k Key, cell []entry) error {
		for _, d := range deltasOf(k, cell) {
			if !d.What.message() {
				all = append(all, d)
			}
		}
		return nil
	})
	return all, err
}
