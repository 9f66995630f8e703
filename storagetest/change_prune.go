package storagetest

// What goes from the change feed, and what stays.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var pruneCases = []testCase{
	{"by age", testPruneAge},
	{"all but the newest", testPruneKeep},
	{"by age or beyond the newest", testPruneBoth},
	{"batches", testPruneBatches},
	{"whole transactions", testPruneWhole},
	{"a transaction longer than a batch", testPruneLong},
	{"everything", testPruneEverything},
	{"an empty store", testPruneEmpty},
	{"a clock that was set back", testPruneBackwards},
	{"default limit", testPruneDefault},
	{"waits for consumers", testPruneWaits},
	{"waits for whole transactions of consumers", testPruneWaitsWhole},
	{"records stay", testPruneRecords},
	{"rolled back", testPruneRolledBack},
	{"invalid", testPruneInvalid},
	{"reopen", testPruneReopen},
}

// hourly makes n changes, an hour between any two, in a transaction each.
func (f *fixture) hourly(n int) {
	f.t.Helper()
	room := f.room("", storage.UserID{})
	for range n - 1 {
		f.clock.advance(time.Hour)
		f.say(room.ID, storage.UserID{}, "x")
	}
}

// prunes requires that so many changes go, and that oldest is the first one left.
func (f *fixture) prunes(p storage.ChangePrune, want int, oldest storage.Position) {
	f.t.Helper()
	before := f.head()
	n, err := f.PruneChanges(f.ctx, p)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "changes pruned")
	require.Equal(f.t, storage.ChangeHead{Newest: before.Newest, Oldest: oldest}, f.head())
	f.wantGapless()
}

func testPruneAge(_ *testing.T, f *fixture) {
	f.hourly(5)
	f.prunes(storage.ChangePrune{Age: 4*time.Hour + time.Microsecond}, 0, 1)
	f.prunes(storage.ChangePrune{Age: 4 * time.Hour}, 1, 2)
	f.prunes(storage.ChangePrune{Age: 4 * time.Hour}, 0, 2)
	f.clock.advance(time.Hour - time.Microsecond)
	f.prunes(storage.ChangePrune{Age: 3 * time.Hour}, 1, 3)
	f.clock.advance(time.Microsecond)
	f.prunes(storage.ChangePrune{Age: 3 * time.Hour}, 1, 4)
}

func testPruneKeep(_ *testing.T, f *fixture) {
	f.hourly(5)
	f.prunes(storage.ChangePrune{Keep: 6}, 0, 1)
	f.prunes(storage.ChangePrune{Keep: 5}, 0, 1)
	f.prunes(storage.ChangePrune{Keep: 4}, 1, 2)
	f.prunes(storage.ChangePrune{Keep: 1}, 3, 5)
	f.prunes(storage.ChangePrune{Keep: 1}, 0, 5)
}

func testPruneBoth(_ *testing.T, f *fixture) {
	f.hourly(8)
	f.prunes(storage.ChangePrune{Age: 6 * time.Hour, Keep: 7}, 2, 3)
	f.prunes(storage.ChangePrune{Age: 6 * time.Hour, Keep: 5}, 1, 4)
	f.prunes(storage.ChangePrune{Age: 3 * time.Hour, Keep: 100}, 2, 6)
}

func testPruneBatches(_ *testing.T, f *fixture) {
	f.hourly(8)
	p := storage.ChangePrune{Keep: 1, Limit: 3}
	f.prunes(p, 3, 4)
	f.prunes(p, 3, 7)
	f.prunes(p, 1, 8)
	f.prunes(p, 0, 8)
}

// together makes n changes in one transaction.
func (f *fixture) together(n int) {
	f.t.Helper()
	f.clock.advance(time.Hour)
	require.NoError(f.t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for range n {
			require.NoError(f.t, tx.CreateRoom(ctx, &storage.Room{}))
		}
		return nil
	}))
	f.clock.advance(time.Hour)
}

func testPruneWhole(_ *testing.T, f *fixture) {
	f.together(2)
	f.together(3)
	f.together(1)
	f.prunes(storage.ChangePrune{Keep: 5}, 0, 1)
	f.prunes(storage.ChangePrune{Keep: 3}, 2, 3)
	f.prunes(storage.ChangePrune{Keep: 2}, 0, 3)
	f.prunes(storage.ChangePrune{Keep: 1}, 3, 6)
}

