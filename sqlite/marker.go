package sqlite

// Read markers. Sending writes nothing for its sender: his marker is the later
// of the one that is stored and of his last own message. Where that would not
// be right, after the marker was moved back or messages were imported, own
// messages up to own_after do not count.

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// position is where the marker of a membership m is.
const position = `max(m.read_seq, ifnull((
		SELECT max(o.key)
		FROM messages AS o
		WHERE o.author_key = m.user_key
		AND o.key > (m.room_key << 32) + max(m.read_seq, m.own_after)
		AND o.key <= (m.room_key << 32) + 4294967295
	) & 4294967295, 0))`

// marker is a membership's, by the keys of its room and user.
type marker struct {
	room, user int64
	position   int64
	ownAfter   int64
}

// sender is the author of a message that is about to be stored.
type sender struct {
	marker
	member bool
}

const senderSQL = `
SELECT EXISTS (SELECT 1 FROM purged_messages WHERE id = ?), m.own_after, ` + position + `
FROM room_counters AS c
LEFT JOIN room_memberships AS m ON m.room_key = c.room_key AND m.user_key = ?
WHERE c.room_key = ?`

// sender returns the author of a message, or storage.ErrDuplicate if a message
// with its ID was purged.
func (r *rows) sender(id storage.MessageID, room, author int64) (sender, error) {
	s := sender{marker: marker{room: room, user: author}}
	bind := func(a *args) {
		a.id(id)
		a.int(author)
		a.int(room)
	}
	err := r.c.one(senderSQL, bind, func(row *row) error {
		if row.bool() {
			return storage.ErrDuplicate
		}
		s.member = !row.null()
		s.ownAfter, s.position = row.int(), row.int()
		return nil
	})
	return s, err
}

// passes reports whether a message moves its author's marker by being there.
func (s sender) passes(m *backend.MessageRow) bool {
	return m.Marks && s.member && s.position >= s.ownAfter
}

// passed binds where the author's marker was before a message that moves it.
func (a *args) passed(s sender, m *backend.MessageRow) {
	if !s.passes(m) {
		a.null()
		return
	}
	a.int(s.position)
}

// sent sees to the marker of the author of a message that is stored.
func (r *rows) sent(s sender, m *backend.MessageRow) error {
	if !s.member || s.passes(m) {
		return nil
	}
	if !m.Marks {
		return r.setMarker(s.marker, s.position, m.Seq)
	}
	if err := r.insertRanges(s.marker, m.Seq-1, m.CreatedAt); err != nil {
		return err
	}
	return r.setMarker(s.marker, m.Seq, s.ownAfter)
}

const setMarkerSQL = `
UPDATE room_memberships
SET read_seq = ?, own_after = ?
WHERE room_key = ?
AND user_key = ?`

func (r *rows) setMarker(m marker, readSeq, ownAfter int64) error {
	r.pending.bytes += rowBytes
	return r.execOne(setMarkerSQL, func(a *args) {
		a.int(readSeq)
		a.int(ownAfter)
		a.int(m.room)
		a.int(m.user)
	})
}

const ownAfterSQL = `
SELECT own_after
FROM room_memberships
WHERE room_key = ?
AND user_key = ?`

// MoveMarker implements backend.ReceiptRows.
func (r *rows) MoveMarker(_ context.Context, m *storage.Membership, to int64, at time.Time) error {
	k := marker{position: m.ReadSeq}
	var err error
	if k.room, k.user, err = r.membershipKeys(m.RoomID, m.UserID); err != nil {
		return err
	}
	bind := func(a *args) {
		a.int(k.room)
		a.int(k.user)
	}
	err = r.c.one(ownAfterSQL, bind, func(row *row) error {
		k.ownAfter = row.int()
		return nil
	})
	if err != nil {
		return err
	}
	if err := r.insertRanges(k, to, at); err != nil {
		return err
	}
	return r.setMarker(k, to, k.ownAfter)
}

// SetMarkerBack implements backend.ReceiptRows.
func (r *rows) SetMarkerBack(_ context.Context, m *storage.Membership, to int64) error {
	room, user, err := r.membershipKeys(m.RoomID, m.UserID)
	if err != nil {
		return err
	}
	state, err := r.room(m.RoomID)
	if err != nil {
		return err
	}
	return r.setMarker(marker{room: room, user: user}, to, state.lastSeq)
}

// span is a range of Seq, from exclusive to inclusive.
type span struct{ from, to int64 }

const insertRangeSQL = `
INSERT INTO read_ranges (room_key, user_key, to_seq, from_seq, at)
VALUES (?, ?, ?, ?, ?)`

// insertRanges stores that a marker has moved from its position. What it had
// passed before, until it was moved back, keeps its time.
func (r *rows) insertRanges(m marker, to int64, at time.Time) error {
	gaps := []span{{m.position, to}}
	if m.position < m.ownAfter {
		before, err := r.passedBefore(m, to)
		if err != nil {
			return err
		}
		gaps = without(gaps[0], before)
	}
	for _, s := range gaps {
		if s.from >= s.to {
			continue
		}
		if err := r.insertRange(m, s, at); err != nil {
			return err
		}
	}
	return nil
}

func (r *rows) insertRange(m marker, s span, at time.Time) error {
	r.pending.bytes += rowBytes
	return r.c.exec(insertRangeSQL, func(a *args) {
		a.int(m.room)
		a.int(m.user)
		a.int(s.to)
		a.int(s.from)
		a.time(at)
	})
}

// without returns what is left of a span without others, which do not overlap.
func without(s span, others []span) (left []span) {
	slices.SortFunc(others, func(a, b span) int { return cmp.Compare(a.to, b.to) })
	for _, o := range others {
		if s.from < o.from {
			left = append(left, span{s.from, min(o.from, s.to)})
		}
		s.from = max(s.from, o.to)
	}
	return append(left, s)
}

// passedBeforeSQL is what a marker has passed between two places: by moves, and
// by own messages.
var passedBeforeSQL = []string{`
SELECT from_seq, to_seq
FROM read_ranges
WHERE room_key = ?1
AND user_key = ?2
AND to_seq > ?3
AND from_seq < ?4`, `
SELECT passed, key & 4294967295
FROM messages
WHERE author_key = ?2
AND key > (?1 << 32) + ?3
AND key <= (?1 << 32) + 4294967295
AND passed < ?4`}

func (r *rows) passedBefore(m marker, to int64) (spans []span, err error) {
	for _, sql := range passedBeforeSQL {
		bind := func(a *args) {
			a.int(m.room)
			a.int(m.user)
			a.int(m.position)
			a.int(to)
		}
		err := r.c.query(sql, bind, func(row *row) error {
			spans = append(spans, span{row.int(), row.int()})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return spans, nil
}
