package rollup

import mathbits "math/bits"

// bits is a set of authors, those of one chunk.
type bits []byte

// chunkBits is how many authors are in a chunk: a set takes an eighth of a page
// at most, and so no page of its own.
const chunkBits = 12

// place returns in which chunk an author is, and where.
func place(author int64) (chunk int64, bit int) {
	return author >> chunkBits, int(author & (1<<chunkBits - 1))
}

func (b bits) has(bit int) bool { return bit/8 < len(b) && b[bit/8]&(1<<(bit%8)) != 0 }

// set returns the set with an author in it, or without.
func (b bits) set(bit int, on bool) bits {
	for on && bit/8 >= len(b) {
		b = append(b, 0)
	}
	switch {
	case on:
		b[bit/8] |= 1 << (bit % 8)
	case bit/8 < len(b):
		b[bit/8] &^= 1 << (bit % 8)
	}
	return b
}

// trimmed returns the set without empty bytes at its end.
func (b bits) trimmed() bits {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// union returns the set with all of another in it but for some.
func (b bits) union(other, but bits) bits {
	for len(b) < len(other) {
		b = append(b, 0)
	}
	for i, v := range other {
		if i < len(but) {
			v &^= but[i]
		}
		b[i] |= v
	}
	return b
}

// without counts those that are not in another set.
func (b bits) without(other bits) (n int64) {
	for i, v := range b {
		if i < len(other) {
			v &^= other[i]
		}
		n += int64(mathbits.OnesCount8(v))
	}
	return n
}
