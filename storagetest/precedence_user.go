package storagetest

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// userDisputes are about users and what they want of each other.
func userDisputes(p parties) []dispute {
	return []dispute{
		{"nobody blocks himself", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.BlockUser(ctx, nobody, nobody)
		}},
		{"nobody unblocks himself", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.UnblockUser(ctx, nobody, nobody)
		}},
		{"nobody is blocked", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.BlockUser(ctx, p.ann, nobody)
		}},
		{"roles of nobody: in rooms and not", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RoleHolders(ctx, storage.RoleQuery{User: nobody, Rooms: true, Permission: storage.PermissionExport})
			return err
		}},
		{"blocks of nobody: a foreign cursor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.BlockedUsers(ctx, storage.BlockQuery{User: nobody, Cursor: "x"})
			return err
		}},
	}
}
