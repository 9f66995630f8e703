package storagetest_test

import (
	"context"
	"slices"
	"strings"

	"github.com/lairchat/lair/storage"
)

func (m *model) CreateUser(_ context.Context, u *storage.User) error {
	u.Normalize()
	u.Active = true
	m.addresses[u.ID] = u.Email
	m.users[u.ID], m.profiles[u.ID] = true, *u
	m.count(-1, u.ID, registrations)
	return nil
}

func (m *model) User(_ context.Context, id storage.UserID) (storage.User, error) {
	return m.profiles[id], m.needUser(id, "")
}

func (m *model) SetUserRole(_ context.Context, id storage.UserID, role storage.Role) error {
	return m.setUser(id, func(u *storage.User) { u.Role = role })
}

func (m *model) DeactivateUser(_ context.Context, id storage.UserID) error {
	return m.setUser(id, func(u *storage.User) { u.Active = false })
}

func (m *model) ReactivateUser(_ context.Context, id storage.UserID) error {
	return m.setUser(id, func(u *storage.User) { u.Active = true })
}

// UpdateUser knows addresses only.
func (m *model) UpdateUser(_ context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	return storage.User{}, m.setUser(id, func(u *storage.User) { u.Email = *p.Email })
}

func (m *model) setUser(id storage.UserID, set func(*storage.User)) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	profile := m.profiles[id]
	set(&profile)
	m.profiles[id] = profile
	return nil
}

func (m *model) DeleteUser(_ context.Context, id storage.UserID) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	if err := m.userKept(id); err != nil {
		return err
	}
	delete(m.users, id)
	delete(m.profiles, id)
	gone := func(user storage.UserID) bool { return user == id }
	forget := func(user *storage.UserID) {
		if *user == id {
			*user = storage.UserID{}
		}
	}
	for seat, member := range m.members {
		forget(&member.InvitedBy)
		m.members[seat] = member
		if seat.user == id {
			m.leave(seat)
		}
	}
	for i := range m.messages {
		m.messages[i].forget(id)
	}
	for i := range m.rooms {
		forget(&m.rooms[i].CreatorID)
	}
	for i := range m.files {
		forget(&m.files[i].UploaderID)
	}
	m.forgetAccess(id)
	m.passes = slices.DeleteFunc(m.passes, func(p modelPass) bool { return gone(p.user) })
	m.singles = slices.DeleteFunc(m.singles, func(s modelSingle) bool { return gone(s.user) })
	return nil
}

// forget takes a user who is deleted out of a message.
func (message *modelMessage) forget(id storage.UserID) {
	if message.AuthorID == id {
		message.AuthorID, message.known = storage.UserID{}, false
	}
	if message.DeletedBy == id {
		message.DeletedBy = storage.UserID{}
	}
	message.reactions = slices.DeleteFunc(slices.Clone(message.reactions), func(r storage.Reaction) bool { return r.UserID == id })
	message.revisions = slices.Clone(message.revisions)
	for i := range message.revisions {
		if message.revisions[i].ReplacedBy == id {
			message.revisions[i].ReplacedBy = storage.UserID{}
		}
	}
}

// forgetAccess takes a user who is deleted out of invites and sanctions.
func (m *model) forgetAccess(id storage.UserID) {
	m.directs = slices.DeleteFunc(m.directs, func(d modelDirect) bool { return d.a == id || d.b == id })
	m.invites = slices.DeleteFunc(m.invites, func(i modelInvite) bool { return i.InviteeID == id })
	m.sanctions = slices.DeleteFunc(m.sanctions, func(s modelSanction) bool { return s.UserID == id })
	forget := func(user *storage.UserID) {
		if *user == id {
			*user = storage.UserID{}
		}
	}
	for i := range m.invites {
		forget(&m.invites[i].InviterID)
	}
	for i := range m.sanctions {
		forget(&m.sanctions[i].ModeratorID)
		forget(&m.sanctions[i].LiftedBy)
	}
}

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
