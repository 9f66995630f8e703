package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) UserStats(_ context.Context, now time.Time) (storage.UserStats, error) {
	s := storage.UserStats{ByRole: make(map[storage.Role]int64)}
	r.users.Scan(func(_ key, u *backend.UserRow) bool {
		s.Total++
		if u.Active {
			s.Active++
		}
		s.ByRole[u.Role]++
		backend.CountRecent(&s.New, u.CreatedAt, now)
		backend.CountRecent(&s.Seen, u.LastSeenAt, now)
		return true
	})
	return s, nil
}

func (r *rows) RoomStats(_ context.Context, top int, now time.Time) (storage.RoomStats, error) {
	s := storage.RoomStats{ByType: make(map[storage.RoomType]int64), ByPrivacy: make(map[storage.Privacy]int64)}
	members, all := make(map[int64]int64), int64(0)
	r.rooms.Scan(func(k key, v *room) bool {
		s.Total++
		if v.row.Active {
			s.Active++
		}
		s.ByType[v.row.Type]++
		s.ByPrivacy[v.row.Privacy]++
		backend.CountRecent(&s.New, v.row.CreatedAt, now)
		members[int64(k)] = v.members
		all += v.members
		return true
	})
	if s.Total > 0 {
		s.AverageMembers = float64(all) / float64(s.Total)
	}
	largest, err := backend.Rank(members, top, func(k int64) ([16]byte, bool, error) {
		v, there := r.rooms.Get(key(k))
		return v.row.ID, there, nil
	})
	for _, e := range largest {
		s.Largest = append(s.Largest, storage.RoomCount{RoomID: e.ID, Count: e.Count})
	}
	return s, err
}

func (r *rows) MessageStats(_ context.Context, s backend.MessageStatsScan) (storage.MessageStats, error) {
	all, of, there := r.rollups(s.Room, s.User, s.Now)
	if !there {
		return backend.NoMessages(), nil
	}
	return all.MessageStats(of, s)
}

func (r *rows) Activity(_ context.Context, s backend.ActivityScan) ([]storage.Bucket, error) {
	all, of, there := r.rollups(s.Room, s.User, s.Now)
	if !there {
		return s.NoBuckets(), nil
	}
	return all.Buckets(of, s)
}
