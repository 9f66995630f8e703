package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// zoneCases are spans, and where buckets begin in them, as people say in the
// zone; the last is the end.
var zoneCases = []struct {
	zone     string
	unit     storage.ActivityUnit
	from, to string // in UTC
	want     []string
}{
	{
		"", storage.ActivityDay, "2026-03-28T23:59", "2026-03-30T00:01",
		[]string{"2026-03-28T00:00Z", "2026-03-29T00:00Z", "2026-03-30T00:00Z", "2026-03-31T00:00Z"},
	},
	{ // a day of 23 hours, and one of 25
		"America/New_York", storage.ActivityDay, "2026-03-07T12:00", "2026-03-09T12:00",
		[]string{"2026-03-07T00:00-05:00", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00", "2026-03-10T00:00-04:00"},
	},
	{
		"America/New_York", storage.ActivityDay, "2026-11-01T12:00", "2026-11-01T13:00",
		[]string{"2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"},
	},
	{ // one o'clock comes twice
		"America/New_York", storage.ActivityHour, "2026-11-01T05:30", "2026-11-01T06:30",
		[]string{"2026-11-01T01:00-04:00", "2026-11-01T01:00-05:00", "2026-11-01T02:00-05:00"},
	},
	{
		"Asia/Kathmandu", storage.ActivityHour, "2026-05-01T00:00", "2026-05-01T00:16",
		[]string{"2026-05-01T05:00+05:45", "2026-05-01T06:00+05:45", "2026-05-01T07:00+05:45"},
	},
	{
		"Asia/Kathmandu", storage.ActivityMonth, "2026-01-31T18:14", "2026-02-28T18:16",
		[]string{"2026-01-01T00:00+05:45", "2026-02-01T00:00+05:45", "2026-03-01T00:00+05:45", "2026-04-01T00:00+05:45"},
	},
	{ // the clock moves by half an hour
		"Australia/Lord_Howe", storage.ActivityDay, "2026-04-03T13:00", "2026-04-05T13:30",
		[]string{"2026-04-04T00:00+11:00", "2026-04-05T00:00+11:00", "2026-04-06T00:00+10:30"},
	},
	{ // ISO 8601: weeks begin on Monday, whatever the year
		"America/New_York", storage.ActivityWeek, "2026-01-01T12:00", "2026-01-12T05:00",
		[]string{"2025-12-29T00:00-05:00", "2026-01-05T00:00-05:00", "2026-01-12T00:00-05:00"},
	},
	{ // a day begins at one o'clock, since there was no midnight
		"America/Sao_Paulo", storage.ActivityDay, "2018-11-03T12:00", "2018-11-04T12:00",
		[]string{"2018-11-03T00:00-03:00", "2018-11-04T01:00-02:00", "2018-11-05T00:00-02:00"},
	},
	{ // and one did not take place
		"Pacific/Apia", storage.ActivityDay, "2011-12-29T12:00", "2011-12-30T12:00",
		[]string{"2011-12-29T00:00-10:00", "2011-12-31T00:00+14:00", "2012-01-01T00:00+14:00"},
	},
	{ // midnight came twice
		"America/Sao_Paulo", storage.ActivityDay, "2018-02-17T12:00", "2018-02-18T12:00",
		[]string{"2018-02-17T00:00-02:00", "2018-02-18T00:00-03:00", "2018-02-19T00:00-03:00"},
	},
	{
		"America/Havana", storage.ActivityDay, "2026-11-01T12:00", "2026-11-01T13:00",
		[]string{"2026-11-01T00:00-04:00", "2026-11-02T00:00-05:00"},
	},
}

func testActivityZones(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall := f.room("hall", ann.ID)
	at := func(layout, s string) time.Time {
		v, err := time.Parse(layout, s)
		require.NoError(t, err)
		return v.UTC()
	}
	var ms []*storage.Message
	for _, c := range zoneCases { // one at each end of a bucket
		for _, s := range c.want {
			begin := at("2006-01-02T15:04Z07:00", s)
			for _, d := range []time.Duration{-time.Microsecond, 0} {
				ms = append(ms, &storage.Message{RoomID: hall.ID, AuthorID: ann.ID, Body: "x", CreatedAt: begin.Add(d)})
			}
		}
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	for _, c := range zoneCases {
		q := storage.ActivityQuery{Unit: c.unit, TimeZone: c.zone, From: at("2006-01-02T15:04", c.from), To: at("2006-01-02T15:04", c.to)}
		got := f.buckets(q)
		require.Len(t, got, len(c.want)-1, "%s by %s", c.zone, c.unit)
		for i, b := range got {
			require.Equal(t, at("2006-01-02T15:04Z07:00", c.want[i]), b.From, "%s by %s: bucket %d", c.zone, c.unit, i)
			require.Equal(t, at("2006-01-02T15:04Z07:00", c.want[i+1]), b.To, "%s by %s: bucket %d", c.zone, c.unit, i)
			require.Equal(t, time.UTC, b.From.Location())
			require.Positive(t, b.Messages)
		}
		for i, want := range f.recountActivity(q, got) {
			require.Equal(t, want, [2]int64{got[i].Messages, got[i].Authors}, "%s by %s: bucket %d", c.zone, c.unit, i)
		}
	}
}
