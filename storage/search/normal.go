package search

import (
	"sort"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// source is a text in NFKC that knows where its runes came from.
type source struct {
	text   string
	chunks []chunk // nil: the text is the original
	at     int     // the chunk that the last span was in
}

// chunk is a piece of normalised text: from its offset to that of the next
// chunk it stands for [start, end) of the original, byte for byte if same, and
// as a whole if not (a ligature, a letter composed with its mark).
type chunk struct {
	offset     int
	start, end int
	same       bool
}

// normalize brings a text into NFKC. Private-use code points and invalid UTF-8
// become spaces. The whole text is normalised before it is cut into words, so
// that equivalent texts give equal tokens.
func normalize(text string) source {
	if nextForbidden(text, 0) == len(text) && norm.NFKC.QuickSpanString(text) == len(text) {
		return source{text: text}
	}
	n := normalizer{text: text, out: make([]byte, 0, len(text)+len(text)/8)}
	for at := 0; at < len(text); {
		next := nextApart(text, at)
		n.normalize(at, next)
		if at = next; at < len(text) {
			at += n.apart(at)
		}
	}
	return source{text: string(n.out), chunks: n.chunks}
}

// span returns where [from, to), a rune of the normalised text, came from.
// Calls must ask for ascending runes.
func (s *source) span(from, to int) Span {
	if s.chunks == nil {
		return Span{Start: from, End: to}
	}
	for s.at+1 < len(s.chunks) && s.chunks[s.at+1].offset <= from {
		s.at++
	}
	c := s.chunks[s.at]
	if !c.same {
		return Span{Start: c.start, End: c.end}
	}
	return Span{Start: c.start + from - c.offset, End: c.start + to - c.offset}
}

// find returns where the rune at an offset of the normalised text came from, as
// far as it is ASCII or one that was normalised; calls may come in any order.
func (s *source) find(at int) Span {
	if s.chunks == nil {
		return Span{Start: at, End: at + 1}
	}
	i := sort.Search(len(s.chunks), func(i int) bool { return s.chunks[i].offset > at }) - 1
	c := s.chunks[i]
	if !c.same {
		return Span{Start: c.start, End: c.end}
	}
	return Span{Start: c.start + at - c.offset, End: c.start + at - c.offset + 1}
}

// nextForbidden returns the offset of the next rune that must not reach the
// index, or the text's length.
func nextForbidden(text string, from int) int {
	for i, r := range text[from:] {
		if r < 0xE000 {
			continue
		}
		if isPrivateUse(r) || r == utf8.RuneError && !isReplacement(text[from+i:]) {
			return from + i
		}
	}
	return len(text)
}

// nextApart returns the offset of the next rune that is not normalised together
// with others, or the text's length.
func nextApart(text string, from int) int {
	end := nextForbidden(text, from)
	for i, r := range text[from:end] {
		if isLoneJamo(r) {
			return from + i
		}
	}
	return end
}

// isLoneJamo reports whether a rune is a Korean letter that people write by
// itself (ㅋㅋ), which NFKC would compose with its neighbours.
func isLoneJamo(r rune) bool { return 0x3131 <= r && r <= 0x318E }

func isReplacement(text string) bool {
	_, size := utf8.DecodeRuneInString(text)
	return size > 1
}

func isPrivateUse(r rune) bool {
	return 0xE000 <= r && r <= 0xF8FF || r >= 0xF0000
}

type normalizer struct {
	text    string
	out     []byte
	scratch []byte
	chunks  []chunk
}

// normalize appends the normal form of text[at:end], which is valid UTF-8: what
// is normal already in long chunks, what is not segment by segment.
func (n *normalizer) normalize(at, end int) {
	for at < end {
		if same := norm.NFKC.QuickSpanString(n.text[at:end]); same > 0 {
			n.keep(at, at+same)
			at += same
			continue
		}
		next := norm.NFKC.NextBoundaryInString(n.text[at:end], true)
		if next <= 0 {
			next = end - at
		}
		segment := n.text[at : at+next]
		n.scratch = norm.NFKC.AppendString(n.scratch[:0], segment)
		if string(n.scratch) == segment {
			n.keep(at, at+next)
		} else {
			n.replace(at, at+next, n.scratch)
		}
		at += next
	}
}

// apart appends what the rune at an offset is by itself, and returns its length.
func (n *normalizer) apart(at int) int {
	r, size := utf8.DecodeRuneInString(n.text[at:])
	if isLoneJamo(r) {
		n.keep(at, at+size)
	} else {
		n.replace(at, at+size, []byte{' '})
	}
	return size
}

// keep appends [start, end) of the text as it is.
func (n *normalizer) keep(start, end int) {
	if last := len(n.chunks) - 1; last >= 0 && n.chunks[last].same && n.chunks[last].end == start {
		n.chunks[last].end = end
	} else {
		n.chunks = append(n.chunks, chunk{offset: len(n.out), start: start, end: end, same: true})
	}
	n.out = append(n.out, n.text[start:end]...)
}

// replace appends what [start, end) of the text is normalised to.
func (n *normalizer) replace(start, end int, normal []byte) {
	n.chunks = append(n.chunks, chunk{offset: len(n.out), start: start, end: end})
	n.out = append(n.out, normal...)
}
