package storagetest

// Pages taken from messages that are there no more.

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var anchorCases = []testCase{
	{"bounds at purged messages", testAnchorBounds},
	{"around purged messages", testAnchorAround},
	{"around purged messages, with a filter", testAnchorFilter},
	{"what is before and after", testAnchorHas},
	{"when the last message goes", testAnchorEnds},
	{"when the message there goes meanwhile", testAnchorGoes},
	{"in an empty room", testAnchorEmpty},
	{"purged in another room", testAnchorElsewhere},
	{"of a deleted room", testAnchorDeletedRoom},
	{"after reopening", testAnchorReopen},
}

// newHoles is newHistory with some messages of all kinds purged, at both ends
// of the room too. It returns these as they were.
func (f *fixture) newHoles() (h *history, purged []storage.Message) {
	f.t.Helper()
	h = f.newHistory()
	n := 0
	h.all = slices.DeleteFunc(h.all, func(m storage.Message) bool {
		n++
		if n%4 != 1 && n < len(h.all) || m.RoomID != h.room.ID {
			return false
		}
		f.forget(m.ID)
		purged = append(purged, m)
		return true
	})
	kinds := map[string]bool{}
	for _, m := range purged {
		kinds["tombstone"] = kinds["tombstone"] || m.Deleted()
		kinds["expired"] = kinds["expired"] || m.Expired(f.now())
		kinds["last"] = kinds["last"] || m.Seq == f.readRoom(h.room.ID).LastSeq
		kinds["first"] = kinds["first"] || m.Seq == 1
	}
	require.Equal(f.t, map[string]bool{"tombstone": true, "expired": true, "last": true, "first": true}, kinds)
	return h, purged
}

func testAnchorBounds(t *testing.T, f *fixture) {
	h, purged := f.newHoles()
	for i, m := range purged {
		q := storage.MessageQuery{Room: h.room.ID, WithDeleted: i%2 == 0}
		for j, a := range anchors(m) {
			q.Order = []storage.MessageOrder{0, storage.OldestFirst}[(i+j)%2]
			q.After, q.Before = a, storage.Anchor{}
			f.wantBounded(h, q, m.Seq, 0)
			q.After, q.Before = storage.Anchor{}, a
			f.wantBounded(h, q, 0, m.Seq)
			q.After = storage.At(purged[0].ID)
			f.wantBounded(h, q, purged[0].Seq, m.Seq)
		}
	}
}

func testAnchorAround(t *testing.T, f *fixture) {
	h, purged := f.newHoles()
	for i, m := range purged {
		q := storage.MessageQuery{Room: h.room.ID, WithDeleted: i%2 == 0, Around: anchors(m)[i%2]}
		for q.Limit = 1; q.Limit < 7; q.Limit++ {
			q.Order = []storage.MessageOrder{0, storage.OldestFirst}[q.Limit/2%2]
			f.wantAround(h, q, m.Seq)
		}
		q.Limit = 100
		f.wantAround(h, q, m.Seq)
	}
}

func testAnchorFilter(t *testing.T, f *fixture) {
	h, purged := f.newHoles()
	for i, m := range purged {
		for _, q := range []storage.MessageQuery{
			{Author: h.bob.ID}, {Types: []storage.MessageType{storage.MessageText}}, {Author: nobody},
			{Pinned: true}, {From: clockStart, To: clockStart.Add(4 * time.Minute)},
		} {
			q.Room, q.Around, q.Limit = h.room.ID, anchors(m)[i%2], 3
			f.wantAround(h, q, m.Seq)
		}
	}
}

// testAnchorHas spells out what wantAround computes.
func testAnchorHas(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var ms []storage.Message
	for _, body := range []string{"1", "2", "3", "4", "5"} {
		ms = append(ms, f.say(room.ID, storage.UserID{}, body))
	}
	f.forget(ms[2].ID)
	for _, c := range []struct {
		at            int
		limit         int
		want          []string
		before, after bool
	}{
		{1, 1, []string{"2"}, true, true},
		{1, 2, []string{"1", "2"}, false, true},
		{1, 3, []string{"1", "2", "4"}, false, true},
		{1, 4, []string{"1", "2", "4"}, false, true},
		{1, 5, []string{"1", "2", "4", "5"}, false, false},
		{0, 2, []string{"1"}, false, true},
		{4, 2, []string{"4", "5"}, true, false},
		{4, 3, []string{"4", "5"}, true, false},
		{2, 3, []string{"2", "4"}, true, true},
		{2, 4, []string{"1", "2", "4"}, false, true},
		{2, 5, []string{"1", "2", "4", "5"}, false, false},
		{2, 1, nil, true, true},
	} {
		q := storage.MessageQuery{Room: room.ID, Around: storage.At(ms[c.at].ID), Limit: c.limit, Order: storage.OldestFirst}
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, c.want, bodies(page.Items), "around %d, limit %d", c.at+1, c.limit)
		require.Equal(t, c.before, page.HasBefore(), "HasBefore around %d, limit %d", c.at+1, c.limit)
		require.Equal(t, c.after, page.HasAfter(), "HasAfter around %d, limit %d", c.at+1, c.limit)
		q.Order = storage.NewestFirst
		turned, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		slices.Reverse(turned.Items)
		require.Equal(t, c.want, bodies(turned.Items), "the newest first, around %d, limit %d", c.at+1, c.limit)
		require.Equal(t, c.after, turned.HasBefore(), "the newest first: HasBefore around %d, limit %d", c.at+1, c.limit)
		require.Equal(t, c.before, turned.HasAfter(), "the newest first: HasAfter around %d, limit %d", c.at+1, c.limit)
	}
}

