package search

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxQueryBytes is the length that [Parse] accepts.
const MaxQueryBytes = 1024

// MaxTerms is how many tokens a query may look up: a word is one, a run of n
// characters that are indexed as pairs is n-1.
const MaxTerms = 64

// The only things a user can type that [Parse] refuses.
var (
	ErrQueryTooLong = errors.New("search query longer than 1024 bytes")
	ErrTooManyTerms = errors.New("search query of more than 64 terms")
)

// Parse reads what a user typed, in the language that the package describes.
// The errors are [ErrQueryTooLong] and [ErrTooManyTerms].
func Parse(text string) (Query, error) {
	if len(text) > MaxQueryBytes {
		return Query{}, ErrQueryTooLong
	}
	var items []item
	terms := 0
	for s := (scanner{text}); s.more(); {
		it := s.item()
		terms += len(it.term.Tokens) + len(it.term.Wholes)
		items = append(items, it)
	}
	if terms > MaxTerms {
		return Query{}, ErrTooManyTerms
	}
	return Query{Clauses: clauses(items)}, nil
}

// item is a word or a phrase, and what was typed with it.
type item struct {
	term    Term
	exclude bool
	or      bool // the word OR, which may be an operator
}

// clauses reads OR where it stands between two items that are alternatives, and
// is a word everywhere else. Items without tokens demand nothing.
func clauses(items []item) (all []Clause) {
	joins := func(i int) bool { // the OR at i
		return items[i].or && i > 0 && items[i-1].alternative() && i+1 < len(items) && items[i+1].alternative()
	}
	for i := 0; i < len(items); i++ {
		it := items[i]
		switch {
		case len(it.term.Tokens) == 0:
		case joins(i):
			i++
			last := len(all) - 1
			all[last].Any = append(all[last].Any, items[i].term)
		default:
			all = append(all, Clause{Any: []Term{it.term}, Exclude: it.exclude})
		}
	}
	return all
}

func (it item) alternative() bool { return !it.exclude && !it.or && len(it.term.Tokens) > 0 }

// scanner cuts what was typed into items.
type scanner struct{ rest string }

func (s *scanner) more() bool {
	s.rest = strings.TrimLeftFunc(s.rest, unicode.IsSpace)
	return s.rest != ""
}

func (s *scanner) item() item {
	exclude := excludes(s.rest)
	if exclude {
		s.rest = s.rest[1:]
	}
	if size := quoteSize(s.rest); size > 0 {
		s.rest = s.rest[size:]
		return item{term: parseTerm(s.phrase()), exclude: exclude}
	}
	end := strings.IndexFunc(s.rest, unicode.IsSpace)
	if end < 0 {
		end = len(s.rest)
	}
	typed := s.rest[:end]
	s.rest = s.rest[end:]
	word := strings.TrimRight(typed, "*")
	return item{
		term:    parseTerm(word, len(word) < len(typed)),
		exclude: exclude,
		or:      typed == "OR" && !exclude,
	}
}

// phrase takes what stands between quotes, the first of which is passed, and
// the stars behind them. A phrase that is still open is all of the rest.
func (s *scanner) phrase() (text string, prefix bool) {
	for at, r := range s.rest {
		if size := utf8.RuneLen(r); isQuote(r) && !isGershayim(s.rest[:at], s.rest[at+size:]) {
			text, s.rest = s.rest[:at], s.rest[at+size:]
			behind := strings.TrimLeft(s.rest, "*")
			prefix = len(behind) < len(s.rest)
			s.rest = behind
			return text, prefix
		}
	}
	text, s.rest = s.rest, ""
	return text, false
}

// excludes reports whether what follows is to be left out. A hyphen alone says
// nothing, and two begin an option (--force).
func excludes(rest string) bool {
	if len(rest) < 2 || rest[0] != '-' || rest[1] == '-' {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest[1:])
	return !unicode.IsSpace(r)
}

// quoteSize returns the length of the quote that a text begins with, or 0.
func quoteSize(text string) int {
	if r, size := utf8.DecodeRuneInString(text); isQuote(r) {
		return size
	}
	return 0
}

// isQuote takes all double quotes for the same, since many keyboards put curly
// ones by themselves.
func isQuote(r rune) bool {
	switch r {
	case '"', '“', '”', '„', '‟', '＂':
		return true
	}
	return false
}

// isGershayim reports whether a quote is part of a Hebrew abbreviation.
func isGershayim(before, after string) bool {
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	return unicode.Is(unicode.Hebrew, last) && unicode.Is(unicode.Hebrew, next)
}

// parseTerm makes a term of a word or phrase. A whole that is all of it is its
// only token, unless it was cut: then other words may begin like it. Of others,
// it demands those that end where they end in the text.
//
// Where it ends in a run of pairs, the text may go on: the run's last character
// is left to the pair before it, or is a prefix if it is alone. Runs further in
// must end where they end.
func parseTerm(text string, prefix bool) Term {
	a := analyze(text)
	tokens, wholes := a.tokens[:a.running], outermost(a.whole())
	last := len(tokens) - 1
	if last < 0 {
		return Term{}
	}
	end := tokens[last].Span.End
	open := prefix || opens(tokens[last].Text)
	if len(wholes) == 1 && wholes[0].Span.Start <= tokens[0].Span.Start && wholes[0].Span.End >= end && !wholes[0].maybeCut() {
		return Term{Tokens: []string{wholes[0].Text}, Prefix: open}
	}
	term := Term{Prefix: prefix || isSingle(tokens[last].Text)}
	for _, whole := range wholes {
		if !open || whole.Span.End < end {
			term.Wholes = append(term.Wholes, whole.Text)
		}
	}
	if endsRun(tokens, last) {
		tokens, term.Prefix = tokens[:last], false
	}
	for _, token := range tokens {
		term.Tokens = append(term.Tokens, token.Text)
	}
	return term
}

// outermost returns the wholes that are not within others.
func outermost(wholes []Token) (all []Token) {
	for i, whole := range wholes {
		if !slices.ContainsFunc(wholes[i+1:], whole.within) && !slices.ContainsFunc(all, whole.within) {
			all = append(all, whole)
		}
	}
	return all
}

// maybeCut reports whether a token may have been cut to maxTokenBytes.
func (t Token) maybeCut() bool { return len(t.Text) > maxTokenBytes-utf8.UTFMax }

func (t Token) within(other Token) bool {
	return other.Span.Start <= t.Span.Start && t.Span.End <= other.Span.End
}

// opens reports whether a text may go on behind a token: it ends in a run.
func opens(token string) bool {
	r, _ := utf8.DecodeRuneInString(token)
	return isPaired(r)
}
