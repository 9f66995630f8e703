package storagetest

// What becomes of the messages of a user who is erased.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testEraseTombstones(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.fullMessage(room, ann, bob)
	reply := f.say(room, bob, "re", func(m *storage.Message) { m.ParentID = m.ID })
	f.clock.advance(time.Minute)
	e := f.erase(ann, storage.EraseOptions{By: bob})
	require.Equal(t, storage.Erasure{
		UserID: ann, User: true, Tombstones: 1, Attachments: 2, Blobs: []string{m.Attachments[0].Blob, m.Attachments[1].Blob},
	}, e)
	want := storage.Message{
		ID: m.ID, RoomID: room, Seq: m.Seq, Type: m.Type, CreatedAt: m.CreatedAt, EditedAt: m.EditedAt,
		DeletedAt: f.now(), DeletedBy: bob, Version: m.Version + 1,
	}
	require.Equal(t, want, f.readMessage(m.ID))
	require.Empty(t, list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID}))
	require.Empty(t, list(f, f.Attachments, storage.AttachmentQuery{Room: room}))
	require.Equal(t, reply, f.readMessage(reply.ID))
	require.Equal(t, []storage.Message{reply}, list(f, f.Messages, storage.MessageQuery{Room: room}))
	require.EqualValues(t, 1, f.readRoom(room).MessageCount)
	f.user("ann", func(u *storage.User) { u.ID = ann })
	again := f.say(room, ann, "a nonce that is free", func(m *storage.Message) { m.Nonce = "mine" })
	require.Equal(t, []storage.Message{again}, list(f, f.Messages, storage.MessageQuery{Author: ann, WithDeleted: true}))
}

func testErasePurged(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.fullMessage(room, ann, bob)
	f.remove(f.say(room, ann, "a slip").ID, ann)
	other := f.say(room, bob, "stays")
	e := f.erase(ann, storage.EraseOptions{Messages: storage.ErasePurge})
	require.Equal(t, storage.Erasure{
		UserID: ann, User: true, Purged: 2, Attachments: 2, Blobs: []string{m.Attachments[0].Blob, m.Attachments[1].Blob},
	}, e)
	require.Equal(t, []storage.Message{other}, list(f, f.Messages, storage.MessageQuery{Room: room, WithDeleted: true}))
	require.Equal(t, other.Seq, f.readRoom(room).LastSeq)
	wantErr(t, errOf(f.Message(f.ctx, m.ID)), storage.ErrNotFound)
	require.Equal(t, []storage.Message{other}, list(f, f.Messages, storage.MessageQuery{Room: room, After: storage.At(m.ID)}), "its place")
}

func testEraseKept(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.fullMessage(room, ann, bob)
	loose := f.upload(room, ann, "loose")
	lent := f.upload(room, ann, "lent to bob")
	carrier := f.say(room, bob, "look", carrying(lent))
	revisions := list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID})
	e := f.erase(ann, storage.EraseOptions{Messages: storage.EraseKeep})
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Attachments: 1, Blobs: []string{loose.Blob}}, e)
	m.AuthorID, m.Attachments[0].UploaderID = storage.UserID{}, storage.UserID{}
	require.Equal(t, m, f.readMessage(m.ID))
	revisions[0].ReplacedBy = storage.UserID{}
	require.Equal(t, revisions, list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID}))
	carrier.Attachments[0].UploaderID = storage.UserID{}
	require.Equal(t, carrier, f.readMessage(carrier.ID))
	wantErr(t, errOf(f.Attachment(f.ctx, loose.ID)), storage.ErrNotFound)
}

