package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/rangetable"
)

// class is what a rune of normalised text does in the analysis.
type class uint8

const (
	classNone    class = iota // separates: white space, punctuation, symbols
	classLetter               // letters and digits of words
	classPaired               // characters of scripts indexed as pairs
	classMark                 // combining marks
	classEmoji                // emoji, their modifiers, regional indicators
	classIgnored              // formatting; passed over
	classJoiner               // an apostrophe
	classQuote                // a double quote: in a Hebrew word, a gershayim
)

const (
	zeroWidthJoiner  = '\u200D'
	graphemeJoiner   = '\u034F'
	arabicTatweel    = '\u0640' // stretches a word and means nothing
	hangulChoFiller  = '\u115F'
	hangulJungFiller = '\u1160'
	khmerInherentAq  = '\u17B4' // vowels that are heard and not seen
	khmerInherentAa  = '\u17B5'
	firstHebrew      = '\u0591'
	hebrewGeresh     = '\u05F3'
	hebrewGershayim  = '\u05F4'
)

func classify(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		return classifyASCII(r)
	case isCommonPaired(r):
		return classPaired
	case isCommonLetter(r):
		return classLetter
	case r == hebrewGershayim:
		return classQuote
	case isIgnored(r):
		return classIgnored
	case isJoiner(r):
		return classJoiner
	case unicode.Is(pairedScripts, r):
		if unicode.In(r, unicode.L, unicode.N, unicode.M) {
			return classPaired
		}
		return classNone
	case unicode.Is(emoji, r):
		return classEmoji
	case unicode.In(r, unicode.L, unicode.N):
		return classLetter
	case unicode.Is(unicode.M, r):
		return classMark
	}
	return classNone
}

func classifyASCII(r rune) class {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9':
		return classLetter
	case r == '\'':
		return classJoiner
	case r == '"':
		return classQuote
	}
	return classNone
}

// isCommonPaired answers for most Chinese, Japanese and Korean text without a
// look at the tables.
func isCommonPaired(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0xAC00 <= r && r <= 0xD7A3 ||
		0x3041 <= r && r <= 0x3096 || 0x30A1 <= r && r <= 0x30FA
}

// isCommonLetter does so for most Latin, Greek, Cyrillic and Arabic text.
func isCommonLetter(r rune) bool {
	return 0x00C0 <= r && r <= 0x024F && r != '×' && r != '÷' ||
		0x03A3 <= r && r <= 0x03CE || 0x0400 <= r && r <= 0x0481 ||
		0x0620 <= r && r <= 0x064A && r != arabicTatweel
}

// isJoiner reports whether a rune beyond ASCII is typed as an apostrophe.
func isJoiner(r rune) bool { return r >= utf8.RuneSelf && foldJoiner(r) == '\'' }

// isIgnored reports whether a rune has no width or meaning of its own: formats,
// variation selectors, fillers, enclosing marks (as those of keycap emoji).
func isIgnored(r rune) bool {
	switch r {
	case graphemeJoiner, arabicTatweel, hangulChoFiller, hangulJungFiller,
		khmerInherentAq, khmerInherentAa:
		return true
	}
	return unicode.In(r, unicode.Cf, unicode.Me, unicode.Variation_Selector)
}

func isHebrew(r rune) bool { return r >= firstHebrew && unicode.Is(unicode.Hebrew, r) }

func isSkinTone(r rune) bool { return 0x1F3FB <= r && r <= 0x1F3FF }

// isTag reports whether a rune spells the region of a flag such as Scotland's.
func isTag(r rune) bool { return 0xE0020 <= r && r <= 0xE007F }

// losesMarks reports whether diacritics on a letter are folded away.
func losesMarks(r rune) bool {
	return r < utf8.RuneSelf || unicode.Is(markLosers, r)
}

// markLosers are the scripts whose readers leave diacritics out when they type.
var markLosers = rangetable.Merge(
	unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic,
)

// pairedScripts are those written without spaces, Korean (whose particles cling
// to their nouns), and the marks of Japanese that Unicode counts to no script.
var pairedScripts = rangetable.Merge(
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Hangul,
	unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
	rangetable.New('ー', '〆', '〱', '〲', '〳', '〴', '〵'),
)
