package storagetest

import (
	"slices"
	"sync"
	"testing"
	"time"
)

// measure is one of two things that are compared. What run returns is the
// metric of unit.
type measure struct {
	unit string
	run  func() float64
}

// compare measures two things in turns, one right after the other, and reports
// the medians of both, and of how many times base the other was in each round.
func compare(b *testing.B, base, other measure) {
	var bases, others, ratios []float64
	for round := 0; b.Loop(); round++ {
		var x, y float64
		if round%2 == 0 {
			x = base.run()
			y = other.run()
		} else {
			y = other.run()
			x = base.run()
		}
		bases, others, ratios = append(bases, x), append(others, y), append(ratios, y/x)
	}
	b.ReportMetric(median(bases), base.unit)
	b.ReportMetric(median(others), other.unit)
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

func median(s []float64) float64 { return percentile(s, 50) }

// percentile sorts s.
func percentile(s []float64, percent int) float64 {
	slices.Sort(s)
	return s[len(s)*percent/100]
}

// micros returns how long a call took, in microseconds.
func micros(b *testing.B, call func() error) float64 {
	start := time.Now()
	if err := call(); err != nil {
		b.Error(err)
	}
	return float64(time.Since(start)) / float64(time.Microsecond)
}

// spread runs so many calls by so many goroutines, and returns how long they
// took. caller is asked once for each goroutine.
func spread(b *testing.B, goroutines, calls int, caller func() func() error) time.Duration {
	start := time.Now()
	var wg sync.WaitGroup
	for range goroutines {
		call := caller()
		wg.Go(func() {
			for range calls / goroutines {
				if err := call(); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return time.Since(start)
}
