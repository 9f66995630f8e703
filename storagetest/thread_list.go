package storagetest

// Lists of the messages of a thread.

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// threads is a history most of which is in threads.
type threads struct {
	*history
	roots  [4]storage.MessageID // one that stays, a tombstone, a purged one, and one in the other room
	purged []storage.Message    // as they were
	alone  storage.Message      // in no thread
}

// newThreads stores messages of all kinds in four threads and beside them.
func (f *fixture) newThreads() *threads {
	f.t.Helper()
	h := &threads{history: &history{ann: f.user("ann"), bob: f.user("bob")}}
	h.room, h.side = f.room("hall", h.ann.ID), f.room("attic", h.ann.ID)
	var ms []*storage.Message
	last := map[int]storage.MessageID{}
	for i := range 36 {
		m := h.message(i)
		if thread := i % 4; i < 4 {
			h.roots[i], last[i] = m.ID, m.ID
		} else if i%8 != 6 {
			m.ParentID = last[thread]
			if i%3 == 0 {
				m.ParentID = h.roots[thread]
			}
			last[thread] = m.ID
		}
		ms = append(ms, m)
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(f.t, err)
	for i, m := range ms {
		switch {
		case i == 2 || i == 16:
			f.forget(m.ID)
			h.purged = append(h.purged, *m)
			continue
		case i == 1 || i%7 == 5:
			f.remove(m.ID, h.ann.ID)
		case i%5 == 3:
			f.pin(m.ID, h.ann.ID)
		}
		h.all = append(h.all, *m)
	}
	h.alone = *ms[6]
	f.clock.advance(time.Second)
	f.readAgain(h.history)
	return h
}

// message makes one of the messages of newThreads.
func (h *threads) message(i int) *storage.Message {
	m := &storage.Message{
		ID: id[storage.Message](byte(i * 37 % 251)), RoomID: h.room.ID, AuthorID: []storage.UserID{h.ann.ID, h.bob.ID, {}}[i%3],
		Body: fmt.Sprint("message ", i), Type: []storage.MessageType{storage.MessageText, storage.MessageCode}[i%5%2],
		CreatedAt: clockStart.Add(time.Duration(i*5%7) * time.Minute),
	}
	if i%4 == 3 {
		m.RoomID = h.side.ID
	}
	if i%9 == 8 {
		m.ExpiresAt = clockStart.Add(time.Second)
	}
	for n, tag := range []string{"red", "Red", "blue"} {
		if (i+i/4)%(n+2) == 0 {
			m.Tags = append(m.Tags, tag)
			m.Mentions = append(m.Mentions, []storage.UserID{h.bob.ID, h.ann.ID, h.bob.ID}[n])
		}
	}
	return m
}

// readAgain reads the messages of a history that can be read, as they are now.
func (f *fixture) readAgain(h *history) {
	f.t.Helper()
	for i, m := range h.all {
		if !m.Expired(f.now()) {
			h.all[i] = f.readMessage(m.ID)
		}
	}
}

func testThreadList(t *testing.T, f *fixture) {
	h := f.newThreads()
	for _, root := range h.roots {
		for _, q := range []storage.MessageQuery{
			{Thread: root}, {Thread: root, WithDeleted: true}, {Thread: root, Room: h.room.ID}, {Thread: root, Room: h.side.ID},
		} {
			f.wantHistory(h.history, q)
			q.Order = storage.OldestFirst
			f.wantHistory(h.history, q)
		}
	}
	f.wantSummaries(h.room.ID)
	f.wantSummaries(h.side.ID)
	page, err := f.Messages(f.ctx, storage.MessageQuery{Thread: h.roots[0], Order: storage.OldestFirst})
	require.NoError(t, err)
	require.Equal(t, h.roots[0], page.Items[0].ID, "the root comes first")
	require.Greater(t, len(page.Items), 4)
}

func testThreadFilters(t *testing.T, f *fixture) {
	h := f.newThreads()
	root := h.roots[0]
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(5*time.Minute)
	code := []storage.MessageType{storage.MessageCode}
	for _, q := range []storage.MessageQuery{
		{Thread: root, Author: h.bob.ID},
		{Thread: root, Author: h.ann.ID, Room: h.room.ID, WithDeleted: true},
		{Thread: root, Types: code},
		{Thread: root, Types: code, WithDeleted: true},
		{Thread: root, Tags: []string{"red"}},
		{Thread: root, Tags: []string{"blue", "red"}, Author: h.ann.ID},
		{Thread: root, Mentioned: h.ann.ID},
		{Thread: root, Mentioned: h.bob.ID, Tags: []string{"Red"}, Room: h.room.ID},
		{Thread: root, From: from, To: to},
		{Thread: root, From: from, WithDeleted: true},
		{Thread: root, Pinned: true},
		{Thread: h.roots[1], Pinned: true, WithDeleted: true},
		{Thread: h.roots[2], Author: h.bob.ID, WithDeleted: true},
		{Thread: h.roots[2], Tags: []string{"red"}},
		{Thread: h.roots[3], Mentioned: h.bob.ID, To: to},
		{Thread: root, Author: nobody},
	} {
		f.wantHistory(h.history, q)
		q.Order = storage.OldestFirst
		f.wantHistory(h.history, q)
	}
}

func testThreadNone(t *testing.T, f *fixture) {
	h := f.newThreads()
	replies := h.selected(storage.MessageQuery{Thread: h.roots[0], Order: storage.OldestFirst}, f.now())[1:]
	for _, root := range []storage.MessageID{replies[0].ID, replies[1].ID, h.purged[1].ID, id[storage.Message](255), {0: 0xff}} {
		for _, q := range []storage.MessageQuery{
			{Thread: root}, {Thread: root, WithDeleted: true, Order: storage.OldestFirst}, {Thread: root, Room: h.room.ID},
			{Thread: root, Author: h.ann.ID}, {Thread: root, Tags: []string{"red"}}, {Thread: root, Mentioned: h.bob.ID},
			{Thread: root, After: storage.AtSeq(1), Before: storage.AtSeq(math.MaxInt64)}, {Thread: root, Around: storage.AtSeq(5)},
		} {
			page, err := f.Messages(f.ctx, q)
			require.NoError(t, err)
			require.Zero(t, page, "%+v", q)
			if q.Around.IsZero() {
				n, err := f.CountMessages(f.ctx, q)
				require.NoError(t, err)
				require.Zero(t, n, "%+v", q)
			}
		}
	}
	wantList(t, []storage.Message{h.alone}, f.messagePages(storage.MessageQuery{Thread: h.alone.ID}))
}

// places are anchors all over a room: at messages of a thread and beside it,
// at tombstones, at what has expired and at what was purged.
func (h *threads) places() (all []storage.Message) {
	for i, m := range append(h.purged, h.all...) {
		if m.RoomID == h.room.ID && i%3 != 2 {
			all = append(all, m)
		}
	}
	return all
}

func testThreadBounds(t *testing.T, f *fixture) {
	h := f.newThreads()
	for i, m := range h.places() {
		q := storage.MessageQuery{Thread: h.roots[i%3], Order: []storage.MessageOrder{0, storage.OldestFirst}[i%2], WithDeleted: i%5 == 0}
		q.After = anchors(m)[i%2]
		f.wantBounded(h.history, q, m.Seq, 0)
		q.After, q.Before = storage.Anchor{}, anchors(m)[1-i%2]
		f.wantBounded(h.history, q, 0, m.Seq)
		q.After = storage.AtSeq(3)
		f.wantBounded(h.history, q, 3, m.Seq)
	}
}

func testThreadAround(t *testing.T, f *fixture) {
	h := f.newThreads()
	for i, m := range h.places() {
		q := storage.MessageQuery{
			Thread: h.roots[i%3], Order: []storage.MessageOrder{0, storage.OldestFirst}[i%2], WithDeleted: i%5 == 0, Around: anchors(m)[i%2],
		}
		for _, q.Limit = range []int{1, 2, 5} {
			f.wantAround(h.history, q, m.Seq)
		}
	}
}

func testThreadAnchors(t *testing.T, f *fixture) {
	h := f.newThreads()
	elsewhere := h.selected(storage.MessageQuery{Room: h.side.ID}, f.now())[0].ID
	for _, at := range []storage.Anchor{storage.At(elsewhere), storage.At(id[storage.Message](255))} {
		for _, q := range []storage.MessageQuery{{Before: at}, {After: at}, {Around: at}} {
			q.Thread = h.roots[0]
			wantNotFound(t, errOf(f.Messages(f.ctx, q)), storage.EntityMessage)
			if q.Around.IsZero() {
				wantNotFound(t, errOf(f.CountMessages(f.ctx, q)), storage.EntityMessage)
			}
		}
	}
	for field, q := range map[string]storage.MessageQuery{
		"Before": {Before: storage.AtSeq(-1)}, "After": {After: storage.AtSeq(1), Cursor: "x"},
		"Around": {Around: storage.AtSeq(1), Before: storage.AtSeq(2)},
	} {
		q.Thread = h.roots[0]
		wantErr(t, errOf(f.Messages(f.ctx, q)), storage.ErrInvalid, field)
	}
}

func testThreadCursors(t *testing.T, f *fixture) {
	h := f.newThreads()
	q := storage.MessageQuery{Thread: h.roots[0]}
	read := f.messagePages(q)
	wantTampered(t, read, next(t, read))
	wantOtherLimit(t, h.selected(q, f.now()), read)
	wantForeign(t, read,
		next(t, f.messagePages(storage.MessageQuery{Thread: h.roots[3]})),
		next(t, f.messagePages(storage.MessageQuery{Room: h.room.ID})),
		next(t, f.messagePages(storage.MessageQuery{Room: h.room.ID, Thread: h.roots[0]})),
		next(t, f.messagePages(storage.MessageQuery{Thread: h.roots[0], Order: storage.OldestFirst})),
	)
}

func testThreadWalk(t *testing.T, f *fixture) {
	root, first, second := f.threadOf()
	third, fourth := f.reply(root, root.AuthorID, "third"), f.reply(first, root.AuthorID, "fourth")
	read := f.messagePages(storage.MessageQuery{Thread: root.ID, Order: storage.OldestFirst})
	page, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, []string{"root", "first"}, bodies(page.Items))
	f.remove(first.ID, root.AuthorID) // where the cursor stands
	f.forget(second.ID)
	f.say(root.RoomID, root.AuthorID, "beside it")
	fifth := f.reply(root, root.AuthorID, "fifth")
	page, err = read(2, page.Next)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{third, fourth}, page.Items)
	require.True(t, page.HasBefore())
	last, err := read(2, page.Next)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{fifth}, last.Items)
	require.False(t, last.HasAfter())
	f.forget(root.ID)
	back, err := read(5, page.Prev)
	require.NoError(t, err)
	require.Empty(t, back.Items, "what was before has been taken away")
}
