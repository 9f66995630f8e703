package storagetest_test

// Sessions: the model's, and what histories do to them.

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) sessionAt(id storage.SessionID) (int, error) {
	i := slices.IndexFunc(m.sessions, func(s storage.Session) bool { return s.ID == id })
	if i < 0 {
		return i, storage.NotFound(storage.EntitySession, id.String())
	}
	return i, nil
}

func (m *model) Session(_ context.Context, id storage.SessionID) (storage.Session, error) {
	i, err := m.sessionAt(id)
	if err != nil {
		return storage.Session{}, err
	}
	return m.sessions[i], nil
}

// SessionByToken knows a session by its ID: that is its token here.
func (m *model) SessionByToken(_ context.Context, token storage.Secret) (storage.Session, error) {
	for _, s := range m.sessions {
		if s.ID.String() == string(token) && s.Live(m.now()) {
			return s, nil
		}
	}
	return storage.Session{}, &storage.Error{Kind: storage.ErrUnauthenticated}
}

func (m *model) selectedSessions(q storage.SessionQuery) (all []storage.Session) {
	for _, s := range m.sessions {
		if (q.User.IsZero() || s.UserID == q.User) && (q.Live == nil || *q.Live == s.Live(m.now())) &&
			!s.LastActiveAt.Before(q.ActiveSince) {
			all = append(all, s)
		}
	}
	return all
}

