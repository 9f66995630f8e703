package rollup

import (
	"encoding/binary"

	"github.com/lairchat/lair/storage"
)

// entry is a number in a cell.
type entry struct {
	id int64 // quarter of the day * whats + What, or the day of the month
	n  int64
}

// decode appends the entries of a cell, in the order of their ids.
func decode(to []entry, cell []byte) ([]entry, error) {
	id := int64(0)
	for len(cell) > 0 {
		step, used := binary.Uvarint(cell)
		if used <= 0 {
			return to, errCell
		}
		n, more := binary.Varint(cell[used:])
		if more <= 0 {
			return to, errCell
		}
		cell = cell[used+more:]
		id += int64(step)
		to = append(to, entry{id, n})
	}
	return to, nil
}

var errCell = &storage.Error{Kind: storage.ErrCorrupt, Entity: "rollup"}

// encode appends the bytes of a cell. What counts nothing is left out.
func encode(to []byte, entries []entry) []byte {
	id := int64(0)
	for _, e := range entries {
		if e.n == 0 {
			continue
		}
		to = binary.AppendUvarint(to, uint64(e.id-id))
		to = binary.AppendVarint(to, e.n)
		id = e.id
	}
	return to
}

// merge appends the sums of two lists, in the order of their ids.
func merge(to, a, b []entry) []entry {
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].id < b[0].id:
			to, a = append(to, a[0]), a[1:]
		case a[0].id > b[0].id:
			to, b = append(to, b[0]), b[1:]
		default:
			to, a, b = append(to, entry{a[0].id, a[0].n + b[0].n}), a[1:], b[1:]
		}
	}
	to = append(to, a...)
	return append(to, b...)
}

// deltaBytes is how long a delta is in a log. Its fields have fixed lengths, so
// that SQL can write a log as well.
const deltaBytes = 4 + 4 + 6 + 1 + 4

// AppendDelta writes a delta to a log.
func AppendDelta(log []byte, d Delta) []byte {
	log = binary.BigEndian.AppendUint32(log, uint32(d.Quarter))
	log = binary.BigEndian.AppendUint32(log, uint32(d.Room))
	log = binary.BigEndian.AppendUint16(log, uint16(d.Author>>32))
	log = binary.BigEndian.AppendUint32(log, uint32(d.Author))
	log = append(log, byte(d.What))
	return binary.BigEndian.AppendUint32(log, uint32(d.N))
}

// ReadDeltas appends the deltas of a log that of selects.
func ReadDeltas(to []Delta, log []byte, of Of) ([]Delta, error) {
	if len(log)%deltaBytes != 0 {
		return to, errCell
	}
	for ; len(log) > 0; log = log[deltaBytes:] {
		room := int64(binary.BigEndian.Uint32(log[4:]))
		author := int64(binary.BigEndian.Uint16(log[8:]))<<32 | int64(binary.BigEndian.Uint32(log[10:]))
		if of.Room != 0 && of.Room != room || of.Author != 0 && of.Author != author {
			continue
		}
		to = append(to, Delta{
			Quarter: int64(int32(binary.BigEndian.Uint32(log))),
			Room:    room,
			Author:  author,
			What:    What(log[14]),
			N:       int64(int32(binary.BigEndian.Uint32(log[15:]))),
		})
	}
	return to, nil
}
