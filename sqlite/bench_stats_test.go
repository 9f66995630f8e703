package sqlite

import (
	"context"
	"testing"

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
