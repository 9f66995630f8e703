package storage

// How the audit log is hashed, so that it can be verified in any language.
//
// Each hash is the SHA-256 of a list of fields. A field is written as the number
// of its bytes, in 8 bytes, most significant first, and then the bytes: no two
// lists are written alike. The first field says what is hashed, and how.
//
//	seal of an actor    "lair audit actor v1", salt, Name, IP, UserAgent
//	seal of a subject   "lair audit subject v1", salt, TargetName, Detail, Metadata
//	hash of an entry    "lair audit entry v1", Prev, Position, ID, Action, ActorID,
//	                    TargetKind, TargetID, RoomID, CreatedAt,
//	                    seal of the actor, seal of the subject
//
// Texts and Metadata are their bytes, an address is its text ("" for none; RFC
// 5952), identifiers are 16 bytes (zeros for none), hashes are 32 bytes, and the
// position is 8 bytes, most significant first. So is the time, in microseconds
// since 1970.

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// AuditSaltSize is the size of the salt of an [AuditSeal], in bytes.
const AuditSaltSize = 16

const (
	auditActorTag   = "lair audit actor v1"
	auditSubjectTag = "lair audit subject v1"
	auditEntryTag   = "lair audit entry v1"
)

// auditFields is a list of fields as it is hashed.
type auditFields []byte

func (f auditFields) bytes(b []byte) auditFields {
	f = binary.BigEndian.AppendUint64(f, uint64(len(b)))
	return append(f, b...)
}

func (f auditFields) text(s string) auditFields { return f.bytes([]byte(s)) }

func (f auditFields) int(n int64) auditFields {
	return f.bytes(binary.BigEndian.AppendUint64(nil, uint64(n)))
}

func (f auditFields) time(t time.Time) auditFields { return f.int(t.UnixMicro()) }

func (f auditFields) sum() AuditHash { return sha256.Sum256(f) }

// SealWith returns the seal of what a tells, with a salt.
func (a AuditActor) SealWith(salt []byte) AuditSeal {
	ip := ""
	if a.IP.IsValid() {
		ip = a.IP.String()
	}
	fields := auditFields{}.text(auditActorTag).bytes(salt).text(a.Name).text(ip).text(a.UserAgent)
	return AuditSeal{Salt: cloneSlice(salt), Sum: fields.sum()}
}

// Erased returns what is left of a: what it was sealed by.
func (a AuditActor) Erased() AuditActor { return AuditActor{Seal: AuditSeal{Sum: a.Seal.Sum}} }

// sealed reports whether a is what it was sealed as, or erased.
func (a AuditActor) sealed() bool {
	if len(a.Seal.Salt) == 0 {
		return a.Name == "" && !a.IP.IsValid() && a.UserAgent == ""
	}
	return len(a.Seal.Salt) == AuditSaltSize && a.SealWith(a.Seal.Salt).Sum == a.Seal.Sum
}

// SealWith returns the seal of what s tells, with a salt.
func (s AuditSubject) SealWith(salt []byte) AuditSeal {
	fields := auditFields{}.text(auditSubjectTag).bytes(salt).text(s.TargetName).text(s.Detail).bytes(s.Metadata)
	return AuditSeal{Salt: cloneSlice(salt), Sum: fields.sum()}
}

// Erased returns what is left of s: what it was sealed by.
func (s AuditSubject) Erased() AuditSubject {
	return AuditSubject{Seal: AuditSeal{Sum: s.Seal.Sum}}
}

// sealed reports whether s is what it was sealed as, or erased.
func (s AuditSubject) sealed() bool {
	if len(s.Seal.Salt) == 0 {
		return s.TargetName == "" && s.Detail == "" && len(s.Metadata) == 0
	}
	return len(s.Seal.Salt) == AuditSaltSize && s.SealWith(s.Seal.Salt).Sum == s.Seal.Sum
}

// ComputeHash returns what the Hash of e has to be.
func (e AuditEntry) ComputeHash() AuditHash {
	return auditFields{}.text(auditEntryTag).bytes(e.Prev[:]).int(e.Position).bytes(e.ID[:]).
		text(e.Action).bytes(e.ActorID[:]).text(string(e.TargetKind)).text(e.TargetID).bytes(e.RoomID[:]).
		time(e.CreatedAt).bytes(e.Actor.Seal.Sum[:]).bytes(e.Subject.Seal.Sum[:]).sum()
}
