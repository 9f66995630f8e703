package storagetest

// What a user may do, as a store's records say it.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var accessCases = []testCase{
	{"as Can decides", testAccessAsCan},
	{"until a sanction ends", testAccessSanctionEnds},
	{"until the room expires", testAccessRoomExpires},
	{"who does not exist", testAccessAbsent},
	{"a hidden room", testAccessHidden},
}

// standing is how a user stands towards a room.
type standing struct {
	name string
	make func(f *fixture, room storage.RoomID, user storage.UserID)
}

func standings() []standing {
	sanctioned := func(kind storage.SanctionKind, everywhere bool) func(*fixture, storage.RoomID, storage.UserID) {
		return func(f *fixture, room storage.RoomID, user storage.UserID) {
			f.join(room, user)
			if everywhere {
				room = storage.RoomID{}
			}
			f.sanction(storage.Sanction{UserID: user, RoomID: room, Kind: kind, ExpiresAt: f.now().Add(time.Minute)})
		}
	}
	all := []standing{
		{"no member", func(*fixture, storage.RoomID, storage.UserID) {}},
		{"muted", sanctioned(storage.SanctionMute, false)},
		{"muted everywhere", sanctioned(storage.SanctionMute, true)},
		{"banned", sanctioned(storage.SanctionBan, false)},
		{"banned everywhere", sanctioned(storage.SanctionBan, true)},
		{"deactivated", func(f *fixture, room storage.RoomID, user storage.UserID) {
			f.join(room, user)
			require.NoError(f.t, f.DeactivateUser(f.ctx, user))
		}},
	}
	for role := storage.MemberOwner; role.Valid(); role++ {
		all = append(all, standing{role.String(), func(f *fixture, room storage.RoomID, user storage.UserID) {
			f.join(room, user, func(m *storage.Membership) { m.Role = role })
		}})
	}
	return all
}

// told is a reader that tells the time of the case.
type told struct {
	storage.Reader
	*clock
}

func (f *fixture) authorize(user storage.UserID, room storage.RoomID, action storage.Action) error {
	return storage.Authorize(f.ctx, told{f, f.clock}, user, room, action)
}

// testAccessAsCan compares Authorize with Can on what the store holds.
func testAccessAsCan(t *testing.T, f *fixture) {
	rooms := []storage.Room{
		f.room("open", storage.UserID{}, func(r *storage.Room) { r.Privacy = storage.PrivacyPublic }),
		f.room("closed", storage.UserID{}),
		f.room("locked", storage.UserID{}, func(r *storage.Room) { r.Privacy = storage.PrivacyProtected }),
		f.room("moderated", storage.UserID{}, func(r *storage.Room) { r.Settings.Moderated = true }),
		f.room("inactive", storage.UserID{}),
	}
	require.NoError(t, f.DeactivateRoom(f.ctx, rooms[4].ID))
	for i, s := range standings() {
		for _, room := range rooms {
			role := []storage.Role{storage.RoleUser, storage.RoleModerator, storage.RoleAdmin, storage.RoleGuest}[i%4]
			user := f.user(fmt.Sprintf("%s-%d", room.Name, i), func(u *storage.User) { u.Role = role })
			s.make(f, room.ID, user.ID)
			f.wantAsCan(room.Name+", "+s.name, user.ID, room.ID)
		}
	}
	ann, bob := f.user("ann").ID, f.user("bob").ID
	direct := f.direct(ann, bob).ID
	f.wantAsCan("in a direct room", ann, direct)
	f.wantAsCan("outside of it", f.user("cid", func(u *storage.User) { u.Role = storage.RoleAdmin }).ID, direct)
}

// wantAsCan requires that a user may do what Can says of the records.
func (f *fixture) wantAsCan(who string, user storage.UserID, room storage.RoomID) {
	f.t.Helper()
	a := storage.Access{User: f.readUser(user), Room: f.readRoom(room), Now: f.now()}
	if m, err := f.Membership(f.ctx, room, user); err == nil {
		a.Membership = &m
	}
	all, err := f.Sanctions(f.ctx, storage.SanctionQuery{User: user})
	require.NoError(f.t, err)
	a.Sanctions = all.Items
	hidden := a.Room.Privacy == storage.PrivacyPrivate && a.Membership == nil
	for action := storage.ActionJoin; action.Valid(); action++ {
		want, got := storage.Can(a, action), f.authorize(user, room, action)
		switch {
		case want == nil:
			assert.NoError(f.t, got, "%s: %s", who, action)
		case hidden:
			wantNotFound(f.t, got, storage.EntityRoom)
		default:
			var e *storage.Error
			require.ErrorAs(f.t, want, &e)
			wantForbidden(f.t, got, e.Reason)
		}
	}
}

