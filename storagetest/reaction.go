package storagetest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var reactionCases = []testCase{
	{"add and remove", testReact},
	{"again", testReactAgain},
	{"leaves everything else", testReactLeaves},
	{"without a membership", testReactFreely},
	{"unknown message and user", testReactUnknown},
	{"emoji", testReactEmoji},
	{"normal form", testReactNormal},
	{"limit", testReactLimit},
	{"tombstone", testReactTombstone},
	{"edit and pin", testReactReturned},
	{"expired message", testReactExpired},
	{"deleted room", testReactDeletedRoom},
	{"deleted users", testReactDeletedUsers},
	{"counts", testReactionCounts},
	{"order of counts", testReactionCountOrder},
	{"every reader", testReactionReaders},
	{"pages", testReactionsOfPages},
	{"viewer", testReactionViewer},
	{"list", testReactionList},
	{"list in the order of ties", testReactionTies},
	{"invalid queries", testReactionInvalid},
	{"cursors", testReactionCursors},
	{"walk while reactions come and go", testReactionWalk},
	{"rolled back", testReactRolledBack},
	{"snapshot", testReactionSnapshot},
	{"reopen", testReactionReopen},
	{"no aliasing", testReactionAliasing},
}

// react adds a reaction that is new.
func (f *fixture) react(m storage.MessageID, user storage.UserID, emoji string) {
	f.t.Helper()
	added, err := f.AddReaction(f.ctx, m, user, emoji)
	require.NoError(f.t, err)
	require.True(f.t, added, "added %q", emoji)
}

// retract removes a reaction that is there.
func (f *fixture) retract(m storage.MessageID, user storage.UserID, emoji string) {
	f.t.Helper()
	removed, err := f.RemoveReaction(f.ctx, m, user, emoji)
	require.NoError(f.t, err)
	require.True(f.t, removed, "removed %q", emoji)
}

// reactions are all reactions to a message, as they are listed.
func (f *fixture) reactions(m storage.MessageID) []storage.Reaction {
	f.t.Helper()
	return list(f, f.Reactions, storage.ReactionQuery{Message: m})
}

// wantCounts requires that the reactions to a message sum up to these
// ("👍 2, :tea: 1", with a star where viewer is among them), whoever tells.
func (f *fixture) wantCounts(want string, m storage.MessageID, viewer storage.UserID) {
	f.t.Helper()
	counts, err := f.ReactionCounts(f.ctx, m, viewer)
	require.NoError(f.t, err)
	require.Equal(f.t, want, countsText(counts), "ReactionCounts")
	read := f.readMessage(m)
	require.Equal(f.t, strings.ReplaceAll(want, "*", ""), countsText(read.Reactions), "Reactions of Message")
	page, err := f.Messages(f.ctx, storage.MessageQuery{
		Room: read.RoomID, Around: storage.At(m), Limit: 1, Viewer: viewer, WithDeleted: true,
	})
	require.NoError(f.t, err)
	require.Len(f.t, page.Items, 1)
	require.Equal(f.t, want, countsText(page.Items[0].Reactions), "Reactions of a page")
}

func countsText(counts []storage.ReactionCount) string {
	var all []string
	for _, c := range counts {
		mine := ""
		if c.Mine {
			mine = "*"
		}
		all = append(all, fmt.Sprintf("%s %d%s", c.Emoji, c.Count, mine))
	}
	return strings.Join(all, ", ")
}

func testReact(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.wantCounts("", m.ID, ann.ID)
	f.react(m.ID, ann.ID, "👍")
	first := f.now()
	f.clock.advance(time.Minute)
	f.react(m.ID, bob.ID, "👍")
	f.react(m.ID, bob.ID, ":tea:")
	f.wantCounts("👍 2*, :tea: 1", m.ID, ann.ID)
	f.wantCounts("👍 2*, :tea: 1*", m.ID, bob.ID)
	require.Equal(t, storage.Reaction{MessageID: m.ID, UserID: ann.ID, Emoji: "👍", CreatedAt: first}, f.reactions(m.ID)[0])
	f.retract(m.ID, ann.ID, "👍")
	f.wantCounts(":tea: 1, 👍 1", m.ID, ann.ID)
	f.retract(m.ID, bob.ID, "👍")
	f.retract(m.ID, bob.ID, ":tea:")
	f.wantCounts("", m.ID, bob.ID)
	require.Empty(t, f.reactions(m.ID))
	require.Equal(t, m, f.readMessage(m.ID))
}

func testReactAgain(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	removed, err := f.RemoveReaction(f.ctx, m.ID, ann.ID, "👍")
	require.NoError(t, err)
	require.False(t, removed, "removed what was not there")
	f.react(m.ID, ann.ID, "👍")
	before := f.reactions(m.ID)
	f.clock.advance(time.Minute)
	added, err := f.AddReaction(f.ctx, m.ID, ann.ID, "👍")
	require.NoError(t, err)
	require.False(t, added, "added what was there")
	require.Equal(t, before, f.reactions(m.ID), "after adding again")
	f.retract(m.ID, ann.ID, "👍")
	f.react(m.ID, ann.ID, "👍")
	require.Equal(t, f.now(), f.reactions(m.ID)[0].CreatedAt, "CreatedAt of a reaction that was taken back")
}

func testReactLeaves(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "y")
	hall := f.readRoom(room.ID)
	f.clock.advance(time.Minute)
	f.react(m.ID, ann.ID, "x")
	require.Equal(t, hall, f.readRoom(room.ID), "a reaction changes the room")
	require.Equal(t, other, f.readMessage(other.ID), "a reaction to another message")
	got := f.readMessage(m.ID)
	require.NotEmpty(t, got.Reactions)
	got.Reactions = nil
	require.Equal(t, m, got, "a reaction changes nothing else of its message")
}

