package storagetest

// A reader is a member of very many rooms. Most of these he has read up to a
// place near the end, some not for long, some never.

import (
	"cmp"
	"context"
	"testing"

	"github.com/lairchat/lair/storage"
)

const (
	benchReaders     = 8
	benchReaderRooms = 500    // of each reader, if there are so many
	benchBehind      = 10_000 // unread messages where a reader is far behind
)

// readersOf returns who reads the room of a rank.
func (s *benchStore) readersOf(rank int) []storage.UserID {
	every := max(1, s.size.Rooms/benchReaderRooms)
	var readers []storage.UserID
	for i, id := range s.readers {
		if rank%every == i%every {
			readers = append(readers, id)
		}
	}
	return readers
}

// catchUp moves the markers of the readers to where they belong by now.
func (s *benchStore) catchUp(g *generator) error {
	return s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		for rank, id := range s.rooms {
			room, err := tx.Room(ctx, id)
			if err != nil {
				return err
			}
			for i, reader := range s.readersOf(rank) {
				seq := room.LastSeq - g.Int64N(100)
				switch (rank/2 + i) % 10 {
				case 0:
					continue
				case 1:
					seq = room.LastSeq - benchBehind
				}
				if seq <= 0 {
					continue
				}
				if err := tx.MarkRead(ctx, id, reader, storage.AtSeq(seq)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// inbox reads the first page of a reader's rooms.
func (s *benchStore) inbox(g *generator) error {
	_, err := s.Inbox(s.ctx, storage.InboxQuery{User: g.someReader(), Limit: 50})
	return err
}

func (s *benchStore) inboxUnread(g *generator) error {
	_, err := s.Inbox(s.ctx, storage.InboxQuery{User: g.someReader(), UnreadOnly: true, Limit: 50})
	return err
}

// inboxes returns how long so many inboxes took, in microseconds.
func (s *benchStore) inboxes(b *testing.B, n int) []float64 {
	g := s.generator()
	var took []float64
	for range n {
		took = append(took, micros(b, func() error { return s.inbox(g) }))
	}
	return took
}

// inboxMedian reports the median of the time that an inbox takes, and how many
// times that is what it took when there was a tenth of the messages.
func (s *benchStore) inboxMedian(b *testing.B) {
	var took []float64
	for b.Loop() {
		took = append(took, s.inboxes(b, 1)...)
	}
	m := median(took)
	b.ReportMetric(m, "median-µs")
	b.ReportMetric(percentile(took, 99), "p99-µs")
	b.ReportMetric(m/cmp.Or(s.young, m), "growth")
	b.ReportMetric(0, "ns/op")
}
