package storagetest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var receiptCases = []testCase{
	{"by reading", testReceiptRead},
	{"by sending", testReceiptSent},
	{"single", testReceiptSingle},
	{"the first time stays", testReceiptFirst},
	{"the author has none", testReceiptAuthor},
	{"unread and read again", testReceiptUnread},
	{"unread before joining", testReceiptBeforeJoining},
	{"leaving", testReceiptLeaving},
	{"leaving and joining again", testReceiptJoiningAgain},
	{"every kind of message", testReceiptKinds},
	{"tombstone", testReceiptTombstone},
	{"purged message", testReceiptPurged},
	{"purged message of the reader", testReceiptPurgedOwn},
	{"expired message", testReceiptExpired},
	{"deleted users", testReceiptDeletedUsers},
	{"deleted room", testReceiptDeletedRoom},
	{"unknown message and reader", testReceiptUnknown},
	{"order under equal times", testReceiptOrder},
	{"pages", testReceiptPages},
	{"invalid queries", testReceiptInvalid},
	{"limits", testReceiptLimits},
	{"cursors", testReceiptCursors},
	{"walk while readers come and go", testReceiptWalk},
	{"snapshot", testReceiptSnapshot},
}

func testReceiptRead(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.wantReceipts(ms[0])
	f.clock.advance(time.Minute)
	f.markRead(c.room, c.bob, storage.At(ms[1].ID))
	bob := f.readBy(c.bob)
	f.wantReceipts(ms[0], bob)
	f.wantReceipts(ms[1], bob)
	f.wantReceipts(ms[2])
	f.clock.advance(time.Minute)
	f.markRead(c.room, c.cid, storage.Anchor{})
	cid := f.readBy(c.cid)
	f.clock.advance(time.Minute)
	f.markRead(c.room, c.bob, storage.AtSeq(99))
	f.wantReceipts(ms[0], bob, cid)
	f.wantReceipts(ms[1], bob, cid)
	f.wantReceipts(ms[2], cid, f.readBy(c.bob))
	f.wantReceipts(f.say(c.room, c.ann, "next")) // beyond the end was the end as it was
}

func testReceiptSent(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.ann)
	f.clock.advance(time.Minute)
	answer := f.say(c.room, c.bob, "answer")
	bob := f.readBy(c.bob)
	f.wantReceipts(ms[0], bob)
	f.wantReceipts(ms[1], bob)
	f.wantReceipts(answer)
	f.clock.advance(time.Minute)
	f.say(c.room, c.ann, "thanks")
	f.wantReceipts(answer, f.readBy(c.ann))
	f.say(c.room, c.bob, "so be it")
	f.wantReceipts(ms[1], bob)
	f.clock.advance(time.Minute)
	f.say(c.room, c.cid, "what was it")
	f.wantReceipts(ms[0], bob, f.readBy(c.cid))
}

func testReceiptSingle(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.bob))
	single := f.readBy(c.bob)
	f.wantReceipts(ms[0])
	f.wantReceipts(ms[1], single)
	f.wantReceipts(ms[2])
	f.wantMarker(0, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms...)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.cid))
	f.wantReceipts(ms[1], single, f.readBy(c.cid))
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[2].ID, c.bob))
	f.wantReceipts(ms[2], f.readBy(c.bob))
}

func testReceiptFirst(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.bob))
	single := f.readBy(c.bob)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.bob))
	f.wantReceipts(ms[1], single) // again
	f.markRead(c.room, c.bob, storage.Anchor{})
	ranged := f.readBy(c.bob)
	f.wantReceipts(ms[0], ranged)
	f.wantReceipts(ms[1], single)
	f.wantReceipts(ms[2], ranged)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[0].ID, c.bob))
	f.wantReceipts(ms[0], ranged)
	f.say(c.room, c.bob, "answer")
	f.wantReceipts(ms[0], ranged)
	f.wantReceipts(ms[1], single)
}

func testReceiptAuthor(t *testing.T, f *fixture) {
	c := f.circle()
	mine := f.say(c.room, c.bob, "mine")
	imported := f.importing(c.room, c.bob, c.ann, c.bob)
	require.NoError(t, f.AddReadReceipt(f.ctx, mine.ID, c.bob))
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.markRead(c.room, c.bob, storage.Anchor{})
	require.NoError(t, f.AddReadReceipt(f.ctx, imported[0].ID, c.bob))
	f.wantReceipts(mine)
	f.wantReceipts(imported[0])
	f.wantReceipts(imported[1], f.readBy(c.bob))
	f.wantReceipts(imported[2])
	f.markRead(c.room, c.ann, storage.Anchor{})
	f.wantReceipts(imported[1], f.readBy(c.bob))
	f.wantReceipts(imported[2], f.readBy(c.ann))
	f.unsay(imported[0])
	f.wantReceipts(imported[0], f.readBy(c.ann))
	require.NoError(t, f.AddReadReceipt(f.ctx, imported[0].ID, c.bob))
	f.wantReceipts(imported[0], f.readBy(c.ann))
}

