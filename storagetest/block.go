package storagetest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var blockCases = []testCase{
	{"as it is stored", testBlockStored},
	{"one way", testBlockOneWay},
	{"refuses", testBlockRefused},
	{"doing so again", testBlockAgain},
	{"the end of it", testBlockEnd},
	{"a user is deleted", testBlockUserDeleted},
	{"the user is another one", testBlockOtherUser},
	{"what it leaves alone", testBlockLeaves},
	{"list", testBlockList},
	{"list limits", testBlockListLimits},
	{"list cursors", testBlockListCursors},
	{"list while blocks end", testBlockListLive},
	{"list refuses", testBlockListRefused},
	{"changes", testBlockChanges},
	{"changes are the blocker's alone", testBlockSight},
}

func (f *fixture) block(user, other storage.UserID) {
	f.t.Helper()
	require.NoError(f.t, f.BlockUser(f.ctx, user, other))
}

// wantBlocked requires whether a user has blocked another, by every way.
func (f *fixture) wantBlocked(want bool, user, other storage.UserID) {
	f.t.Helper()
	has, err := f.HasBlocked(f.ctx, user, other)
	require.NoError(f.t, err)
	require.Equal(f.t, want, has, "HasBlocked")
	for name, q := range map[string]storage.BlockQuery{
		"of the user": {User: user}, "against the other": {Blocked: other}, "of both": {User: user, Blocked: other},
	} {
		found := slices.ContainsFunc(list(f, f.BlockedUsers, q), func(b storage.Block) bool {
			return b.UserID == user && b.BlockedID == other
		})
		require.Equal(f.t, want, found, "among the blocks %s", name)
	}
}

func testBlockStored(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.wantBlocked(false, ann, bob)
	f.clock.advance(time.Hour)
	f.block(ann, bob)
	want := []storage.Block{{UserID: ann, BlockedID: bob, CreatedAt: f.now()}}
	f.clock.advance(time.Hour)
	for _, q := range []storage.BlockQuery{{User: ann}, {Blocked: bob}, {User: ann, Blocked: bob}} {
		require.Equal(t, want, list(f, f.BlockedUsers, q))
	}
}

func testBlockOneWay(_ *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	f.block(ann, bob)
	f.wantBlocked(true, ann, bob)
	f.wantBlocked(false, bob, ann)
	f.wantBlocked(false, ann, cid)
	f.wantBlocked(false, cid, bob)
	f.block(bob, ann)
	f.wantBlocked(true, ann, bob)
	f.wantBlocked(true, bob, ann)
}

func testBlockRefused(_ *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.block(ann, bob)
	for name, call := range map[string]func(context.Context, storage.UserID, storage.UserID) error{
		"block": f.BlockUser, "unblock": f.UnblockUser,
	} {
		for _, c := range []struct {
			user, other storage.UserID
			kind        error
			field       string
		}{
			{ann, ann, storage.ErrInvalid, "other"},
			{nobody, nobody, storage.ErrInvalid, "other"},
			{storage.UserID{}, storage.UserID{}, storage.ErrInvalid, "other"},
			{ann, nobody, storage.ErrNotFound, "other"},
			{nobody, bob, storage.ErrNotFound, "user"},
			{ann, storage.UserID{}, storage.ErrNotFound, "other"},
			{storage.UserID{}, bob, storage.ErrNotFound, "user"},
		} {
			e := f.refused(f.t, func() error { return call(f.ctx, c.user, c.other) }, c.kind, c.field)
			if c.kind == storage.ErrNotFound {
				require.Equal(f.t, storage.EntityUser, e.Entity, name)
			}
		}
	}
	f.wantBlocked(false, nobody, bob)
	f.wantBlocked(false, bob, nobody)
}

func testBlockAgain(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.block(ann, bob)
	before := f.dump()
	f.clock.advance(time.Hour)
	f.block(ann, bob)
	require.Equal(t, before, f.dump())
	require.NoError(t, f.UnblockUser(f.ctx, bob, ann), "where there is no block")
	require.Equal(t, before, f.dump())
}

