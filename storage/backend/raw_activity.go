package backend

import (
	"bytes"
	"cmp"
	"math"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// RawActivities returns what happened beside messages, in the order of At,
// RoomID and UserID, at most limit records and only those strictly beyond
// after, if it is not nil. What happened in rooms that were deleted since is the
// server's, and what deleted users did nobody's.
func (r Rollups) RawActivities(after *storage.RawActivity, limit int) (all []storage.RawActivity, err error) {
	from := int64(math.MinInt64)
	if after != nil {
		from = rollup.DayOf(rollup.QuarterOf(after.At))
	}
	err = r.Events(from, func(deltas []rollup.Delta) (more bool, err error) {
		ofDay, err := r.rawDay(deltas)
		for _, a := range ofDay {
			if after == nil || compareActivities(a, *after) > 0 {
				all = append(all, a)
			}
		}
		return len(all) < limit, err
	})
	return all[:min(len(all), limit)], err
}

func compareActivities(a, b storage.RawActivity) int {
	return cmp.Or(a.At.Compare(b.At), bytes.Compare(a.RoomID[:], b.RoomID[:]), bytes.Compare(a.UserID[:], b.UserID[:]))
}

// rawDay returns the records of a day, those of one place together.
func (r Rollups) rawDay(deltas []rollup.Delta) (all []storage.RawActivity, err error) {
	for _, d := range deltas {
		a := storage.RawActivity{At: rollup.TimeOf(d.Quarter)}
		room, _, err := r.Room(d.Room)
		if err != nil {
			return nil, err
		}
		user, _, err := r.User(d.Author)
		if err != nil {
			return nil, err
		}
		a.RoomID, a.UserID = room, user
		switch d.What {
		case rollup.Join:
			a.Joins = d.N
		case rollup.Leave:
			a.Leaves = d.N
		case rollup.Registration:
			a.Registrations = d.N
		}
		all = append(all, a)
	}
	slices.SortFunc(all, compareActivities)
	merged := all[:0]
	for _, a := range all {
		if last := len(merged) - 1; last >= 0 && compareActivities(merged[last], a) == 0 {
			merged[last].Joins += a.Joins
			merged[last].Leaves += a.Leaves
			merged[last].Registrations += a.Registrations
			continue
		}
		merged = append(merged, a)
	}
	return merged, nil
}
