package storagetest

// Which rooms a user may find.

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomVisibleCases = []testCase{
	{"every case", testVisibleEveryCase},
	{"banned everywhere", testVisibleBanned},
	{"by an address that moves", testVisibleEmail},
	{"nobody finds anything", testVisibleNobody},
	{"cursors of another", testVisibleCursors},
}

// tie is what connects a user with a room, and whether the user finds the room
// by it: always, never, or where it stands open.
type tie struct {
	name string
	find bool // whatever the room is
	bars bool // even from an open room
	make func(f *fixture, room storage.RoomID, user storage.UserID)
}

// ties are about a user whose address is bob@example.com.
var ties = []tie{
	{name: "none", make: func(*fixture, storage.RoomID, storage.UserID) {}},
	{name: "member", find: true, make: func(f *fixture, room storage.RoomID, user storage.UserID) { f.join(room, user) }},
	{name: "invited", find: true, make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		f.invite(storage.Invite{RoomID: room, InviteeID: user})
	}},
	{name: "invited by address", find: true, make: func(f *fixture, room storage.RoomID, _ storage.UserID) {
		f.invite(storage.Invite{RoomID: room, Email: "BOB@example.com"})
	}},
	{name: "an invite that has expired", make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		f.invite(storage.Invite{RoomID: room, InviteeID: user, ExpiresAt: f.now().Add(time.Minute)})
	}},
	{name: "an invite that was revoked", make: func(f *fixture, room storage.RoomID, _ storage.UserID) {
		i, _ := f.invite(storage.Invite{RoomID: room, Email: "bob@example.com"})
		require.NoError(f.t, f.RevokeInvite(f.ctx, i.ID))
	}},
	{name: "an invite that was used", make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		i, _ := f.invite(storage.Invite{RoomID: room, InviteeID: user})
		_, err := f.AcceptInvite(f.ctx, i.ID, user)
		require.NoError(f.t, err)
		require.NoError(f.t, f.RemoveMember(f.ctx, room, user))
	}},
	{name: "invites for others", make: func(f *fixture, room storage.RoomID, _ storage.UserID) {
		f.invite(storage.Invite{RoomID: room})
		f.invite(storage.Invite{RoomID: room, Email: "dee@example.com"})
	}},
	{name: "banned", bars: true, make: ban(storage.SanctionBan, 0)},
	{name: "banned for long", bars: true, make: ban(storage.SanctionBan, time.Hour)},
	{name: "a ban that has expired", make: ban(storage.SanctionBan, time.Minute)},
	{name: "a ban that was lifted", make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		f.lift(f.sanction(storage.Sanction{RoomID: room, UserID: user, Kind: storage.SanctionBan}).ID)
	}},
	{name: "muted", make: ban(storage.SanctionMute, 0)},
	{name: "kicked", make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		f.join(room, user)
		ban(storage.SanctionKick, 0)(f, room, user)
	}},
	{name: "banned and invited", find: true, make: func(f *fixture, room storage.RoomID, user storage.UserID) {
		ban(storage.SanctionBan, 0)(f, room, user)
		f.invite(storage.Invite{RoomID: room, InviteeID: user})
	}},
}

func ban(kind storage.SanctionKind, lasts time.Duration) func(*fixture, storage.RoomID, storage.UserID) {
	return func(f *fixture, room storage.RoomID, user storage.UserID) {
		s := storage.Sanction{RoomID: room, UserID: user, Kind: kind}
		if lasts > 0 {
			s.ExpiresAt = f.now().Add(lasts)
		}
		f.sanction(s)
	}
}

