package backend

import (
	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// SearchVersion is the version of what a backend keeps for searching:
// SearchText, UserWords and RoomWords. A backend whose file holds what an
// earlier version made makes it anew.
const SearchVersion = search.Version

// SearchText returns what goes into the search index for a message, "" for
// nothing. A backend that needs the old text to take an entry out asks again.
func SearchText(m *storage.Message) string {
	if !m.Searchable() {
		return ""
	}
	return search.Join(search.Analyze(m.Body))
}
