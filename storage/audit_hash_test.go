package storage_test

import (
	"encoding/json"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// sealedEntry is an entry whose hashes were computed by another program, in
// another language, from what the comment says.
func sealedEntry() storage.AuditEntry {
	fill := func(b byte) (id [16]byte) {
		for i := range id {
			id[i] = b
		}
		return id
	}
	salt := func(first byte) (salt []byte) {
		for i := range byte(storage.AuditSaltSize) {
			salt = append(salt, first+i)
		}
		return salt
	}
	e := storage.AuditEntry{
		ID: fill(1), Position: 7, Action: "user.ban", ActorID: fill(2),
		TargetKind: storage.EntityUser, TargetID: storage.UserID(fill(3)).String(), RoomID: fill(4),
		Actor:     storage.AuditActor{Name: "Ann Ünal", IP: netip.MustParseAddr("2001:db8::7"), UserAgent: "curl/8"},
		Subject:   storage.AuditSubject{TargetName: "bob", Detail: "for spam", Metadata: json.RawMessage(`{"days": 1}`)},
		CreatedAt: time.UnixMicro(-1_500_000).In(time.FixedZone("", 3600)),
	}
	for i := range e.Prev {
		e.Prev[i] = 0x11
	}
	e.Actor.Seal, e.Subject.Seal = e.Actor.SealWith(salt(0)), e.Subject.SealWith(salt(16))
	e.Hash = e.ComputeHash()
	return e
}

func TestAuditHashes(t *testing.T) {
	e := sealedEntry()
	assert.Equal(t, "3ae4dd586f0da9c3d8821cd973db450ea476567ab3c49d0c458e6264defebfe4", e.Actor.Seal.Sum.String())
	assert.Equal(t, "9fc162d558915458036e65115622bbc9a2bd21bffbfb8a98c2c94c30ba945c8d", e.Subject.Seal.Sum.String())
	assert.Equal(t, "f944aae2ed16925b8b8f887b3ffa2695e699e4863140112254eb7cfc1f5c22b1", e.Hash.String())
	assert.Equal(t, "e71252253427b829bd6ebd322cc37b6c1797243e7aae8f4811465893f7e96635", storage.AuditActor{}.SealWith(nil).Sum.String(), "nothing at all")
}

// Where one field ends and the next begins makes a difference.
func TestAuditHashesAreUnambiguous(t *testing.T) {
	a, b := sealedEntry(), sealedEntry()
	a.Action, a.TargetID = "user.ban", "x"
	b.Action, b.TargetID = "user.banx", ""
	assert.NotEqual(t, a.ComputeHash(), b.ComputeHash())
	salt := a.Actor.Seal.Salt
	assert.NotEqual(t,
		storage.AuditActor{Name: "ab"}.SealWith(salt).Sum, storage.AuditActor{Name: "a", UserAgent: "b"}.SealWith(salt).Sum)
	assert.NotEqual(t, storage.AuditActor{}.SealWith(salt).Sum, storage.AuditSubject{}.SealWith(salt).Sum, "a seal of something else")
}

func TestErasedAuditKeepsItsHash(t *testing.T) {
	e := sealedEntry()
	e.Actor, e.Subject = e.Actor.Erased(), e.Subject.Erased()
	assert.Equal(t, sealedEntry().Hash, e.ComputeHash())
	assert.Nil(t, e.Actor.Seal.Salt)
	text, err := json.Marshal(e)
	require.NoError(t, err)
	for _, personal := range []string{"Ann", "2001", "curl", "bob", "spam", "days", "salt"} {
		assert.NotContains(t, string(text), personal)
	}
}

func TestAuditHeadIsText(t *testing.T) {
	e := sealedEntry()
	head := storage.AuditHead{Position: 7, Hash: e.Hash, PrunedPosition: 2, PrunedHash: e.Prev}
	text, err := json.Marshal(head)
	require.NoError(t, err)
	var back storage.AuditHead
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, head, back)
}
