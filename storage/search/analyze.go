package search

import (
	"strings"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// maxTokenBytes bounds a token, so that a "word" of 60 kB costs an index no
// more than another word.
const maxTokenBytes = 64

// Analyze returns the tokens of a text, in order. Spans begin in ascending
// order, lie on rune boundaries and are never empty; those of neighbours
// overlap where pairs of characters do, and are equal where one character
// stands for several words (as U+FDFA does).
func Analyze(text string) []Token {
	if isASCII(text) {
		return analyzeASCII(text)
	}
	return analyzeUnicode(text)
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// analyzeASCII does what analyzeUnicode does, for ASCII: nothing to normalise,
// offsets that stay, tokens that are slices of one lower-cased copy.
func analyzeASCII(text string) []Token {
	lower := strings.ToLower(text)
	tokens := make([]Token, 0, min(len(text)/5+1, 256))
	segments := words.FromString(lower)
	for segments.Next() {
		segment := segments.Value()
		if isAlphanumeric(segment[0]) || segment[0] == '_' {
			tokens = appendASCII(tokens, segment, segments.Start())
		}
	}
	return tokens
}

// appendASCII appends the parts of a word between underscores and colons.
func appendASCII(tokens []Token, word string, offset int) []Token {
	for from := 0; from < len(word); {
		to := from
		for to < len(word) && !isSeparator(rune(word[to])) {
			to++
		}
		if to > from {
			span := Span{Start: offset + from, End: offset + to}
			tokens = append(tokens, Token{Text: truncate(word[from:to]), Span: span})
		}
		from = to + 1
	}
	return tokens
}

func isAlphanumeric(b byte) bool {
	return 'a' <= b && b <= 'z' || '0' <= b && b <= '9'
}

// isSeparator reports whether a rune separates words although UAX #29 lets it
// join them. (The other connectors of the standard are underscores in NFKC.)
func isSeparator(r rune) bool {
	return r == '_' || r == ':'
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

// analyzeUnicode is the general path of Analyze.
func analyzeUnicode(text string) []Token {
	src := normalize(text)
	a := analyzer{
		out:    make([]byte, 0, len(src.text)),
		pieces: make([]piece, 0, min(len(src.text)/4+1, 256)),
		run:    make([]piece, 0, 16),
	}
	segments := words.FromString(src.text)
	for segments.Next() {
		at := segments.Start()
		a.beginSegment()
		for _, r := range segments.Value() {
			size := utf8.RuneLen(r)
			a.add(r, src.span(at, at+size))
			at += size
		}
		a.endWord()
	}
	a.endRun()
	return a.tokens()
}
