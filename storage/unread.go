package storage

import (
	"context"
	"slices"
)

// UnreadQuery selects the messages that a member has not read in a room, both
// of which must be given: those that Unread counts, the oldest first.
type UnreadQuery struct {
	Room   RoomID
	User   UserID
	Limit  int
	Cursor Cursor
}

// WithCursor returns the query for the page at c.
func (q UnreadQuery) WithCursor(c Cursor) UnreadQuery { q.Cursor = c; return q }

// UnreadMessages lists the messages that q selects, a page at a time, beyond
// the read marker as it is for the first page. A page may come back short with
// its Next set. Reactions tell which are the member's. A user who is no member
// is ErrNotFound.
func UnreadMessages(ctx context.Context, r Reader, q UnreadQuery) (Page[Message], error) {
	m, err := r.Membership(ctx, q.Room, q.User)
	if err != nil {
		return Page[Message]{}, err
	}
	list := MessageQuery{Room: q.Room, Viewer: q.User, Order: OldestFirst, Limit: q.Limit, Cursor: q.Cursor}
	if q.Cursor == "" && m.ReadSeq > 0 {
		list.After = AtSeq(m.ReadSeq)
	}
	p, err := r.Messages(ctx, list)
	p.Items = slices.DeleteFunc(p.Items, func(m Message) bool { return m.AuthorID == q.User || !m.Countable() })
	p.Items = nilIfEmpty(p.Items)
	return p, err
}
