package storage

import (
	"context"
	"slices"
	"time"
)

// DefaultPurge is how many messages PurgeMessages takes away where the query's
// Limit is 0: few enough that other writers hardly notice.
const DefaultPurge = 10

// PurgeQuery selects messages to purge. Conditions are combined with AND, and
// one of Room, Author, To, Expired and Tombstones must be given.
type PurgeQuery struct {
	Room       RoomID
	Author     UserID
	To         time.Time // CreatedAt, exclusive
	Expired    bool      // only those whose time is over
	Keep       int64     // all but the newest so many of the room, which must be given; tombstones and what has expired do not count
	Tombstones bool      // only tombstones
	KeepPinned bool      // leave pinned messages alone
	Limit      int       // messages in this batch: DefaultPurge if 0, at most MaxLimit
	KeepLog    bool      // do not try to clear the write-ahead log, since a later purge does: see PurgeResult.Scrubbed
}

// Validate refuses a query that means nothing.
func (q PurgeQuery) Validate() error {
	switch {
	case q.Keep < 0:
		return Invalid("Keep", "negative")
	case q.Keep > 0 && q.Room.IsZero():
		return Invalid("Keep", "needs Room")
	case q.Limit < 0:
		return Invalid("Limit", "negative")
	case q.Room.IsZero() && q.Author.IsZero() && q.To.IsZero() && !q.Expired && !q.Tombstones:
		return Invalid("Room", "no condition")
	}
	return checkTime("To", q.To)
}

// PurgeResult tells what one batch of a purge took away.
type PurgeResult struct {
	Messages    int64    `json:"messages"`       // messages and tombstones purged
	Attachments int64    `json:"attachments"`    // attachments taken away
	Blobs       []string `json:"blobs,omitzero"` // set free: no attachment has them any more; each once, sorted
	More        bool     `json:"more,omitzero"`  // whether another call would purge more

	// Scrubbed reports that nothing of the text is left in the write-ahead log
	// either. A batch with More does not try, and within a transaction nothing
	// can; a reader of an older snapshot can hold it up. A later purge, even one
	// that finds nothing, catches up.
	Scrubbed bool `json:"scrubbed,omitzero"`
}

// Clone returns a copy that shares nothing with r.
func (r PurgeResult) Clone() PurgeResult {
	r.Blobs = cloneSlice(r.Blobs)
	return r
}

// add adds the result of a later batch.
func (r *PurgeResult) add(later PurgeResult) {
	r.Messages += later.Messages
	r.Attachments += later.Attachments
	r.Blobs = append(r.Blobs, later.Blobs...)
	slices.Sort(r.Blobs)
	r.Blobs = slices.Compact(r.Blobs)
	r.More, r.Scrubbed = later.More, later.Scrubbed
}

// MessagePurger takes messages away for good. The function [Purge] does so
// until there is no more.
//
// A purged message leaves a stub of its identifier, room and Seq: anchors and
// the change feed still resolve, its identifier is not free, a page has a hole
// there, Room.LastSeq never falls. Its text, revisions, reactions, receipts,
// mentions, tags, search entry and attachments, those too that it carried before
// it was deleted, go, in the file too; its nonce is free again, and replies keep
// their ParentID and RootID. Unread counts,
// threads and counters stay exact, and nobody's read marker moves.
type MessagePurger interface {
	// PurgeMessage purges one message or tombstone, even one that has expired.
	// One that does not exist, or was purged, is ErrNotFound, one that a legal
	// hold covers ErrForbidden with ReasonHeld.
	PurgeMessage(ctx context.Context, id MessageID) (PurgeResult, error)

	// PurgeMessages purges a batch of what q selects, the oldest first: with
	// Expired in the order of ExpiresAt; otherwise in a room in that of Seq, and
	// room by room, the one that was created first, where Author is given or
	// only Tombstones; with To alone in that of CreatedAt. With Keep, tombstones
	// and what has expired go as far as the last message that goes. It passes over
	// what a legal hold covers. A batch is one transaction, which other writers
	// wait for: some millisecond a message on SQLite. Nothing to purge is no error.
	PurgeMessages(ctx context.Context, q PurgeQuery) (PurgeResult, error)
}

// Purge purges all that q selects, in batches of its Limit, each a transaction
// of its own if s is a Store, and adds up the results: after an error those of
// the batches before it.
func Purge(ctx context.Context, s MessagePurger, q PurgeQuery) (PurgeResult, error) {
	return purgeAll(func() (PurgeResult, error) { return s.PurgeMessages(ctx, q) })
}

func purgeAll(batch func() (PurgeResult, error)) (all PurgeResult, err error) {
	for {
		r, err := batch()
		if err != nil {
			return all, err
		}
		all.add(r)
		if !r.More {
			return all, nil
		}
	}
}