func testAnchorEnds(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	first, middle := f.say(room.ID, storage.UserID{}, "first"), f.say(room.ID, storage.UserID{}, "middle")
	last := f.say(room.ID, storage.UserID{}, "last")
	for _, gone := range []storage.MessageID{first.ID, last.ID} {
		f.forget(gone)
		page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Around: storage.At(gone), Limit: 4})
		require.NoError(t, err)
		require.Contains(t, page.Items, middle)
	}
	for _, q := range []storage.MessageQuery{{Before: storage.At(first.ID)}, {After: storage.At(last.ID)}} {
		q.Room = room.ID
		wantList(t, nil, f.messagePages(q))
	}
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID})
	require.NoError(t, err)
	require.Equal(t, []storage.Message{middle}, page.Items)
	require.False(t, page.HasBefore() || page.HasAfter(), "what was purged is nothing")
	require.Equal(t, int64(4), f.say(room.ID, storage.UserID{}, "next").Seq)
}

func testAnchorGoes(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var ms []storage.Message
	for range 5 {
		ms = append(ms, f.say(room.ID, storage.UserID{}, "x", func(m *storage.Message) {
			if len(ms) == 2 {
				m.ExpiresAt = f.now().Add(time.Minute)
			}
		}))
	}
	around := func() []storage.Message {
		page, err := f.Messages(f.ctx, storage.MessageQuery{
			Room: room.ID, Around: storage.At(ms[2].ID), Limit: 3, Order: storage.OldestFirst,
		})
		require.NoError(t, err)
		return page.Items
	}
	require.Equal(t, ms[1:4], around())
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Around: storage.At(ms[2].ID), Limit: 1})
	require.NoError(t, err)
	f.clock.advance(time.Minute)
	require.Equal(t, []storage.Message{ms[1], ms[3]}, around(), "expired")
	f.forget(ms[2].ID)
	require.Equal(t, []storage.Message{ms[1], ms[3]}, around(), "purged")
	for cursor, want := range map[storage.Cursor]storage.Message{page.Next: ms[1], page.Prev: ms[3]} {
		beside, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Limit: 1, Cursor: cursor})
		require.NoError(t, err)
		require.Equal(t, []storage.Message{want}, beside.Items, "beside what was purged meanwhile")
	}
}

func testAnchorEmpty(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	f.forget(m.ID)
	for _, q := range []storage.MessageQuery{{Before: storage.At(m.ID)}, {After: storage.AtSeq(1)}, {Around: storage.At(m.ID)}, {}} {
		q.Room = room.ID
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, page)
	}
}

func testAnchorElsewhere(t *testing.T, f *fixture) {
	room, other := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	f.say(other.ID, storage.UserID{}, "y")
	f.forget(m.ID)
	for _, q := range []storage.MessageQuery{{Before: storage.At(m.ID)}, {After: storage.At(m.ID)}, {Around: storage.At(m.ID)}} {
		q.Room = other.ID
		wantNotFound(t, errOf(f.Messages(f.ctx, q)), storage.EntityMessage)
	}
}

func testAnchorDeletedRoom(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m, purged := f.say(room.ID, storage.UserID{}, "x"), f.say(room.ID, storage.UserID{}, "y")
	f.forget(purged.ID)
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	for _, at := range []storage.MessageID{m.ID, purged.ID} {
		wantNotFound(t, errOf(f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Around: storage.At(at)})), storage.EntityMessage)
	}
}

func testAnchorReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	h, purged := f.newHoles()
	f.reopen()
	for _, m := range purged {
		f.wantAround(h, storage.MessageQuery{Room: h.room.ID, Around: storage.At(m.ID), Limit: 4}, m.Seq)
	}
}
