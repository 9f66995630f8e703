package rollup

import (
	"math"

	"github.com/lairchat/lair/storage"
)

// Messages are the messages of a span of time.
type Messages struct {
	Total   int64
	Recent  [3]int64 // since the quarters of Span.Recent
	ByType  map[storage.MessageType]int64
	Rooms   map[int64]int64 // only those with some
	Authors map[int64]int64 // only those with some, who are not gone
}

// Span is a span of quarters, from From to To, exclusive.
type Span struct {
	From, To int64
	Recent   [3]int64 // since when messages are recent
}

// Always is the span of everything.
func Always() Span { return Span{From: math.MinInt64, To: math.MaxInt64} }

func (s Span) has(q int64) bool { return s.From <= q && q < s.To }

// whole reports whether all of a day is in the span.
func (s Span) whole(day int64) bool { return s.From <= day*quarters && (day+1)*quarters <= s.To }

// touches reports whether anything of a day is in the span.
func (s Span) touches(day int64) bool {
	return dayOf(s.From) <= day && s.From < s.To && day <= dayOf(s.To-1)
}

// Messages sums up the messages that o selects.
func (s Source) Messages(o Of, span Span) (m Messages, err error) {
	m = Messages{ByType: make(map[storage.MessageType]int64), Rooms: make(map[int64]int64), Authors: make(map[int64]int64)}
	v, err := s.view(o, o.kinds())
	if err != nil {
		return m, err
	}
	days, err := v.days(s)
	if err != nil {
		return m, err
	}
	for _, day := range days {
		if err := v.sumDay(&m, o, span, day); err != nil {
			return m, err
		}
	}
	gone, err := v.gone()
	if err != nil {
		return m, err
	}
	ranks := ranking{view: v, of: o, span: span, days: days}
	if err := ranks.rooms(m.Rooms, m.Total); err != nil {
		return m, err
	}
	if err := ranks.authors(m.Authors, m.Total); err != nil {
		return m, err
	}
	for author, n := range m.Authors {
		if n <= 0 || isGone(gone, author) {
			delete(m.Authors, author)
		}
	}
	return m, nil
}

// kinds returns the kinds of cells in which the messages are counted that o
// selects.
func (o Of) kinds() kinds {
	switch {
	case o.Room != 0 && o.Author != 0:
		return kindsOf(pairDay)
	case o.Room != 0:
		return kindsOf(roomDay, pairDay, pairMonth)
	case o.Author != 0:
		return kindsOf(authorDay, pairDay, pairMonth, authorRooms)
	}
	return kindsOf(serverDay, roomDay, authorDay, roomMonth, authorMonth)
}

// dayKey returns the cell of a day of what o selects.
func (o Of) dayKey(day int64) Key {
	switch {
	case o.Room != 0 && o.Author != 0:
		return Key{pairDay, day, o.Room, o.Author}
	case o.Room != 0:
		return Key{roomDay, day, o.Room, 0}
	case o.Author != 0:
		return Key{authorDay, day, o.Author, 0}
	}
	return Key{serverDay, day, 0, 0}
}

func (v *view) sumDay(m *Messages, o Of, span Span, day int64) error {
	last := day*quarters + quarters - 1
	if !span.touches(day) && last < min(span.Recent[0], span.Recent[1], span.Recent[2]) {
		return nil
	}
	return v.cell(o.dayKey(day), func(cell []entry) error {
		for _, e := range cell {
			q, what := day*quarters+e.id/whats, What(e.id%whats)
			if !what.message() || e.n == 0 {
				continue
			}
			for i, since := range span.Recent {
				if q >= since {
					m.Recent[i] += e.n
				}
			}
			if span.has(q) {
				m.Total += e.n
				t := storage.MessageType(what)
				if m.ByType[t] += e.n; m.ByType[t] == 0 {
					delete(m.ByType, t)
				}
			}
		}
		return nil
	})
}
