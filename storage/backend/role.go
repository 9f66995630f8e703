package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// RoleHolders implements storage.RoleReader.
func (r Reader) RoleHolders(ctx context.Context, q storage.RoleQuery) (storage.Page[storage.RoleHolder], error) {
	var p *pager
	s := RoleScan{RoleQuery: q.WithCursor("")}
	check := func() (err error) {
		if err := q.Validate(); err != nil {
			return err
		}
		s.RoleQuery.Limit = 0
		s.RoleQuery.Normalize()
		if p, err = newPager(s.RoleQuery, q.Limit, q.Cursor); err != nil || !s.Rooms || !p.started {
			return err
		}
		s.AfterRoom, err = storage.ParseID[storage.Room](p.at.Text)
		return err
	}
	items, err := readList(ctx, r.in, "list role holders", check, func(rows Rows) ([]storage.RoleHolder, error) {
		s.Scan = p.scan(false)
		switch {
		case s.Rooms:
			return rows.RoomRoles(ctx, s)
		case len(s.Roles) == 0:
			return nil, nil
		}
		return rows.ServerRoles(ctx, s)
	})
	if err != nil {
		return storage.Page[storage.RoleHolder]{}, err
	}
	return page(p, items, func(h storage.RoleHolder) storage.Keyset {
		if s.Rooms {
			return storage.Keyset{Text: h.RoomID.String(), ID: h.UserID}
		}
		return storage.Keyset{Int: int64(h.Role), ID: h.UserID}
	})
}
