package storagetest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var membershipListCases = []testCase{
	{"of a room, by joining under equal times", testMembersByJoining},
	{"of a room, by activity under equal times", testMembersByActivity},
	{"of a user, under equal times", testMembershipsOfUser},
	{"every filter in every order", testMemberFilters},
	{"of nothing", testMembersNone},
	{"queries that mean nothing", testMembersInvalid},
	{"limits", testMemberLimits},
	{"pages of another size", testMemberOtherLimit},
	{"cursors of another query", testMemberCursors},
	{"pages while the list changes", testMemberPagesMoving},
}

// crowd stores users named by letters, whose identifiers sort as these do,
// and makes them members of a room at once.
func (f *fixture) crowd(room storage.RoomID, letters string) {
	f.t.Helper()
	for _, letter := range letters {
		u := f.user(string(letter), func(u *storage.User) { u.ID = id[storage.User](byte(letter)) })
		f.join(room, u.ID)
	}
}

// memberLetters returns the letters of the members, or of the rooms, of a list.
func memberLetters(ms []storage.Membership, room bool) string {
	var b []byte
	for _, m := range ms {
		if room {
			b = append(b, m.RoomID[15])
		} else {
			b = append(b, m.UserID[15])
		}
	}
	return string(b)
}

func testMembersByJoining(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	for _, batch := range []string{"fb", "cae", "d"} {
		f.crowd(room.ID, batch)
		f.clock.advance(time.Microsecond)
	}
	q := storage.MembershipQuery{Room: room.ID}
	all := list(f, f.Memberships, q)
	require.Equal(t, "bfaced", memberLetters(all, false))
	n, err := f.CountMembers(f.ctx, q)
	wantSame(t, all, f.memberPages(q), n, err)
	q.Order = storage.MembersByJoining
	wantList(t, all, f.memberPages(q))
}

func testMembersByActivity(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	f.crowd(room.ID, "gfbcaed")
	for _, batch := range []string{"eb", "cda"} {
		f.clock.advance(time.Microsecond)
		for _, letter := range batch {
			require.NoError(t, f.TouchMember(f.ctx, room.ID, id[storage.User](byte(letter))))
		}
	}
	q := storage.MembershipQuery{Room: room.ID, Order: storage.MembersByActivity}
	all := list(f, f.Memberships, q)
	require.Equal(t, "dcaebgf", memberLetters(all, false))
	wantList(t, all, f.memberPages(q))
}

func testMembershipsOfUser(t *testing.T, f *fixture) {
	f.lettered("dbeacf")
	ann := f.user("ann")
	for _, batch := range []string{"fd", "bca"} {
		f.clock.advance(time.Microsecond)
		for _, letter := range batch {
			f.join(id[storage.Room](byte(letter)), ann.ID)
		}
	}
	q := storage.MembershipQuery{User: ann.ID}
	all := list(f, f.Memberships, q)
	require.Equal(t, "dfabc", memberLetters(all, true))
	n, err := f.CountMembers(f.ctx, q)
	wantSame(t, all, f.memberPages(q), n, err)

	f.clock.advance(time.Second)
	for _, letter := range "ca" {
		require.NoError(t, f.TouchMember(f.ctx, id[storage.Room](byte(letter)), ann.ID))
	}
	q.Order = storage.MembersByActivity
	all = list(f, f.Memberships, q)
	require.Equal(t, "cafdb", memberLetters(all, true))
	wantList(t, all, f.memberPages(q))
}

func testMemberFilters(t *testing.T, f *fixture) {
	room, elsewhere := f.room("general", storage.UserID{}), f.room("elsewhere", storage.UserID{})
	for i, letter := range "edacfgb" {
		f.crowd(room.ID, string(letter))
		u := id[storage.User](byte(letter))
		f.join(elsewhere.ID, u)
		require.NoError(t, f.SetMemberRole(f.ctx, room.ID, u, storage.MemberMember-storage.MemberRole(i%3)))
		if i%2 == 1 {
			f.clock.advance(time.Minute)
			require.NoError(t, f.TouchMember(f.ctx, room.ID, u))
		}
	}
	members := list(f, f.Memberships, storage.MembershipQuery{Room: room.ID})
	since := f.now().Add(-time.Minute)
	for name, c := range map[string]struct {
		q    storage.MembershipQuery
		want func(storage.Membership) bool
		n    int
	}{
		"a role": {storage.MembershipQuery{Roles: []storage.MemberRole{storage.MemberAdmin}}, func(m storage.Membership) bool { return m.Role == storage.MemberAdmin }, 2},
		"roles": {
			storage.MembershipQuery{Roles: []storage.MemberRole{storage.MemberMember, storage.MemberAdmin, storage.MemberOwner, storage.MemberAdmin}},
			func(m storage.Membership) bool { return m.Role != storage.MemberModerator }, 5,
		},
		"active":                {storage.MembershipQuery{ActiveSince: since}, func(m storage.Membership) bool { return !m.LastActiveAt.Before(since) }, 2},
		"active a moment later": {storage.MembershipQuery{ActiveSince: since.Add(1)}, func(m storage.Membership) bool { return m.LastActiveAt.After(since) }, 1},
		"both": {
			storage.MembershipQuery{ActiveSince: since, Roles: []storage.MemberRole{storage.MemberMember}},
			func(m storage.Membership) bool {
				return !m.LastActiveAt.Before(since) && m.Role == storage.MemberMember
			}, 1,
		},
	} {
		for order, compare := range memberOrders {
			want := slices.DeleteFunc(slices.Clone(members), func(m storage.Membership) bool { return !c.want(m) })
			require.Len(t, want, c.n, name)
			slices.SortFunc(want, compare)
			c.q.Room, c.q.Order = room.ID, order
			n, err := f.CountMembers(f.ctx, c.q)
			require.NoError(t, err)
			require.Equal(t, int64(len(want)), n, "CountMembers(%s, order %d)", name, order)
			require.Equal(t, want, list(f, f.Memberships, c.q), "Memberships(%s, order %d)", name, order)
			wantWalk(t, want, 2, f.memberPages(c.q))
		}
	}
}

