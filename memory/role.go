package memory

import (
	"cmp"
	"context"
	"iter"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func roleEntry(k key, u *backend.UserRow) entry {
	return entry{n: int64(u.Role), id: u.ID, key: k}
}

func (r *rows) ServerRoles(_ context.Context, s backend.RoleScan) ([]storage.RoleHolder, error) {
	var all []storage.RoleHolder
	for e := range r.roleEntries(s) {
		u, _ := r.users.Get(e.key)
		if !slices.Contains(s.Roles, u.Role) {
			continue
		}
		all = append(all, storage.RoleHolder{UserID: u.ID, Active: u.Active, Role: u.Role})
		if len(all) == s.Scan.Limit {
			break
		}
	}
	return all, nil
}

// roleEntries walks those whose roles a query asks for, and perhaps others.
func (r *rows) roleEntries(s backend.RoleScan) iter.Seq[entry] {
	if !s.User.IsZero() {
		one := newTop(intAfter(s.After), s.Scan)
		if k := r.userKey(s.User); k != 0 {
			u, _ := r.users.Get(k)
			one.add(roleEntry(k, u))
		}
		return slices.Values(one.first())
	}
	after := intAfter(s.After)
	if after == nil && s.Desc {
		after = &entry{n: int64(s.Roles[len(s.Roles)-1]) + 1}
	} else if after == nil {
		after = &entry{n: int64(s.Roles[0])}
	}
	return func(yield func(entry) bool) {
		for e := range beyond(&r.userRoles, after, s.Desc) {
			if out := e.n < int64(s.Roles[0]) || e.n > int64(s.Roles[len(s.Roles)-1]); out || !yield(e) {
				return
			}
		}
	}
}

func (r *rows) RoomRoles(_ context.Context, s backend.RoleScan) ([]storage.RoleHolder, error) {
	var all []storage.RoleHolder
	for room := range r.roomsToAudit(s) {
		for _, h := range r.holdersIn(room, s) {
			if len(all) == s.Scan.Limit {
				return all, nil
			}
			all = append(all, h)
		}
	}
	return all, nil
}

// roomsToAudit walks the rooms that a query can be about, in its order.
func (r *rows) roomsToAudit(s backend.RoleScan) iter.Seq[key] {
	if !s.Room.IsZero() {
		return slices.Values([]key{r.roomKey(s.Room)})
	}
	if !s.User.IsZero() {
		return r.roomsOf(r.userKey(s.User), s.Scan.Desc)
	}
	return func(yield func(key) bool) {
		visit := func(e identified[key]) bool { return yield(e.key) }
		switch from := (identified[key]{id: s.AfterRoom}); {
		case s.After == nil && s.Desc:
			r.roomIDs.Reverse(visit)
		case s.Desc:
			r.roomIDs.Descend(from, visit)
		default:
			r.roomIDs.Ascend(from, visit)
		}
	}
}

// roomsOf walks the rooms of a user by their identifiers.
func (r *rows) roomsOf(user key, desc bool) iter.Seq[key] {
	members := r.membersOfUser(user)
	slices.SortFunc(members, func(a, b *member) int {
		if desc {
			a, b = b, a
		}
		return a.RoomID.Compare(b.RoomID)
	})
	return func(yield func(key) bool) {
		for _, m := range members {
			if !yield(m.room) {
				return
			}
		}
	}
}

// holdersIn returns who holds the roles of a query in a room, beyond where the
// scan begins.
func (r *rows) holdersIn(room key, s backend.RoleScan) (all []storage.RoleHolder) {
	members := r.membersOfRoom(room)
	if !s.User.IsZero() {
		members = nil
		if m, ok := r.members.Get(pairOf(room, r.userKey(s.User))); ok {
			members = append(members, m)
		}
	}
	compare := func(a, b storage.RoleHolder) int {
		c := cmp.Or(a.RoomID.Compare(b.RoomID), a.UserID.Compare(b.UserID))
		if s.Scan.Desc {
			return -c
		}
		return c
	}
	for _, m := range members {
		u, _ := r.users.Get(m.user)
		h := storage.RoleHolder{UserID: u.ID, Active: u.Active, Role: u.Role, RoomID: m.RoomID, MemberRole: m.Role}
		if !slices.Contains(s.MemberRoles, m.Role) {
			continue
		}
		if s.After == nil || compare(h, storage.RoleHolder{RoomID: s.AfterRoom, UserID: s.After.ID}) > 0 {
			all = append(all, h)
		}
	}
	slices.SortFunc(all, compare)
	return all
}
