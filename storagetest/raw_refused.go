package storagetest

// What Load refuses.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// sealed gives a dump whose lines were changed the end that fits.
func sealed(dump string) string {
	lines := strings.SplitAfter(strings.TrimSuffix(dump, "\n"), "\n")
	end := len(lines) - 1
	sum := sha256.Sum256([]byte(strings.Join(lines[:end], "")))
	lines[end] = regexp.MustCompile(`"sha256":"[0-9a-f]+"`).ReplaceAllString(lines[end], `"sha256":"`+hex.EncodeToString(sum[:])+`"`)
	return strings.Join(lines, "") + "\n"
}

// lineWith returns the number of the first line that begins with a record of a
// kind.
func lineWith(t testing.TB, dump, record string) int {
	for i, line := range strings.Split(dump, "\n") {
		if strings.HasPrefix(line, `{"`+record+`":`) {
			return i + 1
		}
	}
	t.Fatalf("no %s in the dump", record)
	return 0
}

// refusesLoad requires that a dump is refused at a line, if one is given, and
// that no more of it is stored than Load tells.
func (f *fixture) refusesLoad(t testing.TB, dump string, kind error, line int, what string) {
	t.Helper()
	g := f.fresh()
	progress, err := storage.Load(f.ctx, g.Store, strings.NewReader(dump), storage.LoadOptions{Batch: 1})
	require.Error(t, err, what)
	e := wantErr(t, err, kind)
	if line > 0 {
		require.Contains(t, e.Field+":", fmt.Sprintf("line %d:", line), "%s: %v", what, err)
		require.LessOrEqual(t, progress.Records, int64(max(line-2, 0)), what)
	}
	stored := int64(0)
	for kind := storage.RawUsers; kind.Valid(); kind++ {
		if kind != storage.RawAuditHeads && kind != storage.RawChangeHeads { // which are always there
			for _, page := range g.rawPages(storage.RawQuery{Kind: kind, Secrets: true, Limit: storage.MaxLimit}) {
				stored += int64(len(page))
			}
		}
	}
	require.LessOrEqual(t, stored, progress.Records, "records stored, %s", what)
	require.GreaterOrEqual(t, stored+2, progress.Records, "records stored, %s", what)
}

