package backend

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
)

// DirectRoom implements storage.DirectRoomReader.
func (r Reader) DirectRoom(ctx context.Context, a, b storage.UserID) (storage.Room, error) {
	return readOne(ctx, r.in, "read direct room", unchecked, func(rows Rows) (storage.Room, error) {
		room, err := rows.DirectRoom(ctx, a, b)
		return room, missingKey(err, storage.EntityRoom, func() string { return a.String() + " " + b.String() })
	})
}

// OpenDirectRoom implements storage.DirectRoomWriter.
func (w Writer) OpenDirectRoom(ctx context.Context, a, b storage.UserID) (storage.Room, bool, error) {
	next := storage.Room{ID: w.o.NewUUID(), Type: storage.RoomDirectMessage, Privacy: storage.PrivacyPrivate, Active: true, Version: 1}
	var row *RoomRow
	check := func() (err error) { row, err = roomRow(next); return err }
	created := false
	room, err := writeOne(ctx, w.in, "open direct room", check, func(t *rules) (storage.Room, error) {
		room, err := t.openDirectRoom(ctx, a, b, row)
		created = err == nil && room.ID == row.ID
		return room, err
	})
	return room, created && err == nil, err
}

func (t *rules) openDirectRoom(ctx context.Context, a, b storage.UserID, row *RoomRow) (storage.Room, error) {
	for _, u := range []struct {
		id    storage.UserID
		field string
	}{{a, "a"}, {b, "b"}} {
		if err := t.needUser(ctx, u.id, u.field); err != nil {
			return storage.Room{}, err
		}
	}
	room, err := t.rows.DirectRoom(ctx, a, b)
	exists, err := found(err)
	if err != nil {
		return room, err
	}
	if !exists {
		row.CreatedAt, row.UpdatedAt = t.now, t.now
		room = row.Room
	}
	for _, user := range []storage.UserID{a, b} {
		if err := t.unbanned(ctx, room.ID, user); err != nil {
			return room, err
		}
	}
	if !exists {
		if err := t.insertRoom(ctx, row); err != nil {
			return room, err
		}
		if err := t.rows.InsertDirectRoom(ctx, a, b, row.ID); err != nil {
			return room, err
		}
	}
	for _, user := range []storage.UserID{a, b} {
		if err := t.bringBack(ctx, room, user); err != nil {
			return room, err
		}
	}
	return t.rows.Room(ctx, room.ID)
}

// bringBack makes a user a member of a direct room, unless he is one.
func (t *rules) bringBack(ctx context.Context, room storage.Room, user storage.UserID) error {
	member, err := t.rows.IsMember(ctx, room.ID, user)
	if err != nil || member {
		return err
	}
	return t.insertMember(ctx, &storage.Membership{
		RoomID: room.ID, UserID: user, Role: storage.MemberMember, JoinedAt: t.now, ReadSeq: room.LastSeq,
	})
}

var errDirect = errors.New("a direct room")

// notDirect refuses what a direct room does not take.
func notDirect(room storage.RoomID, t storage.RoomType) error {
	if t != storage.RoomDirectMessage {
		return nil
	}
	return &storage.Error{
		Entity: storage.EntityRoom, ID: room.String(), Kind: storage.ErrConstraint, Err: errDirect,
	}
}
