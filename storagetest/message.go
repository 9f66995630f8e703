package storagetest

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var messageCases = []testCase{
	{"create fills in", testMessageFillsIn},
	{"create clears what the store decides", testMessageClears},
	{"create keeps everything", testMessageKeeps},
	{"types", testMessageTypes},
	{"given ID", testMessageGivenID},
	{"ID taken", testMessageDuplicateID},
	{"Seq has no gaps", testMessageSeq},
	{"no author", testMessageNoAuthor},
	{"posting needs no membership", testMessageNoMembership},
	{"unknown references", testMessageReferences},
	{"threads", testMessageThreads},
	{"inactive room", testMessageInactiveRoom},
	{"counters of the room", testMessageCounters},
	{"order of errors", testMessageErrorOrder},
	{"mentions and tags", testMessageDistinct},
	{"limits", testMessageLimits},
	{"texts", testMessageTexts},
	{"custom fields", testMessageCustom},
	{"times", testMessageTimes},
	{"no aliasing", testMessageAliasing},
	{"nil", testMessageNil},
	{"unknown message", testMessageUnknown},
	{"many by ID", testMessagesByID},
	{"limit of many by ID", testMessagesByIDLimit},
	{"deleted room", testMessageDeletedRoom},
	{"expiry", testMessageExpiry},
	{"expired messages are not there", testMessageExpired},
	{"expiry within a transaction", testMessageExpiryInTx},
	{"nonce", testNonceAgain},
	{"nonce after changes", testNonceAfterChanges},
	{"nonce after reopening", testNonceReopened},
	{"nonce of another request", testNonceConflict},
	{"nonce of another author or room", testNonceScope},
	{"nonce without an author", testNonceNobody},
	{"nonce outlives what it needed", testNonceLater},
	{"nonce in one transaction", testNonceInTx},
}

func testMessageFillsIn(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "hello"}
	created, err := f.CreateMessage(f.ctx, &m)
	require.NoError(t, err)
	require.True(t, created, "created")
	require.False(t, m.ID.IsZero(), "no ID")
	require.Equal(t, storage.Message{
		ID: m.ID, RoomID: room.ID, Seq: 1, AuthorID: ann.ID, Type: storage.MessageText, Body: "hello",
		CreatedAt: f.now(), Version: 1,
	}, m)
	require.Equal(t, m, f.readMessage(m.ID))
}

func testMessageClears(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	other := f.say(room.ID, ann.ID, "first")
	m := f.say(room.ID, ann.ID, "second", func(m *storage.Message) {
		m.Seq, m.RootID, m.Version = 7, other.ID, 7
		m.Reactions = []storage.ReactionCount{{Emoji: "x", Count: 1}}
		m.Thread = storage.Thread{Replies: 1, LastReplyID: other.ID}
		m.CreatedAt, m.EditedAt, m.DeletedAt, m.PinnedAt = clockStart.Add(-time.Hour), clockStart, clockStart, clockStart
		m.DeletedBy = ann.ID
	})
	require.Equal(t, storage.Message{
		ID: m.ID, RoomID: room.ID, Seq: 2, AuthorID: ann.ID, Type: storage.MessageText, Body: "second",
		CreatedAt: f.now(), Version: 1,
	}, m)
	require.Equal(t, m, f.readMessage(m.ID))
}

func testMessageKeeps(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	parent := f.say(room.ID, bob.ID, "well?")
	m := f.say(room.ID, ann.ID, "*hello*", func(m *storage.Message) {
		m.Type, m.ParentID, m.Nonce = storage.MessageMarkdown, parent.ID, "client-1"
		m.Mentions, m.MentionsAll = []storage.UserID{bob.ID, ann.ID}, true
		m.Tags, m.Custom = []string{"a", "b"}, json.RawMessage(`{"k":1}`)
		m.ExpiresAt = clockStart.Add(time.Hour)
	})
	require.Equal(t, storage.Message{
		ID: m.ID, RoomID: room.ID, Seq: 2, AuthorID: ann.ID, Type: storage.MessageMarkdown, Body: "*hello*",
		ParentID: parent.ID, RootID: parent.ID, Nonce: "client-1",
		Mentions: []storage.UserID{bob.ID, ann.ID}, MentionsAll: true,
		Tags: []string{"a", "b"}, Custom: json.RawMessage(`{"k":1}`),
		CreatedAt: f.now(), ExpiresAt: storage.Timestamp(clockStart.Add(time.Hour)), Version: 1,
	}, m)
	require.Equal(t, m, f.readMessage(m.ID), "Message")
	parent = f.readMessage(parent.ID) // with its thread
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: room.ID})
	require.NoError(t, err)
	require.Equal(t, []storage.Message{m, parent}, page.Items, "Messages")
	require.Equal(t, room.Version, f.readRoom(room.ID).Version, "a message raises the room's version")
}

