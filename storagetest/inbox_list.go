package storagetest

// The order, the filters and the pages of an inbox.

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (f *fixture) inboxPages(q storage.InboxQuery) pages[storage.InboxEntry] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.InboxEntry], error) {
		q.Limit, q.Cursor = limit, c
		return f.Inbox(f.ctx, q)
	}
}

// flat is a user with rooms of all kinds, in and out of which others have
// written.
type flat struct {
	ann, bob storage.UserID
	rooms    []storage.RoomID // of bob, in the order of their creation
}

func (f *fixture) flat() flat {
	f.t.Helper()
	h := flat{ann: f.user("ann").ID, bob: f.user("bob").ID}
	for i := range 14 {
		room := f.room(fmt.Sprint("room ", i), h.ann, func(r *storage.Room) {
			r.ID = id[storage.Room](byte(1 + i*5%17))
			r.Type = []storage.RoomType{storage.RoomChannel, storage.RoomGroup, storage.RoomTemporary}[i%3]
		})
		f.join(room.ID, h.bob)
		h.rooms = append(h.rooms, room.ID)
	}
	for i := range 22 { // rooms 4 and 9 stay empty
		if room := i * 3 % 14; room != 4 && room != 9 {
			f.say(h.rooms[room], []storage.UserID{h.ann, h.ann, h.bob}[i%3], "x")
		}
		if i%4 == 1 {
			f.clock.advance(time.Second)
		}
	}
	for i, room := range h.rooms {
		if i%4 == 1 {
			f.markRead(room, h.bob, storage.Anchor{})
		}
		if i%5 == 3 {
			require.NoError(f.t, f.DeactivateRoom(f.ctx, room))
		}
	}
	return h
}

// selected is what the contract says about a query.
func (h flat) selected(f *fixture, q storage.InboxQuery) []storage.InboxEntry {
	f.t.Helper()
	all := f.inbox(q.User)
	slices.SortFunc(all, func(a, b storage.InboxEntry) int {
		if n := b.Room.LastMessageAt.Compare(a.Room.LastMessageAt); n != 0 {
			return n
		}
		return b.Room.ID.Compare(a.Room.ID)
	})
	return slices.DeleteFunc(all, func(e storage.InboxEntry) bool {
		return len(q.Types) > 0 && !slices.Contains(q.Types, e.Room.Type) ||
			q.Active != nil && *q.Active != e.Room.Active ||
			q.UnreadOnly && f.recounted(e.Room.ID, q.User).Messages == 0
	})
}

func testInboxOrder(t *testing.T, f *fixture) {
	c := f.circle()
	attic, shed := f.room("attic", c.bob), f.room("shed", c.bob)
	wantOrder := func(want ...storage.RoomID) {
		t.Helper()
		require.Equal(t, want, inboxRooms(f.inbox(c.bob)))
	}
	wantOrder(shed.ID, attic.ID, c.room) // no messages: by ID, descending
	f.clock.advance(time.Second)
	f.say(attic.ID, c.ann, "x")
	wantOrder(attic.ID, shed.ID, c.room)
	f.clock.advance(time.Second)
	f.say(c.room, c.ann, "x")
	wantOrder(c.room, attic.ID, shed.ID)
	f.clock.advance(time.Second)
	m := f.say(attic.ID, c.bob, "x")
	wantOrder(attic.ID, c.room, shed.ID)
	f.clock.advance(time.Second)
	f.markRead(c.room, c.bob, storage.Anchor{})
	f.react(m.ID, c.bob, "x")
	require.NoError(t, f.TouchMember(f.ctx, c.room, c.bob))
	require.NoError(t, errOf(f.UpdateRoom(f.ctx, shed.ID, storage.RoomPatch{Topic: new("tools")})))
	f.unsay(m)
	f.wipe(m)
	wantOrder(attic.ID, c.room, shed.ID) // none of this is activity
	f.say(shed.ID, c.ann, "x", func(m *storage.Message) { m.ExpiresAt = f.now() })
	wantOrder(shed.ID, attic.ID, c.room)
}

func testInboxTies(t *testing.T, f *fixture) {
	h := f.flat()
	want := h.selected(f, storage.InboxQuery{User: h.bob})
	require.Len(t, want, 14)
	require.Zero(t, want[13].Room.LastMessageAt)
	require.Equal(t, want, f.inbox(h.bob))
	for _, e := range want {
		f.wantEntry(e, h.bob)
	}
}

func testInboxImports(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.bob)
	f.say(attic.ID, c.ann, "x")
	old := &storage.Message{RoomID: c.room, CreatedAt: clockStart.Add(-time.Hour)}
	f.createMany(1, old)
	require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(f.inbox(c.bob)))
	future := &storage.Message{RoomID: c.room, CreatedAt: clockStart.Add(time.Hour)}
	f.createMany(1, future)
	f.clock.advance(time.Minute)
	f.say(attic.ID, c.ann, "y")
	f.say(c.room, c.ann, "z")
	require.Equal(t, []storage.RoomID{c.room, attic.ID}, inboxRooms(f.inbox(c.bob)))
	f.clock.advance(time.Hour)
	f.say(attic.ID, c.ann, "later")
	require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(f.inbox(c.bob)))
}

