package storage

// Deleting and purging in bulk. Declared here as the contract to come; no
// backend implements it yet, and Store does not have it.

import (
	"context"
	"time"
)

// PurgeQuery selects messages to purge. Conditions are combined with AND, and
// one of Room, Author, To, ExpiredBy, Keep and Tombstones must be given.
type PurgeQuery struct {
	Room       RoomID
	Author     UserID
	To         time.Time // CreatedAt, exclusive
	ExpiredBy  time.Time // ExpiresAt is set and then or earlier
	Keep       int64     // beyond the newest so many of the room, which must be given; tombstones do not count
	Tombstones bool      // only tombstones
	KeepPinned bool      // leave pinned messages alone
	Limit      int       // messages in this batch
}

// Validate refuses a query that means nothing.
func (q PurgeQuery) Validate() error {
	switch {
	case q.Keep < 0:
		return Invalid("Keep", "negative")
	case q.Keep > 0 && q.Room.IsZero():
		return Invalid("Keep", "needs Room")
	case q.Room.IsZero() && q.Author.IsZero() && q.To.IsZero() && q.ExpiredBy.IsZero() && !q.Tombstones:
		return Invalid("Room", "no condition")
	}
	if err := checkTime("To", q.To); err != nil {
		return err
	}
	return checkTime("ExpiredBy", q.ExpiredBy)
}

// PurgeResult tells what one batch of a purge took away.
type PurgeResult struct {
	Messages    int64    // messages and tombstones purged
	Attachments int64    // attachments taken away with them
	Blobs       []string // set free: no attachment has them any more; each once, sorted
	Held        int64    // messages selected and left alone, because of a legal hold
	More        bool     // whether another call would purge more

	// Scrubbed reports that nothing of the text is left in the write-ahead log
	// either. A reader of an older snapshot can hold that up; a later
	// checkpoint catches up.
	Scrubbed bool
}

// Clone returns a copy that shares nothing with r.
func (r PurgeResult) Clone() PurgeResult {
	r.Blobs = cloneSlice(r.Blobs)
	return r
}

// MessagePurger takes messages away for good, or many at a time. The function
// Purge, which comes with it, calls PurgeMessages until there is no more and
// adds the results up.
//
// A purged message leaves a stub of its identifier, room and Seq: anchors and
// the change feed still resolve, a page has a hole there, Room.LastSeq never
// falls. Its revisions, reactions, receipts of its own, mentions, search entry
// and attachments go, its nonce is free again, and replies keep their ParentID
// and RootID. Unread counts, threads and counters stay exact.
type MessagePurger interface {
	// DeleteMessages turns the messages that q selects into tombstones, as
	// DeleteMessage does, in the order of q: at most q's Limit of them, all or
	// none. It returns how many it turned, and whether there are more. What is
	// under a legal hold is left alone and not counted. Around, WithDeleted
	// and Cursor are ErrInvalid.
	DeleteMessages(ctx context.Context, q MessageQuery, by UserID) (deleted int, more bool, err error)

	// PurgeMessage purges one message or tombstone, even one that has expired.
	// One that does not exist, or was purged, is ErrNotFound; one under a
	// legal hold ErrForbidden with ReasonHeld.
	PurgeMessage(ctx context.Context, id MessageID) (PurgeResult, error)

	// PurgeMessages purges a batch of what q selects, the oldest first, in one
	// transaction that is short enough not to hold up other writers. What is
	// under a legal hold is left alone. Nothing to purge is no error.
	PurgeMessages(ctx context.Context, q PurgeQuery) (PurgeResult, error)
}
