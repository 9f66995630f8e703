package storagetest_test

// Activity by time, counted anew in buckets whose ends are found quarter by
// quarter.

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// modelZones are where histories take place.
var modelZones = []string{"", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"}

// begins reports whether a bucket begins at a time, by the clock on the wall. That
// shows each midnight once in modelZones.
func begins(unit storage.ActivityUnit, wall time.Time) bool {
	switch {
	case wall.Minute() != 0:
		return false
	case unit == storage.ActivityHour:
		return true
	case wall.Hour() != 0:
		return false
	case unit == storage.ActivityWeek:
		return wall.Weekday() == time.Monday
	case unit == storage.ActivityMonth:
		return wall.Day() == 1
	}
	return true
}

// buckets returns the empty buckets of a query.
func buckets(q storage.ActivityQuery) (all []storage.Bucket) {
	const quarter = 15 * time.Minute
	zone, err := time.LoadLocation(q.TimeZone)
	if err != nil {
		panic(err)
	}
	from := q.From.UTC().Truncate(quarter)
	for !begins(q.Unit, from.In(zone)) {
		from = from.Add(-quarter)
	}
	for from.Before(q.To) && q.From.Before(q.To) {
		to := from.Add(quarter)
		for !begins(q.Unit, to.In(zone)) {
			to = to.Add(quarter)
		}
		all = append(all, storage.Bucket{From: from, To: to})
		from = to
	}
	return all
}

func (m *model) Activity(_ context.Context, q storage.ActivityQuery) ([]storage.Bucket, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	all, said := buckets(q), m.saidBy(q.Room, q.User)
	for i := range all {
		b := &all[i]
		within := func(at time.Time) bool { return !at.Before(b.From) && at.Before(b.To) }
		authors := map[storage.UserID]bool{}
		for _, message := range said {
			if within(message.CreatedAt) {
				b.Messages++
				authors[message.AuthorID] = true
			}
		}
		delete(authors, storage.UserID{})
		b.Authors = int64(len(authors))
		for _, e := range m.events {
			of := (q.Room.IsZero() || e.room == m.roomAt(q.Room)) && (q.User.IsZero() || e.user == q.User)
			if of && within(e.at) && !m.unknown(q.Room, q.User) {
				*e.what(b)++
			}
		}
	}
	return all, nil
}
