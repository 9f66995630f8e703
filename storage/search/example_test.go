package search_test

import (
	"fmt"

	"github.com/lairchat/lair/storage/search"
)

func ExampleAnalyze() {
	for _, token := range search.Analyze("Die Straße, 上海!") {
		fmt.Println(token.Text, token.Span)
	}
	// Output:
	// die {0 3}
	// strasse {4 11}
	// 上海 {13 19}
	// 海 {16 19}
}

func ExampleQuery_Highlights() {
	text := "我家在上海东边"
	query, err := search.Parse("上海")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(query.Match(search.Analyze(text)))
	for _, span := range query.Highlights(text) {
		fmt.Println(span, text[span.Start:span.End])
	}
	// Output:
	// true
	// {9 15} 上海
}

func ExampleSnippet() {
	text := "Nobody knows why, but the build fails again whenever the moon is full."
	query, err := search.Parse(`"build fails"`)
	if err != nil {
		fmt.Println(err)
		return
	}
	excerpt := search.Snippet(text, query.Highlights(text), 30)
	if excerpt.Before {
		fmt.Print("[more] ")
	}
	at := 0
	for _, span := range excerpt.Highlights {
		fmt.Printf("%s<b>%s</b>", excerpt.Text[at:span.Start], excerpt.Text[span.Start:span.End])
		at = span.End
	}
	fmt.Print(excerpt.Text[at:])
	if excerpt.After {
		fmt.Print(" [more]")
	}
	// Output:
	// [more] but the <b>build</b> <b>fails</b> again [more]
}
