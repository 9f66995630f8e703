package storagetest

// UnreadMessages.

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// mixture stores what bob has not read, between what cannot be unread for him.
func (f *fixture) mixture(c circle) (unread []storage.Message) {
	f.t.Helper()
	f.saying(2, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.Anchor{})
	for range 3 {
		unread = append(unread, f.importing(c.room, c.ann)...)
		f.importing(c.room, c.bob, c.bob, c.bob)
		f.say(c.room, c.ann, "system", func(m *storage.Message) { m.Type = storage.MessageSystem })
		f.unsay(f.say(c.room, c.ann, "tombstone"))
		f.wipe(f.say(c.room, c.ann, "purged"))
		f.say(c.room, c.ann, "expired", func(m *storage.Message) { m.ExpiresAt = f.now() })
		unread = append(unread, f.say(c.room, c.cid, "x"))
	}
	f.importing(c.room, c.bob, c.bob)
	return unread
}

func testUnreadList(t *testing.T, f *fixture) {
	c := f.circle()
	require.Empty(t, list(f, f.unreadMessages, storage.UnreadQuery{Room: c.room, User: c.bob}))
	unread := f.mixture(c)
	f.wantUnread(c.room, c.bob, 0, unread...)
	require.Equal(t, unread, list(f, f.unreadMessages, storage.UnreadQuery{Room: c.room, User: c.bob}))
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	require.Len(t, list(f, f.unreadMessages, storage.UnreadQuery{Room: c.room, User: c.bob}), len(unread)+2)
	f.markRead(c.room, c.bob, storage.Anchor{})
	page, err := f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: c.bob})
	require.NoError(t, err)
	require.Zero(t, page)
}

func testUnreadPages(t *testing.T, f *fixture) {
	c := f.circle()
	unread := f.mixture(c)
	for limit := 1; limit < 12; limit++ {
		q := storage.UnreadQuery{Room: c.room, User: c.bob, Limit: limit}
		var there, back []storage.Message
		var last storage.Page[storage.Message]
		for more := true; more; more = last.Next != "" {
			var err error
			last, err = f.unreadMessages(f.ctx, q.WithCursor(last.Next))
			require.NoError(t, err)
			require.LessOrEqual(t, len(last.Items), limit)
			there = append(there, last.Items...)
		}
		require.Equal(t, unread, there, "in pages of %d", limit)
		for back = last.Items; last.Prev != ""; back = append(slices.Clone(last.Items), back...) {
			var err error
			last, err = f.unreadMessages(f.ctx, q.WithCursor(last.Prev))
			require.NoError(t, err)
		}
		require.Equal(t, unread, back, "walked back in pages of %d", limit)
	}
}

func testUnreadWalk(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(7, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	q := storage.UnreadQuery{Room: c.room, User: c.bob, Limit: 2}
	first, err := f.unreadMessages(f.ctx, q)
	require.NoError(t, err)
	require.Equal(t, ms[1:3], first.Items)
	f.markRead(c.room, c.bob, storage.AtSeq(5))
	f.unsay(ms[4])
	second, err := f.unreadMessages(f.ctx, q.WithCursor(first.Next))
	require.NoError(t, err)
	require.Equal(t, []storage.Message{ms[3], ms[5]}, second.Items)
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	back, err := f.unreadMessages(f.ctx, q.WithCursor(second.Prev))
	require.NoError(t, err)
	require.Equal(t, ms[1:3], back.Items)
	require.Empty(t, back.Prev, "before where the marker was for the first page")
	next := f.say(c.room, c.ann, "next")
	third, err := f.unreadMessages(f.ctx, q.WithCursor(second.Next))
	require.NoError(t, err)
	require.Equal(t, []storage.Message{ms[6], next}, third.Items)
	require.Empty(t, third.Next)
}

func testUnreadRefused(t *testing.T, f *fixture) {
	c := f.circle()
	f.saying(3, c.room, c.ann)
	_, err := f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: c.bob, Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
	page, err := f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: c.cid, Limit: 1})
	require.NoError(t, err)
	for _, cursor := range []storage.Cursor{"x", page.Next} {
		_, err = f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: c.bob, Cursor: cursor})
		wantErr(t, err, storage.ErrInvalid, "Cursor")
	}
	dan := f.user("dan")
	page, err = f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: dan.ID})
	wantNotFound(t, err, storage.EntityMembership)
	require.Zero(t, page)
}