func testPruneLong(_ *testing.T, f *fixture) {
	f.together(2)
	f.together(5)
	f.together(1)
	f.together(1)
	p := storage.ChangePrune{Keep: 1, Limit: 3}
	f.prunes(p, 7, 8)
	f.prunes(p, 1, 9)
}

func testPruneEverything(t *testing.T, f *fixture) {
	f.hourly(4)
	f.clock.advance(time.Hour)
	f.prunes(storage.ChangePrune{Age: time.Hour}, 4, 5)
	f.wantGone(storage.ChangeQuery{})
	f.wantChanges(nil, storage.ChangeQuery{After: 4})
	f.user("ann")
	all := f.wantGapless()
	require.Len(t, all, 1)
	require.Equal(t, storage.Position(5), all[0].Position)
	require.Equal(t, storage.ChangeHead{Newest: 5, Oldest: 5}, f.head())
	f.wantChanges(all, storage.ChangeQuery{After: 4})
	f.wantGone(storage.ChangeQuery{After: 3})
}

func testPruneEmpty(_ *testing.T, f *fixture) {
	f.prunes(storage.ChangePrune{Age: time.Hour, Keep: 1}, 0, 1)
	f.prunes(storage.ChangePrune{Keep: 1, PastConsumers: true}, 0, 1)
}

// The oldest changes go, as long as they are old: not what came after others
// that are young.
func testPruneBackwards(_ *testing.T, f *fixture) {
	f.user("ann")
	f.clock.advance(-5 * time.Hour)
	f.user("bob")
	f.clock.advance(5 * time.Hour)
	f.prunes(storage.ChangePrune{Age: time.Hour}, 0, 1)
	f.clock.advance(time.Hour)
	f.prunes(storage.ChangePrune{Age: time.Hour}, 2, 3)
}

func testPruneDefault(_ *testing.T, f *fixture) {
	f.hourly(storage.DefaultLimit + 3)
	f.prunes(storage.ChangePrune{Keep: 1}, storage.DefaultLimit, storage.DefaultLimit+1)
}

func testPruneWaits(t *testing.T, f *fixture) {
	f.hourly(8)
	require.NoError(t, f.AdvanceConsumer(f.ctx, "push", 3))
	require.NoError(t, f.AdvanceConsumer(f.ctx, "search", 5))
	p := storage.ChangePrune{Keep: 1}
	f.prunes(p, 3, 4)
	f.prunes(p, 0, 4)
	require.NoError(t, f.AdvanceConsumer(f.ctx, "push", 6))
	f.prunes(p, 2, 6)
	require.NoError(t, f.DeleteConsumer(f.ctx, "search"))
	f.prunes(p, 1, 7)
	require.NoError(t, f.AdvanceConsumer(f.ctx, "new", 0))
	f.prunes(p, 0, 7)
	f.prunes(storage.ChangePrune{Keep: 1, PastConsumers: true}, 1, 8)
	at, err := f.ConsumerPosition(f.ctx, "push")
	require.NoError(t, err)
	require.Equal(t, storage.Position(6), at)
	f.wantGone(storage.ChangeQuery{After: at})
}

func testPruneWaitsWhole(t *testing.T, f *fixture) {
	f.together(2)
	f.together(3)
	f.together(1)
	require.NoError(t, f.AdvanceConsumer(f.ctx, "push", 4))
	f.prunes(storage.ChangePrune{Age: time.Minute}, 2, 3)
	require.NoError(t, f.AdvanceConsumer(f.ctx, "push", 5))
	f.prunes(storage.ChangePrune{Age: time.Minute}, 3, 6)
}

func testPruneRecords(t *testing.T, f *fixture) {
	w := f.world()
	changeAll(t, f.ctx, f, w)
	f.clock.advance(time.Hour)
	before := f.dump()
	for f.head().Oldest <= f.head().Newest {
		require.NoError(t, errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour, PastConsumers: true})))
	}
	after := f.dump()
	before.Changes, after.Changes, before.Head, after.Head = nil, nil, storage.ChangeHead{}, storage.ChangeHead{}
	require.Equal(t, before, after)
}

