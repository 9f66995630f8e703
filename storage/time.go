package storage

import "time"

// TimePrecision is the resolution of every stored time: what PostgreSQL keeps
// too (https://www.postgresql.org/docs/current/datatype-datetime.html).
const TimePrecision = time.Microsecond

// Timestamp returns t as the store keeps it: in UTC, truncated to
// [TimePrecision]. The zero time, which means "never", stays zero.
func Timestamp(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC().Truncate(TimePrecision)
}

// The first and the last time that can be stored: RFC 3339, and so JSON, can
// write years 1 to 9999, and the very first instant means "never".
var (
	firstTime = time.Time{}.Add(TimePrecision)
	lastTime  = time.Date(10000, time.January, 1, 0, 0, 0, 0, time.UTC).Add(-TimePrecision)
)

// checkTime refuses what cannot be stored.
func checkTime(field string, t time.Time) error {
	if !t.IsZero() && (t.Before(firstTime) || t.After(lastTime)) {
		return Invalid(field, "outside of the years 1 to 9999")
	}
	return nil
}

// earlier returns the first of two times, of which zero is never.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
