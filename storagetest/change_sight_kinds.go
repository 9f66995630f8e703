package storagetest

// What a user may see of others' doings, kind by kind, and how it is read.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Who shares a room knows of the others' accounts, as long as they share it.
func testSightOthers(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	s := f.story()
	update := func(name string, user storage.UserID) {
		s.step(name, func() error {
			return errOf(f.UpdateUser(f.ctx, user, storage.UserPatch{Username: new(fmt.Sprint("x", f.head().Newest))}))
		})
	}
	update("dan before", dan)
	update("bob before", c.bob)
	s.joins("dan joins", c.room, dan)
	update("dan within", dan)
	update("bob within", c.bob)
	s.leaves("dan leaves", c.room, dan)
	update("dan after", dan)
	update("bob after", c.bob)
	s.sees(c.bob, "bob before", "dan joins", "dan within", "bob within", "dan leaves", "bob after")
	s.sees(dan, "dan before", "dan joins", "dan within", "bob within", "dan leaves", "dan after")
	s.sees(c.cid, "bob before", "dan joins", "dan within", "bob within", "dan leaves", "bob after")
}

func testSightMarkers(_ *testing.T, f *fixture) {
	c := f.circle()
	f.saying(3, c.room, c.ann)
	s := f.story()
	s.step("bob reads", func() error { return f.MarkRead(f.ctx, c.room, c.bob, storage.AtSeq(2)) })
	s.step("cid reads", func() error { return f.MarkRead(f.ctx, c.room, c.cid, storage.Anchor{}) })
	s.step("bob turns back", func() error { return f.MarkUnread(f.ctx, c.room, c.bob, storage.AtSeq(1)) })
	s.sees(c.bob, "bob reads", "bob turns back")
	s.sees(c.cid, "cid reads")
	s.sees(c.ann)
	f.leave(c.room, c.bob)
	s.sees(c.bob, "bob reads", "bob turns back")
}

func testSightShown(_ *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan").ID
	m := f.say(c.room, c.ann, "x")
	s := f.story()
	s.step("receipt", func() error { return f.AddReadReceipt(f.ctx, m.ID, c.bob) })
	s.step("reaction", func() error { return errOf(f.AddReaction(f.ctx, m.ID, dan, "👍")) })
	s.step("pin", func() error { return errOf(f.PinMessage(f.ctx, m.ID, dan)) })
	s.step("file", func() error {
		return f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: c.room, UploaderID: dan, Name: "a", Blob: "a"})
	})
	s.step("edit", func() error { return errOf(f.EditMessage(f.ctx, m.ID, dan, storage.MessagePatch{Body: new("y")})) })
	s.step("purge", func() error { return errOf(f.PurgeMessage(f.ctx, m.ID)) })
	for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
		s.sees(user, "receipt", "reaction", "pin", "file", "edit", "purge")
	}
	s.sees(dan) // who is no member, whatever he does
}

func testSightSanctions(_ *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	mute := s.expels("bob is muted", storage.SanctionMute, c.room, c.bob)
	s.expels("cid is muted", storage.SanctionMute, storage.RoomID{}, c.cid)
	s.step("lifted", func() error { return errOf(f.LiftSanction(f.ctx, mute, c.ann)) })
	s.sees(c.ann)
	s.sees(c.bob, "bob is muted", "lifted")
	s.sees(c.cid, "cid is muted")
}

func testSightInvites(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	s := f.story()
	invite := func(name string, i storage.Invite) storage.InviteID {
		i.RoomID = c.room
		s.step(name, func() error { return errOf(f.CreateInvite(f.ctx, &i)) })
		return i.ID
	}
	open, named := invite("open", storage.Invite{}), invite("for dan", storage.Invite{InviteeID: dan})
	s.step("dan's is revoked", func() error { return f.RevokeInvite(f.ctx, named) })
	s.step("revoked", func() error { return f.RevokeInvite(f.ctx, open) })
	s.sees(dan, "for dan", "dan's is revoked")
	s.sees(c.bob, "open", "for dan", "dan's is revoked", "revoked")
	accepted := invite("again for dan", storage.Invite{InviteeID: dan})
	s.step("dan comes", func() error { return errOf(f.AcceptInvite(f.ctx, accepted, dan)) })
	s.sees(dan, "for dan", "dan's is revoked", "again for dan", "dan comes")
}

