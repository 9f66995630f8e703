package storage

import (
	"context"
	"encoding/json"
	"time"
)

// Revision is what a message said before an edit: all that a MessagePatch can
// change. EditMessage stores it. A message's own fields are its newest version
// and no revision.
type Revision struct {
	MessageID   MessageID       `json:"message_id"`
	Version     int64           `json:"version"` // the message's Version when it said this
	Body        string          `json:"body"`
	Mentions    []UserID        `json:"mentions,omitzero"`
	MentionsAll bool            `json:"mentions_all,omitzero"`
	Tags        []string        `json:"tags,omitzero"`
	Custom      json.RawMessage `json:"custom,omitzero"`
	ReplacedAt  time.Time       `json:"replaced_at"`          // when the edit replaced it
	ReplacedBy  UserID          `json:"replaced_by,omitzero"` // who edited; nobody, once that user is deleted
}

// Clone returns a copy that shares nothing with r.
func (r Revision) Clone() Revision {
	r.Mentions = cloneSlice(r.Mentions)
	r.Tags = cloneSlice(r.Tags)
	r.Custom = cloneSlice(r.Custom)
	return r
}

// RevisionQuery selects the revisions of a message, which must be given: the
// latest first.
type RevisionQuery struct {
	Message     MessageID
	WithExpired bool // even if the message's time is over, as long as it is stored
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q RevisionQuery) WithCursor(c Cursor) RevisionQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q RevisionQuery) Validate() error {
	if q.Message.IsZero() {
		return Invalid("Message", "unset")
	}
	return nil
}

// RevisionReader reads what messages said before. A message that does not exist
// or has expired is ErrNotFound, unless it is asked WithExpired. Deleting or
// purging a message takes its revisions away: a tombstone has none. There is no
// writer, since EditMessage is it.
type RevisionReader interface {
	// MessageRevisions lists the revisions of a message, a page at a time. One
	// that was never edited has none, and an edit that changed nothing made
	// none.
	MessageRevisions(ctx context.Context, q RevisionQuery) (Page[Revision], error)

	// MessageRevision returns what a message said at a version; ErrNotFound if
	// that is its present version, there never was one, or what ended it was no
	// edit (a pin, say: the revision stands under the last version before the
	// edit).
	MessageRevision(ctx context.Context, message MessageID, version int64) (Revision, error)
}
