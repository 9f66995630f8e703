package storagetest

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// compareErase compares how long the slowest of a hundred writers, and the slowest
// of all, waits while somebody is erased who has written a tenth as many messages
// as the store was filled with, with how long he waits before and after. It does
// so once, whatever the time of the benchmark.
func (s *benchStore) compareErase(how storage.MessageErasure) func(*testing.B) {
	return func(b *testing.B) {
		for done := false; b.Loop(); done = true {
			if !done {
				s.eraseWriter(b, how)
			}
		}
		b.ReportMetric(0, "ns/op")
	}
}

func (s *benchStore) eraseWriter(b *testing.B, how storage.MessageErasure) {
	user, written := s.writerOfMany(b)
	quiet := func() []float64 {
		ctx, stop := context.WithTimeout(s.ctx, retentionQuiet)
		defer stop()
		return s.sends(b, ctx, retentionWriters)
	}
	before := quiet()
	ctx, stop := context.WithCancel(s.ctx)
	var e storage.Erasure
	var took time.Duration
	go func() {
		defer stop()
		start := time.Now()
		var err error
		if e, err = storage.EraseUser(ctx, s, user, storage.EraseOptions{Messages: how}); err != nil {
			b.Error(err)
		}
		took = time.Since(start)
	}()
	during := s.sends(b, ctx, retentionWriters)
	after := quiet()
	if how != storage.EraseKeep {
		require.EqualValues(b, written, e.Tombstones+e.Purged)
	}
	p99 := (percentile(before, 99) + percentile(after, 99)) / 2
	b.ReportMetric(p99, "p99-µs")
	b.ReportMetric(percentile(during, 99), "erasing-p99-µs")
	b.ReportMetric(percentile(during, 99)/p99, "ratio")
	b.ReportMetric(max(slices.Max(before), slices.Max(after)), "longest-µs")
	b.ReportMetric(slices.Max(during), "erasing-longest-µs")
	b.ReportMetric(float64(written), "erased")
	b.ReportMetric(float64(written)/took.Seconds(), "messages/s")
}

// writerOfMany makes a member of all rooms who has written many messages, is named
// in as many of others, has reacted to some of these, and has read all.
func (s *benchStore) writerOfMany(b *testing.B) (storage.UserID, int) {
	b.Helper()
	u := storage.User{Username: "writer" + s.someName()}
	require.NoError(b, s.CreateUser(s.ctx, &u))
	for _, room := range s.rooms {
		require.NoError(b, s.AddMember(s.ctx, &storage.Membership{RoomID: room, UserID: u.ID}))
	}
	g, many := s.generator(), s.size.Messages/10
	own := func() *storage.Message {
		m := g.message()
		m.AuthorID = u.ID
		return m
	}
	naming := func() *storage.Message {
		m := g.message()
		m.Mentions = []storage.UserID{u.ID}
		return m
	}
	for left := many; left > 0; left -= benchBatch {
		n := min(benchBatch, left)
		_, err := s.CreateMessages(s.ctx, g.batch(n, own))
		require.NoError(b, err)
		others := g.batch(n, naming)
		_, err = s.CreateMessages(s.ctx, others)
		require.NoError(b, err)
		require.NoError(b, s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
			for _, m := range others[:n/10] {
				if _, err := tx.AddReaction(ctx, m.ID, u.ID, benchEmoji[0]); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	for _, room := range s.rooms {
		require.NoError(b, s.MarkRead(s.ctx, room, u.ID, storage.Anchor{}))
	}
	return u.ID, many
}
