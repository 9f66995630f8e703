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

// checkTime refuses what RFC 3339, and so JSON, cannot write: years outside 1
// to 9999.
func checkTime(field string, t time.Time) error {
	if y := t.UTC().Year(); y < 1 || y > 9999 {
		return Invalid(field, "year outside 1 to 9999")
	}
	return nil
}
