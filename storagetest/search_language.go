package storagetest

// The language of queries: phrases, beginnings, what is left out, alternatives.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

func testSearchLanguage(t *testing.T, f *fixture) {
	const red, fox, both, wolf, far = "a red fox", "the fox is red", "red fox, red wolf", "wolves or dogs", "我家在上海东边"
	f.corpus(red, fox, both, wolf, far)
	f.wantFound([]foundCase{
		{`"red fox"`, []string{red, both}},
		{`“red fox”`, []string{red, both}},
		{`"fox red"`, []string{both}},
		{`"red fox`, []string{red, both}},
		{`"a red" fox`, []string{red}},
		{`wol*`, []string{both, wolf}},
		{`"red w"*`, []string{both}},
		{`red -wolf`, []string{red, fox}},
		{`red -"red fox"`, []string{fox}},
		{`red -wol* -the`, []string{red}},
		{`dogs OR is`, []string{fox, wolf}},
		{`a OR the OR dogs`, []string{red, fox, wolf}},
		{`"a red" OR "or dogs"`, []string{red, wolf}},
		{`fox "a red" OR wol*`, []string{red, both}},
		{`"red fox" OR wol* -a`, []string{both, wolf}},
		{`wolves or dogs`, []string{wolf}},
		{`red or fox`, nil},
		{`OR dogs`, []string{wolf}},
		{`dogs OR`, []string{wolf}},
		{`red - fox`, []string{red, fox, both}},
		{`red * -- "" fox`, []string{red, fox, both}},
		{`上海 OR dogs`, []string{wolf, far}},
		{`"在上海东"`, []string{far}},
		{`家 -海`, nil},
		{`fox OR 家 -"red fox"`, []string{fox, far}},
	})
}

// A query that only leaves out finds nothing, and says that it is for another
// reason than that it has no words.
func testSearchLeavesOut(t *testing.T, f *fixture) {
	f.corpus("foo", "bar")
	for _, text := range []string{"-foo", `-"foo bar"`, "-foo* -baz", "-foo !"} {
		result, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: text})
		require.NoError(t, err)
		query, err := search.Parse(text)
		require.NoError(t, err)
		require.Equal(t, storage.SearchResult{Reason: query.Reason()}, result, "SearchMessages(%q)", text)
	}
}
