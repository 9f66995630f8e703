package search_test

import (
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/graphemes"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/search"
)

func TestSnippet(t *testing.T) {
	t.Parallel()
	family := "👨‍👩‍👧"
	cases := []struct {
		name, text, typed string
		size              int
		want              string // with … for what is cut away and [] around highlights
	}{
		{"short enough", "a red fox", "fox", 9, "a red [fox]"},
		{"in the middle", "one two three four five six seven", "four", 16, "…three [four] five…"},
		{"at the beginning", "fox and hound and more", "fox", 10, "[fox] and…"},
		{"at the end", "more and hound and fox", "fox", 10, "…and [fox]"},
		{"most highlights", "fox a b c d e f g fox x fox h i j k", "fox", 12, "…[fox] x [fox] h…"},
		{"the first of several", "a fox b c d e f g a fox", "fox", 6, "…[fox] b…"},
		{"nothing marked", "one two three", "four", 8, "one two…"},
		{"no spaces", "我家在上海东边的一个小地方", "上海", 4, "…在[上海]东…"},
		{"longer than the piece", "see internationalization", "internationalization", 5, "…[inter]…"},
		{"joined emoji", family + family + "x" + family + family, "x", 3, "…" + family + "[x]" + family + "…"},
		{"marks", strings.Repeat("e\u0301", 5) + " cafe\u0301 " + strings.Repeat("e\u0301", 5), "cafe", 6, "…[cafe\u0301]…"},
		{"a mark on a space", "aa bb \u0301 fox", "fox", 7, "…bb \u0301 [fox]"},
		{"nothing fits", "fox", "fox", 0, "…"},
		{"less than nothing", "fox", "fox", -1, "…"},
		{"empty", "", "fox", 10, ""},
		{"lines", "one\r\ntwo\r\nfox\r\nfour", "fox", 6, "…[fox]…"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			query, err := search.Parse(c.typed)
			require.NoError(t, err)
			spans := query.Highlights(c.text)
			checkExcerpt(t, c.text, spans, c.size)
			assert.Equal(t, c.want, render(search.Snippet(c.text, spans, c.size)))
		})
	}
}

// render writes an excerpt the way a terminal might.
func render(e search.Excerpt) string {
	var b strings.Builder
	if e.Before {
		b.WriteString("…")
	}
	at := 0
	for _, span := range e.Highlights {
		b.WriteString(e.Text[at:span.Start] + "[" + e.Text[span.Start:span.End] + "]")
		at = span.End
	}
	b.WriteString(e.Text[at:])
	if e.After {
		b.WriteString("…")
	}
	return b.String()
}

// checkExcerpt asserts what holds of a snippet of any text.
func checkExcerpt(t tester, text string, spans []search.Span, size int) {
	t.Helper()
	e := search.Snippet(text, spans, size)
	require.Equal(t, text[e.Span.Start:e.Span.End], e.Text)
	require.True(t, betweenClusters(text, e.Span.Start) && betweenClusters(text, e.Span.End), "%v of %q", e.Span, text)
	require.LessOrEqual(t, clusters(e.Text), max(size, 0), "characters of %q, of %q", e.Text, text)
	require.Equal(t, e.Span.Start > 0, e.Before)
	require.Equal(t, e.Span.End < len(text), e.After)
	var want []search.Span
	for _, span := range spans {
		span.Start, span.End = max(span.Start, e.Span.Start)-e.Span.Start, min(span.End, e.Span.End)-e.Span.Start
		if span.Start < span.End {
			want = append(want, span)
		}
	}
	require.Equal(t, want, e.Highlights, "highlights of %q, of %q", e.Text, text)
	if len(spans) > 0 && size > 0 {
		require.NotEmpty(t, e.Highlights, "highlights of %q, of %q", e.Text, text)
	}
}

func clusters(text string) (n int) {
	for it := graphemes.FromString(text); it.Next(); {
		n++
	}
	return n
}

// betweenClusters reports whether an offset is not within a cluster.
func betweenClusters(text string, at int) bool {
	for it := graphemes.FromString(text); it.Next(); {
		if it.Start() == at {
			return true
		}
	}
	return at == len(text)
}

// Spans that are not of the text do no harm.
func TestSnippetOfForeignSpans(t *testing.T) {
	t.Parallel()
	spans := []search.Span{{Start: 9, End: 3}, {Start: -5, End: 2}, {Start: 6, End: 99}, {Start: 4, End: 5}, {Start: 50, End: 60}}
	for size := range 12 {
		e := search.Snippet("one two three", spans, size)
		require.LessOrEqual(t, len(e.Text), size)
	}
}
