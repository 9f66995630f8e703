package storagetest

import (
	"context"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// holdDisputes are about legal holds, and about what they forbid.
func (f *fixture) holdDisputes(p parties) []dispute {
	f.t.Helper()
	room := f.room("vault", p.ann).ID
	file := f.upload(room, p.bob, "deed")
	m := f.say(room, p.bob, "held", carrying(file))
	stone, err := f.DeleteMessage(f.ctx, f.say(room, p.bob, "x").ID, p.ann)
	require.NoError(f.t, err)
	h := f.hold(storage.Hold{RoomID: room})
	return []dispute{
		{"hold: nothing, no reason, ID taken", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateHold(ctx, &storage.Hold{ID: h.ID})
		}},
		{"hold: no reason, nobody there", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateHold(ctx, &storage.Hold{UserID: nobody})
		}},
		{"hold: creator missing, ID taken", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.CreateHold(ctx, &storage.Hold{ID: h.ID, RoomID: room, Reason: "x", CreatedBy: nobody})
		}},
		{"holds: of a room and a user, nowhere", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.Holds(ctx, storage.HoldQuery{Room: nowhere, User: nobody})
			return err
		}},
		{"release: by nobody who is there, a hold that is not", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ReleaseHold(ctx, storage.HoldID{}, nobody)
			return err
		}},
		{"deleting what is held: by nobody who is there", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.DeleteMessage(ctx, m.ID, nobody)
			return err
		}},
		{"deleting a tombstone that is held: by nobody who is there", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.DeleteMessage(ctx, stone.ID, nobody)
			return err
		}},
		{"deleting what is held", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.DeleteMessage(ctx, m.ID, p.ann)
			return err
		}},
		{"editing a tombstone that is held: stale", storage.ErrConflict, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.EditMessage(ctx, stone.ID, p.ann, storage.MessagePatch{Body: new("y"), IfVersion: 99})
			return err
		}},
		{"deleting an attachment that is held", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.DeleteAttachment(ctx, file.ID)
			return err
		}},
		{"deleting a user who is held by what was said", storage.ErrForbidden, func(ctx context.Context, s storage.ReadWriter) error {
			return s.DeleteUser(ctx, p.bob)
		}},
	}
}
