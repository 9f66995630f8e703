package backend

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/lairchat/lair/storage"
)

// AuditScan is a list of audit entries, in the order of CreatedAt and Position.
// After holds these, CreatedAt in Int as microseconds since 1970 and Position in
// ID, as PositionID writes it.
type AuditScan struct {
	storage.AuditQuery          // Limit and Cursor are unset
	Prefixes           []string // each begins one of an entry's Words
	Walk               int      // entries to look at that meet all other conditions, where there are Prefixes
	Scan
}

// AuditRow is an audit entry as it is stored.
type AuditRow struct {
	storage.AuditEntry
	Words []string // sorted, distinct: what text queries find the entry by
}

// AuditRows reads and writes the audit log. What entries name need not exist.
type AuditRows interface {
	// AuditEntries returns what a scan selects. If it looked at all the entries
	// that Walk allows, it returns the place of the last of them, too.
	AuditEntries(ctx context.Context, s AuditScan) (found []storage.AuditEntry, stop *storage.Keyset, err error)
	CountAudit(ctx context.Context, s AuditScan) (int64, error)

	// AuditChain is asked for what is beyond less than the highest position.
	AuditChain(ctx context.Context, after int64, limit int) ([]storage.AuditEntry, error)

	// AuditHead returns the head, which is always there: one that is not is
	// storage.ErrCorrupt with storage.EntityAudit.
	AuditHead(ctx context.Context) (storage.AuditHead, error)

	// AuditStats sums up the log as it is at now. ByAction is not nil;
	// MostActive has the first top actors.
	AuditStats(ctx context.Context, now time.Time, top int) (storage.AuditStats, error)

	// InsertAudit stores an entry that follows the head, and moves the head to
	// it. An ID that is taken is storage.ErrDuplicate.
	InsertAudit(ctx context.Context, e *AuditRow) error

	// AuditAbout returns the oldest entries by Position that still tell, with
	// the salt of the part, about a user: whose Actor the user is, or whose
	// Subject.
	AuditAbout(ctx context.Context, user storage.UserID, limit int) ([]storage.AuditEntry, error)

	// EraseAudit sets Actor, Subject and Words of the entry of the same Position.
	EraseAudit(ctx context.Context, e *AuditRow) error

	// PruneAudit removes up to limit of the oldest entries by Position, as long
	// as they are from before a time, and keeps position and hash of the last of
	// them for the head.
	PruneAudit(ctx context.Context, before time.Time, limit int) (pruned int, err error)
}

// PositionID writes a position so that it sorts as an identifier.
func PositionID(position int64) (id [16]byte) {
	binary.BigEndian.PutUint64(id[8:], uint64(position))
	return id
}

// IDPosition is the inverse of PositionID.
func IDPosition(id [16]byte) int64 { return int64(binary.BigEndian.Uint64(id[8:])) }

// AuditPlace returns where an entry stands in lists.
func AuditPlace(e *storage.AuditEntry) storage.Keyset {
	return storage.Keyset{Int: Micros(e.CreatedAt), ID: PositionID(e.Position)}
}
