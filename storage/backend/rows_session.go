package backend

import (
	"context"
	"crypto/sha256"
	"time"

	"github.com/lairchat/lair/storage"
)

// SessionScan is a list of sessions, in the order of CreatedAt and ID. After
// holds these, CreatedAt in Int as microseconds since 1970.
type SessionScan struct {
	storage.SessionQuery           // Limit and Cursor are unset
	Now                  time.Time // for Live
	Scan
}

// SessionRow is a session as it is stored.
type SessionRow struct {
	storage.Session
	TokenHash SecretHash
}

// SessionEnd returns when a session ends, or has ended: when it expires or was
// revoked, whichever is first; the zero time for never.
func SessionEnd(s *storage.Session) time.Time {
	if s.RevokedAt.IsZero() || !s.ExpiresAt.IsZero() && s.ExpiresAt.Before(s.RevokedAt) {
		return s.ExpiresAt
	}
	return s.RevokedAt
}

// SessionRows reads and writes sessions. Those of deleted users are not there.
type SessionRows interface {
	Session(ctx context.Context, id storage.SessionID) (storage.Session, error)

	// SessionByToken is what every request of a client begins with. It finds
	// sessions that are over, too.
	SessionByToken(ctx context.Context, hash [sha256.Size]byte) (storage.Session, error)
	Sessions(ctx context.Context, s SessionScan) ([]storage.Session, error)
	CountSessions(ctx context.Context, s SessionScan) (int64, error)

	// SessionStats sums up the sessions as they are at now. ByClientType is not
	// nil.
	SessionStats(ctx context.Context, now time.Time) (storage.SessionStats, error)

	// InsertSession stores a session of a user who exists. An ID that is taken
	// is storage.ErrDuplicate.
	InsertSession(ctx context.Context, s *SessionRow) error

	// UpdateSession sets the Metadata, ExpiresAt and RevokedAt of a session.
	UpdateSession(ctx context.Context, s *storage.Session) error

	// TouchSession sets LastActiveAt, which is known to rise.
	TouchSession(ctx context.Context, id storage.SessionID, at time.Time) error

	// RevokeSessions sets the RevokedAt of a user's sessions that have none,
	// but for some, and returns how many of them were live.
	RevokeSessions(ctx context.Context, user storage.UserID, except []storage.SessionID, at time.Time) (live int64, err error)

	DeleteSession(ctx context.Context, id storage.SessionID) error

	// DeleteEndedSessions removes up to limit sessions whose SessionEnd is
	// before a time, in the order of their ends and their IDs.
	DeleteEndedSessions(ctx context.Context, before time.Time, limit int) (deleted int, err error)
}
