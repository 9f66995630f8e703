package storage

// The audit log. Declared here as the contract to come; no backend implements
// it yet, and Store does not have it.

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
// entry, but of Actor and Subject only their commitments. What names a person
// can so be erased, and the chain still verifies. Users that an entry names may
// be deleted; it keeps their identifiers.
type AuditEntry struct {
	ID         AuditID      `json:"id"`
	Position   int64        `json:"position"`             // 1, 2, 3 … without a gap
	Action     string       `json:"action"`               // what was done, such as user.ban
	ActorID    UserID       `json:"actor_id,omitzero"`    // who did it; zero: the server
	TargetKind Entity       `json:"target_kind,omitzero"` // to what
	TargetID   string       `json:"target_id,omitzero"`   // its identifier or key
	RoomID     RoomID       `json:"room_id,omitzero"`     // where
	Actor      AuditActor   `json:"actor,omitzero"`
	Subject    AuditSubject `json:"subject,omitzero"`
	CreatedAt  time.Time    `json:"created_at"`
	Prev       AuditHash    `json:"prev"`
	Hash       AuditHash    `json:"hash"`
}

// AuditActor is what an audit entry tells about who acted.
type AuditActor struct {
	Name      string     `json:"name,omitzero"`
	IP        netip.Addr `json:"ip,omitzero"`
	UserAgent string     `json:"user_agent,omitzero"`
	Seal      AuditSeal  `json:"seal"`
}

// AuditSubject is what an audit entry tells about what was done.
type AuditSubject struct {
	TargetName string          `json:"target_name,omitzero"`
	Detail     string          `json:"detail,omitzero"`   // in words
	Metadata   json.RawMessage `json:"metadata,omitzero"` // a JSON object, kept byte for byte
	Seal       AuditSeal       `json:"seal"`
}

// AuditSeal commits an audit entry to personal fields: Sum is the SHA-256 of
// Salt and the fields, in a form that leaves no doubt where one ends. Without
// Salt, the fields were erased, and Sum is all that is left of them: it tells
// nothing.
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

// Normalize gives the address and the slices their stored form.
func (e *AuditEntry) Normalize() {
	e.Actor.IP = foldAddr(e.Actor.IP)
	e.Subject.Metadata = nilIfEmpty(e.Subject.Metadata)
}

// AuditQuery selects audit entries; the zero value selects all. Conditions are
// combined with AND. The newest come first, by Position.
type AuditQuery struct {
	Actor       UserID
	TargetKind  Entity
	TargetID    string
	Room        RoomID
	Actions     []string  // any of these
	From        time.Time // inclusive
	To          time.Time // exclusive
	Text        string    // each word begins a word of action, names or detail (storage/search)
	OldestFirst bool
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q AuditQuery) WithCursor(c Cursor) AuditQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q AuditQuery) Validate() error {
	if len(q.Actions) > MaxLimit {
		return Invalid("Actions", "too many")
	}
	if err := checkRange("To", q.From, q.To); err != nil {
		return err
	}
	return checkTexts(text{"TargetID", q.TargetID, MaxAuditTarget}, text{"Text", q.Text, MaxQueryText})
}

// AuditReader reads the audit log. A function over Reader comes with it:
//
//	func VerifyAudit(ctx context.Context, r Reader, saved AuditHead) error
//
// It walks the chain from where pruning left it to its end, and past the saved
// head, if that is not zero, and recomputes every hash and every seal that has
// its salt. The first entry that was changed, removed, reordered or inserted
// is ErrCorrupt with EntityAudit and the position as its ID, a tail cut off
// before the saved head likewise.
type AuditReader interface {
	// AuditEntries lists the entries that q selects, a page at a time.
	AuditEntries(ctx context.Context, q AuditQuery) (Page[AuditEntry], error)

	// CountAudit counts all the entries that q selects, whatever its Limit,
	// Cursor and order.
	CountAudit(ctx context.Context, q AuditQuery) (int64, error)

	// AuditHead returns where the chain ends.
	AuditHead(ctx context.Context) (AuditHead, error)
}

// AuditWriter changes the audit log.
type AuditWriter interface {
	// AppendAudit stores an entry and sets in *e what the store decides: ID if
	// it is unset, Position, CreatedAt, the seals, Prev and Hash. What ActorID,
	// RoomID and TargetID name need not exist. After an error *e is as it was.
	AppendAudit(ctx context.Context, e *AuditEntry) error

	// EraseAudit drops what entries tell about a user, fields and salts: Actor
	// of those that the user did, Subject of those done to the user. Entries
	// and chain stay. It takes at most limit of them (0 and too many as in a
	// query's Limit); fewer than that mean that there are no more.
	EraseAudit(ctx context.Context, user UserID, limit int) (erased int, err error)

	// PruneAudit removes entries from before a time, the oldest first and
	// without leaving a gap: at most limit of them (0 and too many as in a
	// query's Limit). Fewer than that mean that there are no more. The chain
	// goes on from the last one removed, whose hash is kept; the head stays.
	PruneAudit(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}
