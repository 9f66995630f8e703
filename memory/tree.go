package memory

import (
	"bytes"
	"cmp"
	"iter"
	"math"
	"slices"
	"strings"

	"github.com/tidwall/btree"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// key stands for a user or a room, or is the number of a document. Keys rise
// and are never used again, so that whoever refers to something that was
// deleted never finds its successor. 0 is none.
type key int64

// pair is two keys in one, ordered by the major one first. Each has 32 bits:
// more users, rooms, or messages in a room would not fit into memory.
type pair int64

const (
	minorBits = 32
	maxMinor  = 1<<minorBits - 1
)

func pairOf(major, minor key) pair { return pair(major)<<minorBits | pair(minor) }

func (p pair) major() key { return key(p >> minorBits) }
func (p pair) minor() key { return key(p & maxMinor) }

// span is the keys from low to high, both included.
type span[K ~int64] struct{ low, high K }

// spanOf returns the span of all pairs with a major key.
func spanOf(major key) span[pair] {
	return span[pair]{pairOf(major, 0), pairOf(major, maxMinor)}
}

// within walks the part of a tree that is in a span.
func within[K ~int64, V any](m *btree.Map[K, V], s span[K], desc bool) iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		if desc {
			m.Descend(s.high, func(k K, v V) bool { return k >= s.low && yield(k, v) })
			return
		}
		m.Ascend(s.low, func(k K, v V) bool { return k <= s.high && yield(k, v) })
	}
}

// tree is a sorted set of what has no single ordered key.
type tree[T any] = btree.BTreeG[T]

// newTree leaves out the locks of the tree: a state is either published and
// never written, or has one owner.
func newTree[T any](less func(a, b T) bool) tree[T] {
	return *btree.NewBTreeGOptions(less, btree.Options{NoLocks: true, Degree: 16})
}

// identified is an entry of an index by identifier.
type identified[K ~int64] struct {
	id  [16]byte
	key K
}

func lessIdentified[K ~int64](a, b identified[K]) bool {
	return bytes.Compare(a.id[:], b.id[:]) < 0
}

// entry is a place in an order by text or by number, in which the identifier
// breaks ties.
type entry struct {
	text string
	n    int64
	id   [16]byte
	key  key
}

// lastEntry is beyond all entries of an order by number.
var lastEntry = entry{n: math.MaxInt64, id: [16]byte(bytes.Repeat([]byte{0xff}, 16))}

func compareEntries(a, b entry) int {
	if c := strings.Compare(a.text, b.text); c != 0 {
		return c
	}
	if c := cmp.Compare(a.n, b.n); c != 0 {
		return c
	}
	return bytes.Compare(a.id[:], b.id[:])
}

func lessEntries(a, b entry) bool { return compareEntries(a, b) < 0 }

// keyOfText returns the key of the first entry of a text, 0 if there is none.
// No text is none.
func keyOfText(x *tree[entry], text string) (k key) {
	if text == "" {
		return 0
	}
	x.Ascend(entry{text: text, n: math.MinInt64}, func(e entry) bool {
		if e.text == text {
			k = e.key
		}
		return false
	})
	return k
}

// textAfter and intAfter return the entry that a scan of an order by text or
// by number begins after, nil if at its end.
func textAfter(k *storage.Keyset) *entry {
	if k == nil {
		return nil
	}
	return &entry{text: k.Text, id: k.ID}
}

func intAfter(k *storage.Keyset) *entry {
	if k == nil {
		return nil
	}
	return &entry{n: k.Int, id: k.ID}
}

// beyond walks an index from its end, or from strictly beyond an entry.
func beyond(x *tree[entry], after *entry, desc bool) iter.Seq[entry] {
	return func(yield func(entry) bool) {
		rest := func(e entry) bool {
			return compareEntries(e, *after) == 0 || yield(e)
		}
		switch {
		case after == nil && desc:
			x.Reverse(yield)
		case after == nil:
			x.Scan(yield)
		case desc:
			x.Descend(*after, rest)
		default:
			x.Ascend(*after, rest)
		}
	}
}

// top does what beyond does for entries that are in no index: it takes them in
// any order and keeps the first ones.
type top struct {
	entries []entry
	limit   int
	compare func(a, b entry) int
	after   *entry
}

func newTop(after *entry, s backend.Scan) *top {
	t := &top{limit: s.Limit, compare: compareEntries, after: after}
	if s.Desc {
		t.compare = func(a, b entry) int { return compareEntries(b, a) }
	}
	return t
}

func (t *top) add(e entry) {
	if t.after != nil && t.compare(e, *t.after) <= 0 {
		return
	}
	t.entries = append(t.entries, e)
	if len(t.entries) >= 4*t.limit+1000 { // so seldom that sorting costs little
		t.entries = t.first()
	}
}

func (t *top) first() []entry {
	slices.SortFunc(t.entries, t.compare)
	return t.entries[:min(len(t.entries), t.limit)]
}
