package storagetest

// Named readers of the change feed.

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var consumerCases = []testCase{
	{"advance", testConsumerAdvance},
	{"never back", testConsumerBack},
	{"begins at nothing", testConsumerZero},
	{"beyond the newest", testConsumerBeyond},
	{"names", testConsumerNames},
	{"in order of names", testConsumerOrder},
	{"delete", testConsumerDelete},
	{"exactly once", testConsumerOnce},
	{"at least once", testConsumerAgain},
	{"reopen", testConsumerReopen},
}

// advance moves a consumer.
func (f *fixture) advance(name string, to storage.Position) {
	f.t.Helper()
	require.NoError(f.t, f.AdvanceConsumer(f.ctx, name, to))
}

// wantConsumer requires that a consumer is somewhere since a time, whoever tells.
func (f *fixture) wantConsumer(name string, at storage.Position, since time.Time) {
	f.t.Helper()
	got, err := f.ConsumerPosition(f.ctx, name)
	require.NoError(f.t, err)
	require.Equal(f.t, at, got, "ConsumerPosition")
	all, err := f.Consumers(f.ctx)
	require.NoError(f.t, err)
	require.Contains(f.t, all, storage.Consumer{Name: name, Position: at, UpdatedAt: since}, "Consumers")
}

// consumerNames are the names of all consumers.
func (f *fixture) consumerNames() (names []string) {
	f.t.Helper()
	all, err := f.Consumers(f.ctx)
	require.NoError(f.t, err)
	for _, c := range all {
		names = append(names, c.Name)
	}
	return names
}

func testConsumerAdvance(t *testing.T, f *fixture) {
	f.circle()
	require.Empty(t, f.consumerNames())
	wantNotFound(t, errOf(f.ConsumerPosition(f.ctx, "push")), storage.EntityConsumer)
	f.advance("push", 2)
	f.wantConsumer("push", 2, f.now())
	first := f.now()
	f.clock.advance(time.Minute)
	f.advance("search", 1)
	f.wantConsumer("push", 2, first)
	f.wantConsumer("search", 1, f.now())
	f.clock.advance(time.Minute)
	f.advance("push", f.head().Newest)
	f.wantConsumer("push", f.head().Newest, f.now())
}

func testConsumerBack(_ *testing.T, f *fixture) {
	f.circle()
	f.advance("push", 3)
	at := f.now()
	for _, earlier := range []storage.Position{3, 2, 1, 0} {
		f.clock.advance(time.Minute)
		f.advance("push", earlier)
		f.wantConsumer("push", 3, at)
	}
}

func testConsumerZero(t *testing.T, f *fixture) {
	f.advance("push", 0)
	f.wantConsumer("push", 0, f.now())
	require.Equal(t, []string{"push"}, f.consumerNames())
}

func testConsumerBeyond(t *testing.T, f *fixture) {
	advance := func(to storage.Position) func() error {
		return func() error { return f.AdvanceConsumer(f.ctx, "push", to) }
	}
	f.refused(t, advance(1), storage.ErrInvalid, "position")
	f.user("ann")
	f.refused(t, advance(2), storage.ErrInvalid, "position")
	f.refused(t, advance(-1), storage.ErrInvalid, "position")
	f.advance("push", 1)
	f.refused(t, advance(2), storage.ErrInvalid, "position")
	f.clock.advance(time.Hour)
	require.NoError(t, errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour})))
	f.advance("search", 1) // of a change that is gone, but was there
	f.refused(t, advance(2), storage.ErrInvalid, "position")
}

func testConsumerNames(t *testing.T, f *fixture) {
	longest := strings.Repeat("x", storage.MaxConsumer)
	for _, name := range []string{"", longest + "x", "\xff", "a\x00b"} {
		f.refused(t, func() error { return f.AdvanceConsumer(f.ctx, name, 0) }, storage.ErrInvalid, "name")
		f.refused(t, func() error { return errOf(f.ConsumerPosition(f.ctx, name)) }, storage.ErrInvalid, "name")
		f.refused(t, func() error { return f.DeleteConsumer(f.ctx, name) }, storage.ErrInvalid, "name")
	}
	for _, name := range []string{longest, "push", "Push", "push ", "上海"} {
		wantNotFound(t, errOf(f.ConsumerPosition(f.ctx, name)), storage.EntityConsumer)
		f.advance(name, 0)
		f.wantConsumer(name, 0, f.now())
	}
	require.Len(t, f.consumerNames(), 5)
}

