package storagetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) sanctionAt(id storage.SanctionID) (int, error) {
	i := slices.IndexFunc(m.sanctions, func(s modelSanction) bool { return s.ID == id })
	if i < 0 {
		return i, storage.NotFound(storage.EntitySanction, id.String())
	}
	return i, nil
}

func (m *model) Sanction(_ context.Context, id storage.SanctionID) (storage.Sanction, error) {
	i, err := m.sanctionAt(id)
	if err != nil {
		return storage.Sanction{}, err
	}
	return m.sanctions[i].Sanction, nil
}

func (m *model) CreateSanction(_ context.Context, s *storage.Sanction) error {
	next := modelSanction{Sanction: *s, room: -1}
	next.Normalize()
	if err := next.Validate(); err != nil {
		return err
	}
	if !next.ExpiresAt.IsZero() && !next.ExpiresAt.After(m.now()) {
		return storage.Invalid("ExpiresAt", "not in the future")
	}
	if err := m.needUser(next.UserID, "UserID"); err != nil {
		return err
	}
	if !next.RoomID.IsZero() {
		if next.room = m.roomAt(next.RoomID); next.room < 0 {
			return storage.NotFound(storage.EntityRoom, next.RoomID.String())
		}
	}
	if err := m.mayBe(next.ModeratorID, "ModeratorID"); err != nil {
		return err
	}
	if _, err := m.sanctionAt(next.ID); err == nil {
		return storage.Duplicate(storage.EntitySanction, next.ID.String(), "ID")
	}
	next.CreatedAt, next.LiftedAt, next.LiftedBy = m.now(), time.Time{}, storage.UserID{}
	m.sanctions = append(m.sanctions, next)
	for seat := range m.members {
		if seat.user == next.UserID && next.Kind != storage.SanctionMute && next.concerns(seat.room) {
			m.leave(seat)
		}
	}
	*s = next.Sanction
	return nil
}

// concerns reports whether a sanction is for a room, or for all.
func (s *modelSanction) concerns(room int) bool { return s.RoomID.IsZero() || s.room == room }

func (m *model) LiftSanction(_ context.Context, id storage.SanctionID, by storage.UserID) (storage.Sanction, error) {
	i, err := m.sanctionAt(id)
	if err != nil {
		return storage.Sanction{}, err
	}
	if err := m.mayBe(by, "by"); err != nil {
		return storage.Sanction{}, err
	}
	if s := &m.sanctions[i]; s.InForce(m.now()) {
		s.LiftedAt, s.LiftedBy = m.now(), by
	}
	return m.sanctions[i].Sanction, nil
}

// strictest returns the sanction of a kind that binds a user in a room longest.
func (m *model) strictest(user storage.UserID, room int, kind storage.SanctionKind) (out storage.Sanction, ok bool) {
	var all []storage.Sanction
	for _, s := range m.sanctions {
		if s.UserID == user && s.Kind == kind && s.concerns(room) && s.InForce(m.now()) {
			all = append(all, s.Sanction)
		}
	}
	slices.SortFunc(all, func(a, b storage.Sanction) int {
		switch {
		case !a.ExpiresAt.Equal(b.ExpiresAt) && a.ExpiresAt.IsZero():
			return -1
		case !a.ExpiresAt.Equal(b.ExpiresAt) && b.ExpiresAt.IsZero():
			return 1
		case !a.ExpiresAt.Equal(b.ExpiresAt):
			return b.ExpiresAt.Compare(a.ExpiresAt)
		case a.RoomID.IsZero() && !b.RoomID.IsZero():
			return 1
		case !a.RoomID.IsZero() && b.RoomID.IsZero():
			return -1
		}
		return compareKeys(sanctionKey(b), sanctionKey(a))
	})
	if len(all) == 0 {
		return out, false
	}
	return all[0], true
}

func sanctionKey(s storage.Sanction) storage.Keyset {
	return storage.Keyset{Int: s.CreatedAt.UnixMicro(), ID: s.ID}
}

func (m *model) ActiveSanction(_ context.Context, user storage.UserID, room storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error) {
	if kind == storage.SanctionKick {
		return storage.Sanction{}, storage.Invalid("kind", "never in force")
	}
	s, ok := m.strictest(user, m.roomAt(room), kind)
	if !ok {
		return s, storage.NotFound(storage.EntitySanction, "")
	}
	return s, nil
}

// admits refuses what is new in a closed room, and what is by somebody whom a
// sanction of one of the kinds binds there.
func (m *model) admits(room int, user storage.UserID, kinds ...storage.SanctionKind) error {
	if err := m.takes(room); err != nil || user.IsZero() {
		return err
	}
	return m.unbound(user, room, kinds...)
}

// unbound refuses a user whom a sanction of one of the kinds binds in a room; -1
// is one in which there are no sanctions yet.
func (m *model) unbound(user storage.UserID, room int, kinds ...storage.SanctionKind) error {
	reasons := map[storage.SanctionKind]storage.Reason{
		storage.SanctionBan: storage.ReasonBanned, storage.SanctionMute: storage.ReasonMuted,
	}
	for _, kind := range kinds {
		if s, ok := m.strictest(user, room, kind); ok {
			return storage.Forbidden(storage.EntitySanction, s.ID.String(), reasons[kind])
		}
	}
	return nil
}

func (m *model) Sanctions(_ context.Context, q storage.SanctionQuery) (storage.Page[storage.Sanction], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Sanction]{}, err
	}
	var all []storage.Sanction
	for _, s := range m.sanctions {
		if (q.User.IsZero() || s.UserID == q.User) && (q.Room.IsZero() || s.RoomID == q.Room) &&
			(!q.Everywhere || s.RoomID.IsZero()) && (len(q.Kinds) == 0 || slices.Contains(q.Kinds, s.Kind)) &&
			(q.Moderator.IsZero() || s.ModeratorID == q.Moderator) && (!q.InForce || s.InForce(m.now())) {
			all = append(all, s.Sanction)
		}
	}
	slices.SortFunc(all, func(a, b storage.Sanction) int { return compareKeys(sanctionKey(b), sanctionKey(a)) })
	return modelPage(all, sanctionKey, true, q.Limit, q.Cursor)
}
