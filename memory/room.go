package memory

import (
	"context"
	"iter"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
	"github.com/lairchat/lair/storage/search"
)

// room is a room as it is kept. What messages and members change is apart, so
// that they need not copy the rest.
type room struct {
	row     *backend.RoomRow // never changed; its counters and its creator mean nothing
	key     key
	creator key

	lastSeq       int64
	lastMessageAt time.Time
	messages      int64
	members       int64
}

// roomKey returns the key of a room, 0 if there is none with the ID.
func (s *state) roomKey(id storage.RoomID) key {
	e, _ := s.roomIDs.Get(identified[key]{id: id})
	return e.key
}

func (s *state) roomAt(k key) (storage.Room, bool) {
	r, ok := s.rooms.Get(k)
	if !ok {
		return storage.Room{}, false
	}
	return s.readRoom(r), true
}

func (s *state) room(id storage.RoomID) (storage.Room, bool) { return s.roomAt(s.roomKey(id)) }

// readRoom puts a room together. Its slices are still the store's own.
func (s *state) readRoom(r *room) storage.Room {
	room := r.row.Room
	room.CreatorID = s.userID(r.creator)
	room.LastSeq, room.LastMessageAt = r.lastSeq, r.lastMessageAt
	room.MessageCount, room.MemberCount = r.messages, r.members
	return room
}

func (r *rows) Room(_ context.Context, id storage.RoomID) (storage.Room, error) {
	return found(r.room(id))
}

func (r *rows) RoomByName(_ context.Context, folded string) (storage.Room, error) {
	return found(r.roomAt(keyOfText(&r.roomNames, folded)))
}

func (r *rows) RoomState(_ context.Context, id storage.RoomID) (backend.RoomState, error) {
	room, ok := r.rooms.Get(r.roomKey(id))
	if !ok {
		return backend.RoomState{}, storage.ErrNotFound
	}
	return backend.RoomState{
		Type: room.row.Type, Active: room.row.Active, ExpiresAt: room.row.ExpiresAt,
		RateLimit: room.row.Settings.RateLimit, LastSeq: room.lastSeq,
	}, nil
}

func (r *rows) RoomsByID(_ context.Context, ids []storage.RoomID) ([]storage.Room, error) {
	return each(ids, r.room), nil
}

func (r *rows) Rooms(_ context.Context, s backend.RoomScan) ([]storage.Room, error) {
	return list(r.roomsInOrder(r.roomFilter(s)), s.Scan.Limit, r.readRoom), nil
}

// roomFilter is a query with what is looked up once for all rooms.
type roomFilter struct {
	backend.RoomScan
	invited map[key]struct{} // rooms that VisibleTo has a live invite to
}

func (r *rows) roomFilter(s backend.RoomScan) *roomFilter {
	f := &roomFilter{RoomScan: s, invited: map[key]struct{}{}}
	if s.VisibleTo.IsZero() {
		return f
	}
	user := r.userKey(s.VisibleTo)
	for i := range r.allInvites() {
		if isFor(i, user, s.Email) && i.Live(s.Now) {
			f.invited[i.room] = struct{}{}
		}
	}
	return f
}

// roomsInOrder walks the rooms that a query selects.
func (r *rows) roomsInOrder(s *roomFilter) iter.Seq[*room] {
	return func(yield func(*room) bool) {
		for e := range r.roomEntries(s) {
			room, _ := r.rooms.Get(e.key)
			if r.selectsRoom(s, room) && !yield(room) {
				return
			}
		}
	}
}

// roomEntries walks an index where one has the order and is not much longer
// than what is wanted of it.
func (r *rows) roomEntries(s *roomFilter) iter.Seq[entry] {
	after := intAfter(s.After)
	if s.Order == storage.RoomsByName {
		after = textAfter(s.After)
	}
	switch {
	case s.Member.IsZero() && s.Order == storage.RoomsByName:
		return beyond(&r.roomNames, after, s.Desc)
	case s.Member.IsZero() && s.Order == storage.RoomsByCreation:
		return beyond(&r.roomCreations, after, s.Desc)
	}
	top := newTop(after, s.Scan)
	for room := range r.roomsToLookAt(s) {
		if r.selectsRoom(s, room) {
			top.add(roomEntry(s.Order, room))
		}
	}
	return slices.Values(top.first())
}

// roomsToLookAt walks all rooms that a query can select, in no order.
func (r *rows) roomsToLookAt(s *roomFilter) iter.Seq[*room] {
	return func(yield func(*room) bool) {
		if s.Member.IsZero() {
			r.rooms.Scan(func(_ key, room *room) bool { return yield(room) })
			return
		}
		for p := range within(&r.memberOf, spanOf(r.userKey(s.Member)), false) {
			if room, _ := r.rooms.Get(p.minor()); !yield(room) {
				return
			}
		}
	}
}

func roomEntry(o storage.RoomOrder, r *room) entry {
	e := entry{id: r.row.ID, key: r.key}
	switch o {
	case storage.RoomsByCreation:
		e.n = backend.Micros(r.row.CreatedAt)
	case storage.RoomsByActivity:
		e.n = backend.Micros(r.lastMessageAt)
	case storage.RoomsByMembers:
		e.n = r.members
	default:
		e.text = r.row.FoldedName
	}
	return e
}

func (r *rows) CountRooms(_ context.Context, s backend.RoomScan) (int64, error) {
	var n int64
	filter := r.roomFilter(s)
	for room := range r.roomsToLookAt(filter) {
		if r.selectsRoom(filter, room) {
			n++
		}
	}
	return n, nil
}

// selectsRoom tests everything but membership.
func (r *rows) selectsRoom(s *roomFilter, room *room) bool {
	row := room.row
	switch {
	case len(s.Types) > 0 && !slices.Contains(s.Types, row.Type),
		len(s.Privacies) > 0 && !slices.Contains(s.Privacies, row.Privacy),
		!s.Creator.IsZero() && s.Creator != r.userID(room.creator),
		s.Active != nil && *s.Active != row.Active,
		s.Expired != nil && *s.Expired != row.Expired(s.Now),
		!s.VisibleTo.IsZero() && !r.visible(s, room):
		return false
	}
	return search.MatchWords(row.Words, s.Prefixes)
}

// visible reports whether a user may find a room.
func (r *rows) visible(s *roomFilter, room *room) bool {
	user := r.userKey(s.VisibleTo)
	if _, member := r.members.Get(pairOf(room.key, user)); member {
		return true
	}
	if _, invited := s.invited[room.key]; invited {
		return true
	}
	open := room.row.Privacy == storage.PrivacyPublic || room.row.Privacy == storage.PrivacyProtected
	return open && room.row.Active && !room.row.Expired(s.Now) &&
		!slices.ContainsFunc(r.sanctionsBinding(user, room.key, s.Now), func(v *sanction) bool {
			return v.Kind == storage.SanctionBan
		})
}
