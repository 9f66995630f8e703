package storagetest

// Lists of receipts.

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) receiptPages(m storage.MessageID) pages[storage.ReadReceipt] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.ReadReceipt], error) {
		return f.ReadReceipts(f.ctx, storage.ReceiptQuery{Message: m, Limit: limit, Cursor: c})
	}
}

// readers makes users, members of a room who have read nothing.
func (f *fixture) readers(room storage.RoomID, n int) []storage.UserID {
	f.t.Helper()
	var users []storage.UserID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range n {
			u := storage.User{Username: fmt.Sprint("reader", i)}
			require.NoError(f.t, tx.CreateUser(ctx, &u))
			users = append(users, u.ID)
		}
		_, err := tx.AddMembers(ctx, room, 0, users...)
		require.NoError(f.t, err)
		for _, user := range users {
			require.NoError(f.t, tx.MarkUnread(ctx, room, user, storage.AtSeq(1)))
		}
	})
	return users
}

// audience is a message that many have read, in three ways and not in the order in
// which they came.
func (f *fixture) audience() (m storage.Message, want []storage.ReadReceipt) {
	f.t.Helper()
	c := f.circle()
	m = f.say(c.room, c.ann, "x")
	users := f.readers(c.room, 9)
	for i := range users {
		user := users[i*4%len(users)]
		switch i % 3 {
		case 0:
			f.markRead(c.room, user, storage.Anchor{})
		case 1:
			require.NoError(f.t, f.AddReadReceipt(f.ctx, m.ID, user))
		default:
			f.say(c.room, user, "y")
		}
		want = append(want, f.readBy(user))
		if i == 3 || i == 6 {
			f.clock.advance(time.Minute)
		}
	}
	slices.SortFunc(want, func(a, b storage.ReadReceipt) int {
		if n := a.ReadAt.Compare(b.ReadAt); n != 0 {
			return n
		}
		return a.UserID.Compare(b.UserID)
	})
	return m, want
}

func testReceiptOrder(t *testing.T, f *fixture) {
	m, want := f.audience()
	f.wantReceipts(m, want...)
}

func testReceiptPages(t *testing.T, f *fixture) {
	m, want := f.audience()
	wantList(t, want, f.receiptPages(m.ID))
	wantOtherLimit(t, want, f.receiptPages(m.ID))
	f.unsay(m)
	wantList(t, want, f.receiptPages(m.ID))
	alone := f.say(m.RoomID, m.AuthorID, "unread")
	wantList(t, nil, f.receiptPages(alone.ID))
}

func testReceiptInvalid(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	for field, q := range map[string]storage.ReceiptQuery{
		"Message": {}, "Limit": {Message: m.ID, Limit: -1}, "Cursor": {Message: m.ID, Cursor: "x"},
	} {
		page, err := f.ReadReceipts(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		require.Zero(t, page)
	}
	_, err := f.ReadReceipts(f.ctx, storage.ReceiptQuery{Message: id[storage.Message](9), Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
}

func testReceiptLimits(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	users := f.readers(c.room, storage.MaxLimit+1)
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for _, user := range users {
			require.NoError(t, tx.MarkRead(ctx, c.room, user, storage.Anchor{}))
		}
	})
	wantLimits(t, f.receiptPages(m.ID))
}

func testReceiptCursors(t *testing.T, f *fixture) {
	m, _ := f.audience()
	read := f.receiptPages(m.ID)
	wantTampered(t, read, next(t, read))
	other := f.say(m.RoomID, m.AuthorID, "z")
	f.react(other.ID, m.AuthorID, "a")
	f.react(other.ID, m.AuthorID, "b")
	members := list(f, f.Memberships, storage.MembershipQuery{Room: m.RoomID})
	for _, member := range members[1:] {
		f.markRead(m.RoomID, member.UserID, storage.Anchor{})
	}
	wantForeign(t, read,
		next(t, f.receiptPages(other.ID)),
		next(t, f.reactionPages(storage.ReactionQuery{Message: other.ID})),
		next(t, f.memberPages(storage.MembershipQuery{Room: m.RoomID})),
	)
}

func testReceiptWalk(t *testing.T, f *fixture) {
	m, want := f.audience()
	read := f.receiptPages(m.ID)
	first, err := read(3, "")
	require.NoError(t, err)
	require.Equal(t, want[:3], first.Items)
	require.NoError(t, f.DeleteUser(f.ctx, want[2].UserID)) // where the cursor stands
	require.NoError(t, f.DeleteUser(f.ctx, want[4].UserID))
	f.clock.advance(time.Minute)
	bob, err := f.UserByUsername(f.ctx, "bob")
	require.NoError(t, err)
	f.markRead(m.RoomID, bob.ID, storage.Anchor{})
	second, err := read(20, first.Next)
	require.NoError(t, err)
	require.Equal(t, append(slices.Concat(want[3:4], want[5:]), f.readBy(bob.ID)), second.Items)
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, want[:2], back.Items)
}

func testReceiptSnapshot(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureConcurrentViews) {
		t.Log("left out: writers wait for readers")
		return
	}
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		look := func() []any {
			unread, err := r.Unread(ctx, c.room, c.bob)
			require.NoError(t, err)
			inbox, err := r.Inbox(ctx, storage.InboxQuery{User: c.bob})
			require.NoError(t, err)
			receipts, err := r.ReadReceipts(ctx, storage.ReceiptQuery{Message: m.ID})
			require.NoError(t, err)
			return []any{unread, inbox, receipts}
		}
		before := look()
		f.say(c.room, c.ann, "y")
		f.markRead(c.room, c.bob, storage.Anchor{})
		f.unsay(m)
		require.Equal(t, before, look())
		return nil
	}))
	f.wantReceipts(m, f.readBy(c.bob))
	f.wantUnread(c.room, c.bob, 0)
}
