package memory

import (
	"context"
	"iter"
	"math"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// member is a membership as it is kept.
type member struct {
	storage.Membership // never changed; its inviter means nothing
	room, user         key
	inviter            key
}

// joining is a place in the order in which the members of a room joined.
type joining struct {
	room key
	entry
}

func lessJoinings(a, b joining) bool {
	if a.room != b.room {
		return a.room < b.room
	}
	return lessEntries(a.entry, b.entry)
}

func (m *member) joining() joining {
	return joining{m.room, entry{n: backend.Micros(m.JoinedAt), id: m.UserID, key: m.user}}
}

// membership returns the membership of a room and a user, and whether there
// is one.
func (s *state) membership(room storage.RoomID, user storage.UserID) (*member, bool) {
	r, u := s.roomKey(room), s.userKey(user)
	if r == 0 || u == 0 {
		return nil, false
	}
	return s.members.Get(pairOf(r, u))
}

// readMember puts a membership together. Its slices are still the store's own.
func (s *state) readMember(m *member) storage.Membership {
	membership := m.Membership
	membership.InvitedBy = s.userID(m.inviter)
	return membership
}

func (r *rows) Membership(_ context.Context, room storage.RoomID, user storage.UserID) (storage.Membership, error) {
	m, ok := r.membership(room, user)
	if !ok {
		return storage.Membership{}, storage.ErrNotFound
	}
	return r.readMember(m).Clone(), nil
}

func (r *rows) IsMember(_ context.Context, room storage.RoomID, user storage.UserID) (bool, error) {
	_, ok := r.membership(room, user)
	return ok, nil
}

func (r *rows) Memberships(_ context.Context, s backend.MembershipScan) ([]storage.Membership, error) {
	return list(r.membersInOrder(s), s.Scan.Limit, r.readMember), nil
}

// membersInOrder walks the memberships that a query selects.
func (r *rows) membersInOrder(s backend.MembershipScan) iter.Seq[*member] {
	room := r.roomKey(s.Room)
	if room != 0 && s.Order == storage.MembersByJoining {
		return r.membersByJoining(room, s)
	}
	members := r.membersToLookAt(&s)
	top := newTop(intAfter(s.After), s.Scan)
	for i, m := range members {
		if selectsMember(&s, m) {
			top.add(memberEntry(&s, m, i))
		}
	}
	return func(yield func(*member) bool) {
		for _, e := range top.first() {
			if !yield(members[e.key]) {
				return
			}
		}
	}
}

// memberEntry is a membership's place in the order of a query, with its index
// for a key.
func memberEntry(s *backend.MembershipScan, m *member, i int) entry {
	e := entry{n: backend.Micros(m.JoinedAt), id: m.RoomID, key: key(i)}
	if s.Order == storage.MembersByActivity {
		e.n = backend.Micros(m.LastActiveAt)
	}
	if !s.Room.IsZero() {
		e.id = m.UserID
	}
	return e
}

func (r *rows) membersByJoining(room key, s backend.MembershipScan) iter.Seq[*member] {
	return func(yield func(*member) bool) {
		after := intAfter(s.After)
		visit := func(j joining) bool {
			if j.room != room {
				return false
			}
			if after != nil && compareEntries(j.entry, *after) == 0 {
				return true
			}
			m, _ := r.members.Get(pairOf(room, j.key))
			return !selectsMember(&s, m) || yield(m)
		}
		switch {
		case s.Desc && after == nil:
			r.joinings.Descend(joining{room + 1, entry{n: math.MinInt64}}, visit)
		case s.Desc:
			r.joinings.Descend(joining{room, *after}, visit)
		case after == nil:
			r.joinings.Ascend(joining{room, entry{n: math.MinInt64}}, visit)
		default:
			r.joinings.Ascend(joining{room, *after}, visit)
		}
	}
}

func (r *rows) CountMembers(_ context.Context, s backend.MembershipScan) (int64, error) {
	room, ok := r.rooms.Get(r.roomKey(s.Room))
	if ok && len(s.Roles) == 0 && s.ActiveSince.IsZero() {
		return room.members, nil
	}
	var n int64
	for _, m := range r.membersToLookAt(&s) {
		if selectsMember(&s, m) {
			n++
		}
	}
	return n, nil
}

// membersToLookAt returns all memberships that a query can select, in no
// order.
func (r *rows) membersToLookAt(s *backend.MembershipScan) []*member {
	if !s.Room.IsZero() {
		return r.membersOfRoom(r.roomKey(s.Room))
	}
	return r.membersOfUser(r.userKey(s.User))
}

func selectsMember(s *backend.MembershipScan, m *member) bool {
	if len(s.Roles) > 0 && !slices.Contains(s.Roles, m.Role) {
		return false
	}
	return s.ActiveSince.IsZero() || !m.LastActiveAt.IsZero() && !m.LastActiveAt.Before(s.ActiveSince)
}

func (s *state) membersOfRoom(room key) []*member {
	var members []*member
	for _, m := range within(&s.members, spanOf(room), false) {
		members = append(members, m)
	}
	return members
}

func (s *state) membersOfUser(user key) []*member {
	var members []*member
	for p := range within(&s.memberOf, spanOf(user), false) {
		m, _ := s.members.Get(pairOf(p.minor(), user))
		members = append(members, m)
	}
	return members
}

func (r *rows) InsertMembership(_ context.Context, m *storage.Membership) error {
	into, user := r.roomKey(m.RoomID), r.userKey(m.UserID)
	if into == 0 || user == 0 {
		return storage.ErrNotFound
	}
	r.addMember(&member{Membership: m.Clone(), room: into, user: user, inviter: r.userKey(m.InvitedBy)})
	r.changeRoom(into, func(r *room) { r.members++ })
	return nil
}

func (r *rows) UpdateMembership(_ context.Context, m *storage.Membership) error {
	old, ok := r.membership(m.RoomID, m.UserID)
	if !ok {
		return storage.ErrNotFound
	}
	r.joinings.Delete(old.joining())
	r.addMember(&member{Membership: m.Clone(), room: old.room, user: old.user, inviter: r.userKey(m.InvitedBy)})
	return nil
}

func (r *rows) DeleteMembership(_ context.Context, room storage.RoomID, user storage.UserID) error {
	m, ok := r.membership(room, user)
	if !ok {
		return storage.ErrNotFound
	}
	r.removeMember(m)
	return nil
}

// addMember stores a membership and its index entries.
func (s *state) addMember(m *member) {
	s.members.Set(pairOf(m.room, m.user), m)
	s.memberOf.Set(pairOf(m.user, m.room), struct{}{})
	s.joinings.Set(m.joining())
}

// removeMember takes a membership away and lowers the room's count.
func (s *state) removeMember(m *member) {
	s.members.Delete(pairOf(m.room, m.user))
	s.memberOf.Delete(pairOf(m.user, m.room))
	s.joinings.Delete(m.joining())
	s.changeRoom(m.room, func(r *room) { r.members-- })
}
