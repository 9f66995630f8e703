package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// gap is the text of a token that stands before the wholes, and before the parts
// of each word but the first behind a whole, so that no phrase leads from other
// words into them. No query has it.
const gap = "|"

// maxParts is how many parts a word may have. What has more is no word.
const maxParts = 16

// addParts adds the parts of a word in the running text.
func (a *analysis) addParts(word Span, parts []Token) {
	if len(parts) == 0 {
		return
	}
	if len(a.tokens) > a.wholes || a.wholes == a.running {
		a.tokens = append(a.tokens, Token{Text: gap, Span: word})
	}
	a.tokens = append(a.tokens, parts...)
}

// partsASCII returns the parts of a word of ASCII text, of which lowered is in
// lower case.
func partsASCII(text, lowered string, word Span) (parts []Token) {
	eachPart(text[word.Start:word.End], func(from, to int) {
		from, to = from+word.Start, to+word.Start
		parts = append(parts, Token{Text: truncate(lowered[from:to]), Span: Span{Start: from, End: to}})
	})
	return parts
}

// partsUnicode does so for normalised text.
func partsUnicode(src *source, word place) (parts []Token) {
	eachPart(src.text[word.from:word.to], func(from, to int) {
		from, to = from+word.from, to+word.from
		sub := segment(src.text[from:to], &source{}, false)
		for i, token := range sub.tokens() {
			p := sub.pieces[i]
			token.Span = Span{Start: src.find(from + p.at).Start, End: src.find(from + p.next - 1).End}
			parts = append(parts, token)
		}
	})
	return parts
}

// eachPart calls part for the parts of a word, if it has some.
func eachPart(word string, part func(from, to int)) {
	if isHex(word) {
		part(2, len(word))
		return
	}
	bounds := cuts(word)
	if len(bounds) == 0 || len(bounds) >= maxParts {
		return
	}
	from := 0
	for _, to := range append(bounds, len(word)) {
		part(from, to)
		from = to
	}
}

// isHex reports whether a word is a number such as 0x80070005.
func isHex(word string) bool {
	if len(word) < 3 || word[0] != '0' || word[1]|0x20 != 'x' {
		return false
	}
	return strings.Trim(word[2:], "0123456789abcdefABCDEF") == ""
}

// cuts returns the offsets within a word at which its parts begin but the first:
// a capital behind a small letter (readInt), the last of several capitals if
// two small letters follow (HTTPServer, but not URLs), a capital behind a digit
// if a small letter follows (utf8Decode), and the digits at the end, if there
// are no others (E1001, v1.2). It gives up at maxParts of them.
func cuts(word string) (all []int) {
	c := cutter{digits: -1}
	for at, r := range word {
		switch kindOf(r) {
		case upper:
			c.capital(at)
		case digit:
			c.digit(at)
		case lower:
			if unicode.IsLetter(r) {
				c.small()
			}
		}
		if len(c.cuts) >= maxParts {
			break
		}
	}
	if c.digits > 0 && c.letters {
		c.cuts = append(c.cuts, c.digits)
	}
	return c.cuts
}

// kindOf says what a letter or digit is in a word: what is no capital and no
// digit is a small letter.
func kindOf(r rune) uint8 {
	switch {
	case r < utf8.RuneSelf:
		return max(asciiKinds[r], lower)
	case unicode.IsUpper(r), 0x1C5 <= r && unicode.IsTitle(r):
		return upper
	case firstDigit <= r && unicode.IsDigit(r):
		return digit
	}
	return lower
}

// firstDigit is the first one beyond ASCII.
const firstDigit = '\u0660'

// cutter is the state of cuts. Marks and apostrophes do not change it.
type cutter struct {
	cuts     []int
	prev     uint8 // lower, upper, digit; 0 at the beginning
	last     int   // where the last capital is
	capitals int   // how many stand before the small letters that were last
	smalls   int   // how many small letters follow it
	behind   bool  // it stands behind a digit
	digits   int   // where the digits at the end begin; -1: none; -2: there are others
	letters  bool
}

func (c *cutter) capital(at int) {
	c.letter()
	if c.prev == lower {
		c.cuts = append(c.cuts, at)
	}
	if c.prev != upper {
		c.capitals = 0
	}
	c.behind = c.prev == digit
	c.last, c.smalls, c.prev = at, 0, upper
	c.capitals++
}

func (c *cutter) small() {
	c.letter()
	c.smalls++
	if c.smalls == 1 && c.behind && c.prev == upper && c.capitals == 1 || c.smalls == 2 && c.capitals > 1 {
		c.cuts = append(c.cuts, c.last)
	}
	c.prev = lower
}

func (c *cutter) digit(at int) {
	if c.digits == -1 {
		c.digits = at
	}
	c.capitals, c.prev = 0, digit
}

func (c *cutter) letter() {
	c.letters = true
	if c.digits >= 0 {
		c.digits = -2
	}
}
