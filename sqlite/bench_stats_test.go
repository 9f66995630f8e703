package sqlite

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// uncounted is an engine whose writes keep no rollups.
type uncounted struct{ *engine }

func (u uncounted) Write(ctx context.Context, fn func(backend.Rows) error) (int, error) {
	return u.engine.Write(ctx, func(r backend.Rows) error { return fn(uncountedRows{r.(*rows)}) })
}

// uncountedRows drops what is counted.
type uncountedRows struct{ *rows }

func (uncountedRows) AddActivity(context.Context, backend.Activity) error { return nil }

// BenchmarkRollups compares sending with rollups and without them, taking turns,
// where every user writes in every room.
func BenchmarkRollups(b *testing.B) {
	without := newSendBench(b, func(e *engine) backend.Engine { return uncounted{e} })
	with := newSendBench(b, func(e *engine) backend.Engine { return e })
	without.mixed, with.mixed = true, true
	all := []*sendBench{without, with}
	for n := 0; b.Loop(); n++ {
		for i := range all {
			all[(n+i)%len(all)].round(b)
		}
	}
	b.ReportMetric(median(without.rounds), "ns/send-without")
	b.ReportMetric(median(with.rounds), "ns/send-with")
	b.ReportMetric(dearer(with, without), "%rollups")
	b.ReportMetric(100*(mean(with.rounds)/mean(without.rounds)-1), "%rollups-mean")
}

func mean(all []float64) (sum float64) {
	for _, v := range all {
		sum += v / float64(len(all))
	}
	return sum
}

// BenchmarkFolding folds a full log of what 50 users say in 50 rooms within a
// quarter of an hour. It reports what the longest part takes, how many cells
// there are for a message, and what the log costs statistics.
func BenchmarkFolding(b *testing.B) {
	s := newSendBench(b, func(e *engine) backend.Engine { return uncounted{e} })
	var longest, each, read []float64
	for b.Loop() {
		fillLog(b, s)
		long := statsTime(b, s)
		cells, parts := foldAll(b, s)
		longest = append(longest, slices.Max(parts))
		each = append(each, float64(cells)/float64(foldFrom))
		read = append(read, (long-statsTime(b, s))/float64(foldFrom))
	}
	b.ReportMetric(median(longest)/1e6, "ms/longest-part")
	b.ReportMetric(median(each), "cells/message")
	b.ReportMetric(median(read), "ns/read-delta")
}

// fillLog writes a log that is long enough to be folded, in groups of 64.
func fillLog(b *testing.B, s *sendBench) {
	now := time.Now()
	for n := range int(foldFrom) / 64 {
		_, err := s.engine.Write(b.Context(), func(r backend.Rows) error {
			for i := range 64 {
				k := n*64 + i
				err := r.AddActivity(b.Context(), backend.Activity{
					At: now, Room: s.rooms[k%50], User: s.users[k/50%50], Type: storage.MessageText, Messages: 1,
				})
				if err != nil {
					return err
				}
			}
			s.engine.shared.unfolded.Store(0) // nothing is folded yet
			return nil
		})
		require.NoError(b, err)
	}
}

// foldAll folds the log part by part, and returns how many cells that were, and
// how long each part took.
func foldAll(b *testing.B, s *sendBench) (cells int, parts []float64) {
	for more := true; more; {
		_, err := s.engine.Write(b.Context(), func(r backend.Rows) error {
			start := time.Now()
			n, rest, err := r.(*rows).foldPart(foldCells)
			if cells, more = cells+n, rest; rest {
				parts = append(parts, float64(time.Since(start)))
			}
			return err
		})
		require.NoError(b, err)
	}
	return cells, parts
}

// statsTime returns how long statistics of everything take.
func statsTime(b *testing.B, s *sendBench) float64 {
	took := make([]float64, 15)
	for i := range took {
		start := time.Now()
		_, err := s.MessageStats(b.Context(), storage.StatsQuery{})
		require.NoError(b, err)
		took[i] = float64(time.Since(start))
	}
	return median(took)
}
