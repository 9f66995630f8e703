package sqlite

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

const (
	userRolesSQL = `
SELECT role, count(*), ifnull(sum(active), 0)
FROM users
GROUP BY role`
	newUsersSQL = `
SELECT count(*)
FROM users
WHERE created_at BETWEEN ? AND ?`
	seenUsersSQL = `
SELECT count(*)
FROM users
WHERE ifnull(last_seen_at, 0) BETWEEN ? AND ?`
)

// UserStats implements backend.StatsRows.
func (r *rows) UserStats(_ context.Context, now time.Time) (s storage.UserStats, err error) {
	if err := r.snapshot(); err != nil {
		return s, err
	}
	s.ByRole = make(map[storage.Role]int64)
	err = r.c.query(userRolesSQL, nil, func(row *row) error {
		role, n := known[storage.Role](row), row.int()
		s.ByRole[role] = n
		s.Total += n
		s.Active += row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	if s.New, err = r.recent(newUsersSQL, now); err != nil {
		return s, err
	}
	s.Seen, err = r.recent(seenUsersSQL, now)
	return s, err
}

const (
	roomKindsSQL = `
SELECT type, privacy, count(*), ifnull(sum(active), 0), ifnull(sum(member_count), 0)
FROM rooms
GROUP BY type, privacy`
	newRoomsSQL = `
SELECT count(*)
FROM rooms
WHERE created_at BETWEEN ? AND ?`
	largestRoomsSQL = `
SELECT id, member_count
FROM rooms
WHERE member_count > 0
ORDER BY member_count DESC, id
LIMIT ?`
)

// RoomStats implements backend.StatsRows.
func (r *rows) RoomStats(_ context.Context, top int, now time.Time) (s storage.RoomStats, err error) {
	if err := r.snapshot(); err != nil {
		return s, err
	}
	s.ByType, s.ByPrivacy = make(map[storage.RoomType]int64), make(map[storage.Privacy]int64)
	var members int64
	err = r.c.query(roomKindsSQL, nil, func(row *row) error {
		kind, privacy, n := known[storage.RoomType](row), known[storage.Privacy](row), row.int()
		s.ByType[kind] += n
		s.ByPrivacy[privacy] += n
		s.Total += n
		s.Active += row.int()
		members += row.int()
		return nil
	})
	if err != nil {
		return s, err
	}
	if s.Total > 0 {
		s.AverageMembers = float64(members) / float64(s.Total)
	}
	err = r.c.query(largestRoomsSQL, func(a *args) { a.int(int64(top)) }, func(row *row) error {
		s.Largest = append(s.Largest, storage.RoomCount{RoomID: row.id(), Count: row.int()})
		return nil
	})
	if err != nil {
		return s, err
	}
	s.New, err = r.recent(newRoomsSQL, now)
	return s, err
}

// MessageStats implements backend.StatsRows.
func (r *rows) MessageStats(_ context.Context, s backend.MessageStatsScan) (stats storage.MessageStats, err error) {
	all, of, err := r.rollups(s.Room, s.User, s.Now)
	if errors.Is(err, storage.ErrNotFound) {
		return backend.NoMessages(), nil
	}
	if err != nil {
		return stats, err
	}
	return all.MessageStats(of, s)
}

// Activity implements backend.StatsRows.
func (r *rows) Activity(_ context.Context, s backend.ActivityScan) ([]storage.Bucket, error) {
	all, of, err := r.rollups(s.Room, s.User, s.Now)
	if errors.Is(err, storage.ErrNotFound) {
		return s.NoBuckets(), nil
	}
	if err != nil {
		return nil, err
	}
	return all.Buckets(of, s)
}

// rollups returns the rollups as they are at a time, and the keys of a room and
// a user; it is storage.ErrNotFound if one of them is not there.
func (r *rows) rollups(room storage.RoomID, user storage.UserID, now time.Time) (all backend.Rollups, of rollup.Of, err error) {
	if err := r.snapshot(); err != nil {
		return all, of, err
	}
	if !room.IsZero() {
		state, err := r.room(room)
		if err != nil {
			return all, of, err
		}
		of.Room = state.key
	}
	if of.Author, err = r.userKey(user); err != nil {
		return all, of, err
	}
	all.Room, all.User = r.roomOfKey, r.userOfKey
	all.Source, err = r.source(of, now)
	return all, of, err
}

const (
	roomOfKeySQL = `
SELECT id
FROM rooms
WHERE key = ?`
	userOfKeySQL = `
SELECT id
FROM users
WHERE key = ?`
)

func (r *rows) roomOfKey(key int64) (id [16]byte, there bool, err error) {
	return r.identify(roomOfKeySQL, key)
}

func (r *rows) userOfKey(key int64) (id [16]byte, there bool, err error) {
	return r.identify(userOfKeySQL, key)
}

func (r *rows) identify(sql string, key int64) (id [16]byte, there bool, err error) {
	err = r.c.query(sql, func(a *args) { a.int(key) }, func(row *row) error {
		id, there = row.id(), true
		return nil
	})
	return id, there, err
}

// rawActivities returns what a dump says of the rollups (backend.Rollups).
func (r *rows) rawActivities(after *storage.RawActivity, limit int) ([]storage.RawActivity, error) {
	all, _, err := r.rollups(storage.RoomID{}, storage.UserID{}, time.Time{})
	if err != nil {
		return nil, err
	}
	return all.RawActivities(after, limit)
}
