package storagetest_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) inviteAt(is func(modelInvite) bool) (int, error) {
	i := slices.IndexFunc(m.invites, is)
	if i < 0 {
		return i, storage.NotFound(storage.EntityInvite, "")
	}
	return i, nil
}

func (m *model) inviteByID(id storage.InviteID) (int, error) {
	return m.inviteAt(func(i modelInvite) bool { return i.ID == id })
}

// inviteByCode finds a live invite.
func (m *model) inviteByCode(code storage.Secret) (int, error) {
	return m.inviteAt(func(i modelInvite) bool { return i.code == code && i.Live(m.now()) })
}

func (m *model) Invite(_ context.Context, id storage.InviteID) (storage.Invite, error) {
	i, err := m.inviteByID(id)
	if err != nil {
		return storage.Invite{}, err
	}
	return m.invites[i].Invite, nil
}

func (m *model) InviteByCode(_ context.Context, code storage.Secret) (storage.Invite, error) {
	i, err := m.inviteByCode(code)
	if err != nil {
		return storage.Invite{}, err
	}
	return m.invites[i].Invite, nil
}

func (m *model) CreateInvite(_ context.Context, given *storage.Invite) (storage.Secret, error) {
	next := *given
	next.Normalize()
	if err := next.Validate(); err != nil {
		return "", err
	}
	if !next.ExpiresAt.IsZero() && !next.ExpiresAt.After(m.now()) {
		return "", storage.Invalid("ExpiresAt", "not in the future")
	}
	room := m.roomAt(next.RoomID)
	switch {
	case room < 0:
		return "", storage.NotFound(storage.EntityRoom, next.RoomID.String())
	case m.rooms[room].Type == storage.RoomDirectMessage:
		return "", storage.Invalid("RoomID", "a direct room")
	}
	if err := m.mayBe(next.InviterID, "InviterID"); err != nil {
		return "", err
	}
	if err := m.mayBe(next.InviteeID, "InviteeID"); err != nil {
		return "", err
	}
	if _, err := m.inviteByID(next.ID); err == nil {
		return "", storage.Duplicate(storage.EntityInvite, next.ID.String(), "ID")
	}
	next.Uses, next.CreatedAt, next.RevokedAt = 0, m.now(), time.Time{}
	m.lastCode++
	code := storage.Secret(fmt.Sprintf("code %d", m.lastCode))
	m.invites = append(m.invites, modelInvite{Invite: next, room: room, code: code})
	*given = next
	return code, nil
}

// names reports whether an invite names a user, by ID or by address.
func (m *model) names(i storage.Invite, user storage.UserID) bool {
	if i.Email != "" {
		return strings.EqualFold(i.Email, m.profiles[user].Email)
	}
	return i.InviteeID == user
}

// isInvited reports whether a user can accept an invite to a room.
func (m *model) isInvited(room int, user storage.UserID) bool {
	return slices.ContainsFunc(m.invites, func(i modelInvite) bool {
		return i.room == room && i.Live(m.now()) && m.names(i.Invite, user)
	})
}

func (m *model) RedeemInvite(ctx context.Context, code storage.Secret, user storage.UserID) (storage.Membership, error) {
	i, err := m.inviteByCode(code)
	if err != nil {
		return storage.Membership{}, err
	}
	if err := m.needUser(user, ""); err != nil {
		return storage.Membership{}, err
	}
	invite := m.invites[i].Invite
	if (!invite.InviteeID.IsZero() || invite.Email != "") && !m.names(invite, user) {
		return storage.Membership{}, storage.NotFound(storage.EntityInvite, "")
	}
	return m.redeem(ctx, i, user)
}

func (m *model) AcceptInvite(ctx context.Context, id storage.InviteID, user storage.UserID) (storage.Membership, error) {
	i, err := m.inviteByID(id)
	if err != nil {
		return storage.Membership{}, err
	}
	if err := m.needUser(user, ""); err != nil {
		return storage.Membership{}, err
	}
	if invite := m.invites[i].Invite; !invite.Live(m.now()) || !m.names(invite, user) {
		return storage.Membership{}, storage.NotFound(storage.EntityInvite, "")
	}
	return m.redeem(ctx, i, user)
}

func (m *model) redeem(ctx context.Context, i int, user storage.UserID) (storage.Membership, error) {
	invite := &m.invites[i]
	member := storage.Membership{RoomID: invite.RoomID, UserID: user, Role: invite.Role, InvitedBy: invite.InviterID}
	err := m.AddMember(ctx, &member)
	if err == nil {
		invite.Uses++
	}
	return member, err
}

func (m *model) RevokeInvite(_ context.Context, id storage.InviteID) error {
	i, err := m.inviteByID(id)
	if err == nil && m.invites[i].RevokedAt.IsZero() {
		m.invites[i].RevokedAt = m.now()
	}
	return err
}

func (m *model) Invites(_ context.Context, q storage.InviteQuery) (storage.Page[storage.Invite], error) {
	var all []storage.Invite
	for _, i := range m.invites {
		if (q.Room.IsZero() || i.RoomID == q.Room) && (q.Inviter.IsZero() || i.InviterID == q.Inviter) &&
			(q.Invitee.IsZero() || m.users[q.Invitee] && m.names(i.Invite, q.Invitee)) &&
			(q.Live == nil || *q.Live == i.Live(m.now())) {
			all = append(all, i.Invite)
		}
	}
	key := func(i storage.Invite) storage.Keyset {
		return storage.Keyset{Int: i.CreatedAt.UnixMicro(), ID: i.ID}
	}
	slices.SortFunc(all, func(a, b storage.Invite) int { return compareKeys(key(b), key(a)) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}
