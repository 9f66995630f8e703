package storagetest

import (
	"testing"

	"github.com/lairchat/lair/storage"
)

func testChangeMembers(t *testing.T, f *fixture) {
	c := f.circle()
	f.saying(3, c.room, c.ann)
	dan := f.user("dan").ID
	added := storage.Change{
		Kind: storage.ChangeMemberAdded, RoomID: c.room, UserID: dan, Role: storage.MemberModerator, Seq: 3,
	}
	m := storage.Membership{RoomID: c.room, UserID: dan, Role: storage.MemberModerator, InvitedBy: c.ann}
	f.makes(func() error { return f.AddMember(f.ctx, &m) }, added)
	settings := storage.MemberSettings{Nickname: "danny"}
	f.makes(func() error { return f.UpdateMemberSettings(f.ctx, c.room, dan, settings) }, storage.Change{
		Kind: storage.ChangeMemberUpdated, RoomID: c.room, UserID: dan, Role: storage.MemberModerator,
	})
	f.makes(func() error { return f.UpdateMemberSettings(f.ctx, c.room, dan, settings) })
	f.makes(func() error { return f.TouchMember(f.ctx, c.room, dan) })
	f.makes(func() error { return f.RemoveMember(f.ctx, c.room, dan) },
		storage.Change{Kind: storage.ChangeMemberRemoved, RoomID: c.room, UserID: dan})
	f.say(c.room, c.ann, "meanwhile")
	added.Seq = 4
	f.makes(func() error { return f.AddMember(f.ctx, &m) }, added)
}

func testChangeAddMembers(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "welcome")
	dan, eve := f.user("dan").ID, f.user("eve").ID
	added := func(user storage.UserID) storage.Change {
		return storage.Change{
			Kind: storage.ChangeMemberAdded, RoomID: c.room, UserID: user, Role: storage.MemberGuest, Seq: 1,
		}
	}
	add := func(users ...storage.UserID) func() error {
		return func() error { return errOf(f.AddMembers(f.ctx, c.room, storage.MemberGuest, users...)) }
	}
	f.makes(add(eve, c.bob, dan, eve), added(eve), added(dan))
	f.makes(add(eve, c.bob, dan))
	f.makes(add())
}

func testChangeRoles(t *testing.T, f *fixture) {
	c := f.circle()
	updated := func(user storage.UserID, role storage.MemberRole) storage.Change {
		return storage.Change{Kind: storage.ChangeMemberUpdated, RoomID: c.room, UserID: user, Role: role}
	}
	promote := func() error { return f.SetMemberRole(f.ctx, c.room, c.bob, storage.MemberModerator) }
	f.makes(promote, updated(c.bob, storage.MemberModerator))
	f.makes(promote)
	f.makes(func() error { return f.TransferOwnership(f.ctx, c.room, c.ann, c.bob) },
		updated(c.bob, storage.MemberOwner), updated(c.ann, storage.MemberAdmin))
	f.makes(func() error { return f.SetMemberRole(f.ctx, c.room, c.ann, storage.MemberOwner) },
		updated(c.ann, storage.MemberOwner))
	f.makes(func() error { return f.TransferOwnership(f.ctx, c.room, c.ann, c.bob) },
		updated(c.ann, storage.MemberAdmin))
}

func testChangeMarkers(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(4, c.room, c.ann)
	moved := func(seq int64) storage.Change {
		return storage.Change{Kind: storage.ChangeReadMarker, Actor: c.bob, RoomID: c.room, UserID: c.bob, Seq: seq}
	}
	read := func(upTo storage.Anchor) func() error {
		return func() error { return f.MarkRead(f.ctx, c.room, c.bob, upTo) }
	}
	unread := func(from storage.Anchor) func() error {
		return func() error { return f.MarkUnread(f.ctx, c.room, c.bob, from) }
	}
	f.makes(read(storage.At(ms[1].ID)), moved(2))
	f.makes(read(storage.AtSeq(2)))
	f.makes(read(storage.AtSeq(1)))
	f.makes(unread(storage.AtSeq(3)))
	f.makes(read(storage.Anchor{}), moved(4))
	f.makes(read(storage.AtSeq(9)))
	f.makes(unread(storage.At(ms[3].ID)), moved(3))
	f.makes(unread(storage.AtSeq(1)), moved(0))
	f.makes(unread(storage.AtSeq(1)))
}

func testChangeReceipts(t *testing.T, f *fixture) {
	c := f.circle()
	m := f.saying(2, c.room, c.ann)[1]
	read := func(user storage.UserID) func() error {
		return func() error { return f.AddReadReceipt(f.ctx, m.ID, user) }
	}
	for range 2 {
		f.makes(read(c.ann)) // her own
	}
	f.makes(read(c.bob), storage.Change{
		Kind: storage.ChangeReadReceipt, Actor: c.bob, RoomID: c.room, MessageID: m.ID, Seq: 2, UserID: c.bob,
	})
	f.makes(read(c.bob))
	f.markRead(c.room, c.cid, storage.Anchor{})
	f.makes(read(c.cid))
}

