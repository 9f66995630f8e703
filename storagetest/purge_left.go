package storagetest

// What is left of purged messages.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testPurgeAnchors(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	ms := f.numbered(5, ann.ID, room.ID)
	f.wipe(ms[2])
	for _, a := range []storage.Anchor{storage.At(ms[2].ID), storage.AtSeq(ms[2].Seq)} {
		q := storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst}
		q.Before = a
		f.wantStored(t, q, ms[:2]...)
		q.Before, q.After = storage.Anchor{}, a
		f.wantStored(t, q, ms[3:]...)
		page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Around: a, Limit: 3, Order: storage.OldestFirst})
		require.NoError(t, err)
		require.Equal(t, []storage.Message{ms[1], ms[3]}, page.Items, "around a message that was purged")
		require.True(t, page.HasBefore() && page.HasAfter(), "HasBefore and HasAfter")
	}
	elsewhere := storage.MessageQuery{Room: other.ID, Before: storage.At(ms[2].ID)}
	wantNotFound(t, errOf(f.Messages(f.ctx, elsewhere)), storage.EntityMessage)
}

func testPurgeMarkers(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(5, c.room, c.ann)
	f.markRead(c.room, c.cid, storage.At(ms[3].ID))
	f.wipe(ms[2])
	f.wantMarker(4, c.room, c.cid)
	f.markRead(c.room, c.bob, storage.At(ms[2].ID))
	f.wantMarker(3, c.room, c.bob)
	f.wantUnread(c.room, c.bob, 0, ms[3:]...)
	f.markUnread(c.room, c.cid, storage.At(ms[2].ID))
	f.wantMarker(2, c.room, c.cid)
	f.wantUnread(c.room, c.cid, 0, ms[3:]...)
	f.wipe(ms[4])
	f.wantMarker(5, c.room, c.ann)
	f.wantUnread(c.room, c.bob, 0, ms[3])
}

// testPurgeID has the identifier of a purged message stay taken.
func testPurgeID(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.ID = id[storage.Message](1) })
	f.wipe(m)
	for _, in := range []storage.RoomID{room.ID, other.ID} {
		f.refuseMessage(t, storage.Message{ID: m.ID, RoomID: in, AuthorID: ann.ID, Body: "y"}, storage.ErrDuplicate, "ID")
		f.refuseMany(t, []*storage.Message{{RoomID: in}, {ID: m.ID, RoomID: in}}, storage.ErrDuplicate, "[1].ID")
	}
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	if _, nested := f.Store.(*txStore); !nested {
		f.say(other.ID, ann.ID, "y", func(y *storage.Message) { y.ID = m.ID })
	}
}

func testPurgeNonce(t *testing.T, f *fixture) {
	request := f.request()
	first := f.send(request())
	f.wipe(first)
	second := f.send(request())
	require.NotEqual(t, first.ID, second.ID)
	f.sendAgain(second, request())
	f.remove(second.ID, second.AuthorID)
	f.wipe(second)
	other := request()
	other.Body = "another request"
	f.send(other)
	f.refuseMessage(t, request(), storage.ErrConflict, "Nonce")
}

func testPurgeReplies(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	root := f.say(room.ID, ann.ID, "root")
	first := f.reply(root, ann.ID, "first")
	second := f.reply(first, ann.ID, "second")
	f.wipe(first)
	require.Equal(t, second, f.readMessage(second.ID), "a reply to a message that was purged")
	f.wantThread(root, 1, 1, second)
	f.wipe(root)
	require.Equal(t, second, f.readMessage(second.ID), "a reply in a thread whose root was purged")
	require.Equal(t, []storage.Message{second}, list(f, f.Messages, storage.MessageQuery{Thread: root.ID}))
	require.Equal(t, root.ID, f.reply(second, ann.ID, "third").RootID)
}

func testPurgeTombstone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "other")
	stone := f.remove(m.ID, ann.ID)
	require.Equal(t, storage.PurgeResult{Messages: 1}, f.unscrubbed(f.PurgeMessage(f.ctx, m.ID)))
	require.NotContains(t, f.waysTo(stone), "Message")
	require.Equal(t, int64(1), f.readRoom(room.ID).MessageCount, "MessageCount")
	require.Equal(t, []storage.Message{other}, list(f, f.Messages, storage.MessageQuery{Room: room.ID, WithDeleted: true}))
	f.refuseMessage(t, storage.Message{ID: m.ID, RoomID: room.ID}, storage.ErrDuplicate, "ID")
}

func testPurgeExpired(t *testing.T, f *fixture) {
	m, others := f.expiring()
	f.clock.advance(time.Minute)
	require.Equal(t, int64(3), f.readRoom(m.RoomID).MessageCount, "MessageCount with an expired message")
	require.Equal(t, storage.PurgeResult{Messages: 1}, f.unscrubbed(f.PurgeMessage(f.ctx, m.ID)))
	require.Equal(t, int64(2), f.readRoom(m.RoomID).MessageCount, "MessageCount")
	require.Equal(t, others, f.there([]storage.Message{others[0], m, others[1]}))
	again := storage.Message{RoomID: m.RoomID, AuthorID: m.AuthorID, Body: "something else", Nonce: m.Nonce}
	f.send(again)
}

