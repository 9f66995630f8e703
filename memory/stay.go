package memory

import (
	"bytes"
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// stay says that a user was a member of a room, as the feed tells it: it names
// both as it does, since either may be gone.
type stay struct {
	room, user [16]byte
	from, to   storage.Position // 0: it goes on
	seq        int64            // the room's last one when it began
}

func compareStaysByUser(a, b stay) int {
	return cmp.Or(bytes.Compare(a.user[:], b.user[:]), bytes.Compare(a.room[:], b.room[:]), cmp.Compare(a.from, b.from))
}

func lessStaysByUser(a, b stay) bool { return compareStaysByUser(a, b) < 0 }

func lessStaysByRoom(a, b stay) bool {
	return cmp.Or(bytes.Compare(a.room[:], b.room[:]), compareStaysByUser(a, b)) < 0
}

func lessStaysByEnd(a, b stay) bool {
	return cmp.Or(cmp.Compare(a.to, b.to), compareStaysByUser(a, b)) < 0
}

func (r *rows) BeginStay(_ context.Context, user storage.UserID, s backend.Stay) error {
	begun := stay{room: s.Room, user: user, from: s.From, seq: s.Seq}
	r.stays.Set(begun)
	r.openStays.Set(begun)
	return nil
}

func (r *rows) EndStays(_ context.Context, room storage.RoomID, user storage.UserID, at storage.Position) error {
	for _, open := range slices.Collect(r.openStaysOf(room, user)) {
		r.openStays.Delete(open)
		open.to = at
		r.stays.Set(open)
		r.endedStays.Set(open)
	}
	return nil
}

// openStaysOf walks the stays of a user in a room that go on: in all where room
// is zero, of all where user is.
func (s *state) openStaysOf(room storage.RoomID, user storage.UserID) iter.Seq[stay] {
	return func(yield func(stay) bool) {
		if room.IsZero() {
			for v := range s.staysOf(user, room) {
				if v.to == 0 && !yield(v) {
					return
				}
			}
			return
		}
		s.openStays.Ascend(stay{room: room, user: user}, func(v stay) bool {
			return v.room == room && (user.IsZero() || v.user == user) && yield(v)
		})
	}
}

// staysOf walks the stays of a user, in one room unless it is zero.
func (s *state) staysOf(user storage.UserID, room storage.RoomID) iter.Seq[stay] {
	return func(yield func(stay) bool) {
		s.stays.Ascend(stay{user: user, room: room}, func(v stay) bool {
			return v.user == user && (room.IsZero() || v.room == room) && yield(v)
		})
	}
}

// removeStaysUpTo takes away those that have ended by then.
func (s *state) removeStaysUpTo(last storage.Position) {
	for {
		first, ok := s.endedStays.Min()
		if !ok || first.to > last {
			return
		}
		s.endedStays.Delete(first)
		s.stays.Delete(first)
		s.prunedAt(first.user, first.to)
	}
}

func (r *rows) Stays(_ context.Context, user storage.UserID) (all []backend.Stay, err error) {
	for v := range r.staysOf(user, storage.RoomID{}) {
		all = append(all, backend.Stay{Room: v.room, From: v.from, To: v.to, Seq: v.seq})
	}
	return all, nil
}

func (r *rows) StayedTogether(_ context.Context, a, b storage.UserID, at storage.Position) (bool, error) {
	for mine := range r.staysOf(a, storage.RoomID{}) {
		if !mine.covers(at) {
			continue
		}
		for other := range r.staysOf(b, mine.room) {
			if other.covers(at) {
				return true, nil
			}
		}
	}
	return false, nil
}

func (v stay) covers(at storage.Position) bool { return v.from <= at && (v.to == 0 || at <= v.to) }

func (r *rows) HistoryHidden(_ context.Context, room storage.RoomID) (bool, error) {
	found, ok := r.rooms.Get(r.roomKey(room))
	return !ok || found.row.Settings.HistoryHidden, nil
}

func (r *rows) HiddenUpTo(_ context.Context, user storage.UserID) (map[storage.RoomID]int64, error) {
	var upTo map[storage.RoomID]int64
	for p := range within(&r.memberOf, spanOf(r.userKey(user)), false) {
		room, _ := r.rooms.Get(p.minor())
		if !room.row.Settings.HistoryHidden {
			continue
		}
		if upTo == nil {
			upTo = make(map[storage.RoomID]int64)
		}
		for v := range r.staysOf(user, room.row.ID) {
			upTo[room.row.ID] = v.seq // that of the last one
		}
	}
	return upTo, nil
}
