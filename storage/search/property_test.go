package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"github.com/lairchat/lair/storage/search"
)

// fragments are what texts for properties are made of: every path of the
// analysis, and what is likely to meet badly.
var fragments = []string{
	" ", "a", "B", "don't", "don’t", "7", "3.14", "_", ":", ".", "'", "\"", "-", "\n", "\x00",
	"é", "e\u0301", "ß", "İ", "ﬁ", "Ａ", "，", "\u3000", "½", "㏂", "\uFDFA", "…",
	"ς", "Ё", "שָׁ", "\u05F4", "أ", "\u0640", "हि", "क़", "上", "海", "タ", "ー", "ﾞ", "か", "\u3099",
	"한", "\u1112\u1161\u11ab", "\u115F", "ก", "ิ", "ำ", "\u200b", "\u200c", "\u200d", "\u00ad", "\ufeff",
	"👍", "🏽", "👩", "❤", "\ufe0f", "🇩", "🇪", "🏴", "\U000E0067", "\u20e3", "🅰", "㍿",
	" -", " \"", "\" ", "* ", " OR ", "“", "”", "#", "@", "++", "/", "://", "--", "::", "aB", "HTTPServer2",
	"\uE000", "\U000F0000", "\xff", "\xe4\xb8", "\uFFFD", "\u034F", "\u0301", "\u02bc",
}

// texts draws texts of fragments, and any other strings.
func texts() *rapid.Generator[string] {
	mixed := rapid.Map(rapid.SliceOfN(rapid.SampledFrom(fragments), 0, 30), func(parts []string) string {
		return strings.Join(parts, "")
	})
	return rapid.OneOf(mixed, rapid.String())
}

// tester is what *testing.T and *rapid.T share.
type tester interface {
	require.TestingT
	Helper()
}

// checkTokens asserts what the package promises of every token.
func checkTokens(t tester, text string, tokens []search.Token) {
	t.Helper()
	require.Equal(t, search.Join(tokens), search.Text(text), "Text(%q)", text)
	for _, token := range tokens {
		require.NotEmpty(t, token.Text)
		require.LessOrEqual(t, len(token.Text), 64)
		require.True(t, utf8.ValidString(token.Text), "token %q is valid UTF-8", token.Text)
		require.Equal(t, -1, strings.IndexFunc(token.Text, forbidden), "token %q of %q", token.Text, text)
		span := token.Span
		require.True(t, 0 <= span.Start && span.Start < span.End && span.End <= len(text), "span %v in %q", span, text)
		require.True(t, onBoundary(text, span.Start) && onBoundary(text, span.End),
			"span %v of %q on rune boundaries", span, text)
	}
}

func forbidden(r rune) bool {
	return unicode.In(r, unicode.Z, unicode.Cc, unicode.Co) || r == '"' ||
		r < utf8.RuneSelf && !strings.ContainsRune("0123456789abcdefghijklmnopqrstuvwxyz'.#+-@_|", r)
}

func onBoundary(text string, at int) bool {
	for i := range text {
		if i == at {
			return true
		}
	}
	return at == len(text)
}

func TestAnalyzeKeepsItsPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := texts().Draw(t, "text")
		checkTokens(t, text, search.Analyze(text))
	})
}

// Texts that Unicode holds equivalent have equal tokens.
//
// Korean letters by themselves are left out, of which NFKC makes others.
func TestAnalyzeNormalizationForms(t *testing.T) {
	t.Parallel()
	lone := func(r rune) bool { return 0x3131 <= r && r <= 0x318E }
	rapid.Check(t, func(t *rapid.T) {
		text := strings.ToValidUTF8(texts().Draw(t, "text"), " ")
		if strings.ContainsFunc(text, lone) {
			return
		}
		want := search.Join(search.Analyze(text))
		for _, form := range []norm.Form{norm.NFC, norm.NFD, norm.NFKC, norm.NFKD} {
			got := search.Join(search.Analyze(form.String(text)))
			assert.Equal(t, want, got, "form %d of %q", form, text)
		}
	})
}

// A text is found by itself, and a match shows what it found.
func TestMatchAgreesWithHighlights(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typed := texts().Draw(t, "query")
		text := rapid.OneOf(texts(), rapid.Just(typed)).Draw(t, "text")
		checkQuery(t, typed, text)
	})
}

// checkQuery asserts what holds of any query and any text.
func checkQuery(t tester, typed, text string) {
	t.Helper()
	query, err := search.Parse(typed)
	if err != nil {
		require.True(t, err == search.ErrQueryTooLong || err == search.ErrTooManyTerms, "Parse: %v", err)
		return
	}
	matches := query.Match(search.Analyze(text))
	if typed == text && !slices.ContainsFunc(query.Clauses, func(c search.Clause) bool { return c.Exclude }) {
		require.Equal(t, !query.Empty(), matches, "%q matches itself", text)
	}
	spans := query.Highlights(text)
	if matches {
		require.NotEmpty(t, spans, "highlights of %q in %q", typed, text)
	}
	end := -1
	for _, span := range spans {
		require.True(t, end < span.Start && span.Start < span.End && span.End <= len(text),
			"highlight %v in %q after %d", span, text, end)
		require.True(t, onBoundary(text, span.Start) && onBoundary(text, span.End))
		end = span.End
	}
	for size := range 5 {
		checkExcerpt(t, text, spans, size*size)
	}
}

// Any part of a run of Chinese finds the run.
func TestMatchFindsPartsOfRuns(t *testing.T) {
	t.Parallel()
	run := rapid.SliceOfN(rapid.SampledFrom([]rune("上海东西南北한글กิかタ")), 1, 20)
	rapid.Check(t, func(t *rapid.T) {
		runes := run.Draw(t, "run")
		from := rapid.IntRange(0, len(runes)-1).Draw(t, "from")
		to := rapid.IntRange(from+1, len(runes)).Draw(t, "to")
		checkQuery(t, string(runes[from:to]), string(runes))
		query, err := search.Parse(string(runes[from:to]))
		require.NoError(t, err)
		assert.True(t, query.Match(search.Analyze(string(runes))), "%q in %q", string(runes[from:to]), string(runes))
	})
}
