package storagetest

// Every way to a message, and to what it carries, gives all of it.

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// wholeMessage stores a message with everything that a message can have, and
// edits it.
func (f *fixture) wholeMessage() (whole storage.Message, ann, bob storage.User) {
	f.t.Helper()
	ann, bob = f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	root := f.say(room.ID, bob.ID, "well?")
	parent := f.say(room.ID, bob.ID, "well, well?", func(m *storage.Message) { m.ParentID = root.ID })
	m := f.say(room.ID, ann.ID, "*hello*", func(m *storage.Message) {
		m.Type, m.ParentID, m.Nonce = storage.MessageMarkdown, parent.ID, "client-1"
		m.Mentions, m.MentionsAll = []storage.UserID{bob.ID, ann.ID}, true
		m.Tags, m.Custom = []string{"b", "a"}, json.RawMessage(`{"k": 1}`)
		m.ExpiresAt = clockStart.Add(time.Hour)
		carrying(f.gifts(room.ID, ann.ID)...)(m)
	})
	f.clock.advance(time.Second)
	edited, err := f.EditMessage(f.ctx, m.ID, bob.ID, storage.MessagePatch{Body: new("*hello there*")})
	require.NoError(f.t, err)
	m.Body, m.EditedAt, m.Version, m.RootID = "*hello there*", f.now(), 2, root.ID
	require.Equal(f.t, m, edited, "EditMessage")
	f.react(m.ID, bob.ID, "👍")
	m.Reactions = []storage.ReactionCount{{Emoji: "👍", Count: 1}}
	pinned, err := f.PinMessage(f.ctx, m.ID, bob.ID)
	require.NoError(f.t, err)
	m.PinnedAt, m.Version = f.now(), 3
	require.Equal(f.t, m, pinned, "PinMessage")
	return m, ann, bob
}

// gifts are two attachments, of which the second has everything that one can
// have. What a nonce reminds of must have the same.
func (f *fixture) gifts(room storage.RoomID, uploader storage.UserID) []storage.Attachment {
	f.t.Helper()
	full := fullAttachment(room, uploader)
	full.ID = id[storage.Attachment](1)
	require.NoError(f.t, f.CreateAttachment(f.ctx, &full))
	return []storage.Attachment{f.upload(room, uploader, "bare", func(a *storage.Attachment) { a.ID = id[storage.Attachment](2) }), full}
}

// messageWays are the ways to the latest message of a room, of which a nonce
// reminds.
func (f *fixture) messageWays(m storage.Message) []way[storage.Message] {
	again := storage.Message{
		RoomID: m.RoomID, AuthorID: m.AuthorID, Type: storage.MessageMarkdown, ParentID: m.ParentID, Nonce: m.Nonce, Body: "*hello*",
		Mentions: f.mentioned(), MentionsAll: true, Tags: []string{"b", "a"}, Custom: json.RawMessage(`{"k": 1}`),
		ExpiresAt: m.ExpiresAt, Attachments: []storage.Attachment{{ID: id[storage.Attachment](2)}, {ID: id[storage.Attachment](1)}},
	}
	ways := []way[storage.Message]{
		{"Message", func() (storage.Message, error) { return f.Message(f.ctx, m.ID) }},
		{"MessagesByID", func() (storage.Message, error) { return first(f.MessagesByID(f.ctx, m.ID)) }},
		{"Inbox", func() (storage.Message, error) {
			e, err := firstOf(f.Inbox(f.ctx, storage.InboxQuery{User: m.AuthorID}))
			return e.LastMessage, err
		}},
		{"CreateMessage again", func() (storage.Message, error) {
			next := again.Clone()
			_, err := f.CreateMessage(f.ctx, &next)
			return next, err
		}},
		{"CreateMessages again", func() (storage.Message, error) {
			next := again.Clone()
			_, err := f.CreateMessages(f.ctx, []*storage.Message{&next})
			return next, err
		}},
	}
	for _, q := range []storage.MessageQuery{
		{Room: m.RoomID}, {Author: m.AuthorID}, {Room: m.RoomID, Author: m.AuthorID}, {Room: m.RoomID, Around: storage.At(m.ID), Limit: 1},
		{Thread: m.RootID}, {Thread: m.RootID, Author: m.AuthorID}, {Thread: m.RootID, Around: storage.AtSeq(m.Seq), Limit: 1},
	} {
		q.WithDeleted = true
		ways = append(ways, way[storage.Message]{"Messages", func() (storage.Message, error) { return firstOf(f.Messages(f.ctx, q)) }})
	}
	return ways
}

