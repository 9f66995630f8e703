package memory

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// foldFrom is how many deltas are folded into the cells at once. One message
// in so many waits for it, and every statistic reads as many deltas.
const foldFrom = 1024

// cell is what is in a cell of the rollups, which is never changed.
type cell struct {
	at    rollup.Key
	bytes []byte
}

func lessCells(a, b cell) bool { return a.at.Compare(b.at) < 0 }

var _ rollup.Table = (*state)(nil)

// Cell implements rollup.Cells.
func (s *state) Cell(k rollup.Key) ([]byte, error) {
	found, _ := s.cells.Get(cell{at: k})
	return found.bytes, nil
}

// Walk implements rollup.Cells.
func (s *state) Walk(from, to rollup.Key, fn func(rollup.Key, []byte) error) (err error) {
	s.cells.Ascend(cell{at: from}, func(c cell) bool {
		if c.at.Compare(to) < 0 {
			err = fn(c.at, c.bytes)
			return err == nil
		}
		return false
	})
	return err
}

// SetCell implements rollup.Table.
func (s *state) SetCell(k rollup.Key, bytes []byte) error {
	if len(bytes) == 0 {
		s.cells.Delete(cell{at: k})
		return nil
	}
	s.cells.Set(cell{k, slices.Clone(bytes)})
	return nil
}

func (r *rows) AddActivity(_ context.Context, a backend.Activity) error {
	d := rollup.Delta{Quarter: rollup.QuarterOf(a.At), Author: int64(r.userKey(a.User)), Room: int64(r.roomKey(a.Room))}
	for what, n := range a.Counts() {
		if d.What, d.N = what, n; n != 0 {
			r.addDelta(d)
		}
	}
	return nil
}

// addDelta adds to the deltas that are in no cell. What is behind the end of
// them in memory is nobody's: there is one writer, and a state that was rolled
// back is not read again.
func (s *state) addDelta(d rollup.Delta) {
	s.deltas = append(s.deltas, d)
	if len(s.deltas) < foldFrom {
		return
	}
	all := s.deltas
	s.deltas = nil
	if err := rollup.FoldAll(s, all); err != nil {
		panic("memory: a cell of the rollups is written wrong")
	}
}

// rollups returns the rollups as they are at a time, and the keys of a room and
// a user, who must be there if they are given.
func (r *rows) rollups(room storage.RoomID, user storage.UserID, now time.Time) (all backend.Rollups, of rollup.Of, there bool) {
	of = rollup.Of{Room: int64(r.roomKey(room)), Author: int64(r.userKey(user))}
	if of.Room == 0 && !room.IsZero() || of.Author == 0 && !user.IsZero() {
		return all, of, false
	}
	all.Source = rollup.Source{Cells: r.state, Tail: rollup.Tail{Deltas: r.deltas}, Over: r.over(now)}
	r.deletedRooms.Scan(func(k key, _ struct{}) bool {
		all.Dead = append(all.Dead, int64(k))
		return true
	})
	all.Room = func(k int64) (id [16]byte, there bool, err error) {
		v, there := r.rooms.Get(key(k))
		if there {
			id = v.row.ID
		}
		return id, there, nil
	}
	all.User = func(k int64) (id [16]byte, there bool, err error) {
		u, there := r.users.Get(key(k))
		if there {
			id = u.ID
		}
		return id, there, nil
	}
	return all, of, true
}

// over returns the messages whose time is over, of rooms that exist.
func (s *state) over(now time.Time) (all []rollup.Delta) {
	for at := range upTo(&s.expiries, backend.Micros(now)) {
		if m, _ := s.messages.Get(at); !m.Deleted() && !s.roomGone(at) {
			all = append(all, s.messageDelta(m, 1))
		}
	}
	return all
}

// messageDelta counts a message. The author is nobody, if deleted.
func (s *state) messageDelta(m *message, n int64) rollup.Delta {
	author := m.author
	if _, there := s.users.Get(author); !there {
		author = 0
	}
	return rollup.MessageDelta(m.CreatedAt, int64(m.at.major()), int64(author), m.Type, n)
}

// rawActivities returns what a dump says of the rollups (backend.Rollups).
func (r *rows) rawActivities(after *storage.RawActivity, limit int) ([]storage.RawActivity, error) {
	all, _, _ := r.rollups(storage.RoomID{}, storage.UserID{}, time.Time{})
	return all.RawActivities(after, limit)
}