func testRawLines(t *testing.T, f *fixture) {
	f.world()
	dump := f.dumps(secretly)
	for _, c := range []struct{ record, from, to string }{
		{"user", `{"user"`, `{"usr"`},
		{"user", `{"user":{`, `{"user":{"shoe_size":44,`},
		{"user", `{"user":{`, `[{"user":{`},
		{"user", `"version":1}`, `"version":1}} {"x":1`},
		{"user", `"role":"user"`, `"role":"emperor"`},
		{"user", `"username":"ann"`, `"username":""`},
		{"user", `"username":"ann"`, `"username":"a\u0000"`},
		{"user", `"version":1`, `"version":0`},
		{"user", `"version":1`, `"version":1e99`},
		{"user", `"version":1`, `"version":9223372036854775807`},
		{"user", `"id":"`, `"id":"x`},
		{"user", `"created_at":"20`, `"created_at":"x20`},
		{"user", `Z","updated_at"`, `7Z","updated_at"`},
		{"user", `{"user":{`, `{"block":{},"user":{`},
		{"block", `{"block":{`, `{"audit_head":{`},
		{"room", `"message_count":0`, `"message_count":4`},
		{"membership", `"read_seq":`, `"read_seq":5000000000`},
		{"attachment", `"blob":"`, `"message_id":"00000000-0000-7000-8000-000000000001","blob":"`},
		{"message", `"seq":1,`, `"seq":0,`},
		{"message", `"seq":1,`, `"seq":4294967296,`},
		{"message", `"type":"text"`, `"type":"telepathy"`},
		{"message", `"digest":"`, `"digest":"AAAA`},
		{"message", `"body":"`, `"reactions":[{"emoji":"x","count":1}],"body":"`},
		{"reaction", `"emoji":"`, `"emoji":"e\u0301`},
		{"invite", `"code_hash":"`, `"code_hash":"0`},
		{"invite", `"role":"member",`, ``},
		{"session", `"token_hash":"`, `"token_hash":"0`},
		{"config", `"type":"string"`, `"type":"boolean"`},
		{"audit", `"action":"`, `"target_kind":"user","action":"`},
		{"change", `"kind":"user_created"`, `"kind":"user_beamed_up"`},
		{"change", `"position":1,`, `"position":0,`},
		{"stay", `"from":`, `"to":1,"from":99`},
		{"consumer", `"name":"push"`, `"name":""`},
		{"activity", `"at":"2026-03-28T20:00:00Z"`, `"at":"2026-03-28T20:00:01Z"`},
	} {
		line := lineWith(t, dump, c.record)
		lines := strings.SplitAfter(dump, "\n")
		changed := strings.Replace(lines[line-1], c.from, c.to, 1)
		for i := line; changed == lines[line-1] && strings.HasPrefix(lines[i], `{"`+c.record); i++ { // not in the first one
			line = i + 1
			changed = strings.Replace(lines[i], c.from, c.to, 1)
		}
		require.NotEqual(t, lines[line-1], changed, "no %s in a %s", c.from, c.record)
		lines[line-1] = changed
		f.refusesLoad(t, sealed(strings.Join(lines, "")), storage.ErrInvalid, line, c.to+" in a "+c.record)
	}
	f.refusesLoad(t, strings.Replace(dump, "\n", "\n\n", 1), storage.ErrInvalid, 2, "an empty line")
	long := strings.Replace(dump, `"username":"ann"`, `"username":"`+strings.Repeat("n", storage.MaxDumpLine)+`"`, 1)
	f.refusesLoad(t, long, storage.ErrInvalid, 2, "a line without an end")
	plain := strings.Replace(dump, `"secrets":true`, `"secrets":false`, 1)
	f.refusesLoad(t, plain, storage.ErrInvalid, lineWith(t, dump, "invite"), "a secret in a dump that has none")
}

// testRawHeads loads dumps whose heads are not those of the entries and changes.
func testRawHeads(t *testing.T, f *fixture) {
	f.world()
	f.auditLog(3)
	dump := f.dumps(secretly)
	for _, c := range []struct{ record, from, to string }{
		{"audit_head", `"position":`, `"position":1`},
		{"audit_head", `"hash":"`, `"hash":"0123456789abcdef`},
		{"change_head", `"oldest":1`, `"oldest":2`},
		{"change_head", `"newest":`, `"newest":1`},
	} {
		line := lineWith(t, dump, c.record)
		lines := strings.SplitAfter(dump, "\n")
		if c.record == "audit_head" && c.from == `"hash":"` {
			lines[line-1] = regexp.MustCompile(`"hash":".{16}`).ReplaceAllString(lines[line-1], c.to)
		} else {
			lines[line-1] = strings.Replace(lines[line-1], c.from, c.to, 1)
		}
		f.refusesLoad(t, sealed(strings.Join(lines, "")), storage.ErrConstraint, line, c.to+" in an "+c.record)
	}
	_, err := storage.Load(f.ctx, f.fresh().Store, strings.NewReader(dump), storage.LoadOptions{Resume: 1 << 40})
	wantErr(t, err, storage.ErrInvalid, "Resume")
}

// misfit is a record that fits no others of a world, and what is wrong with it.
type misfit struct {
	kind  error
	field string
	raw   storage.Raw
}

// testRawRefused restores misfits behind a record that fits.
func testRawRefused(t *testing.T, f *fixture) {
	w := f.world()
	g := f.moved()
	first := storage.Raw{Config: &storage.RawConfig{
		Config: storage.Config{Key: "first", Type: storage.ConfigString, UpdatedAt: f.now()},
	}}
	before := g.dumps(secretly)
	for _, c := range append(f.misfits(w), f.misfitMessages(w)...) {
		err := g.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
			wantErr(t, tx.(storage.RawRestorer).RestoreRaw(ctx, first, c.raw), c.kind, "[1]."+c.field)
			return nil // the call has changed nothing by itself
		})
		require.NoError(t, err)
		require.Equal(t, before, g.dumps(secretly), "after %v about %s", c.kind, c.field)
	}
}

