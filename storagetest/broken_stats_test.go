package storagetest_test

import (
	"context"
	"reflect"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// statsReader is a reader that changes what is asked of statistics, and what
// they answer. What is nil is right.
type statsReader struct {
	storage.Reader
	statsReads
}

type statsReads struct {
	users    func(*storage.UserStats)
	rooms    func(*storage.RoomStats)
	query    func(*storage.StatsQuery)
	messages func(ctx context.Context, r storage.Reader, q storage.StatsQuery, s *storage.MessageStats) error
	asked    func(*storage.ActivityQuery)
	activity func(ctx context.Context, r storage.Reader, q storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error)
}

func (c statsReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return statsReader{r, c} })
}

func (r statsReader) UserStats(ctx context.Context) (storage.UserStats, error) {
	s, err := r.Reader.UserStats(ctx)
	return apply(r.users, s, err)
}

func (r statsReader) RoomStats(ctx context.Context, q storage.StatsQuery) (storage.RoomStats, error) {
	s, err := r.Reader.RoomStats(ctx, asked(r.query, true, q))
	return apply(r.rooms, s, err)
}

func (r statsReader) MessageStats(ctx context.Context, q storage.StatsQuery) (storage.MessageStats, error) {
	s, err := r.Reader.MessageStats(ctx, asked(r.query, true, q))
	if err == nil && r.messages != nil {
		err = r.messages(ctx, r.Reader, q, &s)
	}
	return s, err
}

func (r statsReader) Activity(ctx context.Context, q storage.ActivityQuery) ([]storage.Bucket, error) {
	all, err := r.Reader.Activity(ctx, asked(r.asked, true, q))
	if err == nil && r.activity != nil {
		return r.activity(ctx, r.Reader, q, all)
	}
	return all, err
}

// statsFaults are stores that count wrongly.
var statsFaults = slices.Concat(statsAnswers, statsQuestions, statsFields(), bucketFaults)

// statsAnswers are wrong answers to right questions.
var statsAnswers = []fault{
	{name: "users who are deactivated are active", caught: "stats/users", open: statsReads{users: func(s *storage.UserStats) { s.Active = s.Total }}.opener()},
	{name: "new users of a month are of a week", caught: "stats/users and time", open: statsReads{users: func(s *storage.UserStats) { s.New.Week = s.New.Month }}.opener()},
	{name: "users of a time to come are new", caught: "stats/what has a time to come", open: statsReads{users: func(s *storage.UserStats) {
		if s.New.Month == 0 {
			s.New = storage.Recent{Day: s.Total, Week: s.Total, Month: s.Total}
		}
	}}.opener()},
	{name: "messages of a time to come are recent", caught: "stats/what has a time to come", open: messagesOf(func(_ storage.StatsQuery, s *storage.MessageStats) {
		if s.Recent.Month < s.Total {
			s.Recent.Day = s.Total
		}
	})},
	{name: "new users were seen", caught: "stats/users and time", open: statsReads{users: func(s *storage.UserStats) { s.Seen = s.New }}.opener()},
	{name: "the average is of rooms with members", caught: "stats/rooms", open: statsReads{rooms: func(s *storage.RoomStats) {
		if n := len(s.Largest); n > 0 {
			s.AverageMembers *= float64(s.Total) / float64(n)
		}
	}}.opener()},
	{name: "rooms as large are in any order", caught: "stats/the largest rooms", open: statsReads{rooms: func(s *storage.RoomStats) {
		for i := 1; i < len(s.Largest); i++ {
			if a, b := &s.Largest[i-1], &s.Largest[i]; a.Count == b.Count {
				*a, *b = *b, *a
			}
		}
	}}.opener()},
	{name: "rooms as active are in any order", caught: "stats/rankings", open: messagesOf(func(_ storage.StatsQuery, s *storage.MessageStats) {
		for i := 1; i < len(s.MostActiveRooms); i++ {
			if a, b := &s.MostActiveRooms[i-1], &s.MostActiveRooms[i]; a.Count == b.Count {
				*a, *b = *b, *a
			}
		}
	})},
	{name: "tombstones are in statistics", caught: "stats/messages come and go", open: statsReads{
		messages: func(ctx context.Context, r storage.Reader, q storage.StatsQuery, s *storage.MessageStats) error {
			n, err := r.CountMessages(ctx, storage.MessageQuery{Room: q.Room, Author: q.User, From: q.From, To: q.To, WithDeleted: true})
			s.Total = n
			return err
		},
	}.opener()},
	{name: "nobody is an author", caught: "stats/messages", open: messagesOf(func(q storage.StatsQuery, s *storage.MessageStats) {
		known := int64(0)
		for _, u := range s.MostActiveUsers {
			known += u.Count
		}
		if known < s.Total && q.Top == 0 && q.User.IsZero() {
			s.Authors++
		}
	})},
	{name: "each author has as much to say", caught: "stats/members", open: messagesOf(func(_ storage.StatsQuery, s *storage.MessageStats) {
		if s.Authors > 0 {
			s.PerMember = float64(s.Total) / float64(s.Authors)
		}
	})},
	{name: "recent messages are of the span", caught: "stats/recent messages", open: messagesOf(func(q storage.StatsQuery, s *storage.MessageStats) {
		if !q.To.IsZero() {
			s.Recent = storage.Recent{}
		}
	})},
}

