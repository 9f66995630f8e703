package storagetest_test

// Who holds which role, and the settings of members.

import (
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

func (m *model) RoleHolders(_ context.Context, q storage.RoleQuery) (storage.Page[storage.RoleHolder], error) {
	if err := q.Validate(); err != nil {
		return storage.Page[storage.RoleHolder]{}, err
	}
	all := m.serverRoles(q)
	key := func(h storage.RoleHolder) storage.Keyset { return storage.Keyset{Int: int64(h.Role), ID: h.UserID} }
	if q.Rooms || !q.Room.IsZero() {
		all = m.roomRoles(q)
		key = func(h storage.RoleHolder) storage.Keyset {
			before := 0 // rooms
			for _, r := range m.rooms {
				if r.ID.Compare(h.RoomID) < 0 {
					before++
				}
			}
			return storage.Keyset{Int: int64(before), ID: h.UserID}
		}
	}
	slices.SortFunc(all, func(a, b storage.RoleHolder) int { return compareKeys(key(a), key(b)) })
	return modelPage(all, key, false, q.Limit, q.Cursor)
}

func (m *model) serverRoles(q storage.RoleQuery) (all []storage.RoleHolder) {
	for _, u := range m.profiles {
		var asked bool
		switch {
		case len(q.Roles) > 0:
			asked = slices.Contains(q.Roles, u.Role)
		case q.Permission != 0:
			asked = true
		default:
			asked = u.Role == storage.RoleAdmin || u.Role == storage.RoleModerator
		}
		if asked && (q.Permission == 0 || u.Role.Can(q.Permission)) && (q.User.IsZero() || q.User == u.ID) {
			all = append(all, storage.RoleHolder{UserID: u.ID, Active: u.Active, Role: u.Role})
		}
	}
	return all
}

func (m *model) roomRoles(q storage.RoleQuery) (all []storage.RoleHolder) {
	asked := q.MemberRoles
	if len(asked) == 0 {
		asked = []storage.MemberRole{storage.MemberOwner, storage.MemberAdmin, storage.MemberModerator}
	}
	for seat, member := range m.members {
		u := m.profiles[seat.user]
		if !m.rooms[seat.room].gone && slices.Contains(asked, member.Role) && (q.User.IsZero() || q.User == u.ID) &&
			(q.Room.IsZero() || q.Room == member.RoomID) {
			all = append(all, storage.RoleHolder{UserID: u.ID, Active: u.Active, Role: u.Role, RoomID: member.RoomID, MemberRole: member.Role})
		}
	}
	return all
}

func (m *model) UpdateMemberSettings(_ context.Context, room storage.RoomID, user storage.UserID, s storage.MemberSettings) error {
	seat, err := m.seat(room, user)
	if err != nil {
		return err
	}
	member := m.members[seat]
	member.Settings = s
	m.members[seat] = member
	return nil
}

func (h *history) setMember() {
	room := h.room()
	user, s := h.member(room), storage.MemberSettings{Nickname: h.text(), Notifications: storage.NotifyMentions, MutedUntil: h.later()}
	h.call(say("UpdateMemberSettings(%s, %s, %s)", room, user, s), func(ctx context.Context, on storage.ReadWriter) (any, error) {
		return nil, on.UpdateMemberSettings(ctx, room, user, s)
	})
}

func (h *history) lookAtRoles(q storage.RoleQuery) {
	h.quietly(say("RoleHolders(%s)", q), walk(func(s storage.ReadWriter) lister[storage.RoleQuery, storage.RoleHolder] {
		return s.RoleHolders
	}, q))
}

func (h *history) roleQuery() storage.RoleQuery {
	q := storage.RoleQuery{Limit: 1 + h.below(3)}
	if h.oneIn(4) {
		q.User = h.user()
	}
	switch h.below(6) {
	case 1:
		q.Permission = oneOf(h.draws, storage.PermissionInvite, storage.PermissionViewStats, storage.PermissionRetain)
	case 2:
		q.Roles = []storage.Role{storage.RoleGuest, oneOf(h.draws, storage.RoleUser, storage.RoleAdmin)}
	case 3:
		q.Rooms = true
	case 4:
		q.Room = h.room()
	case 5:
		q.Rooms, q.MemberRoles = true, []storage.MemberRole{oneOf(h.draws, modelRoles...), storage.MemberGuest}
	}
	return q
}
