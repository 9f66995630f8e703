package memory

import "github.com/lairchat/lair/storage/backend"

// moment is an entry of an index of messages by time.
type moment struct {
	at      int64 // as microseconds since 1970
	message pair
}

func lessMoments(a, b moment) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	return a.message < b.message
}

// roomMoment is an entry of an index of messages by room and time.
type roomMoment struct {
	room    key
	at      int64 // as microseconds since 1970
	message pair
}

func lessRoomMoments(a, b roomMoment) bool {
	if a.room != b.room {
		return a.room < b.room
	}
	return lessMoments(moment{a.at, a.message}, moment{b.at, b.message})
}

// setMessage stores a message that is new, or has the ID, author, nonce and
// text of the one in its place, and all other index entries.
func (s *state) setMessage(m *message) {
	if old, replaced := s.messages.Set(m.at, m); replaced {
		s.unindex(old)
	}
	s.index(m)
}

// index adds the entries of a message to the indexes of what an update may
// change.
func (s *state) index(m *message) {
	s.creations.Set(moment{backend.Micros(m.CreatedAt), m.at})
	if !m.ExpiresAt.IsZero() {
		s.expiries.Set(moment{expiry(m), m.at})
		s.roomExpiries.Set(roomMoment{m.at.major(), expiry(m), m.at})
	}
	if !m.PinnedAt.IsZero() {
		s.pins.Set(m.at, struct{}{})
	}
	if m.Deleted() {
		s.tombstones.Set(m.at, struct{}{})
		s.tombstoneCreations.Set(moment{backend.Micros(m.CreatedAt), m.at})
	}
	for _, user := range m.mentioned {
		s.mentions.Set(mention{user, m.at})
	}
	for _, tag := range m.Tags {
		s.tags.Set(tagged{tag, m.at})
	}
	if m.root == 0 {
		return
	}
	s.replies.Set(reply{m.root, m.at})
	if !m.Deleted() {
		s.countReplies(m, 1)
	}
}

// unindex is the inverse of index.
func (s *state) unindex(m *message) {
	s.creations.Delete(moment{backend.Micros(m.CreatedAt), m.at})
	if !m.ExpiresAt.IsZero() {
		s.expiries.Delete(moment{expiry(m), m.at})
		s.roomExpiries.Delete(roomMoment{m.at.major(), expiry(m), m.at})
	}
	s.pins.Delete(m.at)
	if m.Deleted() {
		s.tombstones.Delete(m.at)
		s.tombstoneCreations.Delete(moment{backend.Micros(m.CreatedAt), m.at})
	}
	for _, user := range m.mentioned {
		s.mentions.Delete(mention{user, m.at})
	}
	for _, tag := range m.Tags {
		s.tags.Delete(tagged{tag, m.at})
	}
	if m.root == 0 {
		return
	}
	s.replies.Delete(reply{m.root, m.at})
	if !m.Deleted() {
		s.countReplies(m, -1)
	}
}
