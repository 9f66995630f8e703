package storagetest

// What each operation tells the change feed.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var changeCases = []testCase{
	{"users", testChangeUsers},
	{"deleted user", testChangeUserDeleted},
	{"rooms", testChangeRooms},
	{"deleted room", testChangeRoomDeleted},
	{"direct rooms", testChangeDirectRooms},
	{"members", testChangeMembers},
	{"several members", testChangeAddMembers},
	{"roles", testChangeRoles},
	{"messages", testChangeMessages},
	{"replies", testChangeReplies},
	{"nonces", testChangeNonces},
	{"imports", testChangeImports},
	{"edits", testChangeEdits},
	{"deletions", testChangeDeletions},
	{"pins", testChangePins},
	{"reactions", testChangeReactions},
	{"reactions to purged messages", testChangeReactionsPurged},
	{"markers", testChangeMarkers},
	{"receipts", testChangeReceipts},
	{"attachments", testChangeAttachments},
	{"purged attachments", testChangeAttachmentsPurged},
	{"purges", testChangePurges},
	{"purges of several rooms", testChangePurgesRooms},
	{"invites", testChangeInvites},
	{"invites by address", testChangeInvitesByEmail},
	{"sanctions", testChangeSanctions},
	{"bans", testChangeBans},
	{"nothing", testChangeNothing},
	{"calls that fail", testChangeRefused},
	{"no text and no secret", testChangeSilent},
	{"time", testChangeTime},
	{"gapless", testChangeGapless},
	{"no aliasing", testChangeAliasing},
}

// changesOf returns all changes that a query selects.
func (f *fixture) changesOf(q storage.ChangeQuery) []storage.Change {
	f.t.Helper()
	return list(f, f.changePage, q)
}

// changePage reads a page of the feed as one of any list.
func (f *fixture) changePage(ctx context.Context, q storage.ChangeQuery) (storage.Page[storage.Change], error) {
	p, err := f.Changes(ctx, q)
	return p.Page, err
}

func (f *fixture) head() storage.ChangeHead {
	f.t.Helper()
	h, err := f.ChangeHead(f.ctx)
	require.NoError(f.t, err)
	return h
}

// made returns the changes that a call makes, without what all have: a
// Position, Tx and the time, which must be right.
func (f *fixture) made(call func() error) []storage.Change {
	f.t.Helper()
	before := f.head().Newest
	require.NoError(f.t, call())
	var all []storage.Change
	if f.head().Newest > before {
		all = f.changesOf(storage.ChangeQuery{After: before})
	}
	for i := range all {
		require.Equal(f.t, all[0].Tx, all[i].Tx, "Tx of the changes of one call")
	}
	for i := range all {
		c := &all[i]
		require.Equal(f.t, before+1+storage.Position(i), c.Position, "Position")
		require.LessOrEqual(f.t, c.Tx, before+1, "Tx of a change of a call, which is in one transaction")
		require.Positive(f.t, c.Tx, "Tx")
		require.Equal(f.t, f.now(), c.At, "At")
		c.Position, c.Tx, c.At = 0, 0, time.Time{}
	}
	require.Equal(f.t, before+storage.Position(len(all)), f.head().Newest, "Newest")
	return all
}

// makes requires that a call makes exactly these changes.
func (f *fixture) makes(call func() error, want ...storage.Change) {
	f.t.Helper()
	require.Equal(f.t, want, f.made(call))
}

func testChangeUsers(t *testing.T, f *fixture) {
	ann := storage.User{ID: id[storage.User](1), Username: "ann", Email: "ann@example.com", PasswordHash: "a hash"}
	f.makes(func() error { return f.CreateUser(f.ctx, &ann) },
		storage.Change{Kind: storage.ChangeUserCreated, UserID: ann.ID, Version: 1})
	updated := func(version int64) storage.Change {
		return storage.Change{Kind: storage.ChangeUserUpdated, UserID: ann.ID, Version: version}
	}
	patch := storage.UserPatch{Username: new("anna")}
	f.makes(func() error { return errOf(f.UpdateUser(f.ctx, ann.ID, patch)) }, updated(2))
	f.makes(func() error { return errOf(f.UpdateUser(f.ctx, ann.ID, patch)) })
	for range 2 {
		patch.IfVersion = 2
		f.makes(func() error { return errOf(f.UpdateUser(f.ctx, ann.ID, patch)) })
	}
	f.makes(func() error { return f.SetUserRole(f.ctx, ann.ID, storage.RoleAdmin) }, updated(3))
	f.makes(func() error { return f.SetUserRole(f.ctx, ann.ID, storage.RoleAdmin) })
	f.makes(func() error { return f.SetPasswordHash(f.ctx, ann.ID, "another") }, updated(4))
	f.makes(func() error { return f.SetPasswordHash(f.ctx, ann.ID, "another") })
	f.makes(func() error { return f.DeactivateUser(f.ctx, ann.ID) }, updated(5))
	f.makes(func() error { return f.DeactivateUser(f.ctx, ann.ID) })
	f.makes(func() error { return f.ReactivateUser(f.ctx, ann.ID) }, updated(6))
	f.makes(func() error { return f.ReactivateUser(f.ctx, ann.ID) })
	f.makes(func() error { return f.TouchUser(f.ctx, ann.ID) })
}

