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

var attachmentListCases = []testCase{
	{"every condition", testAttachmentFilters},
	{"equal times", testAttachmentTies},
	{"range of times", testAttachmentTimes},
	{"exact text", testAttachmentListTexts},
	{"unknown room, message and uploader", testAttachmentListUnknown},
	{"invalid", testAttachmentListInvalid},
	{"limits", testAttachmentListLimits},
	{"cursors", testAttachmentCursors},
	{"walk while attachments come and go", testAttachmentWalk},
}

// attachmentPages makes a reader of pages of a query.
func (f *fixture) attachmentPages(q storage.AttachmentQuery) pages[storage.Attachment] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Attachment], error) {
		q.Limit, q.Cursor = limit, c
		return f.Attachments(f.ctx, q)
	}
}

// gallery is many attachments: in two rooms, of two uploaders and of nobody,
// carried and not, some of them equal in time, in their hash or in their blob.
type gallery struct {
	ann, bob   storage.User
	room, side storage.Room
	message    storage.Message
	all        []storage.Attachment // but the one that has expired
	expired    storage.Attachment   // whose message's time is over
}

func (f *fixture) newGallery() *gallery {
	f.t.Helper()
	g := &gallery{ann: f.user("ann"), bob: f.user("bob")}
	g.room, g.side = f.room("hall", g.ann.ID), f.room("attic", g.ann.ID)
	for i := range 16 {
		if i%3 == 0 {
			f.clock.advance(time.Minute)
		}
		g.all = append(g.all, f.upload([]storage.RoomID{g.room.ID, g.room.ID, g.side.ID}[i%3],
			[]storage.UserID{g.ann.ID, g.bob.ID, {}, g.ann.ID}[i%4], fmt.Sprint(i), func(a *storage.Attachment) {
				a.ID, a.Hash, a.Blob = id[storage.Attachment](byte(i*37%251)), []string{"", "h", "H"}[i/2%3], []string{"b", "b/1"}[i/3%2]
			}))
	}
	g.message = f.say(g.room.ID, g.ann.ID, "x", carrying(g.all[4], g.all[1], g.all[12]))
	expires := func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Second) }
	g.expired = f.say(g.room.ID, g.bob.ID, "expires", carrying(g.all[6]), expires).Attachments[0]
	f.say(g.side.ID, g.bob.ID, "y", carrying(g.all[2], g.all[14]))
	f.remove(f.say(g.room.ID, g.ann.ID, "a tombstone", carrying(g.all[9])).ID, g.ann.ID)
	f.clock.advance(time.Second)
	g.all = slices.Delete(g.all, 6, 7)
	for i, a := range g.all {
		g.all[i] = f.readAttachment(a.ID)
	}
	return g
}

// selected is what the contract says about a query.
func (g *gallery) selected(q storage.AttachmentQuery) []storage.Attachment {
	var out []storage.Attachment
	for _, a := range append(g.all[:len(g.all):len(g.all)], g.expired) {
		if (q.WithExpired || a.ID != g.expired.ID) && (q.Room.IsZero() || q.Room == a.RoomID) && (q.Message.IsZero() || q.Message == a.MessageID) &&
			(q.Uploader.IsZero() || q.Uploader == a.UploaderID) && (q.Hash == "" || q.Hash == a.Hash) && (q.Blob == "" || q.Blob == a.Blob) &&
			(!q.Unattached || a.MessageID.IsZero()) && !a.CreatedAt.Before(q.From) && (q.To.IsZero() || a.CreatedAt.Before(q.To)) {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b storage.Attachment) int {
		if order := b.CreatedAt.Compare(a.CreatedAt); order != 0 {
			return order
		}
		return b.ID.Compare(a.ID)
	})
	return out
}

