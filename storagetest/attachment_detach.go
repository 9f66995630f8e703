package storagetest

// Attachments that a message carried until it was deleted.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// detached is how an attachment reads back whose message was deleted.
func detached(at time.Time, a storage.Attachment) storage.Attachment {
	a.MessageID, a.DetachedAt = storage.MessageID{}, at
	return a
}

// testAttachmentCarriedAgain has nobody bring back what was deleted.
func testAttachmentCarriedAgain(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	other := f.room("attic", m.AuthorID)
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	f.remove(m.ID, m.AuthorID)
	deletedAt := f.now()
	f.clock.advance(time.Second)
	e := f.refuseMessage(t, with(m.RoomID, loose.ID, a.ID), storage.ErrConflict)
	require.Equal(t, storage.EntityAttachment, e.Entity)
	require.Equal(t, a.ID.String(), e.ID)
	f.refuseMessage(t, with(m.RoomID, b.ID), storage.ErrConflict)
	first, second := with(m.RoomID, loose.ID), with(m.RoomID, b.ID)
	f.refuseMany(t, []*storage.Message{&first, &second}, storage.ErrConflict, "[1]")
	f.refuseMessage(t, with(other.ID, a.ID), storage.ErrInvalid, "Attachments")
	f.refuseMessage(t, with(m.RoomID, a.ID, id[storage.Attachment](1)), storage.ErrNotFound, "Attachments")
	require.Equal(t, detached(deletedAt, a), f.readAttachment(a.ID))
	require.Equal(t, loose, f.readAttachment(loose.ID))

	same := f.upload(m.RoomID, m.AuthorID, "same", func(s *storage.Attachment) { s.Blob = a.Blob })
	f.say(m.RoomID, m.AuthorID, "the same bytes again", carrying(same, loose))
}

// testAttachmentPurgedTombstone has all go with a tombstone that it left behind.
func testAttachmentPurgedTombstone(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	shared := f.upload(m.RoomID, m.AuthorID, "shared", func(s *storage.Attachment) { s.Blob = a.Blob })
	twin := f.upload(m.RoomID, m.AuthorID, "twin", func(s *storage.Attachment) { s.Blob = "blobs/one" })
	one := f.upload(m.RoomID, m.AuthorID, "one")
	next := f.say(m.RoomID, m.AuthorID, "next", carrying(shared))
	last := f.say(m.RoomID, m.AuthorID, "last", carrying(one, twin))
	f.clock.advance(time.Minute)
	for _, message := range []storage.Message{m, next, last} {
		f.remove(message.ID, m.AuthorID)
	}
	r := f.unscrubbed(f.PurgeMessage(f.ctx, m.ID))
	require.Equal(t, storage.PurgeResult{Messages: 1, Attachments: 2, Blobs: []string{b.Blob}}, r)
	for _, gone := range []storage.AttachmentID{a.ID, b.ID} {
		wantNotFound(t, errOf(f.Attachment(f.ctx, gone)), storage.EntityAttachment)
		wantNotFound(t, errOf(f.DeleteAttachment(f.ctx, gone)), storage.EntityAttachment)
	}
	left := []storage.Attachment{detached(f.now(), one), detached(f.now(), twin), detached(f.now(), shared)}
	require.ElementsMatch(t, left, list(f, f.Attachments, storage.AttachmentQuery{Unattached: true}))

	freed, err := f.DeleteAttachment(f.ctx, one.ID)
	require.NoError(t, err)
	require.Empty(t, freed, "another attachment that was detached has the blob")
	r = f.purge(storage.PurgeQuery{Room: m.RoomID, Tombstones: true})
	require.Equal(t, storage.PurgeResult{Messages: 2, Attachments: 2, Blobs: []string{a.Blob, one.Blob}}, r)
	f.clock.advance(time.Hour)
	require.Zero(t, f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: 1}), "nothing is left")
}

// testAttachmentPurgeDetached counts from the deletion and not from the upload.
func testAttachmentPurgeDetached(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	f.clock.advance(time.Hour)
	waits := f.upload(m.RoomID, m.AuthorID, "waits")
	f.clock.advance(time.Hour)
	f.remove(m.ID, m.AuthorID)
	young := f.upload(m.RoomID, m.AuthorID, "young")
	f.clock.advance(time.Hour - time.Microsecond)
	purge := storage.AttachmentPurge{UnattachedFor: time.Hour, Limit: 2}
	require.Equal(t, storage.PurgeResult{Attachments: 1, Blobs: []string{waits.Blob}}, f.purgeAttachments(purge))
	f.clock.advance(time.Microsecond)
	r := f.purgeAttachments(purge)
	require.True(t, r.More)
	later := f.purgeAttachments(purge)
	require.False(t, later.More)
	require.Equal(t, int64(3), r.Attachments+later.Attachments)
	require.ElementsMatch(t, []string{a.Blob, b.Blob, young.Blob}, append(r.Blobs, later.Blobs...))
	require.Equal(t, storage.PurgeResult{Messages: 1}, f.unscrubbed(f.PurgeMessage(f.ctx, m.ID)), "nothing is left behind")
}

// testAttachmentDetachedLists asks all filters for what no message carries.
func testAttachmentDetachedLists(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	waits := f.upload(m.RoomID, m.AuthorID, "waits")
	stays := f.upload(m.RoomID, m.AuthorID, "stays")
	f.say(m.RoomID, m.AuthorID, "x", carrying(stays), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
	short := f.upload(m.RoomID, m.AuthorID, "short")
	lived := f.say(m.RoomID, m.AuthorID, "y", carrying(short), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
	f.clock.advance(time.Minute)
	f.remove(m.ID, m.AuthorID)
	f.remove(lived.ID, m.AuthorID)
	a, b, short = detached(f.now(), a), detached(f.now(), b), detached(f.now(), short)
	f.clock.advance(time.Hour)
	loose := []storage.Attachment{short, waits, b, a}
	for _, q := range []storage.AttachmentQuery{
		{}, {Unattached: true}, {Room: m.RoomID, Unattached: true}, {Uploader: m.AuthorID, Unattached: true},
		{Unattached: true, From: a.CreatedAt, To: a.CreatedAt.Add(1)},
	} {
		wantList(t, loose, f.attachmentPages(q))
	}
	wantList(t, []storage.Attachment{a}, f.attachmentPages(storage.AttachmentQuery{Blob: a.Blob, Unattached: true}))
	wantList(t, nil, f.attachmentPages(storage.AttachmentQuery{Unattached: true, From: a.DetachedAt}))
	for _, stone := range []storage.MessageID{m.ID, lived.ID} {
		wantList(t, nil, f.attachmentPages(storage.AttachmentQuery{Message: stone}))
	}
	require.Nil(t, f.readMessage(m.ID).Attachments)
	require.Equal(t, short, f.readAttachment(short.ID), "the time of its tombstone is over")
}
