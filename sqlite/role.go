package sqlite

import (
	"context"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// ServerRoles implements backend.RoleRows.
func (r *rows) ServerRoles(_ context.Context, s backend.RoleScan) ([]storage.RoleHolder, error) {
	return listed(r, serverRoles(s), func(row *row) storage.RoleHolder {
		return storage.RoleHolder{UserID: row.id(), Active: row.bool(), Role: known[storage.Role](row)}
	})
}

// serverRoles walks one range of an index, from the most powerful role to the
// least. Many may hold one role, so that the place of a page is both.
func serverRoles(s backend.RoleScan) list {
	l := from("u.id, u.active, u.role", "users AS u")
	if !s.User.IsZero() {
		l.where("u.id = ?", s.User[:])
	}
	if s.After == nil || s.Desc {
		l.where("u.role >= ?", int64(s.Roles[0]))
	}
	if s.After == nil || !s.Desc {
		l.where("u.role <= ?", int64(s.Roles[len(s.Roles)-1]))
	}
	if k := s.After; k != nil {
		l.where("(u.role, u.id) "+beyondOf(s.Scan)+" (?, ?)", k.Int, k.ID[:])
	}
	whereIn(&l, "+u.role", s.Roles)
	l.ordered(s.Scan, "u.role", "u.id")
	return l
}

// ordered adds an order of two columns, and how many rows are wanted.
func (l *list) ordered(s backend.Scan, columns ...string) {
	for _, column := range columns {
		if s.Desc {
			column += " DESC"
		}
		l.SelectBuilder = l.OrderBy(column)
	}
	l.SelectBuilder = l.Suffix("LIMIT ?", s.Limit)
}

// beyondOf is how what comes later in a scan compares.
func beyondOf(s backend.Scan) string {
	if s.Desc {
		return "<"
	}
	return ">"
}

// RoomRoles implements backend.RoleRows.
func (r *rows) RoomRoles(_ context.Context, s backend.RoleScan) ([]storage.RoleHolder, error) {
	return listed(r, roomRoles(s), func(row *row) storage.RoleHolder {
		return storage.RoleHolder{
			RoomID: row.id(), MemberRole: known[storage.MemberRole](row),
			UserID: row.id(), Active: row.bool(), Role: known[storage.Role](row),
		}
	})
}

const (
	roleColumns = "r.id, m.role, u.id, u.active, u.role"
	roleTables  = `rooms AS r
CROSS JOIN room_memberships AS m ON m.room_key = r.key
CROSS JOIN users AS u ON u.key = m.user_key`
	roleTablesOfUser = `users AS u
CROSS JOIN room_memberships AS m ON m.user_key = u.key
CROSS JOIN rooms AS r ON r.key = m.room_key`
)

// roomRoles walks the rooms by their identifiers, and sorts who is above
// ordinary members in one at a time. What a user is in rooms, is sorted.
func roomRoles(s backend.RoleScan) list {
	l := from(roleColumns, roleTables)
	if !s.User.IsZero() {
		l = from(roleColumns, roleTablesOfUser)
		l.where("u.id = ?", s.User[:])
	}
	if !s.Room.IsZero() {
		l.where("r.id = ?", s.Room[:])
	}
	if s.MemberRoles[len(s.MemberRoles)-1] < storage.MemberMember {
		l.where("m.role < 4") // as the index says it
	}
	whereIn(&l, "+m.role", s.MemberRoles)
	l.ordered(s.Scan, "r.id", "u.id")
	if k := s.After; k != nil {
		beyond := beyondOf(s.Scan)
		l.where("r.id "+beyond+"= ?", s.AfterRoom[:])
		l.where("(r.id "+beyond+" ? OR u.id "+beyond+" ?)", s.AfterRoom[:], k.ID[:])
	}
	return l
}
