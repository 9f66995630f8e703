package storagetest

import (
	"context"
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var auditCases = []testCase{
	{"as it is stored", testAuditStored},
	{"what the store decides", testAuditDecided},
	{"a chain", testAuditChained},
	{"salts", testAuditSalts},
	{"append refuses", testAuditRefused},
	{"an ID that is taken", testAuditTaken},
	{"users as targets", testAuditUsers},
	{"undone", testAuditUndone},
	{"within one transaction", testAuditTx},
	{"users and rooms go", testAuditOutlives},
	{"no change of the feed", testAuditNoChange},
	{"chain by positions", testAuditChain},
	{"head", testAuditHead},
	{"a copy in JSON", testAuditJSON},
	{"statistics", testAuditStats},
	{"statistics of time", testAuditStatsTime},
}

// fullAudit is an entry with every field that can be given.
func fullAudit(by, to storage.UserID, in storage.RoomID) storage.AuditEntry {
	return storage.AuditEntry{
		Action: "user.ban", ActorID: by, TargetKind: storage.EntityUser, TargetID: to.String(), RoomID: in,
		Actor: storage.AuditActor{Name: "Ann Example", IP: netip.MustParseAddr("192.0.2.7"), UserAgent: "Lair/1.0 (test)"},
		Subject: storage.AuditSubject{
			TargetName: "Bob Sample", Detail: "for spam in the lobby", Metadata: json.RawMessage(`{"days": [1, 2]}`),
		},
	}
}

// audit appends an entry.
func (f *fixture) audit(e storage.AuditEntry) storage.AuditEntry {
	f.t.Helper()
	require.NoError(f.t, f.AppendAudit(f.ctx, &e))
	return e
}

func (f *fixture) auditHead() storage.AuditHead {
	f.t.Helper()
	head, err := f.AuditHead(f.ctx)
	require.NoError(f.t, err)
	return head
}

// chain returns the whole log.
func (f *fixture) chain() []storage.AuditEntry {
	f.t.Helper()
	all, err := f.AuditChain(f.ctx, 0, storage.MaxLimit)
	require.NoError(f.t, err)
	return all
}

func testAuditStored(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	full := fullAudit(ann, bob, f.room("hall", ann).ID)
	full.ID = id[storage.AuditEntry](7)
	mapped := storage.AuditEntry{Action: "x", Actor: storage.AuditActor{IP: netip.MustParseAddr("::ffff:192.0.2.9")}}
	zoned := storage.AuditEntry{Action: "y", Actor: storage.AuditActor{IP: netip.MustParseAddr("fe80::1%eth0")}}
	var want []storage.AuditEntry
	for _, given := range []storage.AuditEntry{full, {Action: "server.start"}, mapped, zoned, {Action: "z", Subject: storage.AuditSubject{Metadata: json.RawMessage{}}}} {
		e := f.audit(given)
		given.Normalize()
		require.Equal(t, given.Action, e.Action)
		require.Equal(t, given.Actor.IP, e.Actor.IP)
		require.Equal(t, given.Subject.Metadata, e.Subject.Metadata)
		want = append(want, e)
		require.Equal(t, want, f.chain())
	}
	slices.Reverse(want)
	require.Equal(t, want, list(f, f.AuditEntries, storage.AuditQuery{}))
}

func testAuditDecided(t *testing.T, f *fixture) {
	given := storage.AuditEntry{
		Action: "x", Position: 9, CreatedAt: time.Unix(1, 0), Prev: storage.AuditHash{1}, Hash: storage.AuditHash{2},
		Actor:   storage.AuditActor{Name: "ann", Seal: storage.AuditSeal{Salt: []byte("salt"), Sum: storage.AuditHash{3}}},
		Subject: storage.AuditSubject{Seal: storage.AuditSeal{Salt: []byte("salt"), Sum: storage.AuditHash{4}}},
	}
	e := f.audit(given)
	require.False(t, e.ID.IsZero())
	require.Equal(t, int64(1), e.Position)
	require.Equal(t, f.now(), e.CreatedAt)
	require.Zero(t, e.Prev)
	require.Equal(t, e.ComputeHash(), e.Hash)
	require.Equal(t, e.Actor.SealWith(e.Actor.Seal.Salt), e.Actor.Seal)
	require.Equal(t, e.Subject.SealWith(e.Subject.Seal.Salt), e.Subject.Seal)
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
}

// wantChain requires that entries follow each other from a position on.
func wantChain(t *testing.T, after int64, prev storage.AuditHash, all []storage.AuditEntry) {
	t.Helper()
	for _, e := range all {
		after++
		require.Equal(t, after, e.Position)
		require.Equal(t, prev, e.Prev, "Prev of %d", e.Position)
		require.Equal(t, e.ComputeHash(), e.Hash, "Hash of %d", e.Position)
		prev = e.Hash
	}
}

func testAuditChained(t *testing.T, f *fixture) {
	for _, step := range []time.Duration{0, time.Hour, -2 * time.Hour, time.Microsecond} {
		f.clock.advance(step)
		f.audit(fullAudit(nobody, nobody, nowhere))
	}
	all := f.chain()
	require.Len(t, all, 4)
	wantChain(t, 0, storage.AuditHash{}, all)
	require.Equal(t, f.now(), all[3].CreatedAt, "the time as it is, though clocks went back")
	f.verified(storage.AuditHead{})
}

// The same entry again is sealed otherwise, or who has the one could tell what
// the other was before it was erased.
func testAuditSalts(t *testing.T, f *fixture) {
	seen := map[string]bool{}
	for range 3 {
		e := f.audit(fullAudit(nobody, nobody, nowhere))
		for _, seal := range []storage.AuditSeal{e.Actor.Seal, e.Subject.Seal} {
			require.Len(t, seal.Salt, storage.AuditSaltSize)
			require.False(t, seen[string(seal.Salt)] || seen[string(seal.Sum[:])], "a salt, or a sum, again")
			seen[string(seal.Salt)], seen[string(seal.Sum[:])] = true, true
		}
	}
}

func testAuditRefused(t *testing.T, f *fixture) {
	far := of(storage.MaxAuditTarget + 1)
	for _, c := range []struct {
		field string
		entry storage.AuditEntry
	}{
		{"Action", storage.AuditEntry{}},
		{"TargetKind", storage.AuditEntry{Action: "x", TargetKind: storage.Entity(far)}},
		{"TargetID", storage.AuditEntry{Action: "x", TargetKind: storage.EntityUser}},
		{"TargetID", storage.AuditEntry{Action: "x", TargetKind: storage.EntityUser, TargetID: "ann"}},
		{"Subject.Metadata", storage.AuditEntry{Action: "x", Subject: storage.AuditSubject{Metadata: json.RawMessage(`[]`)}}},
	} {
		given := c.entry
		f.refused(t, func() error { return f.AppendAudit(f.ctx, &given) }, storage.ErrInvalid, c.field)
		require.Equal(t, c.entry, given)
	}
}

func testAuditTaken(t *testing.T, f *fixture) {
	e := f.audit(storage.AuditEntry{Action: "x"})
	again := storage.AuditEntry{ID: e.ID, Action: "y"}
	given := again
	err := f.refused(t, func() error { return f.AppendAudit(f.ctx, &again) }, storage.ErrDuplicate, "ID")
	require.Equal(t, storage.EntityAudit, err.Entity)
	require.Equal(t, given, again)
	f.audit(storage.AuditEntry{Action: "y"})
	f.verified(storage.AuditHead{})
}

// Whoever is named in another form would not be erased.
func testAuditUsers(t *testing.T, f *fixture) {
	bob := f.user("bob").ID
	for _, text := range []string{bob.String(), strings.ToUpper(bob.String())} {
		e := storage.AuditEntry{Action: "x", TargetKind: storage.EntityUser, TargetID: text, Subject: storage.AuditSubject{TargetName: "bob"}}
		if err := f.AppendAudit(f.ctx, &e); err != nil {
			wantErr(t, err, storage.ErrInvalid, "TargetID")
			continue
		}
		require.Equal(t, bob.String(), e.TargetID)
	}
	require.NotEmpty(t, f.chain())
	f.erased(len(f.chain()), bob, 0)
}

func testAuditUndone(t *testing.T, f *fixture) {
	first := f.audit(storage.AuditEntry{Action: "one"})
	require.ErrorIs(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		for _, action := range []string{"two", "three"} {
			require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: action}))
		}
		require.NoError(t, storage.VerifyAudit(ctx, tx, storage.AuditHead{Position: 1, Hash: first.Hash}))
		return errUndo
	}), errUndo)
	require.Equal(t, []storage.AuditEntry{first}, f.chain())
	next := f.audit(storage.AuditEntry{Action: "four"})
	require.Equal(t, int64(2), next.Position, "no gap")
	require.Equal(t, first.Hash, next.Prev)
	f.verified(storage.AuditHead{})
}

