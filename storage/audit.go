package storage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/netip"
	"time"
)

// Limits of an audit entry's texts, in bytes.
const (
	MaxAuditAction = 64
	MaxAuditTarget = 256
	MaxAuditDetail = 4096
)

// AuditID identifies an audit entry.
type AuditID = ID[AuditEntry]

// AuditHash is a SHA-256 in the chain of the audit log. The zero one stands for
// none: before the first entry, and for what is not sealed yet.
type AuditHash [sha256.Size]byte

// String returns the hash in hexadecimal.
func (h AuditHash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText returns the hash in hexadecimal.
func (h AuditHash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText is the inverse of [AuditHash.MarshalText].
func (h *AuditHash) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	if err != nil || len(b) != len(h) {
		return Invalid("AuditHash", "not a SHA-256 in hexadecimal")
	}
	copy(h[:], b)
	return nil
}

// AuditEntry tells who did what to what. Entries form a chain: Hash covers
// Prev, which is the Hash of the entry before, and everything else in the
// entry, but of Actor and Subject only their commitments (audit_hash.go says
// how, byte for byte). What names a person can so be erased, and the chain still
// verifies. Users, rooms and whatever else an entry names may be deleted; it
// keeps their identifiers.
//
// What is personal belongs into Actor, if it is about who acted, or into
// Subject, if it is about whom it was done to: EraseAudit knows nothing else. An
// action is a word of the program's, such as user.ban, and never names anybody.
type AuditEntry struct {
	ID         AuditID      `json:"id"`
	Position   int64        `json:"position"`             // 1, 2, 3 … without a gap
	Action     string       `json:"action"`               // what was done, such as user.ban
	ActorID    UserID       `json:"actor_id,omitzero"`    // who did it; zero: the server
	TargetKind Entity       `json:"target_kind,omitzero"` // to what
	TargetID   string       `json:"target_id,omitzero"`   // its identifier or key; of a user the identifier
	RoomID     RoomID       `json:"room_id,omitzero"`     // where
	Actor      AuditActor   `json:"actor,omitzero"`
	Subject    AuditSubject `json:"subject,omitzero"`
	CreatedAt  time.Time    `json:"created_at"`
	Prev       AuditHash    `json:"prev"`
	Hash       AuditHash    `json:"hash"`
}

// AuditActor is what an audit entry tells about who acted: all of it personal,
// the address and the user agent no less than the name.
type AuditActor struct {
	Name      string     `json:"name,omitzero"`
	IP        netip.Addr `json:"ip,omitzero"`
	UserAgent string     `json:"user_agent,omitzero"`
	Seal      AuditSeal  `json:"seal"`
}

// AuditSubject is what an audit entry tells about what was done, and to whom.
type AuditSubject struct {
	TargetName string          `json:"target_name,omitzero"`
	Detail     string          `json:"detail,omitzero"`   // in words
	Metadata   json.RawMessage `json:"metadata,omitzero"` // a JSON object, in the form that Normalize gives it
	Seal       AuditSeal       `json:"seal"`
}

// AuditSeal commits an audit entry to personal fields: Sum is the SHA-256 of
// Salt and the fields, in a form that leaves no doubt where one ends. Without
// Salt, the fields were erased, and Sum is all that is left of them: it tells
// nothing, since nobody can try all salts.
type AuditSeal struct {
	Salt []byte    `json:"salt,omitzero"` // 16 random bytes
	Sum  AuditHash `json:"sum"`
}

// AuditHead is where the chain of the audit log ends and, once entries were
// pruned, where it begins. Saved elsewhere, it proves that no tail was cut off.
type AuditHead struct {
	Position int64     `json:"position"` // of the latest entry ever, 0 if there was none
	Hash     AuditHash `json:"hash"`     // of that entry

	PrunedPosition int64     `json:"pruned_position,omitzero"` // of the latest entry that was pruned, 0 if none was
	PrunedHash     AuditHash `json:"pruned_hash"`              // of that entry: the Prev of the oldest one kept
}

// Clone returns a copy that shares nothing with e.
func (e AuditEntry) Clone() AuditEntry {
	e.Actor.Seal.Salt = cloneSlice(e.Actor.Seal.Salt)
	e.Subject.Seal.Salt = cloneSlice(e.Subject.Seal.Salt)
	e.Subject.Metadata = cloneSlice(e.Subject.Metadata)
	return e
}

// Validate refuses an entry that cannot be stored.
func (e AuditEntry) Validate() error {
	if e.Action == "" {
		return Invalid("Action", "empty")
	}
	if e.TargetKind == EntityUser {
		if id, err := ParseID[User](e.TargetID); err != nil || id.String() != e.TargetID {
			return Invalid("TargetID", "not the identifier of a user") // by which it is erased
		}
	}
	if err := checkTexts(
		text{"Action", e.Action, MaxAuditAction},
		text{"TargetKind", string(e.TargetKind), MaxAuditTarget},
		text{"TargetID", e.TargetID, MaxAuditTarget},
		text{"Actor.Name", e.Actor.Name, MaxAuditTarget},
		text{"Actor.UserAgent", e.Actor.UserAgent, MaxUserAgent},
		text{"Subject.TargetName", e.Subject.TargetName, MaxAuditTarget},
		text{"Subject.Detail", e.Subject.Detail, MaxAuditDetail},
	); err != nil {
		return err
	}
	return checkCustom("Subject.Metadata", e.Subject.Metadata)
}

// Normalize gives the address, the slices and the identifier of a user their
// stored form. That of Metadata is what [json.Marshal] writes of it: without
// spaces, and with <, > and & escaped. So a copy of an entry that was written as
// JSON, and read back, is sealed by the same bytes and verifies; a copy that was
// indented does once it is normalized.
func (e *AuditEntry) Normalize() {
	e.Actor.IP = foldAddr(e.Actor.IP)
	e.Subject.Metadata = nilIfEmpty(e.Subject.Metadata)
	if e.Subject.Metadata != nil {
		if text, err := json.Marshal(e.Subject.Metadata); err == nil { // what is no JSON Validate refuses
			e.Subject.Metadata = text
		}
	}
	if e.TargetKind == EntityUser {
		if id, err := ParseID[User](e.TargetID); err == nil {
			e.TargetID = id.String()
		}
	}
}

// AuditReader reads the audit log. [VerifyAudit] is a function over it.
type AuditReader interface {
	// AuditEntries lists the entries that q selects, a page at a time. Where q
	// has a Text, a page that has looked at many entries in vain may come back
	// short, or empty, with its Next set. The words that a Text is looked for in
	// are an index beside the chain: VerifyAudit knows nothing of them.
	AuditEntries(ctx context.Context, q AuditQuery) (Page[AuditEntry], error)

	// CountAudit counts all the entries that q selects, whatever its Limit,
	// Cursor and order. Its cost grows with what it counts.
	CountAudit(ctx context.Context, q AuditQuery) (int64, error)

	// AuditChain returns the entries beyond a position in the order of the
	// chain, which is that of the positions, whatever clocks said: at most limit
	// of them (0 and too many as in a query's Limit). None mean that the chain
	// ends here. Beyond 0 is everything, even what has no right to its position,
	// and beyond the last position nothing, were it the highest there can be. It is
	// for verifying, and for copying the log elsewhere.
	AuditChain(ctx context.Context, after int64, limit int) ([]AuditEntry, error)

	// AuditHead returns where the chain ends. One that is gone or cannot be read
	// is ErrCorrupt with EntityAudit, and no ID: it is no entry's.
	AuditHead(ctx context.Context) (AuditHead, error)

	// AuditStats sums up the audit log, as far as it is kept. ByAction has an
	// entry for each action that occurs; MostActive begins with the highest
	// count, ties by ID, and leaves the server out. Of q only Top matters, but
	// all of it must be valid. The cost grows with the entries.
	AuditStats(ctx context.Context, q StatsQuery) (AuditStats, error)
}

// AuditWriter changes the audit log. What it does is no part of the change feed.
type AuditWriter interface {
	// AppendAudit stores an entry and sets in *e what the store decides: ID if
	// it is unset, Position, CreatedAt, the seals, Prev and Hash. What ActorID,
	// RoomID and TargetID name need not exist. An ID that is taken is
	// ErrDuplicate. After an error *e is as it was.
	AppendAudit(ctx context.Context, e *AuditEntry) error

	// EraseAudit drops what entries tell about a user, fields and salts, so that
	// no text finds the entries by it and no byte of it is left: Actor of those
	// whose ActorID the user is, Subject of those whose TargetKind is EntityUser
	// and whose TargetID the user is. Entries and chain stay, with the
	// identifiers, which name nobody once the user's record is gone. What others
	// wrote about the user elsewhere, in the Subject of an entry about a room
	// say, is not found by this.
	//
	// It takes at most limit entries (0 and too many as in a query's Limit),
	// the oldest first; fewer than that mean that there are no more. The user
	// need not exist. An entry that tells nothing any more is not counted again.
	EraseAudit(ctx context.Context, user UserID, limit int) (erased int, err error)

	// PruneAudit removes entries from before a time, the oldest first and
	// without leaving a gap: at most limit of them (0 and too many as in a
	// query's Limit). Fewer than that mean that there are no more, or that one
	// comes that is not from before. The chain goes on from the last one removed,
	// whose hash is kept; the head stays. An unset time is ErrInvalid.
	PruneAudit(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}
