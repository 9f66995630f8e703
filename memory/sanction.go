package memory

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// sanction is a sanction as it is kept.
type sanction struct {
	storage.Sanction // never changed; its room and users mean nothing
	key              key
	user             key
	room             key // 0: everywhere
	moderator        key
	lifter           key
}

func (v *sanction) creation() entry {
	return entry{n: backend.Micros(v.CreatedAt), id: v.ID, key: v.key}
}

// readSanction puts a sanction together.
func (s *state) readSanction(v *sanction) storage.Sanction {
	record := v.Sanction
	room, _ := s.roomAt(v.room)
	record.RoomID, record.UserID = room.ID, s.userID(v.user)
	record.ModeratorID, record.LiftedBy = s.userID(v.moderator), s.userID(v.lifter)
	return record
}

func (r *rows) Sanction(_ context.Context, id storage.SanctionID) (storage.Sanction, error) {
	e, _ := r.sanctionIDs.Get(identified[key]{id: id})
	v, ok := r.sanctions.Get(e.key)
	if !ok {
		return storage.Sanction{}, storage.ErrNotFound
	}
	return r.readSanction(v), nil
}

func (r *rows) Sanctions(_ context.Context, s backend.SanctionScan) ([]storage.Sanction, error) {
	selects := func(v *sanction) bool { return r.selectsSanction(&s, v) }
	return byTime(&r.sanctionTimes, s.Scan, r.sanctions.Get, selects, r.readSanction), nil
}

func (r *rows) selectsSanction(s *backend.SanctionScan, v *sanction) bool {
	switch {
	case !s.User.IsZero() && v.user != r.userKey(s.User),
		!s.Room.IsZero() && (v.room == 0 || v.room != r.roomKey(s.Room)),
		s.Everywhere && v.room != 0,
		len(s.Kinds) > 0 && !slices.Contains(s.Kinds, v.Kind),
		!s.Moderator.IsZero() && (v.moderator == 0 || v.moderator != r.userKey(s.Moderator)),
		s.InForce && !v.InForce(s.Now):
		return false
	}
	return true
}

func (r *rows) ActiveSanctions(_ context.Context, user storage.UserID, room storage.RoomID, now time.Time) ([]storage.Sanction, error) {
	var all []storage.Sanction
	for _, v := range r.sanctionsBinding(r.userKey(user), r.roomKey(room), now) {
		all = append(all, r.readSanction(v))
	}
	return all, nil
}

// sanctionsBinding returns the sanctions that bind a user in a room, if there is
// one, or everywhere.
func (s *state) sanctionsBinding(user, room key, now time.Time) (all []*sanction) {
	for _, v := range s.sanctionsOf(user) {
		if v.InForce(now) && (v.room == 0 || v.room == room) {
			all = append(all, v)
		}
	}
	return all
}

// sanctionsOf returns the sanctions against a user.
func (s *state) sanctionsOf(user key) (all []*sanction) {
	if user == 0 {
		return nil
	}
	for p := range within(&s.sanctionsBy, spanOf(user), false) {
		v, _ := s.sanctions.Get(p.minor())
		all = append(all, v)
	}
	return all
}

func (r *rows) InsertSanction(_ context.Context, record *storage.Sanction) error {
	if _, taken := r.sanctionIDs.Get(identified[key]{id: record.ID}); taken {
		return storage.ErrDuplicate
	}
	r.lastSanction++
	v := &sanction{
		Sanction: *record, key: r.lastSanction, user: r.userKey(record.UserID), room: r.roomKey(record.RoomID),
		moderator: r.userKey(record.ModeratorID), lifter: r.userKey(record.LiftedBy),
	}
	r.sanctions.Set(v.key, v)
	r.sanctionIDs.Set(identified[key]{v.ID, v.key})
	r.sanctionTimes.Set(v.creation())
	r.sanctionsBy.Set(pairOf(v.user, v.key), struct{}{})
	return nil
}

func (r *rows) UpdateSanction(_ context.Context, next *storage.Sanction) error {
	e, _ := r.sanctionIDs.Get(identified[key]{id: next.ID})
	old, ok := r.sanctions.Get(e.key)
	if !ok {
		return storage.ErrNotFound
	}
	v := *old
	v.LiftedAt, v.lifter = next.LiftedAt, r.userKey(next.LiftedBy)
	r.sanctions.Set(v.key, &v)
	return nil
}

func (s *state) removeSanctions(all []*sanction) {
	for _, v := range all {
		s.sanctions.Delete(v.key)
		s.sanctionIDs.Delete(identified[key]{id: v.ID})
		s.sanctionTimes.Delete(v.creation())
		s.sanctionsBy.Delete(pairOf(v.user, v.key))
	}
}

// sanctionsIn returns the sanctions in a room.
func (s *state) sanctionsIn(room key) (all []*sanction) {
	s.sanctions.Scan(func(_ key, v *sanction) bool {
		if v.room == room {
			all = append(all, v)
		}
		return true
	})
	return all
}
