package search_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage/search"
)

func TestMatchAndHighlights(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, typed, text string
		want              bool
		shown             []string // what the highlights hold
	}{
		{"word", "HELLO", "Hello, hello world", true, []string{"Hello", "hello"}},
		{"all words", "world hello", "hello world", true, []string{"hello", "world"}},
		{"one word missing", "hello moon", "hello world", false, []string{"hello"}},
		{"no prefix", "hell", "hello", false, nil},
		{"diacritics", "creme", "la Cre\u0300me!", true, []string{"Cre\u0300me"}},
		{"sharp s", "STRASSE", "die Straße", true, []string{"Straße"}},
		{"phrase", "don't-stop", "don’t stop", true, []string{"don’t", "stop"}},
		{"phrase, order", "don't-stop", "stop, don't", false, nil},
		{"phrase, gap", "don't-stop", "don't ever stop", false, nil},
		{"phrase twice", "a-a", "a a a", true, []string{"a", "a", "a"}},
		{"part of a run", "上海", "我家在上海东边", true, []string{"上海"}},
		{"long part of a run", "家在上海", "我家在上海东边", true, []string{"家在上海"}},
		{"pairs not adjacent", "上海东", "上海和海东", false, nil},
		{"character", "海", "我家在上海东边", true, []string{"海"}},
		{"last character", "边", "我家在上海东边", true, []string{"边"}},
		{"run across punctuation", "上海", "上，海", false, nil},
		{"korean particle", "한국어", "한국어는 쉽다", true, []string{"한국어"}},
		{"jamo", "\u1112\u1161\u11ab", "대한민국", true, []string{"한"}},
		{"thai", "ข้าว", "กินข้าวแล้ว", true, []string{"ข้าว"}},
		{"one for many", "式", "㍿", true, []string{"㍿"}},
		{"emoji", "👍", "ok👍!", true, []string{"👍"}},
		{"in quotes", `"red fox"`, "fox red, red fox", true, []string{"red", "fox"}},
		{"prefix", "WOR*", "words and sword", true, []string{"words"}},
		{"phrase's prefix", `"red f"*`, "a red fox", true, []string{"red", "fox"}},
		{"one or other", "cat OR dog", "my dog", true, []string{"dog"}},
		{"both", "cat OR dog", "dog, cat", true, []string{"dog", "cat"}},
		{"left out", "fox -red", "a red fox", false, []string{"fox"}},
		{"phrase left out", `fox -"red fox"`, "a fox so red", true, []string{"fox"}},
		{"character left out", "家 -海", "我家在上海", false, []string{"家"}},
		{"empty", "!?", "!?", false, nil},
		{"blank text", "a", "", false, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			query, err := search.Parse(c.typed)
			require.NoError(t, err)
			assert.Equal(t, c.want, query.Match(search.Analyze(c.text)), "Match(%q)", c.text)
			assert.Equal(t, c.shown, shown(query, c.text), "Highlights(%q)", c.text)
		})
	}
}

func shown(query search.Query, text string) []string {
	var held []string
	for _, span := range query.Highlights(text) {
		held = append(held, text[span.Start:span.End])
	}
	return held
}

func TestMatchAlternativesAndExclusion(t *testing.T) {
	t.Parallel()
	query := search.Query{Clauses: []search.Clause{
		{Any: []search.Term{term(false, "red", "fox"), term(true, "wol")}},
		{Any: []search.Term{term(false, "cat")}, Exclude: true},
	}}
	cases := []struct {
		text  string
		want  bool
		shown []string
	}{
		{"a red fox", true, []string{"red", "fox"}},
		{"two wolves, no dog", true, []string{"wolves"}},
		{"a fox", false, nil},
		{"a wolf and a cat", false, []string{"wolf"}},
		{"cat", false, nil},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, query.Match(search.Analyze(c.text)), "Match(%q)", c.text)
		assert.Equal(t, c.shown, shown(query, c.text), "Highlights(%q)", c.text)
	}
}
