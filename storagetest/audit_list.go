package storagetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var auditListCases = []testCase{
	{"conditions", testAuditConditions},
	{"time", testAuditTime},
	{"order under equal times and clocks that go back", testAuditOrder},
	{"text", testAuditText},
	{"text that few have", testAuditRareText},
	{"while entries come and go", testAuditListLive},
	{"limits", testAuditListLimits},
	{"cursors", testAuditListCursors},
	{"refuses", testAuditListRefused},
}

// auditPages makes a reader of pages of a query.
func (f *fixture) auditPages(q storage.AuditQuery) pages[storage.AuditEntry] {
	return func(limit int, c storage.Cursor) (storage.Page[storage.AuditEntry], error) {
		q.Limit, q.Cursor = limit, c
		return f.AuditEntries(f.ctx, q)
	}
}

// wantAudit requires that a query selects those of the entries, which are given
// the oldest first, of which a function says so: in both orders, and counted.
func (f *fixture) wantAudit(all []storage.AuditEntry, q storage.AuditQuery, selects func(storage.AuditEntry) bool) {
	f.t.Helper()
	var want []storage.AuditEntry
	for _, e := range all {
		if selects(e) {
			want = append(want, e)
		}
	}
	q.OldestFirst = true
	n, err := f.CountAudit(f.ctx, q)
	wantSame(f.t, want, f.auditPages(q), n, err)
	q.OldestFirst = false
	slices.Reverse(want)
	q.Limit, q.Cursor = 1, "x"
	n, err = f.CountAudit(f.ctx, q)
	wantSame(f.t, want, f.auditPages(q), n, err)
}

// auditSamples appends entries that differ in everything.
func (f *fixture) auditSamples() []storage.AuditEntry {
	f.t.Helper()
	ann, bob := id[storage.User](1), id[storage.User](2)
	hall, den := id[storage.Room](1), id[storage.Room](2)
	for _, e := range []storage.AuditEntry{
		{Action: "server.start"},
		{Action: "user.ban", ActorID: ann, TargetKind: storage.EntityUser, TargetID: bob.String(), RoomID: hall},
		{Action: "user.mute", ActorID: ann, TargetKind: storage.EntityUser, TargetID: bob.String(), RoomID: den},
		{Action: "room.close", ActorID: bob, TargetKind: storage.EntityRoom, TargetID: hall.String(), RoomID: hall},
		{Action: "user.ban", ActorID: bob, TargetKind: storage.EntityUser, TargetID: ann.String()},
		{Action: "config.set", ActorID: ann, TargetKind: storage.EntityConfig, TargetID: "motd"},
		{Action: "other.set", TargetID: "motd"},
		{Action: "User.ban", RoomID: hall},
	} {
		f.audit(e)
		f.clock.advance(time.Minute)
	}
	return f.chain()
}

func testAuditConditions(t *testing.T, f *fixture) {
	f.wantAudit(nil, storage.AuditQuery{}, func(storage.AuditEntry) bool { return false })
	all := f.auditSamples()
	ann, bob := id[storage.User](1), id[storage.User](2)
	hall := id[storage.Room](1)
	for _, q := range []storage.AuditQuery{
		{},
		{Actor: ann}, {Actor: bob}, {Actor: nobody},
		{TargetKind: storage.EntityUser}, {TargetKind: storage.EntityConfig}, {TargetKind: "us"},
		{TargetID: bob.String()}, {TargetID: "motd"}, {TargetID: "mot"}, {TargetID: "MOTD"},
		{TargetKind: storage.EntityConfig, TargetID: "motd"}, {TargetKind: storage.EntityUser, TargetID: "motd"},
		{Room: hall}, {Room: nowhere},
		{Actions: []string{"user.ban"}}, {Actions: []string{"user.ban", "room.close", "user.ban", ""}}, {Actions: []string{}}, {Actions: []string{"user"}},
		{Actor: ann, Room: hall}, {Actor: ann, Actions: []string{"user.mute", "user.ban"}},
		{Actor: bob, TargetKind: storage.EntityUser, TargetID: ann.String(), Actions: []string{"user.ban"}},
		{Actor: ann, TargetKind: storage.EntityUser, TargetID: bob.String(), Room: hall, Actions: []string{"user.ban"}, Text: "ban"},
	} {
		f.wantAudit(all, q, func(e storage.AuditEntry) bool {
			return (q.Actor.IsZero() || q.Actor == e.ActorID) && (q.TargetKind == "" || q.TargetKind == e.TargetKind) &&
				(q.TargetID == "" || q.TargetID == e.TargetID) && (q.Room.IsZero() || q.Room == e.RoomID) &&
				(len(q.Actions) == 0 || slices.Contains(q.Actions, e.Action))
		})
	}
}

