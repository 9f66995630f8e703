package storagetest

// Dumps that are loaded into stores with records.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var merging = storage.LoadOptions{Merge: true}

func testRawNotEmpty(t *testing.T, f *fixture) {
	dump := f.dumps(storage.DumpOptions{})
	for name, write := range map[string]func(*fixture){
		"a user":          func(g *fixture) { g.user("ann") },
		"a room":          func(g *fixture) { g.room("hall", storage.UserID{}) },
		"a setting":       func(g *fixture) { g.configure("motd", "x") },
		"an audit entry":  func(g *fixture) { g.audit(storage.AuditEntry{Action: "x"}) },
		"a login attempt": func(g *fixture) { g.attempt(storage.LoginAttempt{Login: "x"}) },
		"a consumer":      func(g *fixture) { g.advance("push", 0) },
		"a change": func(g *fixture) {
			require.NoError(t, g.DeleteUser(g.ctx, g.user("ann").ID))
			g.pruneAll()
		},
	} {
		g := f.fresh()
		write(g)
		g.refused(t, func() error { return g.loads(dump, storage.LoadOptions{}) }, storage.ErrConflict)
		require.NoError(t, g.loads(dump, merging), "merging into a store with %s", name)
	}
}

// testRawMerge merges into stores that have nothing in common with the dump.
func testRawMerge(t *testing.T, f *fixture) {
	w := f.world()
	dump := f.dumps(secretly)
	empty := f.fresh()
	require.NoError(t, empty.loads(dump, merging))
	require.Equal(t, dump, empty.dumps(secretly), "merged into an empty store")

	g := f.fresh()
	zoe := g.user("zoe")
	den := g.room("den", zoe.ID)
	said := g.say(den.ID, zoe.ID, "a quiet morning")
	require.NoError(t, g.loads(dump, merging))
	require.Len(t, list(g, g.Users, storage.UserQuery{}), 7)
	require.Equal(t, said, g.readMessage(said.ID))
	for _, room := range []storage.RoomID{w.hall.ID, w.attic.ID, w.shed.ID, w.pair.ID} {
		require.Equal(t, f.dump().Messages[room], g.dump().Messages[room])
		require.Equal(t, f.dump().Members[room], g.dump().Members[room])
		require.Equal(t, f.readRoom(room), g.readRoom(room))
	}
	require.Equal(t, f.dump().Audit, g.dump().Audit)
	require.Equal(t, f.dump().Sessions, g.dump().Sessions)
	g.verified(f.auditHead())
	if !f.backend.lacks(FeatureSearch) {
		found := g.searchAll(storage.SearchQuery{Text: "morning", Order: storage.OldestFirst})
		require.Equal(t, said.ID, found[0].Message.ID, "what was there before is older in the order of storing")
		require.Len(t, found, 1+len(f.searchAll(storage.SearchQuery{Text: "morning"})))
	}
	require.Equal(t, int64(5), g.say(w.hall.ID, zoe.ID, "hello").Seq)
	require.Equal(t, int64(2), g.say(den.ID, w.ann.ID, "hello").Seq)
}

// testRawMergeKeeps merges into a store that has some of the records already, in
// another state.
func testRawMergeKeeps(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "hello")
	f.configure("motd", "old")
	f.configure("other", "x")
	f.block(c.ann, c.bob)
	old := f.moved()
	shed := f.room("shed", c.bob)
	dan := f.user("dan")
	f.join(shed.ID, c.ann)
	f.say(shed.ID, c.ann, "new room")
	f.say(c.room, c.ann, "later in the hall")
	f.join(c.room, dan.ID)
	f.block(dan.ID, c.ann)
	f.block(c.bob, c.ann)
	f.login(c.ann)
	f.login(dan.ID)
	f.attempt(storage.LoginAttempt{Login: "ann", UserID: c.ann})
	f.attempt(storage.LoginAttempt{Login: "dan", UserID: dan.ID})
	f.attempt(storage.LoginAttempt{Login: "who"})
	f.sanction(storage.Sanction{UserID: c.bob, Kind: storage.SanctionMute})
	f.sanction(storage.Sanction{UserID: dan.ID, Kind: storage.SanctionMute})
	dump := f.dumps(secretly)

	g := old
	g.configure("motd", "newer")
	_, err := g.UpdateUser(g.ctx, c.bob, storage.UserPatch{Profile: &storage.Profile{DisplayName: "Bob"}})
	require.NoError(t, err)
	g.say(c.room, c.bob, "meanwhile")
	before := g.dump()
	require.NoError(t, g.loads(dump, merging))
	after := g.dump()
	require.Equal(t, before.Messages[c.room], after.Messages[c.room])
	require.Equal(t, before.Members[c.room], after.Members[c.room])
	require.Equal(t, "Bob", g.readUser(c.bob).Profile.DisplayName)
	require.Equal(t, "newer", string(g.readConfig("motd").Value))
	require.Equal(t, f.dump().Messages[shed.ID], after.Messages[shed.ID])
	require.Equal(t, f.dump().Members[shed.ID], after.Members[shed.ID])
	g.wantBlocked(true, dan.ID, c.ann)
	g.wantBlocked(false, c.bob, c.ann)
	require.Len(t, after.Sessions, 1)
	require.Equal(t, dan.ID, after.Sessions[0].UserID)
	require.Len(t, after.Logins, 1)
	require.Equal(t, dan.ID, after.Logins[0].UserID)
	require.Len(t, after.Sanctions, 1)
	require.Equal(t, dan.ID, after.Sanctions[0].UserID)
	again := g.dumps(secretly)
	require.NoError(t, g.loads(dump, merging))
	require.Equal(t, withoutFeed(again), withoutFeed(g.dumps(secretly)), "merging again")
}

