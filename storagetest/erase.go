package storagetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var eraseCases = []testCase{
	{"the account", testEraseAccount},
	{"memberships and rooms", testEraseMemberships},
	{"reactions and receipts", testEraseReactions},
	{"sessions and logins", testEraseSessions},
	{"logins of nobody", testEraseLoginsOfNobody},
	{"invites", testEraseInvites},
	{"sanctions and blocks", testEraseSanctions},
	{"the audit log", testEraseAuditLog},
	{"the feed", testEraseFeed},
	{"what the feed is told", testEraseTold},
	{"others", testEraseOthers},
	{"again", testEraseAgain},
	{"who is gone already", testEraseWhoIsGone},
	{"the oldest emoji first", testEraseEmojiInOrder},
	{"refused", testEraseUserRefused},
	{"messages become tombstones", testEraseTombstones},
	{"messages are purged", testErasePurged},
	{"messages are kept", testEraseKept},
	{"tombstones of before", testEraseFormerTombstones},
	{"messages that have expired", testEraseExpired},
	{"threads and unread counts", testEraseCounts},
	{"uploads", testEraseUploads},
	{"searching", testEraseSearch},
	{"in batches", testEraseInBatches},
	{"the default of a batch", testEraseDefault},
	{"gone on with", testEraseResumed},
	{"gone on with after new writes", testEraseResumedLater},
	{"a context that is done", testEraseContext},
	{"held meanwhile", testEraseHeld},
}

// erase erases a user, and returns what was done, whether the log is clean or
// not: nothing within a transaction can tell.
func (f *fixture) erase(user storage.UserID, o storage.EraseOptions) storage.Erasure {
	f.t.Helper()
	e, err := storage.EraseUser(f.ctx, f, user, o)
	require.NoError(f.t, err)
	return f.withoutScrub(e)
}

func (f *fixture) withoutScrub(e storage.Erasure) storage.Erasure {
	f.t.Helper()
	_, nested := f.Store.(*txStore)
	require.False(f.t, e.Scrubbed && (e.More || nested), "Scrubbed")
	e.Scrubbed = false
	return e
}

func testEraseAccount(t *testing.T, f *fixture) {
	bob := f.user("bob")
	ann := f.user("ann", func(u *storage.User) {
		u.Email, u.ExternalID, u.Profile.DisplayName = "ann@example.com", "oidc|ann", "Ann Example"
	})
	require.Equal(t, storage.Erasure{UserID: ann.ID, User: true}, f.erase(ann.ID, storage.EraseOptions{}))
	for _, read := range []func() (storage.User, error){
		func() (storage.User, error) { return f.User(f.ctx, ann.ID) },
		func() (storage.User, error) { return f.UserByUsername(f.ctx, "ann") },
		func() (storage.User, error) { return f.UserByEmail(f.ctx, "ann@example.com") },
		func() (storage.User, error) { return f.UserByExternalID(f.ctx, "oidc|ann") },
	} {
		_, err := read()
		wantNotFound(t, err, storage.EntityUser)
	}
	require.Equal(t, []storage.User{bob}, list(f, f.Users, storage.UserQuery{}))
	require.Empty(t, list(f, f.Users, storage.UserQuery{Text: "example"}))
	f.user("ann", func(u *storage.User) { u.Email, u.ExternalID = "ann@example.com", "oidc|ann" })
}

func testEraseMemberships(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	owned, other, alone := f.room("owned", ann).ID, f.room("other", bob).ID, f.room("alone", ann).ID
	f.join(owned, bob)
	f.join(other, ann)
	pair := f.direct(ann, bob)
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Memberships: 4}, f.erase(ann, storage.EraseOptions{}))
	for room, want := range map[storage.RoomID]int64{owned: 1, other: 1, alone: 0, pair.ID: 1} {
		got := f.readRoom(room)
		require.Equal(t, want, got.MemberCount)
		require.Len(t, list(f, f.Memberships, storage.MembershipQuery{Room: room}), int(want))
	}
	require.True(t, f.readRoom(owned).CreatorID.IsZero())
	require.Equal(t, "owned", f.readRoom(owned).Name, "rooms keep their names")
	require.Equal(t, bob, f.readRoom(other).CreatorID)
}

