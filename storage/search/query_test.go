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
		{"don't-stop", []search.Term{term(false, "don", "t", "stop")}},
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

// language is what is typed and how it is read: clauses parted by commas,
// alternatives by bars, tokens by spaces, a minus for what is left out, a star
// for the beginning of a token.
func TestParseLanguage(t *testing.T) {
	t.Parallel()
	cases := []struct{ typed, want string }{
		{`foo bar`, "foo, bar"},
		{`"foo bar" baz`, "foo bar, baz"},
		{`“foo bar” „baz”`, "foo bar, baz"},
		{`"foo bar`, "foo bar"},
		{`"foo" "`, "foo"},
		{`"foo"bar"baz"`, `foo, bar baz`},
		{`""`, ""},
		{`"" x`, "x"},
		{`"`, ""},
		{`foo"bar baz"`, "foo bar, baz"},
		{`צה"ל "צה"ל כאן"`, "צהל, צהל כאן"},
		{`pre*`, "pre*"},
		{`pre** *`, "pre*"},
		{`"foo pre"*`, "foo pre*"},
		{`"foo pre*"`, "foo pre"},
		{`*pre f*x`, "pre, f x"},
		{`*`, ""},
		{`foo.*`, "foo*"},
		{`-foo bar`, "-foo, bar"},
		{`-"foo bar" baz`, "-foo bar, baz"},
		{`foo -pre*`, "foo, -pre*"},
		{`foo -bar-baz`, "foo, -bar baz"},
		{`- foo -`, "foo"},
		{`-- foo ---`, "foo"},
		{`-* -!! foo`, "foo"},
		{`"a"-b`, "a, -b"},
		{`foo OR bar`, "foo | bar"},
		{`a b OR c OR d e`, "a, b | c | d, e"},
		{`"a b" OR "c d" -"e f"`, "a b | c d, -e f"},
		{`foo or bar`, "foo, or, bar"},
		{`foo AND bar NOT baz`, "foo, and, bar, not, baz"},
		{`foo AND`, "foo, and"},
		{`OR`, "or"},
		{`OR foo OR`, "or, foo, or"},
		{`OR OR`, "or, or"},
		{`OR OR OR`, "or, or, or"},
		{`a OR OR b`, "a, or, or, b"},
		{`a OR -b`, "a, or, -b"},
		{`-a OR b`, "-a, or, b"},
		{`-OR OR x`, "-or, or, x"},
		{`a OR ++ b`, "a, or, b"},
		{`"OR" OR "or"`, "or | or"},
		{`(foo OR bar) baz`, "foo | bar, baz"},
		{`上`, "上*"},
		{`上*`, "上*"},
		{`上海*`, "上海"},
		{`-上`, "-上*"},
		{`"我家 在上海"`, "我家 家 在上 上海"},
		{`"上海"OR "北京"`, "上海 | 北京"},
		{`上海 OR "北京市" -东`, "上海 | 北京 京市, -东*"},
	}
	for _, c := range cases {
		query, err := search.Parse(c.typed)
		require.NoError(t, err, "Parse(%q)", c.typed)
		assert.Equal(t, c.want, describe(query), "Parse(%q)", c.typed)
	}
}

func describe(q search.Query) string {
	var all []string
	for _, clause := range q.Clauses {
		var any []string
		for _, term := range clause.Any {
			text := strings.Join(term.Tokens, " ")
			if term.Prefix {
				text += "*"
			}
			for _, whole := range term.Wholes {
				text += " +" + whole
			}
			any = append(any, text)
		}
		text := strings.Join(any, " | ")
		if clause.Exclude {
			text = "-" + text
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
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

func TestReason(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"": "no word to search for", "--": "no word to search for", `"" *`: "no word to search for", "OR": "",
		"-foo": "only words to leave out", `-foo -"a b" !`: "only words to leave out", "-foo bar": "",
	} {
		query, err := search.Parse(typed)
		require.NoError(t, err)
		assert.Equal(t, want, query.Reason(), "%q", typed)
		assert.Equal(t, want != "", query.Empty(), "%q", typed)
		assert.False(t, want != "" && query.Match(search.Analyze(typed+" bar")), "%q", typed)
	}
}
