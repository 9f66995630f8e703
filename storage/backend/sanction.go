package backend

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// Sanction implements storage.SanctionReader.
func (r Reader) Sanction(ctx context.Context, id storage.SanctionID) (storage.Sanction, error) {
	return readOne(ctx, r.in, "read sanction", unchecked, func(rows Rows) (storage.Sanction, error) {
		s, err := rows.Sanction(ctx, id)
		return s, missing(err, storage.EntitySanction, id)
	})
}

// Sanctions implements storage.SanctionReader.
func (r Reader) Sanctions(ctx context.Context, q storage.SanctionQuery) (storage.Page[storage.Sanction], error) {
	var p *pager
	s := SanctionScan{SanctionQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.SanctionQuery.Limit, s.Kinds = 0, noneIfEmpty(q.Kinds)
		p, err = newPager(s.SanctionQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list sanctions", check, func(rows Rows) ([]storage.Sanction, error) {
		s.Scan, s.Now = p.scan(true), r.now()
		return rows.Sanctions(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Sanction]{}, err
	}
	return page(p, items, func(s storage.Sanction) storage.Keyset {
		return storage.Keyset{Int: Micros(s.CreatedAt), ID: s.ID}
	})
}

// ActiveSanction implements storage.SanctionReader.
func (r Reader) ActiveSanction(ctx context.Context, user storage.UserID, room storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error) {
	check := func() error {
		if !kind.Valid() || kind == storage.SanctionKick {
			return storage.Invalid("kind", "never in force")
		}
		return nil
	}
	return readOne(ctx, r.in, "read active sanction", check, func(rows Rows) (storage.Sanction, error) {
		all, err := rows.ActiveSanctions(ctx, user, room, r.now())
		if err != nil {
			return storage.Sanction{}, err
		}
		s, ok := lastToEnd(all, kind)
		if !ok {
			return s, storage.NotFound(storage.EntitySanction, "")
		}
		return s, nil
	})
}

// lastToEnd returns the sanction of a kind that ends last; of several, the one
// that is for the room, and then the newest.
func lastToEnd(all []storage.Sanction, kind storage.SanctionKind) (last storage.Sanction, ok bool) {
	for _, s := range all {
		if s.Kind != kind {
			continue
		}
		if !ok || endsLater(s, last) {
			last, ok = s, true
		}
	}
	return last, ok
}

func endsLater(a, b storage.Sanction) bool {
	switch {
	case !a.ExpiresAt.Equal(b.ExpiresAt):
		return a.ExpiresAt.IsZero() || !b.ExpiresAt.IsZero() && a.ExpiresAt.After(b.ExpiresAt)
	case a.RoomID.IsZero() != b.RoomID.IsZero():
		return b.RoomID.IsZero()
	case !a.CreatedAt.Equal(b.CreatedAt):
		return a.CreatedAt.After(b.CreatedAt)
	}
	return a.ID.Compare(b.ID) > 0
}

// unbanned refuses a user who is banned from a room.
func (t *rules) unbanned(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	return t.unbound(ctx, room, user, storage.SanctionBan)
}

// unbound refuses a user whom a sanction of one of the kinds binds in a room.
func (t *rules) unbound(ctx context.Context, room storage.RoomID, user storage.UserID, kinds ...storage.SanctionKind) error {
	all, err := t.rows.ActiveSanctions(ctx, user, room, t.now)
	if err != nil {
		return err
	}
	for _, kind := range kinds {
		if s, ok := lastToEnd(all, kind); ok {
			return &storage.Error{
				Entity: storage.EntitySanction, ID: s.ID.String(), Kind: storage.ErrForbidden, Reason: reasonOf(kind),
			}
		}
	}
	return nil
}

// admits refuses what is new in a closed room, and what is by a user whom a
// sanction of one of the kinds binds there. The zero user is the server, which
// none binds.
func (t *rules) admits(ctx context.Context, room storage.RoomID, user storage.UserID, kinds ...storage.SanctionKind) error {
	state, err := t.rows.RoomState(ctx, room)
	if err != nil {
		return missing(err, storage.EntityRoom, room)
	}
	if err := state.takes(room, t.now); err != nil || user.IsZero() {
		return err
	}
	return t.unbound(ctx, room, user, kinds...)
}

func reasonOf(kind storage.SanctionKind) storage.Reason {
	if kind == storage.SanctionMute {
		return storage.ReasonMuted
	}
	return storage.ReasonBanned
}

// CreateSanction implements storage.SanctionWriter.
func (w Writer) CreateSanction(ctx context.Context, s *storage.Sanction) error {
	var next storage.Sanction
	check := func() error {
		if s == nil {
			return storage.Invalid("s", "nil")
		}
		next = *s
		next.Normalize()
		next.LiftedAt, next.LiftedBy = time.Time{}, storage.UserID{}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "create sanction", check, func(t *rules) error { return t.createSanction(ctx, &next) })
	if err == nil {
		*s = next
	}
	return err
}

func (t *rules) createSanction(ctx context.Context, s *storage.Sanction) error {
	if err := t.toCome("ExpiresAt", s.ExpiresAt); err != nil {
		return err
	}
	if err := t.needUser(ctx, s.UserID, "UserID"); err != nil {
		return err
	}
	if !s.RoomID.IsZero() {
		if err := t.roomError(ctx, s.RoomID); err != nil {
			return missing(err, storage.EntityRoom, s.RoomID)
		}
	}
	if !s.ModeratorID.IsZero() {
		if err := t.needUser(ctx, s.ModeratorID, "ModeratorID"); err != nil {
			return err
		}
	}
	s.CreatedAt = t.now
	err := t.rows.InsertSanction(ctx, s)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntitySanction, s.ID.String(), "ID")
	}
	if err != nil {
		return err
	}
	if err := t.changed(ctx, sanctionChange(storage.ChangeSanctionCreated, s, s.ModeratorID)); err != nil {
		return err
	}
	if s.Kind == storage.SanctionMute {
		return nil
	}
	return t.expel(ctx, s.UserID, s.RoomID)
}

