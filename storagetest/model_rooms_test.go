package storagetest_test

// Rooms as they are listed, and direct rooms.

import (
	"context"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

func (m *model) Rooms(_ context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Room]{}, err
	}
	all := m.roomsOf(q)
	key := func(r storage.Room) storage.Keyset {
		k := storage.Keyset{ID: r.ID}
		switch q.Order {
		case storage.RoomsByCreation:
			k.Int = r.CreatedAt.UnixMicro()
		case storage.RoomsByMembers:
			k.Int = r.MemberCount
		case storage.RoomsByActivity:
			if !r.LastMessageAt.IsZero() {
				k.Int = r.LastMessageAt.UnixMicro()
			}
		default:
			k.Int = nameInOrder(r.Name)
		}
		return k
	}
	falls := q.Order != 0 && q.Order != storage.RoomsByName
	slices.SortFunc(all, func(a, b storage.Room) int { return compareKeys(key(a), key(b)) })
	if falls {
		slices.Reverse(all)
	}
	return modelPage(all, key, falls, q.Limit, q.Cursor)
}

// nameInOrder returns a number by which the names of histories, which have at
// most 7 bytes, are in order.
func nameInOrder(name string) int64 {
	var b [8]byte
	copy(b[1:], strings.ToLower(name))
	return int64(binary.BigEndian.Uint64(b[:]))
}

func (m *model) CountRooms(_ context.Context, q storage.RoomQuery) (int64, error) {
	return int64(len(m.roomsOf(q))), q.Validate()
}

// roomsOf returns the rooms that a query selects.
func (m *model) roomsOf(q storage.RoomQuery) []storage.Room {
	var all []storage.Room
	for i, r := range m.rooms {
		if !r.gone && m.selectsRoom(q, i) {
			all = append(all, m.counted(i))
		}
	}
	return all
}

func (m *model) selectsRoom(q storage.RoomQuery, i int) bool {
	r := m.rooms[i].Room
	switch {
	case len(q.Types) > 0 && !slices.Contains(q.Types, r.Type),
		len(q.Privacies) > 0 && !slices.Contains(q.Privacies, r.Privacy),
		!q.Creator.IsZero() && r.CreatorID != q.Creator,
		!q.Member.IsZero() && !m.isMember(i, q.Member),
		q.Active != nil && *q.Active != r.Active,
		q.Expired != nil && *q.Expired != r.Expired(m.now()),
		!q.VisibleTo.IsZero() && !m.visible(i, q.VisibleTo):
		return false
	}
	text := strings.Join([]string{r.Name, r.DisplayName, r.Description, r.Topic}, " ")
	return hasWords(strings.Fields(strings.ToLower(text)), q.Text)
}

// hasWords reports whether each word of a query begins one of the words; a
// query with no words in it asks for something that is not there.
func hasWords(words []string, query string) bool {
	asked := strings.Fields(strings.ToLower(query))
	for _, prefix := range asked {
		if !slices.ContainsFunc(words, func(word string) bool { return strings.HasPrefix(word, prefix) }) {
			return false
		}
	}
	return query == "" || len(asked) > 0
}

// visible reports whether a user may find a room.
func (m *model) visible(i int, user storage.UserID) bool {
	r := m.rooms[i].Room
	switch {
	case !m.users[user]:
		return false
	case m.isMember(i, user), m.isInvited(i, user):
		return true
	}
	open := r.Privacy == storage.PrivacyPublic || r.Privacy == storage.PrivacyProtected
	return open && r.Active && !r.Expired(m.now()) && m.unbound(user, i, storage.SanctionBan) == nil
}

// directAt returns the index of the direct room of two users, or -1.
func (m *model) directAt(a, b storage.UserID) int {
	i := slices.IndexFunc(m.directs, func(d modelDirect) bool {
		return (d.a == a && d.b == b || d.a == b && d.b == a) && !m.rooms[d.room].gone
	})
	if i < 0 {
		return -1
	}
	return m.directs[i].room
}

func (m *model) DirectRoom(_ context.Context, a, b storage.UserID) (storage.Room, error) {
	i := m.directAt(a, b)
	if i < 0 {
		return storage.Room{}, storage.NotFound(storage.EntityRoom, a.String()+" "+b.String())
	}
	return m.counted(i), nil
}

func (m *model) OpenDirectRoom(_ context.Context, a, b storage.UserID) (room storage.Room, created bool, err error) {
	err = m.atomic(func() error {
		var i int
		if i, created, err = m.openDirect(a, b); err == nil {
			room = m.counted(i)
		}
		return err
	})
	return room, created, err
}

func (m *model) openDirect(a, b storage.UserID) (room int, created bool, err error) {
	if err := m.needUser(a, "a"); err != nil {
		return -1, false, err
	}
	if err := m.needUser(b, "b"); err != nil {
		return -1, false, err
	}
	room = m.directAt(a, b)
	for _, user := range []storage.UserID{a, b} {
		if err := m.unbound(user, room, storage.SanctionBan); err != nil {
			return room, false, err
		}
	}
	if created = room < 0; created {
		room = len(m.rooms)
		m.rooms = append(m.rooms, modelRoom{Room: storage.Room{
			ID: m.newUUID(), Type: storage.RoomDirectMessage, Privacy: storage.PrivacyPrivate,
			Active: true, Version: 1, CreatedAt: m.now(), UpdatedAt: m.now(),
		}})
		m.directs = append(m.directs, modelDirect{a, b, room})
	}
	for _, user := range []storage.UserID{a, b} {
		if m.isMember(room, user) {
			continue
		}
		m.seatMember(room, storage.Membership{UserID: user, Role: storage.MemberMember})
	}
	return room, created, nil
}
