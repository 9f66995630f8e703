package storagetest

// Lists and counts of reactions, and what becomes of reactions.

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testReactExpired(t *testing.T, f *fixture) {
	m, _ := f.expiring()
	f.react(m.ID, m.AuthorID, "👍")
	f.clock.advance(time.Minute)
	wantNotFound(t, errOf(f.AddReaction(f.ctx, m.ID, m.AuthorID, "x")), storage.EntityMessage)
	wantNotFound(t, errOf(f.RemoveReaction(f.ctx, m.ID, m.AuthorID, "👍")), storage.EntityMessage)
	wantNotFound(t, errOf(f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID})), storage.EntityMessage)
	wantNotFound(t, errOf(f.ReactionCounts(f.ctx, m.ID, m.AuthorID)), storage.EntityMessage)
}

func testReactDeletedRoom(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m, kept := f.say(room.ID, ann.ID, "x"), f.say(other.ID, ann.ID, "y")
	f.react(m.ID, ann.ID, "👍")
	f.react(kept.ID, ann.ID, "👍")
	require.NoError(t, f.DeleteRoom(f.ctx, room.ID))
	wantNotFound(t, errOf(f.AddReaction(f.ctx, m.ID, ann.ID, "x")), storage.EntityMessage)
	wantNotFound(t, errOf(f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID})), storage.EntityMessage)
	wantNotFound(t, errOf(f.ReactionCounts(f.ctx, m.ID, ann.ID)), storage.EntityMessage)
	f.wantCounts("👍 1*", kept.ID, ann.ID)
}

func testReactDeletedUsers(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, bob.ID, "y")
	f.react(m.ID, bob.ID, "👍")
	f.react(m.ID, bob.ID, ":tea:")
	f.clock.advance(time.Second)
	f.react(m.ID, ann.ID, "👍")
	f.react(other.ID, bob.ID, "👍")
	require.NoError(t, f.DeleteUser(f.ctx, bob.ID))
	f.wantCounts("👍 1*", m.ID, ann.ID)
	f.wantCounts("👍 1", m.ID, bob.ID)
	f.wantCounts("", other.ID, ann.ID)
	require.Len(t, f.reactions(m.ID), 1)
	again := f.user("bob", func(u *storage.User) { u.ID = bob.ID })
	f.wantCounts("👍 1", m.ID, again.ID)
	f.react(m.ID, again.ID, "👍")
}

func testReactionCounts(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	for i := range 12 {
		u := f.user(fmt.Sprint("user", i))
		f.react(m.ID, u.ID, "👍")
		if i%3 == 0 {
			f.clock.advance(time.Second)
			f.react(m.ID, u.ID, ":tea:")
		}
	}
	f.wantCounts("👍 12, :tea: 4", m.ID, ann.ID)
	f.wantCounts("👍 12, :tea: 4", m.ID, storage.UserID{})
	f.wantCounts("👍 12, :tea: 4", m.ID, nobody)
}

func testReactionCountOrder(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	for _, emoji := range []string{"c", "a", "b"} {
		f.react(m.ID, bob.ID, emoji)
	}
	f.clock.advance(time.Second)
	f.react(m.ID, ann.ID, "A")
	f.react(m.ID, ann.ID, "a")
	f.wantCounts("a 2, b 1, c 1, A 1", m.ID, storage.UserID{}) // equal times bytewise
	f.retract(m.ID, bob.ID, "a")
	f.wantCounts("b 1, c 1, A 1, a 1", m.ID, storage.UserID{}) // its earliest has gone
}

func testReactionReaders(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m, far := f.say(room.ID, ann.ID, "one needle"), f.say(other.ID, ann.ID, "another needle")
	f.react(m.ID, ann.ID, "👍")
	f.react(far.ID, ann.ID, ":tea:")
	m, far = f.readMessage(m.ID), f.readMessage(far.ID)
	require.Equal(t, []storage.ReactionCount{{Emoji: "👍", Count: 1}}, m.Reactions)
	many, err := f.MessagesByID(f.ctx, far.ID, m.ID)
	require.NoError(t, err)
	require.Equal(t, []storage.Message{far, m}, many)
	page, err := f.Messages(f.ctx, storage.MessageQuery{Author: ann.ID})
	require.NoError(t, err)
	require.ElementsMatch(t, []storage.Message{far, m}, page.Items)
	if f.backend.lacks(FeatureSearch) {
		return
	}
	found, err := f.SearchMessages(f.ctx, storage.SearchQuery{Text: "needle"})
	require.NoError(t, err)
	require.Len(t, found.Items, 2)
	require.Equal(t, far, found.Items[0].Message)
	require.Equal(t, m, found.Items[1].Message)
}

