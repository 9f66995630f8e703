package storagetest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var traceCases = []testCase{
	{"rooms", testTraceRooms},
	{"rooms of nobody", testTraceNobody},
	{"messages", testTraceMessages},
	{"reactions", testTraceReactions},
	{"receipts", testTraceReceipts},
	{"receipts are what each message tells", testTraceReceiptsOfMessages},
	{"what has expired", testTraceExpired},
	{"pages", testTracePages},
	{"cursors", testTraceCursors},
	{"invalid", testTraceInvalid},
}

func (f *fixture) userRooms(user storage.UserID) []storage.RoomID {
	f.t.Helper()
	return list(f, f.UserRooms, storage.UserRoomQuery{User: user})
}

func (f *fixture) userRoomPages(user storage.UserID) pages[storage.RoomID] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.RoomID], error) {
		return f.UserRooms(f.ctx, storage.UserRoomQuery{User: user, Limit: limit, Cursor: c})
	}
}

func (f *fixture) userMessagePages(room storage.RoomID, user storage.UserID) pages[storage.Message] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Message], error) {
		return f.UserMessages(f.ctx, storage.TraceQuery{Room: room, User: user, Limit: limit, Cursor: c})
	}
}

func (f *fixture) userReactionPages(room storage.RoomID, user storage.UserID) pages[storage.Reaction] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Reaction], error) {
		return f.UserReactions(f.ctx, storage.TraceQuery{Room: room, User: user, Limit: limit, Cursor: c})
	}
}

func (f *fixture) userReceiptPages(room storage.RoomID, user storage.UserID) pages[storage.MessageReceipt] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.MessageReceipt], error) {
		return f.UserReceipts(f.ctx, storage.TraceQuery{Room: room, User: user, Limit: limit, Cursor: c})
	}
}

// testTraceRooms leaves one thing in each room.
func testTraceRooms(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	rooms := map[string]storage.RoomID{}
	for _, name := range []string{"member", "wrote", "deleted", "expired", "reacted", "read", "mentioned", "nothing", "gone", "purged"} {
		rooms[name] = f.room(name, bob).ID
		f.say(rooms[name], bob, "hello")
	}
	in := func(name string) storage.MessageID {
		return list(f, f.Messages, storage.MessageQuery{Room: rooms[name]})[0].ID
	}
	f.join(rooms["member"], ann)
	f.say(rooms["wrote"], ann, "me too")
	f.say(rooms["wrote"], ann, "twice")
	f.remove(f.say(rooms["deleted"], ann, "a slip").ID, bob)
	f.say(rooms["expired"], ann, "short", func(m *storage.Message) { m.ExpiresAt = f.now() })
	f.react(in("reacted"), ann, "x")
	f.react(in("reacted"), ann, "y")
	f.say(rooms["mentioned"], bob, "ann?", func(m *storage.Message) { m.Mentions = []storage.UserID{ann} })
	f.join(rooms["read"], ann)
	require.NoError(t, f.AddReadReceipt(f.ctx, in("read"), ann))
	require.NoError(t, f.RemoveMember(f.ctx, rooms["read"], ann))
	f.join(rooms["gone"], ann)
	f.say(rooms["gone"], ann, "soon gone")
	f.react(in("gone"), ann, "x")
	require.NoError(t, f.DeleteRoom(f.ctx, rooms["gone"]))
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, f.say(rooms["purged"], ann, "purged").ID)))

	var want []storage.RoomID
	for _, name := range []string{"member", "wrote", "deleted", "expired", "reacted", "read", "mentioned"} {
		want = append(want, rooms[name])
	}
	slices.SortFunc(want, storage.RoomID.Compare)
	wantList(t, want, f.userRoomPages(ann))
	require.Len(t, f.userRooms(bob), 9, "rooms that bob is in")
}

