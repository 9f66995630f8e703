package search_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/search"
)

func term(prefix bool, tokens ...string) search.Term {
	return search.Term{Tokens: tokens, Prefix: prefix}
}

func TestParse(t *testing.T) {
	t.Parallel()
	cases := []struct {
		typed string
		want  []search.Term // one a clause
	}{
		{"", nil},
		{" !? — ", nil},
		{"Hello wörld", []search.Term{term(false, "hello"), term(false, "world")}},
		{"hello ++ world", []search.Term{term(false, "hello"), term(false, "world")}},
		{"don't-stop", []search.Term{term(false, "don't", "stop")}},
		{"上海", []search.Term{term(false, "上海")}},
		{"我家在", []search.Term{term(false, "我家", "家在")}},
		{"上", []search.Term{term(true, "上")}},
		{"上海3号", []search.Term{term(true, "上海", "海", "3", "号")}},
		{"第3章节", []search.Term{term(false, "第", "3", "章节")}},
		{"上海\u3000下", []search.Term{term(false, "上海"), term(true, "下")}},
		{"👍🏽", []search.Term{term(false, "👍🏽")}},
	}
	for _, c := range cases {
		query, err := search.Parse(c.typed)
		require.NoError(t, err, "Parse(%q)", c.typed)
		var want []search.Clause
		for _, term := range c.want {
			want = append(want, search.Clause{Any: []search.Term{term}})
		}
		assert.Equal(t, want, query.Clauses, "Parse(%q)", c.typed)
		assert.Equal(t, len(want) == 0, query.Empty(), "Parse(%q).Empty()", c.typed)
	}
}

func TestParseLimits(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, typed string
		want        error
	}{
		{"1024 bytes", strings.Repeat("a", search.MaxQueryBytes), nil},
		{"1025 bytes", strings.Repeat("a", search.MaxQueryBytes+1), search.ErrQueryTooLong},
		{"64 words", strings.Repeat("a ", search.MaxTerms), nil},
		{"65 words", strings.Repeat("a ", search.MaxTerms+1), search.ErrTooManyTerms},
		{"64 words in one", strings.Repeat("a-", search.MaxTerms), nil},
		{"65 words in one", strings.Repeat("a-", search.MaxTerms+1), search.ErrTooManyTerms},
		{"64 pairs", strings.Repeat("海", search.MaxTerms+1), nil},
		{"65 pairs", strings.Repeat("海", search.MaxTerms+2), search.ErrTooManyTerms},
		{"no words", strings.Repeat("+ ", 500), nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := search.Parse(c.typed)
			assert.ErrorIs(t, err, c.want)
		})
	}
}

func TestEmpty(t *testing.T) {
	t.Parallel()
	foo := []search.Term{term(false, "foo")}
	assert.True(t, search.Query{}.Empty())
	assert.True(t, search.Query{Clauses: []search.Clause{{Any: foo, Exclude: true}}}.Empty())
	assert.False(t, search.Query{Clauses: []search.Clause{{Any: foo}}}.Empty())
}
