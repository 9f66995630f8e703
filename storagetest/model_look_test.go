package storagetest_test

// What histories look at.

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// lookAtCounts compares what every write can change: the rooms, the markers and
// what is unread.
func (h *history) lookAtCounts() {
	for i, r := range h.model.rooms {
		if r.gone {
			continue
		}
		h.lookAtRoom(r.ID)
		for _, user := range h.users {
			if _, is := h.model.members[modelSeat{i, user}]; is {
				h.lookAtUnread(r.ID, user)
			}
		}
	}
}

func (h *history) lookAtRoom(room storage.RoomID) {
	h.quietly(say("Room(%s)", room), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Room(ctx, room))
	})
	h.quietly(say("Memberships(%s)", room), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(items(s.Memberships(ctx, storage.MembershipQuery{Room: room})))
	})
}

func (h *history) lookAtUnread(room storage.RoomID, user storage.UserID) {
	h.quietly(say("Unread(%s, %s)", room, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Unread(ctx, room, user))
	})
}

func items[T any](p storage.Page[T], err error) ([]T, error) { return p.Items, err }

// look makes a few calls that read.
func (h *history) look() {
	switch h.below(20) {
	default:
		h.lookAtMessages(h.query())
	case 6:
		h.lookAtMessage(h.message())
	case 12, 13, 14:
		h.lookAtAccess()
	case 15, 16:
		h.lookAtStats()
	case 17, 18, 19:
		h.lookAtRecords()
	case 7:
		h.lookAtInbox(h.inboxQuery())
	case 8:
		h.lookAtSearch(h.searchQuery())
	case 9:
		h.lookAtFiles(h.fileQuery())
	case 10:
		room := h.room()
		h.lookAtList(room, h.member(room))
	case 11:
		ids := []storage.MessageID{h.message(), h.message(), h.message()}
		h.quietly(say("MessagesByID(%s)", ids), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.MessagesByID(ctx, ids...))
		})
	}
}

func (h *history) lookAtMessages(q storage.MessageQuery) {
	h.quietly(say("Messages(%s)", q), walk(func(s storage.ReadWriter) lister[storage.MessageQuery, storage.Message] {
		return s.Messages
	}, q))
	h.quietly(say("CountMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountMessages(ctx, q))
	})
}

// lookAtMessage compares all that hangs on a message.
func (h *history) lookAtMessage(id storage.MessageID) {
	limit, viewer := 1+h.below(4), h.user()
	h.quietly(say("Message(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Message(ctx, id))
	})
	h.quietly(say("ReactionCounts(%s, %s)", id, viewer), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.ReactionCounts(ctx, id, viewer))
	})
	h.quietly(say("Reactions(%s)", id), walk(func(s storage.ReadWriter) lister[storage.ReactionQuery, storage.Reaction] {
		return s.Reactions
	}, storage.ReactionQuery{Message: id, Limit: limit}))
	h.quietly(say("MessageRevisions(%s)", id), walk(func(s storage.ReadWriter) lister[storage.RevisionQuery, storage.Revision] {
		return s.MessageRevisions
	}, storage.RevisionQuery{Message: id, Limit: limit}))
	version := int64(1 + h.below(3))
	h.quietly(say("MessageRevision(%s, %s)", id, version), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.MessageRevision(ctx, id, version))
	})
	h.quietly(say("ReadReceipts(%s)", id), walk(func(s storage.ReadWriter) lister[storage.ReceiptQuery, storage.ReadReceipt] {
		return s.ReadReceipts
	}, storage.ReceiptQuery{Message: id, Limit: limit}))
}

func (h *history) lookAtInbox(q storage.InboxQuery) {
	h.quietly(say("Inbox(%s)", q), walk(func(s storage.ReadWriter) lister[storage.InboxQuery, storage.InboxEntry] {
		return s.Inbox
	}, q))
}

func (h *history) inboxQuery() storage.InboxQuery {
	q := storage.InboxQuery{User: h.user(), UnreadOnly: h.oneIn(3), Limit: 1 + h.below(3)}
	if h.oneIn(4) {
		q.Active = new(h.oneIn(2))
	}
	return q
}

