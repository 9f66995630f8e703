package storagetest

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var markerCases = []testCase{
	{"joining", testMarkerJoining},
	{"joining again", testMarkerJoiningAgain},
	{"joining after what is gone", testMarkerJoiningGone},
	{"several join", testMarkerAddMembers},
	{"read", testMarkRead},
	{"read an empty room", testMarkReadEmpty},
	{"read up to what is gone", testMarkReadGone},
	{"unread", testMarkUnread},
	{"unread before joining", testMarkUnreadBeforeJoining},
	{"unread from what is gone", testMarkUnreadGone},
	{"invalid anchors", testMarkerInvalid},
	{"unknown anchors", testMarkerUnknownAnchor},
	{"who is no member", testMarkerNoMember},
	{"inactive room", testMarkerInactiveRoom},
	{"nothing else changes", testMarkerLeaves},
	{"membership changes leave it", testMarkerStays},
	{"sending", testMarkerSending},
	{"sending after unread", testMarkerSendingUnread},
	{"sending without a membership", testMarkerNoMembership},
	{"sending, then joining", testMarkerSentBefore},
	{"sending again", testMarkerNonce},
	{"sending what nobody sees", testMarkerSendingUnseen},
	{"imports", testMarkerImports},
	{"imports among sends", testMarkerImportsAmong},
	{"own messages go", testMarkerOwnGone},
	{"rolled back", testMarkerRolledBack},
	{"reopen", testMarkerReopen},
}

func testMarkerJoining(t *testing.T, f *fixture) {
	c := f.circle()
	for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
		f.wantMarker(0, c.room, user)
	}
	f.saying(2, c.room, storage.UserID{})
	dan := f.user("dan")
	m := f.join(c.room, dan.ID)
	require.Equal(t, int64(2), m.ReadSeq, "ReadSeq after AddMember")
	f.wantMarker(2, c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0)
	f.wantMarker(0, c.room, c.bob)
}

