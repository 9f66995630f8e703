package search_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage/search"
)

func TestWords(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"builds", "cafe", "dev"}, search.Words("Dev-Builds: Café & DEV"))
	assert.Equal(t, []string{"上海", "海"}, search.Words("上海"))
	assert.Empty(t, search.Words("—"))
}

func TestPrefixes(t *testing.T) {
	t.Parallel()
	cases := []struct {
		query string
		want  []string
	}{
		{"Dev bui", []string{"bui", "dev"}},
		{"dev DEV", []string{"dev"}},
		{"上海", []string{"上海"}},
		{"上", []string{"上"}},
		{"上海市 海", []string{"上海", "海", "海市"}},
		{"LG전자", []string{"lg", "전자"}},
		{"??", []string{}},
	}
	for _, c := range cases {
		assert.Equal(t, c.want, search.Prefixes(c.query), "Prefixes(%q)", c.query)
	}
}

func TestMatchWords(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name, query string
		want        bool
	}{
		{"Dev Builds", "bui", true},
		{"Dev Builds", "builds d", true},
		{"Dev Builds", "buildsx", false},
		{"Dev Builds", "uilds", false},
		{"Dev Builds", "dev x", false},
		{"Café Zürich", "ZUR cafe", true},
		{"我家在上海", "上海", true},
		{"我家在上海", "家", true},
		{"我家在上海", "上家", false},
		{"", "a", false},
		{"anything", "", true},
	}
	for _, c := range cases {
		got := search.MatchWords(search.Words(c.name), search.Prefixes(c.query))
		assert.Equal(t, c.want, got, "%q in %q", c.query, c.name)
	}
}