func testEraseReactions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.join(room, ann)
	m, other := f.say(room, bob, "hello"), f.say(room, bob, "again")
	f.react(m.ID, ann, "x")
	f.react(m.ID, ann, "y")
	f.react(m.ID, bob, "x")
	f.react(other.ID, ann, "x")
	require.NoError(t, f.MarkRead(f.ctx, room, ann, storage.At(m.ID)))
	require.NoError(t, f.AddReadReceipt(f.ctx, other.ID, ann))
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Memberships: 1, Reactions: 3, Changes: 6}, f.erase(ann, storage.EraseOptions{}))
	require.Equal(t, []storage.ReactionCount{{Emoji: "x", Count: 1}}, f.readMessage(m.ID).Reactions)
	require.Empty(t, f.readMessage(other.ID).Reactions)
	for _, id := range []storage.MessageID{m.ID, other.ID} {
		require.Empty(t, list(f, f.ReadReceipts, storage.ReceiptQuery{Message: id}))
	}
	f.user("ann", func(u *storage.User) { u.ID = ann })
	require.Empty(t, list(f, f.UserReceipts, storage.TraceQuery{Room: room, User: ann}), "of a later user with the ID")
	require.Empty(t, f.userRooms(ann))
}

func testEraseInvites(t *testing.T, f *fixture) {
	ann := f.user("ann", func(u *storage.User) { u.Email = "ann@example.com" }).ID
	bob := f.user("bob").ID
	room := f.room("hall", bob).ID
	f.invite(storage.Invite{RoomID: room, InviterID: bob, InviteeID: ann})
	f.invite(storage.Invite{RoomID: room, InviterID: bob, Email: "Ann@EXAMPLE.com"})
	letter, _ := f.invite(storage.Invite{RoomID: room, InviterID: ann, Email: "gil@example.com"})
	open, code := f.invite(storage.Invite{RoomID: room, InviterID: ann})
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Invites: 2}, f.erase(ann, storage.EraseOptions{}))
	letter.InviterID, open.InviterID = storage.UserID{}, storage.UserID{}
	require.Equal(t, []storage.Invite{open, letter}, list(f, f.Invites, storage.InviteQuery{}))
	got, err := f.InviteByCode(f.ctx, code)
	require.NoError(t, err)
	require.Equal(t, open, got)
}

func testEraseSanctions(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.sanction(storage.Sanction{UserID: ann, RoomID: room, Kind: storage.SanctionBan, ModeratorID: bob, Reason: "spam"})
	f.sanction(storage.Sanction{UserID: ann, Kind: storage.SanctionMute, ModeratorID: bob})
	by := f.sanction(storage.Sanction{UserID: bob, Kind: storage.SanctionMute, ModeratorID: ann, Reason: "shouts"})
	f.block(ann, bob)
	f.block(bob, ann)
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Sanctions: 2, Blocks: 2}, f.erase(ann, storage.EraseOptions{}))
	by.ModeratorID = storage.UserID{}
	require.Equal(t, []storage.Sanction{by}, list(f, f.Sanctions, storage.SanctionQuery{}))
	require.Empty(t, list(f, f.BlockedUsers, storage.BlockQuery{User: bob}))
}

func testEraseAuditLog(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	all := []storage.AuditEntry{
		f.audit(fullAudit(ann, bob, room)), f.audit(fullAudit(bob, ann, room)), f.audit(fullAudit(bob, bob, room)), f.audit(fullAudit(ann, ann, room)),
	}
	head := f.auditHead()
	require.Equal(t, storage.Erasure{UserID: ann, User: true, Audit: 3}, f.erase(ann, storage.EraseOptions{}))
	all[0].Actor, all[1].Subject = all[0].Actor.Erased(), all[1].Subject.Erased()
	all[3].Actor, all[3].Subject = all[3].Actor.Erased(), all[3].Subject.Erased()
	require.Equal(t, all, f.chain())
	require.Equal(t, head, f.auditHead())
	f.verified(head)
}

// testEraseFeed has reactions that stand, that were taken back, and that are to
// what is deleted.
func testEraseFeed(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.say(room, bob, "hello")
	f.react(m.ID, ann, ":mine:")
	f.react(m.ID, bob, ":his:")
	f.react(m.ID, ann, ":back:")
	require.NoError(t, errOf(f.RemoveReaction(f.ctx, m.ID, ann, ":back:")))
	deleted := f.say(room, bob, "gone")
	f.react(deleted.ID, ann, ":gone:")
	f.remove(deleted.ID, bob)
	e := f.erase(ann, storage.EraseOptions{})
	require.Equal(t, int64(5), e.Changes, "three that were added, two that were taken back")
	var told []string
	for _, c := range f.changesOf(storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeReactionAdded, storage.ChangeReactionRemoved}}) {
		told = append(told, c.UserID.String()+" "+c.Emoji)
	}
	of := func(user storage.UserID, emoji string) string { return user.String() + " " + emoji }
	require.Equal(t, []string{of(ann, ""), of(bob, ":his:"), of(ann, ""), of(ann, ""), of(ann, ""), of(ann, "")}, told)
}

