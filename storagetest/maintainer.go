package storagetest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var maintainerCases = []testCase{
	{"runs after each rest", testMaintainerRests},
	{"goes on after errors", testMaintainerErrors},
	{"stops within a run", testMaintainerStops},
	{"stops while it rests", testMaintainerStopsResting},
	{"a store that is closed", testMaintainerClosed},
	{"one run at a time", testMaintainerAlone},
	{"refused", testMaintainerRefused},
}

// failingRooms is a store that cannot list rooms for a while.
type failingRooms struct {
	storage.Store
	fail error
}

func (s *failingRooms) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	if s.fail != nil {
		return storage.Page[storage.Room]{}, s.fail
	}
	return s.Store.Rooms(ctx, q)
}

// over is a rest that is over.
func over() <-chan time.Time {
	c := make(chan time.Time, 1)
	c <- time.Time{}
	return c
}

func testMaintainerRests(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	ctx, end := context.WithCancel(f.ctx)
	defer end()
	var rests []time.Duration
	var rooms []int64
	m := &storage.Maintainer{
		Store: f,
		After: func(d time.Duration) <-chan time.Time {
			rests = append(rests, d)
			for range len(rests) {
				f.room("", ann, expiring(f.now()))
			}
			return over()
		},
		Report: func(_ context.Context, r storage.MaintainReport, err error) {
			require.NoError(t, err)
			if rooms = append(rooms, r.Rooms); len(rooms) == 4 {
				end()
			}
		},
	}
	err := m.Run(ctx)
	wantErr(t, err, storage.ErrCanceled)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []int64{0, 1, 2, 3}, rooms, "reports")
	require.Equal(t, []time.Duration{storage.DefaultMaintainEvery, storage.DefaultMaintainEvery, storage.DefaultMaintainEvery}, rests)

	ctx, end = context.WithCancel(f.ctx)
	defer end()
	m.Every, m.Report = time.Hour, nil
	m.After = func(d time.Duration) <-chan time.Time {
		require.Equal(t, time.Hour, d)
		end()
		return nil
	}
	wantErr(t, m.Run(ctx), storage.ErrCanceled)
}

func testMaintainerErrors(t *testing.T, f *fixture) {
	f.room("", f.user("ann").ID, expiring(f.now()))
	ctx, end := context.WithCancel(f.ctx)
	defer end()
	s, broken := &failingRooms{Store: f}, errors.New("broken")
	s.fail = broken
	var log bytes.Buffer
	var errs []error
	m := &storage.Maintainer{
		Store: s, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		After: func(time.Duration) <-chan time.Time {
			if len(errs) == 2 {
				s.fail = nil
			}
			return over()
		},
		Report: func(_ context.Context, r storage.MaintainReport, err error) {
			if errs = append(errs, err); err == nil {
				require.Equal(t, int64(1), r.Rooms)
				end()
			}
		},
	}
	wantErr(t, m.Run(ctx), storage.ErrCanceled)
	require.Equal(t, []error{broken, broken, nil}, errs)
	require.Equal(t, 2, bytes.Count(log.Bytes(), []byte("broken")), "in the log: %s", &log)
}

func testMaintainerStops(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	ms := f.saying(3*storage.DefaultPurge, f.room("hall", ann).ID, ann)
	ctx, end := context.WithCancel(f.ctx)
	defer end()
	reports := 0
	m := &storage.Maintainer{
		Store: &interrupted{f.Store, 3, end}, Options: storage.MaintainOptions{MessagesKeep: 1},
		After: func(time.Duration) <-chan time.Time { require.Fail(t, "it rests"); return over() },
		Report: func(_ context.Context, r storage.MaintainReport, err error) {
			reports++
			wantErr(t, err, storage.ErrCanceled)
			require.Equal(t, int64(2*storage.DefaultPurge), r.Retention.Messages)
		},
	}
	wantErr(t, m.Run(ctx), storage.ErrCanceled)
	require.Equal(t, 1, reports)
	require.Len(t, f.there(ms), storage.DefaultPurge)
	wantErr(t, m.Run(ctx), storage.ErrCanceled)
	require.Equal(t, 1, reports, "a context that was done before")
}

func testMaintainerStopsResting(t *testing.T, f *fixture) {
	ctx, end := context.WithDeadline(f.ctx, time.Now().Add(time.Hour))
	defer end()
	rests := make(chan struct{})
	m := &storage.Maintainer{Store: f, After: func(time.Duration) <-chan time.Time { close(rests); return nil }}
	done := make(chan error)
	go func() { done <- m.Run(ctx) }()
	<-rests
	end()
	wantErr(t, <-done, storage.ErrCanceled)
}

func testMaintainerClosed(t *testing.T, f *fixture) {
	runs := 0
	m := &storage.Maintainer{
		Store:  f,
		After:  func(time.Duration) <-chan time.Time { require.NoError(t, f.Close()); return over() },
		Report: func(context.Context, storage.MaintainReport, error) { runs++ },
	}
	wantErr(t, m.Run(f.ctx), storage.ErrClosed)
	require.Equal(t, 2, runs)
}

func testMaintainerAlone(t *testing.T, f *fixture) {
	ctx, end := context.WithCancel(f.ctx)
	defer end()
	m := &storage.Maintainer{Store: f}
	m.Report = func(ctx context.Context, _ storage.MaintainReport, _ error) {
		wantErr(t, m.Run(ctx), storage.ErrInvalid, "Maintainer")
		end()
	}
	wantErr(t, m.Run(ctx), storage.ErrCanceled)
	m.Report = nil
	wantErr(t, m.Run(ctx), storage.ErrCanceled) // it may run again
}

func testMaintainerRefused(t *testing.T, f *fixture) {
	for field, m := range map[string]*storage.Maintainer{
		"Store": {}, "Every": {Store: f, Every: -1}, "MessagesFor": {Store: f, Options: storage.MaintainOptions{MessagesFor: -1}},
	} {
		m.After = func(time.Duration) <-chan time.Time { require.Fail(t, "it rests"); return nil }
		wantErr(t, m.Run(f.ctx), storage.ErrInvalid, field)
	}
}
