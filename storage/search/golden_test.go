package search_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/internal/golden"
	"github.com/lairchat/lair/storage/search"
)

func TestGolden(t *testing.T) {
	t.Parallel()
	cases := golden.Search()
	require.GreaterOrEqual(t, len(cases), 150)
	seen := make(map[golden.Case]bool)
	for _, c := range cases {
		require.False(t, seen[c], "%q in %q is there twice", c.Query, c.Marked)
		seen[c] = true
		query, err := search.Parse(c.Query)
		require.NoError(t, err, "Parse(%q)", c.Query)
		assert.Equal(t, c.Found(), query.Match(search.Analyze(c.Text())), "%q in %q", c.Query, c.Marked)
		if !c.Found() {
			continue
		}
		var want []search.Span
		for _, span := range c.Spans() {
			want = append(want, search.Span{Start: span[0], End: span[1]})
		}
		assert.Equal(t, want, query.Highlights(c.Text()), "%q in %q", c.Query, c.Marked)
	}
}
