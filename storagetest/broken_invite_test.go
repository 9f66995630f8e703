package storagetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

var inviteFaults = []fault{
	{name: "codes that can be guessed", caught: "invite/codes", open: accessWrites{
		createInvite: func(ctx context.Context, w storage.ReadWriter, i *storage.Invite) (storage.Secret, error) {
			code, err := w.CreateInvite(ctx, i)
			return code[:min(len(code), 8)], err
		},
	}.opener()},
	{name: "the last use is not counted", caught: "invite/uses", open: accessReads{
		invite: func(i *storage.Invite) { i.Uses = max(0, i.Uses-1) },
	}.opener()},
	{name: "invites without an end of uses", caught: "invite/uses", open: inviting(func(i *storage.Invite) { i.MaxUses = 0 })},
	{name: "invites that do not expire", caught: "invite/expiry", open: inviting(func(i *storage.Invite) { i.ExpiresAt = time.Time{} })},
	{name: "invites in the past", caught: "invite/create refuses", open: inviting(func(i *storage.Invite) {
		if i.ExpiresAt.Before(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)) {
			i.ExpiresAt = time.Time{}
		}
	})},
	{name: "invites for one serve all", caught: "invite/to one user", open: inviting(func(i *storage.Invite) { i.InviteeID = storage.UserID{} })},
	{name: "invites to an address serve all", caught: "invite/to an address", open: inviting(func(i *storage.Invite) { i.Email = "" })},
	{name: "invites that cannot be revoked", caught: "invite/revocation", open: accessWrites{
		revoke: func(ctx context.Context, w storage.ReadWriter, id storage.InviteID) error {
			_, err := w.Invite(ctx, id)
			return err
		},
	}.opener()},
	{name: "the role of an invite is lost", caught: "invite/redeem with a role", open: redeemed(func(m *storage.Membership) { m.Role = storage.MemberMember })},
	{name: "who invited is lost", caught: "invite/redeem", open: redeemed(func(m *storage.Membership) { m.InvitedBy = storage.UserID{} })},
	{name: "addresses are compared as typed", caught: "invite/to an address", open: accessWrites{redeem: redeemTyped}.opener()},
	{name: "a wrong code tells more", caught: "invite/wrong codes tell nothing", open: accessWrites{
		redeem: func(ctx context.Context, w storage.ReadWriter, code storage.Secret, user storage.UserID) (storage.Membership, error) {
			m, err := w.RedeemInvite(ctx, code, user)
			var e *storage.Error
			if i, found := w.InviteByCode(ctx, code); found == nil && errors.As(err, &e) {
				e.ID = i.ID.String()
			}
			return m, err
		},
	}.opener()},
	{name: "any invite is accepted", caught: "invite/accept", open: accessWrites{accept: acceptAny}.opener()},
	{name: "invites to an address are not listed", caught: "invite/list of an invitee", open: accessReads{
		keep: func(i storage.Invite) bool { return i.Email == "" },
	}.opener()},
	{name: "invites of all rooms", caught: "invite/list", open: listedInvites(func(q *storage.InviteQuery) { q.Room = storage.RoomID{} })},
	{name: "invites by everybody", caught: "invite/list", open: listedInvites(func(q *storage.InviteQuery) { q.Inviter = storage.UserID{} })},
	{name: "invites of everybody", caught: "invite/list", open: listedInvites(func(q *storage.InviteQuery) { q.Invitee = storage.UserID{} })},
	{name: "invites live or not", caught: "invite/list", open: listedInvites(func(q *storage.InviteQuery) { q.Live = nil })},
}

func listedInvites(change func(*storage.InviteQuery)) opener {
	return accessReads{invites: change}.opener()
}

// inviting stores other invites than it was given, and says nothing of it.
func inviting(change func(*storage.Invite)) opener {
	return accessWrites{
		createInvite: func(ctx context.Context, w storage.ReadWriter, i *storage.Invite) (storage.Secret, error) {
			next := *i
			change(&next)
			code, err := w.CreateInvite(ctx, &next)
			if err == nil {
				uses, expires, invitee, email := i.MaxUses, i.ExpiresAt, i.InviteeID, i.Email
				*i = next
				i.MaxUses, i.ExpiresAt, i.InviteeID, i.Email = uses, expires, invitee, email
			}
			return code, err
		},
	}.opener()
}

// redeemed makes other members than an invite says.
func redeemed(change func(*storage.Membership)) opener {
	return accessWrites{
		redeem: func(ctx context.Context, w storage.ReadWriter, code storage.Secret, user storage.UserID) (storage.Membership, error) {
			m, err := w.RedeemInvite(ctx, code, user)
			if err == nil {
				change(&m)
			}
			return m, err
		},
	}.opener()
}

func noInvite() error {
	return &storage.Error{Op: "redeem invite", Entity: storage.EntityInvite, Kind: storage.ErrNotFound}
}

func redeemTyped(ctx context.Context, w storage.ReadWriter, code storage.Secret, user storage.UserID) (storage.Membership, error) {
	i, err := w.InviteByCode(ctx, code)
	if err != nil {
		return storage.Membership{}, err
	}
	if u, err := w.User(ctx, user); err == nil && i.Email != "" && i.Email != u.Email {
		return storage.Membership{}, noInvite()
	}
	return w.RedeemInvite(ctx, code, user)
}

func acceptAny(ctx context.Context, w storage.ReadWriter, id storage.InviteID, user storage.UserID) (storage.Membership, error) {
	m, err := w.AcceptInvite(ctx, id, user)
	if i, found := w.Invite(ctx, id); errors.Is(err, storage.ErrNotFound) && found == nil && i.InviteeID.IsZero() && i.Email == "" {
		m = storage.Membership{RoomID: i.RoomID, UserID: user, Role: i.Role, InvitedBy: i.InviterID}
		return m, w.AddMember(ctx, &m)
	}
	return m, err
}
