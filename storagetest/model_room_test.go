package storagetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

func (m *model) CreateRoom(_ context.Context, given *storage.Room) error {
	r := given.Clone()
	r.Normalize()
	if r.Type == storage.RoomDirectMessage {
		return storage.Invalid("Type", "direct rooms are opened")
	}
	if err := r.Validate(); err != nil {
		return err
	}
	if err := m.mayBe(r.CreatorID, "CreatorID"); err != nil {
		return err
	}
	if err := m.unbound(r.CreatorID, -1, storage.SanctionBan); err != nil {
		return err
	}
	if err := m.freeName(r.Name, -1); err != nil {
		return err
	}
	if m.roomAt(r.ID) >= 0 {
		return storage.Duplicate(storage.EntityRoom, r.ID.String(), "ID")
	}
	r.Active, r.Version, r.CreatedAt, r.UpdatedAt = true, 1, m.now(), m.now()
	m.rooms = append(m.rooms, modelRoom{Room: r})
	if !r.CreatorID.IsZero() {
		m.seatMember(len(m.rooms)-1, storage.Membership{UserID: r.CreatorID, Role: storage.MemberOwner})
	}
	*given = m.counted(len(m.rooms) - 1)
	return nil
}

// freeName refuses a name that is that of another room.
func (m *model) freeName(name string, room int) error {
	for i, r := range m.rooms {
		if i != room && !r.gone && name != "" && strings.EqualFold(r.Name, name) {
			return storage.Duplicate(storage.EntityRoom, "", "Name")
		}
	}
	return nil
}

func (m *model) RoomByName(_ context.Context, name string) (storage.Room, error) {
	for i, r := range m.rooms {
		if !r.gone && name != "" && strings.EqualFold(r.Name, name) {
			return m.counted(i), nil
		}
	}
	return storage.Room{}, storage.NotFound(storage.EntityRoom, name)
}

func (m *model) RoomsByID(_ context.Context, ids ...storage.RoomID) (all []storage.Room, err error) {
	for k, id := range ids {
		if i := m.roomAt(id); i >= 0 && !slices.Contains(ids[:k], id) {
			all = append(all, m.counted(i))
		}
	}
	return all, nil
}

func (m *model) Room(_ context.Context, id storage.RoomID) (storage.Room, error) {
	i := m.roomAt(id)
	if i < 0 {
		return storage.Room{}, storage.NotFound(storage.EntityRoom, id.String())
	}
	return m.counted(i), nil
}

// counted returns a room with its counts.
func (m *model) counted(room int) storage.Room {
	r := m.rooms[room].Room
	for i, message := range m.messages {
		if message.room == room && m.held(i) && !message.Deleted() {
			r.MessageCount++
		}
	}
	for seat := range m.members {
		if seat.room == room {
			r.MemberCount++
		}
	}
	return r
}

func (m *model) DeactivateRoom(_ context.Context, id storage.RoomID) error {
	return m.setActive(id, false)
}
func (m *model) ReactivateRoom(_ context.Context, id storage.RoomID) error {
	return m.setActive(id, true)
}

func (m *model) setActive(id storage.RoomID, active bool) error {
	_, err := m.changeRoom(id, 0, func(r *storage.Room) bool {
		changed := r.Active != active
		r.Active = active
		return changed
	})
	return err
}

func (m *model) UpdateRoom(_ context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	if p.IfVersion < 0 {
		return storage.Room{}, storage.Invalid("IfVersion", "negative")
	}
	return m.changeRoom(id, p.IfVersion, p.Apply)
}

func (m *model) UpdateRoomSettings(_ context.Context, id storage.RoomID, s storage.RoomSettings) (storage.Room, error) {
	return m.changeRoom(id, 0, func(r *storage.Room) bool { return r.ApplySettings(s) })
}

func (m *model) changeRoom(id storage.RoomID, ifVersion int64, apply func(*storage.Room) bool) (storage.Room, error) {
	i := m.roomAt(id)
	if i < 0 {
		return storage.Room{}, storage.NotFound(storage.EntityRoom, id.String())
	}
	next := m.rooms[i].Clone()
	changed := apply(&next)
	if err := next.Validate(); err != nil {
		return storage.Room{}, err
	}
	if ifVersion != 0 && ifVersion != next.Version {
		return storage.Room{}, storage.Conflict(storage.EntityRoom, id.String(), "stale version")
	}
	if err := m.freeName(next.Name, i); err != nil {
		return storage.Room{}, err
	}
	if changed {
		next.Version++
		next.UpdatedAt = m.now()
		m.rooms[i].Room = next
	}
	return m.counted(i), nil
}

// DeleteRoom leaves the identifiers of the room's messages taken until sweep.
func (m *model) DeleteRoom(_ context.Context, id storage.RoomID) error {
	i := m.roomAt(id)
	if i < 0 {
		return storage.NotFound(storage.EntityRoom, id.String())
	}
	if err := m.roomKept(id); err != nil {
		return err
	}
	m.rooms[i].gone = true
	for seat := range m.members {
		if seat.room == i {
			delete(m.members, seat)
		}
	}
	m.invites = slices.DeleteFunc(m.invites, func(v modelInvite) bool { return v.room == i })
	m.sanctions = slices.DeleteFunc(m.sanctions, func(s modelSanction) bool { return s.room == i })
	for k := range m.files {
		if m.files[k].room == i {
			m.files[k].MessageID = storage.MessageID{}
		}
	}
	return nil
}
