package backend

import (
	"bytes"
	"cmp"
	"slices"
)

// Ranked is an entry of a ranking.
type Ranked struct {
	ID    [16]byte
	Count int64
}

// Rank returns the first entries of a ranking, at most top: the highest count
// first, ties by ID. identify names what a key stands for; what is not there
// (any more) is left out. It is asked about no more keys than needed.
func Rank(counts map[int64]int64, top int, identify func(key int64) (id [16]byte, there bool, err error)) ([]Ranked, error) {
	keys := make([]int64, 0, len(counts))
	for key, n := range counts {
		if n > 0 {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(a, b int64) int { return cmp.Compare(counts[b], counts[a]) })
	var all []Ranked
	for i := 0; i < len(keys) && len(all) < top; {
		first := len(all)
		n := counts[keys[i]]
		for ; i < len(keys) && counts[keys[i]] == n; i++ {
			id, there, err := identify(keys[i])
			if err != nil {
				return nil, err
			}
			if there {
				all = append(all, Ranked{id, n})
			}
		}
		slices.SortFunc(all[first:], func(a, b Ranked) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	}
	return all[:min(len(all), top)], nil
}
