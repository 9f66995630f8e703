package memory

import (
	"context"
	"iter"
	"math"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) MessagesToPurge(_ context.Context, s backend.PurgeScan) ([]storage.Message, error) {
	return list(r.purgeable(s), s.Limit, r.readMessage), nil
}

// purgeable walks the messages that a scan selects, in its order.
func (r *rows) purgeable(s backend.PurgeScan) iter.Seq[*message] {
	return func(yield func(*message) bool) {
		author, within := r.userKey(s.Author), span[pair]{0, pairOf(r.lastRoom, maxMinor)}
		if author == 0 && !s.Author.IsZero() {
			return
		}
		if !s.Room.IsZero() {
			within = r.purgeableSpan(r.roomKey(s.Room), s)
		}
		for at := range r.purgeOrder(s, author, within) {
			m, _ := r.messages.Get(at)
			here := within.low <= at && at <= within.high && !r.roomGone(at)
			mine := author == 0 || m.author == author
			if here && mine && selectsPurge(&s, m) && !r.messageIsHeld(m) && !yield(m) {
				return
			}
		}
	}
}

// purgeOrder walks an index that has all that a scan selects, in its order.
func (r *rows) purgeOrder(s backend.PurgeScan, author key, within span[pair]) iter.Seq[pair] {
	byTime := s.Room.IsZero() && author == 0 && !s.To.IsZero()
	switch {
	case s.Expired:
		return upTo(&r.expiries, backend.Micros(s.Now))
	case byTime && s.Tombstones:
		return upTo(&r.tombstoneCreations, backend.Micros(s.To)-1)
	case byTime:
		return upTo(&r.creations, backend.Micros(s.To)-1)
	case s.Tombstones:
		return places(&r.tombstones, within, false)
	case author != 0:
		return r.authoredWithin(author, within, false)
	}
	if !s.Room.IsZero() && !s.To.IsZero() {
		return r.oldWithin(within, s.To)
	}
	return places(&r.messages, within, false)
}

// purgeableSpan returns where the messages of a room are that a scan may select.
// It looks at the newest that the room keeps, not at those before them.
func (r *rows) purgeableSpan(room key, s backend.PurgeScan) span[pair] {
	if _, ok := r.rooms.Get(room); !ok {
		return span[pair]{0, -1}
	}
	all := spanOf(room)
	if s.First < 0 {
		return all
	}
	kept := s.Keep
	for at, m := range within(&r.messages, all, true) {
		if m.Deleted() || m.Expired(s.Now) {
			continue
		}
		if kept <= 0 {
			return span[pair]{all.low, at}
		}
		kept--
	}
	return span[pair]{0, -1}
}

// upTo walks an index by time up to an instant, which is in it.
func upTo(index *tree[moment], instant int64) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		index.Ascend(moment{at: math.MinInt64}, func(m moment) bool { return m.at <= instant && yield(m.message) })
	}
}

// selectsPurge tests what no index does.
func selectsPurge(s *backend.PurgeScan, m *message) bool {
	switch {
	case !s.To.IsZero() && !m.CreatedAt.Before(s.To),
		s.Expired && !m.Expired(s.Now),
		s.Unexpired && m.Expired(s.Now),
		s.Tombstones && !m.Deleted(),
		s.KeepPinned && !m.PinnedAt.IsZero():
		return false
	}
	return true
}

// PurgeMessage leaves the receipts, which nobody can read without the message.
func (r *rows) PurgeMessage(_ context.Context, m *storage.Message) (attachments int64, freed []string, err error) {
	at, ok := r.place(m.ID)
	if !ok {
		return 0, nil, storage.ErrNotFound
	}
	old, _ := r.messages.Get(at)
	for _, a := range r.forgetCarrier(at) {
		if blob := r.deleteAttachment(a); blob != "" {
			freed = append(freed, blob)
		}
		attachments++
	}
	r.removeMessage(at)
	r.forgetEmoji(m.ID)
	r.stubs.Set(at, m.ID)
	r.stubIDs.Set(identified[pair]{m.ID, at})
	if !old.Deleted() {
		r.changeRoom(at.major(), func(r *room) { r.messages-- })
	}
	return attachments, freed, nil
}

func (s *state) removeStub(at pair) {
	id, _ := s.stubs.Delete(at)
	s.stubIDs.Delete(identified[pair]{id: id})
}