func testPurgeSearch(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureSearch) {
		t.Logf("left out: the backend lacks %q", FeatureSearch)
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, kept := f.say(room.ID, ann.ID, "apple pie"), f.say(room.ID, ann.ID, "apple tart")
	f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("apple cake")})
	f.wipe(m)
	for text, want := range map[string][]string{"apple": {kept.Body}, "pie": nil, "cake": nil} {
		require.Equal(t, want, f.found(storage.SearchQuery{Text: text}), text)
		require.Equal(t, want, f.found(storage.SearchQuery{Text: text, Rooms: []storage.RoomID{room.ID}}), text)
	}
	more := f.say(room.ID, ann.ID, "apple cake")
	require.Equal(t, []string{more.Body, kept.Body}, f.found(storage.SearchQuery{Text: "apple"}))
}

func testPurgeBlobs(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	shares := func(with storage.Attachment) func(*storage.Attachment) {
		return func(s *storage.Attachment) { s.Blob = with.Blob }
	}
	again := f.upload(m.RoomID, m.AuthorID, "again", shares(a))
	twice := f.say(m.RoomID, m.AuthorID, "twice", carrying(again, f.upload(m.RoomID, m.AuthorID, "more", shares(a))))
	require.Equal(t, storage.PurgeResult{Messages: 1, Attachments: 2, Blobs: []string{b.Blob}}, f.unscrubbed(f.PurgeMessage(f.ctx, m.ID)))
	require.Equal(t, storage.PurgeResult{Messages: 1, Attachments: 2, Blobs: []string{a.Blob}}, f.unscrubbed(f.PurgeMessage(f.ctx, twice.ID)))
	require.Empty(t, list(f, f.Attachments, storage.AttachmentQuery{}))

	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	stone := f.say(m.RoomID, m.AuthorID, "stone", carrying(f.upload(m.RoomID, m.AuthorID, "left")))
	f.remove(stone.ID, m.AuthorID)
	require.Equal(t, storage.PurgeResult{Messages: 1, Attachments: 1, Blobs: []string{"blobs/left"}},
		f.unscrubbed(f.PurgeMessage(f.ctx, stone.ID)), "a tombstone leaves attachments behind")
	require.Equal(t, loose, f.readAttachment(loose.ID))
}

// testPurgeScrubbed lets a later purge catch up, as it may have to where
// something else holds the log.
func testPurgeScrubbed(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	f.numbered(3, ann.ID, room.ID)
	require.True(t, f.purge(storage.PurgeQuery{Room: room.ID, Limit: 2}).More)
	if _, nested := f.Store.(*txStore); nested {
		f.purge(storage.PurgeQuery{Room: room.ID})
		return
	}
	for range 1000 {
		r, err := f.PurgeMessages(f.ctx, storage.PurgeQuery{Room: room.ID})
		require.NoError(t, err)
		if r.Scrubbed {
			return
		}
	}
	require.Fail(t, "a quiet store is not scrubbed")
}

func testPurgeRolledBack(t *testing.T, f *fixture) {
	m, _, _ := f.carrier()
	f.react(m.ID, m.AuthorID, "x")
	f.reply(m, m.AuthorID, "reply")
	f.remove(f.say(m.RoomID, m.AuthorID, "stone").ID, m.AuthorID)
	before := f.dump()
	f.rollBack(func(tx storage.Tx) error {
		if _, err := tx.PurgeMessage(f.ctx, m.ID); err != nil {
			return err
		}
		r, err := tx.PurgeMessages(f.ctx, storage.PurgeQuery{Room: m.RoomID})
		require.Equal(t, int64(2), r.Messages)
		require.False(t, r.Scrubbed, "Scrubbed within a transaction")
		return err
	})
	require.Equal(t, before, f.dump())
}

func testPurgeReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Logf("left out: the backend lacks %q", FeatureReopen)
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	ms := f.numbered(3, ann.ID, room.ID)
	f.wipe(ms[2])
	f.wipe(ms[1])
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	f.refuseMessage(t, storage.Message{ID: ms[2].ID, RoomID: room.ID}, storage.ErrDuplicate, "ID")
	f.wantStored(t, storage.MessageQuery{Room: room.ID, Before: storage.At(ms[2].ID)}, ms[0])
	require.Equal(t, int64(4), f.say(room.ID, ann.ID, "next").Seq)
}

// testPurgeInTx is here for what a transaction sees of its own purges.
func testPurgeInTx(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "short lived"}
		_, err := tx.CreateMessage(ctx, &m)
		require.NoError(t, err)
		r, err := tx.PurgeMessage(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, storage.PurgeResult{Messages: 1}, r)
		require.Empty(t, waysTo(f, tx, m))
		return nil
	}))
	require.Equal(t, int64(1), f.readRoom(room.ID).LastSeq)
}
