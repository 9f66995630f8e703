package memory

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// world is an engine with one user and one room.
type world struct {
	t *testing.T
	*engine
	user storage.UserID
	room storage.RoomID
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, engine: newEngine(), user: storage.NewID[storage.User](), room: storage.NewID[storage.Room]()}
	w.write(func(r backend.Rows) error {
		u := &backend.UserRow{User: storage.User{ID: w.user, Username: "ann"}, FoldedName: "ann"}
		if err := r.InsertUser(t.Context(), u); err != nil {
			return err
		}
		return r.InsertRoom(t.Context(), &backend.RoomRow{Room: storage.Room{ID: w.room, Active: true}})
	})
	return w
}

func (w *world) write(fn func(backend.Rows) error) {
	w.t.Helper()
	_, err := w.Write(w.t.Context(), fn)
	require.NoError(w.t, err)
}

// say stores a message through r.
func (w *world) say(r backend.Rows, body string) (storage.Message, error) {
	row := &backend.MessageRow{
		Message: storage.Message{
			ID: storage.NewID[storage.Message](), RoomID: w.room, AuthorID: w.user, Type: storage.MessageText, Body: body,
		},
		Text: search.Join(search.Analyze(body)),
	}
	err := r.InsertMessage(w.t.Context(), row)
	return row.Message, err
}

// messages returns how many messages there are for each way to ask.
func (w *world) messages(r backend.Rows) [3]int64 {
	ctx := w.t.Context()
	room, err := r.Room(ctx, w.room)
	assert.NoError(w.t, err)
	counted, err := r.CountMessages(ctx, backend.MessageScan{MessageQuery: storage.MessageQuery{Room: w.room}})
	assert.NoError(w.t, err)
	query, err := search.Parse("hello")
	assert.NoError(w.t, err)
	hits, _, err := r.SearchMessages(ctx, backend.SearchScan{Query: query, Limit: 1 << 20})
	assert.NoError(w.t, err)
	return [3]int64{room.MessageCount, counted, int64(len(hits))}
}

// TestSnapshotsStayStill has readers look twice at everything while writers
// change it: nothing may move, and the race detector must find nothing.
func TestSnapshotsStayStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var writers, readers sync.WaitGroup
	done := make(chan struct{})
	for range 2 {
		writers.Go(func() {
			for i := range 300 {
				_, err := w.Write(t.Context(), func(r backend.Rows) error {
					_, err := w.say(r, fmt.Sprintf("hello %d", i))
					if i%7 == 0 {
						err = errors.Join(err, errors.New("undo"))
					}
					return err
				})
				assert.Equal(t, i%7 == 0, err != nil)
			}
		})
	}
	for range 4 {
		readers.Go(func() {
			for {
				assert.NoError(t, w.Snapshot(t.Context(), func(r backend.Rows) error {
					first := w.messages(r)
					runtime.Gosched()
					assert.Equal(t, first, w.messages(r), "the same snapshot, later")
					assert.Equal(t, [3]int64{first[0], first[0], first[0]}, first, "one snapshot, three ways")
					return nil
				}))
				select {
				case <-done:
					return
				default:
				}
			}
		})
	}
	writers.Wait()
	close(done)
	readers.Wait()
	assert.Equal(t, [3]int64{514, 514, 514}, w.messages(&rows{state: w.present.Load()}))
}

func TestSavepointsRollBack(t *testing.T) {
	t.Parallel()
	undo := errors.New("undo")
	ends := map[string]func() error{
		"error":  func() error { return undo },
		"panic":  func() error { panic(undo) },
		"Goexit": func() error { runtime.Goexit(); return nil },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.write(func(r backend.Rows) error {
				_, err := w.say(r, "hello before")
				require.NoError(t, err)
				apart(func() error {
					return r.Savepoint(t.Context(), func() error {
						_, err := w.say(r, "hello within")
						require.NoError(t, err)
						assert.Equal(t, [3]int64{2, 2, 2}, w.messages(r), "within")
						return end()
					})
				})
				assert.Equal(t, [3]int64{1, 1, 1}, w.messages(r), "afterwards")
				_, err = w.say(r, "hello after")
				return err
			})
			assert.Equal(t, [3]int64{2, 2, 2}, w.messages(&rows{state: w.present.Load()}), "committed")
		})
	}
}

// apart runs fn on a goroutine that it may exit, or panic on.
func apart(fn func() error) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { _ = recover() }()
		_ = fn()
	}()
	<-done
}

func TestWriteRollsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.present.Load()
	for _, end := range []func(){func() { panic("end") }, runtime.Goexit} {
		apart(func() error {
			_, err := w.Update(t.Context(), func(r backend.Rows) error {
				_, err := w.say(r, "hello")
				end()
				return err
			})
			return err
		})
	}
	assert.Same(t, before, w.present.Load())
	assert.Equal(t, [3]int64{}, w.messages(&rows{state: before}))
}

func TestWaitingEndsWithContext(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, cancel := context.WithCancel(t.Context())
	w.write(func(backend.Rows) error {
		waiter := make(chan error)
		go func() {
			_, err := w.Write(ctx, func(backend.Rows) error { return nil })
			waiter <- err
		}()
		require.Eventually(t, func() bool {
			health, err := w.Health(t.Context())
			return err == nil && health.Waiting == 1
		}, 10*time.Second, time.Millisecond)
		cancel()
		assert.ErrorIs(t, <-waiter, context.Canceled)
		return nil
	})
}

// TestCopyTakesEveryTree finds a tree that was forgotten: the copy would
// write to the original's nodes.
func TestCopyTakesEveryTree(t *testing.T) {
	t.Parallel()
	original := newState()
	copied := original.copy()
	a, b := reflect.ValueOf(original).Elem(), reflect.ValueOf(copied).Elem()
	owners := make(map[uint64]string)
	for i := range a.NumField() {
		name := a.Type().Field(i).Name
		if a.Field(i).Kind() != reflect.Struct || !a.Field(i).FieldByName("isoid").IsValid() {
			continue // no tree
		}
		owner := b.Field(i).FieldByName("isoid").Uint()
		assert.NotEqual(t, a.Field(i).FieldByName("isoid").Uint(), owner, "owner of %s", name)
		assert.Empty(t, owners[owner], "owner of %s", name)
		owners[owner] = name
	}
	assert.NotEmpty(t, owners)
}

func TestCopyIsConstant(t *testing.T) {
	w := newWorld(t)
	small := w.present.Load()
	w.write(func(r backend.Rows) error {
		for range 5000 {
			if _, err := w.say(r, "hello there"); err != nil {
				return err
			}
		}
		return nil
	})
	large := w.present.Load()
	assert.Equal(t,
		testing.AllocsPerRun(100, func() { small.copy() }),
		testing.AllocsPerRun(100, func() { large.copy() }))
}