// street stores a room for each tie, privacy and state, and returns those that
// bob finds. They all are two minutes old.
func (f *fixture) street() (bob storage.UserID, found []storage.Room) {
	f.t.Helper()
	bob = f.user("bob", func(u *storage.User) { u.Email = "Bob@example.com" }).ID
	ann := f.user("ann").ID
	type house struct {
		room  storage.RoomID
		found bool
	}
	var houses []house
	for n, tie := range ties {
		for _, privacy := range []storage.Privacy{storage.PrivacyPublic, storage.PrivacyPrivate, storage.PrivacyProtected, storage.PrivacySystem} {
			for state := range 3 {
				room := f.room("", ann, func(r *storage.Room) {
					r.ID, r.Privacy, r.Topic = storage.RoomID{2, byte(89 * len(houses)), 6: 0x70, 8: 0x80}, privacy, "Green Tea"
					r.Type = []storage.RoomType{storage.RoomChannel, storage.RoomGroup, storage.RoomTemporary}[n%3]
					if state > 0 {
						expiring(f.now().Add([]time.Duration{0, time.Hour, 2 * time.Minute}[state]))(r)
					}
				})
				tie.make(f, room.ID, bob)
				inactive := (n+state)%4 == 0
				if inactive {
					require.NoError(f.t, f.DeactivateRoom(f.ctx, room.ID))
				}
				open := (privacy == storage.PrivacyPublic || privacy == storage.PrivacyProtected) && !inactive && state < 2
				houses = append(houses, house{room.ID, tie.find || open && !tie.bars})
			}
		}
	}
	f.clock.advance(2 * time.Minute)
	for _, h := range houses {
		if h.found {
			found = append(found, f.readRoom(h.room))
		}
	}
	return bob, found
}

func testVisibleEveryCase(t *testing.T, f *fixture) {
	bob, found := f.street()
	for name, c := range map[string]struct {
		q    storage.RoomQuery
		want func(storage.Room) bool
	}{
		"all":       {storage.RoomQuery{}, func(storage.Room) bool { return true }},
		"a type":    {storage.RoomQuery{Types: []storage.RoomType{storage.RoomGroup}}, func(r storage.Room) bool { return r.Type == storage.RoomGroup }},
		"a privacy": {storage.RoomQuery{Privacies: []storage.Privacy{storage.PrivacyPublic}}, func(r storage.Room) bool { return r.Privacy == storage.PrivacyPublic }},
		"member": {storage.RoomQuery{Member: bob}, func(r storage.Room) bool {
			in, err := f.IsMember(f.ctx, r.ID, bob)
			require.NoError(t, err)
			return in
		}},
		"active":       {storage.RoomQuery{Active: new(true)}, func(r storage.Room) bool { return r.Active }},
		"inactive":     {storage.RoomQuery{Active: new(false)}, func(r storage.Room) bool { return !r.Active }},
		"expired":      {storage.RoomQuery{Expired: new(true)}, func(r storage.Room) bool { return r.Expired(f.now()) }},
		"not expired":  {storage.RoomQuery{Expired: new(false)}, func(r storage.Room) bool { return !r.Expired(f.now()) }},
		"text":         {storage.RoomQuery{Text: "tea gre"}, func(storage.Room) bool { return true }},
		"another text": {storage.RoomQuery{Text: "coffee"}, func(storage.Room) bool { return false }},
		"creator":      {storage.RoomQuery{Creator: bob}, func(storage.Room) bool { return false }},
		"much": {
			storage.RoomQuery{Types: []storage.RoomType{storage.RoomGroup, storage.RoomChannel}, Active: new(true), Expired: new(false), Text: "green"},
			func(r storage.Room) bool { return r.Type != storage.RoomTemporary && r.Active && !r.Expired(f.now()) },
		},
	} {
		for order, compare := range roomOrders {
			c.q.Order, c.q.VisibleTo = order, bob
			want := slices.DeleteFunc(slices.Clone(found), func(r storage.Room) bool { return !c.want(r) })
			slices.SortFunc(want, compare)
			n, err := f.CountRooms(f.ctx, c.q)
			require.NoError(t, err)
			require.Equal(t, int64(len(want)), n, "CountRooms(%s, order %d)", name, order)
			wantWalk(t, want, 50, f.roomPages(c.q))
		}
	}
}

