package memory

// The inverted index: which tokens are in which documents.

import (
	"iter"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/lairchat/lair/storage/search"
)

// posting says that a token is in a document.
type posting struct {
	token    string
	document key
}

func lessPostings(a, b posting) bool {
	if c := strings.Compare(a.token, b.token); c != 0 {
		return c < 0
	}
	return a.document < b.document
}

// addText makes a message findable, if it has text.
func (s *state) addText(at pair, m *message) {
	if m.text == "" {
		return
	}
	s.documents.Set(m.document, at)
	for token := range strings.SplitSeq(m.text, " ") {
		s.postings.Set(posting{token, m.document})
	}
}

// removeText is the inverse of addText.
func (s *state) removeText(m *message) {
	if m.text == "" {
		return
	}
	s.documents.Delete(m.document)
	for token := range strings.SplitSeq(m.text, " ") {
		s.postings.Delete(posting{token, m.document})
	}
}

// lookup is a token, or all that begin with it.
type lookup struct {
	token  string
	prefix bool
}

// end returns a posting beyond all those of the lookup. No token has a byte
// 0xff.
func (l lookup) end() posting {
	if l.prefix {
		return posting{l.token + "\xff", 0}
	}
	return posting{l.token, math.MaxInt64}
}

// rarestClause returns what to look up for the clause of the query that has
// the fewest postings, and how many these are.
func (f *finder) rarestClause() (rarest []lookup, n int) {
	n = math.MaxInt
	for _, clause := range f.scan.Query.Clauses {
		if clause.Exclude {
			continue
		}
		lookups, total := make([]lookup, len(clause.Any)), 0
		for i, term := range clause.Any {
			l, count := f.rarestToken(term)
			lookups[i] = l
			total += count
		}
		if total < n {
			rarest, n = lookups, total
		}
	}
	return rarest, n
}

func (f *finder) rarestToken(t search.Term) (rarest lookup, n int) {
	n = math.MaxInt
	for i, token := range t.Tokens {
		l := lookup{token, t.Prefix && i == len(t.Tokens)-1}
		if count := f.rank(l.end()) - f.rank(posting{token: token}); count < n {
			rarest, n = l, count
		}
	}
	return rarest, n
}

// rank returns the number of postings before p.
func (s *state) rank(p posting) int {
	return sort.Search(s.postings.Len(), func(i int) bool {
		other, _ := s.postings.GetAt(i)
		return !lessPostings(other, p)
	})
}

// documentsOf walks the documents in question that have a token, in the order
// of the search.
func (f *finder) documentsOf(token string) iter.Seq[key] {
	return func(yield func(key) bool) {
		visit := func(p posting) bool {
			return p.token == token && f.low <= p.document && p.document <= f.high && yield(p.document)
		}
		if f.scan.Desc {
			f.postings.Descend(posting{token, f.high}, visit)
			return
		}
		f.postings.Ascend(posting{token, f.low}, visit)
	}
}

// appendDocuments appends the documents in question of a lookup, in no order
// and some of them more than once.
func (f *finder) appendDocuments(documents []key, l lookup) []key {
	end := l.end()
	f.postings.Ascend(posting{token: l.token}, func(p posting) bool {
		if !lessPostings(p, end) {
			return false
		}
		if f.low <= p.document && p.document <= f.high {
			documents = append(documents, p.document)
		}
		return true
	})
	return documents
}

// inOrder walks documents in the order of the search, each once.
func (f *finder) inOrder(documents []key) iter.Seq[key] {
	slices.Sort(documents)
	documents = slices.Compact(documents)
	if !f.scan.Desc {
		return slices.Values(documents)
	}
	return func(yield func(key) bool) {
		for _, document := range slices.Backward(documents) {
			if !yield(document) {
				return
			}
		}
	}
}
