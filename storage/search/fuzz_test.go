package search_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lairchat/lair/storage/search"
)

func FuzzAnalyze(f *testing.F) {
	for _, fragment := range fragments {
		f.Add(fragment)
		f.Add("a" + fragment + "上" + fragment)
	}
	f.Add(strings.Join(fragments, ""))
	f.Add(strings.Join(fragments, " "))
	f.Add("a" + strings.Repeat("\u0301", 200))
	f.Add("上" + strings.Repeat("\u3099", 200))
	f.Fuzz(func(t *testing.T, text string) {
		checkTokens(t, text, search.Analyze(text))
	})
}

func FuzzParse(f *testing.F) {
	for _, fragment := range fragments {
		f.Add(fragment, "x "+fragment+" y")
	}
	f.Add(`"a phrase" OR pre* -without (NEAR col:x) ^`, `a phrase`)
	f.Add(strings.Repeat("a ", 65), "a")
	f.Add(strings.Repeat("a", 1025), "a")
	f.Fuzz(func(t *testing.T, typed, text string) {
		checkQuery(t, typed, text)
		checkQuery(t, typed, typed)
	})
}

func FuzzSnippet(f *testing.F) {
	for _, fragment := range fragments {
		f.Add("one "+fragment+" two "+fragment, 2, 5, 3)
	}
	f.Fuzz(func(t *testing.T, text string, start, length, size int) {
		start = start & math.MaxInt16 % (len(text) + 1)
		end := min(start+length&math.MaxInt16, len(text))
		var spans []search.Span
		if start < end {
			spans = append(spans, search.Span{Start: start, End: end})
		}
		checkExcerpt(t, text, spans, size%100)
	})
}