// wantInbox requires that a query selects what the contract says, in pages of
// every size.
func (f *fixture) wantInbox(h flat, q storage.InboxQuery) []storage.InboxEntry {
	f.t.Helper()
	q.User = h.bob
	want := h.selected(f, q)
	require.NotEmpty(f.t, want, "a query that selects nothing proves nothing")
	require.Less(f.t, len(want), 14, "a query that selects all proves nothing")
	for limit := 1; limit <= len(want)+1; limit++ {
		q.Limit = limit
		require.Equal(f.t, want, list(f, f.Inbox, q), "in pages of %d", limit)
	}
	return want
}

func testInboxTypes(t *testing.T, f *fixture) {
	h := f.flat()
	f.wantInbox(h, storage.InboxQuery{Types: []storage.RoomType{storage.RoomGroup}})
	want := f.wantInbox(h, storage.InboxQuery{Types: []storage.RoomType{storage.RoomTemporary, storage.RoomChannel, storage.RoomTemporary}})
	wantList(t, want, f.inboxPages(storage.InboxQuery{User: h.bob, Types: []storage.RoomType{storage.RoomTemporary, storage.RoomChannel, storage.RoomTemporary}}))
	require.Empty(t, list(f, f.Inbox, storage.InboxQuery{User: h.bob, Types: []storage.RoomType{storage.RoomDirectMessage}}))
	require.Len(t, list(f, f.Inbox, storage.InboxQuery{User: h.bob, Types: []storage.RoomType{}}), 14)
}

func testInboxActive(t *testing.T, f *fixture) {
	h := f.flat()
	for _, active := range []bool{true, false} {
		want := f.wantInbox(h, storage.InboxQuery{Active: &active})
		wantList(t, want, f.inboxPages(storage.InboxQuery{User: h.bob, Active: &active}))
	}
	require.NoError(t, f.ReactivateRoom(f.ctx, h.rooms[3]))
	f.wantInbox(h, storage.InboxQuery{Active: new(false)})
}

func testInboxUnreadOnly(t *testing.T, f *fixture) {
	h := f.flat()
	q := storage.InboxQuery{User: h.bob, UnreadOnly: true}
	for _, e := range f.wantInbox(h, q) {
		require.Positive(t, e.Unread.Messages)
		f.wantEntry(e, h.bob)
	}
	room := h.rooms[0]
	f.markRead(room, h.bob, storage.Anchor{})
	require.NotContains(t, inboxRooms(f.wantInbox(h, q)), room)
	f.say(room, h.bob, "mine")
	f.say(room, h.ann, "system", func(m *storage.Message) { m.Type = storage.MessageSystem })
	f.importing(room, h.bob)
	f.unsay(f.say(room, h.ann, "unsaid"))
	f.wipe(f.say(room, h.ann, "wiped"))
	require.NotContains(t, inboxRooms(f.wantInbox(h, q)), room)
	f.say(room, h.ann, "in time", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	require.Contains(t, inboxRooms(f.wantInbox(h, q)), room)
	f.clock.advance(time.Minute)
	require.NotContains(t, inboxRooms(f.wantInbox(h, q)), room)
	f.markUnread(room, h.bob, storage.AtSeq(1))
	require.Contains(t, inboxRooms(f.wantInbox(h, q)), room)
	for _, r := range h.rooms {
		f.markRead(r, h.bob, storage.Anchor{})
	}
	require.Empty(t, list(f, f.Inbox, q))
}

func testInboxFilters(t *testing.T, f *fixture) {
	h := f.flat()
	found := 0
	for _, types := range [][]storage.RoomType{nil, {storage.RoomGroup}, {storage.RoomChannel, storage.RoomTemporary}} {
		for _, active := range []*bool{nil, new(true), new(false)} {
			for _, unreadOnly := range []bool{false, true} {
				q := storage.InboxQuery{User: h.bob, Types: types, Active: active, UnreadOnly: unreadOnly}
				want := inboxRooms(h.selected(f, q))
				found += len(want)
				for _, q.Limit = range []int{1, 3, 50} {
					require.Equal(t, want, inboxRooms(list(f, f.Inbox, q)), "%v, %v, unread only %v", types, active, unreadOnly)
				}
			}
		}
	}
	require.Greater(t, found, 40, "queries that select nothing prove nothing")
}

func testInboxPages(t *testing.T, f *fixture) {
	h := f.flat()
	want := h.selected(f, storage.InboxQuery{User: h.bob})
	wantList(t, want, f.inboxPages(storage.InboxQuery{User: h.bob}))
	wantOtherLimit(t, want, f.inboxPages(storage.InboxQuery{User: h.bob}))
	wantList(t, nil, f.inboxPages(storage.InboxQuery{User: nobody}))
}

// Pages of what is unread may come back short, but lead on to the end, there
// and back.
func testInboxUnreadPages(t *testing.T, f *fixture) {
	h := f.flat()
	q := storage.InboxQuery{User: h.bob, UnreadOnly: true}
	want := h.selected(f, q)
	for q.Limit = 1; q.Limit <= 16; q.Limit++ {
		var there, back []storage.InboxEntry
		var last storage.Page[storage.InboxEntry]
		for more := true; more; more = last.HasAfter() {
			var err error
			last, err = f.Inbox(f.ctx, q.WithCursor(last.Next))
			require.NoError(t, err)
			require.LessOrEqual(t, len(last.Items), q.Limit)
			there = append(there, last.Items...)
		}
		require.Equal(t, want, there, "in pages of %d", q.Limit)
		for back = last.Items; last.HasBefore(); back = append(slices.Clone(last.Items), back...) {
			var err error
			last, err = f.Inbox(f.ctx, q.WithCursor(last.Prev))
			require.NoError(t, err)
		}
		require.Equal(t, want, back, "walked back in pages of %d", q.Limit)
	}
}

func testInboxInvalid(t *testing.T, f *fixture) {
	h := f.flat()
	for field, q := range map[string]storage.InboxQuery{
		"User": {}, "Limit": {User: h.bob, Limit: -1}, "Cursor": {User: h.bob, Cursor: "x"},
		"Types": {User: h.bob, Types: []storage.RoomType{storage.RoomGroup, 0}},
	} {
		page, err := f.Inbox(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		require.Zero(t, page)
	}
	_, err := f.Inbox(f.ctx, storage.InboxQuery{User: nobody, Types: []storage.RoomType{99}})
	wantErr(t, err, storage.ErrInvalid, "Types")
}

func testInboxLimits(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			room := storage.Room{CreatorID: bob.ID}
			require.NoError(t, tx.CreateRoom(ctx, &room))
			_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: room.ID, AuthorID: ann.ID})
			require.NoError(t, err)
		}
	})
	wantLimits(t, f.inboxPages(storage.InboxQuery{User: bob.ID}))
	all := inboxRooms(list(f, f.Inbox, storage.InboxQuery{User: bob.ID, Limit: storage.MaxLimit}))
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for i, room := range all {
			if i != 3 && i != storage.MaxLimit {
				require.NoError(t, tx.MarkRead(ctx, room, bob.ID, storage.Anchor{}))
			}
		}
	})
	for _, limit := range []int{1, 50} { // few among many
		few := list(f, f.Inbox, storage.InboxQuery{User: bob.ID, UnreadOnly: true, Limit: limit})
		require.Equal(t, []storage.RoomID{all[3], all[storage.MaxLimit]}, inboxRooms(few), "in pages of %d", limit)
	}
}

