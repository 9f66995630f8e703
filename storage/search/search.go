// Package search analyses text for searching and understands what people type
// into a search box. It is pure: no storage, no state, no clock. Every backend
// uses the same analysis to index, to query and to highlight, so that all of
// them find the same messages.
//
// # Analysis
//
// [Analyze] brings text into Unicode NFKC, cuts it into words by UAX #29, and
// folds case and diacritics. Six things go beyond the standard:
//
//   - Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese, whose words no
//     simple rule finds, become overlapping pairs of characters with a last
//     character of its own: ABCD gives AB BC CD D. Each character so begins
//     exactly one token, a phrase of pairs finds any part of a run, and one
//     character alone finds the tokens it is a prefix of.
//   - All signs separate words, also underscores, colons, dots, commas and
//     apostrophes (snake_case, note:this, pkg.Func, 3.14, l'homme), for which
//     UAX #29 provides tailorings, but for the apostrophe in a Hebrew word. A v
//     ends before a digit, and digits before a t and a digit, so that v1.2 and
//     2024-01-15T10:00 are the version and the date.
//   - Korean letters by themselves (ㅋㅋ) stay so: NFKC would compose them with
//     their neighbours.
//   - Each emoji is a token, with skin tone and joiners, without variation
//     selectors. Other symbols and punctuation are no tokens of their own.
//   - Behind the running text stand wholes and parts of words, see below.
//   - A token is cut at 64 bytes, in texts and queries alike.
//
// Marks are folded by the script of the letter they stand on: every
// nonspacing mark on a Latin, Greek, Cyrillic, Hebrew or Arabic letter (or on
// an ASCII digit) goes, since people leave them out when they type; in other
// scripts, such as Devanagari or Thai, they are vowels and stay.
//
// # Wholes and parts
//
// What people write in code and addresses is words: user@x.com is the tokens
// user, x and com, whatever stands around it, and is found by each of them, and
// as a whole by their phrase. Most signs between words are no tokens, so the
// phrase finds user-x-com too, which hardly matters. Where a sign does matter, it
// makes a whole: a token of its own, behind the running text, of a word with the
// signs that belong to it, which a text with the bare word has not. A phrase that
// has such a sign demands the whole too. Wholes are:
//
//   - #tag and @name. They go on over dots, hyphens and underscores
//     (@alice.smith), and through scripts without spaces as far as these do. What
//     is before a dot, a hyphen or such a script is a whole too, since it may be
//     the next sentence that follows (@alice.Thanks).
//   - @x.com behind a letter or digit, in an address, if it goes on to a word
//     that begins with a letter.
//   - C++, C# and the like behind letters.
//   - .NET, .com, .pdf: a dot and a word that begins with a letter, wherever.
//   - -m and --no-verify, which go on like names, but behind letters, digits,
//     colons and hyphens.
//
// Words with capitals or digits in them remain one word of the running text, so
// that iPhone, IPHONE and iphone are the same in phrases, and have parts at the
// very end: readInt has read and int, HTTPServer2 has http, server and 2, E1001
// has e and 1001, 0x80070005 has 80070005. Parts begin at a capital behind a
// small letter, at the last of several capitals if two small letters follow
// (but URLs is one), at a capital between a digit and a small letter, and at the
// digits if all of them are at the end. A word that would have more than 16 has
// none. The parts of a word are a phrase of their own.
//
// A token that no query has stands between the running text and all that is
// behind it, so that no phrase leads across.
//
// # What a backend may rely on
//
// The text of a token is never empty, is valid UTF-8 of at most 64 bytes, and
// holds no space, no control character, no double quote and no private-use
// code point. Its only ASCII characters are 0-9, a-z and, within a word or a
// whole, ' # + - . @ _ as well as, alone, the | that stands before wholes and
// parts. A backend whose index cuts what it is given into tokens must take all of
// these for letters. Invalid UTF-8 and private-use code points in a text only
// separate words.
//
// # Queries
//
// What a user types, as [Parse] reads it:
//
//	query  = [ space ] { clause space } .
//	clause = "-" item | item { space "OR" space item } .
//	item   = phrase | word .
//	phrase = quote { character } ( quote { "*" } | end ) .
//	word   = { character } { "*" } .
//	space  = white space, which may be missing behind a quote .
//
// All clauses must hold. The words of an item must stand next to each other, be
// it one that was typed as a "phrase" or a word such as rock-solid that comes to
// several. A star behind an item says that its last token is only the beginning
// of one. A hyphen before an item leaves out what has it, and OR gives an
// alternative, closer than the words around it: red OR blue car is (red or blue)
// and car.
//
// Nothing is an error, and everything else means what it says:
//
//   - A phrase that is not closed goes to the end. Curly quotes are quotes. A
//     quote inside a word is part of that, and so is a straight one between two
//     Hebrew letters.
//   - OR is the word "or" where it is not between two items, neither of them
//     left out: at the beginning and the end, beside another OR, beside -this,
//     and beside an item without tokens. So is "or" everywhere. AND, NOT and NEAR
//     are words.
//   - Of several hyphens none leaves out anything: --force is an option. Nor
//     does one that is alone.
//   - An item without tokens, such as punctuation alone (* or ++), demands
//     nothing, as there is nothing of it in any text. Nor do signs that belong
//     to no whole.
//   - A query that comes to nothing, or only leaves out, matches no text, and
//     [Query.Reason] says so.
//   - Where an item ends in a run of pairs, the text may go on, star or not. A
//     run further in must end where it ends.
//   - An item that is a whole, such as c++ or @alice, finds texts that have the
//     whole. Where it has more words, it is the phrase of all of them, and
//     demands its wholes too, anywhere in the text: c++17 is the phrase of c and
//     17, and the whole c++. Of an item that may go on, the whole at its end is
//     not demanded, only its words.
//   - A word of more than 64 bytes finds what begins with its first 64; so does
//     a whole, but for the words in it.
package search

import (
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Version is the version of the analysis. Whoever stores analysed text keeps
// it with the text, together with [Tables], and analyses anew when one of them
// has changed.
const Version = 4

// Tables is the version of Unicode by which this program knows letters, their
// cases and marks: the major version of Go's own tables, shifted by 8 bits, and
// that of golang.org/x/text. Both come with the version of Go.
var Tables = major(unicode.Version)<<8 | major(norm.Version)

// major returns the number before the first dot.
func major(version string) int {
	before, _, _ := strings.Cut(version, ".")
	n, _ := strconv.Atoi(before)
	return n
}

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
