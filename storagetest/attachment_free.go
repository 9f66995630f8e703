package storagetest

// What becomes of attachments when messages, users, rooms and they themselves
// go.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAttachmentEdits(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	f.clock.advance(time.Minute)
	edited := f.edit(m.ID, m.AuthorID, storage.MessagePatch{Body: new("edited"), Tags: &[]string{"t"}, IfVersion: 1})
	require.Equal(t, m.Attachments, edited.Attachments)
	require.Equal(t, int64(2), edited.Version)
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, b, f.readAttachment(b.ID))
	require.Len(t, f.attached(m.ID), 2)
}

// attached are the attachments that are listed as a message's.
func (f *fixture) attached(m storage.MessageID) []storage.Attachment {
	f.t.Helper()
	return list(f, f.Attachments, storage.AttachmentQuery{Message: m})
}

// A tombstone carries nothing; what the message carried stays, for nobody.
func testAttachmentTombstone(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	f.clock.advance(time.Minute)
	stone := f.remove(m.ID, m.AuthorID)
	require.Nil(t, stone.Attachments)
	require.Equal(t, int64(2), stone.Version)
	require.Empty(t, f.attached(m.ID))
	a, b = detached(f.now(), a), detached(f.now(), b)
	f.clock.advance(time.Minute)
	require.Equal(t, stone, f.remove(m.ID, m.AuthorID))
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, b, f.readAttachment(b.ID))
	wantList(t, []storage.Attachment{b, a}, f.attachmentPages(storage.AttachmentQuery{Room: m.RoomID, Unattached: true}))

	freed, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	require.Equal(t, a.Blob, freed)
	require.Equal(t, stone, f.readMessage(m.ID), "a tombstone that carries nothing loses nothing")
	require.Equal(t, b, f.readAttachment(b.ID))
}

func testAttachmentExpired(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, other := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	m := f.say(room.ID, ann.ID, "x", carrying(a), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	f.clock.advance(time.Minute - time.Microsecond)
	require.Equal(t, carried(m.ID, a)[0], f.readAttachment(a.ID))
	f.clock.advance(time.Microsecond)
	wantNotFound(t, errOf(f.Attachment(f.ctx, a.ID)), storage.EntityAttachment)
	wantNotFound(t, errOf(f.DeleteAttachment(f.ctx, a.ID)), storage.EntityAttachment)
	for _, q := range []storage.AttachmentQuery{{}, {Room: room.ID}, {Uploader: ann.ID}} {
		wantList(t, []storage.Attachment{other}, f.attachmentPages(q))
	}
	for _, q := range []storage.AttachmentQuery{{Message: m.ID}, {Blob: a.Blob}} {
		wantList(t, nil, f.attachmentPages(q))
	}
	r, err := f.PurgeMessage(f.ctx, m.ID)
	require.NoError(t, err)
	require.Equal(t, int64(1), r.Attachments)
	require.Equal(t, []string{a.Blob}, r.Blobs)
}

func testAttachmentPurged(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	shared := f.upload(m.RoomID, m.AuthorID, "shared", func(s *storage.Attachment) { s.Blob = a.Blob })
	r, err := f.PurgeMessage(f.ctx, m.ID)
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Attachments)
	require.Equal(t, []string{b.Blob}, r.Blobs)
	for _, gone := range []storage.AttachmentID{a.ID, b.ID} {
		wantNotFound(t, errOf(f.Attachment(f.ctx, gone)), storage.EntityAttachment)
		wantNotFound(t, errOf(f.DeleteAttachment(f.ctx, gone)), storage.EntityAttachment)
	}
	require.Equal(t, []storage.Attachment{shared}, list(f, f.Attachments, storage.AttachmentQuery{}))
	freed, err := f.DeleteAttachment(f.ctx, shared.ID)
	require.NoError(t, err)
	require.Equal(t, a.Blob, freed)
}

func testAttachmentUploader(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", bob.ID)
	a, b := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	c := f.upload(room.ID, bob.ID, "c")
	m := f.say(room.ID, bob.ID, "x", carrying(b))
	require.NoError(t, f.DeleteUser(f.ctx, ann.ID))
	a.UploaderID, b.UploaderID, b.MessageID = storage.UserID{}, storage.UserID{}, m.ID
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, []storage.Attachment{b}, f.readMessage(m.ID).Attachments)
	wantList(t, []storage.Attachment{c, b, a}, f.attachmentPages(storage.AttachmentQuery{Room: room.ID}))
	wantList(t, nil, f.attachmentPages(storage.AttachmentQuery{Uploader: ann.ID}))
	again := f.user("ann", func(u *storage.User) { u.ID = ann.ID })
	wantList(t, nil, f.attachmentPages(storage.AttachmentQuery{Uploader: again.ID}))
	f.say(room.ID, bob.ID, "y", carrying(a))
}

