package sqlite

import (
	"context"
	"fmt"
	"slices"
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
	engine *engine
	rooms  []storage.RoomID
	users  []storage.UserID
	rounds []float64     // how long each took, in nanoseconds for a message
	mixed  bool          // everybody writes everywhere
	looks  chan struct{} // a value for each look of a watcher, as long as somebody counts
}

func newSendBench(b *testing.B, wrap func(*engine) backend.Engine) *sendBench {
	e, err := open(b.Context(), b.TempDir()+"/bench.db", nil, vfsName, backend.SearchVersion)
	require.NoError(b, err)
	s := &sendBench{engine: e, looks: make(chan struct{}, 10_000)}
	s.Store = backend.New(wrap(e), storage.Options{Observe: s.observe})
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

func (s *sendBench) observe(_ context.Context, op storage.Op) {
	if op.Name == "watch changes" {
		select {
		case s.looks <- struct{}{}:
		default:
		}
	}
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
				author := n
				if s.mixed {
					author = (w*7 + i*3 + len(s.rounds)) % len(s.users)
				}
				m := storage.Message{RoomID: s.rooms[n], AuthorID: s.users[author], Body: fmt.Sprintf("please look at build %d of %d, it fails again", i, w)}
				if _, err := s.CreateMessage(b.Context(), &m); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.rounds = append(s.rounds, float64(time.Since(start).Nanoseconds())/(sendWriters*sendRound))
}

// BenchmarkFeed compares sending with the feed and without it, and with watchers
// of rooms and of users to whom nothing happens, taking turns. What it reports
// are medians: of what a message took, and of the ratios within a round.
func BenchmarkFeed(b *testing.B) {
	feed := func(e *engine) backend.Engine { return e }
	without := newSendBench(b, func(e *engine) backend.Engine { return silent{e} })
	with, rooms, users := newSendBench(b, feed), newSendBench(b, feed), newSendBench(b, feed)
	rooms.watchRooms(b, 1000)
	users.watchUsers(b, 1000)
	all := []*sendBench{without, with, rooms, users}
	for n := 0; b.Loop(); n++ {
		for i := range all {
			all[(n+i)%len(all)].round(b)
		}
	}
	b.ReportMetric(median(without.rounds), "ns/send-without")
	b.ReportMetric(median(with.rounds), "ns/send-with")
	b.ReportMetric(dearer(with, without), "%feed")
	b.ReportMetric(dearer(rooms, with), "%room-watchers")
	b.ReportMetric(dearer(users, with), "%user-watchers")
}

// dearer returns by how many percent s was dearer than another.
func dearer(s, than *sendBench) float64 {
	ratios := make([]float64, len(s.rounds))
	for i := range ratios {
		ratios[i] = s.rounds[i] / than.rounds[i]
	}
	return 100 * (median(ratios) - 1)
}

func median(all []float64) float64 {
	all = slices.Sorted(slices.Values(all))
	return (all[(len(all)-1)/2] + all[len(all)/2]) / 2
}

// watchRooms has a number of watchers wait, each for a room of its own.
func (s *sendBench) watchRooms(b *testing.B, n int) {
	queries := make([]storage.ChangeQuery, n)
	for i := range queries {
		queries[i].Room = storage.NewID[storage.Room]()
	}
	s.watchIdle(b, queries, 1)
}

// watchUsers is watchRooms for users, ten to a room.
func (s *sendBench) watchUsers(b *testing.B, n int) {
	var queries []storage.ChangeQuery
	require.NoError(b, s.Update(b.Context(), func(ctx context.Context, tx storage.Tx) error {
		var room storage.Room
		for i := range n {
			u := storage.User{Username: fmt.Sprint("idle", i)}
			require.NoError(b, tx.CreateUser(ctx, &u))
			if i%10 == 0 {
				room = storage.Room{Name: u.Username}
				require.NoError(b, tx.CreateRoom(ctx, &room))
			}
			require.NoError(b, tx.AddMember(ctx, &storage.Membership{RoomID: room.ID, UserID: u.ID}))
			queries = append(queries, storage.ChangeQuery{User: u.ID})
		}
		return nil
	}))
	s.watchIdle(b, queries, 2)
}

// watchIdle watches until the end, and returns when each watcher has looked so
// often that it waits.
func (s *sendBench) watchIdle(b *testing.B, queries []storage.ChangeQuery, looks int) {
	ctx, cancel := context.WithCancel(b.Context())
	head, err := s.ChangeHead(b.Context())
	require.NoError(b, err)
	var wg sync.WaitGroup
	for _, q := range queries {
		q.After = head.Newest
		wg.Go(func() {
			for range s.Watch(ctx, q) {
			}
		})
	}
	for range looks * len(queries) {
		<-s.looks
	}
	b.Cleanup(func() { cancel(); wg.Wait() })
}
