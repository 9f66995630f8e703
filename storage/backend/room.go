package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/search"
)

// roomRow prepares a room for storing.
func roomRow(r storage.Room) (*RoomRow, error) {
	if err := r.Validate(); err != nil {
		return nil, err
	}
	return &RoomRow{
		Room:       r,
		FoldedName: storage.FoldRoomName(r.Name),
		Words:      RoomWords(r.Name, r.DisplayName, r.Description, r.Topic),
	}, nil
}

// RoomWords returns what text queries find a room by.
func RoomWords(name, displayName, description, topic string) []string {
	return search.Words(name + " " + displayName + " " + description + " " + topic)
}

// Room implements storage.RoomReader.
func (r Reader) Room(ctx context.Context, id storage.RoomID) (storage.Room, error) {
	return readOne(ctx, r.in, "read room", unchecked, func(rows Rows) (storage.Room, error) {
		room, err := rows.Room(ctx, id)
		return room, missing(err, storage.EntityRoom, id)
	})
}

// RoomsByID implements storage.RoomReader.
func (r Reader) RoomsByID(ctx context.Context, ids ...storage.RoomID) ([]storage.Room, error) {
	check := func() (err error) { ids, err = checkIDs("ids", ids); return err }
	return readList(ctx, r.in, "read rooms", check, func(rows Rows) ([]storage.Room, error) {
		return rows.RoomsByID(ctx, ids)
	})
}

// RoomByName implements storage.RoomReader.
func (r Reader) RoomByName(ctx context.Context, name string) (storage.Room, error) {
	check := func() error { return storage.CheckText("name", name, storage.MaxRoomName) }
	return readOne(ctx, r.in, "read room by name", check, func(rows Rows) (storage.Room, error) {
		folded := storage.FoldRoomName(name)
		if folded == "" {
			return storage.Room{}, storage.NotFound(storage.EntityRoom, "")
		}
		room, err := rows.RoomByName(ctx, folded)
		return room, missingKey(err, storage.EntityRoom, func() string { return name })
	})
}

// Rooms implements storage.RoomReader.
func (r Reader) Rooms(ctx context.Context, q storage.RoomQuery) (storage.Page[storage.Room], error) {
	var p *pager
	var s RoomScan
	check := func() (err error) {
		if s, err = roomScan(q); err != nil {
			return err
		}
		p, err = newPager(s.RoomQuery, q.Limit, q.Cursor)
		return err
	}
	var items []storage.Room
	err := r.in.view(ctx, "list rooms", check, func(rows Rows) (int, error) {
		hopeless, err := s.prepare(ctx, rows, r.now())
		if err != nil || hopeless {
			return 0, err
		}
		s.Scan = p.scan(s.Order != storage.RoomsByName)
		items, err = rows.Rooms(ctx, s)
		return len(items), err
	})
	if err != nil {
		return storage.Page[storage.Room]{}, err
	}
	return page(p, items, func(r storage.Room) storage.Keyset { return roomKeyset(s.Order, r) })
}

// CountRooms implements storage.RoomReader.
func (r Reader) CountRooms(ctx context.Context, q storage.RoomQuery) (int64, error) {
	var s RoomScan
	check := func() (err error) { s, err = roomScan(q); return err }
	var count int64
	err := r.in.view(ctx, "count rooms", check, func(rows Rows) (int, error) {
		hopeless, err := s.prepare(ctx, rows, r.now())
		if err != nil || hopeless {
			return 0, err
		}
		count, err = rows.CountRooms(ctx, s)
		return 1, err
	})
	if err != nil {
		return 0, err
	}
	return count, nil
}

// prepare adds to a scan what must be looked up, and reports whether nothing can
// be found.
func (s *RoomScan) prepare(ctx context.Context, rows Rows, now time.Time) (hopelessly bool, err error) {
	s.Now = now
	if hopeless(s.Text, s.Prefixes) {
		return true, nil
	}
	if s.VisibleTo.IsZero() {
		return false, nil
	}
	u, err := rows.User(ctx, s.VisibleTo)
	exists, err := found(err)
	s.Email = storage.FoldEmail(u.Email)
	return !exists, err
}

