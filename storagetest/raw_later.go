package storagetest

// Stores go on where they were dumped.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// testRawLater makes the same writes in a store and in what was loaded of it.
func testRawLater(t *testing.T, f *fixture) {
	w := f.world()
	loaded := f.moved()
	f.clock.advance(time.Hour)
	for _, g := range []*fixture{f, loaded} {
		m := g.say(w.hall.ID, w.bob.ID, "one more", known(1))
		require.Equal(t, w.gone.Seq+1, m.Seq)
		again := storage.Message{
			RoomID: w.hall.ID, AuthorID: w.ann.ID, Body: "good morning", Nonce: "n1", Mentions: []storage.UserID{w.bob.ID},
			Tags: []string{"greeting"}, Custom: []byte(`{"a": [1]}`),
		}
		created, err := g.CreateMessage(g.ctx, &again)
		require.NoError(t, err)
		require.False(t, created, "the nonce of a message that was loaded")
		require.Equal(t, w.first.ID, again.ID)
		other := storage.Message{RoomID: w.hall.ID, AuthorID: w.ann.ID, Body: "something else", Nonce: "n1"}
		_, err = g.CreateMessage(g.ctx, &other)
		wantErr(t, err, storage.ErrConflict)
		g.edit(w.reply.ID, w.bob.ID, storage.MessagePatch{Body: new("good night"), IfVersion: w.reply.Version})
		g.retract(w.first.ID, w.cid.ID, "👍")
		g.remove(w.third.ID, w.cid.ID)
		g.purgeOne(w.gone.ID)
		require.NoError(t, g.MarkRead(g.ctx, w.hall.ID, w.dan.ID, storage.AtSeq(2)))
		g.join(w.shed.ID, w.dan.ID)
		require.NoError(t, g.DeleteUser(g.ctx, w.cid.ID))
		require.NoError(t, g.TouchSession(g.ctx, w.phone.ID))
		g.audit(storage.AuditEntry{ID: id[storage.AuditEntry](1), Action: "later"})
		_, err = g.createNamed("ANN")
		wantErr(t, err, storage.ErrDuplicate, "Username")
		wantErr(t, g.CreateRoom(g.ctx, &storage.Room{Name: "Hall"}), storage.ErrDuplicate, "Name")
		pair, created, err := g.OpenDirectRoom(g.ctx, w.bob.ID, w.ann.ID)
		require.NoError(t, err)
		require.False(t, created, "the direct room was loaded")
		require.Equal(t, w.pair.ID, pair.ID)
	}
	g := loaded
	for name, seen := range sight(f.ctx, f, w) {
		if name[3:] != "AuditEntries" && name[3:] != "AuditChain" && name[3:] != "AuditHead" { // whose salts differ
			require.Equal(t, seen, sight(f.ctx, g, w)[name], "%s after later writes", name)
		}
	}
	require.Equal(t, f.head(), g.head())
	g.verified(g.auditHead())
}

// createNamed creates a user with nothing but a name.
func (f *fixture) createNamed(name string) (storage.User, error) {
	u := storage.User{Username: name}
	return u, f.CreateUser(f.ctx, &u)
}

// testRawLaterReads compares what is counted, not stored: unread messages,
// threads, reactions, searches, before and after they change.
func testRawLaterReads(t *testing.T, f *fixture) {
	c := f.circle()
	root := f.say(c.room, c.ann, "an apple", mentioning(c.bob))
	f.say(c.room, c.cid, "two apples", func(m *storage.Message) { m.ParentID, m.ExpiresAt = root.ID, f.now().Add(2*time.Hour) })
	f.say(c.room, c.ann, "a secret apple", func(m *storage.Message) { m.Type = storage.MessageEncrypted })
	f.say(c.room, c.ann, "system", func(m *storage.Message) { m.Type = storage.MessageSystem }, mentioning())
	gone := f.say(c.room, c.ann, "rotten apple", mentioning(c.bob, c.cid))
	hidden := f.say(c.room, c.cid, "pear", func(m *storage.Message) { m.Tags = []string{"apple"} }, carrying(f.upload(c.room, c.cid, "apple.png")))
	f.remove(gone.ID, c.ann)
	f.purgeOne(f.say(c.room, c.bob, "apple juice").ID)
	g := f.moved()
	compare := func() {
		t.Helper()
		for _, user := range []storage.UserID{c.ann, c.bob, c.cid} {
			want, err := f.Unread(f.ctx, c.room, user)
			require.NoError(t, err)
			got, err := g.Unread(f.ctx, c.room, user)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		if !f.backend.lacks(FeatureSearch) {
			for _, text := range []string{"apple", "app*", "pear", `"rotten apple"`} {
				require.Equal(t, f.searchAll(storage.SearchQuery{Text: text}), g.searchAll(storage.SearchQuery{Text: text}))
			}
		}
		require.Equal(t, f.dump(), g.dump())
	}
	compare()
	for _, h := range []*fixture{f, g} {
		h.edit(root.ID, c.ann, storage.MessagePatch{Body: new("a plum"), Mentions: &[]storage.UserID{c.cid}})
		h.edit(hidden.ID, c.cid, storage.MessagePatch{Tags: &[]string{}})
		require.NoError(t, h.MarkUnread(h.ctx, c.room, c.bob, storage.AtSeq(1)))
	}
	compare()
	f.clock.advance(3 * time.Hour)
	compare()
	for _, h := range []*fixture{f, g} {
		h.purge(storage.PurgeQuery{Expired: true})
		h.remove(hidden.ID, c.cid)
	}
	compare()
}
