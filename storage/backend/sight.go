package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// sight is what one user may see of the feed.
type sight struct {
	rows  Rows
	user  storage.UserID
	stays map[storage.RoomID][]Stay
}

func newSight(ctx context.Context, rows Rows, user storage.UserID) (*sight, error) {
	all, err := rows.Stays(ctx, user)
	if err != nil {
		return nil, err
	}
	s := &sight{rows: rows, user: user, stays: make(map[storage.RoomID][]Stay)}
	var rooms []storage.RoomID
	for _, stay := range all {
		if s.stays[stay.Room] == nil {
			rooms = append(rooms, stay.Room)
		}
		s.stays[stay.Room] = append(s.stays[stay.Room], stay)
	}
	hidden, err := rows.HiddenHistories(ctx, rooms)
	if err != nil {
		return nil, err
	}
	for _, room := range hidden {
		rooms = without(rooms, room)
	}
	for _, room := range rooms { // who is let in sees all that was before
		for i := range s.stays[room] {
			s.stays[room][i].From = 0
		}
	}
	return s, nil
}

// without returns a list without one of its values.
func without[T comparable](all []T, gone T) []T {
	kept := all[:0]
	for _, v := range all {
		if v != gone {
			kept = append(kept, v)
		}
	}
	return kept
}

// sees reports whether the user may see a change. Who is nobody sees all.
func (s *sight) sees(ctx context.Context, c storage.Change) (bool, error) {
	if s == nil {
		return true, nil
	}
	own := c.UserID == s.user
	switch c.Kind {
	case storage.ChangeReadMarker, storage.ChangeSanctionCreated, storage.ChangeSanctionLifted:
		return own, nil
	case storage.ChangeUserBlocked, storage.ChangeUserUnblocked:
		return own, nil
	case storage.ChangeInviteCreated:
		return own || s.inside(c), nil
	}
	if !c.RoomID.IsZero() {
		return s.inside(c), nil
	}
	if own {
		return true, nil
	}
	return s.rows.StayedTogether(ctx, s.user, c.UserID, c.Position)
}

// inside reports whether a change happened while the user was in its room.
func (s *sight) inside(c storage.Change) bool {
	for _, stay := range s.stays[c.RoomID] {
		if stay.From <= c.Position && (stay.To == 0 || c.Position <= stay.To) {
			return true
		}
	}
	return false
}
