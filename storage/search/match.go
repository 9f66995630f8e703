package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Match reports whether an analysed text satisfies the query. An empty query
// matches nothing.
func (q Query) Match(tokens []Token) bool {
	if q.Empty() {
		return false
	}
	for _, clause := range q.Clauses {
		if clause.occurs(tokens) == clause.Exclude {
			return false
		}
	}
	return true
}

// Highlights returns where in a text the terms of the query occur: in order,
// apart from each other. It does not ask whether the text satisfies the whole
// query, because the rest of it may stand elsewhere, say in an attachment's
// name. What a query excludes is not shown.
func (q Query) Highlights(text string) []Span {
	tokens := Analyze(text)
	var spans []Span
	for _, clause := range q.Clauses {
		if clause.Exclude {
			continue
		}
		for _, term := range clause.Any {
			spans = term.appendSpans(spans, text, tokens)
		}
	}
	return merge(spans)
}

func (c Clause) occurs(tokens []Token) bool {
	for _, term := range c.Any {
		if term.occurs(tokens) {
			return true
		}
	}
	return false
}

func (t Term) occurs(tokens []Token) bool {
	for at := range tokens {
		if t.matchesAt(tokens, at) {
			return t.hasWholes(tokens)
		}
	}
	return false
}

func (t Term) hasWholes(tokens []Token) bool {
	for _, whole := range t.Wholes {
		if !slices.ContainsFunc(tokens, func(token Token) bool { return token.Text == whole }) {
			return false
		}
	}
	return true
}

// matchesAt reports whether the term's tokens stand at a position.
func (t Term) matchesAt(tokens []Token, at int) bool {
	last := len(t.Tokens) - 1
	if last < 0 || at+last >= len(tokens) {
		return false
	}
	for i, want := range t.Tokens {
		got := tokens[at+i].Text
		if got != want && !(i == last && t.Prefix && strings.HasPrefix(got, want)) {
			return false
		}
	}
	return true
}

// appendSpans appends the spans of a term. Those of a phrase are one where no
// white space is between them: in user@x.com all of it.
func (t Term) appendSpans(spans []Span, text string, tokens []Token) []Span {
	if !t.occurs(tokens) {
		return spans
	}
	for at := range tokens {
		if slices.Contains(t.Wholes, tokens[at].Text) {
			spans = append(spans, tokens[at].Span)
		}
		if !t.matchesAt(tokens, at) {
			continue
		}
		last := at + len(t.Tokens) - 1
		for i := at; i < last; i++ {
			span, next := tokens[i].Span, tokens[i+1].Span
			if span.End < next.Start && strings.IndexFunc(text[span.End:next.Start], unicode.IsSpace) < 0 {
				span.End = next.Start
			}
			spans = append(spans, span)
		}
		spans = append(spans, t.lastSpan(tokens, last))
	}
	return spans
}

// lastSpan returns the span of the term's last token, found at a position. One
// character that found a pair by its prefix has found the first of the two
// alone: the text up to where the next token begins, with the second.
func (t Term) lastSpan(tokens []Token, at int) Span {
	span := tokens[at].Span
	wanted := t.Tokens[len(t.Tokens)-1]
	if !t.Prefix || !isSingle(wanted) || !isPair(tokens[at].Text) || at+1 == len(tokens) {
		return span
	}
	if next := tokens[at+1].Span.Start; next > span.Start {
		span.End = next
	}
	return span
}

// merge sorts spans and joins those that touch.
func merge(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int { return cmp.Compare(a.Start, b.Start) })
	merged := spans[:0]
	for _, span := range spans {
		if last := len(merged) - 1; last >= 0 && span.Start <= merged[last].End {
			merged[last].End = max(merged[last].End, span.End)
			continue
		}
		merged = append(merged, span)
	}
	return merged
}
