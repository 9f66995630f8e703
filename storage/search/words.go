package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Words returns the distinct analysed words of a short text such as a name, and
// their parts, in ascending order, for [MatchWords].
func Words(text string) []string {
	a := analyze(text)
	words := slices.Concat(a.tokens[:a.running], a.tokens[a.wholes:])
	return distinct(slices.DeleteFunc(words, func(t Token) bool { return t.Text == gap }))
}

// Prefixes returns the words of what a user types to find a name, each to be
// taken as a prefix, distinct and in ascending order. The last character of a
// run of pairs is left out, since the pair before it holds it already: 上海 asks
// for the prefix 上海 alone.
func Prefixes(query string) []string {
	a := analyze(query)
	tokens := a.tokens[:a.running]
	kept := tokens[:0:0]
	for i, token := range tokens {
		if !endsRun(tokens, i) {
			kept = append(kept, token)
		}
	}
	return distinct(kept)
}

// MatchWords reports whether every prefix begins at least one of the words,
// which must be in ascending order, as [Words] returns them. No prefixes at all
// match any words.
func MatchWords(words, prefixes []string) bool {
	for _, prefix := range prefixes {
		i, _ := slices.BinarySearch(words, prefix)
		if i == len(words) || !strings.HasPrefix(words[i], prefix) {
			return false
		}
	}
	return true
}

func distinct(tokens []Token) []string {
	texts := make([]string, len(tokens))
	for i, token := range tokens {
		texts[i] = token.Text
	}
	slices.Sort(texts)
	return slices.Compact(texts)
}

// endsRun reports whether a token is the last character of a run of two or
// more, which stands beside the pair that already holds it.
func endsRun(tokens []Token, i int) bool {
	return i > 0 && isSingle(tokens[i].Text) && isPair(tokens[i-1].Text)
}

// isSingle reports whether a token is one character of a script indexed as
// pairs.
func isSingle(token string) bool {
	r, size := utf8.DecodeRuneInString(token)
	return size == len(token) && isPaired(r)
}

func isPair(token string) bool {
	r, size := utf8.DecodeRuneInString(token)
	return size < len(token) && isPaired(r)
}

// isPaired holds for the first rune of exactly those tokens that are of a run:
// a word ends before such a character.
func isPaired(r rune) bool {
	return r >= utf8.RuneSelf && unicode.Is(pairedScripts, r)
}