func testChangeInvites(t *testing.T, f *fixture) {
	c := f.circle()
	dan, eve := f.user("dan").ID, f.user("eve").ID
	var code storage.Secret
	create := func(i storage.Invite) func() error {
		return func() (err error) { code, err = f.CreateInvite(f.ctx, &i); return err }
	}
	one, two, three := id[storage.Invite](1), id[storage.Invite](2), id[storage.Invite](3)
	f.makes(create(storage.Invite{ID: one, RoomID: c.room, InviterID: c.ann, Role: storage.MemberGuest}), storage.Change{
		Kind: storage.ChangeInviteCreated, Actor: c.ann, RoomID: c.room, InviteID: one,
	})
	joined := func(user storage.UserID, role storage.MemberRole) storage.Change {
		return storage.Change{Kind: storage.ChangeMemberAdded, RoomID: c.room, UserID: user, Role: role}
	}
	f.makes(func() error { return errOf(f.RedeemInvite(f.ctx, code, dan)) }, joined(dan, storage.MemberGuest))
	f.makes(create(storage.Invite{ID: two, RoomID: c.room, InviteeID: eve}), storage.Change{
		Kind: storage.ChangeInviteCreated, RoomID: c.room, InviteID: two, UserID: eve,
	})
	f.makes(create(storage.Invite{ID: three, RoomID: c.room, Email: "eve@example.com"}), storage.Change{
		Kind: storage.ChangeInviteCreated, RoomID: c.room, InviteID: three,
	})
	f.makes(func() error { return errOf(f.AcceptInvite(f.ctx, two, eve)) }, joined(eve, storage.MemberMember))
	for _, i := range []storage.Change{{InviteID: one}, {InviteID: two, UserID: eve}, {InviteID: three}} {
		i.Kind, i.RoomID = storage.ChangeInviteRevoked, c.room
		f.makes(func() error { return f.RevokeInvite(f.ctx, i.InviteID) }, i)
		f.makes(func() error { return f.RevokeInvite(f.ctx, i.InviteID) })
	}
}

// An invite to an address tells whose it is, if it is anybody's by then.
func testChangeInvitesByEmail(_ *testing.T, f *fixture) {
	c := f.circle()
	dan := f.user("dan", func(u *storage.User) { u.Email = "Dan@Example.com" }).ID
	eve := f.user("eve").ID
	invite := func(i storage.InviteID, email string, user storage.UserID) {
		f.makes(func() error {
			return errOf(f.CreateInvite(f.ctx, &storage.Invite{ID: i, RoomID: c.room, InviterID: c.ann, Email: email}))
		}, storage.Change{Kind: storage.ChangeInviteCreated, Actor: c.ann, RoomID: c.room, InviteID: i, UserID: user})
	}
	one, two := id[storage.Invite](1), id[storage.Invite](2)
	invite(one, "dan@example.COM", dan)
	invite(two, "eve@example.com", storage.UserID{})
	set := func(user storage.UserID, email string) {
		f.made(func() error { return errOf(f.UpdateUser(f.ctx, user, storage.UserPatch{Email: &email})) })
	}
	set(dan, "")
	set(eve, "EVE@example.com")
	for _, i := range []storage.Change{{InviteID: one}, {InviteID: two, UserID: eve}} {
		i.Kind, i.RoomID = storage.ChangeInviteRevoked, c.room
		f.makes(func() error { return f.RevokeInvite(f.ctx, i.InviteID) }, i)
	}
}

func testChangeSanctions(t *testing.T, f *fixture) {
	c := f.circle()
	mute := storage.Sanction{
		ID: id[storage.Sanction](1), RoomID: c.room, UserID: c.bob, Kind: storage.SanctionMute, ModeratorID: c.ann, Reason: "noise",
	}
	change := storage.Change{
		Kind: storage.ChangeSanctionCreated, Actor: c.ann, RoomID: c.room, UserID: c.bob, SanctionID: mute.ID,
	}
	f.makes(func() error { return f.CreateSanction(f.ctx, &mute) }, change)
	lift := func(by storage.UserID) func() error {
		return func() error { return errOf(f.LiftSanction(f.ctx, mute.ID, by)) }
	}
	change.Kind, change.Actor = storage.ChangeSanctionLifted, c.cid
	f.makes(lift(c.cid), change)
	f.makes(lift(c.cid))

	mute = storage.Sanction{ID: id[storage.Sanction](2), UserID: c.bob, Kind: storage.SanctionMute}
	change = storage.Change{Kind: storage.ChangeSanctionCreated, UserID: c.bob, SanctionID: mute.ID}
	f.makes(func() error { return f.CreateSanction(f.ctx, &mute) }, change)
	change.Kind = storage.ChangeSanctionLifted
	f.makes(lift(storage.UserID{}), change)
}

// Who is banned or kicked leaves the rooms, by changes of their own.
func testChangeBans(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	f.join(attic, c.bob)
	created := func(n byte, kind storage.SanctionKind, room storage.RoomID) (func() error, storage.Change) {
		s := storage.Sanction{ID: id[storage.Sanction](n), RoomID: room, UserID: c.bob, Kind: kind}
		return func() error { return f.CreateSanction(f.ctx, &s) },
			storage.Change{Kind: storage.ChangeSanctionCreated, RoomID: room, UserID: c.bob, SanctionID: s.ID}
	}
	left := func(room storage.RoomID) storage.Change {
		return storage.Change{Kind: storage.ChangeMemberRemoved, RoomID: room, UserID: c.bob}
	}
	call, change := created(1, storage.SanctionKick, c.room)
	f.makes(call, change, left(c.room))
	call, change = created(2, storage.SanctionKick, c.room)
	f.makes(call, change)
	f.join(c.room, c.bob)
	call, change = created(3, storage.SanctionBan, storage.RoomID{})
	f.wantAnyOrder(call, change, left(c.room), left(attic))
}
