package storagetest_test

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// The faults of hooks and of pages, in the readers of reading state.

func (r hookedReader) ReadReceipts(ctx context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	p, err := r.Reader.ReadReceipts(ctx, q)
	return applyPage(on(r.hooks, "ReadReceipts", r.receipt), p, err)
}

func (r hookedReader) Unread(ctx context.Context, room storage.RoomID, user storage.UserID) (storage.Unread, error) {
	u, err := r.Reader.Unread(ctx, room, user)
	return apply(on(r.hooks, "Unread", r.unread), u, err)
}

func (r hookedReader) Inbox(ctx context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	p, err := r.Reader.Inbox(ctx, asked(r.inbox, !r.counts, q))
	return applyPage(func(e *storage.InboxEntry) {
		fill(on(r.hooks, "Inbox", r.room), &e.Room, nil)
		fill(on(r.hooks, "Inbox", r.member), &e.Membership, nil)
		if !e.LastMessage.ID.IsZero() {
			fill(on(r.hooks, "Inbox", r.message), &e.LastMessage, nil)
		}
		fill(on(r.hooks, "Inbox", r.unread), &e.Unread, nil)
	}, p, err)
}

func (r pagingReader) ReadReceipts(ctx context.Context, q storage.ReceiptQuery) (storage.Page[storage.ReadReceipt], error) {
	return pageWith(r, "ReadReceipts", &q.Limit, &q.Cursor, func() (storage.Page[storage.ReadReceipt], error) {
		return r.Reader.ReadReceipts(ctx, q)
	})
}

func (r pagingReader) Inbox(ctx context.Context, q storage.InboxQuery) (storage.Page[storage.InboxEntry], error) {
	return pageWith(r, "Inbox", &q.Limit, &q.Cursor, func() (storage.Page[storage.InboxEntry], error) {
		return r.Reader.Inbox(ctx, q)
	})
}
