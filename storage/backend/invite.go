package backend

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// Invite implements storage.InviteReader.
func (r Reader) Invite(ctx context.Context, id storage.InviteID) (storage.Invite, error) {
	return readOne(ctx, r.in, "read invite", unchecked, func(rows Rows) (storage.Invite, error) {
		i, err := rows.Invite(ctx, id)
		return i, missing(err, storage.EntityInvite, id)
	})
}

// InviteByCode implements storage.InviteReader.
func (r Reader) InviteByCode(ctx context.Context, code storage.Secret) (storage.Invite, error) {
	return readOne(ctx, r.in, "read invite by code", unchecked, func(rows Rows) (storage.Invite, error) {
		return liveInvite(ctx, rows, code, r.now())
	})
}

// errNoInvite is the one answer to all that can be wrong with a code.
func errNoInvite() error { return storage.NotFound(storage.EntityInvite, "") }

// liveInvite finds the invite with a code that can be redeemed.
func liveInvite(ctx context.Context, rows Rows, code storage.Secret, now time.Time) (storage.Invite, error) {
	i, err := rows.InviteByCode(ctx, hashCode(code))
	if errors.Is(err, storage.ErrNotFound) || err == nil && !i.Live(now) {
		return storage.Invite{}, errNoInvite()
	}
	return i, err
}

// hashCode returns what is stored of a code. A code is random and long, so
// that a fast hash does.
func hashCode(code storage.Secret) [sha256.Size]byte { return sha256.Sum256([]byte(code)) }

// Invites implements storage.InviteReader.
func (r Reader) Invites(ctx context.Context, q storage.InviteQuery) (storage.Page[storage.Invite], error) {
	var p *pager
	s := InviteScan{InviteQuery: q.WithCursor("")}
	check := func() (err error) {
		s.InviteQuery.Limit = 0
		p, err = newPager(s.InviteQuery, q.Limit, q.Cursor)
		return err
	}
	var items []storage.Invite
	err := r.in.view(ctx, "list invites", check, func(rows Rows) (int, error) {
		if !q.Invitee.IsZero() {
			invitee, err := rows.User(ctx, q.Invitee)
			exists, err := found(err)
			if err != nil || !exists {
				return 0, err
			}
			s.Email = storage.FoldEmail(invitee.Email)
		}
		var err error
		s.Scan, s.Now = p.scan(true), r.now()
		items, err = rows.Invites(ctx, s)
		return len(items), err
	})
	if err != nil {
		return storage.Page[storage.Invite]{}, err
	}
	return page(p, items, func(i storage.Invite) storage.Keyset {
		return storage.Keyset{Int: Micros(i.CreatedAt), ID: i.ID}
	})
}

// CreateInvite implements storage.InviteWriter.
func (w Writer) CreateInvite(ctx context.Context, i *storage.Invite) (storage.Secret, error) {
	var row *InviteRow
	code := storage.Secret(rand.Text()) // 130 random bits
	check := func() error {
		if i == nil {
			return storage.Invalid("i", "nil")
		}
		next := *i
		next.Normalize()
		next.Uses, next.RevokedAt = 0, time.Time{}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		row = &InviteRow{Invite: next, FoldedEmail: storage.FoldEmail(next.Email), CodeHash: hashCode(code)}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "create invite", check, func(t *rules) error { return t.createInvite(ctx, row) })
	if err != nil {
		return "", err
	}
	*i = row.Invite
	return code, nil
}

func (t *rules) createInvite(ctx context.Context, row *InviteRow) error {
	if err := t.toCome("ExpiresAt", row.ExpiresAt); err != nil {
		return err
	}
	room, err := t.rows.RoomState(ctx, row.RoomID)
	if err != nil {
		return missing(err, storage.EntityRoom, row.RoomID)
	}
	if room.Type == storage.RoomDirectMessage {
		return storage.Invalid("RoomID", "a direct room")
	}
	for _, u := range []struct {
		id    storage.UserID
		field string
	}{{row.InviterID, "InviterID"}, {row.InviteeID, "InviteeID"}} {
		if u.id.IsZero() {
			continue
		}
		if err := t.needUser(ctx, u.id, u.field); err != nil {
			return err
		}
	}
	row.CreatedAt = t.now
	err = t.rows.InsertInvite(ctx, row)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntityInvite, row.ID.String(), "ID")
	}
	if err != nil {
		return err
	}
	return t.inviteChanged(ctx, storage.ChangeInviteCreated, row.Invite, row.InviterID)
}

