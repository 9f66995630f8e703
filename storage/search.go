package storage

import (
	"github.com/lairchat/lair/storage/search"
)

// SearchQuery selects messages by what they say. Conditions are combined with
// AND. Rooms that are deleted, tombstones, expired and encrypted messages are
// never found.
type SearchQuery struct {
	Text   string   // words that must all match, by the analysis of storage/search; at most 1 KiB and 64 terms
	Rooms  []RoomID // in any of these; none: in all. At most MaxLimit
	Reader UserID   // only in rooms that this user is a member of; unset: in all, so set it when you search for somebody
	Author UserID

	// Order is by when messages were stored: NewestFirst unless given. In one
	// room that is the order of Seq; an imported message ranks by its import,
	// whatever its CreatedAt.
	Order  MessageOrder
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c.
func (q SearchQuery) WithCursor(c Cursor) SearchQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing. How many terms Text may have is
// for search.Parse to say.
func (q SearchQuery) Validate() error {
	if err := messageOrders.check("Order", q.Order); err != nil {
		return err
	}
	return CheckText("Text", q.Text, search.MaxQueryBytes)
}

// Match is a message that was found.
type Match struct {
	Message    Message
	Highlights []search.Span // what matched, as byte offsets into Message.Body, in order and disjoint
}

// SearchResult is a page of what was found.
type SearchResult struct {
	Page[Match]
	Reason string // why nothing can match, such as a query without a word in it; else ""
}
