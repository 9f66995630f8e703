package storagetest

// Attachments that messages carry.

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testAttachmentCarried(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	a := fullAttachment(room.ID, ann.ID)
	require.NoError(t, f.CreateAttachment(f.ctx, &a))
	f.clock.advance(time.Minute)
	m := f.say(room.ID, bob.ID, "look", func(m *storage.Message) {
		m.Attachments = []storage.Attachment{{ID: a.ID, Name: "another name", MessageID: id[storage.Message](1), Size: -1}}
	})
	a.MessageID = m.ID
	require.Equal(t, []storage.Attachment{a}, m.Attachments, "what CreateMessage filled in")
	require.Equal(t, m, f.readMessage(m.ID))
	require.Equal(t, a, f.readAttachment(a.ID))
	require.Equal(t, storage.Message{
		ID: m.ID, RoomID: room.ID, Seq: 1, AuthorID: bob.ID, Type: storage.MessageText, Body: "look",
		CreatedAt: f.now(), Version: 1, Attachments: []storage.Attachment{a},
	}, m)
	require.Nil(t, f.say(room.ID, bob.ID, "none", func(m *storage.Message) { m.Attachments = []storage.Attachment{} }).Attachments)
}

func testAttachmentOrder(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var all []storage.Attachment
	for _, n := range []byte{5, 1, 200, 3, 2} {
		all = append(all, f.upload(room.ID, storage.UserID{}, fmt.Sprint(n), func(a *storage.Attachment) { a.ID = id[storage.Attachment](n) }))
	}
	first := f.say(room.ID, storage.UserID{}, "x", carrying(all[2], all[0], all[4]))
	second := f.say(room.ID, storage.UserID{}, "y", carrying(all[1], all[3]))
	require.Equal(t, carried(first.ID, all[2], all[0], all[4]), f.readMessage(first.ID).Attachments)
	require.Equal(t, carried(second.ID, all[1], all[3]), f.readMessage(second.ID).Attachments)
	_, err := f.DeleteAttachment(f.ctx, all[0].ID)
	require.NoError(t, err)
	require.Equal(t, carried(first.ID, all[2], all[4]), f.readMessage(first.ID).Attachments)
}

func testAttachmentMost(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var all []storage.Attachment
	for i := range storage.MaxAttachments + 1 {
		all = append(all, f.upload(room.ID, storage.UserID{}, fmt.Sprint(i)))
	}
	slices.Reverse(all)
	many := storage.Message{RoomID: room.ID}
	carrying(all...)(&many)
	f.refuseMessage(t, many, storage.ErrInvalid, "Attachments")
	m := f.say(room.ID, storage.UserID{}, "x", carrying(all[1:]...))
	require.Equal(t, carried(m.ID, all[1:]...), f.readMessage(m.ID).Attachments)
}

// with is a message that carries attachments, to be refused.
func with(room storage.RoomID, ids ...storage.AttachmentID) storage.Message {
	m := storage.Message{RoomID: room}
	for _, id := range ids {
		m.Attachments = append(m.Attachments, storage.Attachment{ID: id})
	}
	return m
}