func messagesOf(change func(storage.StatsQuery, *storage.MessageStats)) opener {
	return statsReads{messages: func(_ context.Context, _ storage.Reader, q storage.StatsQuery, s *storage.MessageStats) error {
		change(q, s)
		return nil
	}}.opener()
}

// statsQuestions are stores that hear another question.
var statsQuestions = []fault{
	{name: "statistics of all rooms", caught: "stats/messages of a room, of a user", open: hears(func(q *storage.StatsQuery) { q.Room = storage.RoomID{} })},
	{name: "statistics of all users", caught: "stats/messages of a room, of a user", open: hears(func(q *storage.StatsQuery) { q.User = storage.UserID{} })},
	{name: "statistics from the beginning", caught: "stats/a span of time", open: hears(func(q *storage.StatsQuery) { q.From = time.Time{} })},
	{name: "statistics up to the end", caught: "stats/a span of time", open: hears(func(q *storage.StatsQuery) { q.To = time.Time{} })},
	{name: "a span that begins in a quarter begins with the next", caught: "stats/a span of time", open: hears(func(q *storage.StatsQuery) {
		if begin := q.From.Truncate(quarterHour); begin.Before(q.From) {
			q.From = begin.Add(quarterHour)
			q.To = latest(q.From, q.To)
		}
	})},
	{name: "a span that ends in a quarter ends before it", caught: "stats/a span of time", open: hears(func(q *storage.StatsQuery) {
		q.To = latest(q.From, q.To.Truncate(quarterHour))
	})},
	{name: "rankings are as long as they can be", caught: "stats/the largest rooms", open: hears(func(q *storage.StatsQuery) {
		if q.Top >= 0 {
			q.Top = storage.MaxTop
		}
	})},
}

const quarterHour = 15 * time.Minute

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func hears(change func(*storage.StatsQuery)) opener { return statsReads{query: change}.opener() }

// statsFields are stores whose statistics lack a field.
func statsFields() (all []fault) {
	lacking := func(t reflect.Type, caught string, open func(field int) statsReads) {
		for i := range t.NumField() {
			all = append(all, fault{name: t.Name() + " without " + t.Field(i).Name, caught: caught, open: open(i).opener()})
		}
	}
	lacking(reflect.TypeFor[storage.UserStats](), "stats/users", func(i int) statsReads {
		return statsReads{users: func(s *storage.UserStats) { reflect.ValueOf(s).Elem().Field(i).SetZero() }}
	})
	lacking(reflect.TypeFor[storage.RoomStats](), "stats/rooms", func(i int) statsReads {
		return statsReads{rooms: func(s *storage.RoomStats) { reflect.ValueOf(s).Elem().Field(i).SetZero() }}
	})
	lacking(reflect.TypeFor[storage.MessageStats](), "stats/messages", func(i int) statsReads {
		return statsReads{messages: func(_ context.Context, _ storage.Reader, _ storage.StatsQuery, s *storage.MessageStats) error {
			reflect.ValueOf(s).Elem().Field(i).SetZero()
			return nil
		}}
	})
	lacking(reflect.TypeFor[storage.Bucket](), "stats/activity", func(i int) statsReads {
		return statsReads{activity: func(_ context.Context, _ storage.Reader, _ storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error) {
			for n := range all {
				reflect.ValueOf(&all[n]).Elem().Field(i).SetZero()
			}
			return all, nil
		}}
	})
	for i, f := range all {
		if f.name == "Bucket without Leaves" {
			all[i].caught = "stats/activity of joins and leaves"
		}
	}
	return all
}

