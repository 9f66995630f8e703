package storagetest

import (
	"encoding/json"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// tampering is a change of a log of five entries, of which none or the first is
// pruned, and the first entry that is bad then.
type tampering struct {
	what string
	at   int64
	do   func(r *forger)
}

// forged are changes of the middle entry: one for each field that an entry has,
// by the name of the field.
var forged = map[string]func(e *storage.AuditEntry){
	"ID":                 func(e *storage.AuditEntry) { e.ID[15]++ },
	"Position":           func(e *storage.AuditEntry) { e.Position = 9 },
	"Action":             func(e *storage.AuditEntry) { e.Action = "user.praise" },
	"ActorID":            func(e *storage.AuditEntry) { e.ActorID = nobody },
	"TargetKind":         func(e *storage.AuditEntry) { e.TargetKind = storage.EntityRoom },
	"TargetID":           func(e *storage.AuditEntry) { e.TargetID = nobody.String() },
	"RoomID":             func(e *storage.AuditEntry) { e.RoomID[15]++ },
	"CreatedAt":          func(e *storage.AuditEntry) { e.CreatedAt = e.CreatedAt.Add(time.Microsecond) },
	"Prev":               func(e *storage.AuditEntry) { e.Prev[31]++ },
	"Hash":               func(e *storage.AuditEntry) { e.Hash[0]++ },
	"Actor.Name":         func(e *storage.AuditEntry) { e.Actor.Name = "Somebody Else" },
	"Actor.IP":           func(e *storage.AuditEntry) { e.Actor.IP = netip.MustParseAddr("192.0.2.8") },
	"Actor.UserAgent":    func(e *storage.AuditEntry) { e.Actor.UserAgent = "" },
	"Actor.Seal.Salt":    func(e *storage.AuditEntry) { e.Actor.Seal.Salt[3]++ },
	"Actor.Seal.Sum":     func(e *storage.AuditEntry) { e.Actor.Seal.Sum[3]++ },
	"Subject.TargetName": func(e *storage.AuditEntry) { e.Subject.TargetName += "s" },
	"Subject.Detail":     func(e *storage.AuditEntry) { e.Subject.Detail = "" },
	"Subject.Metadata":   func(e *storage.AuditEntry) { e.Subject.Metadata = json.RawMessage(`{"days": [1,2]}`) },
	"Subject.Seal.Salt":  func(e *storage.AuditEntry) { e.Subject.Seal.Salt = nil },
	"Subject.Seal.Sum":   func(e *storage.AuditEntry) { e.Subject.Seal.Sum = storage.AuditHash{} },
}

func testVerifyTampered(t *testing.T, f *fixture) {
	f.auditLog(5)
	saved := f.auditHead()
	wantForgedAll(t, reflect.TypeFor[storage.AuditEntry](), "")
	for field, change := range forged {
		r := f.forge(func(r *forger) { change(&r.chain[2]) })
		wantBadAudit(t, storage.VerifyAudit(f.ctx, r, storage.AuditHead{}), 3, field)
	}
	for _, c := range tamperings() {
		r := f.forge(c.do)
		wantBadAudit(t, storage.VerifyAudit(f.ctx, r, storage.AuditHead{}), c.at, c.what)
	}
	for _, c := range savedTamperings() {
		r := f.forge(c.do)
		require.NoError(t, storage.VerifyAudit(f.ctx, r, storage.AuditHead{}), "%s, without a head", c.what)
		wantBadAudit(t, storage.VerifyAudit(f.ctx, r, saved), c.at, c.what)
	}
}

// wantForgedAll requires a change of each field that a record has.
func wantForgedAll(t *testing.T, of reflect.Type, prefix string) {
	t.Helper()
	for _, field := range reflect.VisibleFields(of) {
		switch field.Type {
		case reflect.TypeFor[storage.AuditActor](), reflect.TypeFor[storage.AuditSubject](), reflect.TypeFor[storage.AuditSeal]():
			wantForgedAll(t, field.Type, prefix+field.Name+".")
		default:
			require.Contains(t, forged, prefix+field.Name)
		}
	}
}

// rehash makes the chain right again from an entry on, as somebody would who
// knows how it is made.
func (r *forger) rehash(from int) {
	for i := from; i < len(r.chain); i++ {
		e := &r.chain[i]
		e.Position = int64(i + 1)
		e.Prev = storage.AuditHash{}
		if i > 0 {
			e.Prev = r.chain[i-1].Hash
		}
		e.Hash = e.ComputeHash()
	}
	last := r.chain[len(r.chain)-1]
	r.head.Position, r.head.Hash = last.Position, last.Hash
}

// remove takes entries out.
func (r *forger) remove(from, to int) {
	r.chain = append(append([]storage.AuditEntry(nil), r.chain[:from]...), r.chain[to:]...)
}

// tamperings are those that show by themselves.
func tamperings() []tampering {
	return []tampering{
		{"the first is removed", 1, func(r *forger) { r.remove(0, 1) }},
		{"one is removed", 3, func(r *forger) { r.remove(2, 3) }},
		{"the last is removed", 5, func(r *forger) { r.remove(4, 5) }},
		{"all are removed", 1, func(r *forger) { r.remove(0, 5) }},
		{"one is removed, and the others are renumbered", 3, func(r *forger) {
			r.remove(2, 3)
			r.chain[2].Position, r.chain[3].Position = 3, 4
		}},
		{"two change places", 2, func(r *forger) {
			a, b := &r.chain[1], &r.chain[3]
			*a, *b = *b, *a
			a.Position, b.Position = b.Position, a.Position
		}},
		{"two change places and numbers", 2, func(r *forger) { r.chain[1], r.chain[2] = r.chain[2], r.chain[1] }},
		{"one is there twice", 3, func(r *forger) {
			e := r.chain[2]
			e.Position = 4
			r.remove(3, 4)
			r.chain = append(r.chain[:3], append([]storage.AuditEntry{e}, r.chain[3:]...)...)
			r.chain[2].Hash[0]++
		}},
		{"one is inserted at the end", 6, func(r *forger) {
			e := r.chain[4].Clone()
			e.Position, e.Prev = 6, e.Hash
			e.Hash = e.ComputeHash()
			r.chain = append(r.chain, e)
		}},
		{"one is changed and hashed anew", 4, func(r *forger) {
			r.chain[2].Action = "forged"
			r.chain[2].Hash = r.chain[2].ComputeHash()
		}},
		{"erased fields are invented", 3, func(r *forger) {
			r.chain[2].Actor = r.chain[2].Actor.Erased()
			r.chain[2].Actor.Name = "Somebody Else"
		}},
		{"a short salt", 3, func(r *forger) {
			e := &r.chain[2]
			e.Actor.Seal = e.Actor.SealWith([]byte{1})
			e.Hash = e.ComputeHash()
		}},
		{"one is put before the first", 0, func(r *forger) {
			e := r.chain[0].Clone()
			e.Position, e.Prev = 0, storage.AuditHash{}
			e.Hash = e.ComputeHash()
			r.chain = append([]storage.AuditEntry{e}, r.chain...)
		}},
		{"the head ends earlier", 5, func(r *forger) { r.head.Position, r.head.Hash = 4, r.chain[3].Hash }},
		{"the head ends later", 6, func(r *forger) { r.head.Position = 6 }},
		{"the head has another hash", 5, func(r *forger) { r.head.Hash[0]++ }},
		{"said to be pruned", 1, func(r *forger) { r.head.PrunedPosition, r.head.PrunedHash = 2, r.chain[1].Hash }},
		{"pruned, with another hash", 3, func(r *forger) {
			r.remove(0, 2)
			r.head.PrunedPosition, r.head.PrunedHash = 2, storage.AuditHash{1}
		}},
		{"pruned beyond the end", 6, func(r *forger) { r.head.PrunedPosition = 7 }},
		{"a hash before the first", 0, func(r *forger) { r.head.PrunedHash[0]++ }},
	}
}

// savedTamperings are made so well that only a saved head shows them.
func savedTamperings() []tampering {
	return []tampering{
		{"a tail is cut off", 4, func(r *forger) {
			r.remove(3, 5)
			r.head.Position, r.head.Hash = 3, r.chain[2].Hash
		}},
		{"all is cut off", 1, func(r *forger) {
			r.remove(0, 5)
			r.head = storage.AuditHead{}
		}},
		{"changed and hashed anew to the end", 5, func(r *forger) {
			r.chain[2].Action = "forged"
			r.rehash(2)
		}},
		{"removed and hashed anew", 5, func(r *forger) { r.remove(1, 2); r.rehash(1) }},
		{"inserted and hashed anew", 5, func(r *forger) {
			r.chain = append(r.chain[:1:1], r.chain...)
			r.rehash(1)
		}},
	}
}