// testReactionsOfPages compares the reactions on pages of all kinds with those
// of each message alone.
func testReactionsOfPages(t *testing.T, f *fixture) {
	h := f.newHistory()
	for i := range h.all {
		m := &h.all[i]
		if m.Deleted() || m.Expired(f.now()) {
			continue
		}
		for j := range i % 4 {
			f.react(m.ID, h.ann.ID, fmt.Sprint(j))
			if i%2 == 0 {
				f.react(m.ID, h.bob.ID, fmt.Sprint(j+1))
			}
		}
		*m = f.readMessage(m.ID)
	}
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID}, {Room: h.room.ID, WithDeleted: true}, {Room: h.side.ID}, {Author: h.bob.ID},
		{Room: h.room.ID, Author: h.ann.ID}, {Room: h.room.ID, Types: []storage.MessageType{storage.MessageCode}},
	} {
		f.wantHistory(h, q)
		q.Order = storage.OldestFirst
		f.wantHistory(h, q)
	}
	live := h.selected(storage.MessageQuery{Room: h.room.ID}, f.now())
	live[0], live[3] = live[3], live[0]
	var ids []storage.MessageID
	for _, m := range live {
		ids = append(ids, m.ID)
	}
	many, err := f.MessagesByID(f.ctx, ids...)
	require.NoError(t, err)
	require.Equal(t, live, many, "MessagesByID in no order")
}

func testReactionViewer(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	a, b := f.say(room.ID, ann.ID, "a"), f.say(room.ID, ann.ID, "b")
	f.react(a.ID, ann.ID, "x")
	f.react(b.ID, ann.ID, "x")
	f.react(b.ID, bob.ID, "x")
	for viewer, want := range map[storage.UserID]string{
		ann.ID: "x 2*|x 1*", bob.ID: "x 2*|x 1", {}: "x 2|x 1", nobody: "x 2|x 1",
	} {
		for _, q := range []storage.MessageQuery{{Room: room.ID, Viewer: viewer}, {Author: ann.ID, Viewer: viewer}} {
			page, err := f.Messages(f.ctx, q)
			require.NoError(t, err)
			got := map[storage.MessageID]string{}
			for _, m := range page.Items {
				got[m.ID] = countsText(m.Reactions)
			}
			require.Equal(t, want, got[b.ID]+"|"+got[a.ID])
			n, err := f.CountMessages(f.ctx, q)
			require.NoError(t, err)
			require.Equal(t, int64(2), n)
		}
	}
}

// reactionPages makes a reader of pages of a query.
func (f *fixture) reactionPages(q storage.ReactionQuery) pages[storage.Reaction] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.Reaction], error) {
		q.Limit, q.Cursor = limit, c
		return f.Reactions(f.ctx, q)
	}
}

func testReactionList(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "y")
	var all, tea []storage.Reaction
	for i := range 9 {
		u := f.user(fmt.Sprint("user", i))
		emoji := []string{"👍", ":tea:", "z"}[i%3]
		f.clock.advance(time.Second)
		f.react(m.ID, u.ID, emoji)
		f.react(other.ID, u.ID, "no")
		all = append(all, storage.Reaction{MessageID: m.ID, UserID: u.ID, Emoji: emoji, CreatedAt: f.now()})
		if emoji == ":tea:" {
			tea = append(tea, all[i])
		}
	}
	wantList(t, all, f.reactionPages(storage.ReactionQuery{Message: m.ID}))
	wantOtherLimit(t, all, f.reactionPages(storage.ReactionQuery{Message: m.ID}))
	wantList(t, tea, f.reactionPages(storage.ReactionQuery{Message: m.ID, Emoji: ":tea:"}))
	wantList(t, nil, f.reactionPages(storage.ReactionQuery{Message: m.ID, Emoji: "none"}))
}

// Reactions of one moment are listed by user, then emoji.
func testReactionTies(t *testing.T, f *fixture) {
	var users []storage.User
	for i := range 3 {
		users = append(users, f.user(fmt.Sprint("user", i), func(u *storage.User) { u.ID = id[storage.User](byte(9 - i)) }))
	}
	room := f.room("hall", storage.UserID{})
	m := f.say(room.ID, storage.UserID{}, "x")
	var all []storage.Reaction
	for range 2 {
		for _, u := range users {
			for _, emoji := range []string{"b", "a"} {
				emoji += fmt.Sprint(len(all) / 6)
				f.react(m.ID, u.ID, emoji)
				all = append(all, storage.Reaction{MessageID: m.ID, UserID: u.ID, Emoji: emoji, CreatedAt: f.now()})
			}
		}
		f.clock.advance(time.Second)
	}
	slices.Reverse(all[:6])
	slices.Reverse(all[6:])
	wantList(t, all, f.reactionPages(storage.ReactionQuery{Message: m.ID}))
}

