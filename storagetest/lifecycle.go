package storagetest

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var lifecycleCases = []testCase{
	{"every call after Close", testCloseEvery},
	{"Close twice", testCloseTwice},
	{"Close waits for Update", testCloseWaitsUpdate},
	{"Close waits for View", testCloseWaitsView},
	{"Close under load", testCloseLoad},
	{"reopening keeps everything", testReopen},
	{"reopening after failures", testReopenFailures},
	{"context done before every call", testContextBefore},
	{"context done while waiting", testContextWaiting},
	{"context done at any moment", testContextAny},
	{"health", testHealth},
	{"injected time", testOptionsNow},
	{"injected identifiers", testOptionsUUID},
	{"no options", testOptionsZero},
	{"observe", testObserve},
	{"observe failures", testObserveFailures},
	{"observe transactions", testObserveTx},
}

// callEach calls every method of storage.Store that takes a context, with it
// and otherwise with zero values, and hands over the error of each.
func (f *fixture) callEach(ctx context.Context, check func(method string, err error)) {
	store := reflect.ValueOf(f.Store)
	for method := range reflect.TypeFor[storage.Store]().Methods() {
		in := method.Type
		if in.NumIn() == 0 || in.In(0) != reflect.TypeFor[context.Context]() {
			continue
		}
		args := []reflect.Value{reflect.ValueOf(ctx)}
		for i := 1; i < in.NumIn(); i++ {
			if in.IsVariadic() && i == in.NumIn()-1 {
				break
			}
			args = append(args, reflect.Zero(in.In(i)))
		}
		out := store.MethodByName(method.Name).Call(args)
		if changes, ok := out[0].Interface().(iter.Seq2[storage.Change, error]); ok {
			check(method.Name, ended(changes))
			continue
		}
		err, _ := out[len(out)-1].Interface().(error)
		check(method.Name, err)
		for _, value := range out[:len(out)-1] {
			assert.True(f.t, value.IsZero(), "%s gave %v beside its error", method.Name, value)
		}
	}
}

func testCloseEvery(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.Close())
	cancelled, cancel := context.WithCancel(f.ctx)
	cancel()
	for _, ctx := range []context.Context{f.ctx, cancelled} {
		f.callEach(ctx, func(method string, err error) {
			require.ErrorIs(t, err, storage.ErrClosed, "%s after Close", method)
			wantErr(t, err, storage.ErrClosed)
		})
	}
	wantAllClosed(t, f.ctx, f, f, w)
	wantErr(t, f.View(f.ctx, func(context.Context, storage.Reader) error { t.Error("View ran after Close"); return nil }), storage.ErrClosed)
	wantErr(t, f.Update(f.ctx, func(context.Context, storage.Tx) error { t.Error("Update ran after Close"); return nil }), storage.ErrClosed)
}

func testCloseTwice(t *testing.T, f *fixture) {
	var closed atomic.Int64
	for _, err := range race(racers, func(int) error { return f.Close() }) {
		if err == nil {
			closed.Add(1)
			continue
		}
		wantErr(t, err, storage.ErrClosed)
	}
	require.Equal(t, int64(1), closed.Load(), "calls of Close that closed")
	wantErr(t, f.Close(), storage.ErrClosed)
}

// closeDuring closes the store while a call runs that calls during, and
// requires that Close returns after it.
func (f *fixture) closeDuring(call func(during func(use func() error)) error) {
	f.t.Helper()
	var ended atomic.Bool
	closed := make(chan error)
	err := call(func(use func() error) {
		started := make(chan struct{})
		go func() {
			close(started)
			err := f.Close()
			if !ended.Load() {
				err = errors.New("Close returned before the call that ran")
			}
			closed <- err
		}()
		<-started
		for range 200 {
			runtime.Gosched()
			require.NoError(f.t, use(), "a call within one that Close waits for")
		}
		ended.Store(true)
	})
	require.NoError(f.t, err, "the call that Close waits for")
	require.NoError(f.t, <-closed)
}