func testAccessSanctionEnds(t *testing.T, f *fixture) {
	room, ann := f.room("lobby", storage.UserID{}), f.user("ann").ID
	f.join(room.ID, ann)
	f.sanction(storage.Sanction{UserID: ann, RoomID: room.ID, Kind: storage.SanctionMute, ExpiresAt: f.now().Add(time.Minute)})
	ban := f.sanction(storage.Sanction{UserID: f.user("bob").ID, Kind: storage.SanctionBan})
	f.clock.advance(time.Minute - time.Microsecond)
	wantForbidden(t, f.authorize(ann, room.ID, storage.ActionPost), storage.ReasonMuted)
	f.clock.advance(time.Microsecond)
	require.NoError(t, f.authorize(ann, room.ID, storage.ActionPost))
	square := f.room("square", storage.UserID{}, func(r *storage.Room) { r.Privacy = storage.PrivacyPublic })
	wantForbidden(t, f.authorize(ban.UserID, square.ID, storage.ActionJoin), storage.ReasonBanned)
	f.lift(ban.ID)
	require.NoError(t, f.authorize(ban.UserID, square.ID, storage.ActionJoin))
}

func testAccessRoomExpires(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.room("tent", ann, expiring(f.now().Add(time.Minute)))
	f.clock.advance(time.Minute - time.Microsecond)
	require.NoError(t, f.authorize(ann, room.ID, storage.ActionRead))
	f.clock.advance(time.Microsecond)
	wantForbidden(t, f.authorize(ann, room.ID, storage.ActionRead), storage.ReasonRoomExpired)
}

// A hidden room is as one that is not there, to the last word, until a live
// invite names the user.
func testAccessHidden(t *testing.T, f *fixture) {
	l := f.lobby()
	direct := f.direct(l.ann, l.cid).ID
	absent := func(room storage.RoomID) {
		t.Helper()
		for action := storage.ActionJoin; action.Valid(); action++ {
			e := wantErr(t, f.authorize(l.bob, room, action), storage.ErrNotFound)
			want := wantErr(t, f.authorize(l.bob, nowhere, action), storage.ErrNotFound)
			want.ID = room.String()
			require.Equal(t, want, e, "%s", action)
		}
	}
	known := func() {
		t.Helper()
		wantForbidden(t, f.authorize(l.bob, l.room, storage.ActionJoin), storage.ReasonPrivate)
		wantForbidden(t, f.authorize(l.bob, l.room, storage.ActionRead), storage.ReasonNotMember)
	}
	absent(direct)
	absent(l.room)
	f.invite(storage.Invite{RoomID: l.room})
	f.invite(storage.Invite{RoomID: l.room, InviteeID: l.cid})
	f.invite(storage.Invite{RoomID: l.room, Email: "cid@example.com"})
	f.invite(storage.Invite{RoomID: f.room("other", l.ann).ID, InviteeID: l.bob})
	absent(l.room)
	for _, i := range []storage.Invite{{InviteeID: l.bob}, {Email: "BOB@Example.com"}} {
		i.RoomID, i.ExpiresAt = l.room, f.now().Add(time.Minute)
		i, _ = f.invite(i)
		known()
		ban := f.sanction(storage.Sanction{UserID: l.bob, RoomID: l.room, Kind: storage.SanctionBan})
		wantForbidden(t, f.authorize(l.bob, l.room, storage.ActionJoin), storage.ReasonBanned)
		f.lift(ban.ID)
		require.NoError(t, f.RevokeInvite(f.ctx, i.ID))
		absent(l.room)
		i.ID = storage.InviteID{}
		f.invite(i)
		known()
		f.clock.advance(time.Minute)
		absent(l.room)
	}
}

func testAccessAbsent(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.room("lobby", ann)
	wantNotFound(t, f.authorize(nobody, room.ID, storage.ActionRead), storage.EntityUser)
	wantNotFound(t, f.authorize(ann, nowhere, storage.ActionJoin), storage.EntityRoom)
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	wantNotFound(t, f.authorize(ann, room.ID, storage.ActionRead), storage.EntityRoom)
}
