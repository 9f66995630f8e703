package storagetest

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// statsDisputes are about statistics of what is not there, asked for wrongly.
func statsDisputes() []dispute {
	return []dispute{
		{"room statistics: negative", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.RoomStats(ctx, storage.StatsQuery{Top: -1})
			return err
		}},
		{"message statistics of nowhere: negative", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			_, err := s.MessageStats(ctx, storage.StatsQuery{Room: nowhere, Top: -1})
			return err
		}},
		{"activity of nobody: unknown zone", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			now := time.Unix(1, 0)
			_, err := s.Activity(ctx, storage.ActivityQuery{User: nobody, From: now, To: now, TimeZone: "Middle-earth/Shire"})
			return err
		}},
	}
}
