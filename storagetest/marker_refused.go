package storagetest

// Markers that stay where they are.

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testMarkerInvalid(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	for _, bad := range []storage.Anchor{
		storage.AtSeq(-1), storage.AtSeq(math.MinInt64), {ID: m.ID, Seq: m.Seq}, {ID: m.ID, Seq: -1},
	} {
		f.refused(t, func() error { return f.MarkRead(f.ctx, c.room, c.bob, bad) }, storage.ErrInvalid, "upTo")
		f.refused(t, func() error { return f.MarkUnread(f.ctx, c.room, c.bob, bad) }, storage.ErrInvalid, "from")
		f.refused(t, func() error { return f.MarkRead(f.ctx, nowhere, nobody, bad) }, storage.ErrInvalid, "upTo")
		f.refused(t, func() error { return f.MarkUnread(f.ctx, nowhere, nobody, bad) }, storage.ErrInvalid, "from")
	}
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.refused(t, func() error { return f.MarkUnread(f.ctx, c.room, c.bob, storage.Anchor{}) }, storage.ErrInvalid, "from")
	f.wantMarker(1, c.room, c.bob)
}

func testMarkerUnknownAnchor(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	other, lost := f.room("attic", c.bob), f.room("shed", c.bob)
	elsewhere, wiped, swept := f.say(other.ID, c.bob, "x"), f.say(other.ID, c.bob, "y"), f.say(lost.ID, c.bob, "z")
	f.wipe(wiped)
	require.NoError(t, f.DeleteRoom(f.ctx, lost.ID))
	for name, id := range map[string]storage.MessageID{
		"of nothing": id[storage.Message](9), "of another room": elsewhere.ID,
		"purged in another room": wiped.ID, "of a deleted room": swept.ID,
	} {
		for _, call := range []func(context.Context, storage.RoomID, storage.UserID, storage.Anchor) error{f.MarkRead, f.MarkUnread} {
			e := f.refused(t, func() error { return call(f.ctx, c.room, c.bob, storage.At(id)) }, storage.ErrNotFound)
			require.Equal(t, storage.EntityMessage, e.Entity, name)
		}
	}
	f.wantUnread(c.room, c.bob, 0, ms[2])
}

func testMarkerNoMember(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	dan, lost := f.user("dan"), f.room("shed", c.ann)
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.leave(c.room, c.bob)
	require.NoError(t, f.DeleteRoom(f.ctx, lost.ID))
	for name, who := range map[string]struct {
		room storage.RoomID
		user storage.UserID
	}{
		"a stranger": {c.room, dan.ID}, "who has left": {c.room, c.bob}, "nobody": {c.room, nobody},
		"of no room": {nowhere, c.ann}, "of a deleted room": {lost.ID, c.ann}, "the zero room": {user: c.ann}, "the zero user": {room: c.room},
	} {
		for _, anchor := range []storage.Anchor{storage.AtSeq(1), storage.At(m.ID)} {
			f.refused(t, func() error { return f.MarkRead(f.ctx, who.room, who.user, anchor) }, storage.ErrNotFound)
			f.refused(t, func() error { return f.MarkUnread(f.ctx, who.room, who.user, anchor) }, storage.ErrNotFound)
		}
		f.refused(t, func() error { return f.MarkRead(f.ctx, who.room, who.user, storage.Anchor{}) }, storage.ErrNotFound)
		_, err := f.Unread(f.ctx, who.room, who.user)
		require.ErrorIs(t, err, storage.ErrNotFound, "Unread of %s", name)
		_, err = f.unreadMessages(f.ctx, storage.UnreadQuery{Room: who.room, User: who.user})
		require.ErrorIs(t, err, storage.ErrNotFound, "UnreadMessages of %s", name)
	}
	wantNotFound(t, f.MarkRead(f.ctx, c.room, dan.ID, storage.Anchor{}), storage.EntityMembership)
	wantNotFound(t, f.MarkUnread(f.ctx, c.room, dan.ID, storage.AtSeq(1)), storage.EntityMembership)
	wantNotFound(t, errOf(f.Unread(f.ctx, c.room, dan.ID)), storage.EntityMembership)
}

func testMarkerInactiveRoom(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	require.NoError(t, f.DeactivateRoom(f.ctx, c.room))
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.wantMarker(3, c.room, c.bob)
	f.wantReceipts(ms[0], f.readBy(c.bob))
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 0, ms[1:]...)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[1].ID, c.cid))
	f.wantReceipts(ms[1], f.readBy(c.bob), f.readBy(c.cid))
	_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: c.bob})
	wantForbidden(t, err, storage.ReasonRoomInactive)
	f.wantMarker(1, c.room, c.bob)
}