// withoutFeed takes out of a dump what cutting the feed changes.
func withoutFeed(dump string) string {
	var lines []string
	for line := range strings.Lines(dump) {
		if !strings.HasPrefix(line, `{"change_head`) && !strings.HasPrefix(line, `{"pruned`) && !strings.HasPrefix(line, `{"end`) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "")
}

// testRawMergeRefused requires that nothing is stored of what cannot be merged.
func testRawMergeRefused(t *testing.T, f *fixture) {
	c := f.circle()
	first := f.say(c.room, c.ann, "hello")
	f.audit(storage.AuditEntry{Action: "x"})
	f.configure("motd", "x")
	dump := f.dumps(secretly)
	for what, r := range map[string]struct {
		kind  error
		write func(*fixture)
	}{
		"a username": {storage.ErrDuplicate, func(g *fixture) { g.user("ANN", func(u *storage.User) { u.ID = id[storage.User](1) }) }},
		"a room's name": {storage.ErrDuplicate, func(g *fixture) {
			g.room("HALL", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](1) })
		}},
		"a message": {storage.ErrDuplicate, func(g *fixture) {
			room := g.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](1) })
			g.say(room.ID, storage.UserID{}, "other", func(m *storage.Message) { m.ID = first.ID })
		}},
		"an audit log": {storage.ErrConflict, func(g *fixture) { g.audit(storage.AuditEntry{Action: "y"}) }},
	} {
		g := f.fresh()
		g.configure("before", "x")
		r.write(g)
		before := g.dumps(secretly)
		progress, err := storage.Load(f.ctx, g.Store, strings.NewReader(dump), storage.LoadOptions{Merge: true, Batch: 1})
		e := wantErr(t, err, r.kind)
		require.Contains(t, e.Field, "line ", what)
		require.Zero(t, progress.Records)
		require.Equal(t, before, g.dumps(secretly), "after merging what has %s", what)
		if r.kind == storage.ErrConflict {
			require.NoError(t, g.loads(dump, storage.LoadOptions{Merge: true, SkipAudit: true}))
			require.Len(t, g.dump().Audit, 1)
			g.verified(g.auditHead())
		}
	}
	cut := strings.Join(strings.SplitAfter(dump, "\n")[:20], "")
	g := f.fresh()
	before := g.dumps(secretly)
	wantErr(t, g.loads(cut, merging), storage.ErrCorrupt)
	require.Equal(t, before, g.dumps(secretly), "after merging a dump that is cut off")
	require.NoError(t, g.loads(dump, storage.LoadOptions{SkipAudit: true}))
	require.Empty(t, g.dump().Audit)
}

// testRawMergeCuts requires that followers of a feed that does not tell what was
// merged are told to begin anew.
func testRawMergeCuts(t *testing.T, f *fixture) {
	c := f.circle()
	hidden := f.room("hidden", c.ann, func(r *storage.Room) { r.Settings.HistoryHidden = true })
	f.say(hidden.ID, c.ann, "before")
	f.clock.advance(time.Minute)
	f.join(hidden.ID, c.bob)
	f.say(hidden.ID, c.ann, "after")
	dump, g := f.dumps(secretly), f.fresh()
	zoe := g.user("zoe")
	den := g.room("den", zoe.ID)
	g.advance("push", 1)
	newest := g.head().Newest
	require.NoError(t, g.loads(dump, merging))
	head := g.head()
	require.Equal(t, storage.ChangeHead{Newest: newest + 1, Oldest: newest + 2}, head)
	for _, q := range []storage.ChangeQuery{{After: newest}, {After: newest, User: zoe.ID}, {After: newest, User: c.bob}} {
		_, err := g.Changes(f.ctx, q)
		wantErr(t, err, storage.ErrGone)
	}
	_, err := g.Changes(f.ctx, storage.ChangeQuery{After: newest, Room: den.ID})
	require.NoError(t, err, "in a room that was there nothing is untold")
	said := g.say(hidden.ID, c.ann, "later")
	page, err := g.Changes(f.ctx, storage.ChangeQuery{After: head.Newest, User: c.bob})
	require.NoError(t, err)
	require.Len(t, page.Items, 1)
	require.Equal(t, said.ID, page.Items[0].MessageID)
	if !f.backend.lacks(FeatureSearch) {
		q := storage.SearchQuery{Text: "before OR after", Reader: c.bob}
		require.Equal(t, f.searchAll(q), g.searchAll(q), "what is hidden from a member")
	}
	position, err := g.ConsumerPosition(f.ctx, "push")
	require.NoError(t, err)
	require.Equal(t, storage.Position(1), position)
}
