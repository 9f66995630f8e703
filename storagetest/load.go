package storagetest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// LoadOptions say how large a [Load] is. The zero value takes a few seconds.
type LoadOptions struct {
	Goroutines int // 2,000 unless given
	Calls      int // by each of them, 10 unless given; every tenth is a write
	Rooms      int // 20 unless given
	Messages   int // in each room at the start, 200 unless given
}

func (o LoadOptions) withDefaults() LoadOptions {
	for _, d := range []struct {
		field *int
		value int
	}{{&o.Goroutines, 2000}, {&o.Calls, 10}, {&o.Rooms, 20}, {&o.Messages, 200}} {
		if *d.field <= 0 {
			*d.field = d.value
		}
	}
	return o
}

// load is one run of Load.
type load struct {
	*fixture
	size  LoadOptions
	user  storage.User
	rooms []storage.RoomID
	known []storage.MessageID
}

// Load calls a fresh store from very many goroutines at once, nine reads to
// one write. No call may fail, and what was written must all be there. It logs
// how long calls took.
func Load(t *testing.T, b Backend, o LoadOptions) {
	l := &load{fixture: newFixture(t, b), size: o.withDefaults()}
	l.fill()
	reads, writes := make([][]time.Duration, l.size.Goroutines), make([][]time.Duration, l.size.Goroutines)
	start := time.Now()
	for _, err := range race(l.size.Goroutines, func(i int) error {
		random := rand.New(rand.NewPCG(uint64(i), 1))
		for n := range l.size.Calls {
			began := time.Now()
			var err error
			if (i+n)%10 == 0 {
				err = l.write(random, fmt.Sprintf("load %d from %d", n, i))
				writes[i] = append(writes[i], time.Since(began))
			} else {
				err = l.read(random)
				reads[i] = append(reads[i], time.Since(began))
			}
			if err != nil {
				return err
			}
		}
		return nil
	}) {
		require.NoError(t, err, "a call under load")
	}
	took := time.Since(start)
	stored := l.report("writes", writes, took)
	l.report("reads", reads, took)
	l.check(stored)
}

func (l *load) fill() {
	l.t.Helper()
	l.user = l.fixture.user("ann")
	for i := range l.size.Rooms {
		room := l.room(fmt.Sprint("room ", i), l.user.ID)
		l.rooms = append(l.rooms, room.ID)
		ms := make([]*storage.Message, l.size.Messages)
		for n := range ms {
			ms[n] = &storage.Message{RoomID: room.ID, AuthorID: l.user.ID, Body: fmt.Sprint("message ", n)}
		}
		for batch := range slices.Chunk(ms, storage.MaxBatch) {
			_, err := l.CreateMessages(l.ctx, batch)
			require.NoError(l.t, err)
		}
		l.known = append(l.known, ms[0].ID)
	}
}

func (l *load) write(random *rand.Rand, body string) error {
	m := storage.Message{RoomID: l.rooms[random.IntN(len(l.rooms))], AuthorID: l.user.ID, Body: body}
	_, err := l.CreateMessage(l.ctx, &m)
	return err
}

func (l *load) read(random *rand.Rand) (err error) {
	room := l.rooms[random.IntN(len(l.rooms))]
	switch random.IntN(6) {
	case 0:
		_, err = l.Message(l.ctx, l.known[random.IntN(len(l.known))])
	case 1:
		_, err = l.IsMember(l.ctx, room, l.user.ID)
	case 2:
		_, err = l.Room(l.ctx, room)
	case 3:
		if !l.backend.lacks(FeatureSearch) {
			_, err = l.SearchMessages(l.ctx, storage.SearchQuery{Text: fmt.Sprint(random.IntN(100)), Rooms: []storage.RoomID{room}})
		}
	case 4:
		err = l.View(l.ctx, func(ctx context.Context, r storage.Reader) error {
			if _, err := r.Room(ctx, room); err != nil {
				return err
			}
			_, err := r.Memberships(ctx, storage.MembershipQuery{Room: room})
			return err
		})
	default:
		_, err = l.Messages(l.ctx, storage.MessageQuery{Room: room})
	}
	return err
}

// report logs how long calls took and returns how many there were.
func (l *load) report(what string, each [][]time.Duration, took time.Duration) int {
	l.t.Helper()
	all := slices.Concat(each...)
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	at := func(percent int) time.Duration { return all[(len(all)-1)*percent/100].Round(time.Microsecond) }
	l.t.Logf("%d %s by %d goroutines in %v: p50 %v, p99 %v", len(all), what, l.size.Goroutines, took.Round(time.Millisecond), at(50), at(99))
	return len(all)
}

// check requires that all that was written is there.
func (l *load) check(stored int) {
	l.t.Helper()
	total := int64(0)
	for _, id := range l.rooms {
		room := l.readRoom(id)
		n, err := l.CountMessages(l.ctx, storage.MessageQuery{Room: id})
		require.NoError(l.t, err)
		require.Equal(l.t, room.LastSeq, n, "messages of a room, and its LastSeq")
		require.Equal(l.t, room.MessageCount, n, "messages of a room, and its MessageCount")
		total += n
	}
	require.Equal(l.t, int64(l.size.Rooms*l.size.Messages+stored), total, "messages in all rooms")
}
