package rollup

import (
	"math"

	"github.com/lairchat/lair/storage"
)

// Messages are the messages of a span of time.
type Messages struct {
	Total   int64
	Recent  [3]int64 // from the quarters of Span.Recent to Span.Present
	ByType  map[storage.MessageType]int64
	Rooms   map[int64]int64 // only those with some
	Authors map[int64]int64 // only those with some, who are not gone
}

// Span is a span of quarters, from From to To, exclusive.
type Span struct {
	From, To int64
	Recent   [3]int64 // since when messages are recent
	Present  int64    // the last quarter of which messages are recent
}

// Always is the span of everything.
func Always() Span {
	return Span{From: math.MinInt64, To: math.MaxInt64, Present: math.MaxInt64}
}

func (s Span) has(q int64) bool { return s.From <= q && q < s.To }

// recent reports whether some of the quarters from first to last are recent.
func (s Span) recent(first, last int64) bool {
	return first <= s.Present && last >= min(s.Recent[0], s.Recent[1], s.Recent[2])
}

// whole reports whether all of a day is in the span.
func (s Span) whole(day int64) bool { return s.From <= day*quarters && (day+1)*quarters <= s.To }

// touches reports whether anything of a day is in the span.
func (s Span) touches(day int64) bool {
	return dayOf(s.From) <= day && s.From < s.To && day <= dayOf(s.To-1)
}

// counts are Messages by what it is that is counted, most of which is a sum of
// what cells and deltas say.
type counts struct {
	of     Of
	span   Span
	recent [3]int64
	types  [whats]int64
	rooms  map[int64]int64
	author map[int64]int64
}

// Messages sums up the messages that o selects.
func (s Source) Messages(o Of, span Span) (m Messages, err error) {
	c := &counts{of: o, span: span, rooms: make(map[int64]int64), author: make(map[int64]int64)}
	r, err := s.rest(o)
	if err != nil {
		return m, err
	}
	c.addRest(r)
	days, err := s.Days()
	if err != nil {
		return m, err
	}
	if err := c.addDays(s.Cells, days); err != nil {
		return m, err
	}
	ranks := ranking{cells: s.Cells, of: o, span: span, days: days}
	if err := ranks.rooms(c.rooms); err != nil {
		return m, err
	}
	if err := ranks.authors(c.author); err != nil {
		return m, err
	}
	gone, err := goneUsers(s.Cells)
	return c.messages(gone), err
}

// messages gives the counts their form.
func (c *counts) messages(gone map[int64]bits) Messages {
	m := Messages{Recent: c.recent, ByType: make(map[storage.MessageType]int64), Rooms: c.rooms, Authors: c.author}
	for t, n := range c.types {
		if n != 0 {
			m.ByType[storage.MessageType(t)] = n
			m.Total += n
		}
	}
	if c.of.Room != 0 {
		m.Rooms = map[int64]int64{c.of.Room: m.Total}
	}
	if c.of.Author != 0 {
		m.Authors = map[int64]int64{c.of.Author: m.Total}
	}
	for author, n := range m.Authors {
		if n <= 0 || isGone(gone, author) {
			delete(m.Authors, author)
		}
	}
	return m
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

// add adds messages of a quarter.
func (c *counts) add(q int64, what What, n int64) {
	for i, since := range c.span.Recent {
		if since <= q && q <= c.span.Present {
			c.recent[i] += n
		}
	}
	if c.span.has(q) {
		c.types[what] += n
	}
}

// addRest adds what is not in the cells.
func (c *counts) addRest(r rest) {
	var month months
	r.each(func(d *Delta, in func(Key) bool) {
		if !d.What.message() {
			return
		}
		day := dayOf(d.Quarter)
		if !in(c.of.dayKey(day)) {
			c.add(d.Quarter, d.What, d.N)
		}
		if !c.span.has(d.Quarter) {
			return
		}
		if c.of.Room == 0 && !in(c.rankKey(d, Key{Kind: roomMonth, A: d.Room}, day, &month)) {
			c.rooms[d.Room] += d.N
		}
		if c.of.Author == 0 && d.Author != 0 && !in(c.rankKey(d, Key{Kind: authorMonth, A: d.Author}, day, &month)) {
			c.author[d.Author] += d.N
		}
	})
}

// rankKey returns the cell by which a ranking counts a delta: alone is the one of
// a month where no room or author is selected.
func (c *counts) rankKey(d *Delta, alone Key, day int64, month *months) Key {
	pair := c.of != Of{}
	switch {
	case c.span.whole(day) && pair:
		return Key{pairMonth, month.of(day), d.Room, d.Author}
	case c.span.whole(day):
		alone.Period = month.of(day)
		return alone
	case pair:
		return Key{pairDay, day, d.Room, d.Author}
	}
	alone.Kind, alone.Period = alone.Kind-roomMonth+roomDay, day
	return alone
}

// addDays adds what the cells of days say.
func (c *counts) addDays(cells Cells, days []int64) error {
	var entries []entry
	for _, day := range days {
		if first := day * quarters; !c.span.touches(day) && !c.span.recent(first, first+quarters-1) {
			continue
		}
		cell, err := cells.Cell(c.of.dayKey(day))
		if err != nil {
			return err
		}
		if entries, err = decode(entries[:0], cell); err != nil {
			return err
		}
		for _, e := range entries {
			if what := What(e.id % whats); what.message() {
				c.add(day*quarters+e.id/whats, what, e.n)
			}
		}
	}
	return nil
}
