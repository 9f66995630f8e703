package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

func (r *rows) Unread(_ context.Context, room storage.RoomID, user storage.UserID, now time.Time) (storage.Unread, error) {
	m, ok := r.membership(room, user)
	if !ok {
		return storage.Unread{}, storage.ErrNotFound
	}
	return r.unread(m, now), nil
}

// unread looks at every message beyond the marker. There are seldom many, and
// no count has to be kept for anybody while messages are sent, edited, deleted
// and purged.
func (s *state) unread(m *member, now time.Time) (u storage.Unread) {
	if room, _ := s.rooms.Get(m.room); m.ReadSeq >= room.lastSeq {
		return u
	}
	beyond := span[pair]{pairOf(m.room, key(m.ReadSeq)+1), pairOf(m.room, maxMinor)}
	for _, message := range within(&s.messages, beyond, false) {
		if message.author == m.user || !message.Countable() || message.Deleted() || message.Expired(now) {
			continue
		}
		if u.Messages == 0 {
			u.FirstID, u.FirstSeq = message.ID, message.Seq
		}
		u.Messages++
		if message.mentions(m.user) {
			u.Mentions++
		}
	}
	return u
}
