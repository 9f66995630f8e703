package storagetest

// What a transaction tells the feed, as one.

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var changeTxCases = []testCase{
	{"calls are transactions", testChangeTxCalls},
	{"updates are transactions", testChangeTxUpdate},
	{"reads its own changes", testChangeTxOwn},
	{"others see nothing of it before", testChangeTxIsolated},
	{"rolled back", testChangeTxRolledBack},
	{"a call that fails first", testChangeTxFailsFirst},
	{"a call that fails later", testChangeTxFailsLater},
	{"views stay still", testChangeTxView},
	{"writers at once", testChangeTxRace},
	{"reactions in a deleted room", testChangeTxReactions},
}

// marks are the marks of the transactions of all changes.
func (f *fixture) marks() (marks []storage.Position) {
	f.t.Helper()
	for _, c := range f.wantGapless() {
		marks = append(marks, c.Tx)
	}
	return marks
}

func testChangeTxCalls(t *testing.T, f *fixture) {
	ann := f.user("ann")
	f.user("bob")
	f.room("hall", ann.ID)
	require.NoError(t, f.DeactivateUser(f.ctx, ann.ID))
	require.Equal(t, []storage.Position{1, 2, 3, 3, 5}, f.marks())
}

func testChangeTxUpdate(t *testing.T, f *fixture) {
	f.user("zoe")
	for range 2 {
		require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			for range 3 {
				require.NoError(t, tx.CreateRoom(ctx, &storage.Room{}))
			}
			return nil
		}))
	}
	f.user("yan")
	require.Equal(t, []storage.Position{1, 2, 2, 2, 5, 5, 5, 8}, f.marks())
}

func testChangeTxOwn(t *testing.T, f *fixture) {
	f.user("zoe")
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for i := range 3 {
			require.NoError(t, tx.CreateRoom(ctx, &storage.Room{}))
			head, err := tx.ChangeHead(ctx)
			require.NoError(t, err)
			require.Equal(t, storage.ChangeHead{Oldest: 1, Newest: storage.Position(2 + i)}, head)
			p, err := tx.Changes(ctx, storage.ChangeQuery{After: 1})
			require.NoError(t, err)
			require.Len(t, p.Items, 1+i)
			require.Equal(t, tx.Now(), p.Items[i].At)
			require.Equal(t, storage.Position(2), p.Items[i].Tx)
		}
		return nil
	}))
}

func testChangeTxIsolated(t *testing.T, f *fixture) {
	f.user("zoe")
	before := f.head()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.CreateRoom(ctx, &storage.Room{}))
		if f.backend.lacks(FeatureConcurrentViews) {
			return nil
		}
		require.Equal(t, before, f.head())
		require.Len(t, f.changesOf(storage.ChangeQuery{}), 1)
		return nil
	}))
	require.Equal(t, before.Newest+1, f.head().Newest)
}

func testChangeTxRolledBack(t *testing.T, f *fixture) {
	ann := f.user("ann")
	before := f.wantGapless()
	f.rollBack(func(tx storage.Tx) error { return tx.CreateRoom(f.ctx, &storage.Room{CreatorID: ann.ID}) })
	require.Equal(t, before, f.wantGapless())
	f.room("hall", ann.ID)
	require.Equal(t, []storage.Position{1, 2, 2}, f.marks())
	require.Empty(t, f.changesOf(storage.ChangeQuery{After: 3}))
}

// halfDone is a batch that fails at its end, after it has made changes.
func halfDone(ctx context.Context, tx storage.Writer, room storage.RoomID) error {
	return errOf(tx.CreateMessages(ctx, []*storage.Message{
		{RoomID: room}, {RoomID: room}, {RoomID: room, ParentID: id[storage.Message](9)},
	}))
}

func testChangeTxFailsFirst(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		wantErr(t, halfDone(ctx, tx, room.ID), storage.ErrNotFound)
		require.NoError(t, errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID})))
		wantErr(t, halfDone(ctx, tx, room.ID), storage.ErrNotFound)
		return tx.DeactivateRoom(ctx, room.ID)
	}))
	require.Equal(t, []storage.Position{1, 2, 2}, f.marks())
}

func testChangeTxFailsLater(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.DeactivateRoom(ctx, room.ID))
		require.NoError(t, tx.ReactivateRoom(ctx, room.ID))
		for range 2 { // now one that comes after others is undone
			wantErr(t, halfDone(ctx, tx, room.ID), storage.ErrNotFound)
			head, err := tx.ChangeHead(ctx)
			require.NoError(t, err)
			require.Equal(t, storage.Position(3), head.Newest)
		}
		return errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID}))
	}))
	f.user("ann")
	require.Equal(t, []storage.Position{1, 2, 2, 2, 5}, f.marks())
}

func testChangeTxView(t *testing.T, f *fixture) {
	if !f.concurrentViews() {
		return
	}
	f.user("ann")
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		before, err := r.ChangeHead(ctx)
		require.NoError(t, err)
		f.user("bob")
		again, err := r.ChangeHead(ctx)
		require.NoError(t, err)
		require.Equal(t, before, again)
		p, err := r.Changes(ctx, storage.ChangeQuery{})
		require.NoError(t, err)
		require.Len(t, p.Items, 1)
		require.Equal(t, before.Newest, p.Through)
		return nil
	}))
}

// The feed is in the order of commits: what a transaction reads is before it.
func testChangeTxRace(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, err := range race(racers, func(i int) error {
		if i%4 == 0 {
			return f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
				return errOf(tx.CreateMessages(ctx, []*storage.Message{{RoomID: room.ID}, {RoomID: room.ID}}))
			})
		}
		return errOf(f.CreateMessage(f.ctx, &storage.Message{RoomID: room.ID}))
	}) {
		require.NoError(t, err)
	}
	all := f.wantGapless()[1:]
	require.Len(t, all, racers+racers/4)
	for i, c := range all {
		require.Equal(t, int64(i+1), c.Seq, "Seq in the order of Position")
	}
}

// With a room goes what was felt about its messages, once that is committed.
func testChangeTxReactions(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	for _, m := range f.saying(2, attic, c.ann) {
		f.reactTo(m.ID, c.ann, c.bob)
	}
	f.reactTo(f.say(c.room, c.ann, "stays").ID, c.bob, c.ann)
	want := f.changesOf(reacted)
	require.Len(t, want, 9)
	f.rollBack(func(tx storage.Tx) error { return tx.DeleteRoom(f.ctx, attic) })
	require.Equal(t, want, f.changesOf(reacted))
	require.NoError(t, f.DeleteRoom(f.ctx, attic))
	mute(want[:6])
	require.Equal(t, want, f.changesOf(reacted))
}
