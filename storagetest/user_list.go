package storagetest

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var userListCases = []testCase{
	{"no users", testUsersNone},
	{"by name", testUsersByName},
	{"by creation under equal times", testUsersByCreation},
	{"by last seen under equal times", testUsersBySeen},
	{"every filter in every order", testUserFilters},
	{"times between microseconds", testUserFilterPrecision},
	{"ranges that are none", testUserRangeInvalid},
	{"limits", testUserLimits},
	{"pages of another size", testUserOtherLimit},
	{"cursors of another query", testUserCursors},
	{"pages while the list changes", testUserPagesMoving},
}

func testUsersNone(t *testing.T, f *fixture) {
	n, err := f.CountUsers(f.ctx, storage.UserQuery{})
	wantSame(t, nil, f.userPages(storage.UserQuery{}), n, err)
	f.user("ann")
	q := storage.UserQuery{Roles: []storage.Role{storage.RoleAdmin}}
	n, err = f.CountUsers(f.ctx, q)
	wantSame(t, nil, f.userPages(q), n, err)
}

func usernames(users []storage.User) []string {
	var names []string
	for _, u := range users {
		names = append(names, u.Username)
	}
	return names
}

func testUsersByName(t *testing.T, f *fixture) {
	for _, name := range []string{"b", "Ä", "a", "z", "C", "10", "9", "a1", "A-b", "a_b", "я", "上海"} {
		f.user(name)
	}
	all := list(f, f.Users, storage.UserQuery{})
	require.Equal(t, []string{"10", "9", "a", "A-b", "a1", "a_b", "b", "C", "z", "Ä", "я", "上海"}, usernames(all))
	wantList(t, all, f.userPages(storage.UserQuery{}))
	wantList(t, all, f.userPages(storage.UserQuery{Order: storage.UsersByName}))
}

func testUsersByCreation(t *testing.T, f *fixture) {
	for i, batch := range []string{"cab", "fde", "hg"} {
		for _, name := range batch {
			f.user(string(name), func(u *storage.User) { u.ID = id[storage.User](byte(name)) })
		}
		f.clock.advance(time.Duration(1-i) * time.Minute) // forth, not at all
	}
	q := storage.UserQuery{Order: storage.UsersByCreation}
	all := list(f, f.Users, q)
	require.Equal(t, []string{"h", "g", "f", "e", "d", "c", "b", "a"}, usernames(all))
	wantList(t, all, f.userPages(q))
}

func testUsersBySeen(t *testing.T, f *fixture) {
	for _, name := range "cbafdeg" {
		f.user(string(name), func(u *storage.User) { u.ID = id[storage.User](byte(name)) })
	}
	for _, batch := range []string{"bd", "ace"} {
		f.clock.advance(time.Microsecond)
		for _, name := range batch {
			require.NoError(t, f.TouchUser(f.ctx, id[storage.User](byte(name))))
		}
	}
	q := storage.UserQuery{Order: storage.UsersBySeen}
	all := list(f, f.Users, q)
	require.Equal(t, []string{"e", "c", "a", "d", "b", "g", "f"}, usernames(all))
	wantList(t, all, f.userPages(q))
}

// population stores users who differ in all that a query asks for.
func (f *fixture) population() []storage.User {
	f.t.Helper()
	roles := []storage.Role{storage.RoleUser, storage.RoleAdmin, storage.RoleUser, storage.RoleGuest, storage.RoleModerator}
	var ids []storage.UserID
	for i, name := range []string{"dan", "Bob", "ann", "Eve", "carol", "Zoë", "yan", "xi"} {
		u := f.user(name, func(u *storage.User) {
			u.ID = id[storage.User](byte(37 * (i + 1)))
			u.Role = roles[i%len(roles)]
			u.Profile.DisplayName = []string{"The Cook", "A Gardener", "Some Cook"}[i%3]
		})
		ids = append(ids, u.ID)
		if i%2 == 1 {
			f.clock.advance(time.Minute)
		}
	}
	for i, id := range ids {
		if i%3 != 0 {
			require.NoError(f.t, f.TouchUser(f.ctx, id))
		}
		if i%4 == 1 {
			require.NoError(f.t, f.DeactivateUser(f.ctx, id))
			f.clock.advance(time.Minute)
		}
	}
	users, err := f.UsersByID(f.ctx, ids...)
	require.NoError(f.t, err)
	return users
}

