package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
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
WHERE s.created_at BETWEEN ? AND ?`
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

// recent counts what is recent by a statement that takes from when, and up to
// when.
func (r *rows) recent(sql string, now time.Time) (n storage.Recent, err error) {
	for _, span := range []struct {
		length time.Duration
		count  *int64
	}{{backend.RecentDay, &n.Day}, {backend.RecentWeek, &n.Week}, {backend.RecentMonth, &n.Month}} {
		bind := func(a *args) {
			a.time(now.Add(-span.length))
			a.time(now)
		}
		err = r.c.one(sql, bind, func(row *row) error {
			*span.count = row.int()
			return nil
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}