func (f *fixture) misfits(w *world) []misfit {
	return []misfit{
		{storage.ErrInvalid, "Raw", storage.Raw{}},
		{storage.ErrConstraint, "BlockedID", storage.Raw{Block: &storage.Block{UserID: w.bob.ID, BlockedID: nobody, CreatedAt: f.now()}}},
		{storage.ErrConstraint, "RoomID", storage.Raw{Stub: &storage.RawStub{ID: id[storage.Message](1), RoomID: nowhere, Seq: 1}}},
		{storage.ErrInvalid, "Seq", storage.Raw{Stub: &storage.RawStub{ID: id[storage.Message](1), RoomID: w.hall.ID, Seq: 99}}},
		{storage.ErrDuplicate, "ID", storage.Raw{Stub: &storage.RawStub{ID: id[storage.Message](1), RoomID: w.hall.ID, Seq: 1}}},
		{storage.ErrDuplicate, "ID", storage.Raw{Stub: &storage.RawStub{ID: w.tools.ID, RoomID: w.hall.ID, Seq: 1}}},
		{storage.ErrInvalid, "MessageID", storage.Raw{Reaction: &storage.RawReaction{
			RoomID: w.shed.ID, Reaction: storage.Reaction{MessageID: w.first.ID, UserID: w.ann.ID, Emoji: "x", CreatedAt: f.now()},
		}}},
		{storage.ErrInvalid, "MessageID", storage.Raw{Reaction: &storage.RawReaction{
			RoomID: w.hall.ID, Reaction: storage.Reaction{MessageID: w.gone.ID, UserID: w.ann.ID, Emoji: "x", CreatedAt: f.now()},
		}}},
		{storage.ErrInvalid, "Version", storage.Raw{Revision: &storage.RawRevision{
			RoomID: w.shed.ID, Revision: storage.Revision{MessageID: w.tools.ID, Version: 1, ReplacedAt: f.now()},
		}}},
		{storage.ErrInvalid, "Range.Last", storage.Raw{Receipt: &storage.RawReceipt{
			RoomID: w.hall.ID, UserID: w.ann.ID, Range: storage.SeqRange{First: 4, Last: 5}, ReadAt: f.now(),
		}}},
		{storage.ErrConstraint, "Position", storage.Raw{Change: &storage.Change{Position: 999, Tx: 999, At: f.now(), Kind: storage.ChangeUserCreated}}},
		{storage.ErrConstraint, "Newest", storage.Raw{ChangeHead: &storage.RawChangeHead{Newest: 999, Oldest: 1}}},
		{storage.ErrConstraint, "Position", storage.Raw{Consumer: &storage.Consumer{Name: "x", Position: 999, UpdatedAt: f.now()}}},
		{storage.ErrConstraint, "Position", storage.Raw{AuditHead: &storage.AuditHead{Position: 999}}},
		{storage.ErrInvalid, "Joins", storage.Raw{Activity: &storage.RawActivity{
			At: f.now().Truncate(15 * time.Minute), RoomID: w.hall.ID, UserID: w.ann.ID, Joins: 1 << 31,
		}}},
		{storage.ErrConstraint, "Position", storage.Raw{Stay: &storage.RawStay{UserID: w.ann.ID, RoomID: w.hall.ID, From: 999}}},
	}
}

