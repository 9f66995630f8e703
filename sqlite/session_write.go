package sqlite

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const insertSessionSQL = `
INSERT INTO sessions (
	token_hash, id, user_id, created_at, last_active_at, expires_at, revoked_at, ip, user_agent,
	client_type, client_version, device, location, custom
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// InsertSession implements backend.SessionRows.
func (r *rows) InsertSession(_ context.Context, s *backend.SessionRow) error {
	r.pending.bytes += rowBytes
	err := r.c.exec(insertSessionSQL, func(a *args) {
		a.blob(s.TokenHash[:])
		a.id(s.ID)
		a.id(s.UserID)
		a.time(s.CreatedAt)
		a.time(s.LastActiveAt)
		a.time(s.ExpiresAt)
		a.time(s.RevokedAt)
		a.addr(s.IP)
		a.textOrNull(s.UserAgent)
		a.metadata(s.Metadata)
	})
	return bareDuplicate(err)
}

// metadata binds what a session tells of its client.
func (a *args) metadata(m storage.SessionMetadata) {
	a.textOrNull(m.ClientType)
	a.textOrNull(m.ClientVersion)
	a.textOrNull(m.Device)
	a.textOrNull(m.Location)
	a.textOrNull(string(m.Custom))
}

const updateSessionSQL = `
UPDATE sessions
SET
	expires_at = ?, revoked_at = ?, client_type = ?, client_version = ?, device = ?, location = ?, custom = ?
WHERE id = ?`

// UpdateSession implements backend.SessionRows.
func (r *rows) UpdateSession(_ context.Context, s *storage.Session) error {
	r.pending.bytes += rowBytes
	return r.execOne(updateSessionSQL, func(a *args) {
		a.time(s.ExpiresAt)
		a.time(s.RevokedAt)
		a.metadata(s.Metadata)
		a.id(s.ID)
	})
}

const touchSessionSQL = `
UPDATE sessions
SET last_active_at = ?
WHERE id = ?`

// TouchSession implements backend.SessionRows.
func (r *rows) TouchSession(_ context.Context, id storage.SessionID, at time.Time) error {
	r.pending.bytes += rowBytes
	return r.execOne(touchSessionSQL, func(a *args) {
		a.time(at)
		a.id(id)
	})
}

const (
	unrevokedSQL = `
SELECT id, expires_at
FROM sessions
WHERE user_id = ?
AND revoked_at IS NULL`
	revokeSessionSQL = `
UPDATE sessions
SET revoked_at = ?
WHERE id = ?`
)

// RevokeSessions implements backend.SessionRows.
func (r *rows) RevokeSessions(
	_ context.Context, user storage.UserID, except []storage.SessionID, at time.Time,
) (live int64, err error) {
	var ids []storage.SessionID
	err = r.c.query(unrevokedSQL, func(a *args) { a.id(user) }, func(row *row) error {
		s := storage.Session{ID: row.id(), ExpiresAt: row.time()}
		if slices.Contains(except, s.ID) {
			return nil
		}
		ids = append(ids, s.ID)
		if s.Live(at) {
			live++
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		r.pending.bytes += rowBytes
		err := r.execOne(revokeSessionSQL, func(a *args) {
			a.time(at)
			a.id(id)
		})
		if err != nil {
			return 0, err
		}
	}
	return live, nil
}

const deleteSessionSQL = `
DELETE FROM sessions
WHERE id = ?`

// DeleteSession implements backend.SessionRows.
func (r *rows) DeleteSession(_ context.Context, id storage.SessionID) error {
	r.pending.bytes += rowBytes
	return r.execOne(deleteSessionSQL, func(a *args) { a.id(id) })
}

const deleteEndedSessionsSQL = `
DELETE FROM sessions
WHERE token_hash IN (
	SELECT token_hash
	FROM sessions
	WHERE ends_at < ?
	ORDER BY ends_at, id
	LIMIT ?
)`

// DeleteEndedSessions implements backend.SessionRows.
func (r *rows) DeleteEndedSessions(_ context.Context, before time.Time, limit int) (deleted int, err error) {
	err = r.c.exec(deleteEndedSessionsSQL, func(a *args) {
		a.time(before)
		a.int(int64(limit))
	})
	if err != nil {
		return 0, err
	}
	deleted = int(r.c.changes())
	r.pending.bytes += deleted * rowBytes
	return deleted, nil
}
