package storagetest

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var inboxCases = []testCase{
	{"entry", testInboxEntry},
	{"nobody's", testInboxNobody},
	{"own rooms", testInboxOwnRooms},
	{"rooms go", testInboxRoomsGo},
	{"unread of each room", testInboxUnread},
	{"last message", testInboxLast},
	{"last message is a tombstone", testInboxLastTombstone},
	{"last message expires", testInboxLastExpires},
	{"last message is purged", testInboxLastPurged},
	{"last message in full", testInboxLastWhole},
	{"last message is hidden", testInboxHidden},
	{"by activity", testInboxOrder},
	{"by activity under equal times", testInboxTies},
	{"activity of imports", testInboxImports},
	{"types", testInboxTypes},
	{"active", testInboxActive},
	{"unread only", testInboxUnreadOnly},
	{"filters together", testInboxFilters},
	{"pages", testInboxPages},
	{"pages of unread only", testInboxUnreadPages},
	{"invalid queries", testInboxInvalid},
	{"limits", testInboxLimits},
	{"cursors", testInboxCursors},
	{"walk while rooms move", testInboxWalk},
	{"rolled back", testInboxRolledBack},
	{"no aliasing", testInboxAliasing},
}

// wantEntry requires that a room of an inbox says what all others say.
func (f *fixture) wantEntry(e storage.InboxEntry, user storage.UserID) {
	f.t.Helper()
	require.Equal(f.t, f.readRoom(e.Room.ID), e.Room, "Room")
	require.Equal(f.t, f.readMember(e.Room.ID, user), e.Membership, "Membership")
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: e.Room.ID, Viewer: user, WithDeleted: true, Limit: 1})
	require.NoError(f.t, err)
	var last storage.Message
	if len(page.Items) > 0 {
		last = page.Items[0]
	}
	require.Equal(f.t, last, e.LastMessage, "LastMessage")
	require.Equal(f.t, f.unread(e.Room.ID, user), e.Unread, "Unread")
	require.Equal(f.t, f.recounted(e.Room.ID, user), e.Unread, "Unread, counted anew")
}

func testInboxEntry(t *testing.T, f *fixture) {
	c := f.circle()
	f.wantEntry(f.inboxEntry(c.room, c.bob), c.bob)
	m := f.say(c.room, c.ann, "hello", mentioning())
	require.Equal(t, []storage.InboxEntry{{
		Room: f.readRoom(c.room), Membership: f.readMember(c.room, c.bob), LastMessage: m,
		Unread: storage.Unread{Messages: 1, Mentions: 1, FirstID: m.ID, FirstSeq: 1},
	}}, f.inbox(c.bob))
	require.Equal(t, []storage.InboxEntry{{
		Room: f.readRoom(c.room), Membership: f.readMember(c.room, c.ann), LastMessage: m,
	}}, f.inbox(c.ann))
}

func testInboxNobody(t *testing.T, f *fixture) {
	dan := f.user("dan")
	f.circle()
	for name, user := range map[string]storage.UserID{"who is nowhere": dan.ID, "nobody": nobody} {
		page, err := f.Inbox(f.ctx, storage.InboxQuery{User: user})
		require.NoError(t, err, name)
		require.Empty(t, page.Items, name)
		require.False(t, page.HasAfter() || page.HasBefore(), name)
	}
}

func testInboxOwnRooms(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.bob)
	f.room("shed", c.ann)
	f.say(c.room, c.ann, "x")
	f.say(attic.ID, c.ann, "from outside")
	require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(f.inbox(c.bob)))
	require.Equal(t, []storage.RoomID{c.room}, inboxRooms(f.inbox(c.cid)))
	for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
		for _, e := range f.inbox(user) {
			f.wantEntry(e, user)
		}
	}
	dan := f.user("dan")
	f.say(c.room, dan.ID, "from outside")
	require.Empty(t, f.inbox(dan.ID))
}

// inboxRooms are the rooms of entries.
func inboxRooms(es []storage.InboxEntry) []storage.RoomID {
	var rooms []storage.RoomID
	for _, e := range es {
		rooms = append(rooms, e.Room.ID)
	}
	return rooms
}

