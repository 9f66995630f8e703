package backend

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var (
	hall, attic   = storage.RoomID{1}, storage.RoomID{2}
	ann, bob, dan = storage.UserID{1}, storage.UserID{2}, storage.UserID{3}
)

// audience are watchers of everything, of the hall, of ann who is in the hall,
// of bob who is in both rooms, and of dan who is nowhere.
type audience struct {
	*watchers
	names []string
	all   []*watcher
}

func newAudience() *audience {
	a := &audience{watchers: newWatchers()}
	a.watch("all", storage.ChangeQuery{})
	a.watch("hall", storage.ChangeQuery{Room: hall})
	a.watch("hall by ann", storage.ChangeQuery{Room: hall, User: ann})
	a.follow(a.watch("ann", storage.ChangeQuery{User: ann}), inside(hall))
	a.follow(a.watch("bob", storage.ChangeQuery{User: bob}), inside(hall, attic))
	a.follow(a.watch("dan", storage.ChangeQuery{User: dan}), inside())
	return a
}

func (a *audience) watch(name string, q storage.ChangeQuery) *watcher {
	w := newWatcher(q)
	a.add(w, true)
	a.names, a.all = append(a.names, name), append(a.all, w)
	return w
}

// inside is what a user sees who is in some rooms, and once was in the attic.
func inside(rooms ...storage.RoomID) *sight {
	s := &sight{stays: map[storage.RoomID][]Stay{attic: {{From: 1, To: 2}}}}
	for _, room := range rooms {
		s.stays[room] = append(s.stays[room], Stay{From: 3})
	}
	return s
}

// woken are the names of those who are awake, who fall asleep again.
func (a *audience) woken() (names []string) {
	for i, w := range a.all {
		select {
		case <-w.wake:
			names = append(names, a.names[i])
		default:
		}
	}
	return names
}

// stayed are rows that know where users have been.
type stayed struct {
	Rows
	stays map[storage.UserID][]Stay
}

func (r stayed) Stays(_ context.Context, user storage.UserID) ([]Stay, error) {
	return r.stays[user], nil
}

// TestWakesWhomItConcerns requires that a change wakes those who may be told of
// it, and no others.
func TestWakesWhomItConcerns(t *testing.T) {
	rows := stayed{stays: map[storage.UserID][]Stay{dan: {{Room: hall, From: 1, To: 9}, {Room: attic, From: 4}, {Room: attic, From: 1, To: 2}}}}
	for _, c := range []struct {
		change storage.Change
		want   []string
	}{
		{storage.Change{Kind: storage.ChangeMessageCreated, RoomID: hall, UserID: dan}, []string{"all", "hall", "hall by ann", "ann", "bob", "dan"}},
		{storage.Change{Kind: storage.ChangeMessageCreated, RoomID: attic}, []string{"all", "bob"}},
		{storage.Change{Kind: storage.ChangeMessageCreated, RoomID: storage.RoomID{9}, UserID: storage.UserID{9}}, []string{"all"}},
		{storage.Change{Kind: storage.ChangeReadMarker, RoomID: hall, UserID: dan}, []string{"all", "hall", "hall by ann", "dan"}},
		{storage.Change{Kind: storage.ChangeSanctionCreated, UserID: ann}, []string{"all", "ann"}},
		{storage.Change{Kind: storage.ChangeUserBlocked, UserID: ann, OtherID: bob}, []string{"all", "ann"}},
		{storage.Change{Kind: storage.ChangeInviteCreated, RoomID: attic, UserID: dan}, []string{"all", "bob", "dan"}},
		{storage.Change{Kind: storage.ChangeMemberAdded, RoomID: attic, UserID: ann}, []string{"all", "ann", "bob"}},
		{storage.Change{Kind: storage.ChangeUserCreated, UserID: storage.UserID{9}}, []string{"all"}},
		{storage.Change{Kind: storage.ChangeUserUpdated, UserID: bob, Position: 10}, []string{"all", "bob"}},
		{storage.Change{Kind: storage.ChangeUserUpdated, UserID: dan, Position: 9}, []string{"all", "ann", "bob", "dan"}},
		{storage.Change{Kind: storage.ChangeUserDeleted, UserID: dan, Position: 10}, []string{"all", "bob", "dan"}},
	} {
		a := newAudience()
		touched, err := appendTouch(t.Context(), rows, nil, &c.change)
		require.NoError(t, err)
		a.watchers.wake(touched, 0)
		assert.Equal(t, c.want, a.woken(), "%v", c.change)
	}
}

// TestFollowing has a watcher woken by the rooms that its user is in by now.
func TestFollowing(t *testing.T) {
	a := newAudience()
	w := a.all[3]
	in := []touch{{place{room: attic, members: true}, 10}}
	assert.False(t, a.follow(w, inside(hall)), "a room that is known")
	assert.True(t, a.follow(w, inside(hall, attic)), "a new room")
	assert.False(t, a.follow(w, inside(hall, attic)))
	a.watchers.wake(in, 0)
	assert.Equal(t, []string{"all", "ann", "bob"}, a.woken())
	assert.False(t, a.follow(w, inside(hall)), "fewer rooms")
	a.watchers.wake(in, 0)
	assert.Equal(t, []string{"all", "bob"}, a.woken())
	a.wakeAll(20)
	assert.Equal(t, a.names, a.woken())
}