func testTraceNobody(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.DeleteUser(f.ctx, w.dan.ID))
	for _, user := range []storage.UserID{nobody, w.dan.ID} {
		require.Empty(t, f.userRooms(user))
		for _, room := range []storage.RoomID{w.hall.ID, nowhere} {
			q := storage.TraceQuery{Room: room, User: user}
			require.Empty(t, list(f, f.UserMessages, q))
			require.Empty(t, list(f, f.UserReactions, q))
			require.Empty(t, list(f, f.UserReceipts, q))
		}
	}
	q := storage.TraceQuery{Room: nowhere, User: w.ann.ID}
	require.Empty(t, list(f, f.UserMessages, q))
	require.Empty(t, list(f, f.UserReactions, q))
	require.Empty(t, list(f, f.UserReceipts, q))
}

// testTraceMessages has messages with all that they can have, and tombstones.
func testTraceMessages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, other := f.room("hall", bob).ID, f.room("attic", bob).ID
	full := f.fullMessage(room, ann, bob)
	f.say(room, bob, "bob's")
	f.say(other, ann, "elsewhere")
	slip := f.remove(f.say(room, ann, "a slip").ID, bob)
	f.say(room, bob, "a reply", func(m *storage.Message) { m.ParentID = full.ID })
	last := f.say(room, ann, "imported", func(m *storage.Message) { m.CreatedAt = f.now().Add(-time.Hour) })
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, f.say(room, ann, "purged").ID)))
	full.Reactions = nil
	wantList(t, []storage.Message{full, slip, last}, f.userMessagePages(room, ann))
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	require.Empty(t, list(f, f.UserMessages, storage.TraceQuery{Room: room, User: ann}))
}

func testTraceReactions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, other := f.room("hall", bob).ID, f.room("attic", bob).ID
	var ms []storage.MessageID
	for _, in := range []storage.RoomID{room, other, room, room} {
		ms = append(ms, f.say(in, bob, "hello").ID)
	}
	var want []storage.Reaction
	for _, r := range []struct {
		message int
		emoji   string
	}{{3, "c"}, {0, "b"}, {3, "a"}, {0, "a"}, {2, "z"}, {3, "b"}} { // not in their order
		f.clock.advance(time.Second)
		f.react(ms[r.message], ann, r.emoji)
		want = append(want, storage.Reaction{MessageID: ms[r.message], UserID: ann, Emoji: r.emoji, CreatedAt: f.now()})
	}
	f.react(ms[0], bob, "a")
	f.react(ms[1], ann, "elsewhere")
	wantList(t, []storage.Reaction{want[3], want[1], want[4], want[2], want[5], want[0]}, f.userReactionPages(room, ann))
	require.NoError(t, errOf(f.RemoveReaction(f.ctx, ms[3], ann, "b")))
	f.remove(ms[0], bob)
	wantList(t, []storage.Reaction{want[4], want[2], want[0]}, f.userReactionPages(room, ann))
}

// testTraceReceipts marks as read, sends, and reads single messages.
func testTraceReceipts(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, other := f.room("hall", bob).ID, f.room("attic", bob).ID
	f.join(room, ann)
	f.join(other, ann)
	var ms []storage.Message
	say := func(n int) {
		for range n {
			ms = append(ms, f.say(room, bob, "hello"))
		}
	}
	say(3)
	f.clock.advance(time.Minute)
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.At(ms[1].ID)))
	first := f.now()
	say(1)
	f.clock.advance(time.Minute)
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[3].ID, ann))
	single := f.now()
	f.clock.advance(time.Minute)
	own := f.say(room, ann, "mine")
	sent := f.now()
	say(2)
	f.say(other, bob, "elsewhere")
	require.NoError(t, f.MarkRead(f.ctx, other, ann, storage.Anchor{}))

	at := func(m storage.Message, at time.Time) storage.MessageReceipt {
		return storage.MessageReceipt{MessageID: m.ID, Seq: m.Seq, ReadAt: at}
	}
	want := []storage.MessageReceipt{at(ms[0], first), at(ms[1], first), at(ms[2], sent), at(ms[3], single)}
	wantList(t, want, f.userReceiptPages(room, ann))
	f.remove(ms[1].ID, bob)
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, ms[2].ID)))
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, own.ID)))
	require.NoError(t, f.RemoveMember(f.ctx, room, ann))
	want = slices.Delete(want, 2, 3)
	wantList(t, want, f.userReceiptPages(room, ann))
	wantList(t, []storage.MessageReceipt{at(own, sent)}[:0], f.userReceiptPages(room, bob))
}

