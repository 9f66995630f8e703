package storagetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// traceFaults are about what a user has left in rooms.
var traceFaults = []fault{
	{name: "rooms of members alone", caught: "trace/rooms", open: tracesRooms(
		func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID) bool {
			member, err := r.IsMember(ctx, room, user)
			return member && err == nil
		})},
	{name: "rooms where something stands alone", caught: "trace/rooms", open: tracesRooms(
		func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID) bool {
			member, err := r.IsMember(ctx, room, user)
			n, failed := r.CountMessages(ctx, storage.MessageQuery{Room: room, Author: user})
			return (member || n > 0) && err == nil && failed == nil
		})},
	{name: "reactions of a user in the order of time", caught: "trace/reactions", open: traces{reactions: func(all []storage.Reaction) {
		slices.SortStableFunc(all, func(a, b storage.Reaction) int { return a.CreatedAt.Compare(b.CreatedAt) })
	}}.opener()},
	{name: "reactions of a user without their times", caught: "trace/reactions", open: traces{reactions: func(all []storage.Reaction) {
		for i := range all {
			all[i].CreatedAt = time.Time{}
		}
	}}.opener()},
	{name: "receipts of a user without their times", caught: "trace/receipts", open: traces{receipts: func(_ context.Context, _ storage.Reader, m *storage.MessageReceipt) bool {
		m.ReadAt = time.Time{}
		return true
	}}.opener()},
	{name: "receipts of a user for tombstones are not told", caught: "trace/receipts", open: traces{receipts: func(ctx context.Context, r storage.Reader, m *storage.MessageReceipt) bool {
		read, err := r.Message(ctx, m.MessageID)
		return err == nil && !read.Deleted()
	}}.opener()},
	{name: "receipts of members alone", caught: "trace/receipts", open: traces{members: true}.opener()},
	{name: "messages of a user that stand alone", caught: "trace/messages", open: traces{messages: func(m storage.Message) bool {
		return !m.Deleted()
	}}.opener()},
	{name: "what has expired is never there", caught: "trace/what has expired", open: traces{unexpired: true}.opener()},
	{name: "what has expired is never exported", caught: "export/what has expired", open: traces{unexpired: true}.opener()},
	{name: "receipts of a user nowhere", caught: "trace/invalid", open: traces{anywhere: true}.opener()},
}

// tracesRooms opens stores that pass over rooms.
func tracesRooms(keep func(context.Context, storage.Reader, storage.UserID, storage.RoomID) bool) opener {
	return traces{rooms: keep}.opener()
}

// traces are changes to what is read; those that are nil do nothing.
type traces struct {
	rooms     func(context.Context, storage.Reader, storage.UserID, storage.RoomID) bool
	reactions func([]storage.Reaction)
	receipts  func(context.Context, storage.Reader, *storage.MessageReceipt) bool
	messages  func(storage.Message) bool
	unexpired bool // nothing that has expired is there
	members   bool // only members have receipts
	anywhere  bool // a room need not be given
}

type traceReader struct {
	storage.Reader
	traces
}

func (c traces) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return traceReader{r, c} })
}

func (r traceReader) UserRooms(ctx context.Context, q storage.UserRoomQuery) (storage.Page[storage.RoomID], error) {
	p, err := r.Reader.UserRooms(ctx, q)
	if r.rooms != nil {
		p.Items = slices.DeleteFunc(p.Items, func(room storage.RoomID) bool { return !r.rooms(ctx, r.Reader, q.User, room) })
	}
	return p, err
}

func (r traceReader) UserMessages(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.Message], error) {
	q.WithExpired = q.WithExpired && !r.unexpired
	p, err := r.Reader.UserMessages(ctx, q)
	if r.messages != nil {
		p.Items = slices.DeleteFunc(p.Items, func(m storage.Message) bool { return !r.messages(m) })
	}
	return p, err
}

func (r traceReader) UserReactions(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.Reaction], error) {
	p, err := r.Reader.UserReactions(ctx, q)
	if r.reactions != nil {
		r.reactions(p.Items)
	}
	return p, err
}

func (r traceReader) UserReceipts(ctx context.Context, q storage.TraceQuery) (storage.Page[storage.MessageReceipt], error) {
	if r.anywhere && q.Room.IsZero() {
		return storage.Page[storage.MessageReceipt]{}, nil
	}
	if member, err := r.IsMember(ctx, q.Room, q.User); r.members && err == nil && !member {
		return storage.Page[storage.MessageReceipt]{}, nil
	}
	p, err := r.Reader.UserReceipts(ctx, q)
	if r.receipts != nil {
		p.Items = slices.DeleteFunc(p.Items, func(m storage.MessageReceipt) bool { return !r.receipts(ctx, r.Reader, &m) })
		for i := range p.Items {
			r.receipts(ctx, r.Reader, &p.Items[i])
		}
	}
	return p, err
}
