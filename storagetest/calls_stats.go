package storagetest

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

var statsReads = []read{
	{"UserStats", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.UserStats(ctx))
	}},
	{"RoomStats", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.RoomStats(ctx, storage.StatsQuery{}))
	}},
	{"MessageStats", func(ctx context.Context, r storage.Reader, _ *world) (any, error) {
		return value(r.MessageStats(ctx, storage.StatsQuery{}))
	}},
	{"MessageStats", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		return value(r.MessageStats(ctx, storage.StatsQuery{Room: w.hall.ID, User: w.bob.ID}))
	}},
	{"Activity", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		from := w.hall.CreatedAt.Add(-day)
		return value(r.Activity(ctx, storage.ActivityQuery{From: from, To: from.Add(5 * day), TimeZone: "Asia/Kathmandu"}))
	}},
	{"Activity", func(ctx context.Context, r storage.Reader, w *world) (any, error) {
		from := w.hall.CreatedAt.Add(-time.Hour)
		q := storage.ActivityQuery{Unit: storage.ActivityHour, From: from, To: from.Add(5 * time.Hour), Room: w.hall.ID}
		return value(r.Activity(ctx, q))
	}},
}
