package search

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
	// Wholes occur too, each for itself and anywhere in the text: the phrase
	// "learn C++ now" is of the tokens learn, c and now, and demands the whole
	// c++ besides.
	Wholes []string
}

// Empty reports whether the query can match no text, because it demands that
// nothing in particular occurs: it was blank, punctuation alone, or said only
// what is to be left out.
func (q Query) Empty() bool { return q.Reason() != "" }

// Reason says, in English, why an empty query matches nothing. It is "" of a
// query that is not empty.
func (q Query) Reason() string {
	for _, clause := range q.Clauses {
		if !clause.Exclude {
			return ""
		}
	}
	if len(q.Clauses) > 0 {
		return "only words to leave out"
	}
	return "no word to search for"
}