func testReceiptUnread(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	var at [6]storage.ReadReceipt // what was read in which minute
	upTo := func(minute int, seq int64) {
		f.clock.advance(time.Minute)
		at[minute] = f.readBy(c.bob)
		f.markRead(c.room, c.bob, storage.AtSeq(seq))
	}
	upTo(1, 3)
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	for _, m := range ms[:3] {
		f.wantReceipts(m, at[1])
	}
	upTo(2, 2)
	upTo(3, 4)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	upTo(4, 1)
	upTo(5, 5)
	for i, minute := range []int{1, 1, 1, 3, 5} {
		f.wantReceipts(ms[i], at[minute])
	}
	f.markUnread(c.room, c.bob, storage.AtSeq(3))
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[3].ID, c.bob))
	f.say(c.room, c.bob, "answer")
	for i, minute := range []int{1, 1, 1, 3, 5} {
		f.wantReceipts(ms[i], at[minute])
	}
}

func testReceiptBeforeJoining(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	dan := f.user("dan")
	f.join(c.room, dan.ID)
	for _, m := range ms {
		f.wantReceipts(m) // the marker stands beyond, but nothing passed
	}
	f.markRead(c.room, dan.ID, storage.Anchor{})
	f.wantReceipts(ms[3])
	f.clock.advance(time.Minute)
	f.markUnread(c.room, dan.ID, storage.AtSeq(3))
	f.wantReceipts(ms[3])
	f.markRead(c.room, dan.ID, storage.AtSeq(3))
	read := f.readBy(dan.ID)
	f.wantReceipts(ms[1])
	f.wantReceipts(ms[2], read)
	f.wantReceipts(ms[3])
	f.clock.advance(time.Minute)
	f.say(c.room, dan.ID, "here I am")
	f.wantReceipts(ms[1])
	f.wantReceipts(ms[2], read)
	f.wantReceipts(ms[3], f.readBy(dan.ID))
}

func testReceiptLeaving(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[2].ID, c.bob))
	f.say(c.room, c.cid, "x")
	bob, cid := f.readBy(c.bob), f.readBy(c.cid)
	f.clock.advance(time.Minute)
	f.leave(c.room, c.bob)
	f.leave(c.room, c.cid)
	for _, m := range ms {
		f.wantReceipts(m, bob, cid)
	}
	f.refused(t, func() error { return f.AddReadReceipt(f.ctx, ms[1].ID, c.bob) }, storage.ErrNotFound)
}

func testReceiptJoiningAgain(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	first := f.readBy(c.bob)
	f.leave(c.room, c.bob)
	f.clock.advance(time.Minute)
	f.join(c.room, c.bob)
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantReceipts(ms[1], first)
	f.wantReceipts(ms[2])
	f.wantReceipts(ms[3])
	f.clock.advance(time.Minute)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.markRead(c.room, c.bob, storage.AtSeq(3))
	f.wantReceipts(ms[0], first)
	f.wantReceipts(ms[1], first)
	f.wantReceipts(ms[2], f.readBy(c.bob))
	f.wantReceipts(ms[3])
}

func testReceiptKinds(t *testing.T, f *fixture) {
	c := f.circle()
	ms := []storage.Message{
		f.say(c.room, c.ann, "x", func(m *storage.Message) { m.Type = storage.MessageSystem }),
		f.say(c.room, storage.UserID{}, "from nobody"),
		f.say(c.room, c.cid, "secret", func(m *storage.Message) { m.Type = storage.MessageEncrypted }),
		f.say(c.room, c.ann, "later", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) }),
	}
	ms = append(ms, f.importing(c.room, storage.UserID{}, c.cid)...)
	f.clock.advance(time.Minute)
	f.markRead(c.room, c.bob, storage.Anchor{})
	for _, m := range ms {
		got := list(f, f.ReadReceipts, storage.ReceiptQuery{Message: m.ID})
		require.Contains(t, got, f.readBy(c.bob), "Seq %d", m.Seq)
	}
	dan := f.user("dan")
	f.join(c.room, dan.ID)
	for _, m := range ms {
		require.NoError(t, f.AddReadReceipt(f.ctx, m.ID, dan.ID))
		got := list(f, f.ReadReceipts, storage.ReceiptQuery{Message: m.ID})
		require.Contains(t, got, f.readBy(dan.ID), "Seq %d", m.Seq)
	}
}
