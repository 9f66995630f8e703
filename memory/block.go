package memory

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) HasBlocked(_ context.Context, user, other storage.UserID) (bool, error) {
	_, has := r.blocks.Get(pairOf(r.userKey(user), r.userKey(other)))
	return has, nil
}

// block returns a block by its users' keys.
func (s *state) block(p pair) storage.Block {
	at, _ := s.blocks.Get(p)
	return storage.Block{UserID: s.userID(p.major()), BlockedID: s.userID(p.minor()), CreatedAt: at}
}

func (r *rows) Blocks(_ context.Context, s backend.BlockScan) ([]storage.Block, error) {
	user, blocked := r.userKey(s.User), r.userKey(s.Blocked)
	first := newTop(intAfter(s.After), s.Scan)
	add := func(other key, b storage.Block) {
		first.add(entry{n: backend.Micros(b.CreatedAt), id: r.userID(other), key: other})
	}
	if s.User.IsZero() {
		for p := range within(&r.blockedBy, spanOf(blocked), false) {
			add(p.minor(), r.block(pairOf(p.minor(), blocked)))
		}
	} else {
		for p := range within(&r.blocks, spanOf(user), false) {
			if s.Blocked.IsZero() || p.minor() == blocked {
				add(p.minor(), r.block(p))
			}
		}
	}
	var all []storage.Block
	for _, e := range first.first() {
		p := pairOf(user, e.key)
		if s.User.IsZero() {
			p = pairOf(e.key, blocked)
		}
		all = append(all, r.block(p))
	}
	return all, nil
}

func (r *rows) InsertBlock(_ context.Context, b *storage.Block) error {
	user, blocked := r.userKey(b.UserID), r.userKey(b.BlockedID)
	r.blocks.Set(pairOf(user, blocked), b.CreatedAt)
	r.blockedBy.Set(pairOf(blocked, user), struct{}{})
	return nil
}

func (r *rows) DeleteBlock(_ context.Context, user, other storage.UserID) error {
	r.removeBlock(pairOf(r.userKey(user), r.userKey(other)))
	return nil
}

func (s *state) removeBlock(p pair) {
	s.blocks.Delete(p)
	s.blockedBy.Delete(pairOf(p.minor(), p.major()))
}

// removeBlocks takes away the blocks of a user and against it.
func (s *state) removeBlocks(user key) {
	var all []pair
	for p := range within(&s.blocks, spanOf(user), false) {
		all = append(all, p)
	}
	for p := range within(&s.blockedBy, spanOf(user), false) {
		all = append(all, pairOf(p.minor(), user))
	}
	for _, p := range all {
		s.removeBlock(p)
	}
}