func testAuditTime(t *testing.T, f *fixture) {
	all := f.auditSamples()
	at := func(i int) time.Time { return all[i].CreatedAt }
	for _, q := range []storage.AuditQuery{
		{From: at(3)}, {To: at(3)}, {From: at(2), To: at(5)}, {From: at(2), To: at(2)}, {From: at(7).Add(1)}, {To: at(0)}, {To: at(0).Add(1)},
		{From: at(3).Add(-1), To: at(3).Add(1)}, {From: at(3).Add(1)}, {To: at(3).Add(time.Microsecond)},
		{From: at(1), To: at(7), Actor: id[storage.User](1)},
	} {
		f.wantAudit(all, q, func(e storage.AuditEntry) bool {
			return (q.From.IsZero() || !e.CreatedAt.Before(q.From)) && (q.To.IsZero() || e.CreatedAt.Before(q.To)) &&
				(q.Actor.IsZero() || q.Actor == e.ActorID)
		})
	}
}

func testAuditOrder(t *testing.T, f *fixture) {
	for _, step := range []time.Duration{0, time.Hour, 0, 0, -time.Hour, 0, 2 * time.Hour, -time.Hour} {
		f.clock.advance(step)
		f.audit(storage.AuditEntry{Action: "x", ActorID: id[storage.User](1)})
	}
	all := f.chain()
	slices.SortStableFunc(all, func(a, b storage.AuditEntry) int { return a.CreatedAt.Compare(b.CreatedAt) })
	any := func(storage.AuditEntry) bool { return true }
	f.wantAudit(all, storage.AuditQuery{}, any)
	f.wantAudit(all, storage.AuditQuery{Actor: id[storage.User](1), Text: "x"}, any)
	wantOtherLimit(t, all, f.auditPages(storage.AuditQuery{OldestFirst: true}))
}

func testAuditText(t *testing.T, f *fixture) {
	f.audit(fullAudit(nobody, nobody, nowhere))
	f.audit(storage.AuditEntry{Action: "room.close", Subject: storage.AuditSubject{TargetName: "Die Höhle", Detail: "上海 lobby"}})
	f.audit(storage.AuditEntry{Action: "room.open", Actor: storage.AuditActor{Name: "Banner", UserAgent: "curl"}})
	all := f.chain()
	for text, want := range map[string]string{
		"": "123", " ": "", "!?": "", "ban": "13", "BAN": "13", "room": "23", "hohle": "2", "HÖH": "2", "lobby": "12", "obby": "", "上海": "2",
		"ann sample": "1", "sample ann": "1", "ann close": "", "spam for": "1", "user.ban": "1", "curl": "", "days": "", "%": "", "192": "",
		"close room lobby": "2", "o": "3",
	} {
		f.wantAudit(all, storage.AuditQuery{Text: text}, func(e storage.AuditEntry) bool {
			return strings.Contains(want, fmt.Sprint(e.Position))
		})
	}
}

