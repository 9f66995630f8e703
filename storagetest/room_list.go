package storagetest

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var roomListCases = []testCase{
	{"no rooms", testRoomsNone},
	{"by name, the nameless first", testRoomsByName},
	{"by creation under equal times", testRoomsByCreation},
	{"by activity under equal times", testRoomsByActivity},
	{"by members under equal numbers", testRoomsByMembers},
	{"every filter in every order", testRoomFilters},
	{"limits", testRoomLimits},
	{"pages of another size", testRoomOtherLimit},
	{"cursors of another query", testRoomCursors},
	{"pages while the list changes", testRoomPagesMoving},
}

func testRoomsNone(t *testing.T, f *fixture) {
	n, err := f.CountRooms(f.ctx, storage.RoomQuery{})
	wantSame(t, nil, f.roomPages(storage.RoomQuery{}), n, err)
	f.room("general", storage.UserID{})
	for _, q := range []storage.RoomQuery{
		{Creator: nobody}, {Member: nobody}, {Types: []storage.RoomType{storage.RoomGroup}},
	} {
		n, err := f.CountRooms(f.ctx, q)
		wantSame(t, nil, f.roomPages(q), n, err)
	}
}

// roomNames joins the names of rooms, for those without one their letter.
func roomNames(rooms []storage.Room) string {
	var names []string
	for _, r := range rooms {
		names = append(names, cmp.Or(r.Name, "-"+string(r.ID[15])))
	}
	return strings.Join(names, " ")
}

// lettered stores rooms named by letters, whose identifiers sort as these do.
func (f *fixture) lettered(letters string, edits ...func(*storage.Room)) {
	f.t.Helper()
	for _, letter := range letters {
		f.room(string(letter), storage.UserID{}, append(edits, func(r *storage.Room) {
			r.ID = id[storage.Room](byte(letter))
		})...)
	}
}

func testRoomsByName(t *testing.T, f *fixture) {
	f.lettered("zyx", func(r *storage.Room) { r.Name = "" })
	for _, name := range []string{"b", "Ä", "C", "a", "10", "9", "a b", "a!", "_", "上海", "Z", "\x01", "😀", "\uffff"} {
		f.room(name, storage.UserID{})
	}
	all := list(f, f.Rooms, storage.RoomQuery{})
	require.Equal(t, "-x -y -z \x01 10 9 _ a a b a! b C Z Ä 上海 \uffff 😀", roomNames(all))
	wantList(t, all, f.roomPages(storage.RoomQuery{}))
	wantList(t, all, f.roomPages(storage.RoomQuery{Order: storage.RoomsByName}))
}

func testRoomsByCreation(t *testing.T, f *fixture) {
	for _, batch := range []string{"cab", "fd", "e"} {
		f.lettered(batch)
		f.clock.advance(time.Microsecond)
	}
	q := storage.RoomQuery{Order: storage.RoomsByCreation}
	all := list(f, f.Rooms, q)
	require.Equal(t, "e f d c b a", roomNames(all))
	wantList(t, all, f.roomPages(q))
}

func testRoomsByActivity(t *testing.T, f *fixture) {
	f.lettered("gfedcba")
	for _, batch := range []string{"eb", "adc", "e"} {
		f.clock.advance(time.Microsecond)
		for _, letter := range batch {
			f.say(id[storage.Room](byte(letter)), storage.UserID{}, "hello")
		}
	}
	q := storage.RoomQuery{Order: storage.RoomsByActivity}
	all := list(f, f.Rooms, q)
	require.Equal(t, "e d c a b g f", roomNames(all))
	wantList(t, all, f.roomPages(q))
}

func testRoomsByMembers(t *testing.T, f *fixture) {
	f.lettered("fbeadc")
	for name, rooms := range map[string]string{"ann": "bcde", "bob": "ce"} {
		u := f.user(name)
		for _, letter := range rooms {
			f.join(id[storage.Room](byte(letter)), u.ID)
		}
	}
	q := storage.RoomQuery{Order: storage.RoomsByMembers}
	all := list(f, f.Rooms, q)
	require.Equal(t, "e c d b f a", roomNames(all))
	wantList(t, all, f.roomPages(q))
}

