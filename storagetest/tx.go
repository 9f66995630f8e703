package storagetest

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var txCases = []testCase{
	{"commits", testTxCommits},
	{"rolls back on an error", testTxError},
	{"rolls back on a panic", testTxPanic},
	{"rolls back on Goexit", testTxGoexit},
	{"rolls back when the context ends", testTxContext},
	{"rolls back half-way", testTxHalfway},
	{"rolls back many times", testTxRepeated},
	{"a call that fails changes nothing", testTxFailingCall},
	{"a batch that fails changes nothing", testTxFailingBatch},
	{"reads its own writes", testTxOwnWrites},
	{"others see nothing of it before", testTxIsolated},
	{"one time", testTxNow},
	{"runs once, on the caller's goroutine", testTxOnce},
	{"one after the other", testTxSerial},
	{"closed after fn", testTxClosed},
	{"closed after a panic", testTxClosedPanic},
	{"nesting", testTxNesting},
	{"cancelled calls inside", testTxCancelledCall},
	{"read only", testTxReadOnly},
	{"identifiers of a deleted room's messages", testTxDeletedRoomIDs},
}

var errUndo = errors.New("undo")

func testTxCommits(t *testing.T, f *fixture) {
	w, other := f.world(), f.another(func(*storage.Options) {})
	w2 := other.world()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		changeAll(t, ctx, tx, w)
		return nil
	}))
	for _, write := range writes {
		require.NoError(t, write.run(other.ctx, other, w2), write.method)
	}
	inOne, alone := f.dump(), other.dump()
	require.Equal(t, len(alone.Users), len(inOne.Users), "users after the same writes in one transaction and alone")
	require.Equal(t, len(alone.Rooms), len(inOne.Rooms), "rooms")
	for i, room := range alone.Rooms {
		in := inOne.Rooms[i]
		require.Equal(t, []any{room.Name, room.LastSeq, room.MessageCount, room.MemberCount, room.Version, room.LastMessageAt},
			[]any{in.Name, in.LastSeq, in.MessageCount, in.MemberCount, in.Version, in.LastMessageAt})
		require.Equal(t, bodies(alone.Messages[room.ID]), bodies(inOne.Messages[in.ID]), "messages in %s", room.Name)
		require.Len(t, inOne.Members[in.ID], len(alone.Members[room.ID]), "members of %s", room.Name)
	}
}

// undone requires that what undo does inside a transaction, after every kind
// of write, leaves nothing of the writes behind.
func (f *fixture) undone(undo func(w *world, run func(fn func(context.Context, storage.Tx) error) error, change func(context.Context, storage.Tx))) {
	f.t.Helper()
	requireAllWrites(f.t)
	requireAllReads(f.t)
	w := f.world()
	before, seen := f.dump(), sight(f.ctx, f, w)
	undo(w, func(fn func(context.Context, storage.Tx) error) error { return f.Update(f.ctx, fn) },
		func(ctx context.Context, tx storage.Tx) { changeAll(f.t, ctx, tx, w) })
	require.Equal(f.t, before, f.dump(), "after a rollback")
	require.Equal(f.t, seen, sight(f.ctx, f, w), "after a rollback")
	f.works(w)
}

// works requires that the store of a world can be written, as if nothing had
// happened to it.
func (f *fixture) works(w *world) {
	f.t.Helper()
	require.Equal(f.t, int64(5), f.say(w.hall.ID, w.ann.ID, "and on").Seq, "Seq after a rollback")
	changeAll(f.t, f.ctx, f, w)
	if !f.backend.lacks(FeatureSearch) {
		require.Len(f.t, f.found(storage.SearchQuery{Text: "again"}), 1)
	}
}

func testTxError(t *testing.T, f *fixture) {
	f.undone(func(_ *world, run func(func(context.Context, storage.Tx) error) error, change func(context.Context, storage.Tx)) {
		err := run(func(ctx context.Context, tx storage.Tx) error {
			change(ctx, tx)
			return errUndo
		})
		require.ErrorIs(t, err, errUndo, "what Update returned")
	})
}

func testTxPanic(t *testing.T, f *fixture) {
	f.undone(func(_ *world, run func(func(context.Context, storage.Tx) error) error, change func(context.Context, storage.Tx)) {
		require.PanicsWithValue(t, "at the disco", func() {
			_ = run(func(ctx context.Context, tx storage.Tx) error {
				change(ctx, tx)
				panic("at the disco")
			})
		})
	})
}

func testTxGoexit(t *testing.T, f *fixture) {
	f.undone(func(_ *world, run func(func(context.Context, storage.Tx) error) error, change func(context.Context, storage.Tx)) {
		returned := false
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = run(func(ctx context.Context, tx storage.Tx) error {
				change(ctx, tx)
				runtime.Goexit()
				return nil
			})
			returned = true
		}()
		<-done
		require.False(t, returned, "Update returned from a Goexit")
	})
}

func testTxContext(t *testing.T, f *fixture) {
	f.undone(func(w *world, _ func(func(context.Context, storage.Tx) error) error, change func(context.Context, storage.Tx)) {
		ctx, cancel := context.WithCancel(f.ctx)
		err := f.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
			change(ctx, tx)
			cancel()
			_, err := tx.User(ctx, w.ann.ID)
			wantErr(t, err, storage.ErrCanceled)
			wantErr(t, tx.TouchUser(ctx, w.bob.ID), storage.ErrCanceled)
			return nil
		})
		wantErr(t, err, storage.ErrCanceled)
		require.ErrorIs(t, err, context.Canceled, "the cause")
	})
}

