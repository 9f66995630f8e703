package storagetest

// What the cases about reading state share.

import (
	"context"
	"slices"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// circle is a room with members, of whom none has read or written anything.
type circle struct {
	room          storage.RoomID
	ann, bob, cid storage.UserID // ann owns the room
}

func (f *fixture) circle() circle {
	f.t.Helper()
	ann, bob, cid := f.user("ann"), f.user("bob"), f.user("cid")
	room := f.room("hall", ann.ID)
	f.join(room.ID, bob.ID)
	f.join(room.ID, cid.ID)
	return circle{room: room.ID, ann: ann.ID, bob: bob.ID, cid: cid.ID}
}

// saying stores several messages, one at a time.
func (f *fixture) saying(n int, room storage.RoomID, author storage.UserID) []storage.Message {
	f.t.Helper()
	var ms []storage.Message
	for range n {
		ms = append(ms, f.say(room, author, "said"))
	}
	return ms
}

// importing stores messages by CreateMessages, which moves no marker.
func (f *fixture) importing(room storage.RoomID, authors ...storage.UserID) []storage.Message {
	f.t.Helper()
	ms := make([]*storage.Message, len(authors))
	for i, author := range authors {
		ms[i] = &storage.Message{RoomID: room, AuthorID: author, Body: "imported"}
	}
	f.createMany(len(ms), ms...)
	stored := make([]storage.Message, len(ms))
	for i, m := range ms {
		stored[i] = *m
	}
	return stored
}

// markRead and markUnread move a marker.
func (f *fixture) markRead(room storage.RoomID, user storage.UserID, upTo storage.Anchor) {
	f.t.Helper()
	require.NoError(f.t, f.MarkRead(f.ctx, room, user, upTo))
}

func (f *fixture) markUnread(room storage.RoomID, user storage.UserID, from storage.Anchor) {
	f.t.Helper()
	require.NoError(f.t, f.MarkUnread(f.ctx, room, user, from))
}

// unsay turns a message into its tombstone.
func (f *fixture) unsay(m storage.Message) {
	f.t.Helper()
	_, err := f.DeleteMessage(f.ctx, m.ID, storage.UserID{})
	require.NoError(f.t, err)
}

// wipe purges a message.
func (f *fixture) wipe(m storage.Message) {
	f.t.Helper()
	_, err := f.PurgeMessage(f.ctx, m.ID)
	require.NoError(f.t, err)
}

// leave ends a membership.
func (f *fixture) leave(room storage.RoomID, user storage.UserID) {
	f.t.Helper()
	require.NoError(f.t, f.RemoveMember(f.ctx, room, user))
}

// wantMarker requires that a member's marker is at a place, whoever tells.
func (f *fixture) wantMarker(want int64, room storage.RoomID, user storage.UserID) {
	f.t.Helper()
	m := f.readMember(room, user)
	require.Equal(f.t, want, m.ReadSeq, "ReadSeq of Membership")
	require.Contains(f.t, list(f, f.Memberships, storage.MembershipQuery{Room: room}), m, "Memberships of the room")
	require.Contains(f.t, list(f, f.Memberships, storage.MembershipQuery{User: user}), m, "Memberships of the user")
	require.Equal(f.t, m, f.inboxEntry(room, user).Membership, "Membership of Inbox")
}

// inbox is the whole inbox of a user.
func (f *fixture) inbox(user storage.UserID) []storage.InboxEntry {
	f.t.Helper()
	return list(f, f.Inbox, storage.InboxQuery{User: user})
}

// inboxEntry is one room of it, which must be there.
func (f *fixture) inboxEntry(room storage.RoomID, user storage.UserID) storage.InboxEntry {
	f.t.Helper()
	all := f.inbox(user)
	i := slices.IndexFunc(all, func(e storage.InboxEntry) bool { return e.Room.ID == room })
	require.GreaterOrEqual(f.t, i, 0, "the room is not in the inbox")
	return all[i]
}

// wantUnread requires that these messages are what a member has not read, and
// that so many of them mention the member, whoever tells.
func (f *fixture) wantUnread(room storage.RoomID, user storage.UserID, mentions int64, ms ...storage.Message) {
	f.t.Helper()
	want := storage.Unread{Messages: int64(len(ms)), Mentions: mentions}
	if len(ms) > 0 {
		want.FirstID, want.FirstSeq = ms[0].ID, ms[0].Seq
	}
	require.Equal(f.t, want, f.unread(room, user), "Unread")
	require.Equal(f.t, want, f.inboxEntry(room, user).Unread, "Unread of Inbox")
	listed := list(f, f.unreadMessages, storage.UnreadQuery{Room: room, User: user})
	require.Equal(f.t, places(ms), places(listed), "Seq of UnreadMessages")
}

func (f *fixture) unread(room storage.RoomID, user storage.UserID) storage.Unread {
	f.t.Helper()
	u, err := f.Unread(f.ctx, room, user)
	require.NoError(f.t, err)
	return u
}

func (f *fixture) unreadMessages(ctx context.Context, q storage.UnreadQuery) (storage.Page[storage.Message], error) {
	return storage.UnreadMessages(ctx, f, q)
}

// recounted is what a member has not read, counted from the messages.
func (f *fixture) recounted(room storage.RoomID, user storage.UserID) storage.Unread {
	f.t.Helper()
	var u storage.Unread
	marker := f.readMember(room, user).ReadSeq
	for _, m := range list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true, Order: storage.OldestFirst}) {
		if m.Seq <= marker || m.AuthorID == user || m.Deleted() || m.Type == storage.MessageSystem {
			continue
		}
		if u.Messages++; u.FirstSeq == 0 {
			u.FirstID, u.FirstSeq = m.ID, m.Seq
		}
		if m.MentionsAll || slices.Contains(m.Mentions, user) {
			u.Mentions++
		}
	}
	return u
}

// places are the Seq of messages.
func places(ms []storage.Message) []int64 {
	all := make([]int64, len(ms))
	for i, m := range ms {
		all[i] = m.Seq
	}
	return all
}

// readBy is a receipt of this moment.
func (f *fixture) readBy(user storage.UserID) storage.ReadReceipt {
	return storage.ReadReceipt{UserID: user, ReadAt: f.now()}
}

// wantReceipts requires that these, and no others, have read a message.
func (f *fixture) wantReceipts(m storage.Message, want ...storage.ReadReceipt) {
	f.t.Helper()
	got := list(f, f.ReadReceipts, storage.ReceiptQuery{Message: m.ID})
	require.Equal(f.t, want, got, "ReadReceipts of the message with Seq %d", m.Seq)
}
