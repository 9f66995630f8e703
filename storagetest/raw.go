package storagetest

// Dumps, and stores into which they are loaded.

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var rawCases = []testCase{
	{"everything", testRawEverything},
	{"an empty store", testRawEmpty},
	{"nothing is lost of a field", testRawFields},
	{"custom fields byte for byte", testRawCustom},
	{"the largest records", testRawLargest},
	{"without secrets", testRawPlain},
	{"secrets in records", testRawSecrets},
	{"one moment", testRawMoment},
	{"the order of storing", testRawOrder},
	{"receipts", testRawReceipts},
	{"deleted users", testRawGoneUsers},
	{"deleted rooms", testRawGoneRooms},
	{"purged messages", testRawPurged},
	{"the feed", testRawFeed},
	{"the audit log", testRawAudit},
	{"activity", testRawActivity},
	{"holds", testRawHolds},
	{"later writes", testRawLater},
	{"later reads", testRawLaterReads},
	{"pages", testRawPages},
	{"pages refuse", testRawPagesRefused},
	{"progress", testRawProgress},
	{"context", testRawContext},
	{"lines refused", testRawLines},
	{"records refused", testRawRefused},
	{"heads refused", testRawHeads},
	{"not twice", testRawTwice},
	{"cut off or changed", testRawCut},
	{"other headers", testRawHeaders},
	{"resume", testRawResume},
	{"not empty", testRawNotEmpty},
	{"merge", testRawMerge},
	{"merge keeps what is there", testRawMergeKeeps},
	{"merge refuses", testRawMergeRefused},
	{"merge cuts the feed", testRawMergeCuts},
}

// secretly dumps everything.
var secretly = storage.DumpOptions{Secrets: true}

// dumps returns the dump of the store.
func (f *fixture) dumps(o storage.DumpOptions) string {
	f.t.Helper()
	var b bytes.Buffer
	progress, err := storage.Dump(f.ctx, f.Store, &b, o)
	require.NoError(f.t, err)
	require.Equal(f.t, int64(b.Len()), progress.Bytes)
	return b.String()
}

// fresh returns a fixture with an empty store, and the same time and source of
// identifiers.
func (f *fixture) fresh() *fixture {
	g := *f
	g.Store = f.backend.Open(f.t, f.options)
	f.t.Cleanup(func() { require.NoError(f.t, g.Close()) })
	return &g
}

// loads is storage.Load of a text.
func (f *fixture) loads(dump string, o storage.LoadOptions) error {
	_, err := storage.Load(f.ctx, f.Store, strings.NewReader(dump), o)
	return err
}

// moved returns a fixture with a store into which a dump of this one was loaded,
// batch by batch, and requires that it makes the same dump, and that the lists
// give the same.
func (f *fixture) moved() *fixture {
	f.t.Helper()
	dump, g := f.dumps(secretly), f.fresh()
	require.NoError(f.t, g.loads(dump, storage.LoadOptions{Batch: 3}))
	require.Equal(f.t, dump, g.dumps(secretly), "the dump of what was loaded")
	require.Equal(f.t, f.dump(), g.dump(), "what was loaded")
	return g
}

func testRawEverything(t *testing.T, f *fixture) {
	w := f.world()
	f.say(w.shed.ID, w.ann.ID, "over", func(m *storage.Message) { m.ExpiresAt = f.now() })
	g := f.moved()
	for name, seen := range sight(f.ctx, f, w) {
		require.Equal(t, seen, sight(f.ctx, g, w)[name], "%s after loading", name)
	}
	session, err := g.SessionByToken(f.ctx, w.phoneToken)
	require.NoError(t, err)
	require.Equal(t, w.phone.ID, session.ID)
	_, err = g.RedeemInvite(f.ctx, w.openCode, w.fay.ID)
	require.NoError(t, err)
}

func testRawEmpty(t *testing.T, f *fixture) {
	dump := f.dumps(storage.DumpOptions{})
	require.Equal(t, 4, strings.Count(dump, "\n"), "lines: the header, the heads of the audit log and of the feed, and the end")
	require.NotEqual(t, dump, f.dumps(secretly), "whether there are secrets in it")
	f.moved()
}

// testRawFields dumps and loads records that have everything.
func testRawFields(t *testing.T, f *fixture) {
	u := f.user("ann", func(u *storage.User) { *u = fullUser() })
	other := f.user("bob")
	r := f.room("hall", u.ID, func(r *storage.Room) {
		*r = fullRoom()
		r.CreatorID = u.ID
	})
	m := f.join(r.ID, other.ID, func(m *storage.Membership) { m.Settings, m.InvitedBy = fullMemberSettings(), u.ID })
	yard := f.room("yard", u.ID)
	a := f.upload(yard.ID, u.ID, "file", func(a *storage.Attachment) { *a = fullAttachment(yard.ID, u.ID) })
	s, _ := f.login(u.ID, func(s *storage.Session) { *s = f.fullSession(u.ID) })
	f.clock.advance(time.Hour)
	require.NoError(t, f.TouchUser(f.ctx, u.ID))
	require.NoError(t, f.TouchMember(f.ctx, r.ID, other.ID))
	g := f.moved()
	require.Equal(t, f.readUser(u.ID), g.readUser(u.ID))
	require.Equal(t, string(u.PasswordHash), string(g.readUser(u.ID).PasswordHash))
	require.Equal(t, f.readRoom(r.ID), g.readRoom(r.ID))
	require.Equal(t, string(r.PasswordHash), string(g.readRoom(r.ID).PasswordHash))
	require.Equal(t, f.readMember(r.ID, m.UserID), g.readMember(r.ID, m.UserID))
	require.Equal(t, f.readAttachment(a.ID), g.readAttachment(a.ID))
	require.Equal(t, f.readSession(s.ID), g.readSession(s.ID))
}

