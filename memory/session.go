package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"iter"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// session is a session as it is kept.
type session struct {
	storage.Session // never changed
	key             key
	user            key
	token           [sha256.Size]byte
}

// ticket is an entry of the index that each request of a client begins with: it
// leads to the session itself, not to its key, and is looked for by the first
// bytes of a digest, since entries are found the faster the smaller they are.
type ticket struct {
	first   uint64
	session *session
}

func newTicket(v *session) ticket { return ticket{firstBytes(v.token), v} }

func firstBytes(hash [sha256.Size]byte) uint64 { return binary.BigEndian.Uint64(hash[:]) }

// lessTickets puts what has no session before those that begin in the same way.
func lessTickets(a, b ticket) bool {
	switch {
	case a.first != b.first:
		return a.first < b.first
	case a.session == nil || b.session == nil:
		return a.session == nil && b.session != nil
	}
	return bytes.Compare(a.session.token[:], b.session.token[:]) < 0
}

func (v *session) creation() entry {
	return entry{n: backend.Micros(v.CreatedAt), id: v.ID, key: v.key}
}

// end is the place of a session that ends in the order of ends.
func (v *session) end() (e entry, ends bool) {
	at := backend.SessionEnd(&v.Session)
	return entry{n: backend.Micros(at), id: v.ID, key: v.key}, !at.IsZero()
}

func readSession(v *session) storage.Session { return v.Session.Clone() }

func (r *rows) Session(_ context.Context, id storage.SessionID) (storage.Session, error) {
	e, _ := r.sessionIDs.Get(identified[key]{id: id})
	return r.sessionAt(e.key)
}

func (r *rows) SessionByToken(_ context.Context, hash [sha256.Size]byte) (storage.Session, error) {
	first := firstBytes(hash)
	var found *session
	r.sessionTokens.Ascend(ticket{first: first}, func(t ticket) bool {
		if t.first == first && t.session.token == hash {
			found = t.session
		}
		return t.first == first && found == nil
	})
	if found == nil {
		return storage.Session{}, storage.ErrNotFound
	}
	return readSession(found), nil
}

func (r *rows) sessionAt(k key) (storage.Session, error) {
	v, ok := r.sessions.Get(k)
	if !ok {
		return storage.Session{}, storage.ErrNotFound
	}
	return readSession(v), nil
}

func (r *rows) Sessions(_ context.Context, s backend.SessionScan) ([]storage.Session, error) {
	if s.User.IsZero() {
		selects := func(v *session) bool { return selectsSession(&s, v) }
		return byTime(&r.sessionTimes, s.Scan, r.sessions.Get, selects, readSession), nil
	}
	first := newTop(intAfter(s.After), s.Scan)
	for v := range r.sessionsOf(r.userKey(s.User)) {
		if selectsSession(&s, v) {
			first.add(v.creation())
		}
	}
	var all []storage.Session
	for _, e := range first.first() {
		v, _ := r.sessions.Get(e.key)
		all = append(all, readSession(v))
	}
	return all, nil
}

func (r *rows) CountSessions(_ context.Context, s backend.SessionScan) (n int64, err error) {
	all := r.allSessions()
	if !s.User.IsZero() {
		all = r.sessionsOf(r.userKey(s.User))
	}
	for v := range all {
		if selectsSession(&s, v) {
			n++
		}
	}
	return n, nil
}

// selectsSession is about everything but the user.
func selectsSession(s *backend.SessionScan, v *session) bool {
	return (s.ActiveSince.IsZero() || !v.LastActiveAt.Before(s.ActiveSince)) && (s.Live == nil || *s.Live == v.Live(s.Now))
}

func (s *state) allSessions() iter.Seq[*session] {
	return func(yield func(*session) bool) {
		s.sessions.Scan(func(_ key, v *session) bool { return yield(v) })
	}
}

// sessionsOf walks the sessions of a user, in the order in which they came.
func (s *state) sessionsOf(user key) iter.Seq[*session] {
	return func(yield func(*session) bool) {
		for p := range within(&s.sessionsBy, spanOf(user), false) {
			v, _ := s.sessions.Get(p.minor())
			if !yield(v) {
				return
			}
		}
	}
}

