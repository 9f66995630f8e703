package storage

import (
	"context"
	"encoding/json"
	"net/netip"
	"time"
)

// Limits of a session's texts, in bytes.
const (
	MaxUserAgent     = 1024
	MaxClientType    = 64
	MaxClientVersion = 64
	MaxDevice        = 256
	MaxLocation      = 256
)

// SessionTouchInterval is how often at most a session's LastActiveAt is
// written. Inactivity timeouts are of a quarter of an hour and more (NIST SP
// 800-63B-4, sections 2.2.3 and 2.3.3), to which a minute makes no difference.
const SessionTouchInterval = time.Minute

// SessionID identifies a session. It is no secret: the token is.
type SessionID = ID[Session]

// Session is a user's login from one client. Its token is told once by
// CreateSession: 256 random bits, where NIST SP 800-63B-4 (section 5.1) and the
// OWASP Session Management Cheat Sheet ("Session ID Entropy") ask for 64, as 43
// characters of base64url. Only its SHA-256 is kept, which no record and no
// dump without secrets shows.
//
// ExpiresAt is the overall timeout (section 5.2 of the former). Who wants a
// timeout of inactivity too compares LastActiveAt, which is right to
// SessionTouchInterval, or gives short times and moves them by ExtendSession.
// Where a user's rights change (a password, a role), the latter recommends
// another token ("Renew the Session ID After Any Privilege Level Change"): a
// new session, and RevokeSessions of all but that one, in one Update.
type Session struct {
	ID           SessionID       `json:"id"`
	UserID       UserID          `json:"user_id"`
	IP           netip.Addr      `json:"ip,omitzero"` // where it began
	UserAgent    string          `json:"user_agent,omitzero"`
	Metadata     SessionMetadata `json:"metadata,omitzero"`
	CreatedAt    time.Time       `json:"created_at"`
	ExpiresAt    time.Time       `json:"expires_at,omitzero"` // from then on it is not live; zero: never
	LastActiveAt time.Time       `json:"last_active_at"`      // kept by TouchSession; never before CreatedAt
	RevokedAt    time.Time       `json:"revoked_at,omitzero"` // zero: it was not revoked
}

// SessionMetadata tells what client a session is of.
type SessionMetadata struct {
	ClientType    string          `json:"client_type,omitzero"` // such as web, ios, irc
	ClientVersion string          `json:"client_version,omitzero"`
	Device        string          `json:"device,omitzero"`
	Location      string          `json:"location,omitzero"`
	Custom        json.RawMessage `json:"custom,omitzero"` // a JSON object, kept byte for byte
}

// Live reports whether the session is good at now: neither expired nor revoked.
// The sessions of a user who is deactivated are revoked, all of them.
func (s Session) Live(now time.Time) bool {
	return s.RevokedAt.IsZero() && (s.ExpiresAt.IsZero() || now.Before(s.ExpiresAt))
}

// Clone returns a copy that shares nothing with s.
func (s Session) Clone() Session {
	s.Metadata.Custom = cloneSlice(s.Metadata.Custom)
	return s
}

// Validate refuses a session that cannot be stored.
func (s Session) Validate() error {
	if s.UserID.IsZero() {
		return Invalid("UserID", "unset")
	}
	if err := checkTime("ExpiresAt", s.ExpiresAt); err != nil {
		return err
	}
	if err := CheckText("UserAgent", s.UserAgent, MaxUserAgent); err != nil {
		return err
	}
	return s.Metadata.Validate()
}

// Validate refuses metadata that cannot be stored.
func (m SessionMetadata) Validate() error {
	if err := checkTexts(
		text{"Metadata.ClientType", m.ClientType, MaxClientType},
		text{"Metadata.ClientVersion", m.ClientVersion, MaxClientVersion},
		text{"Metadata.Device", m.Device, MaxDevice},
		text{"Metadata.Location", m.Location, MaxLocation},
	); err != nil {
		return err
	}
	return checkCustom("Metadata.Custom", m.Custom)
}

// Normalize gives the address, the times and the slices their stored form.
func (s *Session) Normalize() {
	s.IP = foldAddr(s.IP)
	s.ExpiresAt = Timestamp(s.ExpiresAt)
	s.Metadata.Custom = nilIfEmpty(s.Metadata.Custom)
}

// foldAddr returns the form in which addresses are kept and compared: an IPv4
// address mapped into IPv6 as IPv4, without a zone.
func foldAddr(a netip.Addr) netip.Addr { return a.Unmap().WithZone("") }

