package storagetest

// Races for a way into a room.

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// Who gets in is worth a larger crowd: what goes wrong once in a thousand
// times shows.
const crowd = 64

// crowdOfUsers stores as many users as race for a room.
func (f *fixture) crowdOfUsers() (users []storage.UserID) {
	f.t.Helper()
	for i := range crowd {
		users = append(users, f.user(fmt.Sprintf("user%d", i)).ID)
	}
	return users
}

func testRaceSeat(t *testing.T, f *fixture) {
	users := f.crowdOfUsers()
	for range often {
		room := f.room("", storage.UserID{}, func(r *storage.Room) { r.Settings.MaxMembers = 1 })
		invite, code := f.invite(storage.Invite{RoomID: room.ID})
		named := make([]storage.Invite, crowd)
		for i := 3; i < crowd; i += 4 {
			named[i], _ = f.invite(storage.Invite{RoomID: room.ID, InviteeID: users[i]})
		}
		errs := race(crowd, func(i int) error {
			switch i % 4 {
			case 0:
				return f.AddMember(f.ctx, &storage.Membership{RoomID: room.ID, UserID: users[i]})
			case 1:
				return errOf(f.AddMembers(f.ctx, room.ID, 0, users[i]))
			case 2:
				return errOf(f.RedeemInvite(f.ctx, code, users[i]))
			}
			return errOf(f.AcceptInvite(f.ctx, named[i].ID, users[i]))
		})
		won := winner(t, errs, storage.ErrForbidden)
		for i, err := range errs {
			if i != won {
				wantForbidden(t, err, storage.ReasonRoomFull)
			}
		}
		require.Equal(t, int64(1), f.readRoom(room.ID).MemberCount)
		f.readMember(room.ID, users[won])
		f.wantUses(invite.ID, won%4 == 2)
		for i := 3; i < crowd; i += 4 {
			f.wantUses(named[i].ID, won == i)
		}
	}
}

// wantUses requires that an invite was used once, or not at all.
func (f *fixture) wantUses(invite storage.InviteID, once bool) {
	f.t.Helper()
	uses := int64(0)
	if once {
		uses = 1
	}
	require.Equal(f.t, uses, f.readInvite(invite).Uses)
}

// One who has an invite on two devices, or on sixty-four: with the code and
// without it, it serves once.
func testRaceNamedInvite(t *testing.T, f *fixture) {
	l := f.lobby()
	for round := range often {
		i := storage.Invite{RoomID: l.room, InviteeID: l.bob}
		if round%2 == 1 {
			i.InviteeID, i.Email = storage.UserID{}, "bob@example.com"
		}
		i, code := f.invite(i)
		winner(t, race(crowd, func(n int) error {
			if n%2 == 0 {
				return errOf(f.AcceptInvite(f.ctx, i.ID, l.bob))
			}
			return errOf(f.RedeemInvite(f.ctx, code, l.bob))
		}), storage.ErrNotFound)
		f.wantUses(i.ID, true)
		require.Equal(t, int64(2), f.readRoom(l.room).MemberCount)
		require.NoError(t, f.RemoveMember(f.ctx, l.room, l.bob))
	}
}

func testRaceInvite(t *testing.T, f *fixture) {
	users := f.crowdOfUsers()
	room := f.room("hall", storage.UserID{}).ID
	for round := range often {
		invite, code := f.invite(storage.Invite{RoomID: room, MaxUses: 1})
		errs := race(crowd, func(i int) error {
			_, err := f.RedeemInvite(f.ctx, code, users[i])
			return err
		})
		won := winner(t, errs, storage.ErrNotFound)
		require.Equal(t, int64(1), f.readInvite(invite.ID).Uses, "round %d", round)
		require.Equal(t, int64(1), f.readRoom(room).MemberCount)
		require.NoError(t, f.RemoveMember(f.ctx, room, users[won]))
	}
}

