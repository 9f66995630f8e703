package sqlite

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const membershipColumns = `
	m.role, m.settings, m.custom, m.joined_at, m.last_active_at, i.id, ` + position

func scanMembership(row *row) (m storage.Membership) {
	m.Role = known[storage.MemberRole](row)
	row.json(&m.Settings)
	m.Settings.Custom = row.blob()
	m.JoinedAt, m.LastActiveAt = row.time(), row.time()
	m.InvitedBy, m.ReadSeq = row.id(), row.int()
	return m
}

const membershipSQL = `SELECT` + membershipColumns + `
FROM room_memberships AS m
LEFT JOIN users AS i ON i.key = m.invited_by_key
WHERE m.room_key = (SELECT key FROM rooms WHERE id = ?)
AND m.user_key = (SELECT key FROM users WHERE id = ?)`

// Membership implements backend.MembershipRows.
func (r *rows) Membership(_ context.Context, room storage.RoomID, user storage.UserID) (m storage.Membership, err error) {
	err = r.c.one(membershipSQL, place(room, user), func(row *row) error {
		m = scanMembership(row)
		m.RoomID, m.UserID = room, user
		return nil
	})
	return m, err
}

// place binds the identifiers of a room and a user.
func place(room storage.RoomID, user storage.UserID) func(*args) {
	return func(a *args) {
		a.id(room)
		a.id(user)
	}
}

const isMemberSQL = `
SELECT EXISTS (
	SELECT 1
	FROM room_memberships
	WHERE room_key = (SELECT key FROM rooms WHERE id = ?)
	AND user_key = (SELECT key FROM users WHERE id = ?)
)`

// IsMember implements backend.MembershipRows.
func (r *rows) IsMember(_ context.Context, room storage.RoomID, user storage.UserID) (member bool, err error) {
	err = r.c.one(isMemberSQL, place(room, user), func(row *row) error {
		member = row.bool()
		return nil
	})
	return member, err
}

// Memberships implements backend.MembershipRows. A room's members have an index
// for each order, in which only those of the same microsecond are left to sort;
// those above plain members have one of their own, since they are few. A user's
// rooms are few, too.
func (r *rows) Memberships(_ context.Context, s backend.MembershipScan) ([]storage.Membership, error) {
	return listed(r, membershipList(s), func(row *row) storage.Membership {
		other := row.id()
		m := scanMembership(row)
		m.RoomID, m.UserID = s.Room, s.User
		if s.Room.IsZero() {
			m.RoomID = other
		} else {
			m.UserID = other
		}
		return m
	})
}

func membershipList(s backend.MembershipScan) list {
	l, id := membershipsOfRoom(membershipTable(s)), "u.id"
	if s.Room.IsZero() {
		l, id = membershipsOfUser(), "r.id"
	}
	column := "m.joined_at"
	if s.Order == storage.MembersByActivity {
		column = "ifnull(m.last_active_at, 0)"
	}
	l.whereMemberships(s)
	l.scan(order{column: column, id: id}, s.Scan)
	return l
}

// ranked reports whether only members above plain ones are asked for, in a room.
func ranked(s backend.MembershipScan) bool {
	plain := func(role storage.MemberRole) bool { return role >= storage.MemberMember }
	return !s.Room.IsZero() && len(s.Roles) > 0 && !slices.ContainsFunc(s.Roles, plain)
}

// membershipTable is where a room's memberships are looked for.
func membershipTable(s backend.MembershipScan) string {
	switch {
	case ranked(s):
		return "room_memberships AS m INDEXED BY room_memberships_by_rank"
	case !s.Room.IsZero() && s.Order == storage.MembersByActivity:
		return "room_memberships AS m INDEXED BY room_memberships_by_activity"
	}
	return "room_memberships AS m"
}

func membershipsOfRoom(table string) list {
	return from("u.id,"+membershipColumns, table+`
CROSS JOIN users AS u ON u.key = m.user_key
LEFT JOIN users AS i ON i.key = m.invited_by_key`)
}

func membershipsOfUser() list {
	return from("r.id,"+membershipColumns, `room_memberships AS m
CROSS JOIN rooms AS r ON r.key = m.room_key
LEFT JOIN users AS i ON i.key = m.invited_by_key`)
}

func (l *list) whereMemberships(s backend.MembershipScan) {
	if s.Room.IsZero() {
		l.where("m.user_key = (SELECT key FROM users WHERE id = ?)", s.User[:])
	} else {
		l.where("m.room_key = (SELECT key FROM rooms WHERE id = ?)", s.Room[:])
	}
	whereIn(l, "m.role", s.Roles)
	if ranked(s) {
		l.where("m.role < 4")
	}
	if !s.ActiveSince.IsZero() { // the first for those who never were, the second for the index
		l.where("m.last_active_at >= ?", s.ActiveSince)
		l.where("ifnull(m.last_active_at, 0) >= ?", s.ActiveSince)
	}
}

