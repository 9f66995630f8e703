package storagetest

// Following live what one user may see.

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Who watches with a user's eyes is not woken by what happens where the user is
// not, nor by what only others are told.
func testWatchUserIdle(t *testing.T, f *fixture) {
	l := f.looked()
	dan, ann, eve := l.user("dan").ID, l.user("ann").ID, l.user("eve").ID
	hall, attic := l.room("hall", ann).ID, l.room("attic", dan).ID
	l.join(attic, ann)
	l.say(attic, dan, "before")
	w := l.watch(storage.ChangeQuery{User: dan, After: l.head().Newest})
	var got storage.Change
	wait := f.later(func() { got = w.one() })
	<-l.first
	close(l.goOn)
	for i := range 30 {
		l.say(hall, ann, "elsewhere")
		l.join(hall, l.user(fmt.Sprint("new", i)).ID)
		require.NoError(t, l.SetUserRole(l.ctx, eve, storage.Role(1+i%2)))
		require.NoError(t, l.MarkRead(l.ctx, attic, ann, storage.Anchor{}))
		require.NoError(t, l.MarkUnread(l.ctx, attic, ann, storage.AtSeq(1)))
		require.NoError(t, l.CreateSanction(l.ctx, &storage.Sanction{UserID: eve, Kind: storage.SanctionMute}))
		runtime.Gosched()
	}
	m := l.say(attic, storage.UserID{}, "at last")
	wait()
	require.Equal(t, m.ID, got.MessageID)
	require.LessOrEqual(t, l.looks.Load(), int64(6), "looks at the feed for one change")
}

// But by all that the user may see, wherever and by whomever it is done.
func testWatchUserWoken(t *testing.T, f *fixture) {
	c := f.circle()
	dan, eve := f.user("dan").ID, f.user("eve").ID
	attic := f.room("attic", eve).ID
	f.join(attic, dan)
	w := f.watch(storage.ChangeQuery{User: dan, After: f.head().Newest})
	tells := func(kind storage.ChangeKind, call func() error) {
		t.Helper()
		wait := f.later(func() { assert.NoError(t, call()) })
		require.Equal(t, kind, w.one().Kind)
		wait()
	}
	for range 2 {
		tells(storage.ChangeMessageCreated, func() error {
			return errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: attic}))
		})
		tells(storage.ChangeUserUpdated, func() error { return f.DeactivateUser(f.ctx, dan) })
		tells(storage.ChangeUserUpdated, func() error { return f.ReactivateUser(f.ctx, dan) })
		tells(storage.ChangeUserUpdated, func() error { return f.DeactivateUser(f.ctx, eve) })
		tells(storage.ChangeUserUpdated, func() error { return f.ReactivateUser(f.ctx, eve) })
		tells(storage.ChangeInviteCreated, func() error {
			return errOf(f.CreateInvite(f.ctx, &storage.Invite{RoomID: c.room, InviteeID: dan}))
		})
		tells(storage.ChangeSanctionCreated, func() error {
			return f.CreateSanction(f.ctx, &storage.Sanction{UserID: dan, Kind: storage.SanctionMute})
		})
		tells(storage.ChangeMemberAdded, func() error {
			return f.AddMember(f.ctx, &storage.Membership{RoomID: c.room, UserID: dan})
		})
		tells(storage.ChangeMessageCreated, func() error {
			return errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: c.room, AuthorID: c.ann}))
		})
		tells(storage.ChangeReadMarker, func() error { return f.MarkRead(f.ctx, c.room, dan, storage.Anchor{}) })
		tells(storage.ChangeUserUpdated, func() error { return f.SetUserRole(f.ctx, c.bob, storage.RoleModerator) })
		tells(storage.ChangeUserUpdated, func() error { return f.SetUserRole(f.ctx, c.bob, storage.RoleUser) })
		tells(storage.ChangeMemberRemoved, func() error { return f.RemoveMember(f.ctx, c.room, dan) })
		require.NoError(t, errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: attic})))
		require.Equal(t, storage.ChangeMessageCreated, w.one().Kind)
	}
	tells(storage.ChangeUserDeleted, func() error { return f.DeleteUser(f.ctx, eve) })
	tells(storage.ChangeRoomDeleted, func() error { return f.DeleteRoom(f.ctx, attic) })
	tells(storage.ChangeUserDeleted, func() error { return f.DeleteUser(f.ctx, dan) })
}
