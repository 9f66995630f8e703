package storagetest_test

// What histories look at of rooms, and of who may be in them.

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// lookAtAccess makes a few calls that read.
func (h *history) lookAtAccess() {
	switch h.below(6) {
	case 0, 1:
		h.lookAtRooms(h.roomQuery())
	case 2:
		h.lookAtMembers(h.memberQuery())
	case 3:
		h.lookAtInvites(h.inviteQuery())
	case 4:
		h.lookAtSanctions(h.sanctionQuery())
	case 5:
		h.authorize(h.user(), h.room())
		h.lookAtRoomsOf(h.user())
		h.lookAtDirect(h.user(), h.user())
	}
}

func (h *history) lookAtRooms(q storage.RoomQuery) {
	h.quietly(say("Rooms(%s)", q), walk(func(s storage.ReadWriter) lister[storage.RoomQuery, storage.Room] {
		return s.Rooms
	}, q))
	h.quietly(say("CountRooms(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountRooms(ctx, q))
	})
	name, ids := oneOf(h.draws, modelNames...), []storage.RoomID{h.room(), h.room(), h.room()}
	h.quietly(say("RoomByName(%s)", name), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.RoomByName(ctx, name))
	})
	h.quietly(say("RoomsByID(%s)", ids), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.RoomsByID(ctx, ids...))
	})
}

func (h *history) roomQuery() storage.RoomQuery {
	q := storage.RoomQuery{
		Order: oneOf(h.draws, 0, storage.RoomsByCreation, storage.RoomsByActivity, storage.RoomsByMembers),
		Limit: 1 + h.below(3),
	}
	if h.oneIn(2) {
		q.VisibleTo = h.user()
	}
	if h.oneIn(3) {
		q.Member = h.user()
	}
	if h.oneIn(5) {
		q.Creator = h.user()
	}
	if h.oneIn(4) {
		q.Expired = new(h.oneIn(2))
	}
	if h.oneIn(5) {
		q.Active = new(h.oneIn(2))
	}
	if h.oneIn(5) {
		q.Text = oneOf(h.draws, "r", "APP", "blue", "plum ch", "gree ", " ", "zebra")
	}
	if h.oneIn(6) {
		q.Types = []storage.RoomType{storage.RoomGroup, storage.RoomDirectMessage}
	}
	if h.oneIn(6) {
		q.Privacies = []storage.Privacy{oneOf(h.draws, modelPrivacies...)}
	}
	return q
}

func (h *history) lookAtMembers(q storage.MembershipQuery) {
	h.quietly(say("Memberships(%s)", q), walk(func(s storage.ReadWriter) lister[storage.MembershipQuery, storage.Membership] {
		return s.Memberships
	}, q))
	h.quietly(say("CountMembers(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.CountMembers(ctx, q))
	})
}

func (h *history) memberQuery() storage.MembershipQuery {
	q := storage.MembershipQuery{Order: oneOf(h.draws, 0, storage.MembersByActivity), Limit: 1 + h.below(3)}
	if h.oneIn(2) {
		q.User = h.user()
	} else {
		q.Room = h.room()
	}
	if h.oneIn(4) {
		q.Roles = []storage.MemberRole{oneOf(h.draws, modelRoles...), storage.MemberOwner}
	}
	if h.oneIn(5) {
		q.ActiveSince = h.moment()
	}
	return q
}

func (h *history) lookAtInvites(q storage.InviteQuery) {
	h.quietly(say("Invites(%s)", q), walk(func(s storage.ReadWriter) lister[storage.InviteQuery, storage.Invite] {
		return s.Invites
	}, q))
	id := h.invite()
	h.quietly(say("Invite(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Invite(ctx, id))
	})
	store := -1
	h.quietly(say("InviteByCode(that of %s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		store++
		return value(s.InviteByCode(ctx, h.codes[store][id]))
	})
}

