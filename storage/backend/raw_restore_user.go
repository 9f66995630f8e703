package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// Raw records of users, of rooms, and of who may come in.

func (r *restorer) user(ctx context.Context, v *storage.RawUser) error {
	row, err := userRow(v.User)
	if err != nil {
		return err
	}
	if err := r.freeUser(ctx, row, &UserRow{}); err != nil {
		return err
	}
	exists, err := r.rows.UserExists(ctx, row.ID)
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityUser, row.ID.String(), "ID")
	}
	r.users[row.ID] = true
	return r.rows.InsertUser(ctx, row)
}

func (r *restorer) block(ctx context.Context, b *storage.Block) error {
	if err := r.need(ctx, "UserID", b.UserID); err != nil {
		return err
	}
	if err := r.need(ctx, "BlockedID", b.BlockedID); err != nil {
		return err
	}
	exists, err := r.rows.HasBlocked(ctx, b.UserID, b.BlockedID)
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate("", "", "BlockedID")
	}
	return r.rows.InsertBlock(ctx, b)
}

func (r *restorer) room(ctx context.Context, v *storage.RawRoom) error {
	row, err := roomRow(v.Room)
	if err != nil {
		return err
	}
	if err := r.need(ctx, "CreatorID", row.CreatorID); err != nil {
		return err
	}
	if err := r.freeRoom(ctx, row, ""); err != nil {
		return err
	}
	exists, err := found(r.roomError(ctx, row.ID))
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityRoom, row.ID.String(), "ID")
	}
	if err := r.rows.InsertRoom(ctx, row); err != nil {
		return err
	}
	if err := r.raw.RestoreRoom(ctx, row.ID, v.LastSeq, v.LastMessageAt); err != nil {
		return err
	}
	return r.pair(ctx, v)
}

// pair makes a room the direct one of two users.
func (r *restorer) pair(ctx context.Context, v *storage.RawRoom) error {
	if v.Pair[0].IsZero() {
		return nil
	}
	for _, user := range v.Pair {
		if err := r.need(ctx, "Pair", user); err != nil {
			return err
		}
	}
	_, err := r.rows.DirectRoom(ctx, v.Pair[0], v.Pair[1])
	exists, err := found(err)
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityRoom, v.ID.String(), "Pair")
	}
	return r.rows.InsertDirectRoom(ctx, v.Pair[0], v.Pair[1], v.ID)
}

func (r *restorer) membership(ctx context.Context, m *storage.Membership) error {
	room, err := r.needRoom(ctx, m.RoomID)
	if err != nil {
		return err
	}
	if err := r.need(ctx, "UserID", m.UserID); err != nil {
		return err
	}
	if err := r.need(ctx, "InvitedBy", m.InvitedBy); err != nil {
		return err
	}
	if m.ReadSeq > room.LastSeq {
		return storage.Invalid("ReadSeq", "beyond the last message")
	}
	exists, err := r.rows.IsMember(ctx, m.RoomID, m.UserID)
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityMembership, m.RoomID.String()+" "+m.UserID.String(), "UserID")
	}
	return r.rows.InsertMembership(ctx, m)
}

func (r *restorer) invite(ctx context.Context, v *storage.RawInvite) error {
	if _, err := r.needRoom(ctx, v.RoomID); err != nil {
		return err
	}
	if err := r.need(ctx, "InviterID", v.InviterID); err != nil {
		return err
	}
	if err := r.need(ctx, "InviteeID", v.InviteeID); err != nil {
		return err
	}
	row := &InviteRow{Invite: v.Invite, FoldedEmail: storage.FoldEmail(v.Email), CodeHash: hashOf(v.CodeHash)}
	if v.CodeHash != "" {
		_, err := r.rows.InviteByCode(ctx, row.CodeHash)
		switch taken, err := found(err); {
		case err != nil:
			return err
		case taken:
			return storage.Duplicate(storage.EntityInvite, v.ID.String(), "CodeHash")
		}
	}
	return twice(storage.EntityInvite, v.ID.String(), "ID", r.rows.InsertInvite(ctx, row))
}

func (r *restorer) sanction(ctx context.Context, v *storage.Sanction) error {
	if !v.RoomID.IsZero() {
		if _, err := r.needRoom(ctx, v.RoomID); err != nil {
			return err
		}
	}
	for _, user := range []struct {
		field string
		id    storage.UserID
	}{{"UserID", v.UserID}, {"ModeratorID", v.ModeratorID}, {"LiftedBy", v.LiftedBy}} {
		if err := r.need(ctx, user.field, user.id); err != nil {
			return err
		}
	}
	return twice(storage.EntitySanction, v.ID.String(), "ID", r.rows.InsertSanction(ctx, v))
}

// hold asks for what a hold covers only while it stands: one that was released
// may name what is gone.
func (r *restorer) hold(ctx context.Context, h *storage.Hold) error {
	if h.Stands() {
		if err := r.need(ctx, "UserID", h.UserID); err != nil {
			return err
		}
		if h.UserID.IsZero() {
			if _, err := r.needRoom(ctx, h.RoomID); err != nil {
				return err
			}
		}
	}
	return twice(storage.EntityHold, h.ID.String(), "ID", r.rows.InsertHold(ctx, h))
}

func (r *restorer) session(ctx context.Context, v *storage.RawSession) error {
	if err := r.need(ctx, "UserID", v.UserID); err != nil {
		return err
	}
	row := &SessionRow{Session: v.Session, TokenHash: hashOf(v.TokenHash)}
	_, err := r.rows.SessionByToken(ctx, row.TokenHash)
	switch taken, err := found(err); {
	case err != nil:
		return err
	case taken:
		return storage.Duplicate(storage.EntitySession, v.ID.String(), "TokenHash")
	}
	return twice(storage.EntitySession, v.ID.String(), "ID", r.rows.InsertSession(ctx, row))
}

func (r *restorer) login(ctx context.Context, a *storage.LoginAttempt) error {
	if err := r.need(ctx, "UserID", a.UserID); err != nil {
		return err
	}
	row := &LoginRow{LoginAttempt: *a, Network: loginNetwork(a.IP)}
	return twice(storage.EntityLogin, a.ID.String(), "ID", r.rows.InsertLoginAttempt(ctx, row))
}
