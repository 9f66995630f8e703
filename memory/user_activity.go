package memory

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) UserTotals(_ context.Context, id storage.UserID, now time.Time) (t backend.UserTotals, err error) {
	user := r.userKey(id)
	for at := range r.authoredWithin(user, span[pair]{0, pairOf(r.lastRoom, maxMinor)}, false) {
		m, there := r.standing(at, now)
		if !there {
			continue
		}
		t.Messages++
		backend.CountRecent(&t.RecentMessages, m.CreatedAt, now)
		if m.CreatedAt.After(t.LastMessageAt) {
			t.LastMessageAt = m.CreatedAt
		}
	}
	for _, reaction := range r.reactionsByUser(user) {
		if _, there := r.standing(reaction.message, now); there {
			t.Reactions++
		}
	}
	uploads := &attachmentScan{
		AttachmentScan: backend.AttachmentScan{AttachmentQuery: storage.AttachmentQuery{Uploader: id}, Now: now}, uploader: user,
	}
	for a := range r.selectedAttachments(uploads) {
		t.Attachments++
		t.AttachedBytes += a.Size
	}
	for _, s := range r.sanctionsOf(user) {
		if s.InForce(now) {
			t.Sanctions++
		}
	}
	return t, nil
}

// standing returns a message that is no tombstone and has not expired, in a
// room that exists.
func (s *state) standing(at pair, now time.Time) (*message, bool) {
	if _, there := s.rooms.Get(at.major()); !there {
		return nil, false
	}
	m, there := s.messages.Get(at)
	if !there || m.Deleted() || m.Expired(now) {
		return nil, false
	}
	return m, true
}
