package search_test

import (
	"strings"
	"testing"

	"github.com/lairchat/lair/storage/search"
)

func BenchmarkAnalyze(b *testing.B) {
	cases := []struct{ name, text string }{
		{"ascii", "Could you please look at the build, it's failing again today"},
		{"latin", "Könntest du bitte den Build ansehen, er schlägt wieder fehl…"},
		{"cyrillic", "Посмотри, пожалуйста, сборку: она опять сегодня падает"},
		{"chinese", "我家在上海东边，今天的构建又失败了，请看一下"},
		{"korean", "오늘도 빌드가 또 실패했어요, 한번 봐 주세요"},
		{"thai", "วันนี้บิลด์ล้มเหลวอีกแล้ว ช่วยดูหน่อย"},
		{"emoji", "👍🏽 nice 🎉🎉 👨‍👩‍👧 done ❤️"},
		{"longword", strings.Repeat("a", 60<<10)},
	}
	for _, c := range cases {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.text)))
			b.ReportAllocs()
			for b.Loop() {
				search.Analyze(c.text)
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	query, err := search.Parse("build today")
	if err != nil {
		b.Fatal(err)
	}
	tokens := search.Analyze("Could you please look at the build, it's failing again today")
	for b.Loop() {
		query.Match(tokens)
	}
}
