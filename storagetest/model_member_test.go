package storagetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// isMember reports whether a user is a member of a room, which is known by its
// index.
func (m *model) isMember(room int, user storage.UserID) bool {
	_, is := m.members[modelSeat{room, user}]
	return is
}

func (m *model) IsMember(_ context.Context, room storage.RoomID, user storage.UserID) (bool, error) {
	return m.isMember(m.roomAt(room), user), nil
}

// seat returns the place of a member.
func (m *model) seat(room storage.RoomID, user storage.UserID) (modelSeat, error) {
	seat := modelSeat{m.roomAt(room), user}
	if !m.isMember(seat.room, user) {
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
	if err := m.notDirect(i); err != nil {
		return err
	}
	if m.isMember(i, member.UserID) {
		return storage.Duplicate(storage.EntityMembership, "", "UserID")
	}
	if err := m.mayJoin(i, member.UserID); err != nil {
		return err
	}
	*member = m.seatMember(i, *member)
	return nil
}

// notDirect refuses what a direct room does not take.
func (m *model) notDirect(room int) error {
	if m.rooms[room].Type != storage.RoomDirectMessage {
		return nil
	}
	return &storage.Error{Entity: storage.EntityRoom, Kind: storage.ErrConstraint}
}

// mayJoin refuses a newcomer.
func (m *model) mayJoin(room int, user storage.UserID) error {
	if err := m.unbound(user, room, storage.SanctionBan); err != nil {
		return err
	}
	r := m.counted(room)
	switch limit := r.Settings.MaxMembers; {
	case r.Expired(m.now()):
		return storage.Forbidden(storage.EntityRoom, r.ID.String(), storage.ReasonRoomExpired)
	case limit > 0 && r.MemberCount >= limit:
		return storage.Forbidden(storage.EntityRoom, r.ID.String(), storage.ReasonRoomFull)
	}
	return nil
}

// seatMember makes somebody a member whom nothing speaks against.
func (m *model) seatMember(room int, member storage.Membership) storage.Membership {
	member.Normalize()
	member.RoomID, member.LastActiveAt = m.rooms[room].ID, time.Time{}
	member.JoinedAt, member.ReadSeq = m.now(), m.rooms[room].LastSeq
	m.members[modelSeat{room, member.UserID}] = member
	m.joined[modelSeat{room, member.UserID}] = member.ReadSeq
	m.count(room, member.UserID, joinings)
	return member
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
	err = m.atomic(func() error {
		for _, user := range users {
			if m.isMember(m.roomAt(room), user) {
				continue
			}
			if err := m.AddMember(ctx, &storage.Membership{RoomID: room, UserID: user, Role: role}); err != nil {
				return err
			}
			added++
		}
		return nil
	})
	return added, err
}

func (m *model) RemoveMember(_ context.Context, room storage.RoomID, user storage.UserID) error {
	seat, err := m.seat(room, user)
	if err != nil {
		return err
	}
	if err := m.keepOwner(seat); err != nil {
		return err
	}
	m.leave(seat)
	return nil
}

// keepOwner refuses that the last owner of several members stops being one.
func (m *model) keepOwner(seat modelSeat) error {
	others, owners := 0, 0
	for other, member := range m.members {
		if other.room != seat.room || other == seat {
			continue
		}
		if others++; member.Role == storage.MemberOwner {
			owners++
		}
	}
	if m.members[seat].Role == storage.MemberOwner && others > 0 && owners == 0 {
		return storage.Forbidden(storage.EntityMembership, "", storage.ReasonLastOwner)
	}
	return nil
}

func (m *model) SetMemberRole(_ context.Context, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
	seat, err := m.seat(room, user)
	if err != nil {
		return err
	}
	if err := m.notDirect(seat.room); err != nil {
		return err
	}
	if role != storage.MemberOwner {
		if err := m.keepOwner(seat); err != nil {
			return err
		}
	}
	m.setRole(seat, role)
	return nil
}

func (m *model) setRole(seat modelSeat, role storage.MemberRole) {
	member := m.members[seat]
	member.Role = role
	m.members[seat] = member
}

func (m *model) TransferOwnership(_ context.Context, room storage.RoomID, from, to storage.UserID) error {
	if from == to {
		return storage.Invalid("to", "the same user")
	}
	old, err := m.seat(room, from)
	if err != nil {
		return err
	}
	heir, err := m.seat(room, to)
	if err != nil {
		return err
	}
	if err := m.notDirect(old.room); err != nil {
		return err
	}
	if m.members[old].Role != storage.MemberOwner {
		return storage.Forbidden(storage.EntityMembership, "", storage.ReasonNotOwner)
	}
	m.setRole(heir, storage.MemberOwner)
	m.setRole(old, storage.MemberAdmin)
	return nil
}

func (m *model) TouchMember(_ context.Context, room storage.RoomID, user storage.UserID) error {
	seat, err := m.seat(room, user)
	if err != nil {
		return err
	}
	member := m.members[seat]
	member.LastActiveAt = m.now()
	m.members[seat] = member
	return nil
}

func (m *model) Memberships(_ context.Context, q storage.MembershipQuery) (storage.Page[storage.Membership], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.Membership]{}, err
	}
	all := m.selectedMembers(q)
	falls := q.Order == storage.MembersByActivity
	key := func(member storage.Membership) storage.Keyset {
		k := storage.Keyset{Int: member.JoinedAt.UnixMicro(), ID: member.UserID}
		if q.Room.IsZero() {
			k.ID = member.RoomID
		}
		if falls {
			k.Int = 0
			if !member.LastActiveAt.IsZero() {
				k.Int = member.LastActiveAt.UnixMicro()
			}
		}
		return k
	}
	slices.SortFunc(all, func(a, b storage.Membership) int { return compareKeys(key(a), key(b)) })
	if falls {
		slices.Reverse(all)
	}
	return modelPage(all, key, falls, q.Limit, q.Cursor)
}

func (m *model) CountMembers(_ context.Context, q storage.MembershipQuery) (int64, error) {
	return int64(len(m.selectedMembers(q))), q.Validate()
}

func (m *model) selectedMembers(q storage.MembershipQuery) (all []storage.Membership) {
	for _, member := range m.members {
		if (member.RoomID == q.Room || member.UserID == q.User) &&
			(len(q.Roles) == 0 || slices.Contains(q.Roles, member.Role)) &&
			(q.ActiveSince.IsZero() || !member.LastActiveAt.Before(q.ActiveSince)) {
			all = append(all, member)
		}
	}
	return all
}