// bucketFaults are stores that have other buckets.
var bucketFaults = []fault{
	{name: "activity of all rooms", caught: "stats/activity of joins and leaves", open: hearsOf(func(q *storage.ActivityQuery) { q.Room = storage.RoomID{} })},
	{name: "activity of all users", caught: "stats/activity of joins and leaves", open: hearsOf(func(q *storage.ActivityQuery) { q.User = storage.UserID{} })},
	{name: "all days are those of UTC", caught: "stats/activity in time zones", open: hearsOf(func(q *storage.ActivityQuery) {
		if _, err := time.LoadLocation(q.TimeZone); err == nil && q.TimeZone != "Local" {
			q.TimeZone = ""
		}
	})},
	{name: "a day is an hour unless told", caught: "stats/activity", open: hearsOf(func(q *storage.ActivityQuery) {
		if q.Unit == 0 {
			q.Unit = storage.ActivityHour
		}
	})},
	{name: "buckets with nothing in them are left out", caught: "stats/activity", open: bucketsOf(func(_ storage.ActivityQuery, all []storage.Bucket) []storage.Bucket {
		return slices.DeleteFunc(all, func(b storage.Bucket) bool { return b == storage.Bucket{From: b.From, To: b.To} })
	})},
	{name: "the first bucket begins with the span", caught: "stats/activity", open: bucketsOf(func(q storage.ActivityQuery, all []storage.Bucket) []storage.Bucket {
		if len(all) > 0 {
			all[0].From = q.From.UTC()
		}
		return all
	})},
	{name: "all days have 24 hours", caught: "stats/activity in time zones", open: bucketsOf(func(q storage.ActivityQuery, all []storage.Bucket) []storage.Bucket {
		for i := range all {
			if q.Unit == storage.ActivityDay {
				all[i].To = all[i].From.Add(24 * time.Hour)
			}
		}
		return all
	})},
	{name: "weeks begin on Sunday", caught: "stats/activity in time zones", open: bucketsOf(func(q storage.ActivityQuery, all []storage.Bucket) []storage.Bucket {
		for i := range all {
			if q.Unit == storage.ActivityWeek {
				all[i].From, all[i].To = all[i].From.AddDate(0, 0, -1), all[i].To.AddDate(0, 0, -1)
			}
		}
		return all
	})},
	{name: "registrations in rooms", caught: "stats/activity of registrations", open: statsReads{
		activity: func(ctx context.Context, r storage.Reader, q storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error) {
			q.Room = storage.RoomID{}
			others, err := r.Activity(ctx, q)
			for i := range all {
				all[i].Registrations = others[i].Registrations
			}
			return all, err
		},
	}.opener()},
	{name: "each message has an author of its own", caught: "stats/activity counts authors once", open: bucketsOf(func(_ storage.ActivityQuery, all []storage.Bucket) []storage.Bucket {
		for i := range all {
			all[i].Authors = all[i].Messages
		}
		return all
	})},
	{name: "who is kicked does not leave", caught: "stats/activity of who is made to leave", open: statsReads{
		activity: func(ctx context.Context, r storage.Reader, q storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error) {
			kicks, err := r.Sanctions(ctx, storage.SanctionQuery{Kinds: []storage.SanctionKind{storage.SanctionKick}, User: q.User})
			for i := range all {
				all[i].Leaves = max(0, all[i].Leaves-int64(len(kicks.Items)))
			}
			return all, err
		},
	}.opener()},
	{name: "who is gone has never come", caught: "stats/activity of who is gone", open: statsReads{
		activity: func(ctx context.Context, r storage.Reader, q storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error) {
			n, err := r.CountUsers(ctx, storage.UserQuery{})
			for i := range all {
				all[i].Registrations = min(all[i].Registrations, n)
			}
			return all, err
		},
	}.opener()},
}

func hearsOf(change func(*storage.ActivityQuery)) opener { return statsReads{asked: change}.opener() }

func bucketsOf(change func(storage.ActivityQuery, []storage.Bucket) []storage.Bucket) opener {
	return statsReads{activity: func(_ context.Context, _ storage.Reader, q storage.ActivityQuery, all []storage.Bucket) ([]storage.Bucket, error) {
		return change(q, all), nil
	}}.opener()
}
