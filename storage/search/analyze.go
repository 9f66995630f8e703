package search

import (
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// maxTokenBytes bounds a token, so that a "word" of 60 kB costs an index no
// more than another word.
const maxTokenBytes = 64

// Analyze returns the tokens of a text: those of the running text in order, the
// wholes, and the parts of words. Spans lie on rune boundaries and are never
// empty. In the running text they begin in ascending order; those of neighbours
// overlap where pairs of characters do, and are equal where one character
// stands for several words (as U+FDFA does).
func Analyze(text string) []Token {
	return analyze(text).tokens
}

// analysis is the tokens of a text, first those of the running text, then, if
// there are others, a gap, the wholes, the parts.
type analysis struct {
	tokens  []Token
	running int // where the running text ends
	wholes  int // where the wholes end
}

// whole returns the wholes.
func (a *analysis) whole() []Token { return a.tokens[min(a.running+1, a.wholes):a.wholes] }

func analyze(text string) analysis {
	if isASCII(text) {
		return analyzeASCII(text, nil)
	}
	return analyzeUnicode(text)
}

// Text is Join of Analyze, for an index.
func Text(text string) string {
	if !isASCII(text) {
		return Join(analyzeUnicode(text).tokens)
	}
	scratch := scratches.Get().(*[]Token)
	defer scratches.Put(scratch)
	a := analyzeASCII(text, (*scratch)[:0])
	joined := Join(a.tokens)
	if cap(a.tokens) <= maxScratch {
		clear(a.tokens)
		*scratch = a.tokens
	}
	return joined
}

// scratches are slices of tokens that nobody holds any more, of up to maxScratch.
var scratches = sync.Pool{New: func() any { return new([]Token) }}

const maxScratch = 1 << 10

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// truncate cuts a token's text to maxTokenBytes at a rune boundary.
func truncate(text string) string {
	if len(text) <= maxTokenBytes {
		return text
	}
	end := maxTokenBytes
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end]
}

// place is where a token of the running text stands in the normalised text, of
// a run its own character alone.
type place struct {
	from, to int
	kind     kind
}

type kind uint8

const (
	kindWord kind = iota
	kindPaired
	kindEmoji
)

// What an ASCII character is in a word.
const (
	lower = 1 << iota
	upper
	digit
)

var asciiKinds = func() (kinds [utf8.RuneSelf]uint8) {
	for c := range kinds {
		switch {
		case 'a' <= c && c <= 'z':
			kinds[c] = lower
		case 'A' <= c && c <= 'Z':
			kinds[c] = upper
		case '0' <= c && c <= '9':
			kinds[c] = digit
		}
	}
	return kinds
}()

// analyzeASCII does what analyzeUnicode does, for ASCII: nothing to normalise,
// offsets that stay, tokens that are slices of one lower-cased copy. They are
// appended to an empty slice.
func analyzeASCII(text string, tokens []Token) analysis {
	c := compounder{text: strings.ToLower(text), tokens: tokens}
	if c.tokens == nil {
		c.tokens = make([]Token, 0, min(len(text)/5+1, 256))
	}
	var mixed []int
	for at := 0; at < len(text); {
		if asciiKinds[text[at]] == 0 {
			at++
			continue
		}
		end, parted := endASCII(text, at)
		if parted {
			mixed = append(mixed, len(c.tokens))
		}
		c.tokens = append(c.tokens, Token{Text: truncate(c.text[at:end]), Span: Span{Start: at, End: end}})
		at = end
	}
	a := c.finish()
	for _, i := range mixed {
		a.addParts(a.tokens[i].Span, partsASCII(text, c.text, a.tokens[i].Span))
	}
	return a
}

// endASCII returns the end of the word at an offset, and whether it may have
// parts.
func endASCII(text string, at int) (end int, mixed bool) {
	first := asciiKinds[text[at]]
	var rest uint8
	for end = at + 1; end < len(text); end++ {
		k := asciiKinds[text[end]]
		if k == 0 || splits(first, rest, text[at], text[end:]) {
			break
		}
		rest |= k
	}
	return end, isMixed(first, rest)
}

// splits reports whether a word ends before what follows, in which there is no
// boundary by UAX #29: v1.2 has the number 1.2 in it, 2024-01-15T10:00 the date.
// The word begins with a letter or digit, and has kinds of others behind it.
func splits(first, rest uint8, letter byte, follows string) bool {
	switch {
	case rest == 0 && letter|0x20 == 'v':
		return isDigit(follows[0])
	case (first|rest) == digit && follows[0]|0x20 == 't':
		return len(follows) > 1 && isDigit(follows[1])
	}
	return false
}

func isDigit(c byte) bool { return c < utf8.RuneSelf && asciiKinds[c] == digit }

// isMixed reports whether a word may have parts: it has capitals behind its
// first letter and others, or both letters and digits.
func isMixed(first, rest uint8) bool {
	all := first | rest
	return rest&upper != 0 && all&lower != 0 || all&digit != 0 && all&(lower|upper) != 0
}

// analyzeUnicode is the general path of Analyze.
func analyzeUnicode(text string) analysis {
	src := normalize(text)
	s := segment(src.text, &src, true)
	c := compounder{text: src.text, src: &src, tokens: s.tokens(), pieces: s.pieces}
	a := c.finish()
	for i := range s.pieces {
		if s.pieces[i].mixed() {
			a.addParts(a.tokens[i].Span, partsUnicode(&src, c.place(i)))
		}
	}
	return a
}

// segment finds the running text of a normalised one. Parts of words are not
// split again.
func segment(text string, src *source, split bool) *analyzer {
	a := &analyzer{
		text:   text,
		split:  split,
		out:    make([]byte, 0, len(text)),
		pieces: make([]piece, 0, min(len(text)/4+1, 256)),
		run:    make([]piece, 0, 16),
	}
	segments := words.FromString(text)
	for segments.Next() {
		a.to = segments.Start()
		a.beginSegment()
		for _, r := range segments.Value() {
			a.from, a.to = a.to, a.to+utf8.RuneLen(r)
			a.add(r, src.span(a.from, a.to))
		}
		a.endWord()
	}
	a.endRun()
	return a
}
