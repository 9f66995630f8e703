package storagetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/lairchat/lair/storage"
)

// benchWatchers is how many watch rooms in which nothing happens.
const benchWatchers = 1000

// benchSettling is how long sends go on before they are measured. The first
// watcher may have the store look once for what other processes wrote, and
// wake all of them.
const benchSettling = 500 * time.Millisecond

// compareWatchers compares sending to nobody with sending while many watch
// other rooms, by a lone sender and by many.
func (s *benchStore) compareWatchers(b *testing.B) {
	idle := make([]storage.RoomID, benchWatchers)
	for i := range idle {
		room := storage.Room{}
		if err := s.CreateRoom(s.ctx, &room); err != nil {
			b.Fatal(err)
		}
		idle[i] = room.ID
	}
	for _, c := range []struct{ goroutines, messages int }{{1, 200}, {benchGoroutines, 1280}} {
		b.Run(fmt.Sprintf("goroutines=%d", c.goroutines), func(b *testing.B) {
			send := func() float64 {
				took := spread(b, c.goroutines, c.messages, func() func() error {
					g := s.generator()
					return func() error { return s.createMessage(g) }
				})
				return float64(took.Microseconds()) / float64(c.messages)
			}
			settled := func() float64 {
				for start := time.Now(); time.Since(start) < benchSettling; {
					send()
				}
				return send()
			}
			compare(b, measure{"unwatched-µs", func() float64 {
				s.changeEach(b, idle) // as below
				return settled()
			}}, measure{"watched-µs", func() float64 {
				stop := s.watchIdle(b, idle)
				defer stop()
				return settled()
			}})
		})
	}
}

// watchIdle has somebody watch each of the rooms, until it is stopped. It
// returns when all of them have read something.
func (s *benchStore) watchIdle(b *testing.B, rooms []storage.RoomID) (stop func()) {
	start := s.changeEach(b, rooms) // so that each watcher hears of something, once
	ctx, cancel := context.WithCancel(s.ctx)
	var began, ended sync.WaitGroup
	for _, room := range rooms {
		began.Add(1)
		ended.Go(func() {
			once := sync.OnceFunc(began.Done)
			defer once()
			for _, err := range s.Watch(ctx, storage.ChangeQuery{Room: room, After: start}) {
				if err != nil && !errors.Is(err, storage.ErrCanceled) {
					b.Error(err)
				}
				once()
			}
		})
	}
	began.Wait()
	return func() {
		cancel()
		ended.Wait()
	}
}

// changeEach makes a change of each room, and returns the position before them.
func (s *benchStore) changeEach(b *testing.B, rooms []storage.RoomID) storage.Position {
	head, err := s.ChangeHead(s.ctx)
	if err == nil {
		err = s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
			for _, room := range rooms {
				if _, err := tx.UpdateRoom(ctx, room, storage.RoomPatch{Topic: new(fmt.Sprint(head.Newest))}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		b.Fatal(err)
	}
	return head.Newest
}
