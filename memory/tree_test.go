package memory

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// TestTopIsWhatAnIndexHas adds more entries than are kept, many of them with
// the same number.
func TestTopIsWhatAnIndexHas(t *testing.T) {
	t.Parallel()
	rnd := rand.New(rand.NewPCG(1, 2))
	index := newTree(lessEntries)
	var entries []entry
	for i := range 5000 {
		e := entry{n: rnd.Int64N(40), id: [16]byte{byte(rnd.IntN(256)), byte(i), byte(i >> 8)}, key: key(i)}
		entries = append(entries, e)
		index.Set(e)
	}
	for range 20 {
		s := backend.Scan{Desc: rnd.IntN(2) == 0, Limit: 1 + rnd.IntN(100)}
		if at := entries[rnd.IntN(len(entries))]; rnd.IntN(2) == 0 {
			s.After = &storage.Keyset{Int: at.n, ID: at.id}
		}
		after := intAfter(s.After)
		top := newTop(after, s)
		for _, e := range entries {
			top.add(e)
		}
		var want []entry
		for e := range beyond(&index, after, s.Desc) {
			if want = append(want, e); len(want) == s.Limit {
				break
			}
		}
		assert.Equal(t, want, slices.Clip(top.first()), "%+v", s)
		assert.LessOrEqual(t, cap(top.entries), 4000, "no more than needed is kept")
	}
}
