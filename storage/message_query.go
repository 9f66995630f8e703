package storage

import "time"

// Anchor is a message that a page is taken from: by its identifier, even if
// it is deleted, or by its Seq, even if there is none with it. The zero
// Anchor is none.
type Anchor struct {
	ID  MessageID
	Seq int64
}

// At returns the anchor at a message.
func At(id MessageID) Anchor { return Anchor{ID: id} }

// AtSeq returns the anchor at a place in a room.
func AtSeq(seq int64) Anchor { return Anchor{Seq: seq} }

// IsZero reports whether there is no anchor.
func (a Anchor) IsZero() bool { return a == Anchor{} }

// Validate refuses an anchor that means nothing; field is the error's.
func (a Anchor) Validate(field string) error {
	if a.Seq < 0 || (a.Seq > 0 && !a.ID.IsZero()) {
		return Invalid(field, "neither a message nor a Seq")
	}
	return nil
}

// MessageOrder is the order of a list of messages: by Seq where Room or Thread
// is given, by CreatedAt and then ID across rooms.
type MessageOrder uint8

// The orders of messages.
const (
	NewestFirst MessageOrder = iota + 1
	OldestFirst
	MostRelevant // of what a search finds, alone
)

var messageOrders = enum[MessageOrder]{"MessageOrder", []string{"newest", "oldest", "relevance"}}

// MessageQuery selects messages: one of Room, Author, Thread and Mentioned must
// be given. Conditions are combined with AND. Expired messages are never
// selected.
//
// A Thread is known by its root, which may be a tombstone, or purged; it is the
// root and all its replies. A message that is a reply itself has no thread.
//
// Before, After and Around need Room or Thread. Before and After are exclusive
// bounds and may be combined. Around gives a page with the anchor in it, if the query
// selects it, and of the places left half to messages of lower Seq (the odd one
// too) and half to those of higher Seq, in the query's order; what one side
// lacks is not made up for on the other.
// An anchor and a Cursor together are ErrInvalid: the bounds travel in the
// cursor.
type MessageQuery struct {
	Room        RoomID
	Author      UserID
	Thread      MessageID     // the root
	Mentioned   UserID        // among the Mentions, MentionsAll not counted; a deleted user is not
	Types       []MessageType // any of these
	Tags        []string      // all of these
	From        time.Time     // CreatedAt, inclusive
	To          time.Time     // CreatedAt, exclusive
	Before      Anchor
	After       Anchor
	Around      Anchor
	Pinned      bool         // only those that are pinned
	Viewer      UserID       // for whom ReactionCount.Mine is told; selects nothing
	WithDeleted bool         // tombstones too, which are never pinned
	Order       MessageOrder // NewestFirst unless given
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c, without anchors.
func (q MessageQuery) WithCursor(c Cursor) MessageQuery {
	q.Before, q.After, q.Around = Anchor{}, Anchor{}, Anchor{}
	q.Cursor = c
	return q
}

// Normalize fills in the default order, and gives conditions that are equal one
// form.
func (q *MessageQuery) Normalize() {
	if q.Order == 0 {
		q.Order = NewestFirst
	}
	q.Types = nilIfEmpty(q.Types)
	q.Tags = distinct(q.Tags)
}

// InOneRoom reports whether all that the query selects is in one room, and so in
// the order of Seq.
func (q MessageQuery) InOneRoom() bool { return !q.Room.IsZero() || !q.Thread.IsZero() }

// Validate refuses a query that means nothing.
func (q MessageQuery) Validate() error {
	if q.Room.IsZero() && q.Author.IsZero() && q.Thread.IsZero() && q.Mentioned.IsZero() {
		return Invalid("Room", "none of Room, Author, Thread and Mentioned")
	}
	if err := messageTypes.checkAll("Types", q.Types); err != nil {
		return err
	}
	if err := checkTags("Tags", q.Tags); err != nil {
		return err
	}
	if err := messageOrders.check("Order", q.Order); err != nil {
		return err
	}
	if q.Order == MostRelevant {
		return Invalid("Order", "no search")
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	return q.validateAnchors()
}

func (q MessageQuery) validateAnchors() error {
	given := 0
	for _, a := range []struct {
		field string
		Anchor
	}{{"Before", q.Before}, {"After", q.After}, {"Around", q.Around}} {
		switch {
		case a.IsZero():
			continue
		case !q.InOneRoom():
			return Invalid(a.field, "an anchor needs Room or Thread")
		case q.Cursor != "":
			return Invalid(a.field, "an anchor and a cursor together")
		}
		if err := a.Validate(a.field); err != nil {
			return err
		}
		given++
	}
	if given > 1 && !q.Around.IsZero() {
		return Invalid("Around", "with another anchor")
	}
	return nil
}
