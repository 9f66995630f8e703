package storagetest

// What is found where, in many scripts and in code: a table that the analysis
// alone is held to as well.

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/internal/golden"
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// testSearchGolden searches all texts of the table for each of its queries: for
// its own, the table says whether it is found and what is highlighted; for the
// others, the matcher.
func testSearchGolden(t *testing.T, f *fixture) {
	cases := golden.Search()
	var texts []string
	place := make(map[string]bool)
	for _, c := range cases {
		if !place[c.Text()] {
			texts, place[c.Text()] = append(texts, c.Text()), true
		}
	}
	f.corpus(texts...)
	for _, c := range cases {
		query, err := search.Parse(c.Query)
		require.NoError(t, err)
		found := make(map[string][]search.Span)
		if !query.Empty() {
			for _, match := range f.searchAll(storage.SearchQuery{Text: c.Query, Limit: storage.MaxLimit}) {
				found[match.Message.Body] = match.Highlights
			}
		}
		for _, text := range texts {
			_, ok := found[text]
			assert.Equal(t, query.Match(search.Analyze(text)), ok, "%q finds %q", c.Query, text)
		}
		var want []search.Span
		for _, span := range c.Spans() {
			want = append(want, search.Span{Start: span[0], End: span[1]})
		}
		assert.Equal(t, want, found[c.Text()], "%q in %q", c.Query, c.Marked)
	}
}

func testSearchWholes(t *testing.T, f *fixture) {
	const plus, plain, call, other, mail, apart, url = "C++ is hard", "c is hard, too", "call pkg.Func now", "call pkg; now Func", "mailto:user@x.com", "user of x.com", "at https://www.x.com/a?b=1"
	f.corpus(plus, plain, call, other, mail, apart, url)
	f.wantFound([]foundCase{
		{"c++", []string{plus}},
		{"c", []string{plus, plain}},
		{"hard -c++", []string{plain}},
		{`"c++ is" OR "pkg now"`, []string{plus, other}},
		{`hard -"c++ is"`, []string{plain}},
		{"pkg.func", []string{call}},
		{`"call pkg"`, []string{call, other}},
		{`now -"call pkg.Func"`, []string{other}},
		{`"call pkg.Func" OR c++`, []string{plus, call}},
		{"pkg.f*", []string{call}},
		{"user@x.com", []string{mail}},
		{"x.com", []string{mail, apart, url}},
		{"com", []string{mail, apart, url}},
		{"x.com/a*", []string{url}},
		{"https://www.x.com/a?b=1", []string{url}},
	})
}