// A transaction that stops at each of its writes leaves nothing behind.
func testTxHalfway(t *testing.T, f *fixture) {
	w := f.world()
	before, seen := f.dump(), sight(f.ctx, f, w)
	for stop := range writes {
		err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			for _, write := range writes[:stop+1] {
				require.NoError(t, write.run(ctx, tx, w), write.method)
			}
			return tx.TouchUser(ctx, id[storage.User](1))
		})
		wantNotFound(t, err, storage.EntityUser)
		require.Equal(t, before, f.dump(), "after %s was rolled back", writes[stop].method)
		require.Equal(t, seen, sight(f.ctx, f, w), "after %s was rolled back", writes[stop].method)
	}
	f.works(w)
}

func testTxRepeated(t *testing.T, f *fixture) {
	w := f.world()
	for i := range 20 {
		err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			m := storage.Message{RoomID: w.hall.ID, AuthorID: w.ann.ID, Body: "comes and goes"}
			_, err := tx.CreateMessage(ctx, &m)
			require.NoError(t, err)
			require.Equal(t, int64(5+i/2), m.Seq, "Seq after %d rollbacks", (i+1)/2)
			if i%2 == 0 {
				return errUndo
			}
			return nil
		})
		require.Equal(t, i%2 == 0, errors.Is(err, errUndo))
	}
	require.Equal(t, int64(13), f.readRoom(w.hall.ID).MessageCount)
	if !f.backend.lacks(FeatureSearch) {
		require.Len(t, f.found(storage.SearchQuery{Text: "goes"}), 10, "messages that were committed")
	}
}

func testTxOwnWrites(t *testing.T, f *fixture) {
	w := f.world()
	before := sight(f.ctx, f, w)
	var inside map[string]seen
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.Equal(t, before, sight(ctx, tx, w), "before any write")
		for _, write := range writes {
			require.NoError(t, write.run(ctx, tx, w), write.method)
			inside = sight(ctx, tx, w)
		}
		return nil
	}))
	require.NotEqual(t, before, inside, "a transaction that does not see what it wrote")
	require.Equal(t, inside, sight(f.ctx, f, w), "what the transaction saw, and what is there after it")
}

func testTxIsolated(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureConcurrentViews) {
		t.Logf("left out: the backend lacks %q", FeatureConcurrentViews)
		return
	}
	w := f.world()
	before := sight(f.ctx, f, w)
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, write := range writes {
			require.NoError(t, write.run(ctx, tx, w), write.method)
			require.Equal(t, before, sight(f.ctx, f, w), "others see %s before it is committed", write.method)
		}
		return nil
	}))
	require.NotEqual(t, before, sight(f.ctx, f, w))
}

func testTxNow(t *testing.T, f *fixture) {
	w := f.world()
	want := f.now()
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for range 3 {
			require.Equal(t, want, tx.Now(), "Now of a transaction")
			f.clock.advance(time.Hour)
			m := storage.Message{RoomID: w.hall.ID, Body: "x", ExpiresAt: want.Add(time.Minute)}
			_, err := tx.CreateMessage(ctx, &m)
			require.NoError(t, err)
			require.Equal(t, want, m.CreatedAt, "CreatedAt in a transaction")
			_, err = tx.Message(ctx, m.ID)
			require.NoError(t, err, "a message that expires before the transaction ends, but after its Now")
			u := storage.User{Username: "u" + m.ID.String()[:8] + m.ID.String()[30:]}
			require.NoError(t, tx.CreateUser(ctx, &u))
			require.Equal(t, want, u.CreatedAt)
		}
		return nil
	}))
	require.NoError(t, f.Update(f.ctx, func(_ context.Context, tx storage.Tx) error {
		require.Equal(t, f.now(), tx.Now(), "Now of the next transaction")
		return nil
	}))
}

func testTxOnce(t *testing.T, f *fixture) {
	w := f.world()
	for _, result := range []error{nil, errUndo, &storage.Error{Kind: storage.ErrSerialization}} {
		runs := 0
		err := f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			runs++
			require.NoError(t, tx.TouchUser(ctx, w.ann.ID))
			return result
		})
		require.Equal(t, 1, runs, "runs of fn")
		require.ErrorIs(t, err, result)
	}
	here := goroutine()
	require.NoError(t, f.Update(f.ctx, func(context.Context, storage.Tx) error {
		require.Equal(t, string(here), string(goroutine()), "the goroutine that runs Update's fn")
		return nil
	}))
	require.NoError(t, f.View(f.ctx, func(context.Context, storage.Reader) error {
		require.Equal(t, string(here), string(goroutine()), "the goroutine that runs View's fn")
		return nil
	}))
}

// goroutine returns what names the running goroutine in a stack trace.
func goroutine() []byte {
	buf := make([]byte, 64)
	buf = buf[:runtime.Stack(buf, false)]
	return bytes.Fields(buf)[1]
}

func testTxDeletedRoomIDs(t *testing.T, f *fixture) {
	gone, kept := f.room("gone", storage.UserID{}), f.room("kept", storage.UserID{})
	m := f.say(gone.ID, storage.UserID{}, "gone")
	again := storage.Message{ID: m.ID, RoomID: kept.ID, Body: "again"}
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.NoError(t, tx.DeleteRoom(ctx, gone.ID))
		_, err := tx.CreateMessage(ctx, &again)
		wantErr(t, err, storage.ErrDuplicate, "ID")
		return nil
	}))
	_, err := f.CreateMessage(f.ctx, &again)
	require.NoError(t, err)
	require.Equal(t, again, f.readMessage(m.ID))
}
