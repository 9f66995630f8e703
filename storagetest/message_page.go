package storagetest

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var messagePageCases = []testCase{
	{"filters", testPageFilters},
	{"order across rooms", testPageOrder},
	{"equal times", testPageTies},
	{"range of times", testPageTimes},
	{"unknown room and author", testPageUnknown},
	{"invalid queries", testPageInvalid},
	{"limits", testPageLimits},
	{"bounds", testPageBounds},
	{"bounds at tombstones and holes", testPageBoundsAnywhere},
	{"unknown anchors", testPageUnknownAnchor},
	{"invalid anchors", testPageInvalidAnchor},
	{"around", testPageAround},
	{"around with a filter", testPageAroundFilter},
	{"around at the ends", testPageAroundEnds},
	{"around what is hidden", testPageAroundHidden},
	{"cursors of other queries", testPageForeign},
	{"cursors changed", testPageTampered},
	{"cursors with other limits", testPageOtherLimit},
	{"walk while messages come", testPageGrowing},
	{"walk while messages go", testPageShrinking},
	{"walk back while messages come and go", testPageBackwards},
	{"walk across rooms while messages come and go", testPageAcross},
}

func (f *fixture) messagePages(q storage.MessageQuery) pages[storage.Message] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Message], error) {
		q := q
		if c != "" {
			q = q.WithCursor(c)
		}
		q.Limit = limit
		return f.Messages(f.ctx, q)
	}
}

// history is a room with messages of all kinds, and another room.
type history struct {
	ann, bob   storage.User
	room, side storage.Room
	all        []storage.Message // of both, as they were stored, tombstones as such, expired ones too
}

// newHistory stores messages whose times and identifiers are in another order
// than their Seq, some of them equal in time.
func (f *fixture) newHistory() *history {
	f.t.Helper()
	h := &history{ann: f.user("ann"), bob: f.user("bob")}
	h.room, h.side = f.room("hall", h.ann.ID), f.room("attic", h.ann.ID)
	var ms []*storage.Message
	for i := range 26 {
		m := &storage.Message{
			ID:     id[storage.Message](byte(i * 37 % 251)),
			RoomID: []storage.RoomID{h.room.ID, h.room.ID, h.room.ID, h.side.ID}[i%4], AuthorID: []storage.UserID{h.ann.ID, h.bob.ID, {}}[i%3],
			Body: fmt.Sprint("message ", i), Type: []storage.MessageType{storage.MessageText, storage.MessageSystem, storage.MessageCode}[i%7%3],
			CreatedAt: clockStart.Add(time.Duration(i*5%7) * time.Minute),
		}
		if i%9 == 4 {
			m.ExpiresAt = clockStart.Add(time.Second)
		}
		ms = append(ms, m)
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(f.t, err)
	for i, m := range ms {
		if i%5 == 2 {
			*m, err = f.DeleteMessage(f.ctx, m.ID, h.ann.ID)
			require.NoError(f.t, err)
		}
		h.all = append(h.all, *m)
	}
	f.clock.advance(time.Second)
	return h
}

// selected is what the contract says about a query without anchors.
func (h *history) selected(q storage.MessageQuery, now time.Time) []storage.Message {
	var out []storage.Message
	for _, m := range h.all {
		if (q.Room.IsZero() || q.Room == m.RoomID) && (q.Author.IsZero() || q.Author == m.AuthorID) &&
			inThread(m, q.Thread) && (q.Mentioned.IsZero() || slices.Contains(m.Mentions, q.Mentioned)) && hasAll(m.Tags, q.Tags) &&
			(len(q.Types) == 0 || slices.Contains(q.Types, m.Type)) &&
			!m.CreatedAt.Before(q.From) && (q.To.IsZero() || m.CreatedAt.Before(q.To)) &&
			(q.WithDeleted || !m.Deleted()) && (!q.Pinned || !m.PinnedAt.IsZero()) && !m.Expired(now) {
			out = append(out, m)
		}
	}
	slices.SortFunc(out, func(a, b storage.Message) int {
		switch order := a.CreatedAt.Compare(b.CreatedAt); {
		case q.InOneRoom():
			return int(a.Seq - b.Seq)
		case order != 0:
			return order
		}
		return a.ID.Compare(b.ID)
	})
	if q.Order != storage.OldestFirst {
		slices.Reverse(out)
	}
	return out
}

// inThread reports whether a message is in the thread of a root, or whether
// none is asked for.
func inThread(m storage.Message, root storage.MessageID) bool {
	return root.IsZero() || m.RootID == root || m.ID == root && m.RootID.IsZero()
}

// hasAll reports whether every one of wanted is among tags.
func hasAll(tags, wanted []string) bool {
	return !slices.ContainsFunc(wanted, func(tag string) bool { return !slices.Contains(tags, tag) })
}

// wantHistory requires that a query gives what h says, in pages of every
// size, and that the count agrees.
func (f *fixture) wantHistory(h *history, q storage.MessageQuery) {
	f.t.Helper()
	want := h.selected(q, f.now())
	n, err := f.CountMessages(f.ctx, q)
	wantSame(f.t, want, f.messagePages(q), n, err)
	q.Limit = 1
	n, err = f.CountMessages(f.ctx, q)
	require.NoError(f.t, err)
	require.Equal(f.t, int64(len(want)), n, "CountMessages with a Limit")
}

func testPageFilters(t *testing.T, f *fixture) {
	h := f.newHistory()
	kinds := []storage.MessageType{storage.MessageSystem, storage.MessageCode}
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(5*time.Minute)
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID},
		{Room: h.side.ID},
		{Room: h.room.ID, WithDeleted: true},
		{Room: h.room.ID, Types: kinds},
		{Room: h.room.ID, Types: append(kinds, kinds[0])},
		{Room: h.room.ID, Types: []storage.MessageType{storage.MessageVoice}},
		{Room: h.room.ID, From: from, To: to},
		{Room: h.room.ID, From: from, WithDeleted: true},
		{Room: h.room.ID, To: to},
		{Room: h.room.ID, Author: h.bob.ID},
		{Room: h.room.ID, Author: h.bob.ID, Types: kinds[:1], From: from, WithDeleted: true},
		{Author: h.ann.ID},
		{Author: h.ann.ID, WithDeleted: true},
		{Author: h.bob.ID, Types: kinds, WithDeleted: true},
		{Author: h.bob.ID, From: from, To: to, WithDeleted: true},
	} {
		for _, q.Order = range []storage.MessageOrder{0, storage.NewestFirst, storage.OldestFirst} {
			f.wantHistory(h, q)
		}
	}
}