// testEraseTold follows what is taken away.
func testEraseTold(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	f.join(room, ann)
	m := f.say(room, ann, "hello", carrying(f.upload(room, ann, "file")))
	other := f.say(room, bob, "hi")
	f.react(other.ID, ann, "x")
	file := m.Attachments[0].ID
	f.makes(func() error { f.erase(ann, storage.EraseOptions{By: bob}); return nil },
		storage.Change{Kind: storage.ChangeUserUpdated, UserID: ann, Version: 2},
		storage.Change{Kind: storage.ChangeMemberRemoved, RoomID: room, UserID: ann},
		storage.Change{
			Kind: storage.ChangeMessageDeleted, Actor: bob, RoomID: room, MessageID: m.ID, Seq: m.Seq, UserID: ann, Version: 2,
		},
		storage.Change{Kind: storage.ChangeAttachmentDeleted, RoomID: room, AttachmentID: file},
		storage.Change{Kind: storage.ChangeReactionRemoved, Actor: ann, RoomID: room, MessageID: other.ID, Seq: other.Seq, UserID: ann},
		storage.Change{Kind: storage.ChangeUserDeleted, UserID: ann},
	)
}

// testEraseOthers requires that nothing of anybody else's goes.
func testEraseOthers(t *testing.T, f *fixture) {
	w := f.world()
	first := f.readMessage(w.first.ID)
	mention := f.say(w.hall.ID, w.ann.ID, "cid, who is Cid?", func(m *storage.Message) { m.Mentions = []storage.UserID{w.cid.ID} })
	before := f.dump()
	f.erase(w.cid.ID, storage.EraseOptions{})
	after := f.dump()
	for _, u := range before.Users {
		if u.ID != w.cid.ID {
			require.Contains(t, after.Users, u)
		}
	}
	require.Len(t, after.Users, len(before.Users)-1)
	require.Len(t, after.Sessions, len(before.Sessions)-1)
	require.Equal(t, before.Logins, after.Logins)
	require.Equal(t, before.Config, after.Config)
	require.Equal(t, "cid, who is Cid?", f.readMessage(mention.ID).Body, "names in others' messages are theirs")
	require.Equal(t, []storage.UserID{w.cid.ID}, f.readMessage(mention.ID).Mentions, "an identifier, which names nobody")
	got := f.readMessage(w.first.ID)
	first.Reactions = []storage.ReactionCount{{Emoji: "👍", Count: 1}}
	require.Equal(t, first, got)
	require.Equal(t, w.draft, f.readAttachment(w.draft.ID))
	revisions := list(f, f.MessageRevisions, storage.RevisionQuery{Message: w.first.ID})
	require.Len(t, revisions, 1, "what it said before cid edited it")
	require.True(t, revisions[0].ReplacedBy.IsZero())
}

func testEraseAgain(t *testing.T, f *fixture) {
	w := f.world()
	for _, how := range []storage.MessageErasure{0, storage.EraseKeep, storage.ErasePurge} {
		user := []storage.UserID{w.ann.ID, w.bob.ID, w.cid.ID}[how%3]
		f.erase(user, storage.EraseOptions{Messages: how})
		before := f.dump()
		require.Equal(t, storage.Erasure{UserID: user}, f.erase(user, storage.EraseOptions{Messages: how, By: w.cid.ID}))
		require.Equal(t, before, f.dump(), "nothing is left to do")
	}
	require.Equal(t, storage.Erasure{UserID: nobody}, f.erase(nobody, storage.EraseOptions{By: nobody}))
}

// testEraseWhoIsGone finds what is known by identifier.
func testEraseWhoIsGone(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	m := f.say(f.room("hall", bob).ID, bob, "hello")
	f.react(m.ID, ann, ":mine:")
	e := f.audit(fullAudit(ann, bob, nowhere))
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	want := storage.Erasure{UserID: ann, Audit: 1, Changes: 1}
	require.Equal(t, want, f.erase(ann, storage.EraseOptions{Limit: 1}))
	e.Actor = e.Actor.Erased()
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	for _, c := range f.changesOf(storage.ChangeQuery{}) {
		require.Empty(t, c.Emoji)
	}
}

