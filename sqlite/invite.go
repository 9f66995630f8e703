package sqlite

import (
	"context"
	"crypto/sha256"
	"errors"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const (
	inviteColumns = `
	i.id, r.id, u.id, v.id, i.email, i.role, i.max_uses, i.uses, i.created_at, i.expires_at, i.revoked_at`
	inviteTables = `room_invites AS i
CROSS JOIN rooms AS r ON r.key = i.room_key
LEFT JOIN users AS u ON u.key = i.inviter_key
LEFT JOIN users AS v ON v.key = i.invitee_key`
)

func scanInvite(row *row) storage.Invite {
	i := storage.Invite{ID: row.id(), RoomID: row.id(), InviterID: row.id(), InviteeID: row.id(), Email: row.text()}
	i.Role, i.MaxUses, i.Uses = known[storage.MemberRole](row), row.int(), row.int()
	i.CreatedAt, i.ExpiresAt, i.RevokedAt = row.time(), row.time(), row.time()
	return i
}

const (
	inviteByIDSQL = `SELECT` + inviteColumns + `
FROM ` + inviteTables + `
WHERE i.id = ?`
	inviteByCodeSQL = `SELECT` + inviteColumns + `
FROM ` + inviteTables + `
WHERE i.code_hash = ?`
)

// Invite implements backend.InviteRows.
func (r *rows) Invite(_ context.Context, id storage.InviteID) (storage.Invite, error) {
	return r.oneInvite(inviteByIDSQL, func(a *args) { a.id(id) })
}

// InviteByCode implements backend.InviteRows.
func (r *rows) InviteByCode(_ context.Context, hash [sha256.Size]byte) (storage.Invite, error) {
	return r.oneInvite(inviteByCodeSQL, func(a *args) { a.blob(hash[:]) })
}

func (r *rows) oneInvite(sql string, bind func(*args)) (i storage.Invite, err error) {
	err = r.c.one(sql, bind, func(row *row) error {
		i = scanInvite(row)
		return nil
	})
	return i, err
}

// Invites implements backend.InviteRows.
func (r *rows) Invites(_ context.Context, s backend.InviteScan) ([]storage.Invite, error) {
	return listed(r, inviteList(s), scanInvite)
}

func inviteList(s backend.InviteScan) list {
	l := from(inviteColumns, inviteTables)
	if !s.Room.IsZero() {
		l.where("i.room_key = (SELECT key FROM rooms WHERE id = ?)", s.Room[:])
	}
	if !s.Inviter.IsZero() {
		l.where("i.inviter_key = (SELECT key FROM users WHERE id = ?)", s.Inviter[:])
	}
	switch {
	case s.Invitee.IsZero():
	case s.Email == "":
		l.where("i.invitee_key = (SELECT key FROM users WHERE id = ?)", s.Invitee[:])
	default:
		l.where("(i.invitee_key = (SELECT key FROM users WHERE id = ?) OR i.email_folded = ?)", s.Invitee[:], s.Email)
	}
	if s.Live != nil {
		condition := liveInvite
		if !*s.Live {
			condition = "NOT (" + liveInvite + ")"
		}
		l.where(condition, s.Now)
	}
	l.scan(order{column: "i.created_at", id: "i.id"}, s.Scan)
	return l
}

// liveInvite is storage.Invite.Live.
const liveInvite = `i.revoked_at IS NULL
AND (i.max_uses = 0 OR i.uses < i.max_uses)
AND (i.expires_at IS NULL OR i.expires_at > ?)`

const insertInviteSQL = `
INSERT INTO room_invites (
	id, room_key, inviter_key, invitee_key, email, email_folded, code_hash, role, max_uses, uses,
	created_at, expires_at, revoked_at
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

// InsertInvite implements backend.InviteRows.
func (r *rows) InsertInvite(_ context.Context, i *backend.InviteRow) error {
	room, err := r.room(i.RoomID)
	if err != nil {
		return err
	}
	inviter, err := r.userKey(i.InviterID)
	if err != nil {
		return err
	}
	invitee, err := r.userKey(i.InviteeID)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	err = r.insertOverRemains(insertInviteSQL, forgetInviteSQL, i.ID, func(a *args) {
		a.id(i.ID)
		a.int(room.key)
		a.key(inviter)
		a.key(invitee)
		a.textOrNull(i.Email)
		a.textOrNull(i.FoldedEmail)
		a.blob(i.CodeHash[:])
		a.int(int64(i.Role))
		a.int(i.MaxUses)
		a.int(i.Uses)
		a.time(i.CreatedAt)
		a.time(i.ExpiresAt)
		a.time(i.RevokedAt)
	})
	return bareDuplicate(err)
}

const forgetInviteSQL = `
DELETE FROM room_invites
WHERE id = ?
AND NOT EXISTS (SELECT 1 FROM rooms AS r WHERE r.key = room_key)`

// insertOverRemains inserts a row, in the place of one with the same identifier
// that a deleted room has left.
func (r *rows) insertOverRemains(insert, forget string, id [16]byte, bind func(*args)) error {
	err := r.c.exec(insert, bind)
	if !errors.Is(err, storage.ErrDuplicate) {
		return err
	}
	if failed := r.c.exec(forget, func(a *args) { a.id(id) }); failed != nil {
		return failed
	}
	if r.c.changes() == 0 {
		return err
	}
	return r.c.exec(insert, bind)
}

// bareDuplicate is the error of an identifier that is taken, as rows give it.
func bareDuplicate(err error) error {
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.ErrDuplicate
	}
	return err
}

const updateInviteSQL = `
UPDATE room_invites
SET uses = ?, revoked_at = ?
WHERE id = ?`

// UpdateInvite implements backend.InviteRows.
func (r *rows) UpdateInvite(_ context.Context, i *storage.Invite) error {
	r.pending.bytes += rowBytes
	return r.execOne(updateInviteSQL, func(a *args) {
		a.int(i.Uses)
		a.time(i.RevokedAt)
		a.id(i.ID)
	})
}
