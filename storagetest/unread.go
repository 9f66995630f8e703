package storagetest

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var unreadCases = []testCase{
	{"messages of others", testUnreadOthers},
	{"own messages", testUnreadOwn},
	{"types", testUnreadTypes},
	{"tombstones", testUnreadTombstones},
	{"mentions", testUnreadMentions},
	{"mentions edited", testUnreadEdited},
	{"mentions go", testUnreadMentionsGone},
	{"expiry", testUnreadExpiry},
	{"expiry of what is gone", testUnreadExpiryGone},
	{"purges", testUnreadPurged},
	{"purges before the marker", testUnreadPurgedRead},
	{"marker at a purged message", testUnreadMarkerPurged},
	{"marker moves over all kinds", testUnreadMarkerMoves},
	{"imports", testUnreadImports},
	{"joining late", testUnreadJoiningLate},
	{"leaving and joining again", testUnreadJoiningAgain},
	{"the author is deleted", testUnreadDeletedUsers},
	{"the first", testUnreadFirst},
	{"in one transaction", testUnreadInTx},
	{"list", testUnreadList},
	{"list is of the viewer", testUnreadViewer},
	{"list in pages", testUnreadPages},
	{"list while the marker moves", testUnreadWalk},
	{"list refused", testUnreadRefused},
	{"any history", testUnreadHistory},
}

func testUnreadOthers(t *testing.T, f *fixture) {
	c := f.circle()
	f.wantUnread(c.room, c.bob, 0)
	m1 := f.say(c.room, c.ann, "1")
	f.wantUnread(c.room, c.bob, 0, m1)
	m2 := f.say(c.room, c.cid, "2")
	m3 := f.say(c.room, storage.UserID{}, "from nobody")
	f.wantUnread(c.room, c.bob, 0, m1, m2, m3)
	f.wantUnread(c.room, c.cid, 0, m3)
	f.wantUnread(c.room, c.ann, 0, m2, m3)
	other := f.room("attic", c.bob)
	f.join(other.ID, c.ann)
	elsewhere := f.say(other.ID, c.ann, "x")
	f.wantUnread(other.ID, c.bob, 0, elsewhere)
	f.wantUnread(c.room, c.bob, 0, m1, m2, m3)
	f.markRead(c.room, c.bob, storage.At(m2.ID))
	f.wantUnread(c.room, c.bob, 0, m3)
	f.wantUnread(other.ID, c.bob, 0, elsewhere)
}

func testUnreadOwn(t *testing.T, f *fixture) {
	c := f.circle()
	m1 := f.say(c.room, c.ann, "1")
	f.say(c.room, c.bob, "mine", func(m *storage.Message) { m.Mentions, m.MentionsAll = []storage.UserID{c.bob}, true })
	m3 := f.say(c.room, c.ann, "3")
	f.say(c.room, c.bob, "mine")
	m5 := f.say(c.room, c.ann, "5")
	f.wantUnread(c.room, c.bob, 0, m5)
	f.markUnread(c.room, c.bob, storage.AtSeq(4))
	f.wantUnread(c.room, c.bob, 0, m5)
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 0, m3, m5)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0, m1, m3, m5)
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 0, m3, m5)
}

func testUnreadTypes(t *testing.T, f *fixture) {
	c := f.circle()
	var unread []storage.Message
	for kind := storage.MessageText; kind.Valid(); kind++ {
		m := f.say(c.room, c.ann, "x", func(m *storage.Message) { m.Type, m.MentionsAll = kind, kind == storage.MessageSystem })
		if kind != storage.MessageSystem {
			unread = append(unread, m)
		}
	}
	require.Len(t, unread, 8)
	f.wantUnread(c.room, c.bob, 0, unread...)
	f.say(c.room, c.ann, "x", func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.markRead(c.room, c.bob, storage.At(unread[7].ID))
	f.wantUnread(c.room, c.bob, 0)
}

// Whatever the marker moves over, forward or back, is counted as it is.
func testUnreadMarkerMoves(t *testing.T, f *fixture) {
	c := f.circle()
	var live []storage.Message
	for i := range 24 {
		author := []storage.UserID{c.ann, c.cid, c.bob, {}}[i%4]
		m := f.importing(c.room, author)[0]
		switch i % 7 {
		case 1:
			f.unsay(m)
			continue
		case 3:
			f.wipe(m)
			continue
		case 5:
			m = f.say(c.room, c.ann, "x", func(m *storage.Message) { m.Type = storage.MessageSystem })
		}
		if author != c.bob && m.Type != storage.MessageSystem {
			live = append(live, m)
		}
	}
	beyond := func(marker int64) (unread []storage.Message) {
		for _, m := range f.everCountable(c.room, c.bob) {
			if m.Seq > marker {
				unread = append(unread, m)
			}
		}
		return unread
	}
	require.NotEmpty(t, live)
	last := f.readRoom(c.room).LastSeq
	for _, to := range []int64{3, 4, 9, 15, last - 1, last} {
		f.markRead(c.room, c.bob, storage.AtSeq(to))
		f.wantUnread(c.room, c.bob, 0, beyond(to)...)
	}
	for _, from := range []int64{last, 14, 13, 5, 4, 2, 1} {
		f.markUnread(c.room, c.bob, storage.AtSeq(from))
		f.wantUnread(c.room, c.bob, 0, beyond(from-1)...)
	}
}

func testUnreadImports(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.importing(c.room, c.ann, c.bob, c.cid, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[0], ms[2])
	mine := f.say(c.room, c.bob, "mine")
	f.wantUnread(c.room, c.bob, 0)
	more := f.importing(c.room, c.bob, c.ann)
	f.wantUnread(c.room, c.bob, 0, more[1])
	f.wantUnread(c.room, c.cid, 0, ms[0], ms[1], ms[3], mine, more[0], more[1])
	f.wipe(more[0])
	f.unsay(ms[1])
	f.wantUnread(c.room, c.bob, 0, more[1])
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 0, ms[0], ms[2], more[1])
	f.wantUnread(c.room, c.cid, 0, ms[0], ms[3], mine, more[1])
}

