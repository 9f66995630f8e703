package memory

import (
	"context"
	"iter"
	"math"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// backdated is the entry of a message that was stored after younger ones of its
// room. The others of a room have times that rise with their places, so that one
// look tells how old the oldest is.
func (m *message) backdated() roomMoment {
	return roomMoment{m.at.major(), backend.Micros(m.CreatedAt), m.at}
}

// noteBackdated notes a new message that is older than the latest one of its room
// was.
func (s *state) noteBackdated(m *message, latest time.Time) {
	if m.CreatedAt.Before(latest) {
		s.backdated.Set(m.backdated())
	}
}

// rises reports whether a message is none of the backdated ones.
func (s *state) rises(m *message) bool {
	_, is := s.backdated.Get(m.backdated())
	return !is
}

// backdatedLook is how many messages a restored one is held against.
const backdatedLook = 100

// noteRestored is noteBackdated for a message that is restored, when its room has
// the time of its latest message already.
func (s *state) noteRestored(m *message, latest time.Time) {
	seen := 0
	for at := range places(&s.messages, span[pair]{pairOf(m.at.major(), 0), m.at - 1}, true) {
		before, _ := s.messages.Get(at)
		if s.rises(before) {
			s.noteBackdated(m, before.CreatedAt)
			return
		}
		if seen++; seen == backdatedLook {
			s.noteBackdated(m, latest)
			return
		}
	}
}

// backdatedIn walks the backdated messages of a room, the oldest first.
func (s *state) backdatedIn(room key) iter.Seq[roomMoment] {
	return func(yield func(roomMoment) bool) {
		s.backdated.Ascend(roomMoment{room: room, at: math.MinInt64}, func(b roomMoment) bool { return b.room == room && yield(b) })
	}
}

func (r *rows) RoomAges(_ context.Context, s backend.Scan) (all []backend.RoomAge, err error) {
	for e := range beyond(&r.roomCreations, intAfter(s.After), s.Desc) {
		room, _ := r.rooms.Get(e.key)
		if r.roomIsHeld(room.key) {
			continue
		}
		all = append(all, backend.RoomAge{
			Room: room.row.ID, CreatedAt: room.row.CreatedAt, Messages: room.messages, Oldest: r.oldestIn(room.key),
			Days: room.row.Settings.RetentionDays, Max: room.row.Settings.RetentionMax,
		})
		if len(all) == s.Limit {
			break
		}
	}
	return all, nil
}

// oldestIn returns the earliest time of a room's messages, zero if there are none.
func (s *state) oldestIn(room key) (oldest time.Time) {
	for at := range places(&s.messages, spanOf(room), false) {
		if m, _ := s.messages.Get(at); s.rises(m) {
			oldest = m.CreatedAt
			break
		}
	}
	for b := range s.backdatedIn(room) {
		if m, _ := s.messages.Get(b.message); oldest.IsZero() || m.CreatedAt.Before(oldest) {
			oldest = m.CreatedAt
		}
		break
	}
	return oldest
}

// oldWithin walks what is older than a time in a part of a room, in its order, and
// what is not on the way.
func (s *state) oldWithin(within span[pair], to time.Time) iter.Seq[pair] {
	return func(yield func(pair) bool) {
		reached := within.high
		for at := range places(&s.messages, within, false) {
			if m, _ := s.messages.Get(at); s.rises(m) && !m.CreatedAt.Before(to) {
				reached = at
				break
			}
			if !yield(at) {
				return
			}
		}
		var rest []pair
		for b := range s.backdatedIn(within.low.major()) {
			if b.at >= backend.Micros(to) {
				break
			}
			if reached < b.message && b.message <= within.high {
				rest = append(rest, b.message)
			}
		}
		slices.Sort(rest)
		for _, at := range rest {
			if !yield(at) {
				return
			}
		}
	}
}

func (r *rows) DeleteInvites(_ context.Context, before time.Time, limit int) (int, error) {
	ended := newTop(nil, backend.Scan{Limit: limit})
	for i := range r.allInvites() {
		if end := i.EndsAt(); !end.IsZero() && end.Before(before) {
			ended.add(entry{n: backend.Micros(end), id: i.ID, key: i.key})
		}
	}
	all := keysOf(ended)
	r.removeInvites(func(i *invite) bool { return all[i.key] })
	return len(all), nil
}

func (r *rows) DeleteSanctions(_ context.Context, before time.Time, limit int) (int, error) {
	ended := newTop(nil, backend.Scan{Limit: limit})
	r.sanctions.Scan(func(_ key, v *sanction) bool {
		if end := v.EndsAt(); !end.IsZero() && end.Before(before) {
			ended.add(entry{n: backend.Micros(end), id: v.ID, key: v.key})
		}
		return true
	})
	all := keysOf(ended)
	var gone []*sanction
	for k := range all {
		v, _ := r.sanctions.Get(k)
		gone = append(gone, v)
	}
	r.removeSanctions(gone)
	return len(all), nil
}

func keysOf(t *top) map[key]bool {
	all := make(map[key]bool)
	for _, e := range t.first() {
		all[e.key] = true
	}
	return all
}

func (r *rows) CountPurge(_ context.Context, s backend.PurgeScan, unattached time.Time) (n backend.PurgeCount, err error) {
	for m := range r.purgeable(s) {
		n.Messages++
		files, _ := r.carried.Get(m.at)
		for _, k := range files {
			n.Attachments++
			if a, _ := r.attachments.Get(k); !a.DetachedAt.IsZero() && !a.DetachedAt.After(unattached) {
				n.Unattached++
			}
		}
	}
	return n, nil
}

func (r *rows) CountExpired(_ context.Context, id storage.RoomID, now time.Time) (n int64, err error) {
	room, end := r.roomKey(id), backend.Micros(now)
	r.roomExpiries.Ascend(roomMoment{room: room, at: math.MinInt64}, func(e roomMoment) bool {
		if e.room != room || e.at > end {
			return false
		}
		if m, _ := r.messages.Get(e.message); !m.Deleted() {
			n++
		}
		return true
	})
	return n, nil
}

func (r *rows) CountEnded(_ context.Context, kind backend.Ended, before time.Time) (n int64, err error) {
	count := func(end time.Time) {
		if !end.IsZero() && end.Before(before) {
			n++
		}
	}
	switch kind {
	case backend.EndedSessions:
		r.sessions.Scan(func(_ key, v *session) bool { count(backend.SessionEnd(&v.Session)); return true })
	case backend.EndedInvites:
		for i := range r.allInvites() {
			count(i.EndsAt())
		}
	case backend.EndedSanctions:
		r.sanctions.Scan(func(_ key, v *sanction) bool { count(v.EndsAt()); return true })
	}
	return n, nil
}
