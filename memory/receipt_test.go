package memory

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestReadingsNeverOverlap reads places at random, with a clock that goes back
// now and then, and looks for the earliest time of each.
func TestReadingsNeverOverlap(t *testing.T) {
	t.Parallel()
	const room, user, places = 3, 5, 40
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		s := newState()
		first := make(map[key]time.Time)
		for range 1 + random.IntN(12) {
			from := key(random.IntN(places))
			to := from + 1 + key(random.IntN(places-int(from)))
			at := time.Unix(int64(random.IntN(6)), 0)
			s.addReading(reading{room: room, user: user, from: from, to: to, at: at})
			for seq := from + 1; seq <= to; seq++ {
				if before, read := first[seq]; !read || at.Before(before) {
					first[seq] = at
				}
			}
		}
		end := key(0)
		for r := range s.readingsOf(room, user, 0) {
			require.True(t, end <= r.from && r.from < r.to, "%d to %d comes after %d", r.from, r.to, end)
			end = r.to
		}
		for seq := key(1); seq <= places+1; seq++ {
			got, read := s.readingOf(pairOf(room, seq), user)
			want, wanted := first[seq]
			require.Equal(t, wanted, read, "message %d is read", seq)
			if read {
				require.Equal(t, want, got.at, "when message %d was read", seq)
			}
		}
	}
}

// TestReadersOf has users with readings before, at and after a message, and in
// the rooms next to it.
func TestReadersOf(t *testing.T) {
	t.Parallel()
	s := newState()
	for _, r := range []reading{
		{room: 1, user: 1, from: 0, to: 9},
		{room: 2, user: 1, from: 0, to: 4}, // up to it
		{room: 2, user: 2, from: 4, to: 5}, // it alone
		{room: 2, user: 3, from: 5, to: 9}, // from it on
		{room: 2, user: 4, from: 0, to: 2}, // around it, in three
		{room: 2, user: 4, from: 2, to: 7},
		{room: 2, user: 4, from: 7, to: 8},
		{room: 2, user: 5, from: 0, to: 1}, // before and after it
		{room: 2, user: 5, from: 6, to: 7},
		{room: 2, user: 6, from: 0, to: 9},
		{room: 3, user: 7, from: 0, to: 9},
	} {
		s.addReading(r)
	}
	readers := func(at pair) (users []key) {
		for r := range s.readersOf(at) {
			users = append(users, r.user)
		}
		return users
	}
	assert.Equal(t, []key{2, 4, 6}, readers(pairOf(2, 5)))
	assert.Equal(t, []key{1, 4, 5, 6}, readers(pairOf(2, 1)))
	assert.Equal(t, []key{7}, readers(pairOf(3, 9)))
	assert.Empty(t, readers(pairOf(3, 10)))
	assert.Empty(t, readers(pairOf(4, 1)))
}
