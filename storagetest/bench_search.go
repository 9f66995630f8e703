package storagetest

// How long searches take, as medians of many, when a tenth of the messages is
// there and when all are.

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

const (
	benchSearches   = 200 // of which a median is taken
	benchSmallFrom  = 100 // messages in a small room, whatever there are in all
	benchSmallTo    = 250
	benchQuietRooms = 20 // of somebody who reads nothing of what is common
	benchRareFrom   = 20 // messages that have a rare word, when a tenth is there
	benchRareTo     = 60
)

// benchSearch is a kind of search.
type benchSearch struct {
	name  string
	query func(*generator) storage.SearchQuery
}

func (s *benchStore) searches() []benchSearch {
	common := func(g *generator) storage.SearchQuery { return storage.SearchQuery{Text: s.words[g.IntN(20)]} }
	with := func(q storage.SearchQuery, change func(*storage.SearchQuery)) storage.SearchQuery {
		change(&q)
		return q
	}
	return []benchSearch{
		{"common, everywhere", common},
		{"common, in a big room", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Rooms = s.rooms[:1] })
		}},
		{"common, in a small room", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Rooms = s.small[g.IntN(len(s.small)):][:1] })
		}},
		{"common, by a reader of many rooms", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Reader = g.someReader() })
		}},
		{"common, by a reader of none of it", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Reader = s.quiet })
		}},
		{"common, most relevant", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Order = storage.MostRelevant })
		}},
		{"common, with the total", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.WithTotal = true })
		}},
		{"common, by an author", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Author = g.someUser() })
		}},
		{"common, and left out", func(g *generator) storage.SearchQuery {
			return with(common(g), func(q *storage.SearchQuery) { q.Text += " -" + q.Text })
		}},
		{"two common words", func(g *generator) storage.SearchQuery {
			at := g.Perm(20)
			return storage.SearchQuery{Text: s.words[at[0]] + " " + s.words[at[1]]}
		}},
		{"phrase of common words", func(g *generator) storage.SearchQuery {
			at := g.Perm(20)
			return storage.SearchQuery{Text: `"` + s.words[at[0]] + " " + s.words[at[1]] + `"`}
		}},
		{"rare", func(g *generator) storage.SearchQuery {
			return storage.SearchQuery{Text: s.rare[g.IntN(len(s.rare))]}
		}},
		{"so rare that no page is full before", func(g *generator) storage.SearchQuery {
			return storage.SearchQuery{Text: s.words[len(s.words)/2+g.IntN(20)]}
		}},
		{"phrase", func(g *generator) storage.SearchQuery {
			return storage.SearchQuery{Text: `"` + s.phrases[g.IntN(len(s.phrases))] + `"`}
		}},
		{"prefix of three letters", func(g *generator) storage.SearchQuery {
			return storage.SearchQuery{Text: s.words[len(s.words)/2+g.IntN(len(s.words)/2)][:3] + "*"}
		}},
	}
}

// hush makes somebody who is in rooms of their own.
func (s *benchStore) hush() error {
	return s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		ids, err := benchUsers(ctx, tx, "quiet", 1)
		if err != nil {
			return err
		}
		s.quiet = ids[0]
		for i := range benchQuietRooms {
			r := storage.Room{Name: fmt.Sprint("quiet ", i), CreatorID: s.quiet}
			if err := tx.CreateRoom(ctx, &r); err != nil {
				return err
			}
		}
		return nil
	})
}

// noteSmall keeps which rooms are small now: as large as those that were small
// before.
func (s *benchStore) noteSmall() error {
	s.small = nil
	for room, err := range storage.All(s.ctx, s.Rooms, storage.RoomQuery{}) {
		if err != nil {
			return err
		}
		if benchSmallFrom <= room.MessageCount && room.MessageCount <= benchSmallTo {
			s.small = append(s.small, room.ID)
		}
	}
	if len(s.small) == 0 { // a store of few messages
		s.small = s.rooms
	}
	return nil
}

// noteRare keeps words that few messages have now, but as many as a page holds.
func (s *benchStore) noteRare() error {
	for _, word := range s.words {
		r, err := s.SearchMessages(s.ctx, storage.SearchQuery{Text: word, Limit: 1, WithTotal: true})
		if err != nil {
			return err
		}
		if benchRareFrom <= r.Total && r.Total <= benchRareTo {
			s.rare = append(s.rare, word)
		}
		if len(s.rare) == 20 {
			return nil
		}
	}
	s.rare = append(s.rare, s.words[len(s.words)/2]) // in a store of few messages
	return nil
}

// notePhrase keeps words that somebody has said next to each other.
func (s *benchStore) notePhrase(body string) {
	words := strings.Fields(body)
	if len(words) < 3 || len(s.phrases) >= benchKnown || len(words[1]) < 3 || len(words[2]) < 3 {
		return
	}
	s.phrases = append(s.phrases, words[1]+" "+words[2])
}

// searched is how long searches of a kind took, in microseconds, and how many
// messages their pages had.
type searched struct {
	took []float64
	gave int
}

func (s *searched) perPage() float64 { return float64(s.gave) / float64(len(s.took)) }

// search searches once.
func (s *benchStore) search(b *testing.B, g *generator, kind benchSearch, sum *searched) {
	q := kind.query(g)
	q.Limit = 20
	sum.took = append(sum.took, micros(b, func() error {
		found, err := s.SearchMessages(s.ctx, q)
		sum.gave += len(found.Items)
		return err
	}))
}

// noteSearches keeps what each kind of search took, for compareSearches.
func (s *benchStore) noteSearches(b *testing.B) {
	s.youngSearches = make(map[string]searched)
	require.NoError(b, s.noteSmall())
	require.NoError(b, s.noteRare())
	for _, kind := range s.searches() {
		g := s.generator()
		var sum searched
		for range benchSearches {
			s.search(b, g, kind, &sum)
		}
		s.youngSearches[kind.name] = sum
	}
}

// compareSearches reports the median of each kind of search, and how many times
// that is what it was when there was a tenth of the messages; and how many messages
// the pages have, now and then.
func (s *benchStore) compareSearches(b *testing.B) {
	require.NoError(b, s.noteSmall())
	for _, kind := range s.searches() {
		b.Run(kind.name, func(b *testing.B) {
			g := s.generator()
			var sum searched
			for b.Loop() {
				s.search(b, g, kind, &sum)
			}
			young := s.youngSearches[kind.name]
			m := median(sum.took)
			b.ReportMetric(m, "median-µs")
			b.ReportMetric(m/median(young.took), "growth")
			b.ReportMetric(sum.perPage(), "found")
			b.ReportMetric(young.perPage(), "found-before")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// wordsOf returns the words of texts, the most frequent first.
func wordsOf(texts []string) []string {
	counts := make(map[string]int)
	for _, text := range texts {
		for _, word := range strings.Fields(strings.ToLower(text)) {
			if len(word) >= 3 && strings.Trim(word, "abcdefghijklmnopqrstuvwxyz") == "" {
				counts[word]++
			}
		}
	}
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
}