// roomScan checks a query and reads its text.
func roomScan(q storage.RoomQuery) (RoomScan, error) {
	if err := q.Validate(); err != nil {
		return RoomScan{}, err
	}
	q.Limit, q.Cursor = 0, ""
	q.Types, q.Privacies = noneIfEmpty(q.Types), noneIfEmpty(q.Privacies)
	if q.Order == 0 {
		q.Order = storage.RoomsByName
	}
	return RoomScan{RoomQuery: q, Prefixes: search.Prefixes(q.Text)}, nil
}

func roomKeyset(order storage.RoomOrder, r storage.Room) storage.Keyset {
	k := storage.Keyset{ID: r.ID}
	switch order {
	case storage.RoomsByName:
		k.Text = storage.FoldRoomName(r.Name)
	case storage.RoomsByCreation:
		k.Int = Micros(r.CreatedAt)
	case storage.RoomsByActivity:
		k.Int = Micros(r.LastMessageAt)
	case storage.RoomsByMembers:
		k.Int = r.MemberCount
	}
	return k
}

// CreateRoom implements storage.RoomWriter.
func (w Writer) CreateRoom(ctx context.Context, r *storage.Room) error {
	var row *RoomRow
	check := func() (err error) {
		if r == nil {
			return storage.Invalid("r", "nil")
		}
		next := r.Clone()
		next.Normalize()
		if next.Type == storage.RoomDirectMessage {
			return storage.Invalid("Type", "direct rooms are opened, not created")
		}
		if next.ID.IsZero() {
			next.ID = w.o.NewUUID()
		}
		next.Active, next.Version = true, 1
		next.LastSeq, next.MessageCount, next.MemberCount = 0, 0, 0
		next.LastMessageAt = time.Time{}
		row, err = roomRow(next)
		return err
	}
	err := writeOnly(ctx, w.in, "create room", check, func(t *rules) error { return t.createRoom(ctx, row) })
	if err == nil {
		*r = row.Room
	}
	return err
}

func (t *rules) createRoom(ctx context.Context, row *RoomRow) error {
	creator := row.CreatorID
	if !creator.IsZero() {
		if err := t.needUser(ctx, creator, "CreatorID"); err != nil {
			return err
		}
		// The room is not there yet: only a ban from everywhere binds.
		if err := t.unbanned(ctx, storage.RoomID{}, creator); err != nil {
			return err
		}
	}
	if err := t.freeRoom(ctx, row, ""); err != nil {
		return err
	}
	exists, err := found(t.roomError(ctx, row.ID))
	if err != nil {
		return err
	}
	if exists {
		return storage.Duplicate(storage.EntityRoom, row.ID.String(), "ID")
	}
	row.CreatedAt, row.UpdatedAt = t.now, t.now
	if err := t.insertRoom(ctx, row); err != nil {
		return err
	}
	if creator.IsZero() {
		return nil
	}
	owner := storage.Membership{RoomID: row.ID, UserID: creator, Role: storage.MemberOwner, JoinedAt: t.now}
	row.MemberCount = 1
	return t.insertMember(ctx, &owner)
}

// insertRoom stores a room and tells the feed.
func (t *rules) insertRoom(ctx context.Context, row *RoomRow) error {
	if err := t.rows.InsertRoom(ctx, row); err != nil {
		return err
	}
	return t.changed(ctx, storage.Change{Kind: storage.ChangeRoomCreated, RoomID: row.ID, Version: 1})
}

// roomError returns what reading a room's state gives: nil if it is there.
func (t *rules) roomError(ctx context.Context, id storage.RoomID) error {
	_, err := t.rows.RoomState(ctx, id)
	return err
}

