package storagetest_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) CreateUser(_ context.Context, u *storage.User) error {
	m.users[u.ID] = true
	return nil
}

func (m *model) DeleteUser(_ context.Context, id storage.UserID) error {
	if err := m.needUser(id, ""); err != nil {
		return err
	}
	delete(m.users, id)
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
			delete(m.members, seat)
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

func (m *model) CreateRoom(_ context.Context, r *storage.Room) error {
	if m.roomAt(r.ID) >= 0 {
		return storage.Duplicate(storage.EntityRoom, r.ID.String(), "ID")
	}
	r.Normalize()
	r.Active, r.Version, r.CreatedAt, r.UpdatedAt = true, 1, m.now(), m.now()
	m.rooms = append(m.rooms, modelRoom{Room: *r})
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
	i := m.roomAt(id)
	if i < 0 {
		return storage.NotFound(storage.EntityRoom, id.String())
	}
	if r := &m.rooms[i]; r.Active != active {
		r.Active, r.UpdatedAt = active, m.now()
		r.Version++
	}
	return nil
}

// DeleteRoom leaves the identifiers of the room's messages taken until sweep.
func (m *model) DeleteRoom(_ context.Context, id storage.RoomID) error {
	i := m.roomAt(id)
	if i < 0 {
		return storage.NotFound(storage.EntityRoom, id.String())
	}
	m.rooms[i].gone = true
	for seat := range m.members {
		if seat.room == i {
			delete(m.members, seat)
		}
	}
	for k := range m.files {
		if m.files[k].room == i {
			m.files[k].MessageID = storage.MessageID{}
		}
	}
	return nil
}

// seat returns the place of a member.
func (m *model) seat(room storage.RoomID, user storage.UserID) (modelSeat, error) {
	seat := modelSeat{m.roomAt(room), user}
	if _, is := m.members[seat]; !is {
		return seat, storage.NotFound(storage.EntityMembership, room.String()+" "+user.String())
	}
	return seat, nil
}

func (m *model) Membership(_ context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error) {
	seat, err := m.seat(room, user)
	return m.members[seat], err
}

func (m *model) AddMember(_ context.Context, member *storage.Membership) error {
	i := m.roomAt(member.RoomID)
	if i < 0 {
		return storage.NotFound(storage.EntityRoom, member.RoomID.String())
	}
	if err := m.needUser(member.UserID, "UserID"); err != nil {
		return err
	}
	if err := m.mayBe(member.InvitedBy, "InvitedBy"); err != nil {
		return err
	}
	seat := modelSeat{i, member.UserID}
	if _, is := m.members[seat]; is {
		return storage.Duplicate(storage.EntityMembership, "", "UserID")
	}
	member.Normalize()
	member.JoinedAt, member.LastActiveAt, member.ReadSeq = m.now(), time.Time{}, m.rooms[i].LastSeq
	m.members[seat] = *member
	return nil
}

func (m *model) AddMembers(ctx context.Context, room storage.RoomID, role storage.MemberRole, users ...storage.UserID) (added int, err error) {
	if m.roomAt(room) < 0 {
		return 0, storage.NotFound(storage.EntityRoom, room.String())
	}
	for _, user := range users {
		if err := m.needUser(user, "users"); err != nil {
			return 0, err
		}
	}
	for _, user := range users {
		err := m.AddMember(ctx, &storage.Membership{RoomID: room, UserID: user, Role: role})
		if err == nil {
			added++
		} else if !errors.Is(err, storage.ErrDuplicate) {
			return 0, err
		}
	}
	return added, nil
}

func (m *model) RemoveMember(_ context.Context, room storage.RoomID, user storage.UserID) error {
	seat, err := m.seat(room, user)
	delete(m.members, seat)
	return err
}

// Rooms serves Maintain, which asks for rooms whose time is over: in histories
// there are none.
func (m *model) Rooms(context.Context, storage.RoomQuery) (storage.Page[storage.Room], error) {
	return storage.Page[storage.Room]{}, nil
}