// house stores rooms that differ in all that a query asks for; ann created
// some, and is in these and in others.
func (f *fixture) house() (ann storage.User, rooms []storage.Room) {
	f.t.Helper()
	ann, bob := f.user("ann"), f.user("bob")
	var ids []storage.RoomID
	for i, name := range []string{"hall", "", "Attic", "cellar", "", "Über", "garden", "shed"} {
		r := f.room(name, []storage.UserID{ann.ID, bob.ID, {}}[i%3], func(r *storage.Room) {
			r.ID = id[storage.Room](byte(37 * (i + 1)))
			r.Type = []storage.RoomType{storage.RoomChannel, storage.RoomGroup, storage.RoomSystem, storage.RoomTemporary}[i%4]
			r.Privacy = []storage.Privacy{storage.PrivacyPublic, storage.PrivacyPrivate, storage.PrivacyProtected}[i/2%3]
			r.Topic = []string{"Green Tea", "black coffee"}[i%2]
		})
		ids = append(ids, r.ID)
		if i%4 == 1 {
			f.join(r.ID, ann.ID)
		}
		if i%3 == 1 {
			f.clock.advance(time.Minute)
			f.say(r.ID, bob.ID, "hello")
		}
		if i%4 == 2 {
			require.NoError(f.t, f.DeactivateRoom(f.ctx, r.ID))
		}
	}
	rooms, err := f.RoomsByID(f.ctx, ids...)
	require.NoError(f.t, err)
	return ann, rooms
}

// roomOrders are the orders of rooms as their comments say.
var roomOrders = map[storage.RoomOrder]func(a, b storage.Room) int{
	0:                   compareRoomNames,
	storage.RoomsByName: compareRoomNames,
	storage.RoomsByCreation: func(a, b storage.Room) int {
		return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), b.ID.Compare(a.ID))
	},
	storage.RoomsByActivity: func(a, b storage.Room) int {
		return cmp.Or(b.LastMessageAt.Compare(a.LastMessageAt), b.ID.Compare(a.ID))
	},
	storage.RoomsByMembers: func(a, b storage.Room) int {
		return cmp.Or(cmp.Compare(b.MemberCount, a.MemberCount), b.ID.Compare(a.ID))
	},
}

func compareRoomNames(a, b storage.Room) int {
	return cmp.Or(cmp.Compare(storage.FoldRoomName(a.Name), storage.FoldRoomName(b.Name)), a.ID.Compare(b.ID))
}

