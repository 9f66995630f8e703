package search

import (
	"strings"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Excerpt is a piece of a text, for a list of what was found.
type Excerpt struct {
	Text string // as it stands in the original
	Span Span   // where it stands there
	// Highlights are those of the original that are in the piece, as far as
	// they are in it, as byte offsets into Text.
	Highlights []Span
	// Before and After say that the original has more text there. How that is
	// shown is for the caller to choose.
	Before, After bool
}

// Snippet cuts a piece of at most size characters out of a text: the piece that
// has the most highlights, the first of several. Characters are grapheme
// clusters (UAX #29), none of which is cut; a size under 1 gives an empty piece,
// and a text that is short enough is given whole. Where there are spaces near
// the ends, the piece is cut at those. A highlight longer than the piece is
// shown by its beginning. A cluster may be of any number of bytes, and so may
// the piece.
//
// The spans are those that [Query.Highlights] gives for the text: in order and
// apart. Others are passed over where they do not lie within the text.
func Snippet(text string, spans []Span, size int) Excerpt {
	bounds := boundaries(text)
	size = max(size, 0)
	shown := Span{Start: 0, End: len(bounds) - 1}
	if shown.End > size {
		shown = window(text, bounds, spans, size)
	}
	from, to := bounds[shown.Start], bounds[shown.End]
	return Excerpt{
		Text:       text[from:to],
		Span:       Span{Start: from, End: to},
		Highlights: shift(within(spans, from, to), from),
		Before:     from > 0,
		After:      to < len(text),
	}
}

// boundaries returns where the clusters of a text begin, and its end.
func boundaries(text string) []int {
	bounds := make([]int, 0, len(text)+1)
	for clusters := graphemes.FromString(text); clusters.Next(); {
		bounds = append(bounds, clusters.Start())
	}
	return append(bounds, len(text))
}

// window returns the clusters to show, at most size of them: those from the
// first to the last of as many highlights as fit, in the middle.
func window(text string, bounds []int, spans []Span, size int) Span {
	marked := clustersOf(bounds, spans)
	if len(marked) == 0 {
		return trim(text, bounds, Span{End: size}, Span{})
	}
	best, most := marked[0], 0
	for i, j := 0, 0; i < len(marked); i++ {
		for j = max(j, i); j < len(marked) && marked[j].End-marked[i].Start <= size; {
			j++
		}
		if j-i > most {
			best, most = Span{Start: marked[i].Start, End: marked[j-1].End}, j-i
		}
	}
	room := max(size-(best.End-best.Start), 0)
	start := min(max(best.Start-room/2, 0), len(bounds)-1-size)
	shown := Span{Start: start, End: start + size}
	best.End = min(best.End, shown.End)
	return trim(text, bounds, shown, best)
}

// clustersOf returns which clusters the spans are in.
func clustersOf(bounds []int, spans []Span) (shown []Span) {
	at := 0
	for _, span := range within(spans, 0, bounds[len(bounds)-1]) {
		for at+1 < len(bounds) && bounds[at+1] <= span.Start {
			at++
		}
		end := at
		for end < len(bounds)-1 && bounds[end] < span.End {
			end++
		}
		if bounds[at] <= span.Start {
			shown = append(shown, Span{Start: at, End: end})
		}
	}
	return shown
}

// trim moves the ends of a piece to spaces, as far as what is kept allows it. It
// goes by clusters, since a mark may stand on a space.
func trim(text string, bounds []int, shown, kept Span) Span {
	blank := func(i int) bool {
		return strings.TrimSpace(text[bounds[i]:bounds[i+1]]) == ""
	}
	first, last := shown.Start, shown.End
	if first > 0 && !blank(first-1) {
		for first < kept.Start && !blank(first) {
			first++
		}
		if first == kept.Start {
			first = shown.Start
		}
	}
	for first > 0 && first < kept.Start && blank(first) {
		first++
	}
	if last < len(bounds)-1 && !blank(last) {
		for last > kept.End && !blank(last-1) {
			last--
		}
		if last == kept.End {
			last = shown.End
		}
	}
	for last < len(bounds)-1 && last > kept.End && blank(last-1) {
		last--
	}
	return Span{Start: first, End: last}
}

// within returns the spans, cut to [from, to), that have a part in it.
func within(spans []Span, from, to int) (inside []Span) {
	for _, span := range spans {
		span = Span{Start: max(span.Start, from), End: min(span.End, to)}
		if span.Start < span.End {
			inside = append(inside, span)
		}
	}
	return inside
}

func shift(spans []Span, by int) []Span {
	for i := range spans {
		spans[i].Start -= by
		spans[i].End -= by
	}
	return spans
}
