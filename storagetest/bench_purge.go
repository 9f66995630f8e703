package storagetest

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const (
	purgeWriters = 8
	purgeRound   = 300 * time.Millisecond
	purgeReserve = 5000 // messages that there are to purge when a round begins
)

// comparePurge compares how long the slowest of a hundred writers waits while
// a large room is being purged with how long he waits otherwise.
func (s *benchStore) comparePurge(b *testing.B) {
	purged := int64(0)
	compare(b,
		measure{"p99-µs", func() float64 {
			ctx, stop := context.WithTimeout(s.ctx, purgeRound)
			defer stop()
			return s.slowSend(b, ctx, purgeWriters)
		}},
		measure{"purging-p99-µs", func() float64 {
			s.reserve(b)
			ctx, stop := context.WithTimeout(s.ctx, purgeRound)
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer stop() // there may be nothing left to purge before the time is over
				r, err := storage.Purge(ctx, s, storage.PurgeQuery{Room: s.rooms[0]})
				if err != nil && !errors.Is(err, storage.ErrTimeout) {
					b.Error(err)
				}
				purged += r.Messages
			}()
			took := s.slowSend(b, ctx, purgeWriters)
			<-done
			return took
		}})
	b.ReportMetric(float64(purged)/float64(b.N), "purged/round")
}

// slowSend returns how long the slowest of a hundred calls of sends took.
func (s *benchStore) slowSend(b *testing.B, ctx context.Context, writers int) float64 {
	return percentile(s.sends(b, ctx, writers), 99)
}

// sends has some writers store messages until ctx is done, and returns how long
// each call took, in microseconds.
func (s *benchStore) sends(b *testing.B, ctx context.Context, writers int) []float64 {
	calls := make(chan []float64, writers)
	for range writers {
		g := s.generator()
		go func() {
			var took []float64
			for ctx.Err() == nil {
				took = append(took, micros(b, func() error { return s.createMessage(g) }))
			}
			calls <- took
		}()
	}
	var all []float64
	for range writers {
		all = slices.Concat(all, <-calls)
	}
	return all
}

// reserve makes sure that there is something to purge in the busiest room.
func (s *benchStore) reserve(b *testing.B) {
	room, err := s.Room(s.ctx, s.rooms[0])
	require.NoError(b, err)
	g := s.generator()
	inRoom := func() *storage.Message { return g.messageIn(room.ID) }
	for n := room.MessageCount; n < purgeReserve; n += benchBatch {
		_, err := s.CreateMessages(s.ctx, g.batch(benchBatch, inRoom))
		require.NoError(b, err)
	}
}

// purgeMessages purges a large room, a batch at a time, with nobody else there.
func (s *benchStore) purgeMessages(b *testing.B) {
	s.reserve(b)
	purged := 0
	for b.Loop() {
		r, err := s.PurgeMessages(s.ctx, storage.PurgeQuery{Room: s.rooms[0]})
		require.NoError(b, err)
		purged += int(r.Messages)
		if !r.More {
			b.StopTimer()
			s.reserve(b)
			b.StartTimer()
		}
	}
	b.ReportMetric(float64(purged)/b.Elapsed().Seconds(), "messages/s")
}

// purgeMessage purges one message, so that nothing of it is left anywhere.
func (s *benchStore) purgeMessage(b *testing.B) {
	g := s.generator()
	for b.Loop() {
		b.StopTimer()
		m := g.message()
		_, err := s.CreateMessage(s.ctx, m)
		require.NoError(b, err)
		b.StartTimer()
		_, err = s.PurgeMessage(s.ctx, m.ID)
		require.NoError(b, err)
	}
	perSecond(b, 1, "calls")
}
