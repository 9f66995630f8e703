package memory

import (
	"math"

	"github.com/lairchat/lair/storage/backend/rollup"
)

// rebuildRollups counts all messages anew. What else happened stays as it is.
func (s *state) rebuildRollups() error {
	before := rollup.Source{Cells: s, Tail: rollup.Tail{Deltas: s.deltas}}
	var events []rollup.Delta
	err := before.Events(math.MinInt64, func(all []rollup.Delta) (bool, error) {
		events = append(events, all...)
		return true, nil
	})
	if err != nil {
		return err
	}
	s.cells, s.deltas = newTree(lessCells), nil
	for _, d := range events {
		s.addDelta(d)
	}
	s.messages.Scan(func(_ pair, m *message) bool {
		if !m.Deleted() {
			s.addDelta(s.messageDelta(m, 1))
		}
		return true
	})
	return nil
}
