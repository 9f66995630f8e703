package sqlite

import (
	"context"
	"crypto/sha256"
	"net/netip"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const sessionColumns = `
	s.id, s.user_id, s.created_at, s.last_active_at, s.expires_at, s.revoked_at, s.ip, s.user_agent,
	s.client_type, s.client_version, s.device, s.location, s.custom`

func scanSession(row *row) (s storage.Session) {
	s.ID, s.UserID = row.id(), row.id()
	s.CreatedAt, s.LastActiveAt, s.ExpiresAt, s.RevokedAt = row.time(), row.time(), row.time(), row.time()
	s.IP, s.UserAgent = row.addr(), row.text()
	m := &s.Metadata
	m.ClientType, m.ClientVersion, m.Device, m.Location = row.text(), row.text(), row.text(), row.text()
	m.Custom = row.blob()
	return s
}

// addr reads an address, and none for NULL.
func (r *row) addr() netip.Addr {
	raw := r.rawBlob()
	if len(raw) == 0 {
		return netip.Addr{}
	}
	addr, ok := netip.AddrFromSlice(raw)
	if !ok {
		r.corrupt("an address of the wrong length")
	}
	return addr
}

// addr binds an address, and NULL for none.
func (a *args) addr(v netip.Addr) { a.blob(v.AsSlice()) }

const (
	sessionByIDSQL = `SELECT` + sessionColumns + `
FROM sessions AS s
WHERE s.id = ?`
	sessionByTokenSQL = `SELECT` + sessionColumns + `
FROM sessions AS s
WHERE s.token_hash = ?`
)

// Session implements backend.SessionRows.
func (r *rows) Session(_ context.Context, id storage.SessionID) (storage.Session, error) {
	return r.oneSession(sessionByIDSQL, func(a *args) { a.id(id) })
}

// SessionByToken implements backend.SessionRows.
func (r *rows) SessionByToken(_ context.Context, hash [sha256.Size]byte) (storage.Session, error) {
	return r.oneSession(sessionByTokenSQL, func(a *args) { a.blob(hash[:]) })
}

func (r *rows) oneSession(sql string, bind func(*args)) (s storage.Session, err error) {
	err = r.c.one(sql, bind, func(row *row) error {
		s = scanSession(row)
		return nil
	})
	return s, err
}

// Sessions implements backend.SessionRows.
func (r *rows) Sessions(_ context.Context, s backend.SessionScan) ([]storage.Session, error) {
	return listed(r, sessionList(s), scanSession)
}

// sessionList walks the order by creation and leaves out what was not active,
// since that index has no other order.
func sessionList(s backend.SessionScan) list {
	l := from(sessionColumns, "sessions AS s")
	l.whereSessions(s, "+s.last_active_at >= ?")
	l.scan(order{column: "s.created_at", id: "s.id"}, s.Scan)
	return l
}

// CountSessions implements backend.SessionRows.
func (r *rows) CountSessions(_ context.Context, s backend.SessionScan) (int64, error) {
	return counted(r, sessionCount(s))
}

// sessionCount counts those that were active in the index of activity.
func sessionCount(s backend.SessionScan) list {
	active := "s.last_active_at >= ?"
	if !s.User.IsZero() {
		active = "+" + active
	}
	l := from("count(*)", "sessions AS s")
	l.whereSessions(s, active)
	return l
}

// liveSession is storage.Session.Live.
const liveSession = `s.revoked_at IS NULL
AND (s.expires_at IS NULL OR s.expires_at > ?)`

func (l *list) whereSessions(s backend.SessionScan, active string) {
	if !s.User.IsZero() {
		l.where("s.user_id = ?", s.User[:])
	}
	if !s.ActiveSince.IsZero() {
		l.where(active, s.ActiveSince)
	}
	if s.Live != nil {
		condition := liveSession
		if !*s.Live {
			condition = "NOT (" + liveSession + ")"
		}
		l.where(condition, s.Now)
	}
}
