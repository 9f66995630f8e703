package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// reading says that a user has read the messages of a room beyond one Seq up to
// another, at a time: as a marker passed them, or one alone. What is the user's
// own among them counts for nothing. Those of one user and room never overlap.
type reading struct {
	room, user key
	to, from   key
	at         time.Time
}

// lessReadings is the order of rooms, users and messages.
func lessReadings(a, b reading) bool {
	if a.room != b.room {
		return a.room < b.room
	}
	if a.user != b.user {
		return a.user < b.user
	}
	return a.to < b.to
}

// addReading stores a reading. What was read before keeps the earlier time.
func (s *state) addReading(n reading) {
	put := func(from, to key, at time.Time) {
		if from < to {
			s.readings.Set(reading{n.room, n.user, to, from, at})
		}
	}
	var overlapping []reading
	for old := range s.readingsOf(n.room, n.user, n.from+1) {
		if old.from >= n.to {
			break
		}
		overlapping = append(overlapping, old)
	}
	rest := n.from
	for _, old := range overlapping {
		s.readings.Delete(old)
		first := n.at
		if old.at.Before(first) {
			first = old.at
		}
		put(old.from, n.from, old.at)
		put(rest, old.from, n.at)
		put(max(old.from, n.from), min(old.to, n.to), first)
		put(n.to, old.to, old.at)
		rest = old.to
	}
	put(rest, n.to, n.at)
	s.readIn.Set(pairOf(n.user, n.room), struct{}{})
}

// readingsOf walks the readings of a user in a room that end at a Seq or beyond
// it.
func (s *state) readingsOf(room, user, seq key) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		s.readings.Ascend(reading{room: room, user: user, to: seq}, func(r reading) bool {
			return r.room == room && r.user == user && yield(r)
		})
	}
}

// readingsIn walks the readings in a room.
func (s *state) readingsIn(room key) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		s.readings.Ascend(reading{room: room}, func(r reading) bool { return r.room == room && yield(r) })
	}
}

// readingsByUser returns the readings of a user.
func (s *state) readingsByUser(user key) (all []reading) {
	for p := range within(&s.readIn, spanOf(user), false) {
		for r := range s.readingsOf(p.minor(), user, 0) {
			all = append(all, r)
		}
	}
	return all
}

// forgetReader takes away what a user has read.
func (s *state) forgetReader(user key) {
	s.removeReadings(s.readingsByUser(user))
	for _, p := range slices.Collect(places(&s.readIn, spanOf(user), false)) {
		s.readIn.Delete(p)
	}
}

func (s *state) removeReadings(all []reading) {
	for _, r := range all {
		s.readings.Delete(r)
		s.readIn.Delete(pairOf(r.user, r.room))
	}
}

// readersOf walks a reading for each user who has one of a message. Two looks
// at the tree lead to it, or past the user, however much the user has read.
func (s *state) readersOf(message pair) iter.Seq[reading] {
	room, seq := message.major(), message.minor()
	return func(yield func(reading) bool) {
		next := reading{room: room, to: seq}
		for {
			var found reading
			s.readings.Ascend(next, func(r reading) bool { found = r; return false })
			if found.room != room {
				return
			}
			if found.to < seq { // the first of another user, who may have later ones
				next.user = found.user
				continue
			}
			if found.from < seq && !yield(found) {
				return
			}
			next.user = found.user + 1
		}
	}
}

func (r *rows) Receipts(_ context.Context, s backend.ReceiptScan) ([]storage.ReadReceipt, error) {
	at, ok := r.place(s.Message)
	if !ok {
		return nil, nil
	}
	m, _ := r.messages.Get(at)
	top := newTop(intAfter(s.After), s.Scan)
	for read := range r.readersOf(at) {
		if read.user != m.author {
			top.add(entry{n: backend.Micros(read.at), id: r.userID(read.user), key: read.user})
		}
	}
	var receipts []storage.ReadReceipt
	for _, e := range top.first() {
		read, _ := r.readingOf(at, e.key)
		receipts = append(receipts, storage.ReadReceipt{UserID: e.id, ReadAt: read.at})
	}
	return receipts, nil
}

// readingOf returns when a user has read a message, and whether.
func (s *state) readingOf(message pair, user key) (reading, bool) {
	for r := range s.readingsOf(message.major(), user, message.minor()) {
		return r, r.from < message.minor()
	}
	return reading{}, false
}

func (r *rows) HasReceipt(_ context.Context, message storage.MessageID, user storage.UserID) (bool, error) {
	at, ok := r.place(message)
	if !ok {
		return false, nil
	}
	_, read := r.readingOf(at, r.userKey(user))
	return read, nil
}

func (r *rows) InsertReceipt(_ context.Context, message storage.MessageID, user storage.UserID, at time.Time) error {
	p, ok := r.place(message)
	k := r.userKey(user)
	if !ok || k == 0 {
		return storage.ErrNotFound
	}
	r.addReading(reading{room: p.major(), user: k, from: p.minor() - 1, to: p.minor(), at: at})
	return nil
}
