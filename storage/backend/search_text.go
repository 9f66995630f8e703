package backend

import (
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// SearchVersion is the version of what a backend keeps for searching:
// SearchText, UserWords and RoomWords. A backend whose file holds what an
// earlier version made makes it anew. It grows with the analysis and with the
// tables of Unicode that the program was built with, and whenever what is
// analysed changes.
var SearchVersion = int64(search.Version+analysed)<<16 | int64(search.Tables)

// analysed grows whenever what is analysed changes, or what a backend puts into
// its index besides.
const analysed = 2

// gap stands between the parts of a text. No query has it, so that no phrase
// goes from one part to another: the analysis takes private-use code points for
// spaces.
const gap = "\uE000"

// SearchText returns what goes into the search index for a message that has its
// Attachments, "" for nothing: the tokens of its body, of each tag and of each
// attachment's name, joined by spaces. A backend that needs the old text to take
// an entry out asks again.
func SearchText(m *storage.Message) string {
	if !m.Searchable() {
		return ""
	}
	text := search.Text(m.Body)
	if len(m.Tags) == 0 && len(m.Attachments) == 0 {
		return text
	}
	var all strings.Builder
	all.WriteString(text)
	add := func(part string) {
		tokens := search.Text(part)
		if tokens == "" {
			return
		}
		if all.Len() > 0 {
			all.WriteByte(' ')
		}
		all.WriteString(gap + " " + tokens)
	}
	for _, tag := range m.Tags {
		add(tag)
	}
	for _, a := range m.Attachments {
		add(a.Name)
	}
	return all.String()
}

// AppendTokens appends the tokens of a SearchText, without spans, for
// search.Query.Match.
func AppendTokens(tokens []search.Token, text string) []search.Token {
	if text == "" {
		return tokens
	}
	for token := range strings.SplitSeq(text, " ") {
		tokens = append(tokens, search.Token{Text: token})
	}
	return tokens
}
