package backend

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// rankedPage is where a page of a search by relevance stands among the matches.
// A cursor says which match it stands at, how many stood before that (in Low), and
// the position before which all the matches were stored (in High).
type rankedPage struct {
	low, high     int64
	before, after bool
}

// rank finds the newest matches and cuts the page out of their order.
func (f *finding) rank(ctx context.Context, rows Rows) error {
	s, at := f.scan, f.p.at
	s.Desc, s.Whole, s.Ranked, s.Limit, s.After = true, true, true, storage.MaxRanked, at.High
	all, _, err := rows.SearchMessages(ctx, s)
	if err != nil || len(all) == 0 {
		return err
	}
	f.ranked.high = cmp.Or(at.High, all[0].Position+1)
	slices.SortFunc(all, compareRanks)
	low, high := 0, len(all)
	if f.p.started {
		upTo, from := placeOfRank(all, at)
		if at.Back {
			high = upTo
		} else {
			low = from
		}
	}
	if at.Back {
		low = max(low, high-f.p.limit)
	} else {
		high = min(high, low+f.p.limit)
	}
	f.ranked.low, f.ranked.before, f.ranked.after = int64(low), low > 0, high < len(all)
	f.hits = all[low:high]
	return nil
}

// compareRanks orders hits: what fits best first, ties in the order of storing.
func compareRanks(a, b SearchHit) int {
	return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Position, b.Position))
}

// placeOfRank returns how many hits stand before the one that a cursor stands at,
// and where those after it begin. If it is gone, what stood behind it has moved up.
func placeOfRank(all []SearchHit, at storage.Keyset) (before, after int) {
	i := slices.IndexFunc(all, func(h SearchHit) bool { return h.Position == at.Int })
	if i >= 0 {
		return i, i + 1
	}
	i = int(min(at.Low, int64(len(all))))
	return i, i
}

// keyset returns where a hit of the page stands.
func (f *finding) keyset(h SearchHit) storage.Keyset {
	i := slices.IndexFunc(f.hits, func(other SearchHit) bool { return other.Position == h.Position })
	return storage.Keyset{Int: h.Position, Low: f.ranked.low + int64(i), High: f.ranked.high}
}
