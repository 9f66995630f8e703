package storage

import (
	"time"

	"github.com/lairchat/lair/storage/search"
)

// Limits of what a search looks at in one go.
const (
	// MaxRanked is how many matches MostRelevant orders: the newest ones.
	MaxRanked = 1000

	// MaxSearchTotal is up to what SearchResult.Total counts.
	MaxSearchTotal = 1000
)

// SearchQuery selects messages by what they say: in their body, their tags and
// the names of their attachments, each for itself, so that no phrase goes from
// one to another. Conditions are combined with AND. Rooms that are deleted,
// tombstones, expired and encrypted messages are never found.
type SearchQuery struct {
	Text          string   // words, a "phrase", prefix*, -without, this OR that: the language of storage/search; at most 1 KiB and 64 terms
	Rooms         []RoomID // in any of these; none: in all. At most MaxLimit
	Reader        UserID   // only in rooms that this user is a member of, and not what they hide (HistoryHidden); unset: in all, so set it when you search for somebody
	Author        UserID
	Types         []MessageType // any of these
	Tags          []string      // all of these
	From          time.Time     // CreatedAt, inclusive
	To            time.Time     // CreatedAt, exclusive
	HasAttachment bool          // only messages that carry one

	// Order is by when messages were stored: NewestFirst unless given. In one
	// room that is the order of Seq; an imported message ranks by its import,
	// whatever its CreatedAt.
	//
	// MostRelevant takes the newest MaxRanked matches, and puts first what fits
	// the text best: how that is weighed is the backend's own affair. Ties are
	// in the order of storing. Which matches those are is settled with the first
	// page, but what is edited, deleted or stored before the next may change
	// their weights: then a match may come twice, or not at all.
	Order MessageOrder

	WithTotal bool // tell SearchResult.Total
	Limit     int
	Cursor    Cursor
}

// WithCursor returns the query for the page at c.
func (q SearchQuery) WithCursor(c Cursor) SearchQuery { q.Cursor = c; return q }

// Normalize fills in the default order, and gives conditions that are equal one
// form.
func (q *SearchQuery) Normalize() {
	if q.Order == 0 {
		q.Order = NewestFirst
	}
	q.Rooms = nilIfEmpty(q.Rooms)
	q.Types = nilIfEmpty(q.Types)
	q.Tags = distinct(q.Tags)
}

// Validate refuses a query that means nothing. How many terms Text may have is
// for search.Parse to say.
func (q SearchQuery) Validate() error {
	if err := messageTypes.checkAll("Types", q.Types); err != nil {
		return err
	}
	if err := checkTags("Tags", q.Tags); err != nil {
		return err
	}
	if err := messageOrders.check("Order", q.Order); err != nil {
		return err
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	return CheckText("Text", q.Text, search.MaxQueryBytes)
}

// Match is a message that was found.
type Match struct {
	Message    Message
	Highlights []search.Span // what matched, as byte offsets into Message.Body, in order and disjoint; none if it is in a tag or a name
}

// SearchResult is a page of what was found. A search that has looked long for
// little may give a page that is short, or empty, with a Next that goes on from
// there; MostRelevant never does.
type SearchResult struct {
	Page[Match]

	// Total is how many matches there are on all pages, as far as
	// MaxSearchTotal, which stands for that many or more; 0 unless asked for
	// WithTotal. To count them takes a walk past all of them.
	Total int

	Reason string // why nothing can match, such as a query without a word in it or with nothing but exclusions; else ""
}