func testRawCustom(t *testing.T, f *fixture) {
	odd := []byte("{ \"a\" :\n\t\"<&>\u2028\", \"a\": 1.50e+3 }\r\n")
	u := f.user("ann", func(u *storage.User) { u.Profile.Custom, u.Settings.Chat = odd, odd })
	r := f.room("hall", u.ID, func(r *storage.Room) { r.Settings.Custom = odd })
	f.join(r.ID, f.user("bob").ID, func(m *storage.Membership) { m.Settings.Custom = odd })
	a := f.upload(r.ID, u.ID, "file", func(a *storage.Attachment) { a.Custom = odd })
	m := f.say(r.ID, u.ID, "odd\x01<b>\u2028\U0001f44d\n", func(m *storage.Message) { m.Custom = odd }, carrying(a))
	f.edit(m.ID, u.ID, storage.MessagePatch{Body: new("even")})
	f.login(u.ID, func(s *storage.Session) { s.Metadata.Custom = odd })
	f.audit(storage.AuditEntry{Action: "a", Subject: storage.AuditSubject{Metadata: odd}})
	g := f.moved()
	require.Equal(t, string(odd), string(g.readUser(u.ID).Profile.Custom))
	require.Equal(t, string(odd), string(g.readMessage(m.ID).Custom))
	g.verified(f.auditHead())
}

// testRawLargest fills messages, revisions and settings with what takes six bytes
// of JSON for one.
func testRawLargest(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	mentions := make([]storage.UserID, storage.MaxMentions)
	for i := range mentions {
		mentions[i] = f.user(fmt.Sprint("user", i)).ID
	}
	tags := make([]string, storage.MaxTags)
	for i := range tags {
		tags[i] = strings.Repeat("\x01", storage.MaxTag-1) + string(rune('A'+i))
	}
	m := f.say(room.ID, ann.ID, strings.Repeat("\x01", storage.MaxBody), mentioning(mentions...), func(m *storage.Message) {
		m.Tags, m.Nonce = tags, strings.Repeat("\x01", storage.MaxNonce)
		m.Custom = []byte(`{"a":"` + strings.Repeat(`\"`, (storage.MaxCustom-8)/2) + `"}`)
	})
	f.edit(m.ID, ann.ID, storage.MessagePatch{MentionsAll: new(true)})
	f.configure("large", strings.Repeat("\x01", storage.MaxConfigValue))
	for _, user := range mentions[:storage.MaxMentions/2] { // who are missed from now on
		require.NoError(t, f.DeleteUser(f.ctx, user))
	}
	g := f.moved()
	require.Equal(t, f.readMessage(m.ID), g.readMessage(m.ID))
	longest := 0
	for line := range strings.Lines(f.dumps(secretly)) {
		longest = max(longest, len(line))
	}
	require.Greater(t, longest, 6*storage.MaxBody)
	require.Less(t, longest, storage.MaxDumpLine*3/4)
}

// testRawPlain requires that a dump without secrets has none, and that what was
// loaded from it is as Dump says.
func testRawPlain(t *testing.T, f *fixture) {
	w := f.world()
	require.NoError(t, f.SetPasswordHash(f.ctx, w.ann.ID, "$argon2id$secret"))
	vault := f.room("vault", w.ann.ID, func(r *storage.Room) { r.Privacy, r.PasswordHash = storage.PrivacyProtected, "$argon2id$room" })
	f.configure("motd", "welcome")
	dump, g := f.dumps(storage.DumpOptions{}), f.fresh()
	for _, secret := range []string{"$argon2id", "mail.port", "token_hash", "code_hash", `"session"`, string(w.phoneToken), string(w.openCode)} {
		require.NotContains(t, dump, secret)
	}
	require.NoError(t, g.loads(dump, storage.LoadOptions{}))
	require.Equal(t, dump, g.dumps(storage.DumpOptions{}))
	require.Empty(t, string(g.readUser(w.ann.ID).PasswordHash))
	require.Empty(t, string(g.readRoom(vault.ID).PasswordHash))
	require.Equal(t, "welcome", string(g.readConfig("motd").Value))
	_, err := g.ConfigValue(f.ctx, "mail.port")
	wantNotFound(t, err, storage.EntityConfig)
	_, err = g.SessionByToken(f.ctx, w.phoneToken)
	wantErr(t, err, storage.ErrUnauthenticated)
	g.wantUseless(w.openCode, w.fay.ID)
	require.Equal(t, w.open, g.readInvite(w.open.ID))
	require.NoError(t, g.ReactivateRoom(f.ctx, w.attic.ID))
	_, err = g.AcceptInvite(f.ctx, w.letter.ID, w.bob.ID)
	require.NoError(t, err)
}

