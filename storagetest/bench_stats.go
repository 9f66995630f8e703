package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const (
	benchSpan   = 90 * day // in which everything is said
	statsRounds = 25
)

// statistic is a statistic that is measured.
type statistic struct {
	name string
	call func() error
}

// BenchStats measures statistics of as many messages as o says, which are spread
// over 90 days, in turns with those of a store that has a tenth of them, of the
// same days and in as many rooms and by as many users.
func BenchStats(b *testing.B, backend Backend, o BenchOptions) {
	now := time.Now()
	all := newStatsStore(b, backend, o, now)
	o = all.size
	o.Messages /= 10
	tenth := newStatsStore(b, backend, o, now)
	before := tenth.statistics(now)
	for i, c := range all.statistics(now) {
		b.Run(c.name, func(b *testing.B) {
			compare(b, times("tenth-us", before[i].call, b), times("all-us", c.call, b))
		})
	}
}

// times measures the median of some calls.
func times(unit string, call func() error, b *testing.B) measure {
	return measure{unit, func() float64 {
		took := make([]float64, statsRounds)
		for i := range took {
			took[i] = micros(b, call)
		}
		return median(took)
	}}
}

func newStatsStore(b *testing.B, backend Backend, o BenchOptions, now time.Time) *benchStore {
	s := &benchStore{
		Store: backend.Open(b, storage.Options{Now: func() time.Time { return now }}), size: o.withDefaults(), ctx: b.Context(),
		members: map[storage.RoomID][]storage.UserID{},
	}
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	g := s.generator()
	s.words = vocabulary(g.Rand)
	require.NoError(b, s.populate(g), "making users and rooms")
	require.NoError(b, s.fillSpan(g, s.size.Messages, now), "filling the store")
	return s
}

// fillSpan stores messages with times all over the span, rising.
func (s *benchStore) fillSpan(g *generator, messages int, now time.Time) error {
	step := benchSpan / time.Duration(messages)
	for n := 0; n < messages; n += benchBatch {
		batch := g.batch(min(benchBatch, messages-n), g.message)
		for i, m := range batch {
			m.CreatedAt = now.Add(-benchSpan + time.Duration(n+i)*step)
		}
		if _, err := s.CreateMessages(s.ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (s *benchStore) statistics(now time.Time) []statistic {
	messages := func(q storage.StatsQuery) func() error {
		return func() error { _, err := s.MessageStats(s.ctx, q); return err }
	}
	activity := func(unit storage.ActivityUnit, span time.Duration, zone string, q storage.ActivityQuery) func() error {
		q.Unit, q.From, q.To, q.TimeZone = unit, now.Add(-span), now, zone
		return func() error { _, err := s.Activity(s.ctx, q); return err }
	}
	busy, quiet, user := s.rooms[0], s.rooms[len(s.rooms)/2], s.members[s.rooms[0]][0]
	return []statistic{
		{"UserStats", func() error { _, err := s.UserStats(s.ctx); return err }},
		{"RoomStats", func() error { _, err := s.RoomStats(s.ctx, storage.StatsQuery{}); return err }},
		{"MessageStats", messages(storage.StatsQuery{})},
		{"MessageStats/30 days", messages(storage.StatsQuery{From: now.Add(-30 * day), To: now})},
		{"MessageStats/busy room", messages(storage.StatsQuery{Room: busy})},
		{"MessageStats/quiet room", messages(storage.StatsQuery{Room: quiet})},
		{"MessageStats/user", messages(storage.StatsQuery{User: user})},
		{"MessageStats/user in a room", messages(storage.StatsQuery{User: user, Room: busy})},
		{"Activity/hours", activity(storage.ActivityHour, 7*day, "", storage.ActivityQuery{})},
		{"Activity/days", activity(storage.ActivityDay, benchSpan, "", storage.ActivityQuery{})},
		{"Activity/days in New York", activity(storage.ActivityDay, benchSpan, "America/New_York", storage.ActivityQuery{})},
		{"Activity/weeks in Kathmandu", activity(storage.ActivityWeek, benchSpan, "Asia/Kathmandu", storage.ActivityQuery{})},
		{"Activity/months", activity(storage.ActivityMonth, benchSpan, "", storage.ActivityQuery{})},
		{"Activity/busy room", activity(storage.ActivityDay, benchSpan, "America/New_York", storage.ActivityQuery{Room: busy})},
		{"Activity/quiet room", activity(storage.ActivityDay, benchSpan, "America/New_York", storage.ActivityQuery{Room: quiet})},
		{"Activity/user", activity(storage.ActivityDay, benchSpan, "America/New_York", storage.ActivityQuery{User: user})},
	}
}
