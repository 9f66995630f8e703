package storagetest

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// readingDisputes are about reading state: invalid, and something is missing.
func readingDisputes(p parties) []dispute {
	return []dispute{
		{"read by no member: invalid anchor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.MarkRead(ctx, p.room, p.bob, storage.AtSeq(-1))
		}},
		{"unread by no member: no anchor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.MarkUnread(ctx, nowhere, nobody, storage.Anchor{})
		}},
		{"unread by a member: two anchors", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.MarkUnread(ctx, p.room, p.ann, storage.Anchor{ID: p.message, Seq: 1})
		}},
		{"receipts of no message: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ReadReceipts(ctx, storage.ReceiptQuery{Message: storage.MessageID{1}, Limit: -1})
			return err
		}},
		{"inbox of nobody: unknown type", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Inbox(ctx, storage.InboxQuery{User: nobody, Types: []storage.RoomType{99}})
			return err
		}},
		{"read by no member, in an inactive room", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.MarkRead(ctx, p.closed, p.bob, storage.Anchor{})
		}},
		{"receipt by no member, of a tombstone", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AddReadReceipt(ctx, p.tombstone, p.bob)
		}},
	}
}
