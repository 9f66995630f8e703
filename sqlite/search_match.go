package sqlite

import (
	"strings"

	"github.com/lairchat/lair/storage/search"
)

// expression returns the query in the language of FTS5
// (https://sqlite.org/fts5.html#full_text_query_syntax). Tokens hold neither
// spaces nor double quotes. A message that has a tag has the tag's tokens, which
// narrows the walk; so do one or a few rooms, but of several the rarer would weigh
// more, if what is found is ranked (see narrows). An older index may still have words that a
// message no longer says, so what it has excludes nothing.
func (f *finder) expression() string {
	var all, none []string
	for _, clause := range f.s.Query.Clauses {
		var any []string
		for _, term := range clause.Any {
			any = append(any, phrase(term))
		}
		switch {
		case !clause.Exclude:
			all = append(all, either(any))
		case !f.doubtful:
			none = append(none, any...)
		}
	}
	if !f.doubtful {
		for _, tag := range f.s.Tags {
			if tokens := search.Text(tag); tokens != "" {
				all = append(all, `"`+tokens+`"`)
			}
		}
	}
	if f.narrow {
		var scopes []string
		for key := range f.rooms {
			scopes = append(scopes, `"`+roomToken(key)+`"`)
		}
		all = append(all, either(scopes))
	}
	if f.author != 0 {
		all = append(all, `"`+authorToken(f.author)+`"`)
	}
	text := strings.Join(all, " AND ")
	if len(none) > 0 {
		text = "(" + text + ") NOT " + either(none)
	}
	return text
}

func phrase(t search.Term) string {
	text := `"` + strings.Join(t.Tokens, " ") + `"`
	if t.Prefix {
		text += " *"
	}
	if len(t.Wholes) > 0 {
		text = `(` + text + ` AND "` + strings.Join(t.Wholes, `" AND "`) + `")`
	}
	return text
}

func either(terms []string) string { return "(" + strings.Join(terms, " OR ") + ")" }