func testRaceDirect(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	for range often {
		rooms, made := make([]storage.Room, crowd), make([]bool, crowd)
		for _, err := range race(crowd, func(i int) (err error) {
			a, b := ann, bob
			if i%2 == 0 {
				a, b = bob, ann
			}
			rooms[i], made[i], err = f.OpenDirectRoom(f.ctx, a, b)
			return err
		}) {
			require.NoError(t, err)
		}
		created := 0
		for i, room := range rooms {
			require.Equal(t, rooms[0], room)
			if made[i] {
				created++
			}
		}
		require.Equal(t, 1, created, "rooms that were created")
		require.Equal(t, int64(2), f.readRoom(rooms[0].ID).MemberCount)
		n, err := f.CountRooms(f.ctx, storage.RoomQuery{})
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
		require.NoError(t, f.DeleteRoom(f.ctx, rooms[0].ID))
	}
}

// Owners that all leave at once: as long as somebody else is there, one of
// them has to stay.
func testRaceOwners(t *testing.T, f *fixture) {
	owners := f.crowdOfUsers()
	guest := f.user("guest").ID
	for range often {
		room := f.room("", storage.UserID{}).ID
		_, err := f.AddMembers(f.ctx, room, storage.MemberOwner, owners...)
		require.NoError(t, err)
		f.join(room, guest)
		refused := 0
		for _, err := range race(crowd, func(i int) error {
			if i%2 == 0 {
				return f.SetMemberRole(f.ctx, room, owners[i], storage.MemberMember)
			}
			return f.RemoveMember(f.ctx, room, owners[i])
		}) {
			if err != nil {
				wantForbidden(t, err, storage.ReasonLastOwner)
				refused++
			}
		}
		require.Equal(t, 1, refused, "owners that had to stay")
		n, err := f.CountMembers(f.ctx, storage.MembershipQuery{Room: room, Roles: []storage.MemberRole{storage.MemberOwner}})
		require.NoError(t, err)
		require.Equal(t, int64(1), n, "owners that are left")
		require.NoError(t, f.DeleteRoom(f.ctx, room))
	}
}

func testRaceRoomName(t *testing.T, f *fixture) {
	var old []storage.RoomID
	for range crowd / 2 {
		old = append(old, f.room("", storage.UserID{}).ID)
	}
	for round := range often {
		rooms := make([]storage.Room, crowd)
		name := fmt.Sprintf("Hall %d", round)
		errs := race(crowd, func(i int) (err error) {
			if i%2 == 0 {
				rooms[i], err = f.UpdateRoom(f.ctx, old[i/2], storage.RoomPatch{Name: &name})
				return err
			}
			rooms[i].Name = name
			return f.CreateRoom(f.ctx, &rooms[i])
		})
		won := winner(t, errs, storage.ErrDuplicate, "Name")
		found, err := f.RoomByName(f.ctx, fmt.Sprintf("hall %d", round))
		require.NoError(t, err)
		require.Equal(t, rooms[won].ID, found.ID)
	}
}

// A ban and those who let the banned in again: whoever comes first, he is out
// at the end.
func testRaceBan(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	for range often {
		room := f.room("", ann).ID
		_, code := f.invite(storage.Invite{RoomID: room})
		for i, err := range race(racers, func(i int) error {
			switch i % 4 {
			case 0:
				return f.CreateSanction(f.ctx, &storage.Sanction{UserID: bob, RoomID: room, Kind: storage.SanctionBan})
			case 1:
				_, err := f.AddMembers(f.ctx, room, 0, bob)
				return err
			case 2:
				_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: room, AuthorID: bob})
				return err
			}
			_, err := f.RedeemInvite(f.ctx, code, bob)
			return err
		}) {
			switch {
			case i%4 == 0:
				require.NoError(t, err)
			case err != nil && i%4 != 3:
				wantForbidden(t, err, storage.ReasonBanned)
			}
		}
		f.wantIn(false, room, bob)
		require.Equal(t, int64(1), f.readRoom(room).MemberCount)
	}
}
