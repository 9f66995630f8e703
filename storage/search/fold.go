package search

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// specials are folded letters that are typed otherwise where a keyboard lacks
// them, and that Unicode does not decompose. (ß folds to ss in Unicode itself;
// the dotless ı meets i because both have the capital I, see foldCase.)
var specials = map[rune]string{
	'ß': "ss",
	'æ': "ae",
	'œ': "oe",
	'þ': "th",
	'ð': "d",
	'đ': "d",
	'ħ': "h",
	'ł': "l",
	'ø': "o",
	'ŧ': "t",
}

// appendFolded appends a letter or digit of a word without case and, in scripts
// that lose their marks, without diacritics.
func appendFolded(out []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		return append(out, byte(unicode.ToLower(r)))
	}
	folded := foldCase(baseLetter(r))
	if special, ok := specials[folded]; ok {
		return append(out, special...)
	}
	return utf8.AppendRune(out, folded)
}

// baseLetter returns the letter of a letter with diacritics, if it is of a
// script that loses them.
func baseLetter(r rune) rune {
	if !losesMarks(r) {
		return r
	}
	var encoded [utf8.UTFMax]byte
	size := utf8.EncodeRune(encoded[:], r)
	decomposed := norm.NFD.Properties(encoded[:size]).Decomposition()
	if len(decomposed) == 0 {
		return r
	}
	base, _ := utf8.DecodeRune(decomposed)
	return base
}

// foldCase goes by way of the capital, so that all lower-case forms of one
// letter meet: σ and ς, i and ı.
func foldCase(r rune) rune {
	return unicode.ToLower(unicode.ToUpper(r))
}

// foldJoiner makes one apostrophe of all that are typed.
func foldJoiner(r rune) rune {
	switch r {
	case '‘', '’', 'ʻ', 'ʼ', hebrewGeresh:
		return '\''
	}
	return r
}