const memberCountSQL = `
SELECT ifnull((SELECT member_count FROM rooms WHERE id = ?), 0)`

// CountMembers implements backend.MembershipRows.
func (r *rows) CountMembers(_ context.Context, s backend.MembershipScan) (n int64, err error) {
	if !s.Room.IsZero() && len(s.Roles) == 0 && s.ActiveSince.IsZero() {
		err = r.c.one(memberCountSQL, func(a *args) { a.id(s.Room) }, func(row *row) error {
			n = row.int()
			return nil
		})
		return n, err
	}
	return counted(r, memberCountList(s))
}

func memberCountList(s backend.MembershipScan) list {
	s.Order = 0
	table := membershipTable(s)
	if !s.Room.IsZero() && !ranked(s) && !s.ActiveSince.IsZero() {
		table += " INDEXED BY room_memberships_by_activity"
	}
	if s.Room.IsZero() { // a deleted room's are there for a while
		table += "\nCROSS JOIN rooms AS r ON r.key = m.room_key"
	}
	l := from("count(*)", table)
	l.whereMemberships(s)
	return l
}

// membershipKeys returns what the table knows a membership by.
func (r *rows) membershipKeys(room storage.RoomID, user storage.UserID) (roomKey, userKey int64, err error) {
	state, err := r.room(room)
	if err != nil {
		return 0, 0, err
	}
	userKey, err = r.userKey(user)
	return state.key, userKey, err
}

// membershipArgs binds what insertMembershipSQL and updateMembershipSQL have
// in common.
func (r *rows) membershipArgs(m *storage.Membership) (bind func(*args), room int64, err error) {
	room, user, err := r.membershipKeys(m.RoomID, m.UserID)
	if err != nil {
		return nil, 0, err
	}
	inviter, err := r.userKey(m.InvitedBy)
	if err != nil {
		return nil, 0, err
	}
	settings := m.Settings
	settings.Custom = nil
	settingsJSON, err := toJSON(settings)
	if err != nil {
		return nil, 0, err
	}
	return func(a *args) {
		a.int(int64(m.Role))
		a.textOrNull(settingsJSON)
		a.textOrNull(string(m.Settings.Custom))
		a.time(m.JoinedAt)
		a.time(m.LastActiveAt)
		a.key(inviter)
		a.int(m.ReadSeq)
		a.int(room)
		a.int(user)
	}, room, nil
}

const (
	insertMembershipSQL = `
INSERT INTO room_memberships (
	role, settings, custom, joined_at, last_active_at, invited_by_key, read_seq, room_key, user_key, own_after
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	addToMemberCountSQL = `
UPDATE rooms
SET member_count = member_count + ?
WHERE key = ?`
)

// InsertMembership implements backend.MembershipRows.
// What the user had sent before does not move the marker.
func (r *rows) InsertMembership(_ context.Context, m *storage.Membership) error {
	bind, room, err := r.membershipArgs(m)
	if err != nil {
		return err
	}
	state, err := r.room(m.RoomID)
	if err != nil {
		return err
	}
	err = r.c.exec(insertMembershipSQL, func(a *args) {
		bind(a)
		a.int(state.lastSeq)
	})
	if err != nil {
		return err
	}
	return r.addToMemberCount(room, 1)
}

func (r *rows) addToMemberCount(room, n int64) error {
	r.pending.bytes += rowBytes
	return r.c.exec(addToMemberCountSQL, func(a *args) {
		a.int(n)
		a.int(room)
	})
}

const updateMembershipSQL = `
UPDATE room_memberships
SET
	role = ?, settings = ?, custom = ?, joined_at = ?, last_active_at = ?, invited_by_key = ?, read_seq = ?
WHERE room_key = ?
AND user_key = ?`

// UpdateMembership implements backend.MembershipRows.
func (r *rows) UpdateMembership(_ context.Context, m *storage.Membership) error {
	bind, _, err := r.membershipArgs(m)
	if err != nil {
		return err
	}
	r.pending.bytes += rowBytes
	return r.execOne(updateMembershipSQL, bind)
}

const (
	deleteMembershipSQL = `
DELETE FROM room_memberships
WHERE room_key = ?
AND user_key = ?`
	insertFormerSQL = `
INSERT INTO former_members (room_key, user_key)
VALUES (?, ?)
ON CONFLICT DO NOTHING`
)

// DeleteMembership implements backend.MembershipRows.
func (r *rows) DeleteMembership(_ context.Context, room storage.RoomID, user storage.UserID) error {
	roomKey, userKey, err := r.membershipKeys(room, user)
	if err != nil {
		return err
	}
	bind := func(a *args) {
		a.int(roomKey)
		a.int(userKey)
	}
	if err := r.execOne(deleteMembershipSQL, bind); err != nil {
		return err
	}
	if err := r.c.exec(insertFormerSQL, bind); err != nil {
		return err
	}
	return r.addToMemberCount(roomKey, -1)
}