// userOrders are the orders of users as their comments say.
var userOrders = map[storage.UserOrder]func(a, b storage.User) int{
	0:                   compareNames,
	storage.UsersByName: compareNames,
	storage.UsersByCreation: func(a, b storage.User) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	},
	storage.UsersBySeen: func(a, b storage.User) int {
		return cmp.Or(b.LastSeenAt.Compare(a.LastSeenAt), b.ID.Compare(a.ID))
	},
}

func compareNames(a, b storage.User) int {
	x, _ := storage.FoldUsername(a.Username)
	y, _ := storage.FoldUsername(b.Username)
	return bytes.Compare([]byte(x), []byte(y))
}

func testUserFilters(t *testing.T, f *fixture) {
	users := f.population()
	from, to := users[2].CreatedAt, users[6].CreatedAt
	seen := users[4].LastSeenAt
	require.NotZero(t, seen)
	cook := func(u storage.User) bool { return u.Profile.DisplayName != "A Gardener" }
	for name, c := range map[string]struct {
		q    storage.UserQuery
		want func(storage.User) bool
	}{
		"all":      {storage.UserQuery{}, func(storage.User) bool { return true }},
		"a role":   {storage.UserQuery{Roles: []storage.Role{storage.RoleUser}}, func(u storage.User) bool { return u.Role == storage.RoleUser }},
		"roles":    {storage.UserQuery{Roles: []storage.Role{storage.RoleGuest, storage.RoleAdmin, storage.RoleGuest}}, func(u storage.User) bool { return u.Role == storage.RoleAdmin || u.Role == storage.RoleGuest }},
		"active":   {storage.UserQuery{Active: new(true)}, func(u storage.User) bool { return u.Active }},
		"inactive": {storage.UserQuery{Active: new(false)}, func(u storage.User) bool { return !u.Active }},
		"seen":     {storage.UserQuery{SeenSince: seen}, func(u storage.User) bool { return !u.LastSeenAt.Before(seen) }},
		"from":     {storage.UserQuery{CreatedFrom: from}, func(u storage.User) bool { return !u.CreatedAt.Before(from) }},
		"to":       {storage.UserQuery{CreatedTo: to}, func(u storage.User) bool { return u.CreatedAt.Before(to) }},
		"range":    {storage.UserQuery{CreatedFrom: from, CreatedTo: to}, func(u storage.User) bool { return !u.CreatedAt.Before(from) && u.CreatedAt.Before(to) }},
		"no range": {storage.UserQuery{CreatedFrom: to, CreatedTo: to}, func(u storage.User) bool { return false }},
		"text":     {storage.UserQuery{Text: "COO"}, cook},
		"much": {
			storage.UserQuery{Roles: []storage.Role{storage.RoleUser, storage.RoleModerator}, Active: new(true), SeenSince: seen, CreatedFrom: from, Text: "cook"},
			func(u storage.User) bool {
				return (u.Role == storage.RoleUser || u.Role == storage.RoleModerator) && u.Active &&
					!u.LastSeenAt.Before(seen) && !u.CreatedAt.Before(from) && cook(u)
			},
		},
	} {
		for order, compare := range userOrders {
			want := slices.DeleteFunc(slices.Clone(users), func(u storage.User) bool { return !c.want(u) })
			slices.SortFunc(want, compare)
			c.q.Order = order
			n, err := f.CountUsers(f.ctx, c.q)
			require.NoError(t, err)
			require.Equal(t, int64(len(want)), n, "CountUsers(%s, order %d)", name, order)
			if len(want) > 0 {
				require.Equal(t, want, list(f, f.Users, c.q), "Users(%s, order %d)", name, order)
			}
			wantWalk(t, want, 2, f.userPages(c.q))
		}
	}
}