func testAttachmentFilters(t *testing.T, f *fixture) {
	g := f.newGallery()
	from, to := g.all[4].CreatedAt, g.all[11].CreatedAt
	for _, q := range []storage.AttachmentQuery{
		{},
		{Room: g.room.ID},
		{Room: g.side.ID},
		{Message: g.message.ID},
		{Uploader: g.ann.ID},
		{Hash: "h"},
		{Blob: "b"},
		{Unattached: true},
		{WithExpired: true},
		{Uploader: g.expired.UploaderID, WithExpired: true},
		{Message: g.expired.MessageID, WithExpired: true},
		{Room: g.room.ID, Unattached: true, WithExpired: true},
		{From: from, To: to},
		{From: from},
		{To: to},
		{Room: g.room.ID, Uploader: g.bob.ID},
		{Room: g.room.ID, Unattached: true},
		{Room: g.side.ID, Hash: "h"},
		{Room: g.room.ID, Blob: "b", From: from},
		{Room: g.room.ID, Message: g.message.ID},
		{Room: g.side.ID, Message: g.message.ID},
		{Message: g.message.ID, Uploader: g.bob.ID},
		{Message: g.message.ID, Hash: "h"},
		{Message: g.message.ID, To: to},
		{Message: g.message.ID, Blob: "b/1"},
		{Uploader: g.ann.ID, Unattached: true},
		{Uploader: g.ann.ID, Hash: "h", Blob: "b"},
		{Uploader: g.bob.ID, From: from, To: to},
		{Hash: "H", Blob: "b", Unattached: true},
		{Hash: "h", To: to},
		{Blob: "b/1", Unattached: true, From: from},
		{Room: g.room.ID, Uploader: g.ann.ID, Hash: "h", Blob: "b", Unattached: true, From: from, To: to},
	} {
		wantList(t, g.selected(q), f.attachmentPages(q))
	}
}

func testAttachmentTies(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, n := range []byte{5, 0x90, 3, 0xff, 1, 4} {
		f.upload(room.ID, storage.UserID{}, fmt.Sprint(n), func(a *storage.Attachment) { a.ID = id[storage.Attachment](n) })
	}
	f.clock.advance(-time.Second)
	f.upload(room.ID, storage.UserID{}, "older", func(a *storage.Attachment) { a.ID = id[storage.Attachment](0xf0) })
	all := list(f, f.Attachments, storage.AttachmentQuery{Room: room.ID})
	var names []string
	for _, a := range all {
		names = append(names, a.Name)
	}
	require.Equal(t, []string{"255", "144", "5", "4", "3", "1", "older"}, names)
	wantList(t, all, f.attachmentPages(storage.AttachmentQuery{Room: room.ID}))
	wantList(t, all, f.attachmentPages(storage.AttachmentQuery{}))
}

// From is inclusive and To exclusive, to the microsecond, and in between a
// bound means what it says.
func testAttachmentTimes(t *testing.T, f *fixture) {
	a := f.upload(f.room("hall", storage.UserID{}).ID, storage.UserID{}, "a")
	for _, c := range []struct {
		from, to time.Duration
		want     int
	}{
		{0, time.Microsecond, 1}, {0, time.Nanosecond, 1}, {-time.Microsecond, 0, 0}, {time.Nanosecond, time.Hour, 0},
		{time.Microsecond, time.Hour, 0}, {-time.Nanosecond, time.Nanosecond, 1}, {0, 0, 0}, {-time.Hour, time.Hour, 1},
	} {
		for _, q := range []storage.AttachmentQuery{{}, {Room: a.RoomID}, {Blob: a.Blob}, {Unattached: true}} {
			q.From, q.To = f.now().Add(c.from), f.now().Add(c.to).In(clockStart.Location())
			page, err := f.Attachments(f.ctx, q)
			require.NoError(t, err)
			require.Len(t, page.Items, c.want, "from %v to %v", c.from, c.to)
		}
	}
}

// Hashes and blobs are compared byte by byte.
func testAttachmentListTexts(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	all := slices.DeleteFunc(append([]string{"a", "A", "ab", "a ", of(storage.MaxHash)}, kept...), func(text string) bool {
		return text == "" || len(text) > storage.MaxHash
	})
	slices.Sort(all)
	all = slices.Compact(all)
	for _, text := range all {
		f.upload(room.ID, storage.UserID{}, text, func(a *storage.Attachment) { a.Hash, a.Blob = text, text })
	}
	for _, text := range all {
		for _, q := range []storage.AttachmentQuery{{Hash: text}, {Blob: text}, {Hash: text, Room: room.ID}} {
			page, err := f.Attachments(f.ctx, q)
			require.NoError(t, err)
			require.Len(t, page.Items, 1, "%q", text)
			require.Equal(t, text, page.Items[0].Hash)
		}
	}
}