// Calls that fail within a transaction leave no gap either.
func testAuditTx(t *testing.T, f *fixture) {
	saved := storage.AuditHead{}
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		one := storage.AuditEntry{Action: "one"}
		require.NoError(t, tx.AppendAudit(ctx, &one))
		wantErr(t, tx.AppendAudit(ctx, &storage.AuditEntry{ID: one.ID, Action: "again"}), storage.ErrDuplicate)
		wantErr(t, tx.AppendAudit(ctx, &storage.AuditEntry{}), storage.ErrInvalid)
		require.NoError(t, tx.AppendAudit(ctx, &storage.AuditEntry{Action: "two"}))
		var err error
		saved, err = tx.AuditHead(ctx)
		require.Equal(t, int64(2), saved.Position)
		return err
	}))
	f.audit(storage.AuditEntry{Action: "three"})
	wantChain(t, 0, storage.AuditHash{}, f.chain())
	require.Len(t, f.chain(), 3)
	f.verified(saved)
}

func testAuditOutlives(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	room := f.room("hall", ann).ID
	e := f.audit(fullAudit(ann, bob, room))
	require.NoError(t, f.DeleteRoom(f.ctx, room))
	require.NoError(t, f.DeleteUser(f.ctx, ann))
	require.NoError(t, f.DeleteUser(f.ctx, bob))
	require.Equal(t, []storage.AuditEntry{e}, f.chain())
	for _, q := range []storage.AuditQuery{{}, {Actor: ann}, {TargetID: bob.String()}, {Room: room}, {Text: "sample"}} {
		require.Equal(t, []storage.AuditEntry{e}, list(f, f.AuditEntries, q))
	}
	f.verified(storage.AuditHead{})
}

func testAuditNoChange(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	before := f.head()
	f.audit(fullAudit(ann, ann, nowhere))
	f.erased(1, ann, 0)
	f.prunedAudit(1, f.now().Add(time.Hour), 0)
	require.Equal(t, before, f.head())
}