// Reading leaves the room, the messages, and all of the membership but the
// marker.
func testMarkerLeaves(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.say(c.room, c.ann, "x")
	require.NoError(t, f.UpdateMemberSettings(f.ctx, c.room, c.bob, fullMemberSettings()))
	room, member := f.readRoom(c.room), f.readMember(c.room, c.bob)
	f.clock.advance(time.Minute)
	f.markRead(c.room, c.bob, storage.Anchor{})
	member.ReadSeq = 1
	require.Equal(t, member, f.readMember(c.room, c.bob))
	f.markUnread(c.room, c.bob, storage.At(m.ID))
	member.ReadSeq = 0
	require.Equal(t, member, f.readMember(c.room, c.bob))
	require.NoError(t, f.AddReadReceipt(f.ctx, m.ID, c.bob))
	require.Equal(t, member, f.readMember(c.room, c.bob))
	require.Equal(t, room, f.readRoom(c.room))
	require.Equal(t, m, f.readMessage(m.ID))
}

func testMarkerStays(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.cid)
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	f.clock.advance(time.Minute)
	for name, change := range map[string]func() error{
		"SetMemberRole":        func() error { return f.SetMemberRole(f.ctx, c.room, c.bob, storage.MemberModerator) },
		"UpdateMemberSettings": func() error { return f.UpdateMemberSettings(f.ctx, c.room, c.bob, fullMemberSettings()) },
		"TouchMember":          func() error { return f.TouchMember(f.ctx, c.room, c.bob) },
		"UpdateRoom": func() error {
			return errOf(f.UpdateRoom(f.ctx, c.room, storage.RoomPatch{Topic: new("tea")}))
		},
		"EditMessage": func() error {
			return errOf(f.EditMessage(f.ctx, ms[2].ID, c.bob, storage.MessagePatch{Body: new("y")}))
		},
		"PinMessage":  func() error { return errOf(f.PinMessage(f.ctx, ms[2].ID, c.bob)) },
		"AddReaction": func() error { return errOf(f.AddReaction(f.ctx, ms[2].ID, c.bob, "x")) },
	} {
		require.NoError(t, change(), name)
		f.wantMarker(2, c.room, c.bob)
		f.wantUnread(c.room, c.bob, 0, ms[2])
	}
	require.NoError(t, f.TransferOwnership(f.ctx, c.room, c.ann, c.bob))
	f.wantMarker(2, c.room, c.bob)
	f.wantMarker(0, c.room, c.ann)
	require.NoError(t, f.DeleteUser(f.ctx, c.cid))
	f.wantUnread(c.room, c.bob, 0, ms[2])
	f.wantReceipts(ms[2])
}

func testMarkerRolledBack(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	read := f.readBy(c.bob)
	before := f.dump()
	f.clock.advance(time.Minute)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.MarkRead(ctx, c.room, c.bob, storage.Anchor{}))
		require.NoError(t, tx.MarkUnread(ctx, c.room, c.bob, storage.AtSeq(1)))
		require.NoError(t, tx.AddReadReceipt(ctx, ms[2].ID, c.cid))
		_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: c.room, AuthorID: c.cid})
		require.NoError(t, err)
		require.NoError(t, tx.RemoveMember(ctx, c.room, c.bob))
		return errUndo
	}), errUndo)
	require.Equal(t, before, f.dump())
	f.wantMarker(1, c.room, c.bob)
	f.wantMarker(0, c.room, c.cid)
	f.wantReceipts(ms[0], read)
	f.wantReceipts(ms[2])
	f.wantUnread(c.room, c.bob, 0, ms[1:]...)
}

func testMarkerReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(3))
	f.say(c.room, c.bob, "mine")
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.wipe(f.say(c.room, c.cid, "theirs"))
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[3].ID, c.cid))
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	f.wantMarker(1, c.room, c.bob)
	f.wantMarker(6, c.room, c.cid)
	f.wantUnread(c.room, c.bob, 0, ms[1:]...)
	f.wantReceipts(ms[3], f.readBy(c.bob), f.readBy(c.cid))
}

// While some write, others read: in the end, everything adds up.
func testMarkerRacers(t *testing.T, f *fixture) {
	c := f.circle()
	for _, err := range race(racers, func(i int) error {
		user := []storage.UserID{c.ann, c.bob, c.cid}[i%3]
		for n := range rounds {
			var err error
			switch (i + n) % 4 {
			case 0:
				err = f.MarkRead(f.ctx, c.room, user, storage.Anchor{})
			case 1:
				err = f.MarkUnread(f.ctx, c.room, user, storage.AtSeq(2))
			default:
				_, err = f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: user, MentionsAll: n%2 == 0})
			}
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err)
	}
	for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
		require.Equal(t, f.recounted(c.room, user), f.unread(c.room, user))
		f.markRead(c.room, user, storage.Anchor{})
		f.wantUnread(c.room, user, 0)
	}
}
