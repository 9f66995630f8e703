package storagetest_test

// What histories do to rooms, and to who may be in them.

import (
	"context"
	"fmt"
	"time"

	"github.com/lairchat/lair/storage"
)

var (
	modelRoles = []storage.MemberRole{
		storage.MemberMember, storage.MemberOwner, storage.MemberAdmin, storage.MemberModerator, storage.MemberGuest,
	}
	modelNames     = []string{"", "Red", "RED", "blue", "Green"}
	modelPrivacies = []storage.Privacy{
		storage.PrivacyPublic, storage.PrivacyPrivate, storage.PrivacyProtected, storage.PrivacySystem,
	}
)

// access makes one call that is about who may be where.
func (h *history) access() {
	switch h.below(11) {
	case 10:
		h.hold()
	case 0:
		h.createSanction()
	case 1:
		h.liftSanction()
	case 2:
		h.createInvite()
	case 3, 4:
		h.useInvite()
	case 5:
		h.openDirect()
	case 6:
		h.setRoles()
	case 7:
		h.setRules()
	case 8:
		h.updateRoom()
	case 9:
		h.account()
	}
}

// later draws a time that is mostly to come, or none.
func (d *draws) later() time.Time {
	return oneOf(d, time.Time{}, d.m.now().Add(time.Second), d.m.now().Add(time.Minute), d.m.now().Add(time.Hour), d.moment())
}

func (h *history) createSanction() {
	v := storage.Sanction{
		ID: h.id(), UserID: h.user(), RoomID: h.room(), ModeratorID: h.maybe(), ExpiresAt: h.later(),
		Kind: oneOf(h.draws, storage.SanctionMute, storage.SanctionBan, storage.SanctionKick),
	}
	if h.oneIn(4) {
		v.RoomID = storage.RoomID{}
	}
	if v.Kind == storage.SanctionKick && h.below(10) > 0 {
		v.ExpiresAt = time.Time{}
	}
	if h.oneIn(20) {
		v.ID = h.sanction()
	}
	h.sanctions = append(h.sanctions, v.ID)
	h.call(say("CreateSanction(%s)", v), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := v
		err := s.CreateSanction(ctx, &next)
		return next, err
	})
}

func (h *history) liftSanction() {
	id, by := h.sanction(), h.maybe()
	h.call(say("LiftSanction(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.LiftSanction(ctx, id, by))
	})
}

func (h *history) createInvite() {
	v := storage.Invite{
		ID: h.id(), RoomID: h.room(), InviterID: h.maybe(), ExpiresAt: h.later(),
		Role: oneOf(h.draws, append(modelRoles, 0)...), MaxUses: int64(h.below(3)),
	}
	switch h.below(4) {
	case 0:
		v.InviteeID = h.user()
	case 1:
		v.Email = fmt.Sprintf("User%d@Example.org", 1+h.below(4))
	}
	if h.oneIn(20) {
		v.ID = h.invite()
	}
	h.invites = append(h.invites, v.ID)
	store := 0
	h.call(say("CreateInvite(%s)", v), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := v
		code, err := s.CreateInvite(ctx, &next)
		if err == nil {
			h.codes[store][v.ID] = code
		}
		store++
		return next, err
	})
}

// useInvite redeems an invite by its code, or accepts or revokes it.
func (h *history) useInvite() {
	id, user := h.invite(), h.user()
	switch h.below(5) {
	case 0:
		h.call(say("RevokeInvite(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.RevokeInvite(ctx, id)
		})
	case 1, 2:
		h.call(say("AcceptInvite(%s, %s)", id, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.AcceptInvite(ctx, id, user))
		})
	default:
		store := -1
		h.call(say("RedeemInvite(%s, %s)", id, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			store++
			return value(s.RedeemInvite(ctx, h.codes[store][id], user))
		})
	}
}

// opened is what OpenDirectRoom returns.
type opened struct {
	Room    storage.Room
	Created bool
}

func (h *history) openDirect() {
	a, b := h.user(), h.user()
	h.uuid = h.id()
	h.call(say("OpenDirectRoom(%s, %s) as %s", a, b, storage.RoomID(h.uuid)), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		room, created, err := s.OpenDirectRoom(ctx, a, b)
		return opened{room, created}, err
	})
	if h.model.roomAt(h.uuid) >= 0 {
		h.rooms = append(h.rooms, h.uuid)
	}
}

func (h *history) setRoles() {
	room := h.room()
	user, other, role := h.member(room), h.member(room), oneOf(h.draws, modelRoles...)
	switch h.below(3) {
	case 0:
		h.call(say("SetMemberRole(%s, %s, %s)", room, user, role), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.SetMemberRole(ctx, room, user, role)
		})
	case 1:
		if h.below(3) > 0 {
			user = h.owner(room)
		}
		h.call(say("TransferOwnership(%s, %s, %s)", room, user, other), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.TransferOwnership(ctx, room, user, other)
		})
	case 2:
		h.call(say("TouchMember(%s, %s)", room, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.TouchMember(ctx, room, user)
		})
	}
}

// owner draws an owner of a room, mostly.
func (d *draws) owner(room storage.RoomID) storage.UserID {
	return recent(d, d.users, func(id storage.UserID) bool {
		return d.m.members[modelSeat{d.m.roomAt(room), id}].Role == storage.MemberOwner
	})
}

// rules draws a room's settings, mostly none.
func (d *draws) rules() (s storage.RoomSettings) {
	switch d.below(9) {
	case 8:
		s.RetentionDays, s.RetentionMax = int64(d.below(2)), int64(1+d.below(4))
	case 3, 4:
		s.HistoryHidden = true
	case 5:
		s.MaxMembers = int64(1 + d.below(3))
	case 6:
		s.RateLimit = int64(1 + d.below(3))
	case 7:
		s.Uploads.Forbidden, s.Moderated = d.oneIn(2), true
	}
	return s
}

func (h *history) setRules() {
	room, rules := h.room(), h.rules()
	h.call(say("UpdateRoomSettings(%s, %s)", room, rules), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.UpdateRoomSettings(ctx, room, rules))
	})
}

func (h *history) updateRoom() {
	room, p := h.room(), storage.RoomPatch{}
	if h.oneIn(3) {
		p.Name = new(oneOf(h.draws, modelNames...))
	}
	if h.oneIn(3) {
		p.Topic = new(h.text())
	}
	if h.oneIn(3) {
		p.Privacy = new(oneOf(h.draws, modelPrivacies...))
	}
	if h.oneIn(3) {
		p.ExpiresAt = new(oneOf(h.draws, time.Time{}, h.later()))
	}
	if h.oneIn(8) {
		p.IfVersion = int64(h.below(4) - 1)
	}
	h.call(say("UpdateRoom(%s, %s)", room, p), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.UpdateRoom(ctx, room, p))
	})
}