// SessionQuery selects sessions; the zero value selects all. Conditions are
// combined with AND. The newest come first, ties by ID descending.
type SessionQuery struct {
	User        UserID
	Live        *bool     // neither expired nor revoked, or one of these
	ActiveSince time.Time // last active then or later
	Limit       int
	Cursor      Cursor
}

// WithCursor returns the query for the page at c.
func (q SessionQuery) WithCursor(c Cursor) SessionQuery { q.Cursor = c; return q }

// Validate refuses a query that means nothing.
func (q SessionQuery) Validate() error { return checkTime("ActiveSince", q.ActiveSince) }

// SessionStats sums up the sessions on record.
type SessionStats struct {
	Total        int64            `json:"total"`
	Live         int64            `json:"live"`
	Users        int64            `json:"users"`          // with a live session
	New          Recent           `json:"new"`            // by CreatedAt
	ByClientType map[string]int64 `json:"by_client_type"` // live ones; "" counts those that do not tell
}

// SessionReader reads sessions.
type SessionReader interface {
	// Session returns a session, live or not; ErrNotFound if it does not
	// exist.
	Session(ctx context.Context, id SessionID) (Session, error)

	// SessionByToken returns the session of a token, if it is live. Whatever is
	// wrong with the token (it is none, nobody's, expired, revoked, of a user
	// who was deactivated or deleted) is ErrUnauthenticated, in the same words.
	SessionByToken(ctx context.Context, token Secret) (Session, error)

	// Sessions lists the sessions that q selects, a page at a time. A user who
	// does not exist has none.
	Sessions(ctx context.Context, q SessionQuery) (Page[Session], error)

	// CountSessions counts all the sessions that q selects, whatever its Limit
	// and Cursor.
	CountSessions(ctx context.Context, q SessionQuery) (int64, error)

	// SessionStats sums up the sessions. Its cost grows with those on record.
	SessionStats(ctx context.Context) (SessionStats, error)
}

// SessionWriter changes sessions. A session that does not exist is
// ErrNotFound.
//
// Deactivating a user revokes all the user's sessions that are not revoked,
// and reactivating revives none; deleting a user deletes them. So none that
// is not revoked is of a user who is deactivated, at any moment.
type SessionWriter interface {
	// CreateSession stores a session, sets in *s what the store decides (ID if
	// it is unset, CreatedAt, LastActiveAt, RevokedAt) and returns its token,
	// which nothing tells again. An ExpiresAt that is not in the future is
	// ErrInvalid; a user who does not exist is ErrNotFound, one who is
	// deactivated ErrForbidden with ReasonUserInactive; an ID that is taken is
	// ErrDuplicate. After an error *s is as it was.
	CreateSession(ctx context.Context, s *Session) (token Secret, err error)

	// TouchSession moves LastActiveAt forward to the present, and LastSeenAt
	// of the user with it. It looks first, and asks for the writer only if the
	// last time is SessionTouchInterval ago or more. A session that is not live
	// stays as it is.
	TouchSession(ctx context.Context, id SessionID) error

	// ExtendSession moves ExpiresAt, forward or back, and returns the session
	// as it is then. A time that is not in the future is ErrInvalid; the zero
	// time means never. A session that is not live is ErrConflict: what is
	// over stays over.
	ExtendSession(ctx context.Context, id SessionID, until time.Time) (Session, error)

	// UpdateSessionMetadata replaces the metadata, be the session live or not,
	// and returns the session as it is then.
	UpdateSessionMetadata(ctx context.Context, id SessionID, m SessionMetadata) (Session, error)

	// RevokeSession puts a session out of use; it stays on record. Doing so
	// again changes nothing.
	RevokeSession(ctx context.Context, id SessionID) error

	// RevokeSessions revokes all sessions of a user except some, expired ones
	// too, and returns how many were live until then. A user who does not exist
	// has none. At most MaxLimit can be excepted.
	RevokeSessions(ctx context.Context, user UserID, except ...SessionID) (revoked int64, err error)

	// DeleteSession removes a session from the record, and so from use.
	DeleteSession(ctx context.Context, id SessionID) error

	// DeleteExpiredSessions removes sessions that expired or were revoked
	// before a time, by whichever was first, the oldest ends first, ties by ID:
	// at most limit of them (0 and too many as in a query's Limit). Fewer than
	// that mean that there are no more. A time to come takes away what has
	// ended by now; an unset one is ErrInvalid.
	DeleteExpiredSessions(ctx context.Context, before time.Time, limit int) (deleted int, err error)
}
