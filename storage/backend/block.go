package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// BlockedUsers implements storage.BlockReader.
func (r Reader) BlockedUsers(ctx context.Context, q storage.BlockQuery) (storage.Page[storage.Block], error) {
	var p *pager
	s := BlockScan{BlockQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.BlockQuery.Limit = 0
		p, err = newPager(s.BlockQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list blocked users", check, func(rows Rows) ([]storage.Block, error) {
		s.Scan = p.scan(true)
		return rows.Blocks(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Block]{}, err
	}
	return page(p, items, func(b storage.Block) storage.Keyset {
		if s.User.IsZero() {
			return storage.Keyset{Int: Micros(b.CreatedAt), ID: b.UserID}
		}
		return storage.Keyset{Int: Micros(b.CreatedAt), ID: b.BlockedID}
	})
}

// HasBlocked implements storage.BlockReader.
func (r Reader) HasBlocked(ctx context.Context, user, other storage.UserID) (bool, error) {
	return readOne(ctx, r.in, "read block", unchecked, func(rows Rows) (bool, error) {
		return rows.HasBlocked(ctx, user, other)
	})
}

// BlockUser implements storage.BlockWriter.
func (w Writer) BlockUser(ctx context.Context, user, other storage.UserID) error {
	return w.setBlock(ctx, "block user", user, other, true, func(t *rules) error {
		b := storage.Block{UserID: user, BlockedID: other, CreatedAt: t.now}
		if err := t.rows.InsertBlock(ctx, &b); err != nil {
			return err
		}
		return t.changed(ctx, blockChange(storage.ChangeUserBlocked, user, other))
	})
}

// UnblockUser implements storage.BlockWriter.
func (w Writer) UnblockUser(ctx context.Context, user, other storage.UserID) error {
	return w.setBlock(ctx, "unblock user", user, other, false, func(t *rules) error {
		if err := t.rows.DeleteBlock(ctx, user, other); err != nil {
			return err
		}
		return t.changed(ctx, blockChange(storage.ChangeUserUnblocked, user, other))
	})
}

// setBlock changes whether user blocks other, if it is not so already.
func (w Writer) setBlock(
	ctx context.Context, op string, user, other storage.UserID, blocked bool, change func(*rules) error,
) error {
	check := func() error {
		if user == other {
			return storage.Invalid("other", "the user itself")
		}
		return nil
	}
	return writeOnly(ctx, w.in, op, check, func(t *rules) error {
		if err := t.needUser(ctx, user, "user"); err != nil {
			return err
		}
		if err := t.needUser(ctx, other, "other"); err != nil {
			return err
		}
		is, err := t.rows.HasBlocked(ctx, user, other)
		if err != nil || is == blocked {
			return err
		}
		return change(t)
	})
}

func blockChange(kind storage.ChangeKind, user, other storage.UserID) storage.Change {
	return storage.Change{Kind: kind, Actor: user, UserID: user, OtherID: other}
}
