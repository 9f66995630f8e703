package backend

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// MessageScan is a list of messages: those with Low < Seq < High (0: no bound)
// in the order of Seq where Room is set, as it is wherever Thread is; otherwise
// in the order of CreatedAt and ID, with Scan.After holding these (Int as
// microseconds since 1970); it is unset where Room is set. Expired ones are
// left out. Tags are distinct.
type MessageScan struct {
	storage.MessageQuery // Limit, Cursor and anchors are unset, Order is set
	Low, High            int64
	Now                  time.Time // what has expired by then is left out; zero: nothing is
	Unheld               bool      // what a legal hold covers is left out
	Scan
}

// MessageRow is a message as it is stored.
type MessageRow struct {
	storage.Message
	Digest [16]byte // of the request, if there is a Nonce
	Text   string   // SearchText of the message with its attachments
	Marks  bool     // it marks the room read for its author, if a member
}

// MessageRows reads and writes messages. Those of deleted rooms are not there.
// Attachments, Reactions and Thread mean nothing in all that it returns until
// FillIn sets them.
type MessageRows interface {
	Message(ctx context.Context, id storage.MessageID) (storage.Message, error)

	// MessagesByID returns those that exist, in the order of ids, which are
	// distinct.
	MessagesByID(ctx context.Context, ids []storage.MessageID) ([]storage.Message, error)
	Messages(ctx context.Context, s MessageScan) ([]storage.Message, error)
	CountMessages(ctx context.Context, s MessageScan) (int64, error)

	// FillIn sets the Attachments, Reactions and Thread of messages that were
	// read in the same transaction or snapshot, tombstones too, in a number of
	// steps that does not grow with theirs. viewer may be nobody, or somebody
	// who does not exist; replies that have expired by now do not count.
	FillIn(ctx context.Context, ms []storage.Message, viewer storage.UserID, now time.Time) error

	// MessagePlace returns where a message is, even if it is a tombstone, has
	// expired, or was purged.
	MessagePlace(ctx context.Context, id storage.MessageID) (storage.RoomID, int64, error)

	// LatestByAuthor returns when the n-th latest message of an author in a room
	// was stored (CreatedAt), tombstones too.
	LatestByAuthor(ctx context.Context, room storage.RoomID, author storage.UserID, n int64) (time.Time, error)

	// MessageByNonce returns the message, or the tombstone, that was stored
	// under a nonce, and the digest of its request.
	MessageByNonce(ctx context.Context, room storage.RoomID, author storage.UserID, nonce string) (storage.Message, [16]byte, error)

	// InsertMessage stores a message in a room that exists and sets its Seq.
	// Its Attachments exist, and no message carries or carried them. It raises the
	// room's LastSeq, MessageCount and LastMessageAt (if it is later). If it Marks,
	// the author's marker moves to it as by MoveMarker at its CreatedAt. An ID that
	// is taken (if only by a message that was purged, or is in a deleted room that
	// is not swept yet), or a nonce that is for the author and room, is
	// storage.ErrDuplicate, and nothing has changed then.
	InsertMessage(ctx context.Context, m *MessageRow) error

	// UpdateMessage replaces old, as it was read and with its Attachments, by m,
	// which has the same place, author, thread, nonce and digest. What carries
	// which attachment does not change by it, but the search entry is as m has
	// them: one that it lacks is deleted next. If m is a tombstone
	// and old is not, the room's MessageCount falls, it is no reply of its
	// thread any more, the search entry, the revisions and the reactions go, and
	// nothing carries its attachments, whose DetachedAt is m's DeletedAt.
	UpdateMessage(ctx context.Context, old *storage.Message, m *MessageRow) error

	// PinMessage sets PinnedAt, zero to unpin, and Version of a message.
	PinMessage(ctx context.Context, id storage.MessageID, at time.Time, version int64) error
}

// RevisionScan is a list of the revisions of a message, in the order of their
// Version. After holds that in Int.
type RevisionScan struct {
	Message storage.MessageID
	Scan
}

// RevisionRows reads and writes revisions, of messages that are there.
type RevisionRows interface {
	Revision(ctx context.Context, message storage.MessageID, version int64) (storage.Revision, error)
	Revisions(ctx context.Context, s RevisionScan) ([]storage.Revision, error)

	// InsertRevision stores a revision, whose Version is known to be new.
	InsertRevision(ctx context.Context, v *storage.Revision) error
}

// ReactionScan is a list of the reactions to a message, in the order of
// CreatedAt, user and emoji. After holds these in Int (as microseconds since
// 1970), ID and Text.
type ReactionScan struct {
	Message storage.MessageID
	Emoji   string // "" for all
	Scan
}

// ReactionRows reads and writes reactions, of messages that are there.
type ReactionRows interface {
	Reactions(ctx context.Context, s ReactionScan) ([]storage.Reaction, error)

	// HasReaction reports whether a user has put an emoji on a message, or
	// anybody has, where user is zero.
	HasReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) (bool, error)

	// CountEmoji returns how many different emoji are on a message.
	CountEmoji(ctx context.Context, message storage.MessageID) (int, error)

	// InsertReaction stores a reaction that is known to be new.
	InsertReaction(ctx context.Context, r *storage.Reaction) error

	// DeleteReaction removes a reaction that exists.
	DeleteReaction(ctx context.Context, message storage.MessageID, user storage.UserID, emoji string) error
}

// SearchScan is a search: the messages whose SearchText matches Query, that are
// in one of Rooms and in a room of Reader and by Author, as far as these are set,
// and that it Selects, in the order in which they were stored, beyond the position
// After (0: from the beginning or the end).
type SearchScan struct {
	Query         search.Query
	Rooms         []storage.RoomID // distinct
	Reader        storage.UserID
	Author        storage.UserID
	Types         []storage.MessageType
	Tags          []string
	From, To      time.Time
	HasAttachment bool
	HiddenUpTo    map[storage.RoomID]int64 // the Seq beyond which rooms show what they hold; others show all

	After  int64
	Desc   bool
	Limit  int
	Whole  bool      // walk to the end, however long that takes
	Ranked bool      // tell the Score of each hit
	Now    time.Time // what has expired by then is left out
}

// Selects reports whether a message that matches is of the right type, time and
// tags, and not hidden in its room, which RoomID names. That it carries an
// attachment where it must is told apart.
func (s *SearchScan) Selects(m *storage.Message, carries bool) bool {
	switch {
	case len(s.Types) > 0 && !slices.Contains(s.Types, m.Type),
		!s.From.IsZero() && m.CreatedAt.Before(s.From),
		!s.To.IsZero() && !m.CreatedAt.Before(s.To),
		s.HasAttachment && !carries:
		return false
	}
	if upTo, hides := s.HiddenUpTo[m.RoomID]; hides && m.Seq <= upTo {
		return false
	}
	for _, tag := range s.Tags {
		if !slices.Contains(m.Tags, tag) {
			return false
		}
	}
	return true
}

// SearchHit is a message that was found, its position in the order of storing,
// from 1, and how well it fits: the higher the better.
type SearchHit struct {
	Message  storage.Message
	Position int64
	Score    float64
}

// SearchRows searches messages.
type SearchRows interface {
	// SearchMessages returns what was found. A walk that has become long may,
	// unless it is to be Whole, end before Limit hits: then resume is the last
	// position that it looked at, and otherwise 0.
	SearchMessages(ctx context.Context, s SearchScan) (hits []SearchHit, resume int64, err error)
}