func testMarkerJoiningAgain(t *testing.T, f *fixture) {
	c := f.circle()
	f.saying(3, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	f.leave(c.room, c.bob)
	f.saying(2, c.room, c.ann)
	require.Equal(t, int64(5), f.join(c.room, c.bob).ReadSeq)
	f.wantMarker(5, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)

	f.say(c.room, c.bob, "mine")
	f.markUnread(c.room, c.bob, storage.AtSeq(2))
	f.leave(c.room, c.bob)
	f.join(c.room, c.bob)
	f.wantMarker(6, c.room, c.bob)
}

func testMarkerJoiningGone(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.say(c.room, c.ann, "soon over", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	f.clock.advance(time.Minute)
	dan, eve, fay := f.user("dan"), f.user("eve"), f.user("fay")
	f.join(c.room, dan.ID)
	f.wantMarker(4, c.room, dan.ID)
	f.wipe(f.say(c.room, c.ann, "wiped"))
	f.join(c.room, eve.ID)
	f.wantMarker(5, c.room, eve.ID)
	f.unsay(f.say(c.room, c.ann, "unsaid"))
	for _, m := range ms {
		f.wipe(m)
	}
	f.join(c.room, fay.ID)
	f.wantMarker(6, c.room, fay.ID)
}

func testMarkerAddMembers(t *testing.T, f *fixture) {
	c := f.circle()
	dan, eve := f.user("dan"), f.user("eve")
	ms := f.saying(2, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(1))
	_, err := f.AddMembers(f.ctx, c.room, 0, dan.ID, c.bob, c.cid, eve.ID)
	require.NoError(t, err)
	f.wantMarker(2, c.room, dan.ID)
	f.wantMarker(2, c.room, eve.ID)
	f.wantMarker(1, c.room, c.bob) // a member already
	f.wantMarker(0, c.room, c.cid)
	f.wantReceipts(ms[0], f.readBy(c.bob))
}

func testMarkRead(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	for _, step := range []struct {
		upTo storage.Anchor
		want int64
	}{
		{storage.At(ms[1].ID), 2},
		{storage.At(ms[1].ID), 2},
		{storage.AtSeq(3), 3},
		{storage.AtSeq(3), 3},
		{storage.AtSeq(2), 3},
		{storage.At(ms[0].ID), 3},
		{storage.Anchor{}, 5},
		{storage.Anchor{}, 5},
		{storage.At(ms[3].ID), 5},
		{storage.AtSeq(6), 5},
		{storage.AtSeq(math.MaxInt64), 5},
	} {
		f.markRead(c.room, c.bob, step.upTo)
		f.wantMarker(step.want, c.room, c.bob)
		f.wantUnread(c.room, c.bob, 0, ms[step.want:]...)
	}
	next := f.say(c.room, c.ann, "next")
	f.wantUnread(c.room, c.bob, 0, next)
	f.markRead(c.room, c.cid, storage.AtSeq(math.MaxInt64))
	f.wantMarker(6, c.room, c.cid)
	f.wantMarker(5, c.room, c.bob)
}

func testMarkReadEmpty(t *testing.T, f *fixture) {
	c := f.circle()
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.markRead(c.room, c.bob, storage.AtSeq(7))
	f.markUnread(c.room, c.bob, storage.AtSeq(1))
	f.wantMarker(0, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.bob, 0)
	f.wantUnread(c.room, c.bob, 0, f.say(c.room, c.ann, "first"))
}

// gone are a tombstone, an expired message and a purged one, between others.
func (f *fixture) gone(c circle) (ms []storage.Message) {
	f.t.Helper()
	for i := range 7 {
		ms = append(ms, f.say(c.room, c.ann, "said", func(m *storage.Message) {
			if i == 3 {
				m.ExpiresAt = f.now().Add(time.Minute)
			}
		}))
	}
	f.unsay(ms[1])
	f.clock.advance(time.Minute)
	f.wipe(ms[5])
	return ms
}

func testMarkReadGone(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.gone(c)
	f.wantUnread(c.room, c.bob, 0, ms[0], ms[2], ms[4], ms[6])
	f.markRead(c.room, c.bob, storage.At(ms[1].ID))
	f.wantMarker(2, c.room, c.bob)
	f.markRead(c.room, c.bob, storage.At(ms[3].ID))
	f.wantMarker(4, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[4], ms[6])
	f.markRead(c.room, c.bob, storage.At(ms[5].ID))
	f.wantMarker(6, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[6])
	f.markRead(c.room, c.bob, storage.At(ms[3].ID))
	f.wantMarker(6, c.room, c.bob)
	f.markRead(c.room, c.cid, storage.AtSeq(6)) // where there is nothing any more
	f.wantMarker(6, c.room, c.cid)
	f.wipe(ms[6])
	f.markRead(c.room, c.cid, storage.Anchor{})
	f.wantMarker(7, c.room, c.cid)
}

func testMarkUnread(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	f.markRead(c.room, c.bob, storage.AtSeq(4))
	for _, step := range []struct {
		from storage.Anchor
		want int64
	}{
		{storage.At(ms[4].ID), 4},
		{storage.AtSeq(5), 4},
		{storage.AtSeq(6), 4},
		{storage.AtSeq(math.MaxInt64), 4},
		{storage.At(ms[3].ID), 3},
		{storage.AtSeq(5), 3},
		{storage.AtSeq(3), 2},
		{storage.AtSeq(3), 2},
		{storage.At(ms[0].ID), 0},
		{storage.AtSeq(1), 0},
	} {
		f.markUnread(c.room, c.bob, step.from)
		f.wantMarker(step.want, c.room, c.bob)
		f.wantUnread(c.room, c.bob, 0, ms[step.want:]...)
	}
	f.markRead(c.room, c.bob, storage.AtSeq(2))
	f.wantUnread(c.room, c.bob, 0, ms[2:]...)
	f.wantMarker(0, c.room, c.cid)
}

func testMarkUnreadBeforeJoining(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	dan := f.user("dan")
	f.join(c.room, dan.ID)
	f.markUnread(c.room, dan.ID, storage.At(ms[2].ID))
	f.wantMarker(2, c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0, ms[2:]...)
	f.markUnread(c.room, dan.ID, storage.AtSeq(1))
	f.wantMarker(0, c.room, dan.ID)
	f.wantUnread(c.room, dan.ID, 0, ms...)
	f.markRead(c.room, dan.ID, storage.AtSeq(1))
	f.wantUnread(c.room, dan.ID, 0, ms[1:]...)
}

func testMarkUnreadGone(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.gone(c)
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.markUnread(c.room, c.bob, storage.At(ms[5].ID))
	f.wantMarker(5, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[6])
	f.markUnread(c.room, c.bob, storage.At(ms[3].ID))
	f.wantMarker(3, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[4], ms[6])
	f.markUnread(c.room, c.bob, storage.At(ms[1].ID))
	f.wantMarker(1, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[2], ms[4], ms[6])
}