func testReactFreely(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, bob.ID, "👍")
	f.retract(m.ID, bob.ID, "👍")
}

func testReactUnknown(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, ann.ID, "x")
	for _, unknown := range []storage.MessageID{{}, id[storage.Message](1)} {
		wantNotFound(t, errOf(f.AddReaction(f.ctx, unknown, ann.ID, "x")), storage.EntityMessage)
		wantNotFound(t, errOf(f.RemoveReaction(f.ctx, unknown, ann.ID, "x")), storage.EntityMessage)
		wantNotFound(t, errOf(f.ReactionCounts(f.ctx, unknown, ann.ID)), storage.EntityMessage)
	}
	wantNotFound(t, errOf(f.Reactions(f.ctx, storage.ReactionQuery{Message: id[storage.Message](1)})), storage.EntityMessage)
	for _, unknown := range []storage.UserID{{}, nobody} {
		e := f.refused(t, func() error { return errOf(f.AddReaction(f.ctx, m.ID, unknown, "x")) }, storage.ErrNotFound, "user")
		require.Equal(t, storage.EntityUser, e.Entity)
		wantNotFound(t, errOf(f.RemoveReaction(f.ctx, m.ID, unknown, "x")), storage.EntityUser)
	}
}

func testReactEmoji(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	n := 0
	for _, emoji := range append([]string{of(storage.MaxEmoji), "X", "x", "👍", "👍🏽", "👩‍👩‍👧‍👦", ":tea:", "a b"}, metacharacters...) {
		if len(emoji) > storage.MaxEmoji || emoji == "" {
			continue
		}
		f.react(m.ID, ann.ID, emoji)
		n++
		require.Len(t, f.readMessage(m.ID).Reactions, n, "after %q", emoji)
		page, err := f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID, Emoji: emoji})
		require.NoError(t, err)
		require.Len(t, page.Items, 1, "Reactions of %q", emoji)
		require.Equal(t, emoji, page.Items[0].Emoji)
	}
	for _, emoji := range append([]string{"", of(storage.MaxEmoji + 1)}, refusedTexts...) {
		f.refused(t, func() error { return errOf(f.AddReaction(f.ctx, m.ID, ann.ID, emoji)) }, storage.ErrInvalid, "Emoji")
		f.refused(t, func() error { return errOf(f.RemoveReaction(f.ctx, m.ID, ann.ID, emoji)) }, storage.ErrInvalid, "Emoji")
	}
}

func testReactNormal(t *testing.T, f *fixture) {
	const composed, decomposed = "\u00e9", "e\u0301"
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, ann.ID, decomposed)
	added, err := f.AddReaction(f.ctx, m.ID, ann.ID, composed)
	require.NoError(t, err)
	require.False(t, added)
	f.wantCounts(composed+" 1*", m.ID, ann.ID)
	page, err := f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID, Emoji: decomposed})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	f.react(m.ID, ann.ID, strings.Repeat(decomposed, storage.MaxEmoji/2)) // fits in NFC only
	f.retract(m.ID, ann.ID, decomposed)
}

func testReactLimit(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "y")
	for i := range storage.MaxReactions {
		f.react(m.ID, []storage.UserID{ann.ID, bob.ID}[i%2], fmt.Sprint("e", i))
	}
	e := f.refused(t, func() error { return errOf(f.AddReaction(f.ctx, m.ID, ann.ID, "more")) }, storage.ErrConstraint, "Emoji")
	require.Equal(t, m.ID.String(), e.ID)
	f.react(m.ID, bob.ID, "e0") // an emoji that is there
	f.react(other.ID, ann.ID, "more")
	f.retract(m.ID, bob.ID, "e1")
	f.react(m.ID, ann.ID, "more")
	require.Len(t, f.readMessage(m.ID).Reactions, storage.MaxReactions)
}

func testReactTombstone(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "y")
	f.react(m.ID, ann.ID, "👍")
	f.react(other.ID, ann.ID, "👍")
	f.remove(m.ID, ann.ID)
	f.wantCounts("", m.ID, ann.ID)
	f.wantCounts("👍 1*", other.ID, ann.ID)
	require.Empty(t, f.reactions(m.ID))
	e := f.refused(t, func() error { return errOf(f.AddReaction(f.ctx, m.ID, ann.ID, "👍")) }, storage.ErrConflict)
	require.Equal(t, storage.EntityMessage, e.Entity)
	f.refused(t, func() error { return errOf(f.RemoveReaction(f.ctx, m.ID, ann.ID, "👍")) }, storage.ErrConflict)
}

// What writers return has its reactions, too.
func testReactReturned(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.Nonce = "n" })
	f.react(m.ID, ann.ID, "👍")
	want := []storage.ReactionCount{{Emoji: "👍", Count: 1}}
	for range 2 {
		require.Equal(t, want, f.pin(m.ID, ann.ID).Reactions, "PinMessage")
	}
	for range 2 {
		require.Equal(t, want, f.unpin(m.ID, ann.ID).Reactions, "UnpinMessage")
	}
	for range 2 {
		require.Equal(t, want, f.edit(m.ID, ann.ID, storage.MessagePatch{Body: new("y")}).Reactions, "EditMessage")
	}
	again := storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: "x", Nonce: "n"}
	created, err := f.CreateMessage(f.ctx, &again)
	require.NoError(t, err)
	require.False(t, created)
	require.Equal(t, f.readMessage(m.ID), again)
}