func testBlockEnd(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	f.block(ann, bob)
	f.block(bob, ann)
	f.block(ann, cid)
	require.NoError(t, f.UnblockUser(f.ctx, ann, bob))
	f.wantBlocked(false, ann, bob)
	f.wantBlocked(true, bob, ann)
	f.wantBlocked(true, ann, cid)
	f.clock.advance(time.Hour)
	f.block(ann, bob)
	require.Equal(t, f.now(), list(f, f.BlockedUsers, storage.BlockQuery{User: ann})[0].CreatedAt, "of a new block")
}

func testBlockUserDeleted(t *testing.T, f *fixture) {
	ann, bob, cid := f.user("ann").ID, f.user("bob").ID, f.user("cid").ID
	f.block(ann, bob)
	f.block(bob, ann)
	f.block(ann, cid)
	f.block(cid, bob)
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	for _, other := range []storage.UserID{bob, cid} {
		f.wantBlocked(false, ann, other)
		f.wantBlocked(false, other, ann)
	}
	f.wantBlocked(true, cid, bob)
	require.Empty(t, list(f, f.BlockedUsers, storage.BlockQuery{User: bob}))
}

// A later user with the ID of one who was deleted blocks nobody, and nobody
// blocks it.
func testBlockOtherUser(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	f.block(ann, bob)
	f.block(bob, ann)
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	f.user("ann", func(u *storage.User) { u.ID = ann })
	f.wantBlocked(false, ann, bob)
	f.wantBlocked(false, bob, ann)
	f.block(ann, bob)
	f.wantBlocked(true, ann, bob)
}

// It is the server that acts on a block: the store changes nothing else.
func testBlockLeaves(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.direct(ann.ID, bob.ID)
	f.block(ann.ID, bob.ID)
	require.Equal(t, ann, f.readUser(ann.ID))
	require.Equal(t, bob, f.readUser(bob.ID))
	f.say(room.ID, bob.ID, "hello?")
	require.NoError(t, f.DeactivateUser(f.ctx, ann.ID))
	f.wantBlocked(true, ann.ID, bob.ID)
}

func (f *fixture) blockPages(q storage.BlockQuery) pages[storage.Block] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Block], error) {
		q.Limit, q.Cursor = limit, c
		return f.BlockedUsers(f.ctx, q)
	}
}

// quarrel has users block most others, several at a time, and returns the users
// and the blocks.
func (f *fixture) quarrel() (users []storage.UserID, blocks []storage.Block) {
	f.t.Helper()
	for n := range 9 {
		users = append(users, f.user(fmt.Sprint("u", n), func(u *storage.User) { u.ID = id[storage.User](byte(41 * n)) }).ID)
	}
	for n := range 72 {
		user, other := users[n/8], users[n*3%8]
		if user == other {
			continue
		}
		f.block(user, other)
		blocks = append(blocks, storage.Block{UserID: user, BlockedID: other, CreatedAt: f.now()})
		if n%20 == 5 {
			f.clock.advance(time.Microsecond)
		}
	}
	return users, blocks
}

func testBlockList(t *testing.T, f *fixture) {
	users, all := f.quarrel()
	for _, user := range append(users, storage.UserID{}, nobody) {
		for _, blocked := range append(users, storage.UserID{}, nobody) {
			if user.IsZero() && blocked.IsZero() {
				continue
			}
			want := slices.DeleteFunc(slices.Clone(all), func(b storage.Block) bool {
				return !user.IsZero() && b.UserID != user || !blocked.IsZero() && b.BlockedID != blocked
			})
			slices.SortFunc(want, func(a, b storage.Block) int {
				other := b.BlockedID.Compare(a.BlockedID)
				if user.IsZero() {
					other = b.UserID.Compare(a.UserID)
				}
				return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), other)
			})
			read := f.blockPages(storage.BlockQuery{User: user, Blocked: blocked})
			wantWalk(t, want, max(len(want), 1), read)
			wantWalk(t, want, 2, read)
		}
	}
	most := storage.BlockQuery{User: users[7]}
	wantList(t, list(f, f.BlockedUsers, most), f.blockPages(most))
}