func testCloseWaitsUpdate(t *testing.T, f *fixture) {
	w := f.world()
	f.closeDuring(func(during func(func() error)) error {
		return f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			during(func() error { return tx.TouchUser(ctx, w.ann.ID) })
			return tx.SetUserRole(ctx, w.ann.ID, storage.RoleAdmin)
		})
	})
	if !f.backend.lacks(FeatureReopen) {
		f.reopen()
		require.Equal(t, storage.RoleAdmin, f.readUser(w.ann.ID).Role, "what was written while Close waited")
	}
}

func testCloseWaitsView(t *testing.T, f *fixture) {
	w := f.world()
	f.closeDuring(func(during func(func() error)) error {
		return f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
			during(func() error { _, err := r.Message(ctx, w.first.ID); return err })
			return nil
		})
	})
}

// Calls that race with Close are done, or refused; nothing in between.
func testCloseLoad(t *testing.T, f *fixture) {
	w := f.world()
	acked := make([][]storage.MessageID, racers)
	var before atomic.Int64
	for _, err := range race(racers+1, func(i int) error {
		if i == racers {
			for before.Load() < racers {
				runtime.Gosched()
			}
			return f.Close()
		}
		for {
			m := storage.Message{RoomID: w.hall.ID, Body: "acknowledged"}
			_, err := f.CreateMessage(f.ctx, &m)
			if before.Add(1); errors.Is(err, storage.ErrClosed) {
				return nil
			} else if err != nil {
				return err
			}
			acked[i] = append(acked[i], m.ID)
			if _, err := f.Messages(f.ctx, storage.MessageQuery{Room: w.hall.ID, Limit: 1}); err != nil && !errors.Is(err, storage.ErrClosed) {
				return err
			}
		}
	}) {
		require.NoError(t, err)
	}
	if f.backend.lacks(FeatureReopen) {
		return
	}
	f.reopen()
	total := int64(0)
	for _, ids := range acked {
		for _, id := range ids {
			f.readMessage(id)
			total++
		}
	}
	require.Equal(t, w.gone.Seq+total, f.readRoom(w.hall.ID).LastSeq, "messages acknowledged, and messages stored")
}

func testReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Logf("left out: the backend lacks %q", FeatureReopen)
		return
	}
	w := f.world()
	for _, change := range []func(){
		func() {},
		func() { changeAll(t, f.ctx, f, w) },
		func() { f.say(w.hall.ID, w.bob.ID, "the last words before the end") },
	} {
		change()
		held, seen := f.dump(), sight(f.ctx, f, w)
		f.reopen()
		require.Equal(t, held, f.dump(), "after reopening")
		require.Equal(t, seen, sight(f.ctx, f, w), "after reopening")
		require.NoError(t, f.Close())
		f.reopen()
		require.Equal(t, held, f.dump(), "after closing and reopening")
	}
	last := f.readRoom(w.hall.ID)
	require.Equal(t, last.LastSeq+1, f.say(w.hall.ID, w.bob.ID, "on").Seq, "Seq after reopening")
	wantErr(t, f.CreateUser(f.ctx, &storage.User{Username: "ANN"}), storage.ErrDuplicate, "Username")
	wantErr(t, f.CreateRoom(f.ctx, &storage.Room{Name: "Lobby"}), storage.ErrDuplicate, "Name")
	_, err := f.CreateMessage(f.ctx, &storage.Message{ID: w.first.ID, RoomID: w.hall.ID})
	wantErr(t, err, storage.ErrDuplicate, "ID")
}

func testReopenFailures(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Logf("left out: the backend lacks %q", FeatureReopen)
		return
	}
	w := f.world()
	held, seen := f.dump(), sight(f.ctx, f, w)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		changeAll(t, ctx, tx, w)
		return errUndo
	}), errUndo)
	for _, call := range failing {
		require.ErrorIs(t, call.run(f.ctx, f, w), call.kind, call.method)
	}
	f.reopen()
	require.Equal(t, held, f.dump(), "after failures and reopening")
	require.Equal(t, seen, sight(f.ctx, f, w))
	f.works(w)
}

func testHealth(t *testing.T, f *fixture) {
	f.world()
	h, err := f.Health(f.ctx)
	require.NoError(t, err)
	require.NotEmpty(t, h.Backend, "Health.Backend")
	require.NoError(t, h.CheckpointError)
	require.GreaterOrEqual(t, h.Readers, h.ReadersBusy)
	require.Zero(t, h.Waiting)
}