func (h *history) inviteQuery() storage.InviteQuery {
	q := storage.InviteQuery{Limit: 1 + h.below(3)}
	if h.oneIn(3) {
		q.Room = h.room()
	}
	if h.oneIn(4) {
		q.Inviter = h.user()
	}
	if h.oneIn(3) {
		q.Invitee = h.user()
	}
	if h.oneIn(2) {
		q.Live = new(h.oneIn(2))
	}
	return q
}

func (h *history) lookAtSanctions(q storage.SanctionQuery) {
	h.quietly(say("Sanctions(%s)", q), walk(func(s storage.ReadWriter) lister[storage.SanctionQuery, storage.Sanction] {
		return s.Sanctions
	}, q))
	id, user, room := h.sanction(), h.user(), oneOf(h.draws, storage.RoomID{}, h.room())
	h.quietly(say("Sanction(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Sanction(ctx, id))
	})
	for _, kind := range []storage.SanctionKind{storage.SanctionBan, storage.SanctionMute} {
		h.quietly(say("ActiveSanction(%s, %s, %s)", user, room, kind), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.ActiveSanction(ctx, user, room, kind))
		})
	}
}

func (h *history) sanctionQuery() storage.SanctionQuery {
	q := storage.SanctionQuery{InForce: h.oneIn(2), Limit: 1 + h.below(3)}
	if h.oneIn(3) {
		q.User = h.user()
	}
	switch h.below(4) {
	case 2:
		q.Room = h.room()
	case 3:
		q.Everywhere = true
	}
	if h.oneIn(4) {
		q.Moderator = h.user()
	}
	if h.oneIn(4) {
		q.Kinds = []storage.SanctionKind{oneOf(h.draws, storage.SanctionBan, storage.SanctionMute), storage.SanctionKick}
	}
	return q
}

// authorize asks what a user may do in a room.
func (h *history) authorize(user storage.UserID, room storage.RoomID) {
	for action := storage.ActionJoin; action.Valid(); action++ {
		h.quietly(say("Authorize(%s, %s, %s)", user, room, action), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, storage.Authorize(ctx, s, user, room, action)
		})
	}
}

func (h *history) lookAtDirect(a, b storage.UserID) {
	h.quietly(say("DirectRoom(%s, %s)", a, b), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.DirectRoom(ctx, a, b))
	})
}

// lookAtRoomsOf compares the rooms of a user: the latest, and then all others
// at once.
func (h *history) lookAtRoomsOf(user storage.UserID) {
	q := storage.RoomQuery{Member: user, Order: storage.RoomsByActivity, Limit: 1}
	h.quietly(say("Rooms(%s), others", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		first, err := s.Rooms(ctx, q)
		if err != nil || first.Next == "" {
			return first.Items, err
		}
		rest := q.WithCursor(first.Next)
		rest.Limit = storage.MaxLimit
		others, err := s.Rooms(ctx, rest)
		if err != nil {
			return nil, err
		}
		rest.Cursor = others.Prev
		back, err := s.Rooms(ctx, rest)
		return [][]storage.Room{first.Items, others.Items, back.Items}, err
	})
}

// lookAtAllAccess compares all that the stores hold of it.
func (h *history) lookAtAllAccess() {
	h.lookAtRooms(storage.RoomQuery{Limit: 2})
	h.lookAtInvites(storage.InviteQuery{Limit: 2})
	h.lookAtSanctions(storage.SanctionQuery{Limit: 2})
	h.lookAtHolds(storage.HoldQuery{Limit: 2, WithReleased: true})
	h.lookAtHolds(storage.HoldQuery{Limit: 2})
	h.lookAtDue()
	for _, user := range h.users {
		h.lookAtRooms(storage.RoomQuery{VisibleTo: user, Order: storage.RoomsByActivity})
		h.lookAtMembers(storage.MembershipQuery{User: user})
		h.lookAtRoomsOf(user)
		for _, room := range h.rooms {
			h.authorize(user, room)
		}
		for _, other := range h.users {
			h.lookAtDirect(user, other)
		}
	}
}
