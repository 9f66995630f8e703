package sqlite

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const roomColumns = `
	r.id, r.name, r.display_name, r.description, r.topic, r.type, r.privacy, r.password_hash,
	r.settings, r.custom, u.id, r.active, r.expires_at, r.created_at, r.updated_at, r.version,
	c.last_seq, c.last_message_at, c.message_count, r.member_count`

const roomTables = `rooms AS r
CROSS JOIN room_counters AS c ON c.room_key = r.key
LEFT JOIN users AS u ON u.key = r.creator_key`

// Rooms whose time is over are few: finding and sorting them is less than to
// walk all rooms in order.
var expiredRoomTables = strings.Replace(roomTables, "rooms AS r", "rooms AS r INDEXED BY rooms_by_expiry", 1)

func scanRoom(row *row) (m storage.Room) {
	m.ID, m.Name = row.id(), row.text()
	m.DisplayName, m.Description, m.Topic = row.text(), row.text(), row.text()
	m.Type, m.Privacy = known[storage.RoomType](row), known[storage.Privacy](row)
	m.PasswordHash = storage.Secret(row.text())
	row.json(&m.Settings)
	m.Settings.Custom = row.blob()
	m.CreatorID, m.Active, m.ExpiresAt = row.id(), row.bool(), row.time()
	m.CreatedAt, m.UpdatedAt, m.Version = row.time(), row.time(), row.int()
	m.LastSeq, m.LastMessageAt, m.MessageCount = row.int(), row.time(), row.int()
	m.MemberCount = row.int()
	return m
}

const roomByIDSQL = `SELECT` + roomColumns + `
FROM ` + roomTables + `
WHERE r.id = ?`

// Room implements backend.RoomRows.
func (r *rows) Room(_ context.Context, id storage.RoomID) (storage.Room, error) {
	return r.oneRoom(roomByIDSQL, func(a *args) { a.id(id) })
}

// oneRoom reads a room, whose counters must not be behind.
func (r *rows) oneRoom(sql string, bind func(*args)) (m storage.Room, err error) {
	if err := r.flushRooms(); err != nil {
		return m, err
	}
	err = r.c.one(sql, bind, func(row *row) error {
		m = scanRoom(row)
		return nil
	})
	return m, err
}

const roomByNameSQL = `SELECT` + roomColumns + `
FROM ` + roomTables + `
WHERE r.name_folded = ?
AND r.name_folded <> ''`

// RoomByName implements backend.RoomRows.
func (r *rows) RoomByName(_ context.Context, folded string) (storage.Room, error) {
	return r.oneRoom(roomByNameSQL, func(a *args) { a.text(folded) })
}

// RoomState implements backend.RoomRows.
func (r *rows) RoomState(_ context.Context, id storage.RoomID) (backend.RoomState, error) {
	state, err := r.room(id)
	if err != nil {
		return backend.RoomState{}, err
	}
	return backend.RoomState{
		Type: state.kind, Active: state.active, ExpiresAt: state.expiresAt, RateLimit: state.rateLimit,
		LastSeq: state.lastSeq,
	}, nil
}

// RoomsByID implements backend.RoomRows.
func (r *rows) RoomsByID(ctx context.Context, ids []storage.RoomID) ([]storage.Room, error) {
	return byID(ctx, r, ids, r.Room)
}

// Rooms implements backend.RoomRows. The orders by activity and by members
// sort when asked: an index on the first would cost every message a page, and
// rooms are few beside messages.
func (r *rows) Rooms(_ context.Context, s backend.RoomScan) ([]storage.Room, error) {
	if err := r.flushRooms(); err != nil {
		return nil, err
	}
	if !s.Member.IsZero() && s.Order == storage.RoomsByActivity && s.Scan.Limit > shortList {
		return r.sortedByActivity(s)
	}
	return listed(r, roomList(s), scanRoom)
}

// shortList is up to how many of a member's rooms SQLite sorts: it carries each
// room whole through its sorter, but only those that are wanted.
const shortList = 100

