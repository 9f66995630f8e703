// Package search analyses text for searching and understands what people type
// into a search box. It is pure: no storage, no state, no clock. Every backend
// uses the same analysis to index, to query and to highlight, so that all of
// them find the same messages.
//
// # Analysis
//
// [Analyze] brings text into Unicode NFKC, cuts it into words by UAX #29, and
// folds case and diacritics. Four things go beyond the standard:
//
//   - Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese, whose words no
//     simple rule finds, become overlapping pairs of characters with a last
//     character of its own: ABCD gives AB BC CD D. Each character so begins
//     exactly one token, a phrase of pairs finds any part of a run, and one
//     character alone finds the tokens it is a prefix of.
//   - Underscores and colons separate words (_emphasis_, snake_case,
//     note:this), a tailoring that UAX #29 provides for.
//   - Each emoji is a token, with skin tone and joiners, without variation
//     selectors. Other symbols and punctuation give no tokens.
//   - A token is cut at 64 bytes, in texts and queries alike.
//
// Marks are folded by the script of the letter they stand on: every
// nonspacing mark on a Latin, Greek, Cyrillic, Hebrew or Arabic letter (or on
// an ASCII digit) goes, since people leave them out when they type; in other
// scripts, such as Devanagari or Thai, they are vowels and stay.
//
// # What a backend may rely on
//
// The text of a token is never empty, is valid UTF-8 of at most 64 bytes, and
// holds no space, no control character, no double quote and no private-use
// code point. Its only ASCII characters are 0-9, a-z and, inside a word, the
// joiners ' . , and ; (don't, example.com, 3,14). Invalid UTF-8 and
// private-use code points in a text only separate words.
package search

import "strings"

// Version is the version of the analysis. Whoever stores analysed text keeps
// it with the text, and analyses anew when it has changed.
const Version = 2

// Span is a half-open range of byte offsets into a text.
type Span struct{ Start, End int }

// Token is one unit of analysed text. Its position is its index in what
// [Analyze] returned.
type Token struct {
	// Text is what is indexed and compared. It may share memory with the
	// analysed text or with other tokens: strings.Clone what is kept long.
	Text string
	// Span is where the token stands in the original text.
	Span Span
}

// Join returns the tokens' texts joined by single spaces.
func Join(tokens []Token) string {
	var joined strings.Builder
	size := len(tokens)
	for _, token := range tokens {
		size += len(token.Text)
	}
	joined.Grow(size)
	for i, token := range tokens {
		if i > 0 {
			joined.WriteByte(' ')
		}
		joined.WriteString(token.Text)
	}
	return joined.String()
}
