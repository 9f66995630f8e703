package storagetest

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// configDisputes are about settings that are not there.
func configDisputes() []dispute {
	return []dispute{
		{"value of no setting: invalid key", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ConfigValue(ctx, "\xff")
			return err
		}},
		{"value of no setting", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ConfigValue(ctx, "nothing")
			return err
		}},
		{"settings: prefix too long", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.ConfigValues(ctx, storage.ConfigQuery{Prefix: tooLong})
			return err
		}},
		{"setting: no integer", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.SetConfig(ctx, &storage.Config{Key: "x", Type: storage.ConfigInteger, Value: "one"})
		}},
		{"end of no setting: empty key", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.DeleteConfig(ctx, "")
		}},
		{"end of no setting", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.DeleteConfig(ctx, "nothing")
		}},
	}
}
