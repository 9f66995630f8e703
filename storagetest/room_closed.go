package storagetest

// Rooms that take nothing new: those that are inactive, and those whose time is
// over.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomClosedCases = []testCase{
	{"takes nothing new", testClosedRefuses},
	{"what is there already", testClosedKeeps},
	{"takes away", testClosedTakesAway},
	{"is read", testClosedReads},
	{"opens again", testClosedOpens},
	{"of one who is banned everywhere", testRoomOfBanned},
}

// shop is a temporary room that has a minute left.
type shop struct {
	ann, bob storage.UserID // ann owns the room, bob is a member
	room     storage.RoomID
	message  storage.Message // by ann, with a reaction of bob's
	pinned   storage.Message // by ann, carries file
	file     storage.Attachment
	spare    storage.Attachment // carried by no message
}

func (f *fixture) shop() shop {
	f.t.Helper()
	s := shop{ann: f.user("ann").ID, bob: f.user("bob").ID}
	s.room = f.room("shop", s.ann, expiring(f.now().Add(time.Minute))).ID
	f.join(s.room, s.bob)
	s.message = f.say(s.room, s.ann, "for sale")
	f.react(s.message.ID, s.bob, "👍")
	s.file, s.spare = f.upload(s.room, s.ann, "file"), f.upload(s.room, s.ann, "spare")
	s.pinned = f.pin(f.say(s.room, s.ann, "prices", carrying(s.file)).ID, s.ann)
	return s
}

// closings are the ways in which a shop closes, by the reason that it gives.
func (f *fixture) closings(s shop) map[storage.Reason]func() {
	return map[storage.Reason]func(){
		storage.ReasonRoomInactive: func() { require.NoError(f.t, f.DeactivateRoom(f.ctx, s.room)) },
		storage.ReasonRoomExpired:  func() { f.clock.advance(time.Minute) },
	}
}

// eachClosing runs a case with a shop that has closed, in each of the ways.
func (f *fixture) eachClosing(run func(s shop, reason storage.Reason)) {
	for _, reason := range []storage.Reason{storage.ReasonRoomInactive, storage.ReasonRoomExpired} {
		s := f.shop()
		f.closings(s)[reason]()
		run(s, reason)
		require.NoError(f.t, f.DeleteRoom(f.ctx, s.room))
		for _, user := range []storage.UserID{s.ann, s.bob} {
			require.NoError(f.t, f.DeleteUser(f.ctx, user))
		}
	}
}

// wares are the calls that put something new into a shop, by its owner and by
// the server.
func (f *fixture) wares(s shop) map[string]func() error {
	calls := make(map[string]func() error)
	for who, by := range map[string]storage.UserID{"": s.ann, " by nobody": {}} {
		calls["CreateMessage"+who] = func() error {
			return errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: s.room, AuthorID: by}))
		}
		calls["CreateMessages"+who] = func() error {
			return errOf(f.CreateMessages(f.ctx, []*storage.Message{{RoomID: s.room, AuthorID: by, CreatedAt: f.now().Add(-time.Hour)}}))
		}
		calls["EditMessage"+who] = func() error {
			return errOf(f.EditMessage(f.ctx, s.message.ID, by, storage.MessagePatch{Body: new("sold")}))
		}
		calls["EditMessage, nothing"+who] = func() error {
			return errOf(f.EditMessage(f.ctx, s.message.ID, by, storage.MessagePatch{}))
		}
		calls["PinMessage"+who] = func() error { return errOf(f.PinMessage(f.ctx, s.message.ID, by)) }
		calls["CreateAttachment"+who] = func() error {
			return f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: s.room, UploaderID: by, Blob: "b"})
		}
	}
	calls["AddReaction"] = func() error { return errOf(f.AddReaction(f.ctx, s.message.ID, s.ann, "x")) }
	return calls
}

func testClosedRefuses(_ *testing.T, f *fixture) {
	f.eachClosing(func(s shop, reason storage.Reason) { f.wantRefused(f.wares(s), reason) })
}