// testEraseFormerTombstones has messages that were deleted before, with what they
// have left behind.
func testEraseFormerTombstones(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.fullMessage(room, ann, bob)
	tombstone := f.remove(m.ID, ann)
	f.clock.advance(time.Minute)
	e := f.erase(ann, storage.EraseOptions{By: bob})
	require.Equal(t, storage.Erasure{
		UserID: ann, User: true, Tombstones: 1, Attachments: 2, Blobs: []string{m.Attachments[0].Blob, m.Attachments[1].Blob},
	}, e)
	tombstone.AuthorID, tombstone.DeletedBy, tombstone.Nonce = storage.UserID{}, storage.UserID{}, ""
	require.Equal(t, tombstone, f.readMessage(m.ID), "who deleted it is gone, not who erased")
	require.Empty(t, list(f, f.Attachments, storage.AttachmentQuery{}))
}

func testEraseExpired(t *testing.T, f *fixture) {
	for _, how := range []storage.MessageErasure{storage.EraseTombstones, storage.ErasePurge, storage.EraseKeep} {
		ann, bob := f.user("ann").ID, f.user("bob"+how.String()).ID
		room := f.room(how.String(), bob).ID
		short := f.say(room, ann, "short", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Second) })
		later := f.say(room, ann, "longer", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
		other := f.say(room, bob, "short", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Second) })
		f.react(other.ID, ann, "x")
		f.clock.advance(time.Second)
		e := f.erase(ann, storage.EraseOptions{Messages: how})
		gone := []storage.Message{short}
		switch how {
		case storage.EraseTombstones:
			require.Equal(t, storage.Erasure{UserID: ann, User: true, Tombstones: 1, Purged: 1, Changes: 1}, e)
		case storage.ErasePurge:
			require.Equal(t, storage.Erasure{UserID: ann, User: true, Purged: 2, Changes: 1}, e)
			gone = append(gone, later)
		case storage.EraseKeep:
			require.Equal(t, storage.Erasure{UserID: ann, User: true, Changes: 1}, e)
			gone = nil
		}
		require.Len(t, f.there([]storage.Message{short, later}), 2-len(gone), how)
	}
}

// testEraseCounts requires that others' counts stay exact.
func testEraseCounts(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.join(room, ann)
	root := f.say(room, bob, "root")
	under := func(m *storage.Message) { m.ParentID = root.ID }
	f.say(room, ann, "one", under)
	last := f.say(room, bob, "two", under)
	f.say(room, ann, "three", under, func(m *storage.Message) { m.Mentions = []storage.UserID{bob} })
	require.NoError(t, f.MarkUnread(f.ctx, room, bob, storage.At(root.ID)))
	require.EqualValues(t, 2, f.unread(room, bob).Messages)
	require.EqualValues(t, 2, f.readMessage(root.ID).Thread.Participants)
	f.erase(ann, storage.EraseOptions{})
	require.Zero(t, f.unread(room, bob))
	require.Equal(t, storage.Thread{
		Replies: 1, Participants: 1, LastReplyID: last.ID, LastReplyAt: last.CreatedAt, LastAuthorID: bob,
	}, f.readMessage(root.ID).Thread)
	require.EqualValues(t, 2, f.readRoom(room).MessageCount)
	f.say(room, bob, "on it goes")
	require.EqualValues(t, 5, f.readRoom(room).LastSeq)
}

func testEraseUploads(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	blob := func(b string) func(*storage.Attachment) { return func(a *storage.Attachment) { a.Blob = b } }
	f.upload(room, ann, "loose", blob("loose"))
	f.upload(room, ann, "shared", blob("shared"))
	f.upload(room, bob, "shared too", blob("shared"))
	lent := f.upload(room, ann, "lent", blob("lent"))
	own := f.upload(room, bob, "own", blob("own"))
	carrier := f.say(room, bob, "look", carrying(lent, own))
	e := f.erase(ann, storage.EraseOptions{})
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Attachments: 3, Blobs: []string{"lent", "loose"}}, e)
	got := f.readMessage(carrier.ID)
	require.Equal(t, carrier.Attachments[1:], got.Attachments)
	require.Equal(t, carrier.Version+1, got.Version)
	require.Len(t, list(f, f.Attachments, storage.AttachmentQuery{}), 2)
}
