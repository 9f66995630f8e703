// Package golden holds tables of what is found, and where, that hold for the
// analysis alone as they do for every backend.
package golden

import "strings"

// Case is a query and a text, in which ⟦ and ⟧ stand around what the query
// highlights. Where there is nothing between them, the text is not found.
type Case struct{ Query, Marked string }

// Search returns all cases.
func Search() []Case {
	var all []Case
	for _, cases := range [][]Case{latin, alphabets, unspaced, emoji, code, addresses, language} {
		all = append(all, cases...)
	}
	return all
}

// Text returns the text without the marks.
func (c Case) Text() string { return marks.Replace(c.Marked) }

// Found reports whether the query finds the text.
func (c Case) Found() bool { return strings.Contains(c.Marked, "⟦") }

// Spans returns the byte offsets of what is highlighted in Text.
func (c Case) Spans() (spans [][2]int) {
	rest, at := c.Marked, 0
	for {
		before, marked, ok := strings.Cut(rest, "⟦")
		if !ok {
			return spans
		}
		inside, after, _ := strings.Cut(marked, "⟧")
		at += len(before)
		spans = append(spans, [2]int{at, at + len(inside)})
		at += len(inside)
		rest = after
	}
}

var marks = strings.NewReplacer("⟦", "", "⟧", "")
