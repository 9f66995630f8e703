package storage

import (
	"context"
	"errors"
)

// requireEmpty refuses a store that has anything, as ErrConflict.
func requireEmpty(ctx context.Context, r Reader) error {
	head, err := r.ChangeHead(ctx)
	if err != nil {
		return err
	}
	audit, err := r.AuditHead(ctx)
	if err != nil {
		return err
	}
	consumers, err := r.Consumers(ctx)
	if err != nil {
		return err
	}
	users, err := r.CountUsers(ctx, UserQuery{})
	if err != nil {
		return err
	}
	settings, err := r.ConfigValues(ctx, ConfigQuery{Limit: 1})
	if err != nil {
		return err
	}
	attempts, err := r.LoginAttempts(ctx, LoginQuery{Limit: 1})
	if err != nil {
		return err
	}
	if head.Newest > 0 || audit.Position > 0 || users > 0 || len(consumers)+len(settings.Items)+len(attempts.Items) > 0 {
		return &Error{Kind: ErrConflict, Err: errors.New("the store is not empty")}
	}
	return nil
}

// merger knows what was in the store before the merge.
type merger struct {
	*loader
	tx    Tx
	users map[UserID]bool // of the dump: whether they were there
	rooms map[RoomID]bool
	audit bool     // there is an audit log
	cut   Position // where the feed was cut, 0 if there was none
}

// merge stores the dump in one transaction.
func (l *loader) merge(ctx context.Context, tx Tx, to RawRestorer) error {
	m := &merger{loader: l, tx: tx, users: make(map[UserID]bool), rooms: make(map[RoomID]bool)}
	head, err := tx.ChangeHead(ctx)
	if err != nil {
		return err
	}
	audit, err := tx.AuditHead(ctx)
	if err != nil {
		return err
	}
	m.audit = audit.Position > 0
	if head.Newest > 0 {
		if m.cut, err = to.CutChanges(ctx); err != nil {
			return err
		}
	}
	if err := l.all(ctx, m.keeps, func(ctx context.Context) error { return l.restore(ctx, to) }); err != nil {
		return err
	}
	return to.FinishRestore(ctx)
}

// keeps reports whether a record is to be stored, and changes what it says of
// the feed.
func (m *merger) keeps(ctx context.Context, r Raw) (bool, error) {
	switch r.Kind() {
	case RawUsers:
		return isNew(m.users, r.User.ID, func() error { _, err := m.tx.User(ctx, r.User.ID); return err })
	case RawRooms:
		return isNew(m.rooms, r.Room.ID, func() error { _, err := m.tx.Room(ctx, r.Room.ID); return err })
	case RawHolds:
		_, err := m.tx.Hold(ctx, r.Hold.ID)
		there, err := exists(err)
		return !there, err
	case RawConfigs:
		_, err := m.tx.ConfigValue(ctx, r.Config.Key)
		there, err := exists(err)
		return !there, err
	case RawAudit, RawAuditHeads:
		none := r.AuditHead != nil && r.AuditHead.Position == 0
		if m.audit && !none && !m.skips(r) {
			return false, Conflict(EntityAudit, "", "two audit logs, of which neither can go on with the other")
		}
		return !m.audit && !m.skips(r), nil
	case RawChanges, RawChangeHeads, RawPruned, RawConsumers:
		return m.cut == 0, nil
	case RawStays:
		return m.keepsStay(r.Stay), nil
	case RawActivities:
		return m.keepsActivity(r.Activity), nil
	}
	return m.isAbout(r), nil
}

// isNew reports whether a user or a room was not there before, which is looked
// up once.
func isNew[T comparable](known map[T]bool, id T, look func() error) (bool, error) {
	if _, twice := known[id]; twice {
		return !known[id], nil
	}
	there, err := exists(look())
	known[id] = there
	return !there, err
}

// isAbout reports whether a record is about what was not there before.
func (m *merger) isAbout(r Raw) bool {
	switch {
	case r.Block != nil:
		return !m.users[r.Block.UserID] || !m.users[r.Block.BlockedID]
	case r.Membership != nil:
		return !m.rooms[r.Membership.RoomID]
	case r.Attachment != nil:
		return !m.rooms[r.Attachment.RoomID]
	case r.Leftover != nil:
		return m.cut == 0
	case r.Stub != nil:
		return !m.rooms[r.Stub.RoomID]
	case r.Message != nil:
		return !m.rooms[r.Message.RoomID]
	case r.Revision != nil:
		return !m.rooms[r.Revision.RoomID]
	case r.Reaction != nil:
		return !m.rooms[r.Reaction.RoomID]
	case r.Receipt != nil:
		return !m.rooms[r.Receipt.RoomID]
	case r.Invite != nil:
		return !m.rooms[r.Invite.RoomID]
	case r.Sanction != nil && r.Sanction.RoomID.IsZero():
		return !m.users[r.Sanction.UserID]
	case r.Sanction != nil:
		return !m.rooms[r.Sanction.RoomID]
	case r.Session != nil:
		return !m.users[r.Session.UserID]
	case r.Login != nil:
		return !m.users[r.Login.UserID] && (!r.Login.UserID.IsZero() || m.cut == 0)
	}
	return true
}

// keepsStay has a stay that goes on begin where the feed was cut: what was
// before is not told there.
func (m *merger) keepsStay(s *RawStay) bool {
	if m.cut == 0 {
		return true
	}
	s.From = m.cut
	was, known := m.rooms[s.RoomID]
	return s.To == 0 && known && !was
}

// keepsActivity goes by the room where there is one, and by the user otherwise.
func (m *merger) keepsActivity(a *RawActivity) bool {
	switch {
	case !a.RoomID.IsZero():
		return !m.rooms[a.RoomID]
	case !a.UserID.IsZero():
		return !m.users[a.UserID]
	}
	return m.cut == 0
}
