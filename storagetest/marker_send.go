package storagetest

// What sending does to the sender's marker.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMarkerSending(t *testing.T, f *fixture) {
	c := f.circle()
	theirs := f.saying(2, c.room, c.ann)
	f.wantMarker(2, c.room, c.ann)
	f.wantMarker(0, c.room, c.bob)
	mine := f.say(c.room, c.bob, "mine")
	f.wantMarker(3, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.ann, 0, mine)
	f.wantMarker(2, c.room, c.ann)
	f.wantUnread(c.room, c.cid, 0, append(theirs, mine)...)
	f.say(c.room, c.ann, "theirs")
	f.wantMarker(4, c.room, c.ann)
	f.wantMarker(3, c.room, c.bob)
}

func testMarkerSendingUnread(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.bob, "mine")
	theirs := f.saying(2, c.room, c.ann)
	f.say(c.room, c.bob, "mine")
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantMarker(0, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, theirs...)
	f.say(c.room, c.bob, "mine")
	f.wantMarker(5, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	f.markUnread(c.room, c.bob, storage.AtSeq(5)) // the marker before one's own last message
	f.wantMarker(4, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	f.markUnread(c.room, c.bob, storage.AtSeq(3))
	f.markRead(c.room, c.bob, storage.AtSeq(3))
	f.wantMarker(3, c.room, c.bob)
}

func testMarkerNoMembership(t *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan")
	f.say(c.room, c.ann, "x")
	m := f.say(c.room, dan.ID, "from outside")
	f.say(c.room, storage.UserID{}, "from nobody")
	f.wantMarker(1, c.room, c.ann)
	f.wantMarker(0, c.room, c.bob)
	f.wantReceipts(m)
	member, err := f.IsMember(f.ctx, c.room, dan.ID)
	require.NoError(t, err)
	require.False(t, member)
}

// What was sent before joining, or during an earlier membership, is no marker.
func testMarkerSentBefore(t *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan")
	theirs := f.say(c.room, c.ann, "x")
	f.say(c.room, dan.ID, "from outside")
	f.join(c.room, dan.ID)
	f.wantMarker(2, c.room, dan.ID)
	f.markUnread(c.room, dan.ID, storage.AtSeq(1))
	f.wantMarker(0, c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0, theirs)

	f.say(c.room, dan.ID, "from inside")
	f.leave(c.room, dan.ID)
	f.say(c.room, dan.ID, "from outside again")
	f.join(c.room, dan.ID)
	f.wantMarker(4, c.room, dan.ID)
	f.markUnread(c.room, dan.ID, storage.At(theirs.ID))
	f.wantMarker(0, c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0, theirs)
}

func testMarkerNonce(t *testing.T, f *fixture) {
	c := f.circle()
	first := storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "once", Nonce: "n"}
	request := first
	first = f.send(first)
	f.wantMarker(1, c.room, c.bob)
	theirs := f.say(c.room, c.ann, "x")
	f.sendAgain(first, request)
	f.wantMarker(1, c.room, c.bob)
	f.wantReceipts(theirs)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.sendAgain(first, request)
	f.wantMarker(0, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, theirs)
	f.wipe(first)
	again := f.send(request) // the nonce is free
	f.wantMarker(again.Seq, c.room, c.bob)
}

func testMarkerSendingUnseen(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	f.say(c.room, c.bob, "stillborn", func(m *storage.Message) { m.ExpiresAt = f.now() })
	f.wantMarker(2, c.room, c.bob)
	f.say(c.room, c.cid, "in passing", func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.wantMarker(3, c.room, c.cid)
	f.wantReceipts(m, f.readBy(c.bob), f.readBy(c.cid))
}

func testMarkerImports(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.importing(c.room, c.bob, c.ann, c.bob, storage.UserID{}, c.cid)
	for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
		f.wantMarker(0, c.room, user)
	}
	for _, m := range ms {
		f.wantReceipts(m)
	}
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3], ms[4])
	f.wantUnread(c.room, c.ann, 0, ms[0], ms[2], ms[3], ms[4])
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	f.wantMarker(2, c.room, c.bob)
	f.wantReceipts(ms[0])
	f.wantReceipts(ms[1], f.readBy(c.bob))
	f.wantUnread(c.room, c.bob, 0, ms[3], ms[4])
}

func testMarkerImportsAmong(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.bob, "1")
	two := f.importing(c.room, c.bob, c.ann)
	f.wantMarker(1, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, two[1])
	f.clock.advance(time.Minute)
	f.say(c.room, c.bob, "4")
	f.wantMarker(4, c.room, c.bob)
	f.wantReceipts(two[1], f.readBy(c.bob))
	more := f.importing(c.room, c.bob, c.ann, c.bob)
	f.wantMarker(4, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, more[1])
	f.wipe(more[0])
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.importing(c.room, c.bob)
	f.wantMarker(1, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, two[1], more[1])
	f.markRead(c.room, c.bob, storage.At(more[2].ID))
	f.wantMarker(7, c.room, c.bob)
}

// A marker stays where a message of one's own had moved it, whatever becomes of
// that.
func testMarkerOwnGone(t *testing.T, f *fixture) {
	c := f.circle()
	theirs := f.say(c.room, c.ann, "x")
	for i, end := range []func(storage.Message){
		f.unsay, f.wipe,
		func(storage.Message) { f.clock.advance(time.Hour) },
		func(m storage.Message) { f.unsay(m); f.wipe(m) },
		func(m storage.Message) { f.clock.advance(time.Hour); f.wipe(m) },
	} {
		m := f.say(c.room, c.bob, "mine", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
		f.wantMarker(int64(i)+2, c.room, c.bob)
		end(m)
		f.wantMarker(int64(i)+2, c.room, c.bob)
		f.wantUnread(c.room, c.bob, 0)
	}
	require.Len(t, list(f, f.ReadReceipts, storage.ReceiptQuery{Message: theirs.ID}), 1)
	f.markUnread(c.room, c.bob, storage.AtSeq(4))
	f.wantMarker(3, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	f.leave(c.room, c.bob)
	f.join(c.room, c.bob)
	f.wantMarker(6, c.room, c.bob)
}
