package sqlite

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// silent is an engine whose writes tell no feed.
type silent struct{ *engine }

func (s silent) Write(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	return s.engine.Write(ctx, func(r backend.Rows) error { return fn(silentRows{r.(*rows)}) })
}

// silentRows drops the feed.
type silentRows struct{ *rows }

func (silentRows) AppendChange(_ context.Context, c *storage.Change) error {
	c.Position, c.Tx = 1, 1
	return nil
}

// sendBench is a store that messages are sent to.
type sendBench struct {
	*backend.Store
	rooms []storage.RoomID
	users []storage.UserID
	spent time.Duration
}

func newSendBench(b *testing.B, wrap func(*engine) backend.Engine) *sendBench {
	e, err := open(b.Context(), b.TempDir()+"/bench.db", nil, vfsName, backend.SearchVersion)
	require.NoError(b, err)
	s := &sendBench{Store: backend.New(wrap(e), storage.Options{})}
	b.Cleanup(func() { require.NoError(b, s.Close()) })
	for i := range 50 {
		u := storage.User{Username: fmt.Sprint("user", i)}
		require.NoError(b, s.CreateUser(b.Context(), &u))
		s.users = append(s.users, u.ID)
		r := storage.Room{Name: fmt.Sprint("room", i), CreatorID: u.ID}
		require.NoError(b, s.CreateRoom(b.Context(), &r))
		s.rooms = append(s.rooms, r.ID)
	}
	return s
}

const (
	sendWriters = 64
	sendRound   = 32 // messages of a writer in a round
)

// round sends messages by many at once.
func (s *sendBench) round(b *testing.B) {
	start := time.Now()
	var wg sync.WaitGroup
	for w := range sendWriters {
		wg.Go(func() {
			for i := range sendRound {
				n := (w*sendRound + i) % len(s.rooms)
				m := storage.Message{RoomID: s.rooms[n], AuthorID: s.users[n], Body: fmt.Sprintf("please look at build %d of %d, it fails again", i, w)}
				if _, err := s.CreateMessage(b.Context(), &m); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.spent += time.Since(start)
}

// BenchmarkFeed compares sending with the feed and without it, taking turns.
// Watchers of rooms in which nothing happens must cost nothing either.
func BenchmarkFeed(b *testing.B) {
	without := newSendBench(b, func(e *engine) backend.Engine { return silent{e} })
	with := newSendBench(b, func(e *engine) backend.Engine { return e })
	watched := newSendBench(b, func(e *engine) backend.Engine { return e })
	watched.watchIdle(b, 1000)
	all := []*sendBench{without, with, watched}
	for n := 0; b.Loop(); n++ {
		for i := range all {
			all[(n+i)%len(all)].round(b)
		}
	}
	for name, s := range map[string]*sendBench{"without": without, "with": with, "watched": watched} {
		b.ReportMetric(float64(s.spent.Nanoseconds())/float64(b.N*sendWriters*sendRound), "ns/send-"+name)
	}
	b.ReportMetric(100*(float64(with.spent)/float64(without.spent)-1), "%feed")
	b.ReportMetric(100*(float64(watched.spent)/float64(with.spent)-1), "%watchers")
}

// watchIdle has a number of watchers wait, each for a room of its own.
func (s *sendBench) watchIdle(b *testing.B, n int) {
	ctx, cancel := context.WithCancel(b.Context())
	var wg sync.WaitGroup
	for range n {
		room := storage.NewID[storage.Room]()
		wg.Go(func() {
			for range s.Watch(ctx, storage.ChangeQuery{Room: room}) {
			}
		})
	}
	b.Cleanup(func() { cancel(); wg.Wait() })
}
