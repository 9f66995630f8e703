package storagetest

// Every way to who may come in gives all of it.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testWholeDirectRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.direct(ann, bob)
	settings := fullRoomSettings()
	settings.MaxMembers = 0
	_, err := f.UpdateRoomSettings(f.ctx, room.ID, settings)
	require.NoError(t, err)
	f.say(room.ID, ann, "hello")
	f.clock.advance(time.Second)
	room, err = f.UpdateRoom(f.ctx, room.ID, storage.RoomPatch{
		DisplayName: new("the two"), Description: new("of them"), Topic: new("tea"), PasswordHash: new(storage.Secret("none")),
	})
	require.NoError(t, err)
	wantFilled(t, room, "Name", "CreatorID", "ExpiresAt", "MaxMembers")
	open := func(a, b storage.UserID) func() (storage.Room, error) {
		return func() (storage.Room, error) {
			room, _, err := f.OpenDirectRoom(f.ctx, a, b)
			return room, err
		}
	}
	wantWhole(t, room,
		way[storage.Room]{"DirectRoom", func() (storage.Room, error) { return f.DirectRoom(f.ctx, ann, bob) }},
		way[storage.Room]{"DirectRoom", func() (storage.Room, error) { return f.DirectRoom(f.ctx, bob, ann) }},
		way[storage.Room]{"OpenDirectRoom", open(ann, bob)},
		way[storage.Room]{"OpenDirectRoom", open(bob, ann)},
		way[storage.Room]{"Room", func() (storage.Room, error) { return f.Room(f.ctx, room.ID) }},
		way[storage.Room]{"Rooms", func() (storage.Room, error) { return firstOf(f.Rooms(f.ctx, storage.RoomQuery{VisibleTo: bob})) }},
		way[storage.Room]{"Rooms", func() (storage.Room, error) {
			return firstOf(f.Rooms(f.ctx, storage.RoomQuery{Expired: new(false)}))
		}},
	)
}

func testWholeInvites(t *testing.T, f *fixture) {
	l := f.lobby()
	address, user := storage.Invite{Email: "BOB@example.com"}, storage.Invite{InviteeID: l.bob}
	for unset, i := range map[string]storage.Invite{"InviteeID": address, "Email": user} {
		i.RoomID, i.InviterID, i.Role, i.MaxUses = l.room, l.ann, storage.MemberAdmin, 7
		i.ExpiresAt = f.now().Add(time.Hour)
		i, code := f.invite(i)
		f.clock.advance(time.Second)
		_, err := f.RedeemInvite(f.ctx, code, l.bob)
		require.NoError(t, err)
		i.Uses = 1
		ways := []way[storage.Invite]{
			{"Invite", func() (storage.Invite, error) { return f.Invite(f.ctx, i.ID) }},
		}
		for _, q := range []storage.InviteQuery{
			{}, {Room: l.room}, {Inviter: l.ann}, {Invitee: l.bob}, {Room: l.room, Invitee: l.bob},
		} {
			ways = append(ways, way[storage.Invite]{"Invites", func() (storage.Invite, error) { return firstOf(f.Invites(f.ctx, q)) }})
		}
		wantWhole(t, i, append(ways, way[storage.Invite]{"InviteByCode", func() (storage.Invite, error) {
			return f.InviteByCode(f.ctx, code)
		}})...)
		require.NoError(t, f.RevokeInvite(f.ctx, i.ID))
		i.RevokedAt = f.now()
		wantFilled(t, i, unset)
		wantWhole(t, i, ways...)
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
		f.clock.advance(time.Second)
	}
}

func testWholeSanctions(t *testing.T, f *fixture) {
	c := f.court()
	s := f.sanction(storage.Sanction{
		UserID: c.bob, RoomID: c.room, Kind: storage.SanctionMute, ModeratorID: c.ann, Reason: "noise", ExpiresAt: f.now().Add(time.Hour),
	})
	f.clock.advance(time.Second)
	ways := []way[storage.Sanction]{
		{"Sanction", func() (storage.Sanction, error) { return f.Sanction(f.ctx, s.ID) }},
	}
	for _, q := range []storage.SanctionQuery{
		{}, {User: c.bob}, {Room: c.room}, {Moderator: c.ann}, {Kinds: []storage.SanctionKind{storage.SanctionMute}},
	} {
		ways = append(ways, way[storage.Sanction]{"Sanctions", func() (storage.Sanction, error) { return firstOf(f.Sanctions(f.ctx, q)) }})
	}
	wantWhole(t, s, append(ways, way[storage.Sanction]{"ActiveSanction", func() (storage.Sanction, error) {
		return f.ActiveSanction(f.ctx, c.bob, c.room, storage.SanctionMute)
	}})...)
	lifted, err := f.LiftSanction(f.ctx, s.ID, c.ann)
	require.NoError(t, err)
	wantFilled(t, lifted)
	wantWhole(t, lifted, append(ways, way[storage.Sanction]{"LiftSanction again", func() (storage.Sanction, error) {
		return f.LiftSanction(f.ctx, s.ID, c.bob)
	}})...)
}

func testWholeHolds(t *testing.T, f *fixture) {
	c := f.court()
	for unset, given := range map[string]storage.Hold{
		"UserID": {RoomID: c.room, CreatedBy: c.ann, Reason: "case 7"},
		"RoomID": {UserID: c.bob, CreatedBy: c.ann, Reason: "case 7"},
	} {
		h := f.hold(given)
		f.clock.advance(time.Second)
		ways := []way[storage.Hold]{{"Hold", func() (storage.Hold, error) { return f.Hold(f.ctx, h.ID) }}}
		for _, q := range []storage.HoldQuery{{WithReleased: true}, {Room: h.RoomID, User: h.UserID, WithReleased: true}} {
			ways = append(ways, way[storage.Hold]{"Holds", func() (storage.Hold, error) { return firstOf(f.Holds(f.ctx, q)) }})
		}
		wantWhole(t, h, append(ways, way[storage.Hold]{"Holds that stand", func() (storage.Hold, error) {
			return firstOf(f.Holds(f.ctx, storage.HoldQuery{}))
		}})...)
		released, err := f.ReleaseHold(f.ctx, h.ID, c.bob)
		require.NoError(t, err)
		wantFilled(t, released, unset)
		wantWhole(t, released, append(ways, way[storage.Hold]{"ReleaseHold again", func() (storage.Hold, error) {
			return f.ReleaseHold(f.ctx, h.ID, c.ann)
		}})...)
		f.clock.advance(time.Second)
	}
}
