package storagetest

// Cursors: whose they are, and that they stay right while the list changes.

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testPageForeign(t *testing.T, f *fixture) {
	h := f.newHistory()
	base := storage.MessageQuery{Room: h.room.ID}
	cursorOf := func(edit func(*storage.MessageQuery)) storage.Cursor {
		q := base
		edit(&q)
		return next(t, f.messagePages(q))
	}
	users := next(t, f.userPages(storage.UserQuery{}))
	wantForeign(t, f.messagePages(base), users,
		cursorOf(func(q *storage.MessageQuery) { q.Room = h.side.ID }),
		cursorOf(func(q *storage.MessageQuery) { q.Author = h.ann.ID }),
		cursorOf(func(q *storage.MessageQuery) { q.Types = []storage.MessageType{storage.MessageText} }),
		cursorOf(func(q *storage.MessageQuery) { q.From = clockStart }),
		cursorOf(func(q *storage.MessageQuery) { q.To = clockStart.Add(time.Hour) }),
		cursorOf(func(q *storage.MessageQuery) { q.WithDeleted = true }),
		cursorOf(func(q *storage.MessageQuery) { q.Order = storage.OldestFirst }),
	)
	messages := next(t, f.messagePages(base))
	wantForeign(t, f.userPages(storage.UserQuery{}), messages)

	// No order means NewestFirst.
	q := base
	q.Order = storage.NewestFirst
	_, err := f.messagePages(q)(1, messages)
	require.NoError(t, err)
}

func testPageTampered(t *testing.T, f *fixture) {
	h := f.newHistory()
	for _, q := range []storage.MessageQuery{{Room: h.room.ID, After: storage.AtSeq(1)}, {Author: h.ann.ID}} {
		wantTampered(t, f.messagePages(q), next(t, f.messagePages(q)))
	}
}

func testPageOtherLimit(t *testing.T, f *fixture) {
	h := f.newHistory()
	for _, q := range []storage.MessageQuery{{Room: h.room.ID}, {Room: h.room.ID, Order: storage.OldestFirst, WithDeleted: true}, {Author: h.bob.ID}} {
		wantOtherLimit(t, h.selected(q, f.now()), f.messagePages(q))
	}
}

// walk reads a list by pages of 3, forwards from a cursor or back to the
// beginning, and lets change do something to it after each page.
func walk(t *testing.T, read pages[storage.Message], from storage.Cursor, back bool, change func(storage.Page[storage.Message])) []storage.Message {
	t.Helper()
	var got []storage.Message
	c := from
	for range mostPages {
		page, err := read(3, c)
		require.NoError(t, err)
		require.LessOrEqual(t, len(page.Items), 3)
		change(page)
		c = page.Next
		if back {
			c = page.Prev
			slices.Reverse(page.Items)
		}
		got = append(got, page.Items...)
		if c == "" {
			return got
		}
	}
	require.Fail(t, "a walk that does not end")
	return nil
}

// numbered stores n messages by one author in turn in the rooms.
func (f *fixture) numbered(n int, author storage.UserID, rooms ...storage.RoomID) []storage.Message {
	f.t.Helper()
	var ms []storage.Message
	for i := range n {
		ms = append(ms, f.say(rooms[i%len(rooms)], author, fmt.Sprint(i)))
		f.clock.advance(time.Second)
	}
	return ms
}

func testPageGrowing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	old := f.numbered(10, ann.ID, room.ID)
	var added []storage.Message
	grow := func(storage.Page[storage.Message]) {
		if len(added) < 6 {
			added = append(added, f.numbered(2, ann.ID, room.ID)...)
		}
	}
	newest := slices.Clone(old)
	slices.Reverse(newest)
	got := walk(t, f.messagePages(storage.MessageQuery{Room: room.ID}), "", false, grow)
	require.Equal(t, newest, got, "newest first")

	before, was := append(old, added...), len(added)
	added = nil
	got = walk(t, f.messagePages(storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst}), "", false, grow)
	require.Equal(t, append(before, added...), got, "oldest first, %d and then %d more", was, len(added))

	// With a bound, what comes behind it stays out.
	added = nil
	q := storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst, Before: storage.At(old[8].ID), After: storage.At(old[0].ID)}
	got = walk(t, f.messagePages(q), "", false, grow)
	require.Equal(t, old[1:8], got, "between bounds")
}

func testPageShrinking(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	for _, order := range []storage.MessageOrder{storage.OldestFirst, storage.NewestFirst} {
		ms := f.numbered(14, ann.ID, room.ID)
		if order == storage.NewestFirst {
			slices.Reverse(ms)
		}
		q := storage.MessageQuery{Room: room.ID, Order: order, After: storage.AtSeq(min(ms[0].Seq, ms[13].Seq) - 1)}
		seen := 0
		got := walk(t, f.messagePages(q), "", false, func(p storage.Page[storage.Message]) {
			// The last that was seen goes, on which the cursor stands, and the
			// next but one.
			seen += len(p.Items)
			for _, i := range []int{seen - 1, seen + 1} {
				if i < len(ms) {
					_, err := f.DeleteMessage(f.ctx, ms[i].ID, ann.ID)
					require.NoError(t, err)
					if i >= seen {
						ms = slices.Delete(ms, i, i+1)
					}
				}
			}
		})
		require.Equal(t, bodies(ms), bodies(got), "order %v", order)
	}
}

func testPageBackwards(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	ms := f.numbered(12, ann.ID, room.ID)
	read := f.messagePages(storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst})
	last := next(t, read)
	walk(t, read, "", false, func(p storage.Page[storage.Message]) {
		if p.Next != "" {
			last = p.Next
		}
	})
	deleted := 0
	got := walk(t, read, last, true, func(storage.Page[storage.Message]) {
		f.say(room.ID, ann.ID, "more")
		if deleted < 2 {
			_, err := f.DeleteMessage(f.ctx, ms[deleted].ID, ann.ID)
			require.NoError(t, err)
			deleted++
		}
	})
	want := slices.Clone(ms[2:])
	slices.Reverse(want)
	require.Equal(t, bodies(want), bodies(got))
}

func testPageAcross(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	ms := f.numbered(12, ann.ID, hall.ID, attic.ID)
	slices.Reverse(ms)
	round := 0
	got := walk(t, f.messagePages(storage.MessageQuery{Author: ann.ID}), "", false, func(p storage.Page[storage.Message]) {
		if round++; round > 3 {
			return
		}
		f.say(attic.ID, ann.ID, "new")
		_, err := f.DeleteMessage(f.ctx, p.Items[len(p.Items)-1].ID, ann.ID)
		require.NoError(t, err)
		_, err = f.DeleteMessage(f.ctx, ms[len(ms)-round].ID, ann.ID)
		require.NoError(t, err)
	})
	require.Equal(t, bodies(ms[:len(ms)-3]), bodies(got))
}
