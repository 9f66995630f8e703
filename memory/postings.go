package memory

// The inverted index: which tokens are in which documents. Tokens are numbered
// because a tree without pointers is much cheaper to copy.

import (
	"iter"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/lairchat/lair/storage/search"
)

// posting says that a token is in a document.
type posting struct{ token, document key }

func lessPostings(a, b posting) bool {
	if a.token != b.token {
		return a.token < b.token
	}
	return a.document < b.document
}

// maxTail is how many of the latest documents a search may have to look
// through without an index. A write copies what it touches of a tree, and every
// token of a document is somewhere else: many documents at once share copies.
const maxTail = 64

// addText makes a message findable, if it has text.
func (s *state) addText(m *message) {
	if m.text == "" {
		return
	}
	s.documents.Set(m.document, m.at)
	if m.document <= s.lastIndexed {
		s.addPostings(m)
	}
	if m.document-s.lastIndexed >= maxTail {
		s.indexTail()
	}
}

func (s *state) indexTail() {
	for _, at := range within(&s.documents, s.tail(), false) {
		m, _ := s.messages.Get(at)
		s.addPostings(m)
	}
	s.lastIndexed = s.lastDocument
}

// tail returns the documents without postings.
func (s *state) tail() span[key] { return span[key]{s.lastIndexed + 1, s.lastDocument} }

func (s *state) addPostings(m *message) {
	for text := range strings.SplitSeq(m.text, " ") {
		token, ok := s.tokens.Get(text)
		if !ok {
			s.lastToken++
			token = s.lastToken
			s.tokens.Set(strings.Clone(text), token) // alone, or it would keep the rest
		}
		s.postings.Set(posting{token, m.document})
	}
}

// removeText is the inverse of addText.
func (s *state) removeText(m *message) {
	if m.text == "" {
		return
	}
	s.documents.Delete(m.document)
	if m.document <= s.lastIndexed {
		s.removePostings(m)
	}
}

func (s *state) removePostings(m *message) {
	for text := range strings.SplitSeq(m.text, " ") {
		token, _ := s.tokens.Get(text) // 0 if the text has it twice and nobody else does
		s.postings.Delete(posting{token, m.document})
		if s.countPostings(token) == 0 {
			s.tokens.Delete(text)
		}
	}
}

// countPostings returns in how many documents a token is.
func (s *state) countPostings(token key) int {
	return s.rank(posting{token: token + 1}) - s.rank(posting{token: token})
}

// rank returns the number of postings before p.
func (s *state) rank(p posting) int {
	return sort.Search(s.postings.Len(), func(i int) bool {
		other, _ := s.postings.GetAt(i)
		return !lessPostings(other, p)
	})
}

// rarestClause returns tokens of which each document that is looked for has
// one, and in how many documents these are: those of the clause of the query
// that has the fewest.
func (f *finder) rarestClause() (rarest []key, n int) {
	n = math.MaxInt
	for _, clause := range f.scan.Query.Clauses {
		if clause.Exclude {
			continue
		}
		var tokens []key
		total := 0
		for _, term := range clause.Any {
			some, count := f.rarestToken(term)
			tokens = append(tokens, some...)
			total += count
		}
		if total < n {
			rarest, n = tokens, total
		}
	}
	return rarest, n
}

// rarestToken returns the same for a term.
func (f *finder) rarestToken(t search.Term) (rarest []key, n int) {
	n = math.MaxInt
	for i, text := range t.Tokens {
		tokens := f.tokensLike(text, t.Prefix && i == len(t.Tokens)-1)
		total := 0
		for _, token := range tokens {
			total += f.countPostings(token)
		}
		if total < n {
			rarest, n = tokens, total
		}
	}
	return rarest, n
}

// tokensLike returns the token with a text, or all whose text begins with it.
func (s *state) tokensLike(text string, prefix bool) (tokens []key) {
	s.tokens.Ascend(text, func(other string, token key) bool {
		if other != text && !(prefix && strings.HasPrefix(other, text)) {
			return false
		}
		tokens = append(tokens, token)
		return true
	})
	return tokens
}

// indexed walks the documents in question that have one of the tokens, in
// the order of the search.
func (f *finder) indexed(tokens []key) iter.Seq[key] {
	if len(tokens) == 1 {
		return func(yield func(key) bool) { f.walkPostings(tokens[0], yield) }
	}
	var documents []key
	for _, token := range tokens {
		f.walkPostings(token, func(document key) bool {
			documents = append(documents, document)
			return f.goesOn(1)
		})
	}
	return f.inOrder(documents)
}

func (f *finder) walkPostings(token key, yield func(document key) bool) {
	visit := func(p posting) bool {
		return p.token == token && f.low <= p.document && p.document <= f.high && yield(p.document)
	}
	if f.scan.Desc {
		f.postings.Descend(posting{token, f.high}, visit)
		return
	}
	f.postings.Ascend(posting{token, f.low}, visit)
}

// inOrder walks documents in the order of the search, each once.
func (f *finder) inOrder(documents []key) iter.Seq[key] {
	slices.Sort(documents)
	documents = slices.Compact(documents)
	if f.scan.Desc {
		slices.Reverse(documents)
	}
	return slices.Values(documents)
}