// testUserFilterPrecision asks with bounds that no stored time can equal.
func testUserFilterPrecision(t *testing.T, f *fixture) {
	u := f.user("ann")
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	later := f.now().Add(time.Nanosecond)
	for name, c := range map[string]struct {
		q    storage.UserQuery
		want int64
	}{
		"CreatedFrom a nanosecond later":   {storage.UserQuery{CreatedFrom: later}, 0},
		"CreatedTo a nanosecond later":     {storage.UserQuery{CreatedTo: later}, 1},
		"SeenSince a nanosecond later":     {storage.UserQuery{SeenSince: later}, 0},
		"CreatedTo the very time":          {storage.UserQuery{CreatedTo: f.now()}, 0},
		"CreatedFrom the very time":        {storage.UserQuery{CreatedFrom: f.now()}, 1},
		"CreatedFrom in another time zone": {storage.UserQuery{CreatedFrom: f.now().In(clockStart.Location())}, 1},
	} {
		n, err := f.CountUsers(f.ctx, c.q)
		require.NoError(t, err)
		require.Equal(t, c.want, n, name)
	}
}

func testUserRangeInvalid(t *testing.T, f *fixture) {
	never := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		field string
		q     storage.UserQuery
	}{
		{"CreatedTo", storage.UserQuery{CreatedFrom: f.now(), CreatedTo: f.now().Add(-time.Second)}},
		{"CreatedTo", storage.UserQuery{CreatedTo: never}},
		{"SeenSince", storage.UserQuery{SeenSince: never}},
	} {
		_, err := f.Users(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
		_, err = f.CountUsers(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
	}
}

func testUserLimits(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range storage.MaxLimit + 1 {
			require.NoError(t, tx.CreateUser(ctx, &storage.User{Username: "user" + strconv.Itoa(i)}))
		}
	})
	wantLimits(t, f.userPages(storage.UserQuery{}))
	n, err := f.CountUsers(f.ctx, storage.UserQuery{Limit: 3})
	require.NoError(t, err)
	require.Equal(t, int64(storage.MaxLimit+1), n, "CountUsers with a Limit")
}

func testUserOtherLimit(t *testing.T, f *fixture) {
	want := f.population()
	slices.SortFunc(want, compareNames)
	wantOtherLimit(t, want, f.userPages(storage.UserQuery{}))
}

func testUserCursors(t *testing.T, f *fixture) {
	f.population()
	f.room("one", storage.UserID{})
	f.room("two", storage.UserID{})
	read := f.userPages(storage.UserQuery{})
	cursor := next(t, read)
	wantTampered(t, read, cursor)
	wantForeign(t, read,
		next(t, f.userPages(storage.UserQuery{Order: storage.UsersByCreation})),
		next(t, f.userPages(storage.UserQuery{Active: new(true)})),
		next(t, f.userPages(storage.UserQuery{Text: "cook"})),
		next(t, f.userPages(storage.UserQuery{CreatedTo: f.now().Add(time.Second)})),
		next(t, f.roomPages(storage.RoomQuery{})),
	)
	n, err := f.CountUsers(f.ctx, storage.UserQuery{Cursor: cursor})
	require.NoError(t, err)
	require.Equal(t, int64(8), n, "CountUsers with a Cursor")
}

func testUserPagesMoving(t *testing.T, f *fixture) {
	var users []storage.User
	for _, name := range []string{"b", "d", "f", "h", "j"} {
		users = append(users, f.user(name))
	}
	read := f.userPages(storage.UserQuery{})
	first := wantPage(t, users, 0, 2, read, "")
	require.NoError(t, f.DeleteUser(f.ctx, users[1].ID)) // where the cursor stands
	a, e := f.user("a"), f.user("e")

	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, []storage.User{e, users[2]}, second.Items)
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, []storage.User{a, users[0]}, back.Items)
	require.Empty(t, back.Prev)
}