func testAttachmentUnfit(t *testing.T, f *fixture) {
	room, other := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	a, foreign := f.upload(room.ID, storage.UserID{}, "a"), f.upload(other.ID, storage.UserID{}, "b")
	taken := f.upload(room.ID, storage.UserID{}, "c")
	carrier := f.say(room.ID, storage.UserID{}, "x", carrying(taken))
	unknown := id[storage.Attachment](1)

	f.refuseMessage(t, with(room.ID, storage.AttachmentID{}), storage.ErrInvalid, "Attachments")
	f.refuseMessage(t, with(room.ID, a.ID, a.ID), storage.ErrInvalid, "Attachments")
	f.refuseMessage(t, with(room.ID, a.ID, foreign.ID), storage.ErrInvalid, "Attachments")
	e := f.refuseMessage(t, with(room.ID, a.ID, unknown), storage.ErrNotFound, "Attachments")
	require.Equal(t, storage.EntityAttachment, e.Entity)
	require.Equal(t, unknown.String(), e.ID)
	e = f.refuseMessage(t, with(room.ID, a.ID, taken.ID), storage.ErrConflict)
	require.Equal(t, storage.EntityAttachment, e.Entity)
	require.Equal(t, taken.ID.String(), e.ID)

	require.Zero(t, f.readAttachment(a.ID).MessageID, "what was refused is free")
	require.Equal(t, carrier, f.readMessage(carrier.ID))
	m := f.say(room.ID, storage.UserID{}, "y", carrying(a))
	require.Equal(t, int64(2), m.Seq)
	f.refuseMessage(t, with(room.ID, a.ID), storage.ErrConflict)
	f.say(other.ID, storage.UserID{}, "z", carrying(foreign))

	gone := f.upload(room.ID, storage.UserID{}, "d")
	f.say(room.ID, storage.UserID{}, "short-lived", carrying(gone), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Second) })
	f.refuseMessage(t, with(room.ID, gone.ID), storage.ErrConflict)
	f.clock.advance(time.Second)
	f.refuseMessage(t, with(room.ID, gone.ID), storage.ErrNotFound, "Attachments")
}

// Where several errors apply: invalid, not found, forbidden, conflict,
// duplicate.
func testAttachmentUnfitOrder(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, shut := f.room("hall", ann.ID), f.room("attic", ann.ID)
	free, taken := f.upload(room.ID, ann.ID, "a").ID, f.upload(room.ID, ann.ID, "b").ID
	inside, held := f.upload(shut.ID, ann.ID, "c").ID, f.upload(shut.ID, ann.ID, "d").ID
	said := f.say(room.ID, ann.ID, "x", carrying(storage.Attachment{ID: taken}))
	f.say(shut.ID, ann.ID, "y", carrying(storage.Attachment{ID: held}))
	require.NoError(t, f.DeactivateRoom(f.ctx, shut.ID))
	unknown := id[storage.Attachment](1)
	author := func(m storage.Message, author storage.UserID) storage.Message { m.AuthorID = author; return m }
	named := func(m storage.Message) storage.Message { m.ID = said.ID; return m }
	for _, c := range []struct {
		name string
		m    storage.Message
		want error
	}{
		{"another room's and unknown", with(room.ID, unknown, inside), storage.ErrInvalid},
		{"another room's and author unknown", author(with(room.ID, inside), nobody), storage.ErrInvalid},
		{"another room's and inactive", with(shut.ID, free), storage.ErrInvalid},
		{"another room's and taken", with(shut.ID, taken), storage.ErrInvalid},
		{"unknown and inactive", with(shut.ID, inside, unknown), storage.ErrNotFound},
		{"unknown and taken", with(room.ID, taken, unknown), storage.ErrNotFound},
		{"unknown and ID taken", named(with(room.ID, unknown)), storage.ErrNotFound},
		{"author unknown and taken", author(with(room.ID, taken), nobody), storage.ErrNotFound},
		{"inactive and taken", with(shut.ID, held), storage.ErrForbidden},
		{"taken and ID taken", named(with(room.ID, taken)), storage.ErrConflict},
	} {
		m := c.m
		_, err := f.CreateMessage(f.ctx, &m)
		require.ErrorIs(t, err, c.want, c.name)
		wantErr(t, err, c.want)
		require.Equal(t, c.m, m, c.name)
	}
}

func testAttachmentImports(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	first, second := with(room.ID, b.ID), with(room.ID, a.ID)
	f.createMany(2, &first, &second)
	require.Equal(t, carried(first.ID, b), first.Attachments)
	require.Equal(t, carried(second.ID, a), second.Attachments)

	c := f.upload(room.ID, ann.ID, "c")
	third, fourth := with(room.ID, c.ID), with(room.ID, c.ID)
	f.refuseMany(t, []*storage.Message{&third, &fourth}, storage.ErrConflict, "[1]")
	fourth = with(room.ID, storage.AttachmentID{})
	f.refuseMany(t, []*storage.Message{&third, &fourth}, storage.ErrInvalid, "[1].Attachments")
	require.Zero(t, f.readAttachment(c.ID).MessageID)
	f.createMany(1, &third)
}

