package storagetest

import (
	"context"
	"math"
	"strings"

	"github.com/lairchat/lair/storage"
)

// feedDisputes are about the change feed: invalid in several ways, or invalid
// and nowhere to be found.
func feedDisputes() []dispute {
	return []dispute{
		{"changes after what there is not: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.Changes(ctx, storage.ChangeQuery{After: math.MaxInt64, Limit: -1}))
		}},
		{"changes of nobody: no cursor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.Changes(ctx, storage.ChangeQuery{User: nobody, Room: nowhere, Cursor: "x"}))
		}},
		{"position of no consumer: long name", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.ConsumerPosition(ctx, strings.Repeat("x", storage.MaxConsumer+1)))
		}},
		{"position of no consumer", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.ConsumerPosition(ctx, "nobody"))
		}},
		{"advance no consumer: beyond the newest", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.AdvanceConsumer(ctx, "nobody", math.MaxInt64)
		}},
		{"delete no consumer: no name", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return s.DeleteConsumer(ctx, "")
		}},
		{"delete no consumer", storage.ErrNotFound, func(ctx context.Context, s storage.ReadWriter) error {
			return s.DeleteConsumer(ctx, "nobody")
		}},
		{"prune nothing: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.PruneChanges(ctx, storage.ChangePrune{Keep: math.MaxInt64, Limit: -1}))
		}},
	}
}