// Who looks for what few entries tell gets pages that come back short, and
// comes to all of it in the end.
func testAuditRareText(t *testing.T, f *fixture) {
	const many = 4100
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for n := range many {
			e := storage.AuditEntry{Action: "x"}
			if n == 0 || n == many/2 || n == many-1 {
				e.Action = "needle"
			}
			require.NoError(t, tx.AppendAudit(ctx, &e))
		}
	})
	for _, oldest := range []bool{false, true} {
		q := storage.AuditQuery{Text: "need", OldestFirst: oldest, Limit: 2}
		require.Len(t, list(f, f.AuditEntries, q), 3)
		q.Limit = 3
		p, err := f.AuditEntries(f.ctx, q)
		require.NoError(t, err)
		require.Len(t, p.Items, 2)
		require.NotEmpty(t, p.Next, "as far as it has looked")
		last, err := f.AuditEntries(f.ctx, q.WithCursor(p.Next))
		require.NoError(t, err)
		require.Len(t, last.Items, 1)
		require.Empty(t, last.Next)
		var back []storage.AuditEntry
		for at := last.Prev; at != ""; {
			p, err := f.AuditEntries(f.ctx, q.WithCursor(at))
			require.NoError(t, err)
			back, at = append(p.Items, back...), p.Prev
		}
		require.Equal(t, p.Items, back)
	}
	n, err := f.CountAudit(f.ctx, storage.AuditQuery{Text: "need"})
	require.NoError(t, err)
	require.Equal(t, int64(3), n)
}

func testAuditListLive(t *testing.T, f *fixture) {
	all := f.auditSamples()
	slices.Reverse(all)
	read := f.auditPages(storage.AuditQuery{})
	first := wantPage(t, all, 0, 2, read, "")
	f.audit(storage.AuditEntry{Action: "late"})
	f.prunedAudit(3, f.now(), 3)
	second, err := read(2, first.Next)
	require.NoError(t, err)
	require.Equal(t, all[2:4], second.Items)
	third, err := read(9, second.Next)
	require.NoError(t, err)
	require.Equal(t, all[4:5], third.Items)
}

func testAuditListLimits(t *testing.T, f *fixture) {
	f.bulk(func(ctx context.Context, tx storage.Tx) {
		for range storage.MaxLimit + 1 {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "x"}))
		}
	})
	wantLimits(t, f.auditPages(storage.AuditQuery{}))
}

func testAuditListCursors(t *testing.T, f *fixture) {
	f.auditSamples()
	read := f.auditPages(storage.AuditQuery{})
	wantTampered(t, read, next(t, read))
	wantForeign(t, read,
		next(t, f.auditPages(storage.AuditQuery{OldestFirst: true})),
		next(t, f.auditPages(storage.AuditQuery{Actor: id[storage.User](1)})),
		next(t, f.auditPages(storage.AuditQuery{Text: "user"})),
		next(t, f.auditPages(storage.AuditQuery{From: time.Unix(1, 0)})),
		next(t, f.auditPages(storage.AuditQuery{Actions: []string{"user.ban"}})),
	)
}

func testAuditListRefused(t *testing.T, f *fixture) {
	far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	var words []string
	for n := range storage.MaxAuditWords + 1 {
		words = append(words, fmt.Sprint("w", n))
	}
	for _, c := range []struct {
		field string
		query storage.AuditQuery
	}{
		{"Actions", storage.AuditQuery{Actions: make([]string, storage.MaxLimit+1)}},
		{"Actions", storage.AuditQuery{Actions: []string{"\xff"}}},
		{"To", storage.AuditQuery{From: f.now(), To: f.now().Add(-1)}},
		{"To", storage.AuditQuery{From: far}},
		{"TargetID", storage.AuditQuery{TargetID: of(storage.MaxAuditTarget + 1)}},
		{"TargetKind", storage.AuditQuery{TargetKind: "\x00"}},
		{"Text", storage.AuditQuery{Text: of(storage.MaxQueryText + 1)}},
		{"Text", storage.AuditQuery{Text: strings.Join(words, " ")}},
	} {
		_, err := f.AuditEntries(f.ctx, c.query)
		wantErr(t, err, storage.ErrInvalid, c.field)
		_, err = f.CountAudit(f.ctx, c.query)
		wantErr(t, err, storage.ErrInvalid, c.field)
	}
	_, err := f.AuditEntries(f.ctx, storage.AuditQuery{Limit: -1})
	wantErr(t, err, storage.ErrInvalid, "Limit")
	_, err = f.CountAudit(f.ctx, storage.AuditQuery{Text: strings.Join(words[1:], " ")})
	require.NoError(t, err)
}
