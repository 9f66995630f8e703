package storagetest_test

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// sessionWriter is a writer of which some calls are others. Those that are nil
// are the good ones.
type sessionWriter struct {
	storage.ReadWriter
	sessionWrites
}

// sessionWrites are calls that get what they call instead.
type sessionWrites struct {
	create     func(ctx context.Context, w storage.ReadWriter, s *storage.Session) (storage.Secret, error)
	touch      func(ctx context.Context, w storage.ReadWriter, id storage.SessionID) error
	extend     func(ctx context.Context, w storage.ReadWriter, id storage.SessionID, until time.Time) (storage.Session, error)
	revoke     func(ctx context.Context, w storage.ReadWriter, id storage.SessionID) error
	revokeMany func(ctx context.Context, w storage.ReadWriter, user storage.UserID, except ...storage.SessionID) (int64, error)
	sweep      func(ctx context.Context, w storage.ReadWriter, before time.Time, limit int) (int, error)
}

// opener opens stores with these calls.
func (c sessionWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return sessionWriter{w, c} })
}

func (w sessionWriter) CreateSession(ctx context.Context, s *storage.Session) (storage.Secret, error) {
	if w.create == nil {
		return w.ReadWriter.CreateSession(ctx, s)
	}
	return w.create(ctx, w.ReadWriter, s)
}

func (w sessionWriter) TouchSession(ctx context.Context, id storage.SessionID) error {
	if w.touch == nil {
		return w.ReadWriter.TouchSession(ctx, id)
	}
	return w.touch(ctx, w.ReadWriter, id)
}

func (w sessionWriter) ExtendSession(ctx context.Context, id storage.SessionID, until time.Time) (storage.Session, error) {
	if w.extend == nil {
		return w.ReadWriter.ExtendSession(ctx, id, until)
	}
	return w.extend(ctx, w.ReadWriter, id, until)
}

func (w sessionWriter) RevokeSession(ctx context.Context, id storage.SessionID) error {
	if w.revoke == nil {
		return w.ReadWriter.RevokeSession(ctx, id)
	}
	return w.revoke(ctx, w.ReadWriter, id)
}

func (w sessionWriter) RevokeSessions(ctx context.Context, user storage.UserID, except ...storage.SessionID) (int64, error) {
	if w.revokeMany == nil {
		return w.ReadWriter.RevokeSessions(ctx, user, except...)
	}
	return w.revokeMany(ctx, w.ReadWriter, user, except...)
}

func (w sessionWriter) DeleteExpiredSessions(ctx context.Context, before time.Time, limit int) (int, error) {
	if w.sweep == nil {
		return w.ReadWriter.DeleteExpiredSessions(ctx, before, limit)
	}
	return w.sweep(ctx, w.ReadWriter, before, limit)
}

// sessionReader is a reader that changes queries and records on their way.
type sessionReader struct {
	storage.Reader
	sessionReads
}

// sessionReads are changes; those that are nil do nothing.
type sessionReads struct {
	only    string // the method that changes records; all of them if it is empty
	session func(*storage.Session)
	query   func(*storage.SessionQuery) // of Sessions
	counted func(*storage.SessionQuery) // of CountSessions
	byToken func(ctx context.Context, r storage.Reader, token storage.Secret) (storage.Session, error)
	stats   func(*storage.SessionStats)
}

// opener opens stores with these changes.
func (c sessionReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return sessionReader{r, c} })
}

func (r sessionReader) change(method string) func(*storage.Session) {
	if r.only != "" && r.only != method {
		return nil
	}
	return r.session
}

func (r sessionReader) Session(ctx context.Context, id storage.SessionID) (storage.Session, error) {
	s, err := r.Reader.Session(ctx, id)
	return apply(r.change("Session"), s, err)
}

func (r sessionReader) SessionByToken(ctx context.Context, token storage.Secret) (storage.Session, error) {
	if r.byToken != nil {
		return r.byToken(ctx, r.Reader, token)
	}
	s, err := r.Reader.SessionByToken(ctx, token)
	return apply(r.change("SessionByToken"), s, err)
}

func (r sessionReader) Sessions(ctx context.Context, q storage.SessionQuery) (storage.Page[storage.Session], error) {
	p, err := r.Reader.Sessions(ctx, asked(r.query, true, q))
	return applyPage(r.change("Sessions"), p, err)
}

func (r sessionReader) CountSessions(ctx context.Context, q storage.SessionQuery) (int64, error) {
	return r.Reader.CountSessions(ctx, asked(r.counted, true, q))
}

func (r sessionReader) SessionStats(ctx context.Context) (storage.SessionStats, error) {
	s, err := r.Reader.SessionStats(ctx)
	return apply(r.stats, s, err)
}