// mentioned are the users whom wholeMessage mentions.
func (f *fixture) mentioned() (ids []storage.UserID) {
	f.t.Helper()
	for _, name := range []string{"bob", "ann"} {
		u, err := f.UserByUsername(f.ctx, name)
		require.NoError(f.t, err)
		ids = append(ids, u.ID)
	}
	return ids
}

func testWholeMessages(t *testing.T, f *fixture) {
	m, _, bob := f.wholeMessage()
	wantFilled(t, m, append(threadFields, "DeletedAt", "DeletedBy")...)
	ways := append(f.messageWays(m), way[storage.Message]{"EditMessage of nothing", func() (storage.Message, error) {
		return f.EditMessage(f.ctx, m.ID, bob.ID, storage.MessagePatch{})
	}})
	if !f.backend.lacks(FeatureSearch) {
		for _, q := range []storage.SearchQuery{
			{Text: "there"}, {Text: "there", Rooms: []storage.RoomID{m.RoomID}}, {Text: "there", Author: m.AuthorID},
			{Text: "there", Reader: m.AuthorID},
		} {
			ways = append(ways, way[storage.Message]{"SearchMessages", func() (storage.Message, error) {
				found, err := f.SearchMessages(f.ctx, q)
				match, err := first(found.Items, err)
				return match.Message, err
			}})
		}
	}
	for _, q := range []storage.MessageQuery{
		{Mentioned: bob.ID}, {Room: m.RoomID, Tags: []string{"a", "b"}}, {Room: m.RoomID, Pinned: true}, {Thread: m.RootID, Mentioned: bob.ID},
	} {
		ways = append(ways, way[storage.Message]{"Messages", func() (storage.Message, error) { return firstOf(f.Messages(f.ctx, q)) }})
	}
	ways = append(ways, way[storage.Message]{"PinMessage again", func() (storage.Message, error) { return f.PinMessage(f.ctx, m.ID, bob.ID) }})
	wantWhole(t, m, ways...)
}

// threadFields are unset in a reply: it is no root.
var threadFields = []string{"Replies", "Participants", "LastReplyID", "LastReplyAt", "LastAuthorID"}

// testWholeRoots is testWholeMessages for a message that is replied to.
func testWholeRoots(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("general", ann.ID)
	m := f.say(room.ID, ann.ID, "needle", carrying(f.gifts(room.ID, ann.ID)...), tagged("a"), mentions(bob.ID), func(m *storage.Message) {
		m.Nonce, m.Custom, m.MentionsAll, m.ExpiresAt = "n", json.RawMessage(`{"k": 1}`), true, clockStart.Add(time.Hour)
	})
	again := storage.Message{
		RoomID: room.ID, AuthorID: ann.ID, Body: m.Body, Nonce: "n", Tags: m.Tags, Mentions: m.Mentions, MentionsAll: true,
		Custom: m.Custom, ExpiresAt: m.ExpiresAt, Attachments: m.Attachments,
	}
	f.clock.advance(time.Second)
	f.react(m.ID, bob.ID, "👍")
	reply := f.reply(m, bob.ID, "reply")
	f.edit(m.ID, bob.ID, storage.MessagePatch{Body: new("needles")})
	m.Body, m.EditedAt, m.Version = "needles", f.now(), 2
	m.Thread = storage.Thread{Replies: 1, Participants: 1, LastReplyID: reply.ID, LastReplyAt: f.now(), LastAuthorID: bob.ID}
	m.Reactions = []storage.ReactionCount{{Emoji: "👍", Count: 1}}
	wantWhole(t, m, f.rootWays(m, again)...)

	m.PinnedAt, m.Version = f.now(), 3
	wantWhole(t, m, way[storage.Message]{"PinMessage", func() (storage.Message, error) { return f.PinMessage(f.ctx, m.ID, bob.ID) }})
	wantWhole(t, m, f.rootWays(m, again)...)
	wantFilled(t, m, "DeletedAt", "DeletedBy", "ParentID", "RootID")

	m.Tombstone(bob.ID, f.now())
	wantWhole(t, m, way[storage.Message]{"DeleteMessage", func() (storage.Message, error) { return f.DeleteMessage(f.ctx, m.ID, bob.ID) }})
	require.NotZero(t, m.Thread)
	wantWhole(t, m,
		way[storage.Message]{"Message", func() (storage.Message, error) { return f.Message(f.ctx, m.ID) }},
		way[storage.Message]{"UnpinMessage", func() (storage.Message, error) { return f.UnpinMessage(f.ctx, m.ID, bob.ID) }},
		way[storage.Message]{"DeleteMessage again", func() (storage.Message, error) { return f.DeleteMessage(f.ctx, m.ID, bob.ID) }},
	)
}