func (m *model) Sessions(_ context.Context, q storage.SessionQuery) (storage.Page[storage.Session], error) {
	key := func(s storage.Session) storage.Keyset { return storage.Keyset{Int: s.CreatedAt.UnixMicro(), ID: s.ID} }
	all := m.selectedSessions(q)
	slices.SortFunc(all, func(a, b storage.Session) int { return compareKeys(key(b), key(a)) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}

func (m *model) CountSessions(_ context.Context, q storage.SessionQuery) (int64, error) {
	return int64(len(m.selectedSessions(q))), nil
}

func (m *model) SessionStats(context.Context) (storage.SessionStats, error) {
	out := storage.SessionStats{ByClientType: map[string]int64{}}
	users := map[storage.UserID]bool{}
	for _, s := range m.sessions {
		out.Total++
		m.lately(&out.New, s.CreatedAt)
		if s.Live(m.now()) {
			out.Live++
			out.ByClientType[s.Metadata.ClientType]++
			users[s.UserID] = true
		}
	}
	out.Users = int64(len(users))
	return out, nil
}

func (m *model) CreateSession(_ context.Context, given *storage.Session) (storage.Secret, error) {
	s := given.Clone()
	s.Normalize()
	if !s.ExpiresAt.IsZero() && !s.ExpiresAt.After(m.now()) {
		return "", storage.Invalid("ExpiresAt", "not in the future")
	}
	if err := m.needUser(s.UserID, ""); err != nil {
		return "", err
	}
	if !m.profiles[s.UserID].Active {
		return "", storage.Forbidden(storage.EntityUser, s.UserID.String(), storage.ReasonUserInactive)
	}
	if _, err := m.sessionAt(s.ID); err == nil {
		return "", storage.Duplicate(storage.EntitySession, s.ID.String(), "ID")
	}
	s.CreatedAt, s.LastActiveAt, s.RevokedAt = m.now(), m.now(), time.Time{}
	m.sessions = append(m.sessions, s)
	*given = s
	return storage.Secret(s.ID.String()), nil
}

func (m *model) TouchSession(ctx context.Context, id storage.SessionID) error {
	i, err := m.sessionAt(id)
	if err != nil {
		return err
	}
	s := &m.sessions[i]
	if !s.Live(m.now()) || m.now().Before(s.LastActiveAt.Add(time.Minute)) {
		return nil
	}
	s.LastActiveAt = m.now()
	return m.TouchUser(ctx, s.UserID)
}

func (m *model) ExtendSession(_ context.Context, id storage.SessionID, until time.Time) (storage.Session, error) {
	if !until.IsZero() && !until.After(m.now()) {
		return storage.Session{}, storage.Invalid("ExpiresAt", "not in the future")
	}
	i, err := m.sessionAt(id)
	if err != nil {
		return storage.Session{}, err
	}
	if !m.sessions[i].Live(m.now()) {
		return storage.Session{}, storage.Conflict(storage.EntitySession, id.String(), "expired or revoked")
	}
	m.sessions[i].ExpiresAt = until
	return m.sessions[i], nil
}

func (m *model) UpdateSessionMetadata(_ context.Context, id storage.SessionID, data storage.SessionMetadata) (storage.Session, error) {
	i, err := m.sessionAt(id)
	if err != nil {
		return storage.Session{}, err
	}
	m.sessions[i].Metadata = data
	return m.sessions[i], nil
}

func (m *model) RevokeSession(_ context.Context, id storage.SessionID) error {
	i, err := m.sessionAt(id)
	if err == nil && m.sessions[i].RevokedAt.IsZero() {
		m.sessions[i].RevokedAt = m.now()
	}
	return err
}

func (m *model) RevokeSessions(_ context.Context, user storage.UserID, except ...storage.SessionID) (revoked int64, err error) {
	for i := range m.sessions {
		s := &m.sessions[i]
		if s.UserID != user || !s.RevokedAt.IsZero() || slices.Contains(except, s.ID) {
			continue
		}
		if s.Live(m.now()) {
			revoked++
		}
		s.RevokedAt = m.now()
	}
	return revoked, nil
}

func (m *model) DeleteSession(_ context.Context, id storage.SessionID) error {
	i, err := m.sessionAt(id)
	if err == nil {
		m.sessions = slices.Delete(m.sessions, i, i+1)
	}
	return err
}

// sessionEnd returns when a session ends or has ended, the zero time for never.
func sessionEnd(s storage.Session) time.Time {
	if s.RevokedAt.IsZero() || !s.ExpiresAt.IsZero() && s.ExpiresAt.Before(s.RevokedAt) {
		return s.ExpiresAt
	}
	return s.RevokedAt
}

func (m *model) DeleteExpiredSessions(_ context.Context, before time.Time, limit int) (deleted int, err error) {
	var over []storage.Session
	for _, s := range m.sessions {
		if m.ended(sessionEnd(s), before) {
			over = append(over, s)
		}
	}
	slices.SortFunc(over, func(a, b storage.Session) int {
		return cmp.Or(sessionEnd(a).Compare(sessionEnd(b)), a.ID.Compare(b.ID))
	})
	over = over[:min(len(over), limit)]
	m.sessions = slices.DeleteFunc(m.sessions, func(s storage.Session) bool {
		return slices.ContainsFunc(over, func(o storage.Session) bool { return o.ID == s.ID })
	})
	return len(over), nil
}

// modelAddrs are where clients come from: in one network, in others, and unknown.
var modelAddrs = []netip.Addr{
	netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2"), netip.MustParseAddr("::ffff:192.0.2.1"),
	netip.MustParseAddr("2001:db8::1"), netip.MustParseAddr("2001:db8::2"), netip.MustParseAddr("2001:db8:0:1::1"), {},
}

func (d *draws) session() storage.SessionID {
	return recent(d, d.sessions, func(id storage.SessionID) bool { _, err := d.m.sessionAt(id); return err == nil })
}

// client draws what a session is of.
func (d *draws) client() storage.SessionMetadata {
	return storage.SessionMetadata{ClientType: oneOf(d, "web", "irc", ""), Device: d.text()}
}

func (h *history) createSession() {
	v := storage.Session{ID: h.id(), UserID: h.user(), IP: oneOf(h.draws, modelAddrs...), Metadata: h.client(), ExpiresAt: h.later()}
	if h.oneIn(20) {
		v.ID = h.session()
	}
	h.sessions = append(h.sessions, v.ID)
	store := 0
	h.call(say("CreateSession(%s)", v), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := v
		token, err := s.CreateSession(ctx, &next)
		if err == nil {
			h.tokens[store][v.ID] = token
		}
		store++
		return next, err
	})
}
