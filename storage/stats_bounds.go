package storage

// Where the buckets of Activity begin and end, in a time zone. Statistics are
// kept by quarters of an hour: so zones with offsets of half and quarter hours
// have whole buckets too.

import "time"

const quarterHour = 15 * time.Minute

// longestBuckets are more than any bucket of a unit lasts, so that what surely
// is too much is refused before it is counted.
var longestBuckets = [...]time.Duration{
	ActivityHour:  2 * time.Hour,
	ActivityDay:   2 * 24 * time.Hour,
	ActivityWeek:  8 * 24 * time.Hour,
	ActivityMonth: 32 * 24 * time.Hour,
}

// Bounds returns where the buckets begin, and the end of the last one: nothing
// where there are none. Whole buckets that leave the years 1 to 9999 are ErrInvalid.
func (q ActivityQuery) Bounds() ([]time.Time, error) {
	if q.Unit == 0 {
		q.Unit = ActivityDay
	}
	zone, err := time.LoadLocation(q.TimeZone)
	if err != nil || q.TimeZone == "Local" {
		return nil, Invalid("TimeZone", "unknown")
	}
	// In seconds: a time.Duration ends at 292 years.
	if seconds := q.To.Unix() - q.From.Unix(); seconds/int64(longestBuckets[q.Unit].Seconds()) > MaxBuckets {
		return nil, Invalid("To", "too many buckets")
	}
	if !q.From.Before(q.To) {
		return nil, nil
	}
	c := calendar{zone: zone, unit: q.Unit}
	bounds := []time.Time{c.floor(q.From)}
	for at := bounds[0]; at.Before(q.To); bounds = append(bounds, at) {
		if len(bounds) > MaxBuckets {
			return nil, Invalid("To", "too many buckets")
		}
		at = c.next(at)
	}
	if err := checkTime("From", bounds[0]); err != nil {
		return nil, err
	}
	return bounds, checkTime("To", bounds[len(bounds)-1])
}

// calendar knows where units of time begin in a zone.
type calendar struct {
	zone *time.Location
	unit ActivityUnit
}

// label numbers the units by what the clock and the calendar on the wall show.
// It is the same all through a unit.
func (c calendar) label(t time.Time) int64 {
	t = t.In(c.zone)
	year, month, day := t.Date()
	switch c.unit {
	case ActivityMonth:
		return int64(year)*12 + int64(month)
	case ActivityWeek:
		return floorWeek(dayNumber(year, month, day))
	}
	return dayNumber(year, month, day)
}

// dayNumber counts days from 1970-01-01.
func dayNumber(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() / int64(24*60*60)
}

// floorWeek counts weeks, which begin on Monday; 1970-01-01 was a Thursday.
func floorWeek(day int64) int64 {
	if day += 3; day < 0 {
		day -= 6
	}
	return day / 7
}

// slack is further than a shift of the clock moves the beginning of a day.
const slack = 3 * time.Hour

// begins reports whether a unit begins with a quarter of an hour. Where the
// clock went back over midnight, that is the first midnight.
func (c calendar) begins(quarter time.Time) bool {
	if c.unit == ActivityHour {
		return quarter.In(c.zone).Minute() < 15
	}
	label := c.label(quarter)
	for back := quarterHour; back <= slack; back += quarterHour {
		if c.label(quarter.Add(-back)) >= label {
			return false
		}
	}
	return true
}

// floor returns when the unit began that a time is in.
func (c calendar) floor(t time.Time) time.Time {
	last := t.UTC().Truncate(quarterHour)
	at := last
	if c.unit != ActivityHour {
		at = c.midnight(last, 0).Add(slack)
	}
	for ; !c.begins(at) || at.After(last); at = at.Add(-quarterHour) {
	}
	return at
}

// next returns when the unit ends that begins at a time.
func (c calendar) next(start time.Time) time.Time {
	at := start.Add(quarterHour)
	if c.unit != ActivityHour {
		if early := c.midnight(start, 1).Add(-slack); early.After(at) {
			at = early
		}
	}
	for !c.begins(at) {
		at = at.Add(quarterHour)
	}
	return at
}

// midnight returns, roughly, when the unit that a time is in begins, or one so
// many units later.
func (c calendar) midnight(t time.Time, units int) time.Time {
	year, month, day := t.In(c.zone).Date()
	switch c.unit {
	case ActivityMonth:
		month, day = month+time.Month(units), 1
	case ActivityWeek:
		number := dayNumber(year, month, day)
		day += 7*units - int(number+3-7*floorWeek(number))
	default:
		day += units
	}
	return time.Date(year, month, day, 0, 0, 0, 0, c.zone).UTC().Truncate(quarterHour)
}