// misfitMessages are messages of the hall, where the tombstone is that would be
// before them.
func (f *fixture) misfitMessages(w *world) []misfit {
	message := func(edit func(*storage.RawMessage)) storage.Raw {
		m := &storage.RawMessage{Message: storage.Message{
			ID: id[storage.Message](1), RoomID: w.hall.ID, Seq: 4, Type: storage.MessageText, CreatedAt: f.now(), Version: 1,
		}}
		edit(m)
		return storage.Raw{Message: m}
	}
	return []misfit{
		{storage.ErrInvalid, "Seq", message(func(m *storage.RawMessage) { m.Seq = 5 })},
		{storage.ErrDuplicate, "ID", message(func(*storage.RawMessage) {})},
		{storage.ErrConstraint, "AuthorID", message(func(m *storage.RawMessage) { m.AuthorID = nobody })},
		{storage.ErrConstraint, "Mentions", message(func(m *storage.RawMessage) { m.Mentions = []storage.UserID{nobody} })},
		{storage.ErrConstraint, "ParentID", message(func(m *storage.RawMessage) {
			m.ParentID, m.RootID = id[storage.Message](2), id[storage.Message](2)
		})},
		{storage.ErrInvalid, "ParentID", message(func(m *storage.RawMessage) { m.ParentID, m.RootID = w.tools.ID, w.tools.ID })},
		{storage.ErrConstraint, "AttachmentIDs", message(func(m *storage.RawMessage) {
			m.AttachmentIDs = []storage.AttachmentID{id[storage.Attachment](1)}
		})},
		{storage.ErrInvalid, "AttachmentIDs", message(func(m *storage.RawMessage) {
			m.AttachmentIDs = []storage.AttachmentID{w.photo.ID}
		})},
		{storage.ErrInvalid, "AuthorGone", message(func(m *storage.RawMessage) { m.AuthorGone = true })},
		{storage.ErrInvalid, "Missed", message(func(m *storage.RawMessage) { m.Missed = []storage.UserID{w.ann.ID} })},
	}
}

// testRawTwice restores each record twice.
func testRawTwice(t *testing.T, f *fixture) {
	f.world()
	f.purgeOne(f.say(f.room("", storage.UserID{}).ID, storage.UserID{}, "x").ID)
	g := f.moved()
	dump := g.dumps(secretly)
	for kind := storage.RawUsers; kind.Valid(); kind++ {
		switch kind {
		case storage.RawAuditHeads, storage.RawChangeHeads, storage.RawPruned, storage.RawActivities: // which replace, or add up
			continue
		}
		for _, page := range g.rawPages(storage.RawQuery{Kind: kind, Secrets: true, Limit: storage.MaxLimit}) {
			for _, r := range page {
				err := g.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error { return tx.(storage.RawRestorer).RestoreRaw(ctx, r) })
				wantErr(t, err, storage.ErrDuplicate)
			}
		}
	}
	require.Equal(t, dump, g.dumps(secretly))
}

func testRawCut(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "hello")
	f.say(c.room, c.bob, "hullo")
	dump := f.dumps(secretly)
	lines := strings.SplitAfter(strings.TrimSuffix(dump, "\n"), "\n")
	for n := range lines {
		f.refusesLoad(t, strings.Join(lines[:n], ""), storage.ErrCorrupt, n+1, fmt.Sprintf("%d lines", n))
		if n > 0 {
			f.refusesLoad(t, strings.Join(lines[:n], "")+lines[n][:len(lines[n])/2], storage.ErrCorrupt, n+1, fmt.Sprintf("%d lines and a half", n))
		}
	}
	f.refusesLoad(t, strings.TrimSuffix(dump, "\n"), storage.ErrCorrupt, len(lines), "the last line without its end")
	f.refusesLoad(t, strings.Replace(dump, "hullo", "hallo", 1), storage.ErrCorrupt, len(lines), "a changed text")
	f.refusesLoad(t, dump+"\n", storage.ErrInvalid, len(lines)+1, "more after the end")
	f.refusesLoad(t, dump+dump, storage.ErrInvalid, len(lines)+1, "two dumps")
	without := lineWith(t, dump, "activity")
	f.refusesLoad(t, sealed(strings.Join(append(lines[:without-1:without-1], lines[without:]...), "")), storage.ErrCorrupt, len(lines)-1, "a line less")
}