func testPruneRolledBack(t *testing.T, f *fixture) {
	f.hourly(5)
	before := f.dump()
	f.rollBack(func(tx storage.Tx) error {
		n, err := tx.PruneChanges(f.ctx, storage.ChangePrune{Keep: 1})
		require.Equal(t, 4, n)
		return err
	})
	require.Equal(t, before, f.dump())
}

func testPruneInvalid(t *testing.T, f *fixture) {
	f.hourly(5)
	for _, c := range []struct {
		field string
		p     storage.ChangePrune
	}{
		{"Age", storage.ChangePrune{}},
		{"Age", storage.ChangePrune{PastConsumers: true, Limit: 1}},
		{"Age", storage.ChangePrune{Age: -1, Keep: 1}},
		{"Keep", storage.ChangePrune{Age: 1, Keep: -1}},
		{"Limit", storage.ChangePrune{Keep: 1, Limit: -1}},
	} {
		f.refused(t, func() error { return errOf(f.PruneChanges(f.ctx, c.p)) }, storage.ErrInvalid, c.field)
	}
}

// Positions go on where they ended, also after everything was pruned.
func testPruneReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.hourly(3)
	f.reopen()
	f.clock.advance(time.Hour)
	f.user("ann")
	require.Equal(t, storage.Position(4), f.head().Newest)
	f.clock.advance(time.Hour)
	f.prunes(storage.ChangePrune{Age: time.Hour}, 4, 5)
	f.reopen()
	require.Equal(t, storage.ChangeHead{Newest: 4, Oldest: 5}, f.head())
	f.user("bob")
	require.Equal(t, storage.ChangeHead{Newest: 5, Oldest: 5}, f.head())
	f.reopen()
	f.wantGone(storage.ChangeQuery{After: 3})
	f.wantGapless()
}

func testChangesPruned(_ *testing.T, f *fixture) {
	f.hourly(6)
	f.prunes(storage.ChangePrune{Keep: 3}, 3, 4)
	all := f.wantGapless()
	f.wantChanges(all, storage.ChangeQuery{After: 3})
	f.wantChanges(all[1:], storage.ChangeQuery{After: 4})
	for _, after := range []storage.Position{0, 1, 2} {
		f.wantGone(storage.ChangeQuery{After: after})
		f.wantGone(storage.ChangeQuery{After: after, Room: nowhere})
		f.wantGone(storage.ChangeQuery{After: after, Kinds: []storage.ChangeKind{storage.ChangeUserCreated}})
	}
}

// wantGone requires that what a query selects is kept no longer, and that the
// error tells what is.
func (f *fixture) wantGone(q storage.ChangeQuery) {
	f.t.Helper()
	e := wantErr(f.t, errOf(f.Changes(f.ctx, q)), storage.ErrGone, "After")
	require.Equal(f.t, f.head().Oldest, e.Oldest, "Oldest of %v", e)
}

// Who knows nothing yet is told that there was more, and how to begin with what
// is left.
func testChangesPrunedFirst(t *testing.T, f *fixture) {
	f.hourly(3)
	f.advance("push", 0)
	f.prunes(storage.ChangePrune{Keep: 2, PastConsumers: true}, 1, 2)
	at, err := f.ConsumerPosition(f.ctx, "push")
	require.NoError(t, err)
	f.wantGone(storage.ChangeQuery{After: at})
	f.wantGone(storage.ChangeQuery{Limit: 1})
	err = errOf(f.Changes(f.ctx, storage.ChangeQuery{}))
	f.wantChanges(f.wantGapless(), storage.ChangeQuery{After: wantErr(t, err, storage.ErrGone).Oldest - 1})
}

func testChangesPrunedCursor(t *testing.T, f *fixture) {
	f.hourly(6)
	q := storage.ChangeQuery{Limit: 2}
	p, err := f.Changes(f.ctx, q)
	require.NoError(t, err)
	f.prunes(storage.ChangePrune{Keep: 4}, 2, 3)
	again, err := f.Changes(f.ctx, q.WithCursor(p.Next))
	require.NoError(t, err)
	require.Equal(t, storage.Position(3), again.Items[0].Position)
	f.prunes(storage.ChangePrune{Keep: 3}, 1, 4)
	wantErr(t, errOf(f.Changes(f.ctx, q.WithCursor(p.Next))), storage.ErrGone)
}
