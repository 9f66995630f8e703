package storagetest

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// attachmentDisputes are about attachments and bulk deletion.
func attachmentDisputes(p parties) []dispute {
	return []dispute{
		{"attachment of no room: no blob", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{RoomID: nowhere, UploaderID: nobody})
		}},
		{"attachment of an inactive room: too long a name", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{RoomID: p.closed, Blob: "b", Name: tooLong})
		}},
		{"uploader missing, room inactive", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{RoomID: p.closed, UploaderID: nobody, Blob: "b"})
		}},
		{"room inactive, ID taken", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateAttachment(ctx, &storage.Attachment{ID: p.file, RoomID: p.closed, Blob: "b"})
		}},
		{"attachment in another room, author missing", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{
				RoomID: p.full, AuthorID: nobody, Attachments: []storage.Attachment{{ID: p.file}},
			})
			return err
		}},
		{"attachment missing, another taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{
				RoomID: p.room, Attachments: []storage.Attachment{{ID: p.file}, {ID: storage.AttachmentID{1}}},
			})
			return err
		}},
		{"attachment taken, ID taken", storage.ErrConflict, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.CreateMessage(ctx, &storage.Message{
				ID: p.message, RoomID: p.room, Attachments: []storage.Attachment{{ID: p.file}},
			})
			return err
		}},
		{"messages deleted by nobody: a cursor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, _, err := s.DeleteMessages(ctx, storage.MessageQuery{Room: p.room, Cursor: "x"}, nobody)
			return err
		}},
		{"messages deleted by nobody, before no message: negative limit", storage.ErrInvalid,
			func(ctx context.Context, s storage.ReadWriter) error {
				_, _, err := s.DeleteMessages(ctx, storage.MessageQuery{Room: p.room, Before: storage.At(storage.MessageID{1}), Limit: -1}, nobody)
				return err
			}},
		{"attachments listed: negative limit, a wrong cursor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Attachments(ctx, storage.AttachmentQuery{Room: nowhere, Limit: -1, Cursor: "x"})
			return err
		}},
	}
}