// The digest of a request covers what it carries.
func testAttachmentNonce(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b, c := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b"), f.upload(room.ID, ann.ID, "c")
	request := func(all ...storage.Attachment) storage.Message {
		m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Nonce: "n"}
		carrying(all...)(&m)
		return m
	}
	first := f.send(request(a, b))
	require.Equal(t, carried(first.ID, a, b), first.Attachments)
	f.sendAgain(first, request(a, b))
	f.sendAgain(first, first)
	for _, other := range [][]storage.Attachment{nil, {a}, {b, a}, {a, b, c}, {c}, {a, c}} {
		f.refuseMessage(t, request(other...), storage.ErrConflict)
	}
	again, twice := request(a, b), request(a, b)
	n, err := f.CreateMessages(f.ctx, []*storage.Message{&again, &twice})
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, first, again)
	require.Zero(t, f.readAttachment(c.ID).MessageID)
}

func testAttachmentNonceLater(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b := f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	request := func() storage.Message {
		m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Nonce: "n"}
		carrying(a, b)(&m)
		return m
	}
	first := f.send(request())
	_, err := f.DeleteAttachment(f.ctx, a.ID)
	require.NoError(t, err)
	first.Attachments, first.Version = carried(first.ID, b), 2
	f.sendAgain(first, request())
	require.NoError(t, f.DeactivateRoom(f.ctx, room.ID))
	f.sendAgain(first, request())
	stone := f.remove(first.ID, ann.ID)
	f.sendAgain(stone, request())
	f.forget(first.ID)
	require.NoError(t, f.ReactivateRoom(f.ctx, room.ID))
	f.refuseMessage(t, request(), storage.ErrNotFound, "Attachments")
}

// carrier stores a message with two attachments.
func (f *fixture) carrier() (m storage.Message, a, b storage.Attachment) {
	f.t.Helper()
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	a, b = f.upload(room.ID, ann.ID, "a"), f.upload(room.ID, ann.ID, "b")
	m = f.say(room.ID, ann.ID, "needle", carrying(b, a))
	return m, f.readAttachment(a.ID), f.readAttachment(b.ID)
}

func testAttachmentReaders(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	want := []storage.Attachment{b, a}
	f.say(m.RoomID, m.AuthorID, "another")
	for _, q := range []storage.MessageQuery{{Room: m.RoomID, Order: storage.OldestFirst}, {Author: m.AuthorID, Order: storage.OldestFirst},
		{Room: m.RoomID, Around: storage.At(m.ID), Limit: 1}, {Thread: m.ID}} {
		page, err := f.Messages(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, want, page.Items[0].Attachments, "%+v", q)
	}
	require.Equal(t, want, f.pin(m.ID, m.AuthorID).Attachments, "PinMessage")
	require.Equal(t, want, f.pin(m.ID, m.AuthorID).Attachments, "PinMessage again")
	require.Equal(t, want, f.unpin(m.ID, m.AuthorID).Attachments, "UnpinMessage")
	f.clock.advance(time.Second)
	require.Equal(t, want, f.edit(m.ID, m.AuthorID, storage.MessagePatch{Body: new("needles")}).Attachments, "EditMessage")
	require.Equal(t, want, f.edit(m.ID, m.AuthorID, storage.MessagePatch{}).Attachments, "EditMessage of nothing")
	many, err := f.MessagesByID(f.ctx, m.ID)
	require.NoError(t, err)
	require.Equal(t, want, many[0].Attachments, "MessagesByID")
	if f.backend.lacks(FeatureSearch) {
		return
	}
	found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "needles"})
	require.NoError(t, err)
	require.Equal(t, want, found.Items[0].Message.Attachments, "SearchMessages")
}