func testRawHeaders(t *testing.T, f *fixture) {
	dump := f.dumps(storage.DumpOptions{})
	first, rest, _ := strings.Cut(dump, "\n")
	for header, kind := range map[string]error{
		`{"dump":{"format":"lair","version":2,"secrets":false}}`:                 storage.ErrUnsupported,
		`{"dump":{"format":"lair","version":99,"zip":true},"x":1}`:               storage.ErrUnsupported,
		`{"dump":{"format":"lair","version":0,"secrets":false}}`:                 storage.ErrInvalid,
		`{"dump":{"format":"liar","version":1,"secrets":false}}`:                 storage.ErrInvalid,
		`{"dump":{"format":"lair","version":1,"secrets":false,"x":1}}`:           storage.ErrInvalid,
		`{"dump":{"format":"lair","version":1,"secrets":false},"end":{}}`:        storage.ErrInvalid,
		`{"dump":{"format":"lair","version":1,"secrets":false},"audit_head":{}}`: storage.ErrInvalid,
		`{}`:     storage.ErrInvalid,
		`hello`:  storage.ErrInvalid,
		``:       storage.ErrInvalid,
		`[1, 2]`: storage.ErrInvalid,
	} {
		f.refusesLoad(t, header+"\n"+rest, kind, 1, header)
	}
	f.refusesLoad(t, first+"\n"+dump, storage.ErrInvalid, 2, "two headers")
	f.refusesLoad(t, rest, storage.ErrInvalid, 1, "no header")
}

func testRawContext(t *testing.T, f *fixture) {
	f.world()
	dump, g := f.dumps(secretly), f.fresh()
	ctx, cancel := context.WithCancel(f.ctx)
	_, err := storage.Load(ctx, g.Store, strings.NewReader(dump), storage.LoadOptions{
		Batch: 1, Progress: func(storage.DumpProgress) { cancel() },
	})
	wantErr(t, err, storage.ErrCanceled)
	require.Len(t, g.dump().Users, 1, "what was stored before the context was done")
	_, err = storage.Load(ctx, f.fresh().Store, strings.NewReader(dump), storage.LoadOptions{})
	wantErr(t, err, storage.ErrCanceled)
	ctx, cancel = context.WithCancel(f.ctx)
	var b strings.Builder
	_, err = storage.Dump(ctx, f.Store, &b, storage.DumpOptions{Progress: func(storage.DumpProgress) { cancel() }})
	wantErr(t, err, storage.ErrCanceled)
}

// testRawResume breaks off after each batch and goes on.
func testRawResume(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "hello")
	f.send(storage.Message{RoomID: c.room, AuthorID: c.bob, Body: "once", Nonce: "n"})
	dump := f.dumps(secretly)
	for batches := range 12 {
		g := f.fresh()
		ctx, cancel := context.WithCancel(f.ctx)
		if batches == 0 {
			cancel()
		}
		progress, err := storage.Load(ctx, g.Store, strings.NewReader(dump), storage.LoadOptions{
			Batch: 2, Progress: func(p storage.DumpProgress) {
				if p.Records >= 2*int64(batches) {
					cancel()
				}
			},
		})
		wantErr(t, err, storage.ErrCanceled)
		require.Equal(t, 2*int64(batches), progress.Records)
		if batches > 0 {
			wantErr(t, g.loads(dump, storage.LoadOptions{}), storage.ErrConflict)
		}
		require.NoError(t, g.loads(dump, storage.LoadOptions{Batch: 5, Resume: progress.Records}), "Resume: %d", progress.Records)
		require.Equal(t, dump, g.dumps(secretly))
	}
	for field, o := range map[string]storage.LoadOptions{
		"Resume": {Resume: 1, Merge: true}, "Batch": {Batch: -1},
	} {
		wantErr(t, f.fresh().loads(dump, o), storage.ErrInvalid, field)
	}
	wantErr(t, f.fresh().loads(dump, storage.LoadOptions{Resume: -1}), storage.ErrInvalid, "Resume")
}