func (h *history) lookAtFiles(q storage.AttachmentQuery) {
	h.quietly(say("Attachments(%s)", q), walk(func(s storage.ReadWriter) lister[storage.AttachmentQuery, storage.Attachment] {
		return s.Attachments
	}, q))
	id := h.file()
	h.quietly(say("Attachment(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Attachment(ctx, id))
	})
}

func (h *history) fileQuery() storage.AttachmentQuery {
	q := storage.AttachmentQuery{Limit: 1 + h.below(4)}
	switch h.below(6) {
	case 1:
		q.Room = h.room()
	case 2:
		q.Message = h.message()
	case 3:
		q.Uploader = h.user()
	case 4:
		q.Blob = oneOf(h.draws, modelBlobs...)
	case 5:
		q.Room, q.Unattached = h.room(), true
	}
	if h.oneIn(5) {
		q.Hash = "hash"
	}
	if h.oneIn(5) {
		q.From = h.moment()
	}
	return q
}

// lookAtList compares what is unread in a room, as a list.
func (h *history) lookAtList(room storage.RoomID, user storage.UserID) {
	h.lookAtUnread(room, user)
	q := storage.UnreadQuery{Room: room, User: user, Limit: 1 + h.below(4)}
	h.quietly(say("UnreadMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		list := func(ctx context.Context, q storage.UnreadQuery) (storage.Page[storage.Message], error) {
			return storage.UnreadMessages(ctx, s, q)
		}
		var all []storage.Message
		for m, err := range storage.All(ctx, list, q) {
			if err != nil {
				return nil, err
			}
			all = append(all, m)
		}
		return all, nil
	})
}

// lookAtEverything compares all that the stores hold.
func (h *history) lookAtEverything() {
	for _, r := range h.model.rooms {
		if !r.gone {
			h.lookAtMessages(storage.MessageQuery{Room: r.ID, WithDeleted: true, Limit: 7})
		}
	}
	for _, id := range h.messages {
		h.lookAtMessage(id)
		h.lookAtMessages(storage.MessageQuery{Thread: id, Limit: 3})
	}
	for _, user := range h.users {
		h.lookAtInbox(storage.InboxQuery{User: user, Limit: 2})
		h.lookAtMessages(storage.MessageQuery{Mentioned: user, Limit: 7})
		h.lookAtMessages(storage.MessageQuery{Author: user, WithDeleted: true, Limit: 7})
		for _, room := range h.rooms {
			h.lookAtUnread(room, user)
			h.lookAtTraces(room, user)
		}
	}
	for _, word := range modelFound {
		h.lookAtSearch(storage.SearchQuery{Text: word, Limit: 7})
	}
	h.lookAtFiles(storage.AttachmentQuery{Limit: 7})
	h.lookAtAllAccess()
	h.lookAtAllRecords()
	h.lookAtAllStats()
}

// lister is a method that lists.
type lister[Q, T any] func(context.Context, Q) (storage.Page[T], error)

// walked is one page of a walk.
type walked[T any] struct {
	Items     []T
	HasBefore bool
	HasAfter  bool
}

// walk returns a look that walks all pages of a list from its first one to the
// end, and then back to the beginning.
func walk[Q interface{ WithCursor(storage.Cursor) Q }, T any](
	method func(storage.ReadWriter) lister[Q, T], q Q,
) func(context.Context, storage.ReadWriter) (any, error) {
	return func(ctx context.Context, s storage.ReadWriter) (any, error) {
		var pages []walked[T]
		read := func(q Q) (storage.Page[T], error) {
			p, err := method(s)(ctx, q)
			pages = append(pages, walked[T]{p.Items, p.HasBefore(), p.HasAfter()})
			return p, err
		}
		p, err := read(q)
		for range 20 {
			if err != nil || p.Next == "" {
				break
			}
			p, err = read(q.WithCursor(p.Next))
		}
		for range 20 {
			if err != nil || p.Prev == "" {
				break
			}
			p, err = read(q.WithCursor(p.Prev))
		}
		return pages, err
	}
}