func testAttachmentListUnknown(t *testing.T, f *fixture) {
	g := f.newGallery()
	bare := f.say(g.room.ID, g.ann.ID, "bare")
	for _, q := range []storage.AttachmentQuery{
		{Room: nowhere}, {Uploader: nobody}, {Message: id[storage.Message](255)}, {Message: bare.ID}, {Hash: "none"}, {Blob: "none"},
		{Room: g.room.ID, Uploader: nobody}, {Room: nowhere, Message: g.message.ID}, {Blob: "none", Unattached: true},
	} {
		page, err := f.Attachments(f.ctx, q)
		require.NoError(t, err)
		require.Zero(t, page, "%+v", q)
	}
}

func testAttachmentListInvalid(t *testing.T, f *fixture) {
	g := f.newGallery()
	for _, c := range []struct {
		field string
		q     storage.AttachmentQuery
	}{
		{"Unattached", storage.AttachmentQuery{Unattached: true, Message: g.message.ID}},
		{"To", storage.AttachmentQuery{From: clockStart, To: clockStart.Add(-time.Nanosecond)}},
		{"To", storage.AttachmentQuery{From: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
		{"Hash", storage.AttachmentQuery{Hash: of(storage.MaxHash + 1)}},
		{"Hash", storage.AttachmentQuery{Hash: "\xff"}},
		{"Blob", storage.AttachmentQuery{Blob: of(storage.MaxBlob + 1)}},
		{"Blob", storage.AttachmentQuery{Blob: "a\x00"}},
		{"Limit", storage.AttachmentQuery{Limit: -1}},
		{"Cursor", storage.AttachmentQuery{Cursor: "x"}},
	} {
		page, err := f.Attachments(f.ctx, c.q)
		wantErr(t, err, storage.ErrInvalid, c.field)
		require.Zero(t, page)
	}
}

func testAttachmentListLimits(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	create := func(tx storage.ReadWriter) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.CreateAttachment(f.ctx, &storage.Attachment{RoomID: room.ID, Blob: "b"}))
		}
	}
	if nested, ok := f.Store.(*txStore); ok {
		create(nested)
	} else {
		f.bulk(func(_ context.Context, tx storage.Tx) { create(tx) })
	}
	wantLimits(t, f.attachmentPages(storage.AttachmentQuery{}))
	wantLimits(t, f.attachmentPages(storage.AttachmentQuery{Room: room.ID}))
}

func testAttachmentCursors(t *testing.T, f *fixture) {
	g := f.newGallery()
	q := storage.AttachmentQuery{Room: g.room.ID}
	read := f.attachmentPages(q)
	wantTampered(t, read, next(t, read))
	wantOtherLimit(t, g.selected(q), read)
	wantForeign(t, read,
		next(t, f.attachmentPages(storage.AttachmentQuery{})),
		next(t, f.attachmentPages(storage.AttachmentQuery{Room: g.side.ID})),
		next(t, f.attachmentPages(storage.AttachmentQuery{Room: g.room.ID, Unattached: true})),
		next(t, f.attachmentPages(storage.AttachmentQuery{Room: g.room.ID, From: clockStart})),
		next(t, f.attachmentPages(storage.AttachmentQuery{Message: g.message.ID})),
		next(t, f.messagePages(storage.MessageQuery{Room: g.room.ID, WithDeleted: true})),
	)
}

func testAttachmentWalk(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var all []storage.Attachment
	for i := range 5 {
		all = append(all, f.upload(room.ID, storage.UserID{}, fmt.Sprint(i)))
		f.clock.advance(time.Second)
	}
	slices.Reverse(all)
	read := f.attachmentPages(storage.AttachmentQuery{Unattached: true})
	first, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, all[:2], first.Items)
	_, err = f.DeleteAttachment(f.ctx, all[1].ID) // where the cursor stands
	require.NoError(t, err)
	f.say(room.ID, storage.UserID{}, "x", carrying(all[2]))
	late := f.upload(room.ID, storage.UserID{}, "late")
	second, err := read(3, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[3:], second.Items)
	back, err := read(3, second.Prev)
	require.NoError(t, err)
	require.Equal(t, []storage.Attachment{late, all[0]}, back.Items)
}