// sortedByActivity reads all of a member's rooms and sorts them here, at half
// the cost where most of them are wanted.
func (r *rows) sortedByActivity(s backend.RoomScan) ([]storage.Room, error) {
	l := from(roomColumns, roomTables)
	l.whereRooms(s)
	l.beyond(roomOrder(s.Order), s.Scan)
	all, err := listed(r, l, scanRoom)
	if err != nil {
		return nil, err
	}
	places := make([]*storage.Room, len(all)) // rooms are too large to move at each swap
	for i := range all {
		places[i] = &all[i]
	}
	slices.SortFunc(places, func(a, b *storage.Room) int {
		order := cmp.Or(cmp.Compare(backend.Micros(a.LastMessageAt), backend.Micros(b.LastMessageAt)), a.ID.Compare(b.ID))
		if s.Scan.Desc {
			return -order
		}
		return order
	})
	sorted := make([]storage.Room, 0, min(len(places), s.Scan.Limit))
	for _, room := range places[:min(len(places), s.Scan.Limit)] {
		sorted = append(sorted, *room)
	}
	return sorted, nil
}

func roomList(s backend.RoomScan) list {
	tables := roomTables
	if s.Expired != nil && *s.Expired && s.Member.IsZero() && s.Creator.IsZero() {
		tables = expiredRoomTables
	}
	l := from(roomColumns, tables)
	l.whereRooms(s)
	l.scan(roomOrder(s.Order), s.Scan)
	return l
}

// CountRooms implements backend.RoomRows.
func (r *rows) CountRooms(_ context.Context, s backend.RoomScan) (int64, error) {
	l := from("count(*)", "rooms AS r")
	l.whereRooms(s)
	return counted(r, l)
}

func roomOrder(o storage.RoomOrder) order {
	switch o {
	case storage.RoomsByCreation:
		return order{column: "r.created_at", id: "r.id"}
	case storage.RoomsByActivity:
		return order{column: "ifnull(c.last_message_at, 0)", id: "r.id"}
	case storage.RoomsByMembers:
		return order{column: "r.member_count", id: "r.id"}
	}
	return order{column: "r.name_folded", id: "r.id", text: true}
}

const roomPrefixes = `room_key FROM room_words WHERE word >= ?`

func (l *list) whereRooms(s backend.RoomScan) {
	whereIn(l, "r.type", s.Types)
	whereIn(l, "r.privacy", s.Privacies)
	if !s.Creator.IsZero() {
		l.where("r.creator_key = (SELECT key FROM users WHERE id = ?)", s.Creator[:])
	}
	if !s.Member.IsZero() {
		l.where(`r.key IN (
	SELECT room_key
	FROM room_memberships
	WHERE user_key = (SELECT key FROM users WHERE id = ?)
)`, s.Member[:])
	}
	if s.Active != nil {
		l.where("r.active = ?", *s.Active)
	}
	l.whereExpired(s)
	if !s.VisibleTo.IsZero() {
		l.where(visibleTo, s.VisibleTo[:], s.VisibleTo[:], s.Email, s.Now, s.Now, s.VisibleTo[:], s.Now)
	}
	l.wherePrefixes("r.key", roomPrefixes, s.Prefixes)
}

func (l *list) whereExpired(s backend.RoomScan) {
	switch {
	case s.Expired == nil:
	case *s.Expired:
		l.where("r.expires_at <= ?", s.Now)
	default:
		l.where("(r.expires_at IS NULL OR r.expires_at > ?)", s.Now)
	}
}

// visibleTo is what storage.RoomQuery says of VisibleTo. An address is never
// empty in the table.
const visibleTo = `(r.key IN (
	SELECT room_key
	FROM room_memberships
	WHERE user_key = (SELECT key FROM users WHERE id = ?)
) OR r.key IN (
	SELECT i.room_key
	FROM room_invites AS i
	WHERE (i.invitee_key = (SELECT key FROM users WHERE id = ?) OR i.email_folded = ?)
	AND ` + liveInvite + `
) OR (
	r.privacy IN (1, 3)
	AND r.active
	AND (r.expires_at IS NULL OR r.expires_at > ?)
	AND NOT EXISTS (
		SELECT 1
		FROM user_moderation AS s
		WHERE s.user_key = (SELECT key FROM users WHERE id = ?)
		AND s.kind = 1
		AND ` + sanctionInForce + `
		AND (s.room_key IS NULL OR s.room_key = r.key)
	)
))`
