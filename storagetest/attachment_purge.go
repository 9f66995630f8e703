package storagetest

// Purging what no reader needs, and what outlasts a store.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// purgeAttachments purges a batch.
func (f *fixture) purgeAttachments(q storage.AttachmentPurge) storage.PurgeResult {
	f.t.Helper()
	r, err := f.PurgeAttachments(f.ctx, q)
	require.NoError(f.t, err)
	r.Scrubbed = false // which is not set, and means nothing here
	return r
}

func testAttachmentPurge(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	old, stays := f.upload(room.ID, ann.ID, "old"), f.upload(room.ID, ann.ID, "carried")
	dropped := f.upload(room.ID, ann.ID, "dropped")
	m := f.say(room.ID, ann.ID, "x", carrying(stays))
	stone := f.say(room.ID, ann.ID, "y", carrying(dropped))
	f.clock.advance(time.Hour)
	young := f.upload(room.ID, ann.ID, "young")
	require.Zero(t, f.purgeAttachments(storage.AttachmentPurge{}), "none of the unattached")
	f.clock.advance(time.Hour - time.Microsecond)
	require.Zero(t, f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: 2 * time.Hour}))
	f.clock.advance(time.Microsecond)
	f.remove(stone.ID, ann.ID)
	dropped = detached(f.now(), dropped)
	require.Equal(t, storage.PurgeResult{Attachments: 1, Blobs: []string{old.Blob}},
		f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: 2 * time.Hour}))
	wantList(t, []storage.Attachment{young, dropped, carried(m.ID, stays)[0]}, f.attachmentPages(storage.AttachmentQuery{}))
	require.Zero(t, f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: 2 * time.Hour}), "nothing left")
	require.Equal(t, storage.PurgeResult{Attachments: 1, Blobs: []string{young.Blob}},
		f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: time.Hour}))
	require.Equal(t, carried(m.ID, stays), f.readMessage(m.ID).Attachments)
}

func testAttachmentPurgeBatches(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var want []string
	for i := range 7 {
		want = append(want, f.upload(room.ID, storage.UserID{}, fmt.Sprint(i)).Blob)
	}
	f.clock.advance(time.Hour)
	var got []string
	for left := 7; left > 0; left -= 3 {
		r := f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: time.Hour, Limit: 3})
		require.Equal(t, int64(min(left, 3)), r.Attachments)
		require.Equal(t, left > 3, r.More)
		require.Len(t, r.Blobs, min(left, 3))
		require.IsNonDecreasing(t, r.Blobs)
		require.Zero(t, r.Messages)
		got = append(got, r.Blobs...)
	}
	require.ElementsMatch(t, want, got)
	for i := range 3 {
		f.upload(room.ID, storage.UserID{}, fmt.Sprint(i))
	}
	f.clock.advance(time.Hour)
	r := f.purgeAttachments(storage.AttachmentPurge{UnattachedFor: time.Hour, Limit: 3})
	require.False(t, r.More, "a batch that is full, and all")
}

func testAttachmentPurgeRooms(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	other := f.upload(f.room("attic", m.AuthorID).ID, m.AuthorID, "other")
	require.NoError(t, f.DeleteRoom(f.ctx, m.RoomID))
	require.Equal(t, storage.PurgeResult{Attachments: 3, Blobs: []string{a.Blob, b.Blob, loose.Blob}},
		f.purgeAttachments(storage.AttachmentPurge{}))
	require.Zero(t, f.purgeAttachments(storage.AttachmentPurge{}))
	require.Equal(t, other, f.readAttachment(other.ID))
	f.upload(other.RoomID, m.AuthorID, "again", func(again *storage.Attachment) { again.ID = a.ID })
}

func testAttachmentPurgeShared(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, gone := f.room("hall", ann.ID), f.room("attic", ann.ID)
	blob := func(name string) func(*storage.Attachment) {
		return func(a *storage.Attachment) { a.Blob = name }
	}
	for i := range 3 {
		f.upload(gone.ID, ann.ID, fmt.Sprint(i), blob("b"))
		f.upload(gone.ID, ann.ID, fmt.Sprint(i), blob("a"))
	}
	kept := f.upload(room.ID, ann.ID, "kept", blob("b"))
	require.NoError(t, f.DeleteRoom(f.ctx, gone.ID))
	require.Equal(t, storage.PurgeResult{Attachments: 6, Blobs: []string{"a"}}, f.purgeAttachments(storage.AttachmentPurge{}))
	freed, err := f.DeleteAttachment(f.ctx, kept.ID)
	require.NoError(t, err)
	require.Equal(t, "b", freed)
}

func testAttachmentPurgeInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.upload(room.ID, storage.UserID{}, "a")
	f.clock.advance(time.Hour)
	f.refused(t, func() error {
		return errOf(f.PurgeAttachments(f.ctx, storage.AttachmentPurge{UnattachedFor: -1}))
	}, storage.ErrInvalid, "UnattachedFor")
	f.refused(t, func() error {
		return errOf(f.PurgeAttachments(f.ctx, storage.AttachmentPurge{UnattachedFor: 1, Limit: -1}))
	}, storage.ErrInvalid, "Limit")
}

func testAttachmentRolledBack(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	f.rollBack(func(tx storage.Tx) error {
		next := storage.Attachment{RoomID: m.RoomID, Blob: a.Blob}
		require.NoError(t, tx.CreateAttachment(f.ctx, &next))
		freed, err := tx.DeleteAttachment(f.ctx, a.ID)
		require.NoError(t, err)
		require.Empty(t, freed, "the new one has the blob")
		_, err = tx.DeleteMessage(f.ctx, m.ID, m.AuthorID)
		require.NoError(t, err)
		_, err = tx.CreateMessage(f.ctx, &storage.Message{RoomID: m.RoomID, Attachments: []storage.Attachment{loose}})
		return err
	})
	require.Equal(t, m, f.readMessage(m.ID))
	wantList(t, []storage.Attachment{loose, b, a}, f.attachmentPages(storage.AttachmentQuery{}))
	freed, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	require.Equal(t, a.Blob, freed)
}

func testAttachmentReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	m, a, b := f.carrier()
	loose := fullAttachment(m.RoomID, m.AuthorID)
	require.NoError(t, f.CreateAttachment(f.ctx, &loose))
	f.reopen()
	require.Equal(t, m, f.readMessage(m.ID))
	wantList(t, []storage.Attachment{loose, b, a}, f.attachmentPages(storage.AttachmentQuery{}))
	f.say(m.RoomID, m.AuthorID, "y", carrying(loose))
	_, err := f.DeleteAttachment(f.ctx, b.ID)
	require.NoError(t, err)
	f.reopen()
	require.Equal(t, []storage.Attachment{a}, f.readMessage(m.ID).Attachments)
}
