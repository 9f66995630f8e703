package storagetest

// Pages before, after and around a message.

import (
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// anchors are the two ways to name a message.
func anchors(m storage.Message) []storage.Anchor {
	return []storage.Anchor{storage.At(m.ID), storage.AtSeq(m.Seq)}
}

// between returns those of the messages that lie between two places, 0 for no
// bound.
func between(ms []storage.Message, after, before int64) []storage.Message {
	return slices.DeleteFunc(slices.Clone(ms), func(m storage.Message) bool {
		return m.Seq <= after || before != 0 && m.Seq >= before
	})
}

// wantBounded requires that a query with bounds gives what lies between them,
// in pages of every size, both ways.
func (f *fixture) wantBounded(h *history, q storage.MessageQuery, after, before int64) {
	f.t.Helper()
	want := between(h.selected(q, f.now()), after, before)
	n, err := f.CountMessages(f.ctx, q)
	wantSame(f.t, want, f.messagePages(q), n, err)
}

func testPageBounds(t *testing.T, f *fixture) {
	h := f.newHistory()
	room := h.selected(storage.MessageQuery{Room: h.room.ID, Order: storage.OldestFirst}, f.now())
	low, high := room[2], room[len(room)-3]
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID}, {Room: h.room.ID, Order: storage.OldestFirst},
		{Room: h.room.ID, WithDeleted: true, Author: h.ann.ID},
		{Room: h.room.ID, Order: storage.OldestFirst, Types: []storage.MessageType{storage.MessageText}},
	} {
		for i := range 2 {
			q.After, q.Before = anchors(low)[i], storage.Anchor{}
			f.wantBounded(h, q, low.Seq, 0)
			q.After, q.Before = storage.Anchor{}, anchors(high)[i]
			f.wantBounded(h, q, 0, high.Seq)
			q.After, q.Before = anchors(low)[i], anchors(high)[1-i]
			f.wantBounded(h, q, low.Seq, high.Seq)
			q.After, q.Before = anchors(high)[i], anchors(low)[i]
			f.wantBounded(h, q, high.Seq, low.Seq)
			q.After, q.Before = anchors(low)[i], anchors(low)[i]
			f.wantBounded(h, q, low.Seq, low.Seq)
		}
	}
}

// Every place is good as a bound: tombstones, expired messages, holes, and
// what lies beyond the ends.
func testPageBoundsAnywhere(t *testing.T, f *fixture) {
	h := f.newHistory()
	q := storage.MessageQuery{Room: h.room.ID}
	for _, m := range h.all {
		if m.RoomID != h.room.ID {
			continue
		}
		for _, a := range anchors(m) {
			q.After, q.Before = a, storage.Anchor{}
			f.wantBounded(h, q, m.Seq, 0)
			q.After, q.Before = storage.Anchor{}, a
			f.wantBounded(h, q, 0, m.Seq)
		}
	}
	last := f.readRoom(h.room.ID).LastSeq
	for _, seq := range []int64{1, last, last + 1, last + 1000, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 33, math.MaxInt64 - 1, math.MaxInt64} {
		q.After, q.Before = storage.AtSeq(seq), storage.Anchor{}
		f.wantBounded(h, q, seq, 0)
		q.After, q.Before = storage.Anchor{}, storage.AtSeq(seq)
		f.wantBounded(h, q, 0, seq)
	}
}

func testPageUnknownAnchor(t *testing.T, f *fixture) {
	h := f.newHistory()
	elsewhere := h.selected(storage.MessageQuery{Room: h.side.ID}, f.now())[0]
	for _, a := range []storage.Anchor{storage.At(id[storage.Message](255)), storage.At(elsewhere.ID)} {
		for _, q := range []storage.MessageQuery{
			{Room: h.room.ID, Before: a}, {Room: h.room.ID, After: a}, {Room: h.room.ID, Around: a},
			{Room: h.room.ID, Before: storage.AtSeq(3), After: a}, {Room: id[storage.Room](1), Before: a},
		} {
			page, err := f.Messages(f.ctx, q)
			wantNotFound(t, err, storage.EntityMessage)
			require.Zero(t, page)
			if q.Around.IsZero() {
				_, err = f.CountMessages(f.ctx, q)
				wantNotFound(t, err, storage.EntityMessage)
			}
		}
	}
}

func testPageInvalidAnchor(t *testing.T, f *fixture) {
	h := f.newHistory()
	at := storage.At(h.all[0].ID)
	cursor := next(t, f.messagePages(storage.MessageQuery{Room: h.room.ID}))
	for _, c := range []struct {
		field string
		q     storage.MessageQuery
	}{
		{"Before", storage.MessageQuery{Author: h.ann.ID, Before: at}},
		{"After", storage.MessageQuery{Author: h.ann.ID, After: storage.AtSeq(1)}},
		{"Around", storage.MessageQuery{Author: h.ann.ID, Around: at}},
		{"Before", storage.MessageQuery{Room: h.room.ID, Before: at, Cursor: cursor}},
		{"After", storage.MessageQuery{Room: h.room.ID, After: storage.AtSeq(1), Cursor: cursor}},
		{"Around", storage.MessageQuery{Room: h.room.ID, Around: at, Cursor: cursor}},
		{"Before", storage.MessageQuery{Room: h.room.ID, Before: storage.AtSeq(-1)}},
		{"After", storage.MessageQuery{Room: h.room.ID, After: storage.Anchor{ID: h.all[0].ID, Seq: 1}}},
		{"Around", storage.MessageQuery{Room: h.room.ID, Around: at, Before: at}},
		{"Around", storage.MessageQuery{Room: h.room.ID, Around: at, After: storage.AtSeq(1)}},
	} {
		_, err := f.Messages(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
	}
	_, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: h.room.ID, Around: at})
	wantErr(t, err, storage.ErrInvalid, "Around")
}