func testPageOrder(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	third := f.say(hall.ID, ann.ID, "third")
	f.clock.advance(-time.Minute)
	second := f.say(hall.ID, ann.ID, "second")
	f.clock.advance(-time.Minute)
	first := f.say(attic.ID, ann.ID, "first")

	inRoom := []storage.Message{second, third}
	wantList(t, inRoom, f.messagePages(storage.MessageQuery{Room: hall.ID, Author: ann.ID}))
	across := []storage.Message{third, second, first}
	wantList(t, across, f.messagePages(storage.MessageQuery{Author: ann.ID}))
	slices.Reverse(across)
	wantList(t, across, f.messagePages(storage.MessageQuery{Author: ann.ID, Order: storage.OldestFirst}))
}

func testPageTies(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	for i, n := range []byte{5, 0x90, 3, 0xff, 1, 4} {
		f.say([]storage.RoomID{hall.ID, attic.ID}[i%2], ann.ID, fmt.Sprint(n), func(m *storage.Message) { m.ID = id[storage.Message](n) })
	}
	page, err := f.Messages(f.ctx, storage.MessageQuery{Author: ann.ID, Order: storage.OldestFirst})
	require.NoError(t, err)
	require.Equal(t, []string{"1", "3", "4", "5", "144", "255"}, bodies(page.Items), "equal times, oldest first")
	slices.Reverse(page.Items)
	wantList(t, page.Items, f.messagePages(storage.MessageQuery{Author: ann.ID}))
}

func bodies(ms []storage.Message) []string {
	var out []string
	for _, m := range ms {
		out = append(out, m.Body)
	}
	return out
}

// From is inclusive and To exclusive, to the microsecond, and in between a
// bound means what it says.
func testPageTimes(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	at := f.now()
	f.say(room.ID, ann.ID, "now")
	for _, c := range []struct {
		from, to time.Duration
		want     int64
	}{
		{0, time.Microsecond, 1},
		{0, time.Nanosecond, 1},
		{-time.Microsecond, 0, 0},
		{time.Nanosecond, time.Hour, 0},
		{time.Microsecond, time.Hour, 0},
		{-time.Nanosecond, time.Nanosecond, 1},
		{0, 0, 0},
		{-time.Hour, time.Hour, 1},
	} {
		for _, q := range []storage.MessageQuery{{Room: room.ID}, {Author: ann.ID}, {Room: room.ID, Author: ann.ID}} {
			q.From, q.To = at.Add(c.from), at.Add(c.to).In(clockStart.Location())
			n, err := f.CountMessages(f.ctx, q)
			require.NoError(t, err)
			require.Equal(t, c.want, n, "CountMessages from %v to %v", c.from, c.to)
			page, err := f.Messages(f.ctx, q)
			require.NoError(t, err)
			require.Len(t, page.Items, int(c.want), "Messages from %v to %v", c.from, c.to)
		}
	}
}

func testPageUnknown(t *testing.T, f *fixture) {
	h := f.newHistory()
	for _, q := range []storage.MessageQuery{
		{Room: id[storage.Room](1)}, {Author: id[storage.User](1)}, {Room: h.room.ID, Author: id[storage.User](1)},
		{Room: id[storage.Room](1), Author: h.ann.ID}, {Room: id[storage.Room](1), Around: storage.AtSeq(1)},
		{Room: id[storage.Room](1), After: storage.AtSeq(1), Before: storage.AtSeq(math.MaxInt64)},
	} {
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, page, "%+v", q)
	}
}

func testPageInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, c := range []struct {
		field string
		q     storage.MessageQuery
	}{
		{"Room", storage.MessageQuery{}},
		{"Types", storage.MessageQuery{Room: room.ID, Types: []storage.MessageType{0}}},
		{"Types", storage.MessageQuery{Room: room.ID, Types: []storage.MessageType{storage.MessageText, 99}}},
		{"Order", storage.MessageQuery{Room: room.ID, Order: 99}},
		{"To", storage.MessageQuery{Room: room.ID, From: clockStart, To: clockStart.Add(-time.Nanosecond)}},
		{"To", storage.MessageQuery{Room: room.ID, From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		page, err := f.Messages(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
		require.Zero(t, page)
		n, err := f.CountMessages(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
		require.Zero(t, n)
	}
}

func testPageLimits(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	ms := make([]*storage.Message, storage.MaxLimit+1)
	for i := range ms {
		ms[i] = &storage.Message{RoomID: room.ID, AuthorID: ann.ID}
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	wantLimits(t, f.messagePages(storage.MessageQuery{Room: room.ID}))
	wantLimits(t, f.messagePages(storage.MessageQuery{Author: ann.ID}))
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Around: storage.AtSeq(500)})
	require.NoError(t, err)
	require.Len(t, page.Items, storage.DefaultLimit, "around, without a Limit")
}
