package backend

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// Session implements storage.SessionReader.
func (r Reader) Session(ctx context.Context, id storage.SessionID) (storage.Session, error) {
	return readOne(ctx, r.in, "read session", unchecked, func(rows Rows) (storage.Session, error) {
		s, err := rows.Session(ctx, id)
		return s, missing(err, storage.EntitySession, id)
	})
}

// Tokens are random bytes as text.
const tokenBytes = 32

var tokenText = base64.RawURLEncoding

// newToken returns a token that nobody has or will have.
func newToken() storage.Secret {
	var b [tokenBytes]byte
	rand.Read(b[:]) // never fails
	return storage.Secret(tokenText.EncodeToString(b[:]))
}

// hashToken returns what is stored of a token, which has the length of one. It
// is random and long, so that a fast hash does. The copy costs no allocation.
func hashToken(token storage.Secret) [sha256.Size]byte {
	var text [2 * tokenBytes]byte
	return sha256.Sum256(text[:copy(text[:], token)])
}

// errNoSession is the one answer to all that can be wrong with a token.
func errNoSession() error { return &storage.Error{Kind: storage.ErrUnauthenticated} }

// SessionByToken implements storage.SessionReader. That the user is active need
// not be looked up: a session that is not revoked says so. Every request begins
// with this, so it copies the session no more often than needed.
func (r Reader) SessionByToken(ctx context.Context, token storage.Secret) (storage.Session, error) {
	var s storage.Session
	err := r.in.read(ctx, "read session by token", unchecked, func(rows Rows) (_ int, err error) {
		if len(token) != tokenText.EncodedLen(tokenBytes) {
			return 0, errNoSession()
		}
		s, err = rows.SessionByToken(ctx, hashToken(token))
		if errors.Is(err, storage.ErrNotFound) || err == nil && !s.Live(r.now()) {
			return 0, errNoSession()
		}
		return 1, err
	})
	if err != nil {
		return storage.Session{}, err
	}
	return s, nil
}

// Sessions implements storage.SessionReader.
func (r Reader) Sessions(ctx context.Context, q storage.SessionQuery) (storage.Page[storage.Session], error) {
	var p *pager
	var s SessionScan
	check := func() (err error) {
		if s, err = sessionScan(q); err != nil {
			return err
		}
		p, err = newPager(s.SessionQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list sessions", check, func(rows Rows) ([]storage.Session, error) {
		s.Scan, s.Now = p.scan(true), r.now()
		return rows.Sessions(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Session]{}, err
	}
	return page(p, items, func(s storage.Session) storage.Keyset {
		return storage.Keyset{Int: Micros(s.CreatedAt), ID: s.ID}
	})
}

// CountSessions implements storage.SessionReader.
func (r Reader) CountSessions(ctx context.Context, q storage.SessionQuery) (int64, error) {
	var s SessionScan
	check := func() (err error) { s, err = sessionScan(q); return err }
	return readOne(ctx, r.in, "count sessions", check, func(rows Rows) (int64, error) {
		s.Now = r.now()
		return rows.CountSessions(ctx, s)
	})
}

// sessionScan checks a query.
func sessionScan(q storage.SessionQuery) (SessionScan, error) {
	if err := q.Validate(); err != nil {
		return SessionScan{}, err
	}
	q.Limit, q.Cursor = 0, ""
	q.ActiveSince = ceilTime(q.ActiveSince)
	return SessionScan{SessionQuery: q}, nil
}

// SessionStats implements storage.SessionReader.
func (r Reader) SessionStats(ctx context.Context) (storage.SessionStats, error) {
	return readOne(ctx, r.in, "read session statistics", unchecked, func(rows Rows) (storage.SessionStats, error) {
		return rows.SessionStats(ctx, r.now())
	})
}

// CreateSession implements storage.SessionWriter.
func (w Writer) CreateSession(ctx context.Context, s *storage.Session) (storage.Secret, error) {
	var row *SessionRow
	token := newToken()
	check := func() error {
		if s == nil {
			return storage.Invalid("s", "nil")
		}
		next := s.Clone()
		next.Normalize()
		next.RevokedAt = time.Time{}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		if err := w.inFuture("ExpiresAt", next.ExpiresAt); err != nil {
			return err
		}
		row = &SessionRow{Session: next, TokenHash: hashToken(token)}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "create session", check, func(t *rules) error { return t.createSession(ctx, row) })
	if err != nil {
		return "", err
	}
	*s = row.Session
	return token, nil
}

// inFuture refuses an end that is not in the future, unless it is unset.
func (w Writer) inFuture(field string, end time.Time) error {
	if !end.IsZero() && !end.After(w.now()) {
		return storage.Invalid(field, "not in the future")
	}
	return nil
}

func (t *rules) createSession(ctx context.Context, row *SessionRow) error {
	u, err := t.rows.User(ctx, row.UserID)
	if err != nil {
		return missing(err, storage.EntityUser, row.UserID)
	}
	if !u.Active {
		return storage.Forbidden(storage.EntityUser, u.ID.String(), storage.ReasonUserInactive)
	}
	row.CreatedAt, row.LastActiveAt = t.now, t.now
	err = t.rows.InsertSession(ctx, row)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntitySession, row.ID.String(), "ID")
	}
	return err
}

