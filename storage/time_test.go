package storage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func TestTimestamp(t *testing.T) {
	kathmandu := time.FixedZone("Kathmandu", (5*60+45)*60)
	for _, tt := range []struct {
		name string
		time time.Time
		want time.Time
	}{
		{"zero stays never", time.Time{}, time.Time{}},
		{"zero in another zone", time.Time{}.In(kathmandu), time.Time{}},
		{"to UTC", time.Date(2024, 2, 29, 5, 45, 0, 0, kathmandu), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)},
		{"truncated", time.Date(2024, 1, 1, 0, 0, 0, 1999, time.UTC), time.Date(2024, 1, 1, 0, 0, 0, 1000, time.UTC)},
		{"before 1970", time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC)},
		{"year 1", time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 1000, time.UTC)},
		{"year 9999", time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := storage.Timestamp(tt.time)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, got, storage.Timestamp(got), "Timestamp(Timestamp(t))")
			assert.Equal(t, tt.want, time.UnixMicro(got.UnixMicro()).UTC(), "microseconds keep all of it")
		})
	}
}

func TestTimestampDropsTheMonotonicClock(t *testing.T) {
	now := time.Now()
	got := storage.Timestamp(now)
	assert.NotContains(t, got.String(), "m=")
	assert.Equal(t, time.UTC, got.Location())
	assert.WithinDuration(t, now, got, storage.TimePrecision)
}

func TestTimesThatJSONCannotWrite(t *testing.T) {
	message := func(at time.Time) storage.Message {
		return storage.Message{RoomID: storage.NewID[storage.Room](), CreatedAt: at}
	}
	behind := time.FixedZone("", -12*60*60)
	for _, at := range []time.Time{
		time.Date(0, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC),
		time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(9999, 12, 31, 12, 0, 0, 0, behind), // 10000-01-01 in UTC
	} {
		assert.ErrorIs(t, message(at).Validate(), storage.ErrInvalid, "CreatedAt %v", at)
	}
	for _, at := range []time.Time{{}, time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)} {
		require.NoError(t, message(at).Validate(), "CreatedAt %v", at)
	}
}

func TestRangesOfTime(t *testing.T) {
	noon := time.Date(2024, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name     string
		from, to time.Time
		ok       bool
	}{
		{"open", time.Time{}, time.Time{}, true},
		{"open end", noon, time.Time{}, true},
		{"open start", time.Time{}, noon, true},
		{"empty", noon, noon, true},
		{"backwards", noon, noon.Add(-1), false},
		{"out of bounds", noon, time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := storage.UserQuery{CreatedFrom: tt.from, CreatedTo: tt.to}.Validate()
			if tt.ok {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, storage.ErrInvalid)
		})
	}
}
