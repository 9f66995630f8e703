package storagetest

// Receipts where messages, readers or rooms are gone.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// wantNoReceipts requires that nothing can be read or added about a message.
func (f *fixture) wantNoReceipts(m storage.MessageID, reader storage.UserID) {
	f.t.Helper()
	wantNotFound(f.t, errOf(f.ReadReceipts(f.ctx, storage.ReceiptQuery{Message: m})), storage.EntityMessage)
	e := f.refused(f.t, func() error { return f.AddReadReceipt(f.ctx, m, reader) }, storage.ErrNotFound)
	require.Equal(f.t, storage.EntityMessage, e.Entity)
}

func testReceiptTombstone(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	bob := f.readBy(c.bob)
	f.clock.advance(time.Minute)
	for _, m := range ms {
		f.unsay(m)
	}
	f.wantReceipts(ms[0], bob)
	f.wantReceipts(ms[1])
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[0].ID, c.cid))
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[0].ID, c.ann))
	f.wantReceipts(ms[0], bob, f.readBy(c.cid))
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantReceipts(ms[1], f.readBy(c.bob))
}

func testReceiptPurged(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.Anchor{})
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.cid))
	bob := f.readBy(c.bob)
	f.wipe(ms[1])
	f.wantNoReceipts(ms[1].ID, c.bob)
	f.wantNoReceipts(ms[1].ID, c.cid)
	f.wantReceipts(ms[0], bob)
	f.wantReceipts(ms[2], bob)
	f.clock.advance(time.Minute)
	f.markUnread(c.room, c.bob, storage.At(ms[1].ID))
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantReceipts(ms[2], bob)
	f.markRead(c.room, c.cid, storage.Anchor{})
	f.wantReceipts(ms[2], bob, f.readBy(c.cid))
}

// The receipts that a message gave are there after it.
func testReceiptPurgedOwn(t *testing.T, f *fixture) {
	c := f.circle()
	theirs := f.saying(2, c.room, c.ann)
	mine := f.say(c.room, c.bob, "mine")
	bob := f.readBy(c.bob)
	f.clock.advance(time.Minute)
	last := f.say(c.room, c.cid, "x")
	cid := f.readBy(c.cid)
	f.unsay(last)
	f.wipe(mine)
	f.wipe(last)
	f.wantReceipts(theirs[0], bob, cid)
	f.wantReceipts(theirs[1], bob, cid)
	f.clock.advance(time.Minute)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.say(c.room, c.bob, "mine again")
	f.wantReceipts(theirs[0], bob, cid)
	f.leave(c.room, c.bob)
	f.wantReceipts(theirs[1], bob, cid)
}

func testReceiptExpired(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "soon over", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	f.markRead(c.room, c.bob, storage.Anchor{})
	bob := f.readBy(c.bob)
	f.clock.advance(time.Minute - time.Microsecond)
	f.wantReceipts(m, bob)
	require.NoError(t, f.AddReadReceipt(f.ctx, m.ID, c.cid))
	f.clock.advance(time.Microsecond)
	f.wantNoReceipts(m.ID, c.cid)
	f.markRead(c.room, c.cid, storage.At(m.ID))
	f.wantMarker(1, c.room, c.cid)
}

func testReceiptDeletedUsers(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.bob))
	f.markRead(c.room, c.cid, storage.Anchor{})
	cid := f.readBy(c.cid)
	dan := f.user("dan")
	f.join(c.room, dan.ID)
	f.markUnread(c.room, dan.ID, storage.AtSeq(1))
	f.say(c.room, dan.ID, "x")
	f.leave(c.room, dan.ID)
	require.NoError(t, f.DeleteUser(f.ctx, c.bob))
	require.NoError(t, f.DeleteUser(f.ctx, dan.ID))
	f.wantReceipts(ms[0], cid)
	f.wantReceipts(ms[1], cid)

	f.user("bob", func(u *storage.User) { u.ID = c.bob })
	f.join(c.room, c.bob)
	f.wantReceipts(ms[0], cid)
	f.clock.advance(time.Minute)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantReceipts(ms[0], cid, f.readBy(c.bob))
	f.wantReceipts(ms[1], cid, f.readBy(c.bob))

	again := f.readBy(c.bob)
	require.NoError(t, f.DeleteUser(f.ctx, c.ann)) // the author
	f.wantReceipts(ms[0], cid, again)
}

func testReceiptDeletedRoom(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	f.markRead(c.room, c.bob, storage.Anchor{})
	other := f.room("attic", c.bob)
	kept := f.say(other.ID, c.ann, "y")
	f.markRead(other.ID, c.bob, storage.Anchor{})
	require.NoError(t, f.DeleteRoom(f.ctx, c.room))
	f.wantNoReceipts(m.ID, c.bob)
	f.wantReceipts(kept, f.readBy(c.bob))
	f.room("hall", c.bob, func(r *storage.Room) { r.ID = c.room })
	again := f.say(c.room, c.ann, "x")
	f.wantReceipts(again)
	f.wantMarker(0, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, again)
}

func testReceiptUnknown(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	dan := f.user("dan")
	f.wantNoReceipts(id[storage.Message](9), c.bob)
	wantNotFound(t, f.AddReadReceipt(f.ctx, storage.MessageID{}, c.bob), storage.EntityMessage)
	for name, user := range map[string]storage.UserID{"a stranger": dan.ID, "nobody": nobody, "the zero user": {}} {
		e := f.refused(t, func() error { return f.AddReadReceipt(f.ctx, m.ID, user) }, storage.ErrNotFound)
		require.NotEqual(t, storage.EntityMessage, e.Entity, name)
	}
	outside := f.say(c.room, dan.ID, "from outside")
	f.refused(t, func() error { return f.AddReadReceipt(f.ctx, outside.ID, dan.ID) }, storage.ErrNotFound) // though it would get none
	f.wantReceipts(m)
}
