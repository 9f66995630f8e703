package storagetest

// Lists of what is pinned.

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testPinLists(t *testing.T, f *fixture) {
	h := f.newPinnedHistory()
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(5*time.Minute)
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID},
		{Room: h.side.ID},
		{Room: h.room.ID, WithDeleted: true},
		{Room: h.room.ID, Types: []storage.MessageType{storage.MessageSystem, storage.MessageCode}},
		{Room: h.room.ID, From: from, To: to},
		{Room: h.room.ID, Author: h.bob.ID},
		{Author: h.ann.ID},
		{Author: h.ann.ID, WithDeleted: true, From: from},
		{Room: nowhere},
		{Author: nobody},
	} {
		q.Pinned = true
		f.wantHistory(h, q)
		q.Order = storage.OldestFirst
		f.wantHistory(h, q)
	}
	require.Len(t, f.pinned(h.room.ID), len(h.selected(storage.MessageQuery{Room: h.room.ID, Pinned: true}, f.now())))
	require.NotEmpty(t, f.pinned(h.room.ID))
	wantErr(t, errOf(f.Messages(f.ctx, storage.MessageQuery{Pinned: true})), storage.ErrInvalid, "Room")
}

// errOf is the error of a call that returns something else, too.
func errOf[T any](_ T, err error) error { return err }

func testPinAnchors(t *testing.T, f *fixture) {
	h := f.newPinnedHistory()
	q := storage.MessageQuery{Room: h.room.ID, Pinned: true, Order: storage.OldestFirst}
	all := h.selected(q, f.now())
	require.Greater(t, len(all), 5)
	between := q
	between.After, between.Before = storage.At(all[0].ID), storage.AtSeq(all[4].Seq)
	wantList(t, all[1:4], f.messagePages(between))
	n, err := f.CountMessages(f.ctx, between)
	require.NoError(t, err)
	require.Equal(t, int64(3), n)

	around := q
	around.Around, around.Limit = storage.At(all[2].ID), 3
	page, err := f.Messages(f.ctx, around)
	require.NoError(t, err)
	require.Equal(t, all[1:4], page.Items)
	next, err := f.Messages(f.ctx, around.WithCursor(page.Next))
	require.NoError(t, err)
	require.Equal(t, all[4:min(7, len(all))], next.Items)

	i := slices.IndexFunc(h.all, func(m storage.Message) bool { return m.RoomID == h.room.ID && m.PinnedAt.IsZero() && m.Seq > 1 })
	around.Around = storage.At(h.all[i].ID)
	page, err = f.Messages(f.ctx, around)
	require.NoError(t, err)
	require.NotEmpty(t, page.Items)
	for _, m := range page.Items {
		require.False(t, m.PinnedAt.IsZero(), "around what is not pinned itself")
	}
}

func testPinCursors(t *testing.T, f *fixture) {
	h := f.newPinnedHistory()
	q := storage.MessageQuery{Room: h.room.ID, Limit: 2}
	pinned := q
	pinned.Pinned = true
	page, err := f.Messages(f.ctx, pinned)
	require.NoError(t, err)
	_, err = f.Messages(f.ctx, q.WithCursor(page.Next))
	wantErr(t, err, storage.ErrInvalid, "Cursor")
	page, err = f.Messages(f.ctx, q)
	require.NoError(t, err)
	_, err = f.Messages(f.ctx, pinned.WithCursor(page.Next))
	wantErr(t, err, storage.ErrInvalid, "Cursor")
}

func testPinWalk(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	var all []storage.Message
	for range 8 {
		m := f.say(room.ID, ann.ID, "x")
		all = append(all, m)
	}
	for _, i := range []int{0, 2, 4, 6} {
		all[i] = f.pin(all[i].ID, ann.ID)
	}
	q := storage.MessageQuery{Room: room.ID, Pinned: true, Order: storage.OldestFirst, Limit: 2}
	first, err := f.Messages(f.ctx, q)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{all[0], all[2]}, first.Items)
	f.unpin(all[2].ID, ann.ID) // where the cursor stands
	all[5] = f.pin(all[5].ID, ann.ID)
	all[1] = f.pin(all[1].ID, ann.ID)
	second, err := f.Messages(f.ctx, q.WithCursor(first.Next))
	require.NoError(t, err)
	require.Equal(t, []storage.Message{all[4], all[5]}, second.Items)
	back, err := f.Messages(f.ctx, q.WithCursor(second.Prev))
	require.NoError(t, err)
	require.Equal(t, []storage.Message{all[0], all[1]}, back.Items)
}

func testPinRolledBack(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b := f.say(room.ID, ann.ID, "a"), f.say(room.ID, ann.ID, "b")
	b = f.pin(b.ID, ann.ID)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		pinned, err := tx.PinMessage(ctx, a.ID, ann.ID)
		require.NoError(t, err)
		_, err = tx.UnpinMessage(ctx, b.ID, ann.ID)
		require.NoError(t, err)
		page, err := tx.Messages(ctx, storage.MessageQuery{Room: room.ID, Pinned: true})
		require.NoError(t, err)
		require.Equal(t, []storage.Message{pinned}, page.Items, "within the transaction")
		return errUndo
	}), errUndo)
	require.Equal(t, []storage.Message{b}, f.pinned(room.ID))
	require.Equal(t, a, f.readMessage(a.ID))
}

func testPinReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	h := f.newPinnedHistory()
	before := f.pinned(h.room.ID)
	f.reopen()
	require.Equal(t, before, f.pinned(h.room.ID))
	f.wantHistory(h, storage.MessageQuery{Author: h.ann.ID, Pinned: true})
}

func testPinAliasing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.Tags, m.Mentions = []string{"a"}, []storage.UserID{ann.ID} })
	pinned := f.pin(m.ID, ann.ID)
	wantUnaliased(t, func() any { return f.readMessage(m.ID) },
		exchange{"PinMessage gave", func() (any, error) { return &pinned, nil }},
		exchange{"PinMessage gave nothing new", func() (any, error) { return got(f.PinMessage(f.ctx, m.ID, ann.ID)) }},
		exchange{"Messages that are pinned", func() (any, error) {
			return got(f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Pinned: true}))
		}},
	)
	unpinned := f.unpin(m.ID, ann.ID)
	wantUnaliased(t, func() any { return f.readMessage(m.ID) },
		exchange{"UnpinMessage gave", func() (any, error) { return &unpinned, nil }},
	)
}
