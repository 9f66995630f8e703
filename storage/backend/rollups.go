package backend

import (
	"iter"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// Counts walks what an activity counts.
func (a *Activity) Counts() iter.Seq2[rollup.What, int64] {
	return func(yield func(rollup.What, int64) bool) {
		_ = yield(rollup.What(a.Type), a.Messages) && yield(rollup.Join, a.Joins) &&
			yield(rollup.Leave, a.Leaves) && yield(rollup.Registration, a.Users)
	}
}

// Rollups answer statistics of messages for rows that keep rollups under keys
// of their own.
type Rollups struct {
	rollup.Source
	Room func(key int64) (id [16]byte, there bool, err error)
	User func(key int64) (id [16]byte, there bool, err error)
}

// MessageStats is StatsRows.MessageStats of what of selects.
func (r Rollups) MessageStats(of rollup.Of, s MessageStatsScan) (stats storage.MessageStats, err error) {
	m, err := r.Messages(of, spanOf(s))
	if err != nil {
		return stats, err
	}
	stats = storage.MessageStats{
		Total: m.Total, ByType: m.ByType, Authors: int64(len(m.Authors)),
		Recent: storage.Recent{Day: m.Recent[0], Week: m.Recent[1], Month: m.Recent[2]},
	}
	rooms, err := Rank(m.Rooms, s.Top, r.Room)
	if err != nil {
		return stats, err
	}
	for _, e := range rooms {
		stats.MostActiveRooms = append(stats.MostActiveRooms, storage.RoomCount{RoomID: e.ID, Count: e.Count})
	}
	users, err := Rank(m.Authors, s.Top, r.User)
	for _, e := range users {
		stats.MostActiveUsers = append(stats.MostActiveUsers, storage.UserCount{UserID: e.ID, Count: e.Count})
	}
	return stats, err
}

// spanOf returns the quarters of a scan.
func spanOf(s MessageStatsScan) rollup.Span {
	span := rollup.Always()
	if !s.From.IsZero() {
		span.From = rollup.QuarterOf(s.From)
	}
	if !s.To.IsZero() {
		span.To = rollup.QuarterOf(s.To)
	}
	span.Present = rollup.QuarterOf(s.Now)
	for i, ago := range []time.Duration{RecentDay, RecentWeek, RecentMonth} {
		span.Recent[i] = rollup.QuarterOf(s.Now.Add(-ago))
	}
	return span
}

// NoMessages is StatsRows.MessageStats of a room or a user who does not exist.
func NoMessages() storage.MessageStats {
	return storage.MessageStats{ByType: map[storage.MessageType]int64{}}
}

// Buckets is StatsRows.Activity of what of selects.
func (r Rollups) Buckets(of rollup.Of, s ActivityScan) ([]storage.Bucket, error) {
	bounds := make([]int64, len(s.Bounds))
	for i, at := range s.Bounds {
		bounds[i] = rollup.QuarterOf(at)
	}
	counts, err := r.Activity(of, bounds)
	if err != nil {
		return nil, err
	}
	all := s.NoBuckets()
	for i, c := range counts {
		b := &all[i]
		b.Messages, b.Authors, b.Joins, b.Leaves, b.Registrations = c.Messages, c.Authors, c.Joins, c.Leaves, c.Registrations
	}
	return all, nil
}

// NoBuckets is StatsRows.Activity of a room or a user who does not exist.
func (s ActivityScan) NoBuckets() []storage.Bucket {
	all := make([]storage.Bucket, len(s.Bounds)-1)
	for i := range all {
		all[i].From, all[i].To = s.Bounds[i], s.Bounds[i+1]
	}
	return all
}