func testTraceReceiptsOfMessages(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.MarkRead(f.ctx, w.hall.ID, w.dan.ID, storage.At(w.reply.ID)))
	f.clock.advance(time.Minute)
	f.say(w.hall.ID, w.bob.ID, "on and on")
	require.NoError(t, f.MarkRead(f.ctx, w.hall.ID, w.ann.ID, storage.Anchor{}))
	for _, user := range []storage.UserID{w.ann.ID, w.bob.ID, w.cid.ID, w.dan.ID} {
		var want []storage.MessageReceipt
		for _, m := range list(f, f.Messages, storage.MessageQuery{Room: w.hall.ID, WithDeleted: true, Order: storage.OldestFirst}) {
			for _, r := range list(f, f.ReadReceipts, storage.ReceiptQuery{Message: m.ID}) {
				if r.UserID == user {
					want = append(want, storage.MessageReceipt{MessageID: m.ID, Seq: m.Seq, ReadAt: r.ReadAt})
				}
			}
		}
		require.Equal(t, want, list(f, f.UserReceipts, storage.TraceQuery{Room: w.hall.ID, User: user}))
	}
}

// testTraceExpired has messages whose time is over, with all that there is about
// them, be it by others.
func testTraceExpired(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.join(room, ann)
	short := func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Second) }
	m := f.say(room, bob, "short", short, carrying(f.upload(room, ann, "lent")))
	own := f.say(room, ann, "short", short, carrying(f.upload(room, ann, "own")))
	f.edit(own.ID, ann, storage.MessagePatch{Body: new("edited")})
	f.react(m.ID, ann, "x")
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.Anchor{}))
	own = f.readMessage(own.ID)
	q := storage.TraceQuery{Room: room, User: ann}
	check := func(q storage.TraceQuery, there int) {
		t.Helper()
		require.Len(t, list(f, f.UserReactions, q), there)
		require.Len(t, list(f, f.UserReceipts, q), there)
		require.Equal(t, []storage.Message{own}[:there], append([]storage.Message{}, list(f, f.UserMessages, q)...))
		require.Len(t, list(f, f.Attachments, storage.AttachmentQuery{Uploader: ann, WithExpired: q.WithExpired}), 2*there)
	}
	check(q, 1)
	f.clock.advance(time.Second)
	check(q, 0)
	_, err := f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: own.ID})
	wantNotFound(t, err, storage.EntityMessage)
	require.Equal(t, []storage.RoomID{room}, f.userRooms(ann))
	q.WithExpired = true
	check(q, 1)
	require.Len(t, list(f, f.MessageRevisions, storage.RevisionQuery{Message: own.ID, WithExpired: true}), 1)
	require.NoError(t, errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Expired: true})))
	check(q, 0)
	_, err = f.MessageRevisions(f.ctx, storage.RevisionQuery{Message: own.ID, WithExpired: true})
	wantNotFound(t, err, storage.EntityMessage)
}

// testTracePages has more of everything than one page holds.
func testTracePages(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		require.NoError(t, tx.AddMember(ctx, &storage.Membership{RoomID: room, UserID: ann}))
		for i := range storage.MaxLimit + 1 {
			m := storage.Message{RoomID: room, AuthorID: bob, Body: "x"}
			require.NoError(t, errOf(tx.CreateMessage(ctx, &m)))
			require.NoError(t, errOf(tx.AddReaction(ctx, m.ID, ann, "x")))
			require.NoError(t, errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: room, AuthorID: ann, ExpiresAt: tx.Now().Add(time.Hour)})))
			other := storage.Room{Name: fmt.Sprint("room", i)}
			require.NoError(t, tx.CreateRoom(ctx, &other))
			require.NoError(t, errOf(tx.CreateMessage(ctx, &storage.Message{RoomID: other.ID, AuthorID: ann})))
		}
		require.NoError(t, tx.MarkRead(ctx, room, ann, storage.Anchor{}))
	})
	wantLimits(t, f.userRoomPages(ann))
	wantLimits(t, f.userMessagePages(room, ann))
	wantLimits(t, f.userReactionPages(room, ann))
	wantLimits(t, f.userReceiptPages(room, ann))
}