func testConsumerOrder(t *testing.T, f *fixture) {
	for _, name := range []string{"b", "a", "é", "B", "aa", "z"} {
		f.advance(name, 0)
	}
	require.Equal(t, []string{"B", "a", "aa", "b", "z", "é"}, f.consumerNames())
}

func testConsumerDelete(t *testing.T, f *fixture) {
	f.circle()
	f.advance("push", 3)
	f.advance("search", 2)
	require.NoError(t, f.DeleteConsumer(f.ctx, "push"))
	require.Equal(t, []string{"search"}, f.consumerNames())
	wantNotFound(t, errOf(f.ConsumerPosition(f.ctx, "push")), storage.EntityConsumer)
	e := f.refused(t, func() error { return f.DeleteConsumer(f.ctx, "push") }, storage.ErrNotFound)
	require.Equal(t, storage.EntityConsumer, e.Entity)
	f.advance("push", 1) // it begins anew
	f.wantConsumer("push", 1, f.now())
}

// consume has a consumer copy the texts of all new messages from one room to
// another, in a transaction.
func (f *fixture) consume(from, to storage.RoomID, end error) {
	f.t.Helper()
	err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		at, err := tx.ConsumerPosition(ctx, "copy")
		if err != nil {
			at = 0
		}
		p, err := tx.Changes(ctx, storage.ChangeQuery{After: at, Room: from, Limit: 2})
		require.NoError(f.t, err)
		for _, c := range p.Items {
			if c.Kind != storage.ChangeMessageCreated {
				continue
			}
			m, err := tx.Message(ctx, c.MessageID)
			require.NoError(f.t, err)
			require.NoError(f.t, errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: to, Body: m.Body})))
		}
		require.NoError(f.t, tx.AdvanceConsumer(ctx, "copy", p.Through))
		return end
	})
	require.ErrorIs(f.t, err, end)
}

// What a consumer writes in the transaction in which it advances is written
// once, whatever fails in between.
func testConsumerOnce(t *testing.T, f *fixture) {
	from, to := f.room("from", storage.UserID{}).ID, f.room("to", storage.UserID{}).ID
	var want []string
	for i := range 7 {
		want = append(want, string(rune('a'+i)))
		f.say(from, storage.UserID{}, want[i])
		if i%2 == 0 {
			f.consume(from, to, errUndo)
		}
		f.consume(from, to, nil)
	}
	for range 4 {
		f.consume(from, to, nil)
	}
	require.Equal(t, want, bodies(list(f, f.Messages, storage.MessageQuery{Room: to, Order: storage.OldestFirst})))
}

// A consumer that has not advanced is given the same again.
func testConsumerAgain(t *testing.T, f *fixture) {
	c := f.circle()
	f.advance("push", f.head().Newest)
	f.saying(3, c.room, c.ann)
	for range 2 {
		at, err := f.ConsumerPosition(f.ctx, "push")
		require.NoError(t, err)
		all := f.changesOf(storage.ChangeQuery{After: at})
		require.Len(t, all, 3)
		require.Equal(t, int64(1), all[0].Seq)
	}
}

func testConsumerRacers(t *testing.T, f *fixture) {
	f.circle()
	newest := f.head().Newest
	for _, err := range race(int(newest), func(i int) error {
		return f.AdvanceConsumer(f.ctx, "push", storage.Position(i+1))
	}) {
		require.NoError(t, err)
	}
	f.wantConsumer("push", newest, f.now())
}

func testConsumerReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.circle()
	f.advance("push", 3)
	f.advance("search", 1)
	require.NoError(t, f.DeleteConsumer(f.ctx, "search"))
	before, err := f.Consumers(f.ctx)
	require.NoError(t, err)
	f.reopen()
	after, err := f.Consumers(f.ctx)
	require.NoError(t, err)
	require.Equal(t, before, after)
	f.advance("push", 2)
	f.wantConsumer("push", 3, f.now())
}