func testVisibleBanned(t *testing.T, f *fixture) {
	bob, found := f.street()
	s := f.sanction(storage.Sanction{UserID: bob, Kind: storage.SanctionBan, ExpiresAt: f.now().Add(time.Minute)})
	for _, r := range list(f, f.Rooms, storage.RoomQuery{VisibleTo: bob}) {
		q := storage.InviteQuery{Room: r.ID, Invitee: bob, Live: new(true)}
		require.NotEmpty(t, list(f, f.Invites, q), "found by one who is banned everywhere and was not invited")
	}
	f.lift(s.ID)
	found = slices.DeleteFunc(found, func(r storage.Room) bool { // the ban has ended bob's memberships
		open := (r.Privacy == storage.PrivacyPublic || r.Privacy == storage.PrivacyProtected) && r.Active && !r.Expired(f.now())
		return !open && len(list(f, f.Invites, storage.InviteQuery{Room: r.ID, Invitee: bob, Live: new(true)})) == 0
	})
	n, err := f.CountRooms(f.ctx, storage.RoomQuery{VisibleTo: bob})
	require.NoError(t, err)
	require.Equal(t, int64(len(found)), n)
}

func testVisibleEmail(t *testing.T, f *fixture) {
	bob, cid := f.user("bob", func(u *storage.User) { u.Email = "bob@example.com" }).ID, f.user("cid").ID
	room := f.room("room", storage.UserID{})
	f.invite(storage.Invite{RoomID: room.ID, Email: "Bob@Example.com"})
	visible := func(user storage.UserID) []storage.Room { return list(f, f.Rooms, storage.RoomQuery{VisibleTo: user}) }
	require.Equal(t, []storage.Room{room}, visible(bob))
	require.Empty(t, visible(cid), "one without an address")
	_, err := f.UpdateUser(f.ctx, bob, storage.UserPatch{Email: new("")})
	require.NoError(t, err)
	require.Empty(t, visible(bob))
	_, err = f.UpdateUser(f.ctx, cid, storage.UserPatch{Email: new("BOB@example.com")})
	require.NoError(t, err)
	require.Equal(t, []storage.Room{room}, visible(cid))
}

func testVisibleNobody(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	room := f.room("square", ann, func(r *storage.Room) { r.Privacy = storage.PrivacyPublic })
	require.Equal(t, []storage.Room{room}, list(f, f.Rooms, storage.RoomQuery{VisibleTo: f.user("bob").ID}))
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	for _, user := range []storage.UserID{nobody, ann} {
		require.Empty(t, list(f, f.Rooms, storage.RoomQuery{VisibleTo: user}), "a user who does not exist finds none")
		n, err := f.CountRooms(f.ctx, storage.RoomQuery{VisibleTo: user})
		require.NoError(t, err)
		require.Zero(t, n)
	}
	f.user("ann2", func(u *storage.User) { u.ID = ann })
	require.NoError(t, f.DeactivateUser(f.ctx, ann))
	require.Len(t, list(f, f.Rooms, storage.RoomQuery{VisibleTo: ann}), 1, "an inactive user exists")
}

func testVisibleCursors(t *testing.T, f *fixture) {
	bob, _ := f.street()
	ann, err := f.UserByUsername(f.ctx, "ann")
	require.NoError(t, err)
	read := f.roomPages(storage.RoomQuery{VisibleTo: bob})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.roomPages(storage.RoomQuery{})),
		next(t, f.roomPages(storage.RoomQuery{VisibleTo: ann.ID})),
		next(t, f.roomPages(storage.RoomQuery{VisibleTo: bob, Expired: new(false)})),
		next(t, f.roomPages(storage.RoomQuery{Member: bob})),
	)
	wantForeign(t, f.roomPages(storage.RoomQuery{Expired: new(true)}), next(t, f.roomPages(storage.RoomQuery{Expired: new(false)})))
}
