package sqlite

// What a search asks the index for.

import (
	"slices"
	"strings"

	"github.com/lairchat/lair/storage/search"
)

// form is how the index is asked. FTS5 intersects lists within one step, however
// long it takes until something is in all of them, and neither rowids nor an
// interrupt stop it on its way. Where each list has the marks besides, all have
// these in common, and no step is longer than from one to the next. What the
// index says of a mark is held against the message.
type form int

const (
	formExact  form = iota // just what is looked for
	formMarked             // and the marks

	// formLoose has phrases by their words: where these never meet, nothing would
	// end the step that compares their places.
	formLoose
)

const markTerm = `"` + markToken + `"`

// doubts reports whether what the index says of a message is not all there is to
// say.
func (f *finder) doubts(doc int64) bool {
	return f.doubtful || f.partly || f.form == formLoose || f.form == formMarked && isMark(doc)
}

// intersects reports whether a step may pass over what is in one list and not in
// another.
func (f *finder) intersects() bool {
	return len(f.s.Query.Clauses)+len(f.scopes()) > 1 || f.hasPhrase()
}

// hasPhrase reports whether something that must occur takes more tokens than one.
func (f *finder) hasPhrase() bool {
	return slices.ContainsFunc(f.s.Query.Clauses, func(c search.Clause) bool {
		return !c.Exclude && slices.ContainsFunc(c.Any, func(t search.Term) bool { return !single(t) })
	})
}

func single(t search.Term) bool { return len(t.Tokens) == 1 && len(t.Wholes) == 0 }

// expression returns the query in the language of FTS5
// (https://sqlite.org/fts5.html#full_text_query_syntax). Tokens hold neither
// spaces nor double quotes.
func (f *finder) expression() string {
	f.partly = false
	all, none := f.clauses()
	all = append(all, f.scopes()...)
	text := strings.Join(f.withMarks(all), " AND ")
	if len(none) == 0 {
		return text
	}
	without := either(none)
	if f.form != formExact {
		without = "(" + without + " NOT " + markTerm + ")"
	}
	return "(" + text + ") NOT " + without
}

// clauses returns what must occur, and what must not. An older index may still
// have words that a message no longer says, so what it has excludes nothing.
// Phrases exclude nothing where there are marks, since FTS5 would look for the
// first place where their words meet.
func (f *finder) clauses() (all, none []string) {
	for _, clause := range f.s.Query.Clauses {
		var any []string
		for _, term := range clause.Any {
			if clause.Exclude && f.form != formExact && !single(term) {
				f.partly = true
				continue
			}
			any = append(any, f.term(term))
		}
		switch {
		case !clause.Exclude:
			all = append(all, either(any))
		case !f.doubtful:
			none = append(none, any...)
		}
	}
	return all, none
}

// scopes returns what narrows the walk besides: the tokens of a tag, of one or a
// few rooms, of the author. Of several rooms the rarer would weigh more, if what
// is found is ranked.
func (f *finder) scopes() (all []string) {
	if !f.doubtful {
		all = f.tags()
	}
	if len(f.rooms) == 1 || len(f.rooms) > 0 && len(f.rooms) <= maxScopes && !f.s.Ranked {
		var rooms []string
		for key := range f.rooms {
			rooms = append(rooms, `"`+roomToken(key)+`"`)
		}
		all = append(all, either(rooms))
	}
	if f.author != 0 {
		all = append(all, `"`+authorToken(f.author)+`"`)
	}
	return all
}

// tags returns the tokens of the tags, as phrases in the exact form only: which
// tags a message has is looked at in any case.
func (f *finder) tags() (all []string) {
	for _, tag := range f.s.Tags {
		tokens := search.Text(tag)
		switch {
		case tokens == "":
		case f.form == formExact:
			all = append(all, `"`+tokens+`"`)
		default:
			for token := range strings.SplitSeq(tokens, " ") {
				all = append(all, `"`+token+`"`)
			}
		}
	}
	return all
}

// term returns what a term of the query is to the index.
func (f *finder) term(t search.Term) string {
	parts := []string{`"` + strings.Join(t.Tokens, " ") + `"`}
	if f.form == formLoose && len(t.Tokens) > 1 {
		parts = parts[:0]
		for _, token := range t.Tokens {
			parts = append(parts, `"`+token+`"`)
		}
	}
	if t.Prefix {
		parts[len(parts)-1] += " *"
	}
	for _, whole := range t.Wholes {
		parts = append(parts, `"`+whole+`"`)
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return "(" + strings.Join(f.withMarks(parts), " AND ") + ")"
}

// withMarks adds the marks to each list, unless none are asked for.
func (f *finder) withMarks(lists []string) []string {
	if f.form == formExact {
		return lists
	}
	out := make([]string, len(lists))
	for i, list := range lists {
		out[i] = either([]string{list, markTerm})
	}
	return out
}

func either(terms []string) string { return "(" + strings.Join(terms, " OR ") + ")" }