func (r *rows) SessionStats(_ context.Context, now time.Time) (storage.SessionStats, error) {
	s := storage.SessionStats{ByClientType: make(map[string]int64)}
	users := make(map[key]struct{})
	for v := range r.allSessions() {
		s.Total++
		backend.CountRecent(&s.New, v.CreatedAt, now)
		if v.Live(now) {
			s.Live++
			s.ByClientType[v.Metadata.ClientType]++
			users[v.user] = struct{}{}
		}
	}
	s.Users = int64(len(users))
	return s, nil
}

func (r *rows) InsertSession(_ context.Context, row *backend.SessionRow) error {
	user := r.userKey(row.UserID)
	if user == 0 {
		return storage.ErrNotFound
	}
	if _, taken := r.sessionIDs.Get(identified[key]{id: row.ID}); taken {
		return storage.ErrDuplicate
	}
	r.lastSession++
	v := &session{Session: row.Session.Clone(), key: r.lastSession, user: user, token: row.TokenHash}
	r.sessionIDs.Set(identified[key]{v.ID, v.key})
	r.sessionTimes.Set(v.creation())
	r.sessionsBy.Set(pairOf(user, v.key), struct{}{})
	r.setSession(v)
	return nil
}

// setSession stores a session where its token leads to, and its place in the
// order of ends, for the one that it replaces, if there is one.
func (s *state) setSession(v *session) {
	s.sessionTokens.Set(newTicket(v))
	if old, replaced := s.sessions.Set(v.key, v); replaced {
		s.forgetEnd(old)
	}
	if e, ends := v.end(); ends {
		s.sessionEnds.Set(e)
	}
}

func (s *state) forgetEnd(v *session) {
	if e, ends := v.end(); ends {
		s.sessionEnds.Delete(e)
	}
}

func (r *rows) UpdateSession(_ context.Context, next *storage.Session) error {
	return r.changeSession(next.ID, func(s *storage.Session) {
		s.Metadata, s.ExpiresAt, s.RevokedAt = next.Clone().Metadata, next.ExpiresAt, next.RevokedAt
	})
}

func (r *rows) TouchSession(_ context.Context, id storage.SessionID, at time.Time) error {
	return r.changeSession(id, func(s *storage.Session) { s.LastActiveAt = at })
}

func (r *rows) changeSession(id storage.SessionID, change func(*storage.Session)) error {
	e, _ := r.sessionIDs.Get(identified[key]{id: id})
	old, ok := r.sessions.Get(e.key)
	if !ok {
		return storage.ErrNotFound
	}
	v := *old
	change(&v.Session)
	r.setSession(&v)
	return nil
}

func (r *rows) RevokeSessions(
	_ context.Context, user storage.UserID, except []storage.SessionID, at time.Time,
) (live int64, err error) {
	for _, old := range slices.Collect(r.sessionsOf(r.userKey(user))) {
		if !old.RevokedAt.IsZero() || slices.Contains(except, old.ID) {
			continue
		}
		if old.Live(at) {
			live++
		}
		v := *old
		v.RevokedAt = at
		r.setSession(&v)
	}
	return live, nil
}

func (r *rows) DeleteSession(_ context.Context, id storage.SessionID) error {
	e, _ := r.sessionIDs.Get(identified[key]{id: id})
	v, ok := r.sessions.Get(e.key)
	if !ok {
		return storage.ErrNotFound
	}
	r.removeSession(v)
	return nil
}

// removeSession is the inverse of InsertSession.
func (s *state) removeSession(v *session) {
	s.sessions.Delete(v.key)
	s.sessionIDs.Delete(identified[key]{id: v.ID})
	s.sessionTokens.Delete(newTicket(v))
	s.sessionTimes.Delete(v.creation())
	s.sessionsBy.Delete(pairOf(v.user, v.key))
	s.forgetEnd(v)
}

func (r *rows) DeleteEndedSessions(_ context.Context, before time.Time, limit int) (deleted int, err error) {
	var ended []*session
	r.sessionEnds.Scan(func(e entry) bool {
		if len(ended) == limit || e.n >= backend.Micros(before) {
			return false
		}
		v, _ := r.sessions.Get(e.key)
		ended = append(ended, v)
		return true
	})
	for _, v := range ended {
		r.removeSession(v)
	}
	return len(ended), nil
}
