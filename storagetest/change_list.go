package storagetest

// Reading the change feed.

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var changeListCases = []testCase{
	{"of an empty store", testChangesEmpty},
	{"pages", testChangesPages},
	{"after a position", testChangesAfter},
	{"of a room", testChangesRoom},
	{"of some kinds", testChangesKinds},
	{"of a room and some kinds", testChangesCombined},
	{"of nothing there is", testChangesNothing},
	{"through", testChangesThrough},
	{"a long walk", testChangesLong},
	{"limits", testChangesLimits},
	{"a cursor is of its query", testChangesCursor},
	{"a cursor goes on", testChangesGoesOn},
	{"pruned", testChangesPruned},
	{"pruned before the first look", testChangesPrunedFirst},
	{"a cursor to what was pruned", testChangesPrunedCursor},
	{"beyond the newest", testChangesBeyond},
	{"invalid", testChangesInvalid},
}

// selected returns those of all changes for which keep is true.
func (f *fixture) selected(keep func(storage.Change) bool) []storage.Change {
	f.t.Helper()
	return slices.DeleteFunc(f.wantGapless(), func(c storage.Change) bool { return !keep(c) })
}

// wantChanges requires that a query selects these changes, however large the
// pages are, and that each page tells how far it looked.
func (f *fixture) wantChanges(want []storage.Change, q storage.ChangeQuery) {
	f.t.Helper()
	newest := f.head().Newest
	for _, limit := range []int{1, 2, 3, 7, len(want), len(want) + 1, storage.MaxLimit} {
		q := q
		q.Limit = limit
		var got []storage.Change
		for through := q.After; ; {
			p, err := f.Changes(f.ctx, q)
			require.NoError(f.t, err)
			if q.Limit > 0 {
				require.LessOrEqual(f.t, len(p.Items), q.Limit)
			}
			require.Empty(f.t, p.Prev)
			require.GreaterOrEqual(f.t, p.Through, through, "Through falls")
			if n := len(p.Items); n > 0 {
				require.GreaterOrEqual(f.t, p.Through, p.Items[n-1].Position, "Through is before the last change")
			}
			got, through = append(got, p.Items...), p.Through
			if p.Next == "" {
				require.Equal(f.t, newest, p.Through, "Through of the last page")
				break
			}
			require.Less(f.t, p.Through, newest, "a page after the end")
			q = q.WithCursor(p.Next)
		}
		require.Equal(f.t, positions(want), positions(got), "pages of %d", limit)
		if len(want) > 0 {
			require.Equal(f.t, want, got, "pages of %d", limit)
		}
	}
}

func positions(all []storage.Change) []storage.Position {
	out := make([]storage.Position, 0, len(all))
	for _, c := range all {
		out = append(out, c.Position)
	}
	return out
}

func testChangesEmpty(t *testing.T, f *fixture) {
	f.wantChanges(nil, storage.ChangeQuery{})
	p, err := f.Changes(f.ctx, storage.ChangeQuery{})
	require.NoError(t, err)
	require.Zero(t, p)
	require.Equal(t, storage.ChangeHead{Newest: 0, Oldest: 1}, f.head())
}

func testChangesPages(_ *testing.T, f *fixture) {
	f.world()
	f.wantChanges(f.wantGapless(), storage.ChangeQuery{})
}

func testChangesAfter(_ *testing.T, f *fixture) {
	f.world()
	all := f.wantGapless()
	for i := range all {
		f.wantChanges(all[i+1:], storage.ChangeQuery{After: all[i].Position})
	}
}

func testChangesRoom(t *testing.T, f *fixture) {
	w := f.world()
	for _, room := range []storage.RoomID{w.hall.ID, w.attic.ID, w.shed.ID} {
		want := f.selected(func(c storage.Change) bool { return c.RoomID == room })
		require.NotEmpty(t, want)
		f.wantChanges(want, storage.ChangeQuery{Room: room})
		f.wantChanges(want[1:], storage.ChangeQuery{Room: room, After: want[0].Position})
	}
	require.NoError(t, f.DeleteRoom(f.ctx, w.shed.ID))
	f.wantChanges(f.selected(func(c storage.Change) bool { return c.RoomID == w.shed.ID }), storage.ChangeQuery{Room: w.shed.ID})
}

func testChangesKinds(_ *testing.T, f *fixture) {
	f.world()
	for _, kinds := range [][]storage.ChangeKind{
		{storage.ChangeMessageCreated},
		{storage.ChangeUserCreated, storage.ChangeRoomCreated},
		{storage.ChangeReactionAdded, storage.ChangeMessageEdited, storage.ChangeReactionAdded},
		{storage.ChangeSanctionLifted},
		{},
	} {
		f.wantChanges(f.selected(func(c storage.Change) bool {
			return len(kinds) == 0 || slices.Contains(kinds, c.Kind)
		}), storage.ChangeQuery{Kinds: kinds})
	}
}

func testChangesCombined(t *testing.T, f *fixture) {
	w := f.world()
	q := storage.ChangeQuery{
		Room: w.hall.ID, User: w.bob.ID, Kinds: []storage.ChangeKind{storage.ChangeMessageCreated, storage.ChangeUserCreated},
	}
	want := f.selected(func(c storage.Change) bool { return c.RoomID == w.hall.ID && c.Kind == storage.ChangeMessageCreated })
	require.Len(t, want, 4)
	f.wantChanges(want, q)
	q.After = want[1].Position
	f.wantChanges(want[2:], q)
}

