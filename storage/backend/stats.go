package backend

import (
	"cmp"
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// UserStats implements storage.StatsReader.
func (r Reader) UserStats(ctx context.Context) (storage.UserStats, error) {
	return readOne(ctx, r.in, "user statistics", unchecked, func(rows Rows) (storage.UserStats, error) {
		return rows.UserStats(ctx, r.now())
	})
}

// RoomStats implements storage.StatsReader.
func (r Reader) RoomStats(ctx context.Context, q storage.StatsQuery) (storage.RoomStats, error) {
	return readOne(ctx, r.in, "room statistics", q.Validate, func(rows Rows) (storage.RoomStats, error) {
		return rows.RoomStats(ctx, topOf(q), r.now())
	})
}

// topOf returns how many entries a ranking has at most.
func topOf(q storage.StatsQuery) int {
	return min(cmp.Or(q.Top, storage.DefaultTop), storage.MaxTop)
}

// MessageStats implements storage.StatsReader.
func (r Reader) MessageStats(ctx context.Context, q storage.StatsQuery) (stats storage.MessageStats, err error) {
	err = r.in.view(ctx, "message statistics", q.Validate, func(rows Rows) (int, error) {
		stats, err = r.messageStats(ctx, rows, q)
		return 1, err
	})
	if err != nil {
		return storage.MessageStats{}, err
	}
	return stats, nil
}

func (r Reader) messageStats(ctx context.Context, rows Rows, q storage.StatsQuery) (storage.MessageStats, error) {
	s := MessageStatsScan{Room: q.Room, User: q.User, From: floorQuarter(q.From), To: floorQuarter(q.To), Top: topOf(q), Now: r.now()}
	if s.To.Before(q.To) {
		s.To = s.To.Add(rollup.Quarter)
	}
	stats, err := rows.MessageStats(ctx, s)
	if err != nil {
		return stats, err
	}
	if stats.Members, err = r.members(ctx, rows, q.Room); err == nil && stats.Members > 0 {
		stats.PerMember = float64(stats.Total) / float64(stats.Members)
	}
	return stats, err
}

// members returns how many members a room has, 0 if there is none, or without a
// room how many users there are.
func (r Reader) members(ctx context.Context, rows Rows, room storage.RoomID) (int64, error) {
	if room.IsZero() {
		return rows.CountUsers(ctx, UserScan{UserQuery: storage.UserQuery{Order: storage.UsersByName}})
	}
	found, err := rows.RoomsByID(ctx, []storage.RoomID{room})
	if err != nil || len(found) == 0 {
		return 0, err
	}
	return found[0].MemberCount, nil
}

func floorQuarter(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC().Truncate(rollup.Quarter)
}

// Activity implements storage.StatsReader.
func (r Reader) Activity(ctx context.Context, q storage.ActivityQuery) ([]storage.Bucket, error) {
	s := ActivityScan{Room: q.Room, User: q.User}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.Bounds, err = q.Bounds()
		return err
	}
	return readList(ctx, r.in, "activity", check, func(rows Rows) ([]storage.Bucket, error) {
		if s.Now = r.now(); len(s.Bounds) == 0 {
			return nil, nil
		}
		return rows.Activity(ctx, s)
	})
}
