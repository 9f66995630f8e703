package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const (
	retentionWriters = 16
	retentionQuiet   = 3 * time.Second // in which nothing is taken away, before and after
)

// compareRetention compares how long the slowest of a hundred writers waits while
// retention takes away half of the messages there are, in all rooms, with how long
// he waits before and after. It does so once, whatever the time of the benchmark.
func (s *benchStore) compareRetention(b *testing.B) {
	for done := false; b.Loop(); done = true {
		if !done {
			s.retainHalf(b)
		}
	}
	b.ReportMetric(0, "ns/op")
}

func (s *benchStore) retainHalf(b *testing.B) {
	quiet := func() float64 {
		ctx, stop := context.WithTimeout(s.ctx, retentionQuiet)
		defer stop()
		return s.slowSend(b, ctx, retentionWriters)
	}
	before := quiet()
	half := s.began.Add(time.Duration(s.size.Messages/2) * time.Second) // a message a second
	ctx, stop := context.WithCancel(s.ctx)
	var r storage.MaintainReport
	var took time.Duration
	go func() {
		defer stop()
		start := time.Now()
		var err error
		if r, err = storage.Maintain(ctx, s, storage.MaintainOptions{MessagesFor: time.Since(half)}); err != nil {
			b.Error(err)
		}
		took = time.Since(start)
	}()
	during := s.slowSend(b, ctx, retentionWriters)
	after := quiet()
	due, err := s.RoomsDue(s.ctx, storage.RetentionQuery{For: time.Since(half)})
	require.NoError(b, err)
	require.Empty(b, due.Items, "rooms in which something is due still")
	b.ReportMetric((before+after)/2, "p99-µs")
	b.ReportMetric(during, "retaining-p99-µs")
	b.ReportMetric(2*during/(before+after), "ratio")
	b.ReportMetric(float64(r.Retention.Messages), "retained-away")
	b.ReportMetric(float64(r.Retention.Messages)/took.Seconds(), "messages/s")
}

// roomsDue looks for rooms in which something is due where nothing is.
func (s *benchStore) roomsDue(*generator) error {
	_, err := s.RoomsDue(s.ctx, storage.RetentionQuery{For: 100 * 365 * 24 * time.Hour, Limit: storage.MaxLimit})
	return err
}
