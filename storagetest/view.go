package storagetest

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var viewCases = []testCase{
	{"sees what is committed", testViewSees},
	{"stays still while writers go on", testViewStill},
	{"stays still from its first read", testViewFromTheStart},
	{"pages of one moment", testViewPages},
	{"agrees with itself under load", testViewConsistent},
	{"time stands still", testViewNow},
	{"many at once", testViewMany},
	{"errors", testViewErrors},
	{"panic and Goexit", testViewPanic},
	{"is no transaction", testViewNoWriter},
	{"reads see whole transactions", testViewWhole},
}

func testViewSees(t *testing.T, f *fixture) {
	requireAllReads(t)
	w := f.world()
	for _, write := range writes {
		require.NoError(t, write.run(f.ctx, f, w))
		require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
			require.Equal(t, sight(f.ctx, f, w), sight(ctx, r, w), "View after %s", write.method)
			return nil
		}))
	}
}

// concurrentViews tells whether writers go on while a View is open.
func (f *fixture) concurrentViews() bool {
	if f.backend.lacks(FeatureConcurrentViews) {
		f.t.Logf("left out: the backend lacks %q", FeatureConcurrentViews)
		return false
	}
	return true
}

func testViewStill(t *testing.T, f *fixture) {
	if !f.concurrentViews() {
		return
	}
	w := f.world()
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		before := sight(ctx, r, w)
		for _, write := range writes {
			require.NoError(t, write.run(f.ctx, f, w), write.method)
			require.Equal(t, before, sight(ctx, r, w), "View after %s by another", write.method)
		}
		require.NotEqual(t, before, sight(f.ctx, f, w), "the store")
		return nil
	}))
}

// The snapshot is of when fn began, not of its first read.
func testViewFromTheStart(t *testing.T, f *fixture) {
	if !f.concurrentViews() {
		return
	}
	w := f.world()
	before := sight(f.ctx, f, w)
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		_, err := r.User(ctx, w.ann.ID)
		require.NoError(t, err)
		changeAll(t, f.ctx, f, w)
		require.Equal(t, before, sight(ctx, r, w))
		return nil
	}))
}

func testViewPages(t *testing.T, f *fixture) {
	if !f.concurrentViews() {
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	want := f.numbered(10, ann.ID, room.ID)
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		var got []storage.Message
		q := storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst, Limit: 3}
		for m, err := range storage.All(ctx, r.Messages, q) {
			require.NoError(t, err)
			got = append(got, m)
			f.say(room.ID, ann.ID, "more")
			f.remove(want[len(got)-1].ID, ann.ID)
		}
		require.Equal(t, want, got)
		return nil
	}))
}

// Writers keep a sum; whoever looks must find it right.
func testViewConsistent(t *testing.T, f *fixture) {
	if !f.concurrentViews() {
		return
	}
	ann := f.user("ann")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	ctx, stop := context.WithCancel(f.ctx)
	var writers sync.WaitGroup
	defer writers.Wait()
	defer stop()
	for range 2 {
		writers.Go(func() {
			for ctx.Err() == nil {
				_ = f.Update(ctx, func(ctx context.Context, tx storage.Tx) error {
					_, err := tx.CreateMessages(ctx, []*storage.Message{{RoomID: hall.ID, Body: "a"}, {RoomID: attic.ID, Body: "b"}})
					return err
				})
			}
		})
	}
	for range 30 {
		require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
			first, err := r.Room(ctx, hall.ID)
			require.NoError(t, err)
			runtime.Gosched()
			second, err := r.Room(ctx, attic.ID)
			require.NoError(t, err)
			n, err := r.CountMessages(ctx, storage.MessageQuery{Room: hall.ID})
			require.NoError(t, err)
			require.Equal(t, first.LastSeq, second.LastSeq, "two rooms in one View")
			require.Equal(t, first.MessageCount, n, "MessageCount and the messages")
			return nil
		}))
	}
}

func testViewNow(t *testing.T, f *fixture) {
	m, _ := f.expiring()
	require.NoError(t, f.View(f.ctx, func(_ context.Context, r storage.Reader) error {
		require.ElementsMatch(t, everyWay(f), waysTo(f, r, m))
		f.clock.advance(time.Hour)
		require.ElementsMatch(t, everyWay(f), waysTo(f, r, m), "a message expires within a View")
		return nil
	}))
	require.Empty(t, f.waysTo(m))
}

// More views than any pool has readers, one after the other and at once.
func testViewMany(t *testing.T, f *fixture) {
	w := f.world()
	for _, err := range race(64, func(int) error {
		return f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
			for range 5 {
				if m, err := r.Message(ctx, w.first.ID); err != nil || m.Body != w.first.Body {
					return fmt.Errorf("message %q: %w", m.Body, err)
				}
			}
			return nil
		})
	}) {
		require.NoError(t, err)
	}
}

func testViewErrors(t *testing.T, f *fixture) {
	w := f.world()
	mine := errors.New("mine")
	require.ErrorIs(t, f.View(f.ctx, func(context.Context, storage.Reader) error { return mine }), mine)
	err := f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		_, err := r.User(ctx, id[storage.User](1))
		wantNotFound(t, err, storage.EntityUser)
		_, err = r.User(ctx, w.ann.ID)
		require.NoError(t, err, "a read after one that failed")
		_, err = r.Room(ctx, id[storage.Room](1))
		return err
	})
	wantNotFound(t, err, storage.EntityRoom)
}

func testViewPanic(t *testing.T, f *fixture) {
	w := f.world()
	for range 20 { // each would cost a pool one of its readers
		require.PanicsWithValue(t, "x", func() {
			_ = f.View(f.ctx, func(context.Context, storage.Reader) error { panic("x") })
		})
		done := make(chan struct{})
		go func() {
			defer close(done)
			_ = f.View(f.ctx, func(context.Context, storage.Reader) error { runtime.Goexit(); return nil })
		}()
		<-done
	}
	f.works(w)
}

func testViewNoWriter(t *testing.T, f *fixture) {
	require.NoError(t, f.View(f.ctx, func(_ context.Context, r storage.Reader) error {
		_, writes := r.(storage.MessageWriter)
		require.False(t, writes, "View hands out a writer")
		return nil
	}))
}

// A single read sees a transaction whole or not at all.
func testViewWhole(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var writers sync.WaitGroup
	ctx, stop := context.WithCancel(f.ctx)
	defer writers.Wait()
	defer stop()
	writers.Go(func() {
		for ctx.Err() == nil {
			_, _ = f.CreateMessages(ctx, []*storage.Message{{RoomID: room.ID}, {RoomID: room.ID}, {RoomID: room.ID}})
		}
	})
	for range 100 {
		n, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: room.ID})
		require.NoError(t, err)
		require.Zero(t, n%3, "%d messages of batches of three", n)
		r := f.readRoom(room.ID)
		require.Equal(t, r.LastSeq, r.MessageCount)
		require.Zero(t, r.LastSeq%3)
	}
}
