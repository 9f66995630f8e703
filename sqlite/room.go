package sqlite

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

const roomColumns = `
	r.id, r.name, r.display_name, r.description, r.topic, r.type, r.privacy, r.password_hash,
	r.settings, r.custom, u.id, r.active, r.expires_at, r.created_at, r.updated_at, r.version,
	c.last_seq, c.last_message_at, c.message_count, r.member_count`

const (
	countersOfRoom = "CROSS JOIN room_counters AS c ON c.room_key = r.key"
	creatorOfRoom  = "LEFT JOIN users AS u ON u.key = r.creator_key"
	roomTables     = "rooms AS r\n" + countersOfRoom + "\n" + creatorOfRoom
)

func scanRoom(row *row) (m storage.Room) {
	m.ID, m.Name = row.id(), row.text()
	m.DisplayName, m.Description, m.Topic = row.text(), row.text(), row.text()
	m.Type, m.Privacy = known[storage.RoomType](row), known[storage.Privacy](row)
	m.PasswordHash = storage.Secret(row.text())
	m.Settings = row.roomSettings()
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

// Rooms implements backend.RoomRows. What a member, a creator, a word or a time
// that is over selects is few, and is sorted. Otherwise each order has an index;
// in that by activity the rooms of one hour are left to sort, because a time to
// the microsecond would cost every message a page.
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
	l, rest := startRooms(roomColumns, s, false)
	l.whereRooms(rest)
	l.beyond(roomOrder(s.Order), s.Scan)
	// Rooms are too large to be moved whenever a slice grows or is sorted.
	var chunk []storage.Room
	places, err := listed(r, l, func(row *row) *storage.Room {
		if len(chunk) == cap(chunk) {
			chunk = make([]storage.Room, 0, pageHint)
		}
		chunk = append(chunk, scanRoom(row))
		return &chunk[len(chunk)-1]
	})
	if err != nil {
		return nil, err
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

// CountRooms implements backend.RoomRows.
func (r *rows) CountRooms(_ context.Context, s backend.RoomScan) (int64, error) {
	return counted(r, roomCountList(s))
}