func testReactionInvalid(t *testing.T, f *fixture) {
	unknown := id[storage.Message](1)
	for field, q := range map[string]storage.ReactionQuery{
		"Message": {}, "Limit": {Message: unknown, Limit: -1}, "Cursor": {Message: unknown, Cursor: "x"},
		"Emoji": {Message: unknown, Emoji: of(storage.MaxEmoji + 1)},
	} {
		wantErr(t, errOf(f.Reactions(f.ctx, q)), storage.ErrInvalid, field)
	}
}

func testReactionCursors(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m, other := f.say(room.ID, ann.ID, "x"), f.say(room.ID, ann.ID, "y")
	for _, message := range []storage.MessageID{m.ID, other.ID} {
		f.react(message, ann.ID, "x")
		f.react(message, bob.ID, "x")
	}
	read := f.reactionPages(storage.ReactionQuery{Message: m.ID})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read, next(t, f.reactionPages(storage.ReactionQuery{Message: other.ID})),
		next(t, f.reactionPages(storage.ReactionQuery{Message: m.ID, Emoji: "x"})),
		next(t, f.messagePages(storage.MessageQuery{Room: room.ID})))
}

func testReactionWalk(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	for _, emoji := range []string{"a", "b", "c", "d"} {
		f.react(m.ID, ann.ID, emoji)
		f.clock.advance(time.Second)
	}
	all := f.reactions(m.ID)
	read := f.reactionPages(storage.ReactionQuery{Message: m.ID})
	first, err := read(2, "")
	require.NoError(t, err)
	require.Equal(t, all[:2], first.Items)
	f.retract(m.ID, ann.ID, "b") // where the cursor stands
	f.react(m.ID, ann.ID, "e")
	second, err := read(3, first.Next)
	require.NoError(t, err)
	require.Equal(t, f.reactions(m.ID)[1:], second.Items)
	back, err := read(2, second.Prev)
	require.NoError(t, err)
	require.Equal(t, all[:1], back.Items)
}

func testReactRolledBack(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, ann.ID, "👍")
	before := f.reactions(m.ID)
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		_, err := tx.AddReaction(ctx, m.ID, bob.ID, "👍")
		require.NoError(t, err)
		_, err = tx.RemoveReaction(ctx, m.ID, ann.ID, "👍")
		require.NoError(t, err)
		counts, err := tx.ReactionCounts(ctx, m.ID, bob.ID)
		require.NoError(t, err)
		require.Equal(t, "👍 1*", countsText(counts), "within the transaction")
		require.NoError(t, tx.DeleteUser(ctx, bob.ID))
		_, err = tx.DeleteMessage(ctx, m.ID, ann.ID)
		require.NoError(t, err)
		return errUndo
	}), errUndo)
	require.Equal(t, before, f.reactions(m.ID))
	f.wantCounts("👍 1*", m.ID, ann.ID)
}

func testReactionSnapshot(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureConcurrentViews) {
		t.Log("left out: writers wait for readers")
		return
	}
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, ann.ID, "👍")
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		before, err := r.Message(ctx, m.ID)
		require.NoError(t, err)
		f.retract(m.ID, ann.ID, "👍")
		f.react(m.ID, ann.ID, ":tea:")
		after, err := r.Message(ctx, m.ID)
		require.NoError(t, err)
		require.Equal(t, before, after)
		return nil
	}))
	f.wantCounts(":tea: 1*", m.ID, ann.ID)
}

func testReactionReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		t.Log("left out: the backend forgets")
		return
	}
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, bob.ID, "👍")
	f.react(m.ID, ann.ID, "👍")
	before := f.reactions(m.ID)
	f.reopen()
	require.Equal(t, before, f.reactions(m.ID))
	f.wantCounts("👍 2*", m.ID, ann.ID)
}

// Of racers for one reaction, one adds it.
func testReactRacers(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	won := make([]bool, racers)
	for _, err := range race(racers, func(i int) (err error) {
		won[i], err = f.AddReaction(f.ctx, m.ID, ann.ID, "👍")
		return err
	}) {
		require.NoError(t, err)
	}
	n := 0
	for _, w := range won {
		if w {
			n++
		}
	}
	require.Equal(t, 1, n, "racers that added the reaction")
	f.wantCounts("👍 1*", m.ID, ann.ID)
}

func testReactionAliasing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := f.say(room.ID, ann.ID, "x")
	f.react(m.ID, ann.ID, "👍")
	stored := func() any { return []any{f.readMessage(m.ID), f.reactions(m.ID)} }
	wantUnaliased(t, stored,
		exchange{"Message", func() (any, error) { return got(f.Message(f.ctx, m.ID)) }},
		exchange{"Messages", func() (any, error) { return got(f.Messages(f.ctx, storage.MessageQuery{Room: room.ID})) }},
		exchange{"Reactions", func() (any, error) { return got(f.Reactions(f.ctx, storage.ReactionQuery{Message: m.ID})) }},
		exchange{"ReactionCounts", func() (any, error) { return got(f.ReactionCounts(f.ctx, m.ID, ann.ID)) }},
	)
}