func testAttachmentDeletedRoom(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	other := f.room("attic", m.AuthorID)
	kept := f.upload(other.ID, m.AuthorID, "kept", func(k *storage.Attachment) { k.Blob = a.Blob })
	require.NoError(t, f.DeleteRoom(f.ctx, m.RoomID))
	for _, gone := range []storage.AttachmentID{a.ID, b.ID, loose.ID} {
		wantNotFound(t, errOf(f.Attachment(f.ctx, gone)), storage.EntityAttachment)
		wantNotFound(t, errOf(f.DeleteAttachment(f.ctx, gone)), storage.EntityAttachment)
		f.refuseMessage(t, with(other.ID, gone), storage.ErrNotFound, "Attachments")
	}
	for _, q := range []storage.AttachmentQuery{{}, {Uploader: m.AuthorID}, {Blob: a.Blob}} {
		wantList(t, []storage.Attachment{kept}, f.attachmentPages(q))
	}
	for _, q := range []storage.AttachmentQuery{{Room: m.RoomID}, {Message: m.ID}, {Blob: b.Blob}, {Room: m.RoomID, Unattached: true}} {
		wantList(t, nil, f.attachmentPages(q))
	}
	freed, err := f.DeleteAttachment(f.ctx, kept.ID)
	require.NoError(t, err)
	require.Empty(t, freed, "an attachment of a deleted room has the blob")
}

func testAttachmentDelete(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	freed, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	require.Equal(t, a.Blob, freed)
	wantNotFound(t, errOf(f.DeleteAttachment(f.ctx, a.ID)), storage.EntityAttachment)
	wantNotFound(t, errOf(f.Attachment(f.ctx, a.ID)), storage.EntityAttachment)
	wantList(t, []storage.Attachment{b}, f.attachmentPages(storage.AttachmentQuery{}))
	f.refuseMessage(t, with(room.ID, a.ID), storage.ErrNotFound, "Attachments")
	again := f.upload(room.ID, ann.ID, "again", func(next *storage.Attachment) { next.ID = a.ID })
	require.Equal(t, again, f.readAttachment(a.ID))
}

func testAttachmentDeleteCarried(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	m = f.edit(m.ID, m.AuthorID, storage.MessagePatch{Body: new("edited")})
	hall := f.readRoom(m.RoomID)
	f.clock.advance(time.Minute)
	freed, err := f.DeleteAttachment(f.ctx, b.ID)
	require.NoError(t, err)
	require.Equal(t, b.Blob, freed)
	m.Attachments, m.Version = []storage.Attachment{a}, 3
	require.Equal(t, m, f.readMessage(m.ID))
	require.Equal(t, hall, f.readRoom(m.RoomID))
	require.Equal(t, []storage.Attachment{a}, f.attached(m.ID))
	f.refused(t, func() error {
		_, err := f.EditMessage(f.ctx, m.ID, m.AuthorID, storage.MessagePatch{Body: new("x"), IfVersion: 2})
		return err
	}, storage.ErrConflict)
	require.Len(t, list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID}), 1, "it is no edit")
	if !f.backend.lacks(FeatureSearch) {
		require.Equal(t, []string{"edited"}, f.found(storage.SearchQuery{Text: "edited"}))
	}
	_, err = f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	m.Attachments, m.Version = nil, 4
	require.Equal(t, m, f.readMessage(m.ID))
}

func testAttachmentDeleteRefused(t *testing.T, f *fixture) {
	m, a, _ := f.carrier()
	f.rollBack(func(tx storage.Tx) error {
		freed, err := tx.DeleteAttachment(f.ctx, a.ID)
		require.Equal(t, a.Blob, freed)
		return err
	})
	require.Equal(t, m, f.readMessage(m.ID))
	require.Equal(t, a, f.readAttachment(a.ID))
}

// A blob is free once the last attachment that has it has gone.
func testAttachmentShared(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	blob := func(a *storage.Attachment) { a.Blob = "b" }
	a, b, c := f.upload(room.ID, ann.ID, "a", blob), f.upload(other.ID, ann.ID, "b", blob), f.upload(room.ID, ann.ID, "c", blob)
	near := f.upload(room.ID, ann.ID, "d", func(a *storage.Attachment) { a.Blob = "B" })
	f.say(room.ID, ann.ID, "x", carrying(a))
	for _, step := range []struct {
		id    storage.AttachmentID
		freed string
	}{{a.ID, ""}, {near.ID, "B"}, {c.ID, ""}, {b.ID, "b"}} {
		freed, err := f.DeleteAttachment(f.ctx, step.id)
		require.NoError(t, err)
		require.Equal(t, step.freed, freed)
	}
}