// wantAround requires that the page around an anchor is right, with its
// neighbours.
func (f *fixture) wantAround(h *history, q storage.MessageQuery, seq int64) {
	f.t.Helper()
	list := q
	list.Around, list.Limit = storage.Anchor{}, 0
	list.Order = storage.OldestFirst
	all := h.selected(list, f.now())
	// The message itself, and of the rest half before and half after it, the
	// odd one before.
	at, is := slices.BinarySearchFunc(all, seq, func(m storage.Message, seq int64) int { return int(m.Seq - seq) })
	from := max(0, at-q.Limit/2)
	to := at + q.Limit - 1 - q.Limit/2
	if is {
		to++
	}
	to = min(to, len(all))
	if q.Order != storage.OldestFirst {
		slices.Reverse(all)
		from, to = len(all)-to, len(all)-from
	}
	page, err := f.Messages(f.ctx, q)
	require.NoError(f.t, err)
	about := []any{"around %d of %d, limit %d, order %v", seq, len(all), q.Limit, q.Order}
	if from == to {
		require.Empty(f.t, page.Items, about...)
	} else {
		require.Equal(f.t, bodies(all[from:to]), bodies(page.Items), about...)
		require.Equal(f.t, all[from:to], page.Items, about...)
	}
	require.Equal(f.t, to < len(all), page.HasAfter(), append([]any{"HasAfter, and Next, " + about[0].(string)}, about[1:]...)...)
	require.Equal(f.t, from > 0, page.HasBefore(), append([]any{"HasBefore, and Prev, " + about[0].(string)}, about[1:]...)...)
	f.wantNeighbours(q, all, from, to, page)
}

// wantNeighbours walks from a page to both ends of its list.
func (f *fixture) wantNeighbours(q storage.MessageQuery, all []storage.Message, from, to int, page storage.Page[storage.Message]) {
	f.t.Helper()
	read := f.messagePages(q)
	for c := page.Next; c != ""; {
		p, err := read(q.Limit, c)
		require.NoError(f.t, err)
		require.Less(f.t, to, len(all), "a walk by Next from around goes on past the end")
		require.Equal(f.t, all[to:min(to+q.Limit, len(all))], p.Items, "the page after one around")
		to, c = to+q.Limit, p.Next
	}
	require.GreaterOrEqual(f.t, to, len(all), "a walk by Next from around ended early")
	for c := page.Prev; c != ""; {
		p, err := read(q.Limit, c)
		require.NoError(f.t, err)
		require.Positive(f.t, from, "a walk by Prev from around goes on past the beginning")
		require.Equal(f.t, all[max(0, from-q.Limit):from], p.Items, "the page before one around")
		from, c = max(0, from-q.Limit), p.Prev
	}
	require.Zero(f.t, from, "a walk by Prev from around ended early")
}

func testPageAround(t *testing.T, f *fixture) {
	h := f.newHistory()
	q := storage.MessageQuery{Room: h.room.ID, WithDeleted: true}
	room := h.selected(q, f.now())
	for _, m := range room {
		for q.Limit = 1; q.Limit < len(room)+2; q.Limit++ {
			q.Around = anchors(m)[q.Limit%2]
			q.Order = []storage.MessageOrder{0, storage.OldestFirst}[q.Limit/2%2]
			f.wantAround(h, q, m.Seq)
		}
	}
}

func testPageAroundFilter(t *testing.T, f *fixture) {
	h := f.newHistory()
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID, Author: h.bob.ID},
		{Room: h.room.ID, Types: []storage.MessageType{storage.MessageText}},
		{Room: h.room.ID, From: clockStart, To: clockStart.Add(4 * 60e9)},
	} {
		for _, m := range h.selected(q, f.now()) {
			for q.Limit = 1; q.Limit < 6; q.Limit++ {
				q.Around = storage.At(m.ID)
				f.wantAround(h, q, m.Seq)
			}
		}
	}
}

func testPageAroundEnds(t *testing.T, f *fixture) {
	h := f.newHistory()
	last := f.readRoom(h.room.ID).LastSeq
	for _, seq := range []int64{1, last, last + 1, last + 100, 1 << 32, math.MaxInt64 - 1, math.MaxInt64} {
		for _, order := range []storage.MessageOrder{storage.NewestFirst, storage.OldestFirst} {
			f.wantAround(h, storage.MessageQuery{Room: h.room.ID, Order: order, Limit: 4, Around: storage.AtSeq(seq), WithDeleted: true}, seq)
		}
	}
}

// The anchor may be a message that the query does not select: its neighbours
// are there.
func testPageAroundHidden(t *testing.T, f *fixture) {
	h := f.newHistory()
	q := storage.MessageQuery{Room: h.room.ID}
	for _, m := range h.all {
		if m.RoomID != h.room.ID || !m.Deleted() && !m.Expired(f.now()) {
			continue
		}
		for _, a := range anchors(m) {
			for q.Limit = 1; q.Limit < 6; q.Limit++ {
				q.Around = a
				f.wantAround(h, q, m.Seq)
			}
		}
	}
}