// rootWays are the ways to a root, the first message of its room, of which a
// request reminds.
func (f *fixture) rootWays(m, again storage.Message) []way[storage.Message] {
	ways := []way[storage.Message]{
		{"Message", func() (storage.Message, error) { return f.Message(f.ctx, m.ID) }},
		{"MessagesByID", func() (storage.Message, error) { return first(f.MessagesByID(f.ctx, m.ID)) }},
		{"EditMessage of nothing", func() (storage.Message, error) {
			return f.EditMessage(f.ctx, m.ID, m.AuthorID, storage.MessagePatch{})
		}},
		{"CreateMessage again", func() (storage.Message, error) {
			next := again.Clone()
			_, err := f.CreateMessage(f.ctx, &next)
			return next, err
		}},
	}
	for _, q := range []storage.MessageQuery{
		{Room: m.RoomID}, {Author: m.AuthorID}, {Thread: m.ID}, {Mentioned: m.Mentions[0]}, {Room: m.RoomID, Tags: m.Tags},
		{Room: m.RoomID, Around: storage.At(m.ID), Limit: 1},
	} {
		q.Order = storage.OldestFirst
		ways = append(ways, way[storage.Message]{"Messages", func() (storage.Message, error) { return firstOf(f.Messages(f.ctx, q)) }})
	}
	if f.backend.lacks(FeatureSearch) {
		return ways
	}
	return append(ways, way[storage.Message]{"SearchMessages", func() (storage.Message, error) {
		found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: m.Body})
		match, err := first(found.Items, err)
		return match.Message, err
	}})
}

func testWholeAttachments(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	gifts := f.gifts(room.ID, ann.ID)
	m := f.say(room.ID, ann.ID, "x", carrying(gifts...))
	a := carried(m.ID, gifts[1])[0]
	wantFilled(t, a, "DetachedAt")
	ways := []way[storage.Attachment]{
		{"Attachment", func() (storage.Attachment, error) { return f.Attachment(f.ctx, a.ID) }},
		{"Message", func() (storage.Attachment, error) {
			m, err := f.Message(f.ctx, m.ID)
			return m.Attachments[1], err
		}},
	}
	for _, q := range []storage.AttachmentQuery{
		{Hash: a.Hash}, {Blob: a.Blob}, {Hash: a.Hash, Room: room.ID}, {Blob: a.Blob, Message: m.ID}, {Hash: a.Hash, Uploader: ann.ID},
		{Hash: a.Hash, From: a.CreatedAt},
	} {
		ways = append(ways, f.listing(q))
	}
	wantWhole(t, a, ways...)
}

// listing is the way to an attachment by a list that it begins.
func (f *fixture) listing(q storage.AttachmentQuery) way[storage.Attachment] {
	return way[storage.Attachment]{"Attachments", func() (storage.Attachment, error) {
		return firstOf(f.Attachments(f.ctx, q))
	}}
}

func testWholeDetached(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("general", ann.ID)
	gifts := f.gifts(room.ID, ann.ID)
	m := f.say(room.ID, ann.ID, "x", carrying(gifts...))
	f.clock.advance(time.Second)
	f.remove(m.ID, ann.ID)
	a := detached(f.now(), gifts[1])
	wantFilled(t, a, "MessageID")
	ways := []way[storage.Attachment]{{"Attachment", func() (storage.Attachment, error) { return f.Attachment(f.ctx, a.ID) }}}
	for _, q := range []storage.AttachmentQuery{
		{Hash: a.Hash}, {Blob: a.Blob}, {Hash: a.Hash, Unattached: true}, {Uploader: ann.ID, Hash: a.Hash, Room: room.ID},
	} {
		ways = append(ways, f.listing(q))
	}
	wantWhole(t, a, ways...)
}

func testWholeTombstones(t *testing.T, f *fixture) {
	m, _, bob := f.wholeMessage()
	f.clock.advance(time.Second)
	deleted, err := f.DeleteMessage(f.ctx, m.ID, bob.ID)
	require.NoError(t, err)
	m.Tombstone(bob.ID, f.now())
	require.Equal(t, m, deleted, "DeleteMessage")
	wantFilled(t, m, append(threadFields, "Body", "Mentions", "MentionsAll", "Tags", "Custom", "PinnedAt", "Reactions", "Attachments")...)
	wantWhole(t, m, append(f.messageWays(m), way[storage.Message]{"DeleteMessage again", func() (storage.Message, error) {
		return f.DeleteMessage(f.ctx, m.ID, storage.UserID{})
	}})...)
}