// What would change nothing is no error.
func testClosedKeeps(t *testing.T, f *fixture) {
	f.eachClosing(func(s shop, reason storage.Reason) {
		added, err := f.AddReaction(f.ctx, s.message.ID, s.bob, "👍")
		require.NoError(t, err, reason)
		require.False(t, added)
		again, err := f.PinMessage(f.ctx, s.pinned.ID, s.bob)
		require.NoError(t, err, reason)
		require.Equal(t, s.pinned, again)
	})
}

func testClosedTakesAway(t *testing.T, f *fixture) {
	f.eachClosing(func(s shop, reason storage.Reason) {
		f.sanction(storage.Sanction{UserID: s.ann, RoomID: s.room, Kind: storage.SanctionMute}) // which is of no concern here
		f.retract(s.message.ID, s.bob, "👍")
		f.unpin(s.pinned.ID, s.ann)
		require.NoError(t, errOf(f.DeleteAttachment(f.ctx, s.file.ID)), reason)
		f.remove(s.message.ID, s.ann)
		n, _, err := f.DeleteMessages(f.ctx, storage.MessageQuery{Room: s.room}, s.ann)
		require.NoError(t, err, reason)
		require.Equal(t, 1, n)
		require.NoError(t, errOf(f.PurgeMessage(f.ctx, s.message.ID)), reason)
		purged, err := f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: s.room, Tombstones: true})
		require.NoError(t, err, reason)
		require.Equal(t, int64(1), purged.Messages)
		require.NoError(t, f.RemoveMember(f.ctx, s.room, s.bob), reason)
		f.sanction(storage.Sanction{UserID: s.ann, RoomID: s.room, Kind: storage.SanctionKick})
		f.wantIn(false, s.room, s.ann)
	})
}

func testClosedReads(t *testing.T, f *fixture) {
	f.eachClosing(func(s shop, reason storage.Reason) {
		require.Len(t, list(f, f.Messages, storage.MessageQuery{Room: s.room}), 2, reason)
		f.markRead(s.room, s.bob, storage.Anchor{})
		f.wantMarker(2, s.room, s.bob)
		require.NoError(t, f.MarkUnread(f.ctx, s.room, s.bob, storage.AtSeq(1)), reason)
		require.NoError(t, f.AddReadReceipt(f.ctx, s.message.ID, s.bob), reason)
		require.NoError(t, f.TouchMember(f.ctx, s.room, s.bob), reason)
		require.NoError(t, f.UpdateMemberSettings(f.ctx, s.room, s.bob, storage.MemberSettings{Nickname: "b"}), reason)
	})
}

func testClosedOpens(t *testing.T, f *fixture) {
	f.eachClosing(func(s shop, _ storage.Reason) {
		require.NoError(t, f.ReactivateRoom(f.ctx, s.room))
		_, err := f.UpdateRoom(f.ctx, s.room, storage.RoomPatch{ExpiresAt: new(f.now().Add(time.Minute))})
		require.NoError(t, err)
		for name, call := range f.wares(s) {
			require.NoError(t, call(), name)
		}
	})
}

// A room is created by who may be in it.
func testRoomOfBanned(t *testing.T, f *fixture) {
	c := f.court()
	create := func() error { return f.CreateRoom(f.ctx, &storage.Room{Name: "den", CreatorID: c.bob}) }
	for _, elsewhere := range []storage.Sanction{
		{RoomID: c.other, Kind: storage.SanctionBan}, {Kind: storage.SanctionMute}, {Kind: storage.SanctionKick},
	} {
		elsewhere.UserID = c.bob
		f.sanction(elsewhere)
	}
	f.room("shed", c.bob)
	ban := f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionBan, ExpiresAt: f.now().Add(time.Minute)})
	e := f.refused(t, create, storage.ErrForbidden)
	require.Equal(t, storage.ReasonBanned, e.Reason)
	require.Equal(t, ban.ID.String(), e.ID)
	f.room("server's", storage.UserID{})
	f.clock.advance(time.Minute)
	require.NoError(t, create(), "at its instant")
}