func testUnreadJoiningLate(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	dan := f.user("dan")
	f.unsay(ms[3])
	f.wipe(ms[1])
	f.join(c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0)
	f.unsay(ms[0]) // before he joined
	f.wantUnread(c.room, dan.ID, 0)
	next := f.say(c.room, c.ann, "next")
	f.wantUnread(c.room, dan.ID, 0, next)
	f.wipe(ms[3])
	f.wantUnread(c.room, dan.ID, 0, next)
	f.markUnread(c.room, dan.ID, storage.AtSeq(1))
	f.wantUnread(c.room, dan.ID, 0, ms[2], next)
}

func testUnreadJoiningAgain(t *testing.T, f *fixture) {
	c := f.circle()
	hey := func(m *storage.Message) { m.Mentions = []storage.UserID{c.bob} }
	early := f.say(c.room, c.ann, "hey", hey)
	f.say(c.room, c.bob, "mine")
	f.leave(c.room, c.bob)
	between := f.say(c.room, c.ann, "hey", hey)
	outside := f.say(c.room, c.bob, "from outside")
	wantNotFound(t, errOf(f.Unread(f.ctx, c.room, c.bob)), storage.EntityMembership)
	f.join(c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	late := f.say(c.room, c.ann, "hey", hey)
	f.wantUnread(c.room, c.bob, 1, late)
	f.markUnread(c.room, c.bob, storage.At(between.ID))
	f.wantUnread(c.room, c.bob, 2, between, late)
	f.wipe(outside)
	f.wantUnread(c.room, c.bob, 2, between, late)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantUnread(c.room, c.bob, 3, early, between, late)
}

func testUnreadDeletedUsers(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(2, c.room, c.cid)
	mention := f.say(c.room, c.cid, "hey", func(m *storage.Message) { m.Mentions = []storage.UserID{c.ann, c.bob} })
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	require.NoError(t, f.DeleteUser(f.ctx, c.cid))
	f.wantUnread(c.room, c.bob, 1, ms[1], mention)
	f.wantUnread(c.room, c.ann, 1, ms[0], ms[1], mention)
	wantNotFound(t, errOf(f.Unread(f.ctx, c.room, c.cid)), storage.EntityMembership)
	require.Empty(t, f.inbox(c.cid))

	f.user("cid", func(u *storage.User) { u.ID = c.cid })
	f.join(c.room, c.cid)
	f.wantUnread(c.room, c.cid, 0)
	f.markUnread(c.room, c.cid, storage.AtSeq(1))
	f.wantUnread(c.room, c.cid, 0, ms[0], ms[1], mention) // they are nobody's now
}

func testUnreadFirst(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	require.Equal(t, storage.Unread{Messages: 3, FirstID: ms[1].ID, FirstSeq: 2}, f.unread(c.room, c.bob))
	f.unsay(ms[1])
	require.Equal(t, storage.Unread{Messages: 2, FirstID: ms[2].ID, FirstSeq: 3}, f.unread(c.room, c.bob))
	f.wipe(ms[2])
	require.Equal(t, storage.Unread{Messages: 1, FirstID: ms[3].ID, FirstSeq: 4}, f.unread(c.room, c.bob))
	f.markRead(c.room, c.bob, storage.Anchor{})
	require.Equal(t, storage.Unread{}, f.unread(c.room, c.bob))
}

func testUnreadInTx(t *testing.T, f *fixture) {
	c := f.circle()
	f.saying(2, c.room, c.ann)
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		look := func() int64 {
			u, err := tx.Unread(ctx, c.room, c.bob)
			require.NoError(t, err)
			page, err := tx.Inbox(ctx, storage.InboxQuery{User: c.bob})
			require.NoError(t, err)
			require.Equal(t, u, page.Items[0].Unread)
			return u.Messages
		}
		require.Equal(t, int64(2), look())
		m := storage.Message{RoomID: c.room, AuthorID: c.ann}
		_, err := tx.CreateMessage(ctx, &m)
		require.NoError(t, err)
		require.Equal(t, int64(3), look())
		require.NoError(t, tx.MarkRead(ctx, c.room, c.bob, storage.At(m.ID)))
		require.Zero(t, look())
		require.NoError(t, tx.MarkUnread(ctx, c.room, c.bob, storage.AtSeq(2)))
		require.Equal(t, int64(2), look())
		_, err = tx.PurgeMessage(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, int64(1), look())
		return nil
	}))
	require.Equal(t, int64(1), f.unread(c.room, c.bob).Messages)
}

// everCountable are the messages of a room that can be unread for a member.
func (f *fixture) everCountable(room storage.RoomID, user storage.UserID) (ms []storage.Message) {
	f.t.Helper()
	for _, m := range list(f, f.Messages, storage.MessageQuery{Room: room, Order: storage.OldestFirst}) {
		if m.AuthorID != user && m.Type != storage.MessageSystem {
			ms = append(ms, m)
		}
	}
	return ms
}
