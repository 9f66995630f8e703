package sqlite

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// inboxRoom is a room of an inbox, by its key.
type inboxRoom struct {
	key int64
	at  int64 // microseconds since 1970, 0 for never
	id  storage.RoomID
}

const inboxTables = `room_memberships AS m
CROSS JOIN room_counters AS c ON c.room_key = m.room_key`

// InboxPlaces implements backend.ReceiptRows. All the rooms of the user are
// sorted, by no more than their times.
func (r *rows) InboxPlaces(_ context.Context, s backend.InboxScan) ([]backend.InboxPlace, error) {
	if err := r.flushRooms(); err != nil {
		return nil, err
	}
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	rooms, err := r.inboxRooms(s)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(rooms, func(a, b inboxRoom) int { return towards(s.Scan, cmp.Compare(a.at, b.at)) })
	var places []backend.InboxPlace
	for len(rooms) > 0 && len(places) < s.Scan.Limit {
		same := 1
		for same < len(rooms) && rooms[same].at == rooms[0].at {
			same++
		}
		if places, err = r.addPlaces(places, rooms[:same], s.Scan); err != nil {
			return nil, err
		}
		rooms = rooms[same:]
	}
	return places, nil
}

// towards gives a comparison the direction of a scan.
func towards(s backend.Scan, c int) int {
	if s.Desc {
		return -c
	}
	return c
}

// inboxRooms returns the rooms that a scan selects from its place on.
func (r *rows) inboxRooms(s backend.InboxScan) ([]inboxRoom, error) {
	rooms := make([]inboxRoom, 0, pageHint)
	scan := func(row *row) error {
		v := inboxRoom{key: row.int(), at: row.int()}
		if s.After == nil || towards(s.Scan, cmp.Compare(v.at, s.After.Int)) >= 0 {
			rooms = append(rooms, v)
		}
		return nil
	}
	if len(s.Types) == 0 && s.Active == nil {
		err := r.c.query(inboxPlacesSQL, func(a *args) { a.id(s.User) }, scan)
		return rooms, err
	}
	sql, values, err := inboxList(s).ToSql()
	if err != nil {
		return nil, err
	}
	err = r.c.query(sql, func(a *args) { a.all(values) }, scan)
	return rooms, err
}

const (
	inboxColumns   = `c.room_key, ifnull(c.last_message_at, 0)`
	inboxOfUser    = `m.user_key = (SELECT key FROM users WHERE id = ?)`
	inboxPlacesSQL = `
SELECT ` + inboxColumns + `
FROM ` + inboxTables + `
WHERE ` + inboxOfUser
)

// inboxList is inboxPlacesSQL for some of the rooms.
func inboxList(s backend.InboxScan) list {
	l := from(inboxColumns, inboxTables+`
CROSS JOIN rooms AS r ON r.key = m.room_key`)
	l.where(inboxOfUser, s.User[:])
	whereIn(&l, "r.type", s.Types)
	if s.Active != nil {
		l.where("r.active = ?", *s.Active)
	}
	return l
}

// addPlaces adds rooms of the same time, as far as they are beyond the place of
// a scan and there is room for them.
func (r *rows) addPlaces(places []backend.InboxPlace, same []inboxRoom, s backend.Scan) ([]backend.InboxPlace, error) {
	for i := range same {
		err := r.c.one(roomIDSQL, func(a *args) { a.int(same[i].key) }, func(row *row) error {
			same[i].id = row.id()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(same, func(a, b inboxRoom) int { return towards(s, bytes.Compare(a.id[:], b.id[:])) })
	for _, v := range same {
		if len(places) == s.Limit {
			break
		}
		if s.After != nil && v.at == s.After.Int && towards(s, bytes.Compare(v.id[:], s.After.ID[:])) <= 0 {
			continue
		}
		p := backend.InboxPlace{Room: v.id}
		if v.at != 0 {
			p.LastMessageAt = time.UnixMicro(v.at).UTC()
		}
		places = append(places, p)
	}
	return places, nil
}

const inboxEntrySQL = `SELECT` + roomColumns + `,` + membershipColumns + `, m.room_key, m.own_after
FROM ` + roomTables + `
CROSS JOIN room_memberships AS m ON m.room_key = r.key AND m.user_key = ?
LEFT JOIN users AS i ON i.key = m.invited_by_key
WHERE r.id = ?`

// InboxEntries implements backend.ReceiptRows.
func (r *rows) InboxEntries(
	_ context.Context, user storage.UserID, rooms []storage.RoomID, now time.Time,
) ([]storage.InboxEntry, error) {
	if len(rooms) == 0 {
		return nil, nil
	}
	if err := r.flushCounts(); err != nil {
		return nil, err
	}
	if err := r.snapshot(); err != nil {
		return nil, err
	}
	key, err := r.userKey(user)
	if err != nil {
		return nil, err
	}
	entries := make([]storage.InboxEntry, len(rooms))
	for i, id := range rooms {
		if err := r.inboxEntry(&entries[i], id, user, key, now); err != nil {
			return nil, err
		}
	}
	return entries, nil
}

// inboxEntry reads a room, its membership, its last message, and what is
// unread.
func (r *rows) inboxEntry(e *storage.InboxEntry, room storage.RoomID, user storage.UserID, key int64, now time.Time) error {
	m := marker{user: key}
	bind := func(a *args) {
		a.int(key)
		a.id(room)
	}
	err := r.c.one(inboxEntrySQL, bind, func(row *row) error {
		e.Room = scanRoom(row)
		e.Membership = scanMembership(row)
		m.room, m.ownAfter = row.int(), row.int()
		return nil
	})
	if err != nil {
		return err
	}
	e.Membership.RoomID, e.Membership.UserID = room, user
	m.position = e.Membership.ReadSeq
	if e.Unread, err = r.unread(m, e.Room.LastSeq, now); err != nil {
		return err
	}
	last, err := r.page(newestWithDeletedSQL, room, 1, func(a *args) {
		a.id(room)
		a.int(0)
		a.int(seqMask + 1)
		a.int(now.UnixMicro())
		a.int(1)
	})
	if len(last) > 0 {
		e.LastMessage = last[0]
	}
	return err
}