func testBlockListLimits(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range storage.MaxLimit + 1 {
			u := storage.User{Username: fmt.Sprint("u", n)}
			require.NoError(t, tx.CreateUser(ctx, &u))
			require.NoError(t, tx.BlockUser(ctx, ann, u.ID))
			require.NoError(t, tx.BlockUser(ctx, u.ID, ann))
		}
	})
	wantLimits(t, f.blockPages(storage.BlockQuery{User: ann}))
	wantLimits(t, f.blockPages(storage.BlockQuery{Blocked: ann}))
}

func testBlockListCursors(t *testing.T, f *fixture) {
	users, _ := f.quarrel()
	of, against := storage.BlockQuery{User: users[7]}, storage.BlockQuery{Blocked: users[5]}
	read := f.blockPages(of)
	wantOtherLimit(t, list(f, f.BlockedUsers, of), read)
	wantTampered(t, read, next(t, read))
	wantForeign(t, read, next(t, f.blockPages(against)), next(t, f.blockPages(storage.BlockQuery{User: users[5]})))
	wantForeign(t, f.blockPages(storage.BlockQuery{Blocked: users[7]}), next(t, read))
}

// A cursor serves on when what it stands at is no longer in the list.
func testBlockListLive(t *testing.T, f *fixture) {
	users, _ := f.quarrel()
	q := storage.BlockQuery{User: users[7]}
	all, read := list(f, f.BlockedUsers, q), f.blockPages(q)
	first := wantPage(t, all, 0, 2, read, "")
	require.NoError(t, f.UnblockUser(f.ctx, users[7], all[1].BlockedID))
	require.NoError(t, f.DeleteUser(f.ctx, all[2].BlockedID))
	second, err := read(1, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[3:4], second.Items)
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:1], back.Items)
}

func testBlockListRefused(t *testing.T, f *fixture) {
	_, err := f.BlockedUsers(f.ctx, storage.BlockQuery{})
	wantErr(t, err, storage.ErrInvalid, "User")
	_, err = f.BlockedUsers(f.ctx, storage.BlockQuery{User: nobody, Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
	_, err = f.BlockedUsers(f.ctx, storage.BlockQuery{User: nobody, Cursor: "x"})
	wantErr(t, err, storage.ErrInvalid)
}

func testBlockChanges(_ *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	block := func() error { return f.BlockUser(f.ctx, ann, bob) }
	unblock := func() error { return f.UnblockUser(f.ctx, ann, bob) }
	blocked := storage.Change{Kind: storage.ChangeUserBlocked, Actor: ann, UserID: ann, OtherID: bob}
	unblocked := storage.Change{Kind: storage.ChangeUserUnblocked, Actor: ann, UserID: ann, OtherID: bob}
	f.makes(unblock)
	f.makes(block, blocked)
	f.makes(block)
	f.makes(unblock, unblocked)
	f.makes(unblock)
	f.makes(block, blocked)
	f.makes(func() error { return f.DeleteUser(f.ctx, bob) }, storage.Change{Kind: storage.ChangeUserDeleted, UserID: bob})
}

// Whom somebody blocks is nobody's to know, not theirs who are blocked either,
// nor of those in the same rooms.
func testBlockSight(_ *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	s.step("ann blocks bob", func() error { return f.BlockUser(f.ctx, c.ann, c.bob) })
	s.step("bob blocks ann", func() error { return f.BlockUser(f.ctx, c.bob, c.ann) })
	s.step("ann relents", func() error { return f.UnblockUser(f.ctx, c.ann, c.bob) })
	s.sees(c.ann, "ann blocks bob", "ann relents")
	s.sees(c.bob, "bob blocks ann")
	s.sees(c.cid)
}