// What goes with a user goes without changes of its own.
func testChangeUserDeleted(t *testing.T, f *fixture) {
	w := f.world()
	f.makes(func() error { return f.DeleteUser(f.ctx, w.cid.ID) },
		storage.Change{Kind: storage.ChangeUserDeleted, UserID: w.cid.ID})
	f.makes(func() error { return f.DeleteUser(f.ctx, w.fay.ID) },
		storage.Change{Kind: storage.ChangeUserDeleted, UserID: w.fay.ID})
}

func testChangeRooms(t *testing.T, f *fixture) {
	ann := f.user("ann")
	lone := storage.Room{ID: id[storage.Room](1), Name: "lone"}
	f.makes(func() error { return f.CreateRoom(f.ctx, &lone) },
		storage.Change{Kind: storage.ChangeRoomCreated, RoomID: lone.ID, Version: 1})
	hall := storage.Room{ID: id[storage.Room](2), Name: "hall", CreatorID: ann.ID}
	f.makes(func() error { return f.CreateRoom(f.ctx, &hall) },
		storage.Change{Kind: storage.ChangeRoomCreated, RoomID: hall.ID, Version: 1},
		storage.Change{Kind: storage.ChangeMemberAdded, RoomID: hall.ID, UserID: ann.ID, Role: storage.MemberOwner})
	updated := func(version int64) storage.Change {
		return storage.Change{Kind: storage.ChangeRoomUpdated, RoomID: hall.ID, Version: version}
	}
	patch := storage.RoomPatch{Topic: new("tea")}
	f.makes(func() error { return errOf(f.UpdateRoom(f.ctx, hall.ID, patch)) }, updated(2))
	f.makes(func() error { return errOf(f.UpdateRoom(f.ctx, hall.ID, patch)) })
	settings := storage.RoomSettings{MaxMembers: 9}
	f.makes(func() error { return errOf(f.UpdateRoomSettings(f.ctx, hall.ID, settings)) }, updated(3))
	f.makes(func() error { return errOf(f.UpdateRoomSettings(f.ctx, hall.ID, settings)) })
	f.makes(func() error { return f.DeactivateRoom(f.ctx, hall.ID) }, updated(4))
	f.makes(func() error { return f.DeactivateRoom(f.ctx, hall.ID) })
	f.makes(func() error { return f.ReactivateRoom(f.ctx, hall.ID) }, updated(5))
	f.makes(func() error { return f.ReactivateRoom(f.ctx, hall.ID) })
}

// What goes with a room goes without changes of its own.
func testChangeRoomDeleted(t *testing.T, f *fixture) {
	w := f.world()
	for _, room := range []storage.RoomID{w.hall.ID, w.attic.ID} {
		f.makes(func() error { return f.DeleteRoom(f.ctx, room) },
			storage.Change{Kind: storage.ChangeRoomDeleted, RoomID: room})
	}
}

func testChangeDirectRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	var room storage.Room
	open := func() (err error) { room, _, err = f.OpenDirectRoom(f.ctx, ann.ID, bob.ID); return err }
	all := f.made(open)
	require.Equal(t, []storage.Change{
		{Kind: storage.ChangeRoomCreated, RoomID: room.ID, Version: 1},
		{Kind: storage.ChangeMemberAdded, RoomID: room.ID, UserID: ann.ID, Role: storage.MemberMember},
		{Kind: storage.ChangeMemberAdded, RoomID: room.ID, UserID: bob.ID, Role: storage.MemberMember},
	}, all)
	f.makes(open)
	f.leave(room.ID, bob.ID)
	f.saying(2, room.ID, ann.ID)
	f.makes(open, storage.Change{
		Kind: storage.ChangeMemberAdded, RoomID: room.ID, UserID: bob.ID, Role: storage.MemberMember, Seq: 2,
	})
}
