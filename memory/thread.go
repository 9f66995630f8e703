package memory

import (
	"iter"
	"math"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// reply is an entry of the index by the root of the thread. Tombstones have
// one, too.
type reply struct{ root, message pair }

func lessReplies(a, b reply) bool {
	if a.root != b.root {
		return a.root < b.root
	}
	return a.message < b.message
}

// participation counts the replies of an author to a root that are no
// tombstones and expire at the same instant, so that a summary need not look
// at them.
type participation struct {
	root    pair
	author  key
	expires int64 // as microseconds since 1970, never for never
	replies int64
}

const never = math.MaxInt64

func lessParticipations(a, b participation) bool {
	if a.root != b.root {
		return a.root < b.root
	}
	if a.author != b.author {
		return a.author < b.author
	}
	return a.expires < b.expires
}

func expiry(m *message) int64 {
	if m.ExpiresAt.IsZero() {
		return never
	}
	return backend.Micros(m.ExpiresAt)
}

// countReplies adds n to the replies of a message's kind.
func (s *state) countReplies(m *message, n int64) {
	p := participation{root: m.root, author: m.author, expires: expiry(m)}
	old, _ := s.participants.Get(p)
	if p.replies = old.replies + n; p.replies == 0 {
		s.participants.Delete(p)
		return
	}
	s.participants.Set(p)
}

// isRoot reports whether a place is of a message that is no reply, or was
// purged.
func (s *state) isRoot(at pair) bool {
	m, there := s.messages.Get(at)
	return at != 0 && (!there || m.root == 0)
}

// thread sums up the replies to a message.
func (s *state) thread(root pair, now time.Time) storage.Thread {
	var t storage.Thread
	instant, counted := backend.Micros(now), key(0)
	s.participants.Ascend(participation{root: root, expires: math.MinInt64}, func(p participation) bool {
		if p.root != root {
			return false
		}
		if p.expires <= instant {
			return true
		}
		t.Replies += p.replies
		if _, there := s.users.Get(p.author); there && p.author != counted {
			t.Participants++
			counted = p.author
		}
		return true
	})
	if t.Replies > 0 {
		last := s.lastReply(root, now)
		t.LastReplyID, t.LastReplyAt, t.LastAuthorID = last.ID, last.CreatedAt, s.userID(last.author)
	}
	return t
}

// lastReply returns the last reply that counts, which there must be.
func (s *state) lastReply(root pair, now time.Time) *message {
	for at := range s.repliesWithin(root, spanOf(root.major()), true) {
		if m, _ := s.messages.Get(at); !m.Deleted() && !m.Expired(now) {
			return m
		}
	}
	panic("memory: the replies of a thread are counted wrong")
}

func (s *state) repliesWithin(root pair, within span[pair], desc bool) iter.Seq[pair] {
	entry := func(at pair) reply { return reply{root, at} }
	return ofOwner(&s.replies, within, desc, entry, func(r reply) (pair, bool) {
		return r.message, r.root == root
	})
}

// threadWithin walks what is within a span of a thread: the root, which comes
// before all its replies, unless it was purged, and these.
func (s *state) threadWithin(root pair, within span[pair], desc bool) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		_, there := s.messages.Get(root)
		there = there && within.low <= root && root <= within.high
		if there && !desc && !yield(root) {
			return
		}
		for at := range s.repliesWithin(root, within, desc) {
			if !yield(at) {
				return
			}
		}
		if there && desc {
			yield(root)
		}
	}
}
