package rollup_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend/rollup"
)

// table is a table of cells in the plainest way.
type table map[rollup.Key][]byte

func (t table) Cell(k rollup.Key) ([]byte, error) { return t[k], nil }

func (t table) Walk(from, to rollup.Key, fn func(rollup.Key, []byte) error) error {
	for _, k := range slices.SortedFunc(maps.Keys(t), rollup.Key.Compare) {
		if k.Compare(from) >= 0 && k.Compare(to) < 0 {
			if err := fn(k, t[k]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t table) SetCell(k rollup.Key, cell []byte) error {
	if len(cell) == 0 {
		delete(t, k)
	} else {
		t[k] = slices.Clone(cell)
	}
	return nil
}

// story is what happened, and how far it is folded.
type story struct {
	t       *testing.T
	rand    *rand.Rand
	start   int64
	table   table
	tail    rollup.Tail
	plan    *rollup.Plan
	all     []rollup.Delta // that stand, one message or event each
	over    []rollup.Delta // of these, what is over
	dead    []int64
	deleted map[int64]bool
}

func newStory(t *testing.T, seed uint64) *story {
	return &story{
		t: t, rand: rand.New(rand.NewPCG(seed, seed)), table: table{}, deleted: map[int64]bool{},
		start: rollup.QuarterOf(time.Date(1969, 12, 30, 3, 0, 0, 0, time.UTC)), // before 1970, and at the end of a year
	}
}

func (s *story) log(d rollup.Delta) { s.tail.Deltas = append(s.tail.Deltas, d) }

// step has something happen.
func (s *story) step() {
	switch n := s.rand.IntN(20); {
	case n < 9:
		d := rollup.Delta{
			Quarter: s.start + s.rand.Int64N(400), Room: 1 + s.rand.Int64N(3), Author: s.author(), What: 1 + rollup.What(s.rand.IntN(2)), N: 1,
		}
		if s.rand.IntN(6) == 0 {
			d.What = []rollup.What{rollup.Join, rollup.Leave}[s.rand.IntN(2)]
		}
		s.all = append(s.all, d)
		s.log(d)
	case n < 15 && len(s.all) > 0:
		i := s.rand.IntN(len(s.all))
		if d := s.all[i]; d.What < rollup.Join {
			s.all = slices.Delete(s.all, i, i+1)
			d.N = -1
			s.log(d)
		}
	case n < 19:
		s.fold()
	case s.rand.IntN(30) == 0 && len(s.deleted) < 3:
		author := s.author()
		if author > 0 && !s.deleted[author] {
			s.deleted[author] = true
			require.NoError(s.t, rollup.Forget(s.table, author))
		}
	}
}

// author returns one of few, in two chunks, or nobody.
func (s *story) author() int64 {
	all := slices.DeleteFunc([]int64{0, 1, 2, 3, 5000, 5001}, func(a int64) bool { return s.deleted[a] })
	return all[s.rand.IntN(len(all))]
}

// fold seals the tail, or folds a part of what is sealed.
func (s *story) fold() {
	if s.plan == nil {
		s.tail.Sealed, s.tail.Deltas = s.tail.Deltas, nil
		s.tail.Mark, s.plan = rollup.Start, rollup.NewPlan(s.tail.Sealed)
		return
	}
	if s.rand.IntN(4) == 0 {
		s.plan = rollup.NewPlan(s.tail.Sealed) // as another process would
	}
	_, mark, err := s.plan.Fold(s.table, s.tail.Mark, 1+s.rand.IntN(4))
	require.NoError(s.t, err)
	if s.tail.Mark = mark; mark == (rollup.Key{}) {
		s.tail.Sealed, s.plan = nil, nil
	}
}

// lose has some messages be over, and some rooms be deleted.
func (s *story) lose() {
	s.over, s.dead = nil, nil
	if s.rand.IntN(2) == 0 {
		s.dead = []int64{2}
	}
	for _, d := range s.all {
		if d.What < rollup.Join && s.rand.IntN(8) == 0 && !slices.Contains(s.dead, d.Room) {
			s.over = append(s.over, d)
		}
	}
}

func (s *story) source() rollup.Source {
	return rollup.Source{Cells: s.table, Tail: s.tail, Over: s.over, Dead: s.dead}
}

// standing returns what counts.
func (s *story) standing(of rollup.Of) (all []rollup.Delta) {
	over := slices.Clone(s.over)
	for _, d := range s.all {
		if i := slices.Index(over, d); i >= 0 {
			over = slices.Delete(over, i, i+1)
			continue
		}
		if d.What < rollup.Join && slices.Contains(s.dead, d.Room) {
			continue
		}
		if (of.Room == 0 || of.Room == d.Room) && (of.Author == 0 || of.Author == d.Author) {
			all = append(all, d)
		}
	}
	return all
}

func (s *story) check(of rollup.Of) {
	span := rollup.Always()
	if s.rand.IntN(2) == 0 {
		span.From = s.start + s.rand.Int64N(300)
		span.To = span.From + s.rand.Int64N(250)
	}
	span.Recent = [3]int64{s.start + 350, s.start + 200, s.start}
	span.Present = s.start + 350 + s.rand.Int64N(300)
	got, err := s.source().Messages(of, span)
	require.NoError(s.t, err)
	maps.DeleteFunc(got.Rooms, func(_, n int64) bool { return n == 0 })
	require.Equal(s.t, s.messages(of, span), got, "Messages(%+v, %+v)", of, span)

	bounds := []int64{s.start + s.rand.Int64N(100)}
	for range s.rand.IntN(5) {
		bounds = append(bounds, bounds[len(bounds)-1]+1+s.rand.Int64N(220))
	}
	buckets, err := s.source().Activity(of, bounds)
	require.NoError(s.t, err)
	for i, got := range buckets {
		require.Equal(s.t, s.bucket(of, bounds[i], bounds[i+1]), got, "Activity(%+v): from %d to %d", of, bounds[i], bounds[i+1])
	}
}

func (s *story) messages(of rollup.Of, span rollup.Span) rollup.Messages {
	m := rollup.Messages{ByType: map[storage.MessageType]int64{}, Rooms: map[int64]int64{}, Authors: map[int64]int64{}}
	for _, d := range s.standing(of) {
		if d.What >= rollup.Join {
			continue
		}
		for i, since := range span.Recent {
			if since <= d.Quarter && d.Quarter <= span.Present {
				m.Recent[i]++
			}
		}
		if d.Quarter < span.From || d.Quarter >= span.To {
			continue
		}
		m.Total++
		m.ByType[storage.MessageType(d.What)]++
		m.Rooms[d.Room]++
		if d.Author != 0 && !s.deleted[d.Author] {
			m.Authors[d.Author]++
		}
	}
	return m
}

func (s *story) bucket(of rollup.Of, from, to int64) (b rollup.Bucket) {
	authors := map[int64]bool{}
	for _, d := range s.standing(of) {
		switch {
		case d.Quarter < from || d.Quarter >= to:
		case d.What == rollup.Join:
			b.Joins++
		case d.What == rollup.Leave:
			b.Leaves++
		default:
			b.Messages++
			if d.Author != 0 && !s.deleted[d.Author] {
				authors[d.Author] = true
			}
		}
	}
	b.Authors = int64(len(authors))
	return b
}

// Whatever happened, and however far it is folded, statistics are what counting
// gives.
func TestExact(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		s := newStory(t, seed)
		for range 400 {
			s.step()
			s.lose()
			of := rollup.Of{Room: s.rand.Int64N(4), Author: s.author()}
			if s.rand.IntN(2) == 0 {
				of.Author = 0
			}
			if s.rand.IntN(2) == 0 {
				of.Room = 0
			}
			if !slices.Contains(s.dead, of.Room) {
				s.check(of)
			}
		}
	}
}

// What happened beside messages is kept, in whatever cells.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newStory(t, 1)
	for range 500 {
		s.step()
	}
	var want, got []rollup.Delta
	for _, d := range s.all {
		if d.What >= rollup.Join {
			want = append(want, d)
		}
	}
	require.NoError(t, s.source().Events(-1<<40, func(all []rollup.Delta) (bool, error) {
		for _, d := range all {
			for range d.N {
				one := d
				one.N = 1
				got = append(got, one)
			}
		}
		return true, nil
	}))
	require.NotEmpty(t, want)
	assert.ElementsMatch(t, want, got)
}

// When everything is taken away, nothing is left.
func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := newStory(t, 2)
	for range 300 {
		s.step()
	}
	for len(s.deleted) == 0 {
		s.step()
	}
	all := append(s.tail.Deltas, s.all...)
	for i := range s.all {
		all[len(s.tail.Deltas)+i].N = -1
	}
	for s.plan != nil {
		s.fold()
	}
	require.NoError(t, rollup.FoldAll(s.table, all))
	left := map[rollup.Kind]int{}
	for k := range s.table {
		left[k.Kind]++
	}
	assert.Len(t, left, 2, "hints and who is gone: %v", left)
}

// A log that was not written by this is refused.
func TestReadDeltas(t *testing.T) {
	t.Parallel()
	deltas := []rollup.Delta{
		{Quarter: -5, Room: 1<<32 - 1, Author: 1 << 40, What: rollup.Registration, N: -7},
		{Quarter: 1 << 30, Room: 3, Author: 4, What: 1, N: 1},
	}
	var log []byte
	for _, d := range deltas {
		log = rollup.AppendDelta(log, d)
	}
	got, err := rollup.ReadDeltas(nil, log, rollup.Of{})
	require.NoError(t, err)
	assert.Equal(t, deltas, got)
	for _, of := range []rollup.Of{{Room: 3}, {Author: 4}, {Room: 3, Author: 4}} {
		got, err = rollup.ReadDeltas(nil, log, of)
		require.NoError(t, err)
		assert.Equal(t, deltas[1:], got)
	}
	_, err = rollup.ReadDeltas(nil, log[1:], rollup.Of{})
	require.ErrorIs(t, err, storage.ErrCorrupt)
}