// testRawMoment writes while a dump is made, where a backend can.
func testRawMoment(t *testing.T, f *fixture) {
	concurrent := !f.backend.lacks(FeatureConcurrentViews)
	c := f.circle()
	f.say(c.room, c.ann, "before")
	want, written := f.dumps(secretly), false
	got := f.dumps(storage.DumpOptions{Secrets: true, Progress: func(storage.DumpProgress) {
		if concurrent && !written {
			written = true
			f.say(c.room, c.ann, "meanwhile")
			f.user("dan")
		}
	}})
	require.Equal(t, want, got)
	require.Equal(t, concurrent, written)
	require.Equal(t, concurrent, want != f.dumps(secretly))
}

// testRawOrder requires that what is told in the order of storing still is: hits
// of a search by messages, purges at one time by rooms.
func testRawOrder(t *testing.T, f *fixture) {
	rooms := []storage.Room{
		f.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](9) }),
		f.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](1) }),
		f.room("", storage.UserID{}, func(r *storage.Room) { r.ID = id[storage.Room](5) }),
	}
	var ms []*storage.Message
	for i := range 9 {
		ms = append(ms, &storage.Message{
			ID: id[storage.Message](byte(100 - i)), RoomID: rooms[[]int{2, 0, 1}[i%3]].ID, Body: "word", CreatedAt: f.now(),
		})
	}
	f.createMany(9, ms...)
	g := f.moved()
	if !f.backend.lacks(FeatureSearch) {
		for _, order := range []storage.MessageOrder{storage.NewestFirst, storage.OldestFirst} {
			q := storage.SearchQuery{Text: "word", Order: order}
			require.Equal(t, f.searchAll(q), g.searchAll(q))
		}
	}
	f.clock.advance(time.Hour)
	for range 3 {
		q := storage.PurgeQuery{To: f.now(), Limit: 3}
		require.Equal(t, f.purge(q).Messages, g.purge(q).Messages)
		require.Equal(t, f.dump().Messages, g.dump().Messages, "what a purge has left")
	}
}

// testRawActivity compares what is counted, which the feed does not tell.
func testRawActivity(t *testing.T, f *fixture) {
	w := f.world()
	f.clock.advance(26 * time.Hour)
	require.NoError(t, f.RemoveMember(f.ctx, w.hall.ID, w.dan.ID))
	f.join(w.hall.ID, w.dan.ID)
	f.say(w.hall.ID, w.dan.ID, "back")
	require.NoError(t, f.DeleteRoom(f.ctx, w.shed.ID))
	require.NoError(t, f.DeleteUser(f.ctx, w.fay.ID))
	g := f.moved()
	for _, q := range []storage.ActivityQuery{{}, {Room: w.hall.ID}, {User: w.dan.ID}, {Room: w.hall.ID, User: w.bob.ID}} {
		q.From, q.To = f.now().Add(-72*time.Hour), f.now().Add(time.Hour)
		q.Unit = storage.ActivityHour
		want, err := f.Activity(f.ctx, q)
		require.NoError(t, err)
		got, err := g.Activity(f.ctx, q)
		require.NoError(t, err)
		require.Equal(t, want, got, "Activity(%+v)", q)
	}
	want, err := f.MessageStats(f.ctx, storage.StatsQuery{})
	require.NoError(t, err)
	got, err := g.MessageStats(f.ctx, storage.StatsQuery{})
	require.NoError(t, err)
	require.Equal(t, want, got)
}

func testRawProgress(t *testing.T, f *fixture) {
	f.world()
	var dumped, loaded []storage.DumpProgress
	dump := f.dumps(storage.DumpOptions{Progress: func(p storage.DumpProgress) { dumped = append(dumped, p) }})
	lines := int64(strings.Count(dump, "\n"))
	last := dumped[len(dumped)-1]
	require.Equal(t, lines-2, last.Records)
	g := f.fresh()
	o := storage.LoadOptions{Batch: 5, Progress: func(p storage.DumpProgress) { loaded = append(loaded, p) }}
	progress, err := storage.Load(f.ctx, g.Store, strings.NewReader(dump), o)
	require.NoError(t, err)
	require.Equal(t, lines-2, progress.Records)
	require.Equal(t, int64(len(dump)), progress.Bytes)
	require.Equal(t, progress, loaded[len(loaded)-1])
	for _, told := range [][]storage.DumpProgress{dumped, loaded} {
		for i, p := range told {
			require.True(t, p.Kind.Valid(), "Kind of %+v", p)
			if i > 0 {
				require.True(t, p.Records >= told[i-1].Records && p.Bytes >= told[i-1].Bytes, "%+v after %+v", p, told[i-1])
			}
		}
	}
	require.GreaterOrEqual(t, len(loaded), int(lines-2)/5, "how often Progress was called: %s", fmt.Sprint(len(loaded)))
}
