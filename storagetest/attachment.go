package storagetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var attachmentCases = []testCase{
	{"create fills in", testAttachmentFillsIn},
	{"create keeps everything", testAttachmentKeeps},
	{"create clears what the store decides", testAttachmentClears},
	{"unknown references", testAttachmentUnknown},
	{"invalid", testAttachmentInvalid},
	{"texts", testAttachmentTexts},
	{"custom fields", testAttachmentCustom},
	{"ID taken", testAttachmentDuplicate},
	{"inactive room", testAttachmentInactive},
	{"upload rules", testAttachmentRules},
	{"upload rules that change", testAttachmentRulesChange},
	{"order of errors", testAttachmentErrorOrder},
	{"nil", testAttachmentNil},
	{"unknown attachment", testAttachmentMissing},
	{"no aliasing", testAttachmentAliasing},
	{"carried by a message", testAttachmentCarried},
	{"order in the message", testAttachmentOrder},
	{"as many as may be", testAttachmentMost},
	{"not to be carried", testAttachmentUnfit},
	{"order of errors of what cannot be carried", testAttachmentUnfitOrder},
	{"carried by imports", testAttachmentImports},
	{"nonce", testAttachmentNonce},
	{"nonce outlives what was carried", testAttachmentNonceLater},
	{"every reader and writer of messages", testAttachmentReaders},
	{"edits", testAttachmentEdits},
	{"tombstone", testAttachmentTombstone},
	{"carried again", testAttachmentCarriedAgain},
	{"purged tombstone", testAttachmentPurgedTombstone},
	{"lists of the detached", testAttachmentDetachedLists},
	{"expired message", testAttachmentExpired},
	{"purged message", testAttachmentPurged},
	{"deleted uploader", testAttachmentUploader},
	{"deleted room", testAttachmentDeletedRoom},
	{"delete", testAttachmentDelete},
	{"delete one that is carried", testAttachmentDeleteCarried},
	{"delete refused", testAttachmentDeleteRefused},
	{"shared blobs", testAttachmentShared},
	{"purge the unattached", testAttachmentPurge},
	{"purge the detached", testAttachmentPurgeDetached},
	{"purge in batches", testAttachmentPurgeBatches},
	{"purge those of deleted rooms", testAttachmentPurgeRooms},
	{"purge shared blobs", testAttachmentPurgeShared},
	{"purge refused", testAttachmentPurgeInvalid},
	{"rolled back", testAttachmentRolledBack},
	{"reopen", testAttachmentReopen},
}

// upload stores an attachment, changed by edits first, whose blob has its name.
func (f *fixture) upload(room storage.RoomID, uploader storage.UserID, name string, edits ...func(*storage.Attachment)) storage.Attachment {
	f.t.Helper()
	a := storage.Attachment{RoomID: room, UploaderID: uploader, Name: name, Blob: "blobs/" + name}
	for _, edit := range edits {
		edit(&a)
	}
	require.NoError(f.t, f.CreateAttachment(f.ctx, &a))
	return a
}

// carrying makes a message carry attachments.
func carrying(all ...storage.Attachment) func(*storage.Message) {
	return func(m *storage.Message) {
		for _, a := range all {
			m.Attachments = append(m.Attachments, storage.Attachment{ID: a.ID})
		}
	}
}

// carried is how attachments read back that a message carries.
func carried(m storage.MessageID, all ...storage.Attachment) []storage.Attachment {
	var out []storage.Attachment
	for _, a := range all {
		a.MessageID = m
		out = append(out, a)
	}
	return out
}

func (f *fixture) readAttachment(id storage.AttachmentID) storage.Attachment {
	f.t.Helper()
	a, err := f.Attachment(f.ctx, id)
	require.NoError(f.t, err)
	return a
}

// refuseAttachment requires that CreateAttachment fails with a kind of error
// and changes neither the store nor the attachment.
func (f *fixture) refuseAttachment(t *testing.T, a storage.Attachment, kind error, field ...string) *storage.Error {
	t.Helper()
	before := a.Clone()
	e := f.refused(t, func() error { return f.CreateAttachment(f.ctx, &a) }, kind, field...)
	require.Equal(t, before, a, "*a after %v", e)
	return e
}