func testChangesNothing(_ *testing.T, f *fixture) {
	f.world()
	f.wantChanges(nil, storage.ChangeQuery{Room: nowhere})
	f.wantChanges(nil, storage.ChangeQuery{User: nobody})
	f.wantChanges(nil, storage.ChangeQuery{After: f.head().Newest})
}

// What a page looked at without selecting it is not looked at again.
func testChangesThrough(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	f.saying(3, attic, c.ann)
	newest := f.head().Newest
	q := storage.ChangeQuery{Room: c.room, Kinds: []storage.ChangeKind{storage.ChangeMemberAdded}, Limit: 3}
	p, err := f.Changes(f.ctx, q)
	require.NoError(t, err)
	require.Len(t, p.Items, 3)
	require.Equal(t, newest, p.Through, "where nothing more was selected")
	require.Empty(t, p.Next)
	q.Limit = 2
	p, err = f.Changes(f.ctx, q)
	require.NoError(t, err)
	require.Equal(t, p.Items[1].Position, p.Through, "where there is more")
	p, err = f.Changes(f.ctx, q.WithCursor(p.Next))
	require.NoError(t, err)
	require.Len(t, p.Items, 1)
	require.Equal(t, newest, p.Through)
}

// toggle makes n changes of a room.
func (f *fixture) toggle(room storage.RoomID, n int) {
	f.t.Helper()
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range n / 2 {
			require.NoError(f.t, tx.DeactivateRoom(ctx, room))
			require.NoError(f.t, tx.ReactivateRoom(ctx, room))
		}
	})
}

// A walk past many changes that a query does not select misses nothing.
func testChangesLong(t *testing.T, f *fixture) {
	room, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	f.toggle(room.ID, 10_100)
	f.say(attic.ID, storage.UserID{}, "at last")
	all := f.changesOf(storage.ChangeQuery{Room: attic.ID})
	require.Len(t, all, 2)
	require.Equal(t, f.head().Newest, all[1].Position)
	require.Len(t, f.changesOf(storage.ChangeQuery{Limit: storage.MaxLimit}), int(f.head().Newest))
}

func testChangesLimits(t *testing.T, f *fixture) {
	f.toggle(f.room("hall", storage.UserID{}).ID, storage.MaxLimit+2)
	wantLimits(t, f.changePages(storage.ChangeQuery{}))
}

func (f *fixture) changePages(q storage.ChangeQuery) pages[storage.Change] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Change], error) {
		q.Limit, q.Cursor = limit, c
		return f.changePage(f.ctx, q)
	}
}

func testChangesCursor(t *testing.T, f *fixture) {
	w := f.world()
	read := f.changePages(storage.ChangeQuery{Room: w.hall.ID})
	c := next(t, read)
	wantTampered(t, read, c)
	for _, q := range []storage.ChangeQuery{
		{}, {Room: w.shed.ID}, {Room: w.hall.ID, User: w.bob.ID}, {Room: w.hall.ID, Kinds: []storage.ChangeKind{storage.ChangeMessageCreated}},
	} {
		q.Cursor = c
		wantErr(t, errOf(f.Changes(f.ctx, q)), storage.ErrInvalid, "Cursor")
	}
	p, err := f.Changes(f.ctx, storage.ChangeQuery{Room: w.hall.ID, Kinds: []storage.ChangeKind{}, Cursor: c, Limit: 3})
	require.NoError(t, err)
	require.Len(t, p.Items, 3)
	_, err = f.Users(f.ctx, storage.UserQuery{Cursor: c})
	wantErr(t, err, storage.ErrInvalid, "Cursor")
	wantErr(t, errOf(f.Changes(f.ctx, storage.ChangeQuery{Room: w.hall.ID, After: 1, Cursor: c})), storage.ErrInvalid, "After")
}

func testChangesGoesOn(t *testing.T, f *fixture) {
	c := f.circle()
	q := storage.ChangeQuery{Room: c.room, Limit: 2}
	p, err := f.Changes(f.ctx, q)
	require.NoError(t, err)
	m := f.say(c.room, c.ann, "new")
	rest := f.changesOf(q.WithCursor(p.Next))
	require.Equal(t, m.ID, rest[len(rest)-1].MessageID)
	require.Equal(t, positions(f.changesOf(storage.ChangeQuery{Room: c.room})), positions(append(p.Items, rest...)))
}

func testChangesBeyond(t *testing.T, f *fixture) {
	wantErr(t, errOf(f.Changes(f.ctx, storage.ChangeQuery{After: 1})), storage.ErrInvalid, "After")
	f.user("ann")
	require.NoError(t, errOf(f.Changes(f.ctx, storage.ChangeQuery{After: 1})))
	for _, after := range []storage.Position{2, math.MaxInt64} {
		wantErr(t, errOf(f.Changes(f.ctx, storage.ChangeQuery{After: after})), storage.ErrInvalid, "After")
	}
}

func testChangesInvalid(t *testing.T, f *fixture) {
	f.user("ann")
	for _, c := range []struct {
		field string
		q     storage.ChangeQuery
	}{
		{"After", storage.ChangeQuery{After: -1}},
		{"Limit", storage.ChangeQuery{Limit: -1}},
		{"Kinds", storage.ChangeQuery{Kinds: []storage.ChangeKind{0}}},
		{"Kinds", storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeUserCreated, 99}}},
		{"Cursor", storage.ChangeQuery{Cursor: "x"}},
	} {
		wantErr(t, errOf(f.Changes(f.ctx, c.q)), storage.ErrInvalid, c.field)
	}
}