func testInboxRoomsGo(t *testing.T, f *fixture) {
	c := f.circle()
	attic, shed := f.room("attic", c.cid), f.room("shed", c.cid)
	for _, room := range []storage.RoomID{attic.ID, shed.ID} {
		f.join(room, c.bob)
		f.say(room, c.cid, "x")
	}
	require.Len(t, f.inbox(c.bob), 3)
	f.leave(attic.ID, c.bob)
	require.NoError(t, f.DeleteRoom(f.ctx, shed.ID))
	require.Equal(t, []storage.RoomID{c.room}, inboxRooms(f.inbox(c.bob)))
	require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(f.inbox(c.cid)))
	f.join(attic.ID, c.bob)
	require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(f.inbox(c.bob)))
	f.wantUnread(attic.ID, c.bob, 0)
	require.NoError(t, f.DeleteUser(f.ctx, c.bob))
	require.Empty(t, f.inbox(c.bob))
	f.wantEntry(f.inboxEntry(attic.ID, c.cid), c.cid)
}

func testInboxUnread(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann)
	f.join(attic.ID, c.bob)
	hall, roof := f.saying(2, c.room, c.ann), f.saying(3, attic.ID, c.ann)
	f.wantUnread(c.room, c.bob, 0, hall...)
	f.wantUnread(attic.ID, c.bob, 0, roof...)
	f.markRead(attic.ID, c.bob, storage.At(roof[1].ID))
	f.wantUnread(c.room, c.bob, 0, hall...)
	f.wantUnread(attic.ID, c.bob, 0, roof[2])
	for _, e := range f.inbox(c.bob) {
		f.wantEntry(e, c.bob)
	}
}

func testInboxLast(t *testing.T, f *fixture) {
	c := f.circle()
	last := func() storage.Message { return f.inboxEntry(c.room, c.bob).LastMessage }
	require.Zero(t, last())
	require.Equal(t, f.say(c.room, c.ann, "1"), last())
	system := f.say(c.room, storage.UserID{}, "2", func(m *storage.Message) { m.Type = storage.MessageSystem })
	require.Equal(t, system, last())
	require.Equal(t, f.say(c.room, c.bob, "mine"), last())
	require.Equal(t, f.importing(c.room, c.ann, c.cid)[1], last())
	old := &storage.Message{RoomID: c.room, Body: "older, with a higher Seq", CreatedAt: clockStart.Add(-time.Hour)}
	f.createMany(1, old)
	require.Equal(t, *old, last())
	edited, err := f.EditMessage(f.ctx, old.ID, c.ann, storage.MessagePatch{Body: new("edited")})
	require.NoError(t, err)
	require.Equal(t, edited, last())
}

func testInboxLastTombstone(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	f.clock.advance(time.Minute)
	f.unsay(ms[0])
	require.Equal(t, ms[2], f.inboxEntry(c.room, c.bob).LastMessage)
	f.unsay(ms[2])
	e := f.inboxEntry(c.room, c.bob)
	require.Equal(t, f.readMessage(ms[2].ID), e.LastMessage)
	require.True(t, e.LastMessage.Deleted())
	f.wantEntry(e, c.bob)
	f.unsay(ms[1])
	f.wantUnread(c.room, c.bob, 0)
	f.wantEntry(f.inboxEntry(c.room, c.bob), c.bob)
}

func testInboxLastExpires(t *testing.T, f *fixture) {
	c := f.circle()
	var ms []storage.Message
	for i := range 4 {
		ms = append(ms, f.say(c.room, c.ann, "x", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Duration(4-i) * time.Minute) }))
	}
	f.say(c.room, c.ann, "stillborn", func(m *storage.Message) { m.ExpiresAt = f.now() })
	for i := 3; i >= 0; i-- {
		require.Equal(t, ms[i], f.inboxEntry(c.room, c.bob).LastMessage)
		f.clock.advance(time.Minute)
	}
	e := f.inboxEntry(c.room, c.bob)
	require.Zero(t, e.LastMessage)
	f.wantEntry(e, c.bob)
}

func testInboxLastPurged(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(3, c.room, c.ann)
	at := f.readRoom(c.room).LastMessageAt
	f.clock.advance(time.Minute)
	f.wipe(ms[2])
	require.Equal(t, ms[1], f.inboxEntry(c.room, c.bob).LastMessage)
	f.unsay(ms[1])
	f.wipe(ms[1])
	require.Equal(t, ms[0], f.inboxEntry(c.room, c.bob).LastMessage)
	f.wipe(ms[0])
	e := f.inboxEntry(c.room, c.bob)
	require.Zero(t, e.LastMessage)
	require.Equal(t, at, e.Room.LastMessageAt, "the room's activity is what it was")
	f.wantEntry(e, c.bob)
	next := f.say(c.room, c.bob, "next")
	require.Equal(t, next, f.inboxEntry(c.room, c.bob).LastMessage)
}