func sanctionChange(kind storage.ChangeKind, s *storage.Sanction, actor storage.UserID) storage.Change {
	return storage.Change{Kind: kind, Actor: actor, RoomID: s.RoomID, UserID: s.UserID, SanctionID: s.ID}
}

// expel ends a user's membership of a room, or of all where room is zero.
func (t *rules) expel(ctx context.Context, user storage.UserID, room storage.RoomID) error {
	if !room.IsZero() {
		member, err := t.rows.IsMember(ctx, room, user)
		if err != nil || !member {
			return err
		}
		return t.removeMember(ctx, room, user)
	}
	all := MembershipScan{
		MembershipQuery: storage.MembershipQuery{User: user, Order: storage.MembersByJoining},
		Scan:            Scan{Limit: storage.MaxLimit},
	}
	for {
		some, err := t.rows.Memberships(ctx, all)
		if err != nil {
			return err
		}
		for _, m := range some {
			if err := t.removeMember(ctx, m.RoomID, user); err != nil {
				return err
			}
		}
		if len(some) < storage.MaxLimit {
			return nil
		}
	}
}

// LiftSanction implements storage.SanctionWriter.
func (w Writer) LiftSanction(ctx context.Context, id storage.SanctionID, by storage.UserID) (storage.Sanction, error) {
	return writeOne(ctx, w.in, "lift sanction", unchecked, func(t *rules) (storage.Sanction, error) {
		s, err := t.rows.Sanction(ctx, id)
		if err != nil {
			return s, missing(err, storage.EntitySanction, id)
		}
		if !by.IsZero() {
			if err := t.needUser(ctx, by, "by"); err != nil {
				return s, err
			}
		}
		if !s.InForce(t.now) {
			return s, nil
		}
		s.LiftedAt, s.LiftedBy = t.now, by
		if err := t.rows.UpdateSanction(ctx, &s); err != nil {
			return s, err
		}
		return s, t.changed(ctx, sanctionChange(storage.ChangeSanctionLifted, &s, by))
	})
}
