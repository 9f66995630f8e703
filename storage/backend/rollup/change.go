package rollup

import (
	"cmp"
	"slices"
)

// change is what is to be added to one number of a cell.
type change struct {
	key Key
	entry
}

// changes are what deltas mean to cells, in the order of the cells and of what
// is in them, each number once.
type changes []change

// kinds is a set of kinds of cells.
type kinds uint16

func kindsOf(all ...Kind) (set kinds) {
	for _, k := range all {
		set |= 1 << k
	}
	return set
}

func (set kinds) has(k Kind) bool { return set&(1<<k) != 0 }

// changed are the kinds that deltas change, in their order.
var changed = []Kind{serverDay, roomMonth, authorMonth, pairMonth, roomDay, authorDay, pairDay}

// summed adds up the deltas that are about the same, of which there are many:
// people go on talking.
func summed(deltas []Delta) map[Delta]int64 {
	sums := make(map[Delta]int64, min(len(deltas), 1024))
	for _, d := range deltas {
		n := d.N
		d.N = 0
		sums[d] += n
	}
	return sums
}

// changesOf returns what deltas mean to cells of some kinds.
func changesOf(sums map[Delta]int64, of kinds) changes {
	var all changes
	for d, n := range sums {
		if d.N = n; n != 0 {
			all = all.add(d, of)
		}
	}
	return all.sorted()
}

func (all changes) add(d Delta, of kinds) changes {
	day := dayOf(d.Quarter)
	byQuarter := entry{(d.Quarter-day*quarters)*whats + int64(d.What), d.N}
	put := func(k Key, e entry) {
		if of.has(k.Kind) {
			all = append(all, change{k, e})
		}
	}
	put(Key{serverDay, day, 0, 0}, byQuarter)
	put(Key{pairDay, day, d.Room, d.Author}, byQuarter)
	if d.Room != 0 {
		put(Key{roomDay, day, d.Room, 0}, byQuarter)
	}
	if d.Author != 0 {
		put(Key{authorDay, day, d.Author, 0}, byQuarter)
	}
	if !d.What.message() {
		return all
	}
	month, place := monthOf(day)
	byDay := entry{place, d.N}
	put(Key{roomMonth, month, d.Room, 0}, byDay)
	if d.Author == 0 {
		return all
	}
	put(Key{authorMonth, month, d.Author, 0}, byDay)
	put(Key{pairMonth, month, d.Room, d.Author}, byDay)
	return all
}

// sorted brings changes into their order and adds up those of one number.
func (all changes) sorted() changes {
	slices.SortFunc(all, func(a, b change) int { return cmp.Or(a.key.Compare(b.key), cmp.Compare(a.id, b.id)) })
	kept := all[:0]
	for _, c := range all {
		if last := len(kept) - 1; last >= 0 && kept[last].key == c.key && kept[last].id == c.id {
			kept[last].n += c.n
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// next splits off the changes of the first cell.
func (all changes) next() (cell, rest changes) {
	n := 1
	for n < len(all) && all[n].key == all[0].key {
		n++
	}
	return all[:n], all[n:]
}

// from returns the changes of the cells that are not before k.
func (all changes) from(k Key) changes {
	at, _ := slices.BinarySearchFunc(all, k, func(c change, k Key) int { return c.key.Compare(k) })
	return all[at:]
}

// entries appends what a cell's changes add.
func (all changes) entries(to []entry) []entry {
	for _, c := range all {
		to = append(to, c.entry)
	}
	return to
}
