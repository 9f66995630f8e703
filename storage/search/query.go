package search

import (
	"errors"
	"strings"
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

// Query is a parsed search query. The zero value matches nothing. A Query is
// not changed after Parse returned it, and may be shared.
type Query struct {
	// Clauses must all hold.
	Clauses []Clause
}

// Clause is one demand on a text: that one of its terms occurs, or, if Exclude
// is set, that none does.
type Clause struct {
	// Any holds the alternatives, at least one.
	Any     []Term
	Exclude bool
}

// Term is a word or a phrase.
type Term struct {
	// Tokens stand next to each other, in this order. There is at least one.
	Tokens []string
	// Prefix says that the last token is only the beginning of one.
	Prefix bool
}

// Parse reads what a user typed. It is words, all of which must occur; a word
// that analyses to several tokens is a phrase of them. What has no tokens, such
// as punctuation alone, demands nothing. The errors are [ErrQueryTooLong] and
// [ErrTooManyTerms].
func Parse(text string) (Query, error) {
	if len(text) > MaxQueryBytes {
		return Query{}, ErrQueryTooLong
	}
	var query Query
	terms := 0
	for word := range strings.FieldsSeq(text) {
		term, ok := parseTerm(word)
		if !ok {
			continue
		}
		terms += len(term.Tokens)
		query.Clauses = append(query.Clauses, Clause{Any: []Term{term}})
	}
	if terms > MaxTerms {
		return Query{}, ErrTooManyTerms
	}
	return query, nil
}

// parseTerm makes a term of a word. Where the word ends in a run of pairs, the
// text may go on: the run's last character is left to the pair before it, or is
// a prefix if it is alone. Runs further in must end where they end.
func parseTerm(word string) (Term, bool) {
	tokens := Analyze(word)
	last := len(tokens) - 1
	if last < 0 {
		return Term{}, false
	}
	term := Term{Prefix: isSingle(tokens[last].Text)}
	if endsRun(tokens, last) {
		tokens, term.Prefix = tokens[:last], false
	}
	term.Tokens = make([]string, len(tokens))
	for i, token := range tokens {
		term.Tokens[i] = token.Text
	}
	return term, true
}

// Empty reports whether the query can match no text, because it demands that
// nothing in particular occurs: it was blank, or punctuation alone.
func (q Query) Empty() bool {
	for _, clause := range q.Clauses {
		if !clause.Exclude {
			return false
		}
	}
	return true
}