// The last message of a room carries what it carries anywhere.
func testInboxLastWhole(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann)
	f.join(attic.ID, c.bob)
	root := f.say(attic.ID, c.ann, "root", mentioning(c.bob, c.cid), func(m *storage.Message) { m.Tags = []string{"b", "a"} })
	for _, file := range []string{"one", "two"} {
		a := storage.Attachment{RoomID: c.room, UploaderID: c.ann, Name: file, Blob: "blob/" + file}
		require.NoError(t, f.CreateAttachment(f.ctx, &a))
		f.say(c.room, c.ann, file, func(m *storage.Message) { m.Attachments = []storage.Attachment{{ID: a.ID}} })
	}
	last := f.inboxEntry(c.room, c.bob).LastMessage
	require.Len(t, last.Attachments, 1)
	f.react(last.ID, c.bob, "👍")
	f.react(last.ID, c.ann, "👍")
	f.react(last.ID, c.ann, ":tea:")
	f.react(root.ID, c.cid, "👍")
	f.wipe(f.say(attic.ID, c.bob, "wiped", func(m *storage.Message) { m.ParentID = root.ID }))
	reply := f.say(attic.ID, c.bob, "gone soon", func(m *storage.Message) { m.ParentID, m.ExpiresAt = root.ID, f.now().Add(time.Minute) })
	require.Equal(t, reply, f.inboxEntry(attic.ID, c.bob).LastMessage)
	f.clock.advance(time.Minute)
	for user, want := range map[storage.UserID]string{c.bob: ":tea: 1, 👍 2*", c.ann: ":tea: 1*, 👍 2*"} {
		e := f.inboxEntry(c.room, user)
		require.Equal(t, want, countsText(e.LastMessage.Reactions))
		f.wantEntry(e, user)
		f.wantEntry(f.inboxEntry(attic.ID, user), user)
	}
	back := f.importing(attic.ID, c.cid)[0]
	f.say(attic.ID, c.bob, "to the last", func(m *storage.Message) { m.ParentID = back.ID })
	f.wipe(f.inboxEntry(attic.ID, c.ann).LastMessage)
	f.wantEntry(f.inboxEntry(attic.ID, c.ann), c.ann)
}

func testInboxRolledBack(t *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.bob)
	f.say(c.room, c.ann, "x")
	before := f.inbox(c.bob)
	f.clock.advance(time.Minute)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.CreateMessage(ctx, &storage.Message{RoomID: attic.ID, AuthorID: c.ann})
		require.NoError(t, err)
		require.NoError(t, tx.MarkRead(ctx, c.room, c.bob, storage.Anchor{}))
		page, err := tx.Inbox(ctx, storage.InboxQuery{User: c.bob})
		require.NoError(t, err)
		require.Equal(t, []storage.RoomID{attic.ID, c.room}, inboxRooms(page.Items), "within the transaction")
		require.Equal(t, int64(1), page.Items[0].Unread.Messages)
		require.Zero(t, page.Items[1].Unread)
		require.NoError(t, tx.DeleteRoom(ctx, c.room))
		return errUndo
	}), errUndo)
	require.Equal(t, before, f.inbox(c.bob))
}

func testInboxAliasing(t *testing.T, f *fixture) {
	c := f.circle()
	require.NoError(t, f.UpdateMemberSettings(f.ctx, c.room, c.bob, fullMemberSettings()))
	require.NoError(t, errOf(f.UpdateRoomSettings(f.ctx, c.room, fullRoom().Settings)))
	m := f.say(c.room, c.ann, "x", mentioning(c.bob), func(m *storage.Message) { m.Tags = []string{"a", "b"} })
	f.react(m.ID, c.bob, "👍")
	stored := func() any {
		return []any{f.inbox(c.bob), f.readRoom(c.room), f.readMember(c.room, c.bob), f.readMessage(m.ID)}
	}
	wantUnaliased(t, stored,
		exchange{"Inbox", func() (any, error) { return got(f.Inbox(f.ctx, storage.InboxQuery{User: c.bob})) }},
		exchange{"UnreadMessages", func() (any, error) {
			return got(f.unreadMessages(f.ctx, storage.UnreadQuery{Room: c.room, User: c.bob}))
		}},
	)
}