// Who has an address sees the invites to it.
func testSightInvitesByEmail(_ *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan", func(u *storage.User) { u.Email = "dan@example.com" }).ID
	eve := f.user("eve").ID
	s := f.story()
	invites := map[string]storage.InviteID{}
	for _, email := range []string{"Dan@Example.com", "eve@example.com"} {
		i := storage.Invite{RoomID: c.room, Email: email}
		s.step(email, func() error { return errOf(f.CreateInvite(f.ctx, &i)) })
		invites[email] = i.ID
	}
	s.step("eve's address", func() error {
		return errOf(f.UpdateUser(f.ctx, eve, storage.UserPatch{Email: new("eve@example.com")}))
	})
	for email, i := range invites {
		s.step("not "+email, func() error { return f.RevokeInvite(f.ctx, i) })
	}
	for _, member := range []storage.UserID{c.ann, c.bob} { // who are not to learn whose it is
		for _, change := range f.changesOf(storage.ChangeQuery{User: member}) {
			require.False(f.t, change.UserID == dan || change.UserID == eve && !change.InviteID.IsZero(), "%v", change)
		}
	}
	s.sees(dan, "Dan@Example.com", "not Dan@Example.com")
	s.sees(eve, "eve's address", "not eve@example.com")
}

func testSightDirect(t *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	var room storage.Room
	s.step("opened", func() (err error) { room, _, err = f.OpenDirectRoom(f.ctx, c.ann, c.bob); return err })
	s.says("a secret", room.ID, c.ann)
	s.sees(c.ann, "opened", "a secret")
	s.sees(c.bob, "opened", "a secret")
	s.sees(c.cid)
	require.Equal(t, storage.RoomDirectMessage, room.Type)
}

func testSightNowhere(_ *testing.T, f *fixture) {
	f.world()
	s := f.story()
	dan := storage.User{ID: id[storage.User](1), Username: "danny"}
	s.step("dan is there", func() error { return f.CreateUser(f.ctx, &dan) })
	s.step("dan changes", func() error { return f.SetUserRole(f.ctx, dan.ID, storage.RoleGuest) })
	f.user("zoe")
	s.sees(dan.ID, "dan is there", "dan changes")
	s.sees(nobody)
}

func testSightAfter(t *testing.T, f *fixture) {
	c := f.circle()
	s := f.story()
	s.again(c)
	all := f.changesOf(storage.ChangeQuery{User: c.bob})
	for i := range all {
		f.wantChanges(all[i+1:], storage.ChangeQuery{User: c.bob, After: all[i].Position})
	}
	require.Equal(t, []string{"bob is back", "with bob again"},
		s.told(storage.ChangeQuery{User: c.bob, After: s.ends[2]}))
}

func testSightPages(_ *testing.T, f *fixture) {
	w := f.world()
	for _, user := range []storage.User{w.ann, w.bob, w.cid, w.dan, w.eve, w.fay} {
		q := storage.ChangeQuery{User: user.ID}
		f.wantChanges(f.changesOf(q), q)
	}
}

// What was pruned is forgotten, not who was where.
func testSightPruned(t *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	f.leave(c.room, c.bob)
	f.clock.advance(time.Hour)
	for f.head().Oldest <= f.head().Newest {
		require.NoError(t, errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour})))
	}
	s := f.story()
	s.says("one", c.room, c.ann)
	s.joins("bob joins", c.room, c.bob)
	s.says("two", c.room, c.ann)
	s.sees(c.ann, "one", "bob joins", "two")
	s.sees(c.cid, "one", "bob joins", "two")
	s.sees(c.bob, "bob joins", "two")
}

func testSightRolledBack(t *testing.T, f *fixture) {
	c := f.circle()
	f.hidden(c)
	dan := f.user("dan").ID
	f.rollBack(func(tx storage.Tx) error {
		require.NoError(t, tx.AddMember(f.ctx, &storage.Membership{RoomID: c.room, UserID: dan}))
		return tx.RemoveMember(f.ctx, c.room, c.bob)
	})
	s := f.story()
	s.says("one", c.room, c.ann)
	s.says("two", c.room, c.ann)
	s.sees(c.bob, "one", "two")
	s.sees(dan)
}

func testSightReopen(_ *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		return
	}
	c := f.circle()
	f.hidden(c)
	s := f.story()
	s.again(c)
	f.reopen()
	s.says("anew", c.room, c.ann)
	s.sees(c.bob, "with bob", "bob leaves", "bob is back", "with bob again", "anew")
}
