package search_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/search"
)

// Spans lead back to the original text, whatever the analysis did to it.
func TestAnalyzeSpans(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, text string
		want       []string // what the tokens' spans hold
	}{
		{"ascii", "Hello, World", []string{"Hello", "World"}},
		{"underscores", "_Hello_World_", []string{"Hello", "World"}},
		{"wholes", "ｃ＋＋ ＃Ä_b", []string{"ｃ", "Ä", "b", "ｃ", "ｃ＋＋", "＃Ä_b"}},
		{"parts", "ÉtéNoir e\u0301tE\u0301t", []string{"ÉtéNoir", "e\u0301tE\u0301t", "ÉtéNoir", "Été", "Noir", "e\u0301tE\u0301t", "e\u0301t", "E\u0301t"}},
		{"contraction", "it's “don’t”", []string{"it", "s", "don", "t"}},
		{"composed", "brûlée…", []string{"brûlée"}},
		{"decomposed", "ab bru\u0302le\u0301e cd", []string{"ab", "bru\u0302le\u0301e", "cd"}},
		{"growing", "x Straße y", []string{"x", "Straße", "y"}},
		{"ligature", "a ﬁnd b", []string{"a", "ﬁnd", "b"}},
		{"full width", "ＡＢ　ｃｄ", []string{"ＡＢ", "ｃｄ"}},
		{"points at the end", "ab שָׁ cd", []string{"ab", "שָׁ", "cd"}},
		{"pairs", "在上海", []string{"在上", "上海", "海"}},
		{"pairs after full width", "Ａ，在上海", []string{"Ａ", "在上", "上海", "海"}},
		{"jamo", "\u1112\u1161\u11ab\u1100\u116e", []string{"\u1112\u1161\u11ab\u1100\u116e", "\u1100\u116e"}},
		{"variation selectors", "葛\U000E0100城", []string{"葛\U000E0100城", "城"}},
		{"variation selector at the end", "葛\U000E0100", []string{"葛\U000E0100"}},
		{"one for many", "x \uFDFA", []string{"x", "\uFDFA", "\uFDFA", "\uFDFA", "\uFDFA"}},
		{"emoji", "a❤️b👍🏽", []string{"a", "❤️", "b", "👍🏽"}},
		{"invalid", "\xffa\xff\xffb", []string{"a", "b"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, token := range search.Analyze(c.text) {
				got = append(got, c.text[token.Span.Start:token.Span.End])
			}
			assert.Equal(t, c.want, got, "spans of Analyze(%q)", c.text)
		})
	}
}

// A word longer than a token is cut, and yet marked as a whole.
func TestAnalyzeSpanOfLongWord(t *testing.T) {
	t.Parallel()
	tokens := search.Analyze("-- " + strings.Repeat("я", 100))
	require.Len(t, tokens, 1)
	assert.Equal(t, search.Span{Start: 3, End: 203}, tokens[0].Span)
	assert.Len(t, tokens[0].Text, 64)
}