// TouchSession implements storage.SessionWriter.
func (w Writer) TouchSession(ctx context.Context, id storage.SessionID) error {
	look := func(rows Rows) error {
		due, err := touchDue(ctx, rows, id, w.now())
		if err == nil && !due {
			return errSettled
		}
		return err
	}
	return w.in.writeAfter(ctx, "touch session", unchecked, look, func(t *rules) (int, error) {
		due, err := touchDue(ctx, t.rows, id, t.now)
		if err != nil || !due {
			return 0, err
		}
		return 1, t.touchSession(ctx, id)
	})
}

// touchDue reports whether a session's LastActiveAt is to be written.
func touchDue(ctx context.Context, rows Rows, id storage.SessionID, now time.Time) (bool, error) {
	s, err := rows.Session(ctx, id)
	if err != nil {
		return false, missing(err, storage.EntitySession, id)
	}
	return s.Live(now) && now.Sub(s.LastActiveAt) >= storage.SessionTouchInterval, nil
}

func (t *rules) touchSession(ctx context.Context, id storage.SessionID) error {
	s, err := t.rows.Session(ctx, id)
	if err != nil {
		return missing(err, storage.EntitySession, id)
	}
	if err := t.rows.TouchSession(ctx, id, t.now); err != nil {
		return err
	}
	return t.touchUser(ctx, s.UserID)
}

// changeSession applies a change to a session. What is settled already is not
// written.
func (w Writer) changeSession(
	ctx context.Context, op string, id storage.SessionID, check func() error, apply func(*storage.Session, time.Time) error,
) (storage.Session, error) {
	return writeOne(ctx, w.in, op, check, func(t *rules) (storage.Session, error) {
		s, err := t.rows.Session(ctx, id)
		if err != nil {
			return s, missing(err, storage.EntitySession, id)
		}
		err = apply(&s, t.now)
		if errors.Is(err, errSettled) {
			return s, nil
		}
		if err != nil {
			return s, err
		}
		return s, t.rows.UpdateSession(ctx, &s)
	})
}

// ExtendSession implements storage.SessionWriter.
func (w Writer) ExtendSession(ctx context.Context, id storage.SessionID, until time.Time) (storage.Session, error) {
	until = storage.Timestamp(until)
	check := func() error {
		if err := (storage.Session{UserID: storage.UserID{1}, ExpiresAt: until}).Validate(); err != nil {
			return err
		}
		return w.inFuture("ExpiresAt", until)
	}
	return w.changeSession(ctx, "extend session", id, check, func(s *storage.Session, now time.Time) error {
		if !s.Live(now) {
			return storage.Conflict(storage.EntitySession, id.String(), "expired or revoked")
		}
		s.ExpiresAt = until
		return nil
	})
}

// UpdateSessionMetadata implements storage.SessionWriter.
func (w Writer) UpdateSessionMetadata(ctx context.Context, id storage.SessionID, m storage.SessionMetadata) (storage.Session, error) {
	next := storage.Session{Metadata: m}.Clone()
	next.Normalize()
	return w.changeSession(ctx, "update session metadata", id, next.Metadata.Validate, func(s *storage.Session, _ time.Time) error {
		s.Metadata = next.Metadata
		return nil
	})
}

// RevokeSession implements storage.SessionWriter.
func (w Writer) RevokeSession(ctx context.Context, id storage.SessionID) error {
	_, err := w.changeSession(ctx, "revoke session", id, unchecked, func(s *storage.Session, now time.Time) error {
		if !s.RevokedAt.IsZero() {
			return errSettled
		}
		s.RevokedAt = now
		return nil
	})
	return err
}

// RevokeSessions implements storage.SessionWriter.
func (w Writer) RevokeSessions(ctx context.Context, user storage.UserID, except ...storage.SessionID) (revoked int64, err error) {
	check := func() (err error) { except, err = checkIDs("except", except); return err }
	err = w.in.write(ctx, "revoke sessions", check, func(t *rules) (_ int, err error) {
		revoked, err = t.rows.RevokeSessions(ctx, user, except, t.now)
		return int(revoked), err
	})
	if err != nil {
		return 0, err
	}
	return revoked, nil
}

// DeleteSession implements storage.SessionWriter.
func (w Writer) DeleteSession(ctx context.Context, id storage.SessionID) error {
	return writeOnly(ctx, w.in, "delete session", unchecked, func(t *rules) error {
		return missing(t.rows.DeleteSession(ctx, id), storage.EntitySession, id)
	})
}

// DeleteExpiredSessions implements storage.SessionWriter.
func (w Writer) DeleteExpiredSessions(ctx context.Context, before time.Time, limit int) (deleted int, err error) {
	check := func() (err error) { limit, err = checkSweep(before, limit); return err }
	err = w.in.write(ctx, "delete expired sessions", check, func(t *rules) (_ int, err error) {
		deleted, err = t.rows.DeleteEndedSessions(ctx, t.ended(before), limit)
		return deleted, err
	})
	if err != nil {
		return 0, err
	}
	return deleted, nil
}

// checkSweep refuses what does not say which records are old, and returns how
// many of them go.
func checkSweep(before time.Time, limit int) (int, error) {
	if !before.After(time.Time{}) {
		return 0, storage.Invalid("before", "unset")
	}
	return storage.Limit(limit)
}
