package backend

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

// Hold implements storage.HoldReader.
func (r Reader) Hold(ctx context.Context, id storage.HoldID) (storage.Hold, error) {
	return readOne(ctx, r.in, "read legal hold", unchecked, func(rows Rows) (storage.Hold, error) {
		h, err := rows.Hold(ctx, id)
		return h, missing(err, storage.EntityHold, id)
	})
}

// Holds implements storage.HoldReader.
func (r Reader) Holds(ctx context.Context, q storage.HoldQuery) (storage.Page[storage.Hold], error) {
	var p *pager
	s := HoldScan{HoldQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.HoldQuery.Limit = 0
		p, err = newPager(s.HoldQuery, q.Limit, q.Cursor)
		return err
	}
	items, err := readList(ctx, r.in, "list legal holds", check, func(rows Rows) ([]storage.Hold, error) {
		s.Scan = p.scan(true)
		return rows.Holds(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.Hold]{}, err
	}
	return page(p, items, func(h storage.Hold) storage.Keyset {
		return storage.Keyset{Int: Micros(h.CreatedAt), ID: h.ID}
	})
}

// CreateHold implements storage.HoldWriter.
func (w Writer) CreateHold(ctx context.Context, h *storage.Hold) error {
	var next storage.Hold
	check := func() error {
		if h == nil {
			return storage.Invalid("h", "nil")
		}
		next = *h
		next.ReleasedAt, next.ReleasedBy = time.Time{}, storage.UserID{}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		return next.Validate()
	}
	err := writeOnly(ctx, w.in, "create legal hold", check, func(t *rules) error { return t.createHold(ctx, &next) })
	if err == nil {
		*h = next
	}
	return err
}

func (t *rules) createHold(ctx context.Context, h *storage.Hold) error {
	if !h.RoomID.IsZero() {
		if err := t.roomError(ctx, h.RoomID); err != nil {
			return missing(err, storage.EntityRoom, h.RoomID)
		}
	} else if err := t.needUser(ctx, h.UserID, "UserID"); err != nil {
		return err
	}
	if !h.CreatedBy.IsZero() {
		if err := t.needUser(ctx, h.CreatedBy, "CreatedBy"); err != nil {
			return err
		}
	}
	h.CreatedAt = t.now
	err := t.rows.InsertHold(ctx, h)
	if errors.Is(err, storage.ErrDuplicate) {
		return storage.Duplicate(storage.EntityHold, h.ID.String(), "ID")
	}
	return err
}

// ReleaseHold implements storage.HoldWriter.
func (w Writer) ReleaseHold(ctx context.Context, id storage.HoldID, by storage.UserID) (storage.Hold, error) {
	return writeOne(ctx, w.in, "release legal hold", unchecked, func(t *rules) (storage.Hold, error) {
		h, err := t.rows.Hold(ctx, id)
		if err != nil {
			return h, missing(err, storage.EntityHold, id)
		}
		if !by.IsZero() {
			if err := t.needUser(ctx, by, "by"); err != nil {
				return h, err
			}
		}
		if !h.Stands() {
			return h, nil
		}
		h.ReleasedAt, h.ReleasedBy = t.now, by
		return h, t.rows.UpdateHold(ctx, &h)
	})
}

// free refuses to take away what a legal hold covers; held is the look of its
// kind.
func free[T any](
	ctx context.Context, held func(context.Context, storage.ID[T]) (bool, error), entity storage.Entity, id storage.ID[T],
) error {
	is, err := held(ctx, id)
	if err == nil && is {
		return storage.Forbidden(entity, id.String(), storage.ReasonHeld)
	}
	return err
}
