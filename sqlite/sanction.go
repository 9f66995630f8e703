package sqlite

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	sanctionColumns = `
	s.id, u.id, r.id, s.kind, m.id, s.reason, s.created_at, s.expires_at, s.lifted_at, l.id`
	sanctionTables = `user_moderation AS s
CROSS JOIN users AS u ON u.key = s.user_key
LEFT JOIN rooms AS r ON r.key = s.room_key
LEFT JOIN users AS m ON m.key = s.moderator_key
LEFT JOIN users AS l ON l.key = s.lifted_by_key`
)

func scanSanction(row *row) storage.Sanction {
	s := storage.Sanction{ID: row.id(), UserID: row.id(), RoomID: row.id(), Kind: known[storage.SanctionKind](row)}
	s.ModeratorID, s.Reason = row.id(), row.text()
	s.CreatedAt, s.ExpiresAt, s.LiftedAt = row.time(), row.time(), row.time()
	s.LiftedBy = row.id()
	return s
}

const sanctionByIDSQL = `SELECT` + sanctionColumns + `
FROM ` + sanctionTables + `
WHERE s.id = ?
AND ` + sanctionThere

// Sanction implements backend.SanctionRows.
func (r *rows) Sanction(_ context.Context, id storage.SanctionID) (s storage.Sanction, err error) {
	err = r.c.one(sanctionByIDSQL, func(a *args) { a.id(id) }, func(row *row) error {
		s = scanSanction(row)
		return nil
	})
	return s, err
}

// Sanctions implements backend.SanctionRows.
func (r *rows) Sanctions(_ context.Context, s backend.SanctionScan) ([]storage.Sanction, error) {
	return listed(r, sanctionList(s), scanSanction)
}

func sanctionList(s backend.SanctionScan) list {
	l := from(sanctionColumns, sanctionTables)
	l.where(sanctionThere)
	if !s.User.IsZero() {
		l.where("s.user_key = (SELECT key FROM users WHERE id = ?)", s.User[:])
	}
	if !s.Room.IsZero() {
		l.where("s.room_key = (SELECT key FROM rooms WHERE id = ?)", s.Room[:])
	}
	if s.Everywhere {
		l.where("s.room_key IS NULL")
	}
	whereIn(&l, "s.kind", s.Kinds)
	if !s.Moderator.IsZero() {
		l.where("s.moderator_key = (SELECT key FROM users WHERE id = ?)", s.Moderator[:])
	}
	if s.InForce {
		l.where(sanctionInForce, s.Now)
	}
	l.scan(order{column: "s.created_at", id: "s.id"}, s.Scan)
	return l
}

// sanctionThere passes over those in deleted rooms, which are there for a while.
const sanctionThere = `(s.room_key IS NULL OR r.key IS NOT NULL)`

// sanctionInForce is storage.Sanction.InForce.
const sanctionInForce = `s.lifted_at IS NULL
AND s.kind < 3
AND (s.expires_at IS NULL OR s.expires_at > ?)`

// Every send asks, and mostly finds nothing: the index of those that stand is
// small.
const activeSanctionsSQL = `SELECT` + sanctionColumns + `
FROM user_moderation AS s INDEXED BY user_moderation_standing
CROSS JOIN users AS u ON u.key = s.user_key
LEFT JOIN rooms AS r ON r.key = s.room_key
LEFT JOIN users AS m ON m.key = s.moderator_key
LEFT JOIN users AS l ON l.key = s.lifted_by_key
WHERE s.user_key = (SELECT key FROM users WHERE id = ?)
AND ` + sanctionInForce + `
AND (s.room_key IS NULL OR s.room_key = (SELECT key FROM rooms WHERE id = ?))`

// ActiveSanctions implements backend.SanctionRows.
func (r *rows) ActiveSanctions(
	_ context.Context, user storage.UserID, room storage.RoomID, now time.Time,
) (all []storage.Sanction, err error) {
	bind := func(a *args) {
		a.id(user)
		a.time(now)
		a.id(room)
	}
	err = r.c.query(activeSanctionsSQL, bind, func(row *row) error {
		all = append(all, scanSanction(row))
		return nil
	})
	return all, err
}

const insertSanctionSQL = `
INSERT INTO user_moderation (
	id, user_key, room_key, kind, moderator_key, reason, created_at, expires_at, lifted_at, lifted_by_key
)
VALUES (?, ?, (SELECT key FROM rooms WHERE id = ?), ?, ?, ?, ?, ?, ?, ?)`

// InsertSanction implements backend.SanctionRows.
func (r *rows) InsertSanction(_ context.Context, s *storage.Sanction) error {
	user, err := r.userKey(s.UserID)
	if err != nil {
		return err
	}
	moderator, err := r.userKey(s.ModeratorID)
	if err != nil {
		return err
	}
	lifter, err := r.userKey(s.LiftedBy)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	err = r.insertOverRemains(insertSanctionSQL, forgetSanctionSQL, s.ID, func(a *args) {
		a.id(s.ID)
		a.int(user)
		a.id(s.RoomID)
		a.int(int64(s.Kind))
		a.key(moderator)
		a.textOrNull(s.Reason)
		a.time(s.CreatedAt)
		a.time(s.ExpiresAt)
		a.time(s.LiftedAt)
		a.key(lifter)
	})
	return bareDuplicate(err)
}

const forgetSanctionSQL = `
DELETE FROM user_moderation
WHERE id = ?
AND room_key IS NOT NULL
AND NOT EXISTS (SELECT 1 FROM rooms AS r WHERE r.key = room_key)`

const updateSanctionSQL = `
UPDATE user_moderation
SET lifted_at = ?, lifted_by_key = ?
WHERE id = ?`

// UpdateSanction implements backend.SanctionRows.
func (r *rows) UpdateSanction(_ context.Context, s *storage.Sanction) error {
	lifter, err := r.userKey(s.LiftedBy)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.execOne(updateSanctionSQL, func(a *args) {
		a.time(s.LiftedAt)
		a.key(lifter)
		a.id(s.ID)
	})
}
