package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// sight is what one user may see of the feed.
type sight struct {
	rows   Rows
	user   storage.UserID
	stays  map[storage.RoomID][]Stay
	hidden map[storage.RoomID]bool // as far as it was asked for
}

func newSight(ctx context.Context, rows Rows, user storage.UserID) (*sight, error) {
	all, err := rows.Stays(ctx, user)
	if err != nil {
		return nil, err
	}
	s := &sight{
		rows: rows, user: user,
		stays: make(map[storage.RoomID][]Stay), hidden: make(map[storage.RoomID]bool),
	}
	for _, stay := range all {
		s.stays[stay.Room] = append(s.stays[stay.Room], stay)
	}
	return s, nil
}

// sees reports whether the user may see a change. Who is nobody sees all.
func (s *sight) sees(ctx context.Context, c storage.Change) (bool, error) {
	if s == nil {
		return true, nil
	}
	own := c.UserID == s.user
	switch c.Kind {
	case storage.ChangeReadMarker, storage.ChangeSanctionCreated, storage.ChangeSanctionLifted,
		storage.ChangeUserBlocked, storage.ChangeUserUnblocked:
		return own, nil
	case storage.ChangeInviteCreated, storage.ChangeInviteRevoked:
		if own {
			return true, nil
		}
	}
	switch {
	case !c.RoomID.IsZero():
		return s.inside(ctx, c)
	case own:
		return true, nil
	}
	return s.rows.StayedTogether(ctx, s.user, c.UserID, c.Position)
}

// inside reports whether a change happened in a room of the user's at a time of
// which the user may know: that of a stay, or one before it, if the room hides
// nothing from those who come later.
func (s *sight) inside(ctx context.Context, c storage.Change) (bool, error) {
	before := false
	for _, stay := range s.stays[c.RoomID] {
		if stay.To != 0 && stay.To < c.Position {
			continue
		}
		if stay.From <= c.Position {
			return true, nil
		}
		before = true
	}
	if !before {
		return false, nil
	}
	hidden, known := s.hidden[c.RoomID]
	if !known {
		var err error
		if hidden, err = s.rows.HistoryHidden(ctx, c.RoomID); err != nil {
			return false, err
		}
		s.hidden[c.RoomID] = hidden
	}
	return !hidden, nil
}
