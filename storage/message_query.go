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

// MessageOrder is the order of a list of messages: by Seq in one room, by
// CreatedAt and then ID across rooms.
type MessageOrder uint8

// The orders of messages.
const (
	NewestFirst MessageOrder = iota + 1
	OldestFirst
)

var messageOrders = enum[MessageOrder]{"MessageOrder", []string{"newest", "oldest"}}

// MessageQuery selects messages of a room, of an author, or of an author in a
// room: one of Room and Author must be given. Conditions are combined with
// AND. Expired messages are never selected.
//
// Before, After and Around need Room. Before and After are exclusive bounds
// and may be combined. Around gives a page with the anchor in it, if the query
// selects it, and of the places left half to messages of lower Seq (the odd one
// too) and half to those of higher Seq, in the query's order; what one side
// lacks is not made up for on the other.
// An anchor and a Cursor together are ErrInvalid: the bounds travel in the
// cursor.
type MessageQuery struct {
	Room        RoomID
	Author      UserID
	Types       []MessageType // any of these
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

// Validate refuses a query that means nothing.
func (q MessageQuery) Validate() error {
	if q.Room.IsZero() && q.Author.IsZero() {
		return Invalid("Room", "neither Room nor Author")
	}
	if err := messageTypes.checkAll("Types", q.Types); err != nil {
		return err
	}
	if err := messageOrders.check("Order", q.Order); err != nil {
		return err
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
		case q.Room.IsZero():
			return Invalid(a.field, "an anchor needs Room")
		case q.Cursor != "":
			return Invalid(a.field, "an anchor and a cursor together")
		case a.Seq < 0 || (a.Seq > 0 && !a.ID.IsZero()):
			return Invalid(a.field, "neither a message nor a Seq")
		}
		given++
	}
	if given > 1 && !q.Around.IsZero() {
		return Invalid("Around", "with another anchor")
	}
	return nil
}
