package memory

// How well a message fits a query: BM25 (Robertson and Zaragoza, The
// Probabilistic Relevance Framework, 2009), with its usual constants, and the
// average length of those that were found instead of that of all.

import (
	"math"
	"strings"

	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

const (
	bm25K = 1.2
	bm25B = 0.75
)

// weight is how often each term of the query occurs in a message, and how many
// tokens that has.
type weight struct {
	terms  []int
	length int
}

// terms returns the terms that a search looks for.
func (f *finder) terms() (terms []search.Term) {
	for _, clause := range f.scan.Query.Clauses {
		if !clause.Exclude {
			terms = append(terms, clause.Any...)
		}
	}
	return terms
}

// weigh notes the weight of the message that is looked at.
func (f *finder) weigh() {
	w := weight{length: len(f.text)}
	for _, term := range f.terms() {
		w.terms = append(w.terms, occurrences(term, f.text))
	}
	f.weights = append(f.weights, w)
}

// occurrences counts a term in a text.
func occurrences(t search.Term, text []search.Token) (n int) {
	for at := 0; at+len(t.Tokens) <= len(text); at++ {
		if stands(t, text[at:]) {
			n++
		}
	}
	return n
}

// stands reports whether a text begins with a term.
func stands(t search.Term, text []search.Token) bool {
	for i, want := range t.Tokens {
		got := text[i].Text
		if got != want && !(t.Prefix && i == len(t.Tokens)-1 && strings.HasPrefix(got, want)) {
			return false
		}
	}
	return true
}

// score sets the scores of the hits that were weighed.
func (f *finder) score(hits []backend.SearchHit) {
	if len(f.weights) == 0 {
		return
	}
	total := 0
	for _, w := range f.weights {
		total += w.length
	}
	average := float64(total) / float64(len(f.weights))
	rarities := f.rarities()
	for i, w := range f.weights {
		long := bm25K * (1 - bm25B + bm25B*float64(w.length)/average)
		for j, n := range w.terms {
			often := float64(n)
			hits[i].Score += rarities[j] * often * (bm25K + 1) / (often + long)
		}
	}
}

// rarities returns what an occurrence of each term tells.
func (f *finder) rarities() (out []float64) {
	all := float64(f.documents.Len())
	for _, term := range f.terms() {
		_, n := f.rarestToken(term)
		with := min(float64(n), all)
		out = append(out, math.Log(1+(all-with+0.5)/(with+0.5)))
	}
	return out
}
