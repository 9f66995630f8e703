package storagetest

// Contexts that end before a call, while it waits, or at any moment.

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// doneContexts are contexts that are done, and what calls say to them.
func doneContexts(t *testing.T, parent context.Context) map[error]context.Context {
	t.Helper()
	cancelled, cancel := context.WithCancelCause(parent)
	cancel(errUndo)
	late, stop := context.WithDeadline(parent, time.Unix(0, 0))
	t.Cleanup(stop)
	return map[error]context.Context{storage.ErrCanceled: cancelled, storage.ErrTimeout: late}
}

var contextCauses = map[error]error{storage.ErrCanceled: context.Canceled, storage.ErrTimeout: context.DeadlineExceeded}

func testContextBefore(t *testing.T, f *fixture) {
	w := f.world()
	held := f.dump()
	for kind, ctx := range doneContexts(t, f.ctx) {
		want := func(method string, err error) {
			t.Helper()
			require.ErrorIs(t, err, kind, method)
			require.ErrorIs(t, err, contextCauses[kind], "%s: the cause", method)
			wantErr(t, err, kind)
		}
		f.callEach(ctx, want)
		for _, write := range writes {
			want(write.method, write.run(ctx, f, w))
		}
		for _, read := range reads {
			_, err := read.run(ctx, f, w)
			want(read.method, err)
		}
		want("View", f.View(ctx, func(context.Context, storage.Reader) error { t.Error("View ran"); return nil }))
		want("Update", f.Update(ctx, func(context.Context, storage.Tx) error { t.Error("Update ran"); return nil }))
	}
	require.Equal(t, held, f.dump(), "after calls with a context that was done")
}

// A writer that waits for its turn gives up with its context.
func testContextWaiting(t *testing.T, f *fixture) {
	w := f.world()
	held := f.dump()
	require.NoError(t, f.Update(f.ctx, func(context.Context, storage.Tx) error {
		var waiting sync.WaitGroup
		for i, write := range writes {
			waiting.Go(func() {
				ctx, cancel := context.WithTimeout(f.ctx, 5*time.Millisecond)
				kind := storage.ErrTimeout
				if i%2 == 0 {
					ctx, cancel = context.WithCancel(f.ctx)
					kind = storage.ErrCanceled
					time.AfterFunc(5*time.Millisecond, cancel)
				}
				defer cancel()
				err := write.run(ctx, f, w)
				assert.ErrorIs(t, err, kind, write.method)
				assert.ErrorIs(t, err, contextCauses[kind], write.method)
			})
		}
		ctx, cancel := context.WithTimeout(f.ctx, 5*time.Millisecond)
		defer cancel()
		err := f.Update(ctx, func(context.Context, storage.Tx) error { t.Error("two Updates at once"); return nil })
		wantErr(t, err, storage.ErrTimeout)
		waiting.Wait()
		return nil
	}))
	require.Equal(t, held, f.dump(), "after writers that gave up")
	f.works(w)
}

// Whenever its context ends, a message that was acknowledged is there, and one
// that was not is not.
func testContextAny(t *testing.T, f *fixture) {
	const each = 10
	room := f.room("hall", storage.UserID{})
	ids := make([][]storage.MessageID, racers)
	for i, err := range race(racers, func(i int) error {
		for n := range each {
			ctx, cancel := context.WithCancel(f.ctx)
			time.AfterFunc(time.Duration(i*n)*5*time.Microsecond, cancel)
			m := storage.Message{ID: storage.NewID[storage.Message](), RoomID: room.ID, Body: fmt.Sprint(i, " ", n)}
			created, err := f.CreateMessage(ctx, &m)
			cancel()
			_, reading := f.Message(f.ctx, m.ID)
			switch {
			case err == nil && created && reading == nil:
				ids[i] = append(ids[i], m.ID)
			case !errors.Is(err, storage.ErrCanceled) || !errors.Is(reading, storage.ErrNotFound):
				return fmt.Errorf("created %v, %w; reading: %w", created, err, reading)
			}
		}
		return nil
	}) {
		require.NoError(t, err, "racer %d", i)
	}
	total := 0
	for _, own := range ids {
		total += len(own)
	}
	require.Equal(t, int64(total), f.readRoom(room.ID).LastSeq, "messages acknowledged, and LastSeq")
	require.Len(t, list(f, f.Messages, storage.MessageQuery{Room: room.ID}), total)
}
