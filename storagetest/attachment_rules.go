package storagetest

// Where attachments are not allowed.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAttachmentInactive(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a := f.upload(room.ID, ann.ID, "a")
	require.NoError(t, f.DeactivateRoom(f.ctx, room.ID))
	e := f.refuseAttachment(t, storage.Attachment{RoomID: room.ID, Blob: "b"}, storage.ErrForbidden)
	require.Equal(t, storage.ReasonRoomInactive, e.Reason)
	require.Equal(t, storage.EntityRoom, e.Entity)
	require.Equal(t, room.ID.String(), e.ID)
	require.Equal(t, a, f.readAttachment(a.ID), "what was uploaded before")
	freed, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err, "DeleteAttachment in an inactive room")
	require.Equal(t, a.Blob, freed)
	require.NoError(t, f.ReactivateRoom(f.ctx, room.ID))
	f.upload(room.ID, ann.ID, "b")
}

func testAttachmentRules(t *testing.T, f *fixture) {
	for _, c := range []struct {
		name    string
		rules   storage.UploadRules
		allowed []storage.Attachment
		refused []storage.Attachment
	}{
		{"forbidden", storage.UploadRules{Forbidden: true}, nil, []storage.Attachment{{}, {Size: 1, MediaType: "image/png"}}},
		{
			"size", storage.UploadRules{MaxBytes: 100},
			[]storage.Attachment{{}, {Size: 100}, {Size: 99, MediaType: "a/b"}}, []storage.Attachment{{Size: 101}, {Size: 1 << 62}},
		},
		{
			"types", storage.UploadRules{Types: []string{"image/png", "Text/Plain; charset=utf-8"}},
			[]storage.Attachment{{MediaType: "image/png"}, {MediaType: "IMAGE/PNG; x=y", Size: 1 << 62}, {MediaType: "text/plain"}},
			[]storage.Attachment{{}, {MediaType: "image/jpeg"}, {MediaType: "image/png2"}, {MediaType: "image/"}},
		},
		{
			"both", storage.UploadRules{MaxBytes: 10, Types: []string{"image/png"}},
			[]storage.Attachment{{Size: 10, MediaType: "image/png"}},
			[]storage.Attachment{{Size: 11, MediaType: "image/png"}, {Size: 1, MediaType: "image/gif"}},
		},
		{"none", storage.UploadRules{}, []storage.Attachment{{}, {Size: 1 << 62, MediaType: "x"}}, nil},
	} {
		room := f.room(c.name, storage.UserID{}, func(r *storage.Room) { r.Settings.Uploads = c.rules })
		for _, a := range c.allowed {
			a.RoomID, a.Blob = room.ID, "b"
			require.NoError(t, f.CreateAttachment(f.ctx, &a), "%s: %+v", c.name, a)
		}
		for _, a := range c.refused {
			a.RoomID, a.Blob = room.ID, "b"
			e := f.refuseAttachment(t, a, storage.ErrForbidden)
			require.Equal(t, storage.ReasonUpload, e.Reason, "%s: %+v", c.name, a)
			require.Equal(t, storage.EntityRoom, e.Entity)
			require.Equal(t, room.ID.String(), e.ID)
		}
	}
}

// Rules are about uploads, and not about what was uploaded before them.
func testAttachmentRulesChange(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a := f.upload(room.ID, ann.ID, "a")
	_, err := f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{Uploads: storage.UploadRules{Forbidden: true}})
	require.NoError(t, err)
	wantForbidden(t, f.CreateAttachment(f.ctx, &storage.Attachment{RoomID: room.ID, Blob: "b"}), storage.ReasonUpload)
	m := f.say(room.ID, ann.ID, "x", carrying(a))
	require.Equal(t, carried(m.ID, a), m.Attachments)
	_, err = f.UpdateRoomSettings(f.ctx, room.ID, storage.RoomSettings{})
	require.NoError(t, err)
	f.upload(room.ID, ann.ID, "b")
}

// Where several errors apply: invalid, not found, forbidden, duplicate.
func testAttachmentErrorOrder(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{}, func(r *storage.Room) { r.Settings.Uploads.Forbidden = true })
	open, shut := f.room("cellar", storage.UserID{}), f.room("attic", storage.UserID{})
	taken := f.upload(open.ID, storage.UserID{}, "a").ID
	require.NoError(t, f.DeactivateRoom(f.ctx, shut.ID))
	for _, c := range []struct {
		name string
		a    storage.Attachment
		want error
	}{
		{"invalid and not found", storage.Attachment{RoomID: nowhere, UploaderID: nobody}, storage.ErrInvalid},
		{"invalid and forbidden", storage.Attachment{RoomID: room.ID, Blob: "b", Size: -1}, storage.ErrInvalid},
		{"not found and inactive", storage.Attachment{RoomID: shut.ID, UploaderID: nobody, Blob: "b"}, storage.ErrNotFound},
		{"not found and forbidden", storage.Attachment{RoomID: room.ID, UploaderID: nobody, Blob: "b"}, storage.ErrNotFound},
		{"not found and duplicate", storage.Attachment{ID: taken, RoomID: open.ID, UploaderID: nobody, Blob: "b"}, storage.ErrNotFound},
		{"inactive and duplicate", storage.Attachment{ID: taken, RoomID: shut.ID, Blob: "b"}, storage.ErrForbidden},
		{"forbidden and duplicate", storage.Attachment{ID: taken, RoomID: room.ID, Blob: "b"}, storage.ErrForbidden},
	} {
		err := f.CreateAttachment(f.ctx, &c.a)
		require.ErrorIs(t, err, c.want, c.name)
		wantErr(t, err, c.want)
	}
}
