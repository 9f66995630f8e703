package storagetest

// What is unread once messages go.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testUnreadTombstones(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	system := f.say(c.room, c.ann, "x", func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.unsay(ms[1])
	f.wantUnread(c.room, c.bob, 0, ms[0], ms[2], ms[3], ms[4])
	f.unsay(ms[1]) // again
	f.unsay(ms[0])
	f.unsay(system)
	f.wantUnread(c.room, c.bob, 0, ms[2:]...)
	f.markRead(c.room, c.bob, storage.At(ms[2].ID))
	f.unsay(ms[2]) // read already
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.unsay(ms[4])
	f.unsay(ms[3])
	f.wantUnread(c.room, c.bob, 0)
	mine := f.say(c.room, c.bob, "mine")
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.unsay(mine)
	f.wantUnread(c.room, c.bob, 0)
}

func testUnreadPurged(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	mine := f.importing(c.room, c.bob)[0]
	f.wipe(ms[0])
	f.wantUnread(c.room, c.bob, 0, ms[1:]...)
	f.unsay(ms[2])
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3], ms[4])
	f.wipe(ms[2]) // which had been taken away from the count
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3], ms[4])
	f.wipe(mine)
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3], ms[4])
	f.wipe(ms[4])
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3])
	next := f.say(c.room, c.ann, "next")
	f.wantUnread(c.room, c.bob, 0, ms[1], ms[3], next)
	require.Equal(t, int64(7), next.Seq)
}

func testUnreadPurgedRead(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(6, c.room, c.ann)
	f.unsay(ms[1])
	f.markRead(c.room, c.bob, storage.AtSeq(4))
	for _, i := range []int{0, 1, 2} {
		f.wipe(ms[i])
		f.wantUnread(c.room, c.bob, 0, ms[4:]...)
	}
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.markRead(c.room, c.bob, storage.At(ms[2].ID))
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
}

func testUnreadMarkerPurged(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(6, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.At(ms[2].ID))
	f.wipe(ms[2])
	f.wantMarker(3, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.wipe(ms[1])
	f.wipe(ms[3])
	f.wantUnread(c.room, c.bob, 0, ms[4:]...)
	f.markRead(c.room, c.bob, storage.At(ms[3].ID))
	f.wantMarker(4, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[4:]...)
	for _, i := range []int{0, 4, 5} {
		f.wipe(ms[i])
	}
	f.wantUnread(c.room, c.bob, 0) // nothing is left at all
	f.wantMarker(4, c.room, c.bob)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.bob, 0, f.say(c.room, c.ann, "new"))
}

func testUnreadExpiry(t *testing.T, f *fixture) {
	c := f.circle()
	ms := []storage.Message{f.say(c.room, c.ann, "stays")}
	for i := range 3 {
		ms = append(ms, f.say(c.room, c.ann, "goes", func(m *storage.Message) {
			m.ExpiresAt = f.now().Add(time.Duration(i+1) * time.Minute)
			m.MentionsAll, m.Mentions = i > 0, []storage.UserID{c.bob, c.cid}[:i]
		}))
	}
	f.wantUnread(c.room, c.bob, 2, ms...)
	f.clock.advance(time.Minute - time.Microsecond)
	f.wantUnread(c.room, c.bob, 2, ms...)
	f.clock.advance(time.Microsecond)
	f.wantUnread(c.room, c.bob, 2, ms[0], ms[2], ms[3])
	f.markRead(c.room, c.bob, storage.At(ms[0].ID))
	f.wantUnread(c.room, c.bob, 2, ms[2:]...)
	f.clock.advance(time.Minute)
	f.wantUnread(c.room, c.bob, 1, ms[3])
	f.clock.advance(time.Minute)
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.cid, 0, ms[0])
	f.clock.advance(-time.Minute) // a clock may be put back
	f.wantUnread(c.room, c.bob, 1, ms[3])
	f.clock.advance(time.Hour)
	f.wantUnread(c.room, c.bob, 0, f.say(c.room, c.ann, "new"))
}

func testUnreadExpiryGone(t *testing.T, f *fixture) {
	c := f.circle()
	soon := func(m *storage.Message) { m.ExpiresAt, m.MentionsAll = f.now().Add(time.Minute), true }
	stays := f.say(c.room, c.ann, "stays")
	deleted, wiped := f.say(c.room, c.ann, "deleted first", soon), f.say(c.room, c.ann, "wiped first", soon)
	f.say(c.room, c.ann, "system", soon, func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.importing(c.room, c.bob)
	read, late := f.say(c.room, c.ann, "expires", soon), f.say(c.room, c.ann, "wiped later", soon)
	f.unsay(deleted)
	f.wipe(wiped)
	f.wantUnread(c.room, c.bob, 2, stays, read, late)
	f.markRead(c.room, c.bob, storage.At(read.ID))
	f.wantUnread(c.room, c.bob, 1, late)
	f.clock.advance(time.Minute)
	f.wantUnread(c.room, c.bob, 0)
	f.wipe(late)
	f.wipe(read)
	f.wantUnread(c.room, c.bob, 0)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0, stays)
	f.wipe(deleted)
	f.wantUnread(c.room, c.bob, 0, stays)
}