func testTraceCursors(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room, other := f.room("hall", bob).ID, f.room("attic", bob).ID
	for _, in := range []storage.RoomID{room, other} {
		f.join(in, ann)
		for range 6 {
			m := f.say(in, bob, "hello")
			f.react(m.ID, ann, "x")
			f.react(m.ID, bob, "x")
			f.say(in, ann, "hi")
		}
		require.NoError(t, f.MarkRead(f.ctx, in, ann, storage.Anchor{}))
	}
	q := storage.TraceQuery{Room: room, User: ann}
	messages := f.userMessagePages(room, ann)
	wantOtherLimit(t, list(f, f.UserMessages, q), messages)
	wantTampered(t, messages, next(t, messages))
	wantForeign(t, messages, next(t, f.userMessagePages(other, ann)), next(t, f.userMessagePages(room, bob)))
	expired := func(limit int, c storage.Cursor) (storage.Page[storage.Message], error) {
		return f.UserMessages(f.ctx, storage.TraceQuery{Room: room, User: ann, WithExpired: true, Limit: limit, Cursor: c})
	}
	wantForeign(t, messages, next(t, expired))
	reactions, receipts, rooms := f.userReactionPages(room, ann), f.userReceiptPages(room, ann), f.userRoomPages(ann)
	wantOtherLimit(t, list(f, f.UserReactions, q), reactions)
	wantOtherLimit(t, list(f, f.UserReceipts, q), receipts)
	wantTampered(t, reactions, next(t, reactions))
	wantTampered(t, receipts, next(t, receipts))
	wantTampered(t, rooms, next(t, rooms))
	wantForeign(t, reactions, next(t, f.userReactionPages(other, ann)), next(t, f.userReactionPages(room, bob)))
	wantForeign(t, receipts, next(t, f.userReceiptPages(other, ann)))
	wantForeign(t, rooms, next(t, f.userRoomPages(bob)))
}

func testTraceInvalid(t *testing.T, f *fixture) {
	w := f.world()
	for field, q := range map[string]storage.TraceQuery{
		"Room": {User: w.ann.ID}, "User": {Room: w.hall.ID}, "Limit": {Room: w.hall.ID, User: w.ann.ID, Limit: -1},
	} {
		_, err := f.UserMessages(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		_, err = f.UserReactions(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
		_, err = f.UserReceipts(f.ctx, q)
		wantErr(t, err, storage.ErrInvalid, field)
	}
	_, err := f.UserRooms(f.ctx, storage.UserRoomQuery{})
	wantErr(t, err, storage.ErrInvalid, "User")
	_, err = f.UserRooms(f.ctx, storage.UserRoomQuery{User: w.ann.ID, Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
}

// traceDisputes are invalid, and about nobody and nowhere.
func traceDisputes() []dispute {
	return []dispute{
		{"reactions of nobody, nowhere: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UserReactions(ctx, storage.TraceQuery{Room: nowhere, User: nobody, Limit: -1}))
		}},
		{"messages of nobody, nowhere: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UserMessages(ctx, storage.TraceQuery{Room: nowhere, User: nobody, Limit: -1}))
		}},
		{"receipts of nobody, nowhere: a foreign cursor", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UserReceipts(ctx, storage.TraceQuery{Room: nowhere, User: nobody, Cursor: "x"}))
		}},
		{"rooms of nobody: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.UserRooms(ctx, storage.UserRoomQuery{User: nobody, Limit: -1}))
		}},
	}
}