// inviteChanged tells the feed of an invite, and whom it names.
func (t *rules) inviteChanged(ctx context.Context, kind storage.ChangeKind, i storage.Invite, actor storage.UserID) error {
	c := storage.Change{Kind: kind, Actor: actor, RoomID: i.RoomID, InviteID: i.ID, UserID: i.InviteeID}
	if i.Email != "" {
		u, err := t.rows.UserByEmail(ctx, storage.FoldEmail(i.Email))
		if _, err := found(err); err != nil {
			return err
		}
		c.UserID = u.ID
	}
	return t.changed(ctx, c)
}

// RedeemInvite implements storage.InviteWriter.
func (w Writer) RedeemInvite(ctx context.Context, code storage.Secret, user storage.UserID) (storage.Membership, error) {
	return writeOne(ctx, w.in, "redeem invite", unchecked, func(t *rules) (storage.Membership, error) {
		i, err := liveInvite(ctx, t.rows, code, t.now)
		if err != nil {
			return storage.Membership{}, err
		}
		invitee, err := t.rows.User(ctx, user)
		if err != nil {
			return storage.Membership{}, missing(err, storage.EntityUser, user)
		}
		if named(i) && !isFor(i, invitee) {
			return storage.Membership{}, errNoInvite()
		}
		return t.redeem(ctx, i, user)
	})
}

// AcceptInvite implements storage.InviteWriter.
func (w Writer) AcceptInvite(ctx context.Context, id storage.InviteID, user storage.UserID) (storage.Membership, error) {
	return writeOne(ctx, w.in, "accept invite", unchecked, func(t *rules) (storage.Membership, error) {
		i, err := t.rows.Invite(ctx, id)
		if err != nil {
			return storage.Membership{}, missing(err, storage.EntityInvite, id)
		}
		invitee, err := t.rows.User(ctx, user)
		if err != nil {
			return storage.Membership{}, missing(err, storage.EntityUser, user)
		}
		if !i.Live(t.now) || !isFor(i, invitee) {
			return storage.Membership{}, storage.NotFound(storage.EntityInvite, id.String())
		}
		return t.redeem(ctx, i, user)
	})
}

// named reports whether an invite serves one user alone.
func named(i storage.Invite) bool { return !i.InviteeID.IsZero() || i.Email != "" }

// isFor reports whether an invite names a user.
func isFor(i storage.Invite, u storage.User) bool {
	if i.Email != "" {
		return storage.FoldEmail(i.Email) == storage.FoldEmail(u.Email)
	}
	return i.InviteeID == u.ID
}

// redeem makes a user a member by a live invite, and counts the use.
func (t *rules) redeem(ctx context.Context, i storage.Invite, user storage.UserID) (storage.Membership, error) {
	m := storage.Membership{RoomID: i.RoomID, UserID: user, Role: i.Role, InvitedBy: i.InviterID}
	if err := t.addMember(ctx, &m); err != nil {
		return m, err
	}
	i.Uses++
	return m, t.rows.UpdateInvite(ctx, &i)
}

// RevokeInvite implements storage.InviteWriter.
func (w Writer) RevokeInvite(ctx context.Context, id storage.InviteID) error {
	return writeOnly(ctx, w.in, "revoke invite", unchecked, func(t *rules) error {
		i, err := t.rows.Invite(ctx, id)
		if err != nil {
			return missing(err, storage.EntityInvite, id)
		}
		if !i.RevokedAt.IsZero() {
			return nil
		}
		i.RevokedAt = t.now
		if err := t.rows.UpdateInvite(ctx, &i); err != nil {
			return err
		}
		return t.inviteChanged(ctx, storage.ChangeInviteRevoked, i, storage.UserID{})
	})
}