func testInboxCursors(t *testing.T, f *fixture) {
	h := f.flat()
	read := f.inboxPages(storage.InboxQuery{User: h.bob})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.inboxPages(storage.InboxQuery{User: h.ann})),
		next(t, f.inboxPages(storage.InboxQuery{User: h.bob, Active: new(true)})),
		next(t, f.inboxPages(storage.InboxQuery{User: h.bob, UnreadOnly: true})),
		next(t, f.inboxPages(storage.InboxQuery{User: h.bob, Types: []storage.RoomType{storage.RoomGroup}})),
		next(t, f.roomPages(storage.RoomQuery{Member: h.bob, Order: storage.RoomsByActivity})),
		next(t, f.memberPages(storage.MembershipQuery{User: h.bob})),
	)
}

func testInboxWalk(t *testing.T, f *fixture) {
	h := f.flat()
	want := h.selected(f, storage.InboxQuery{User: h.bob})
	read := f.inboxPages(storage.InboxQuery{User: h.bob})
	first, err := read(4, "")
	require.NoError(t, err)
	require.Equal(t, want[:4], first.Items)
	f.leave(want[3].Room.ID, h.bob) // where the cursor stands
	f.leave(want[6].Room.ID, h.bob)
	require.NoError(t, f.DeleteRoom(f.ctx, want[1].Room.ID))
	f.markRead(want[5].Room.ID, h.bob, storage.Anchor{})
	f.clock.advance(time.Minute)
	moved := slices.IndexFunc(want, func(e storage.InboxEntry) bool { return e.Room.Active && e.Room.LastMessageAt.IsZero() })
	f.say(want[moved].Room.ID, h.bob, "to the front")

	second, err := read(4, first.Next)
	require.NoError(t, err)
	rooms := inboxRooms(want)
	require.Equal(t, append(slices.Clone(rooms[4:6]), rooms[7:9]...), inboxRooms(second.Items))
	require.Equal(t, f.readMember(rooms[5], h.bob), second.Items[1].Membership)
	back, err := read(9, second.Prev)
	require.NoError(t, err)
	require.Equal(t, []storage.RoomID{rooms[moved], rooms[0], rooms[2]}, inboxRooms(back.Items))
	require.Empty(t, back.Prev)
}
