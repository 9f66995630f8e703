package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const hasBlockedSQL = `
SELECT 1
FROM user_blocks
WHERE user_id = ?
AND blocked_id = ?`

// HasBlocked implements backend.BlockRows.
func (r *rows) HasBlocked(_ context.Context, user, other storage.UserID) (has bool, err error) {
	bind := func(a *args) {
		a.id(user)
		a.id(other)
	}
	err = r.c.query(hasBlockedSQL, bind, func(*row) error {
		has = true
		return nil
	})
	return has, err
}

// Blocks implements backend.BlockRows.
func (r *rows) Blocks(_ context.Context, s backend.BlockScan) ([]storage.Block, error) {
	return listed(r, blockList(s), func(row *row) storage.Block {
		return storage.Block{UserID: row.id(), BlockedID: row.id(), CreatedAt: row.time()}
	})
}

func blockList(s backend.BlockScan) list {
	l := from("b.user_id, b.blocked_id, b.created_at", "user_blocks AS b")
	o := order{column: "b.created_at", id: "b.user_id"}
	if !s.User.IsZero() {
		l.where("b.user_id = ?", s.User[:])
		o.id = "b.blocked_id"
	}
	if !s.Blocked.IsZero() {
		l.where("b.blocked_id = ?", s.Blocked[:])
	}
	l.scan(o, s.Scan)
	return l
}

const insertBlockSQL = `
INSERT INTO user_blocks (user_id, blocked_id, created_at)
VALUES (?, ?, ?)`

// InsertBlock implements backend.BlockRows.
func (r *rows) InsertBlock(_ context.Context, b *storage.Block) error {
	r.pending.bytes += rowBytes
	return r.c.exec(insertBlockSQL, func(a *args) {
		a.id(b.UserID)
		a.id(b.BlockedID)
		a.time(b.CreatedAt)
	})
}

const deleteBlockSQL = `
DELETE FROM user_blocks
WHERE user_id = ?
AND blocked_id = ?`

// DeleteBlock implements backend.BlockRows.
func (r *rows) DeleteBlock(_ context.Context, user, other storage.UserID) error {
	r.pending.bytes += rowBytes
	return r.execOne(deleteBlockSQL, func(a *args) {
		a.id(user)
		a.id(other)
	})
}