// testEraseEmojiInOrder reacts to the later message first.
func testEraseEmojiInOrder(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	first, second := f.say(room, bob, "one"), f.say(room, bob, "two")
	for _, emoji := range []string{"a", "b", "c"} {
		f.react(second.ID, ann, emoji)
		f.react(first.ID, ann, emoji)
	}
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	told := []string{"a", "a", "b", "b", "c", "c"}
	for i := range told {
		e, err := f.EraseUserData(f.ctx, ann, storage.EraseOptions{Limit: 1})
		require.NoError(t, err)
		require.Equal(t, storage.Erasure{UserID: ann, Changes: 1, More: true}, e)
		told[i] = ""
		var left []string
		for _, c := range f.changesOf(storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeReactionAdded}}) {
			left = append(left, c.Emoji)
		}
		require.Equal(t, told, left)
	}
	require.Equal(t, storage.Erasure{UserID: ann}, f.erase(ann, storage.EraseOptions{}))
}

func testEraseUserRefused(t *testing.T, f *fixture) {
	w := f.world()
	for field, o := range map[string]storage.EraseOptions{"Limit": {Limit: -1}, "Messages": {Messages: 9}} {
		f.refused(t, func() error { return errOf(f.EraseUserData(f.ctx, w.ann.ID, o)) }, storage.ErrInvalid, field)
		e, err := storage.EraseUser(f.ctx, f, w.ann.ID, o)
		wantErr(t, err, storage.ErrInvalid, field)
		require.Equal(t, storage.Erasure{UserID: w.ann.ID}, e)
	}
	f.refused(t, func() error { return errOf(f.EraseUserData(f.ctx, storage.UserID{}, storage.EraseOptions{})) }, storage.ErrInvalid, "user")
	missing := f.refused(t, func() error {
		return errOf(f.EraseUserData(f.ctx, w.ann.ID, storage.EraseOptions{By: nobody}))
	}, storage.ErrNotFound, "By")
	require.Equal(t, storage.EntityUser, missing.Entity)
}

// eraseDisputes are invalid, and about nobody.
func eraseDisputes(p parties) []dispute {
	return []dispute{
		{"nobody is erased: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.EraseUserData(ctx, nobody, storage.EraseOptions{Limit: -1}))
		}},
		{"erased by nobody: unknown fate of messages", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.EraseUserData(ctx, p.ann, storage.EraseOptions{By: nobody, Messages: 99}))
		}},
	}
}

// testEraseSearch looks for names and words.
func testEraseSearch(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureSearch) {
		return
	}
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", bob).ID
	m := f.say(room, ann, "a zebra crossed", carrying(f.upload(room, ann, "zebra.png")), func(m *storage.Message) { m.Tags = []string{"zebra"} })
	f.edit(m.ID, ann, storage.MessagePatch{Body: new("a zebra ran")})
	other := f.say(room, bob, "which zebra?")
	kept := f.user("cid").ID
	f.say(room, kept, "a zebra of mine")
	f.erase(kept, storage.EraseOptions{Messages: storage.EraseKeep})
	f.erase(ann, storage.EraseOptions{})
	var said []string
	for _, found := range f.searchAll(storage.SearchQuery{Text: "zebra"}) {
		said = append(said, found.Message.Body)
	}
	require.Equal(t, []string{"a zebra of mine", other.Body}, said)
	f.user("ann", func(u *storage.User) { u.ID = ann })
	require.Empty(t, f.searchAll(storage.SearchQuery{Text: "zebra", Author: ann}))
}

// fullMessage has everything that a message can have, in text.
func (f *fixture) fullMessage(room storage.RoomID, author, other storage.UserID) storage.Message {
	f.t.Helper()
	m := f.say(room, author, "first words", func(m *storage.Message) {
		m.Nonce, m.Mentions, m.MentionsAll, m.Tags = "mine", []storage.UserID{other}, true, []string{"tag"}
		m.Custom = json.RawMessage(`{"a":1}`)
	}, carrying(f.upload(room, author, "file"), f.upload(room, other, "lent")))
	f.clock.advance(time.Second)
	f.edit(m.ID, author, storage.MessagePatch{Body: new("other words")})
	f.react(m.ID, other, "x")
	require.NoError(f.t, errOf(f.PinMessage(f.ctx, m.ID, other)))
	return f.readMessage(m.ID)
}