func testRoomFilters(t *testing.T, f *fixture) {
	ann, rooms := f.house()
	in := func(r storage.Room) bool {
		member, err := f.IsMember(f.ctx, r.ID, ann.ID)
		require.NoError(t, err)
		return member
	}
	type filter struct {
		q    storage.RoomQuery
		want func(storage.Room) bool
	}
	for name, c := range map[string]filter{
		"all":       {storage.RoomQuery{}, func(storage.Room) bool { return true }},
		"a type":    {storage.RoomQuery{Types: []storage.RoomType{storage.RoomSystem}}, func(r storage.Room) bool { return r.Type == storage.RoomSystem }},
		"types":     {storage.RoomQuery{Types: []storage.RoomType{storage.RoomSystem, storage.RoomGroup, storage.RoomGroup}}, func(r storage.Room) bool { return r.Type == storage.RoomSystem || r.Type == storage.RoomGroup }},
		"a privacy": {storage.RoomQuery{Privacies: []storage.Privacy{storage.PrivacyPublic}}, func(r storage.Room) bool { return r.Privacy == storage.PrivacyPublic }},
		"privacies": {storage.RoomQuery{Privacies: []storage.Privacy{storage.PrivacyPublic, storage.PrivacyProtected}}, func(r storage.Room) bool { return r.Privacy != storage.PrivacyPrivate }},
		"creator":   {storage.RoomQuery{Creator: ann.ID}, func(r storage.Room) bool { return r.CreatorID == ann.ID }},
		"member":    {storage.RoomQuery{Member: ann.ID}, in},
		"active":    {storage.RoomQuery{Active: new(true)}, func(r storage.Room) bool { return r.Active }},
		"inactive":  {storage.RoomQuery{Active: new(false)}, func(r storage.Room) bool { return !r.Active }},
		"text":      {storage.RoomQuery{Text: "coff bla"}, func(r storage.Room) bool { return r.Topic == "black coffee" }},
		"much": {
			storage.RoomQuery{
				Types: []storage.RoomType{storage.RoomChannel, storage.RoomGroup}, Privacies: []storage.Privacy{storage.PrivacyPublic, storage.PrivacyProtected},
				Member: ann.ID, Active: new(true), Text: "tea",
			},
			func(r storage.Room) bool {
				return (r.Type == storage.RoomChannel || r.Type == storage.RoomGroup) && r.Privacy != storage.PrivacyPrivate &&
					in(r) && r.Active && r.Topic == "Green Tea"
			},
		},
	} {
		for order, compare := range roomOrders {
			want := slices.DeleteFunc(slices.Clone(rooms), func(r storage.Room) bool { return !c.want(r) })
			slices.SortFunc(want, compare)
			c.q.Order = order
			n, err := f.CountRooms(f.ctx, c.q)
			require.NoError(t, err)
			require.Equal(t, int64(len(want)), n, "CountRooms(%s, order %d)", name, order)
			if len(want) > 0 {
				require.Equal(t, want, list(f, f.Rooms, c.q), "Rooms(%s, order %d)", name, order)
			}
			wantWalk(t, want, 2, f.roomPages(c.q))
		}
	}
}

func testRoomLimits(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i := range storage.MaxLimit + 1 {
			require.NoError(t, tx.CreateRoom(ctx, &storage.Room{Name: "room" + strconv.Itoa(i)}))
		}
	})
	wantLimits(t, f.roomPages(storage.RoomQuery{}))
	n, err := f.CountRooms(f.ctx, storage.RoomQuery{Limit: 3, Order: storage.RoomsByMembers})
	require.NoError(t, err)
	require.Equal(t, int64(storage.MaxLimit+1), n, "CountRooms with a Limit")
}

func testRoomOtherLimit(t *testing.T, f *fixture) {
	_, want := f.house()
	slices.SortFunc(want, compareRoomNames)
	wantOtherLimit(t, want, f.roomPages(storage.RoomQuery{}))
}

func testRoomCursors(t *testing.T, f *fixture) {
	ann, _ := f.house()
	read := f.roomPages(storage.RoomQuery{})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.roomPages(storage.RoomQuery{Order: storage.RoomsByMembers})),
		next(t, f.roomPages(storage.RoomQuery{Member: ann.ID})),
		next(t, f.roomPages(storage.RoomQuery{Creator: ann.ID})),
		next(t, f.roomPages(storage.RoomQuery{Text: "tea"})),
		next(t, f.userPages(storage.UserQuery{})),
		next(t, f.memberPages(storage.MembershipQuery{User: ann.ID})),
	)
}

func testRoomPagesMoving(t *testing.T, f *fixture) {
	f.lettered("abcdef")
	q := storage.RoomQuery{Order: storage.RoomsByActivity} // f e d c b a, none with a message
	read := f.roomPages(q)
	first, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, "f e", roomNames(first.Items))
	f.say(id[storage.Room]('c'), storage.UserID{}, "hello") // moves to the front
	require.NoError(t, f.DeleteRoom(f.ctx, id[storage.Room]('e')))

	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, "d b", roomNames(second.Items))
	back, err := read(5, second.Prev)
	require.NoError(t, err)
	require.Equal(t, "c f", roomNames(back.Items))
	require.Empty(t, back.Prev)
}