// fullAttachment returns an attachment with everything that one can have.
func fullAttachment(room storage.RoomID, uploader storage.UserID) storage.Attachment {
	return storage.Attachment{
		RoomID: room, UploaderID: uploader, Name: "cat.png", MediaType: "image/png", Size: 1 << 40, Hash: "sha256:ab", Blob: "b/1",
		Width: 640, Height: 480, Duration: 1500 * time.Millisecond, Custom: json.RawMessage(`{"k": 1}`),
	}
}

func testAttachmentFillsIn(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	before := f.readRoom(room.ID)
	a := storage.Attachment{RoomID: room.ID, Blob: "b"}
	require.NoError(t, f.CreateAttachment(f.ctx, &a))
	require.False(t, a.ID.IsZero(), "no ID")
	require.Equal(t, storage.Attachment{ID: a.ID, RoomID: room.ID, Blob: "b", CreatedAt: f.now()}, a)
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, before, f.readRoom(room.ID), "an attachment changes the room")
}

func testAttachmentKeeps(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	want := fullAttachment(room.ID, ann.ID)
	want.ID = id[storage.Attachment](9)
	a := want
	require.NoError(t, f.CreateAttachment(f.ctx, &a))
	want.CreatedAt = f.now()
	require.Equal(t, want, a)
	require.Equal(t, want, f.readAttachment(want.ID))
	wantFilled(t, want, "MessageID", "DetachedAt")
	f.clock.advance(time.Hour)
	require.Equal(t, want, f.readAttachment(want.ID))
}

func testAttachmentClears(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	a := f.upload(room.ID, storage.UserID{}, "a", func(a *storage.Attachment) {
		a.MessageID, a.CreatedAt, a.Custom = m.ID, clockStart.Add(-time.Hour), json.RawMessage{}
		a.DetachedAt = f.now()
	})
	require.Equal(t, storage.Attachment{ID: a.ID, RoomID: room.ID, Name: "a", Blob: "blobs/a", CreatedAt: f.now()}, a)
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, m, f.readMessage(m.ID))
}

func testAttachmentUnknown(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	e := f.refuseAttachment(t, storage.Attachment{RoomID: nowhere, Blob: "b"}, storage.ErrNotFound)
	require.Equal(t, storage.EntityRoom, e.Entity)
	require.Equal(t, nowhere.String(), e.ID)
	e = f.refuseAttachment(t, storage.Attachment{RoomID: room.ID, UploaderID: nobody, Blob: "b"}, storage.ErrNotFound, "UploaderID")
	require.Equal(t, storage.EntityUser, e.Entity)
	require.Equal(t, nobody.String(), e.ID)
}

func testAttachmentInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, c := range []struct {
		field string
		spoil func(*storage.Attachment)
	}{
		{"RoomID", func(a *storage.Attachment) { a.RoomID = storage.RoomID{} }},
		{"Blob", func(a *storage.Attachment) { a.Blob = "" }},
		{"Size", func(a *storage.Attachment) { a.Size = -1 }},
		{"Width", func(a *storage.Attachment) { a.Width = -1 }},
		{"Height", func(a *storage.Attachment) { a.Height = -1 << 62 }},
		{"Duration", func(a *storage.Attachment) { a.Duration = -1 }},
		{"Custom", func(a *storage.Attachment) { a.Custom = json.RawMessage(`[]`) }},
	} {
		a := fullAttachment(room.ID, storage.UserID{})
		c.spoil(&a)
		f.refuseAttachment(t, a, storage.ErrInvalid, c.field)
	}
	a := fullAttachment(room.ID, storage.UserID{})
	a.Size, a.Width, a.Height, a.Duration = 1<<63-1, 1<<63-1, 1<<63-1, 1<<63-1
	require.NoError(t, f.CreateAttachment(f.ctx, &a), "numbers as large as may be")
	require.Equal(t, a, f.readAttachment(a.ID))
}

var attachmentTexts = []limited[storage.Attachment]{
	{"Name", storage.MaxAttachmentName, func(a *storage.Attachment) *string { return &a.Name }},
	{"MediaType", storage.MaxMediaType, func(a *storage.Attachment) *string { return &a.MediaType }},
	{"Hash", storage.MaxHash, func(a *storage.Attachment) *string { return &a.Hash }},
	{"Blob", storage.MaxBlob, func(a *storage.Attachment) *string { return &a.Blob }},
}