// TestWatchersLeaveNothing requires that those who are gone are in no index.
func TestWatchersLeaveNothing(t *testing.T) {
	a := newAudience()
	for _, w := range a.all {
		a.remove(w)
	}
	for name, n := range map[string]int{
		"of all": len(a.ofAll), "of rooms": len(a.ofRoom), "of users": len(a.ofUser), "within rooms": len(a.within), "in all": int(a.count.Load()),
	} {
		assert.Zero(t, n, name)
	}
	assert.False(t, a.wanted())
}

// at is what a change in a room concerns.
func at(room storage.RoomID, position storage.Position) []touch {
	return []touch{{place{room: room, members: true}, position}}
}

// TestRising has a watcher that was woken pass over what others were told while
// it rested, and over nothing else.
func TestRising(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(a *audience)
		want    storage.Position
	}{
		"nothing":                   {func(*audience) {}, 10},
		"something elsewhere":       {func(a *audience) { a.tell(at(attic, 20), 20); a.tell(nil, 30) }, 30},
		"something here":            {func(a *audience) { a.tell(at(attic, 20), 20); a.tell(at(hall, 30), 30); a.tell(at(attic, 40), 40) }, 20},
		"something here, just now":  {func(a *audience) { a.tell(at(attic, 20), 20); a.watchers.wake(at(hall, 21), 21) }, 20},
		"something that is known":   {func(a *audience) { a.tell(at(hall, 9), 20) }, 20},
		"something that is unknown": {func(a *audience) { a.wakeAll(15); a.tell(at(attic, 20), 20) }, 10},
		"something that is unknown, after something elsewhere": {func(a *audience) { a.tell(at(attic, 20), 20); a.wakeAll(30); a.tell(at(attic, 40), 40) }, 20},
		"something that was taken back":                        {func(a *audience) { a.tell(at(attic, 99), 20); a.tell(at(attic, 21), 21) }, 21},
	} {
		for i, who := range []int{1, 3} { // of the hall, and of ann
			a := newAudience()
			a.tell(nil, 10)
			a.rest(a.all[who], 10)
			c.happens(a)
			assert.Equal(t, c.want, a.rise(a.all[who]), "%s, watcher %d", name, i)
		}
	}
	for name, tell := range map[string]func(a *audience){
		"told":    func(a *audience) { a.tell(at(hall, 20), 20) },
		"unknown": func(a *audience) { a.wakeAll(20) },
	} {
		a := newAudience()
		tell(a) // while the watcher looked
		a.rest(a.all[1], 10)
		a.tell(at(attic, 30), 30)
		assert.Equal(t, storage.Position(10), a.rise(a.all[1]), "%s between the look and the rest", name)
	}
	a := newAudience()
	a.tell(at(attic, 20), 20)
	a.rest(a.all[1], 10)
	a.tell(at(attic, 30), 30)
	a.tell(at(hall, 31), 31)
	assert.Equal(t, storage.Position(30), a.rise(a.all[1]), "something elsewhere between the look and the rest")
	a.tell(at(hall, 40), 40)
	a.rest(a.all[1], 40)
	a.tell(at(attic, 50), 50)
	assert.Equal(t, storage.Position(50), a.rise(a.all[1]), "something here that the look has seen")
}

// TestNewsInSteps requires that who looks out walks past much that was written
// elsewhere, and does not wake everybody because of it.
func TestNewsInSteps(t *testing.T) {
	rows := endless{newest: 2*changeWalk + 1}
	known := storage.Position(0)
	for _, want := range []news{
		{through: changeWalk, more: true},
		{through: 2 * changeWalk, more: true},
		{through: rows.newest, touched: []touch{{at: rows.newest, place: place{members: true}}}},
		{through: rows.newest},
	} {
		n, err := newsAfter(t.Context(), rows, known)
		require.NoError(t, err)
		assert.Equal(t, want, n)
		known = n.through
	}
	n, err := newsAfter(t.Context(), rows, -1)
	require.NoError(t, err)
	assert.True(t, n.all, "at the first look")
}

// TestTellingOwn requires that what this process has changed is told in order,
// as far as nothing is missing, and wakes nobody who knows it.
func TestTellingOwn(t *testing.T) {
	a := newAudience()
	a.tell(nil, 10)
	for _, w := range a.all {
		a.rest(w, 10)
	}
	a.watchers.wake(at(attic, 12), 12)
	a.watchers.wake(at(hall, 17), 15)
	a.watchers.wake(at(hall, 14), 0) // some of which may have been taken back
	assert.Equal(t, []string{"all", "hall", "hall by ann", "ann", "bob"}, a.woken())
	assert.Equal(t, storage.Position(10), a.tellOwn(10), "before the first is there")
	a.watchers.wake(at(attic, 11), 11)
	assert.Equal(t, []string{"all", "bob"}, a.woken())
	assert.Equal(t, storage.Position(12), a.tellOwn(10))
	assert.Equal(t, []string{"all", "bob"}, a.woken(), "who may not have looked so far yet")
	assert.Equal(t, storage.Position(12), a.rise(a.all[1]))
	a.tell(at(hall, 14), 14)
	a.rest(a.all[1], 17)
	a.woken()
	assert.Equal(t, storage.Position(17), a.tellOwn(14))
	assert.Equal(t, []string{"all", "hall by ann", "ann", "bob"}, a.woken(), "but not who has looked so far")
	a.watchers.wake(at(hall, 18), 16)
	assert.Empty(t, a.own, "what was told already")
	a.watchers.wake(at(hall, 19), 19)
	a.tell(nil, 20)
	assert.Empty(t, a.own, "what was read in the meantime")
	a.watchers.wake(at(hall, 22), 22)
	for _, w := range a.all {
		a.remove(w)
	}
	assert.False(t, a.wanted())
	assert.Empty(t, a.own, "when nobody watches any more")
}
