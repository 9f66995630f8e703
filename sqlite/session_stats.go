package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

const (
	sessionStatsSQL = `
SELECT
	count(*),
	count(*) FILTER (WHERE ` + liveSession + `),
	count(DISTINCT s.user_id) FILTER (WHERE ` + liveSession + `)
FROM sessions AS s`
	sessionTypesSQL = `
SELECT ifnull(s.client_type, ''), count(*)
FROM sessions AS s
WHERE ` + liveSession + `
GROUP BY 1`
	newSessionsSQL = `
SELECT count(*)
FROM sessions AS s
WHERE s.created_at >= ?`
)

// SessionStats implements backend.SessionRows.
func (r *rows) SessionStats(_ context.Context, now time.Time) (s storage.SessionStats, err error) {
	if err := r.snapshot(); err != nil {
		return s, err
	}
	twice := func(a *args) {
		a.time(now)
		a.time(now)
	}
	err = r.c.one(sessionStatsSQL, twice, func(row *row) error {
		s.Total, s.Live, s.Users = row.int(), row.int(), row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	s.ByClientType = make(map[string]int64)
	err = r.c.query(sessionTypesSQL, func(a *args) { a.time(now) }, func(row *row) error {
		s.ByClientType[row.text()] = row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	s.New, err = r.recent(newSessionsSQL, now)
	return s, err
}

// recent counts what is not older than a day, a week and a month of 30 days, by
// a statement that takes a time.
func (r *rows) recent(sql string, now time.Time) (n storage.Recent, err error) {
	for _, span := range []struct {
		days  time.Duration
		count *int64
	}{{1, &n.Day}, {7, &n.Week}, {30, &n.Month}} {
		since := now.Add(-span.days * 24 * time.Hour)
		err = r.c.one(sql, func(a *args) { a.time(since) }, func(row *row) error {
			*span.count = row.int()
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