// freeRoom refuses a name that has changed since before, and is another
// room's.
func (t *rules) freeRoom(ctx context.Context, row *RoomRow, before string) error {
	if row.FoldedName == "" || row.FoldedName == before {
		return nil
	}
	_, err := t.rows.RoomByName(ctx, row.FoldedName)
	taken, err := found(err)
	if err == nil && taken {
		return storage.Duplicate(storage.EntityRoom, "", "Name")
	}
	return err
}

// UpdateRoom implements storage.RoomWriter.
func (w Writer) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	// A temporary room may be all that a room of some type may be.
	any := storage.Room{Type: storage.RoomTemporary}
	check := func() error { return checkPatch(p.IfVersion, any, p.Apply) }
	return writeOne(ctx, w.in, "update room", check, func(t *rules) (storage.Room, error) {
		return t.changeRoom(ctx, id, p.IfVersion, p.Apply)
	})
}

// UpdateRoomSettings implements storage.RoomWriter.
func (w Writer) UpdateRoomSettings(ctx context.Context, id storage.RoomID, s storage.RoomSettings) (storage.Room, error) {
	apply := func(r *storage.Room) bool { return r.ApplySettings(s) }
	check := func() error { return checkPatch(0, storage.Room{}, apply) }
	return writeOne(ctx, w.in, "update room settings", check, func(t *rules) (storage.Room, error) {
		return t.changeRoom(ctx, id, 0, apply)
	})
}

// DeactivateRoom implements storage.RoomWriter.
func (w Writer) DeactivateRoom(ctx context.Context, id storage.RoomID) error {
	return w.setRoomActive(ctx, "deactivate room", id, false)
}

// ReactivateRoom implements storage.RoomWriter.
func (w Writer) ReactivateRoom(ctx context.Context, id storage.RoomID) error {
	return w.setRoomActive(ctx, "reactivate room", id, true)
}

func (w Writer) setRoomActive(ctx context.Context, op string, id storage.RoomID, active bool) error {
	return writeOnly(ctx, w.in, op, unchecked, func(t *rules) error {
		_, err := t.changeRoom(ctx, id, 0, func(r *storage.Room) bool { return assign(&r.Active, active) })
		return err
	})
}

// changeRoom applies a change to a room, as a new version if it makes any
// difference.
func (t *rules) changeRoom(ctx context.Context, id storage.RoomID, ifVersion int64, apply func(*storage.Room) bool) (storage.Room, error) {
	r, err := t.rows.Room(ctx, id)
	if err != nil {
		return r, missing(err, storage.EntityRoom, id)
	}
	before, version := storage.FoldRoomName(r.Name), r.Version
	changed := apply(&r)
	if err := r.Validate(); err != nil { // what a room of its type must not be
		return r, err
	}
	if err := fresh(storage.EntityRoom, id.String(), version, ifVersion); err != nil {
		return r, err
	}
	if !changed {
		return r, nil
	}
	r.Version++
	r.UpdatedAt = t.now
	row, err := roomRow(r)
	if err != nil {
		return r, err
	}
	if err := t.freeRoom(ctx, row, before); err != nil {
		return r, err
	}
	if err := t.rows.UpdateRoom(ctx, row); err != nil {
		return r, err
	}
	return r.Clone(), t.changed(ctx, storage.Change{Kind: storage.ChangeRoomUpdated, RoomID: id, Version: r.Version})
}

// DeleteRoom implements storage.RoomWriter.
func (w Writer) DeleteRoom(ctx context.Context, id storage.RoomID) error {
	err := writeOnly(ctx, w.in, "delete room", unchecked, func(t *rules) error {
		if err := free(ctx, t.rows.RoomHeld, storage.EntityRoom, id); err != nil {
			return err
		}
		if err := t.rows.DeleteRoom(ctx, id); err != nil {
			return missing(err, storage.EntityRoom, id)
		}
		at, err := t.changedAt(ctx, storage.Change{Kind: storage.ChangeRoomDeleted, RoomID: id})
		if err != nil {
			return err
		}
		return t.rows.EndStays(ctx, id, storage.UserID{}, at)
	})
	if err != nil {
		return err
	}
	w.in.sweepRooms(ctx)
	return nil
}
