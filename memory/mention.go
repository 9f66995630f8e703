package memory

import (
	"iter"
	"slices"
)

// mention is an entry of the index by who is mentioned.
type mention struct {
	user    key
	message pair
}

func lessMentions(a, b mention) bool {
	if a.user != b.user {
		return a.user < b.user
	}
	return a.message < b.message
}

// setMentioned looks up whom a message mentions. Where an edit leaves the
// mentions alone, they mean whom they meant when they were written.
func (s *state) setMentioned(m, old *message) {
	if old != nil && slices.Equal(m.Mentions, old.Mentions) {
		m.mentioned = old.mentioned
		return
	}
	for _, id := range m.Mentions {
		if user := s.userKey(id); user != 0 {
			m.mentioned = append(m.mentioned, user)
		}
	}
}

// mentions reports whether a message mentions a user, or everybody.
func (m *message) mentions(user key) bool {
	return m.MentionsAll || slices.Contains(m.mentioned, user)
}

// mentionsWithin walks the messages within a span that mention a user.
func (r *rows) mentionsWithin(user key, within span[pair], desc bool) iter.Seq[pair] {
	entry := func(at pair) mention { return mention{user, at} }
	return ofOwner(&r.mentions, within, desc, entry, func(m mention) (pair, bool) {
		return m.message, m.user == user
	})
}
