package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

func (r *rows) MoveMarker(_ context.Context, m *storage.Membership, to int64, at time.Time) error {
	member, ok := r.membership(m.RoomID, m.UserID)
	if !ok {
		return storage.ErrNotFound
	}
	r.moveMarker(member, to, at)
	return nil
}

func (r *rows) SetMarkerBack(_ context.Context, m *storage.Membership, to int64) error {
	member, ok := r.membership(m.RoomID, m.UserID)
	if !ok {
		return storage.ErrNotFound
	}
	r.setMarker(member, to)
	return nil
}

// moveMarker moves a marker forward. What it passes is read, but where that is
// no more than one message of the member's own there is nothing to say: who
// talks alone in a room has no readings.
func (s *state) moveMarker(m *member, to int64, at time.Time) {
	from := m.ReadSeq
	s.setMarker(m, to)
	if last, ok := s.messages.Get(pairOf(m.room, key(to))); ok && last.author == m.user && from == to-1 {
		return
	}
	s.addReading(reading{room: m.room, user: m.user, from: key(from), to: key(to), at: at})
}

func (s *state) setMarker(m *member, seq int64) {
	moved := *m
	moved.ReadSeq = seq
	s.members.Set(pairOf(m.room, m.user), &moved)
}
