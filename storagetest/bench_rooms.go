package storagetest

// A reader's rooms in the order of activity: what a client shows first.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// benchRooms reports how long the list of a reader's rooms takes, a page of so
// many of them.
func (s *benchStore) benchRooms(limit int) func(*testing.B) {
	return func(b *testing.B) {
		g := s.generator()
		list := func() error {
			p, err := s.Rooms(s.ctx, storage.RoomQuery{Member: g.someReader(), Order: storage.RoomsByActivity, Limit: limit})
			if want := min(limit, benchReaderRooms, s.size.Rooms); err == nil && len(p.Items) < want {
				require.Len(b, p.Items, want)
			}
			return err
		}
		var took []float64
		b.ReportAllocs()
		for b.Loop() {
			took = append(took, micros(b, list))
		}
		b.ReportMetric(median(took), "median-us")
	}
}