// memberOrders are the orders of a room's members as their comments say.
var memberOrders = map[storage.MembershipOrder]func(a, b storage.Membership) int{
	storage.MembersByJoining: func(a, b storage.Membership) int {
		return cmp.Or(a.JoinedAt.Compare(b.JoinedAt), a.UserID.Compare(b.UserID))
	},
	storage.MembersByActivity: func(a, b storage.Membership) int {
		return cmp.Or(b.LastActiveAt.Compare(a.LastActiveAt), b.UserID.Compare(a.UserID))
	},
}

func testMembersNone(t *testing.T, f *fixture) {
	room, ann := f.room("general", storage.UserID{}), f.user("ann")
	for _, q := range []storage.MembershipQuery{
		{Room: room.ID}, {User: ann.ID}, {Room: nowhere}, {User: nobody},
		{Room: storage.RoomID(ann.ID)}, {User: ann.ID, Order: storage.MembersByActivity, ActiveSince: f.now()},
	} {
		n, err := f.CountMembers(f.ctx, q)
		wantSame(t, nil, f.memberPages(q), n, err)
	}
}

func testMembersInvalid(t *testing.T, f *fixture) {
	room, ann := f.room("general", storage.UserID{}), f.user("ann")
	for field, q := range map[string]storage.MembershipQuery{
		"Room":        {},
		"User":        {Room: room.ID, User: ann.ID},
		"Roles":       {Room: room.ID, Roles: []storage.MemberRole{0}},
		"Order":       {User: ann.ID, Order: storage.MembersByActivity + 1},
		"ActiveSince": {User: ann.ID, ActiveSince: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		_, err := f.Memberships(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		_, err = f.CountMembers(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
}

func testMemberLimits(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		ids := make([]storage.UserID, storage.MaxLimit+1)
		for i := range ids {
			u := storage.User{Username: "user" + strconv.Itoa(i)}
			require.NoError(t, tx.CreateUser(ctx, &u))
			ids[i] = u.ID
		}
		added, err := tx.AddMembers(ctx, room.ID, 0, ids...)
		require.NoError(t, err)
		require.Equal(t, len(ids), added)
	})
	wantLimits(t, f.memberPages(storage.MembershipQuery{Room: room.ID}))
	n, err := f.CountMembers(f.ctx, storage.MembershipQuery{Room: room.ID, Limit: 3})
	require.NoError(t, err)
	require.Equal(t, int64(storage.MaxLimit+1), n, "CountMembers with a Limit")
	require.Equal(t, n, f.readRoom(room.ID).MemberCount)
}

func testMemberOtherLimit(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	f.crowd(room.ID, "edacb")
	q := storage.MembershipQuery{Room: room.ID}
	wantOtherLimit(t, list(f, f.Memberships, q), f.memberPages(q))
}

func testMemberCursors(t *testing.T, f *fixture) {
	room, other := f.room("general", storage.UserID{}), f.room("other", storage.UserID{})
	f.crowd(room.ID, "ab")
	ann := id[storage.User]('a')
	f.join(other.ID, ann)
	f.join(other.ID, id[storage.User]('b'))
	read := f.memberPages(storage.MembershipQuery{Room: room.ID})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.memberPages(storage.MembershipQuery{Room: other.ID})),
		next(t, f.memberPages(storage.MembershipQuery{User: ann})),
		next(t, f.memberPages(storage.MembershipQuery{Room: room.ID, Order: storage.MembersByActivity})),
		next(t, f.memberPages(storage.MembershipQuery{Room: room.ID, Roles: []storage.MemberRole{storage.MemberMember}})),
		next(t, f.userPages(storage.UserQuery{})),
	)
}

func testMemberPagesMoving(t *testing.T, f *fixture) {
	room := f.room("general", storage.UserID{})
	f.crowd(room.ID, "bdfh")
	read := f.memberPages(storage.MembershipQuery{Room: room.ID})
	first, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, "bd", memberLetters(first.Items, false))
	require.NoError(t, f.RemoveMember(f.ctx, room.ID, id[storage.User]('d'))) // where the cursor stands
	f.crowd(room.ID, "ae")

	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, "ef", memberLetters(second.Items, false))
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, "ab", memberLetters(back.Items, false))
	require.Empty(t, back.Prev)
}