func testMessageTypes(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for kind := storage.MessageText; kind.Valid(); kind++ {
		m := f.say(room.ID, storage.UserID{}, "x", func(m *storage.Message) { m.Type = kind })
		assert.Equal(t, kind, m.Type)
		assert.Equal(t, m, f.readMessage(m.ID))
	}
	f.refuseMessage(t, storage.Message{RoomID: room.ID, Type: storage.MessageEncrypted + 1}, storage.ErrInvalid, "Type")
	f.refuseMessage(t, storage.Message{RoomID: room.ID, Type: 255}, storage.ErrInvalid, "Type")
}

func testMessageGivenID(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for _, given := range []storage.MessageID{id[storage.Message](9), id[storage.Message](1), {15: 1}, {0: 0xff, 15: 0xff}} {
		m := f.say(room.ID, storage.UserID{}, "x", func(m *storage.Message) { m.ID = given })
		require.Equal(t, given, m.ID)
		require.Equal(t, m, f.readMessage(given))
	}
}

func testMessageDuplicateID(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	m := f.say(hall.ID, storage.UserID{}, "first")
	for _, room := range []storage.RoomID{hall.ID, attic.ID} {
		e := f.refuseMessage(t, storage.Message{ID: m.ID, RoomID: room, Body: "second"}, storage.ErrDuplicate, "ID")
		require.Equal(t, storage.EntityMessage, e.Entity)
	}
	_, err := f.DeleteMessage(f.ctx, m.ID, storage.UserID{})
	require.NoError(t, err)
	f.refuseMessage(t, storage.Message{ID: m.ID, RoomID: hall.ID, Body: "a tombstone has it"}, storage.ErrDuplicate, "ID")
	require.Equal(t, int64(2), f.say(hall.ID, storage.UserID{}, "third").Seq)
}

// refuseMessage requires that CreateMessage fails with a kind of error and
// changes neither the store nor the message.
func (f *fixture) refuseMessage(t *testing.T, m storage.Message, kind error, field ...string) *storage.Error {
	t.Helper()
	before := m
	before.Mentions, before.Tags, before.Custom = slices.Clone(m.Mentions), slices.Clone(m.Tags), slices.Clone(m.Custom)
	before.Attachments = slices.Clone(m.Attachments)
	e := f.refused(t, func() error {
		created, err := f.CreateMessage(f.ctx, &m)
		require.False(t, created, "created beside an error")
		return err
	}, kind, field...)
	require.Equal(t, before, m, "*m after %v", e)
	return e
}

func testMessageSeq(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall, attic := f.room("hall", ann.ID), f.room("attic", ann.ID)
	elsewhere := f.say(attic.ID, ann.ID, "elsewhere")
	first := f.say(hall.ID, ann.ID, "first", func(m *storage.Message) { m.Nonce = "n" })
	for i, bad := range []struct {
		m    storage.Message
		kind error
	}{
		{storage.Message{ID: first.ID}, storage.ErrDuplicate},
		{storage.Message{Body: "\x00"}, storage.ErrInvalid},
		{storage.Message{AuthorID: id[storage.User](1)}, storage.ErrNotFound},
		{storage.Message{Mentions: []storage.UserID{id[storage.User](1)}}, storage.ErrNotFound},
		{storage.Message{ParentID: id[storage.Message](1)}, storage.ErrNotFound},
		{storage.Message{ParentID: elsewhere.ID}, storage.ErrInvalid},
		{storage.Message{AuthorID: ann.ID, Nonce: "n", Body: "another"}, storage.ErrConflict},
	} {
		bad.m.RoomID = hall.ID
		f.refuseMessage(t, bad.m, bad.kind)
		require.Equal(t, int64(i+2), f.say(hall.ID, ann.ID, "more").Seq, "Seq after %v", bad.kind)
	}
	require.Equal(t, int64(2), f.say(attic.ID, ann.ID, "elsewhere").Seq, "Seq of the other room")
}

func testMessageNoAuthor(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "from the void")
	require.Zero(t, m.AuthorID)
	require.Equal(t, m, f.readMessage(m.ID))
}

func testMessageNoMembership(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{}, func(r *storage.Room) { r.Privacy = storage.PrivacyProtected })
	bot := f.user("bot")
	f.say(room.ID, bot.ID, "beep")
	member, err := f.IsMember(f.ctx, room.ID, bot.ID)
	require.NoError(t, err)
	require.False(t, member, "posting makes a member")
}

func testMessageNil(t *testing.T, f *fixture) {
	_, err := f.CreateMessage(f.ctx, nil)
	wantErr(t, err, storage.ErrInvalid)
}
