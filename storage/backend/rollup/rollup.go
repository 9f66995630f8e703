// Package rollup keeps the counts that statistics are made of: how many
// messages were sent, and what else happened, by quarter of an hour, room and
// author. A backend stores cells of bytes under keys, and the deltas that are
// not in the cells yet; what is in a cell, how deltas get there and how
// statistics are read from it stands here, once for all backends.
//
// Rooms and authors are the backend's own numbers, above 0. Author 0 is nobody,
// and room 0 is the server.
package rollup

import (
	"cmp"
	"time"

	"github.com/lairchat/lair/storage"
)

// What is counted: the messages of a type, under the type's own number, and
// what else happens.
type What uint8

// What else happens.
const (
	Join         What = 13
	Leave        What = 14
	Registration What = 15
)

const whats = 16 // a power of two, above every What

// message reports whether messages of a type are counted.
func (w What) message() bool { return w < Join }

// Delta is what one write adds.
type Delta struct {
	Quarter int64 // since 1970
	Room    int64
	Author  int64 // of the message, or who joined, left, registered
	What    What
	N       int64
}

// Quarter is the time by which everything is counted: zones have offsets of half
// and quarter hours.
const Quarter = 15 * time.Minute

const quarters = 24 * 4 // of a day in UTC

// QuarterOf returns in which quarter of an hour a time is, counted from 1970.
func QuarterOf(t time.Time) int64 { return floorDiv(t.UnixMicro(), Quarter.Microseconds()) }

// TimeOf returns when a quarter of an hour begins.
func TimeOf(q int64) time.Time { return time.UnixMicro(q * Quarter.Microseconds()).UTC() }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// dayOf returns in which day a quarter is, counted from 1970 in UTC.
func dayOf(q int64) int64 { return floorDiv(q, quarters) }

// dayIn returns the day at a place in a month.
func dayIn(month, place int64) int64 {
	return floorDiv(time.Date(0, time.Month(month+1), int(place)+1, 0, 0, 0, 0, time.UTC).Unix(), 24*60*60)
}

// monthOf returns in which month a day is, counted from the year 0, and its
// place in it, from 0.
func monthOf(day int64) (month, place int64) {
	y, m, d := time.Unix(day*24*60*60, 0).UTC().Date()
	return int64(y)*12 + int64(m) - 1, int64(d) - 1
}

// Kind is what a cell counts: of whom, and over what time. Cells of a day count
// by quarter and by What; those of a month count messages by day.
type Kind uint8

// The kinds, in the order in which they are folded. A and B of a Key are the
// room, the author, or both in this order.
const (
	serverDay   Kind = iota + 1
	roomMonth        // A: room
	authorMonth      // A: author
	pairMonth        // A: room, B: author
	roomDay          // A: room
	authorDay        // A: author
	pairDay          // A: room, B: author; also of nobody, and of the server

	// authorRooms (A: author, B: room) say that there is, or was, a pairMonth. They
	// are written with it, and so before a pairDay of that month.
	authorRooms

	// The authors with messages are sets of bits, in chunks. A: chunk.
	quarterAuthors // Period: quarter
	dayAuthors

	gone // Period: 0; the users that were deleted
)

// Key is where a cell is. Cells are in the order of all of it.
type Key struct {
	Kind   Kind
	Period int64
	A, B   int64
}

// Compare orders keys.
func (k Key) Compare(other Key) int {
	return cmp.Or(
		cmp.Compare(k.Kind, other.Kind), cmp.Compare(k.Period, other.Period),
		cmp.Compare(k.A, other.A), cmp.Compare(k.B, other.B),
	)
}

// Cells reads cells.
type Cells interface {
	// Cell returns a cell, nil if there is none. It is good until the next call.
	Cell(k Key) ([]byte, error)

	// Walk calls fn for each cell with from <= key < to, in their order. What fn
	// gets is good until it returns. fn may read other cells.
	Walk(from, to Key, fn func(Key, []byte) error) error
}

// Table reads and writes cells.
type Table interface {
	Cells

	// SetCell stores a copy of a cell, and removes it if it is empty.
	SetCell(k Key, cell []byte) error
}

// MessageDelta counts messages of a type.
func MessageDelta(at time.Time, room, author int64, t storage.MessageType, n int64) Delta {
	return Delta{Quarter: QuarterOf(at), Room: room, Author: author, What: What(t), N: n}
}
