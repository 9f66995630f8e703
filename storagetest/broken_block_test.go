package storagetest_test

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

var blockFaults = []fault{
	{name: "a block goes both ways", caught: "block/one way", open: blockReads{
		has: func(ctx context.Context, r storage.Reader, user, other storage.UserID) (bool, error) {
			has, err := r.HasBlocked(ctx, user, other)
			if err != nil || has {
				return has, err
			}
			return r.HasBlocked(ctx, other, user)
		},
	}.opener()},
	{name: "a block by nobody", caught: "block/refuses", open: blockWrites{
		block: func(ctx context.Context, w storage.ReadWriter, user, other storage.UserID) error {
			err := w.BlockUser(ctx, user, other)
			if errors.Is(err, storage.ErrNotFound) {
				return nil
			}
			return err
		},
	}.opener()},
	{name: "blocking oneself", caught: "block/refuses", open: blockWrites{
		block: func(ctx context.Context, w storage.ReadWriter, user, other storage.UserID) error {
			if user == other {
				return ctx.Err()
			}
			return w.BlockUser(ctx, user, other)
		},
	}.opener()},
	{name: "a block again is a new one", caught: "block/doing so again", open: blockWrites{
		block: func(ctx context.Context, w storage.ReadWriter, user, other storage.UserID) error {
			if err := w.UnblockUser(ctx, user, other); err != nil {
				return err
			}
			return w.BlockUser(ctx, user, other)
		},
	}.opener()},
	{name: "a block is for good", caught: "block/the end of it", open: blockWrites{
		unblock: func(ctx context.Context, w storage.ReadWriter, user, other storage.UserID) error {
			has, err := w.HasBlocked(ctx, user, other)
			if err != nil || has {
				return err
			}
			return w.UnblockUser(ctx, user, other)
		},
	}.opener()},
	{name: "a block outlives who is blocked", caught: "block/a user is deleted", open: blockReads{has: hasEverBlocked}.opener()},
	{name: "blocks without their times", caught: "block/as it is stored", open: blockReads{
		block: func(b *storage.Block) { b.CreatedAt = time.Time{} },
	}.opener()},
	{name: "blocks against anybody", caught: "block/list", open: blockReads{
		query: func(q *storage.BlockQuery) {
			if !q.User.IsZero() {
				q.Blocked = storage.UserID{}
			}
		},
	}.opener()},
	{name: "blocks at one time by who blocks", caught: "block/list", open: blockReads{page: func(all []storage.Block) {
		slices.SortStableFunc(all, func(a, b storage.Block) int {
			return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), a.BlockedID.Compare(b.BlockedID))
		})
	}}.opener()},
	{name: "who is blocked hears of it", caught: "block/changes are the blocker's alone", open: blockReads{told: true}.opener()},
}

// hasEverBlocked looks in the feed.
func hasEverBlocked(ctx context.Context, r storage.Reader, user, other storage.UserID) (bool, error) {
	has, err := r.HasBlocked(ctx, user, other)
	if err != nil || has {
		return has, err
	}
	p, err := r.Changes(ctx, storage.ChangeQuery{Limit: storage.MaxLimit})
	for _, c := range p.Items {
		if c.UserID == user && c.OtherID == other {
			has = c.Kind == storage.ChangeUserBlocked
		}
	}
	return has, err
}

// blockWriter is a writer of which some calls are others. Those that are nil
// are the good ones.
type blockWriter struct {
	storage.ReadWriter
	blockWrites
}

type blockWrites struct {
	block, unblock func(ctx context.Context, w storage.ReadWriter, user, other storage.UserID) error
}

func (c blockWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return blockWriter{w, c} })
}

func (w blockWriter) BlockUser(ctx context.Context, user, other storage.UserID) error {
	if w.block == nil {
		return w.ReadWriter.BlockUser(ctx, user, other)
	}
	return w.block(ctx, w.ReadWriter, user, other)
}

func (w blockWriter) UnblockUser(ctx context.Context, user, other storage.UserID) error {
	if w.unblock == nil {
		return w.ReadWriter.UnblockUser(ctx, user, other)
	}
	return w.unblock(ctx, w.ReadWriter, user, other)
}

// blockReader is a reader that changes queries and records on their way.
type blockReader struct {
	storage.Reader
	blockReads
}

// blockReads are changes; those that are nil do nothing.
type blockReads struct {
	has   func(ctx context.Context, r storage.Reader, user, other storage.UserID) (bool, error)
	query func(*storage.BlockQuery)
	block func(*storage.Block)
	page  func([]storage.Block)
	told  bool // those who are blocked see it in the feed
}

func (c blockReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return blockReader{r, c} })
}

func (r blockReader) HasBlocked(ctx context.Context, user, other storage.UserID) (bool, error) {
	if r.has == nil {
		return r.Reader.HasBlocked(ctx, user, other)
	}
	return r.has(ctx, r.Reader, user, other)
}

func (r blockReader) BlockedUsers(ctx context.Context, q storage.BlockQuery) (storage.Page[storage.Block], error) {
	p, err := r.Reader.BlockedUsers(ctx, asked(r.query, true, q))
	if r.page != nil {
		r.page(p.Items)
	}
	return applyPage(r.block, p, err)
}

func (r blockReader) Changes(ctx context.Context, q storage.ChangeQuery) (storage.ChangePage, error) {
	p, err := r.Reader.Changes(ctx, q)
	if err != nil || !r.told || q.User.IsZero() || q.Cursor != "" {
		return p, err
	}
	all, err := r.Reader.Changes(ctx, storage.ChangeQuery{After: q.After, Limit: storage.MaxLimit})
	for _, c := range all.Items {
		if c.OtherID == q.User {
			p.Items = append(p.Items, c)
		}
	}
	slices.SortFunc(p.Items, func(a, b storage.Change) int { return cmp.Compare(a.Position, b.Position) })
	return p, err
}