func testAttachmentTexts(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	testTexts(t, f, texts[storage.Attachment]{
		fields: attachmentTexts,
		make:   func() storage.Attachment { return storage.Attachment{RoomID: room.ID, Blob: "b"} },
		store: func(a *storage.Attachment) error {
			if a.Blob == "" { // which must not be: see testAttachmentInvalid
				a.Blob = "b"
			}
			return f.CreateAttachment(f.ctx, a)
		},
		read: func(a storage.Attachment) storage.Attachment { return f.readAttachment(a.ID) },
	})
}

func testAttachmentCustom(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var last storage.AttachmentID
	wantCustom(t, f, "Custom", func(custom json.RawMessage) error {
		a := storage.Attachment{RoomID: room.ID, Blob: "b", Custom: custom}
		err := f.CreateAttachment(f.ctx, &a)
		if err == nil {
			last = a.ID
		}
		return err
	}, func() json.RawMessage { return f.readAttachment(last).Custom })
}

func testAttachmentDuplicate(t *testing.T, f *fixture) {
	room, other := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	a := f.upload(room.ID, storage.UserID{}, "a")
	for _, where := range []storage.RoomID{room.ID, other.ID} {
		e := f.refuseAttachment(t, storage.Attachment{ID: a.ID, RoomID: where, Blob: "b"}, storage.ErrDuplicate, "ID")
		require.Equal(t, storage.EntityAttachment, e.Entity)
		require.Equal(t, a.ID.String(), e.ID)
	}
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	f.refuseAttachment(t, storage.Attachment{ID: a.ID, RoomID: other.ID, Blob: "b"}, storage.ErrDuplicate, "ID")
}

func testAttachmentMissing(t *testing.T, f *fixture) {
	f.upload(f.room("hall", storage.UserID{}).ID, storage.UserID{}, "a")
	for _, unknown := range []storage.AttachmentID{{}, id[storage.Attachment](1), {0: 0xff}} {
		got, err := f.Attachment(f.ctx, unknown)
		wantNotFound(t, err, storage.EntityAttachment)
		require.Zero(t, got)
		e := f.refused(t, func() error { return errOf(f.DeleteAttachment(f.ctx, unknown)) }, storage.ErrNotFound)
		require.Equal(t, storage.EntityAttachment, e.Entity)
		require.Equal(t, unknown.String(), e.ID)
	}
}

func testAttachmentNil(t *testing.T, f *fixture) {
	wantErr(t, f.CreateAttachment(f.ctx, nil), storage.ErrInvalid)
}

func testAttachmentAliasing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	given := fullAttachment(room.ID, ann.ID)
	a := given
	require.NoError(t, f.CreateAttachment(f.ctx, &a))
	m := f.say(room.ID, ann.ID, "x", carrying(a), tagged("t"))
	sent := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Attachments: []storage.Attachment{{ID: f.upload(room.ID, ann.ID, "b").ID}}}
	created := sent
	_, err := f.CreateMessage(f.ctx, &created)
	require.NoError(t, err)
	stored := func() any {
		return []any{f.readAttachment(a.ID), f.readMessage(m.ID), f.readMessage(created.ID)}
	}
	wantUnaliased(t, stored,
		exchange{"CreateAttachment took", func() (any, error) { return &given, nil }},
		exchange{"CreateMessage took", func() (any, error) { return &sent, nil }},
		exchange{"CreateMessage gave", func() (any, error) { return &created, nil }},
		exchange{"Attachment", func() (any, error) { return got(f.Attachment(f.ctx, a.ID)) }},
		exchange{"Attachments", func() (any, error) { return got(f.Attachments(f.ctx, storage.AttachmentQuery{})) }},
		exchange{"Message", func() (any, error) { return got(f.Message(f.ctx, m.ID)) }},
		exchange{"Messages", func() (any, error) {
			return got(f.Messages(f.ctx, storage.MessageQuery{Room: room.ID, Tags: []string{"t"}}))
		}},
		exchange{"PinMessage", func() (any, error) { return got(f.UnpinMessage(f.ctx, m.ID, ann.ID)) }},
	)
	require.NotEmpty(t, f.readAttachment(a.ID).Custom)
}
