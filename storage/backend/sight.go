package backend

import (
	"context"
	"math"
	"slices"

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

// sees reports whether the user may see a change, and takes out of it what the
// user may not. Who is nobody sees all.
func (s *sight) sees(ctx context.Context, c *storage.Change) (bool, error) {
	if s == nil {
		return true, nil
	}
	own := c.UserID == s.user
	switch {
	case toldToNoOther(c.Kind):
		return own, nil
	case own && (c.RoomID.IsZero() || slices.Contains(ToldToNamed, c.Kind)):
		return true, nil
	case !c.RoomID.IsZero():
		seen, err := s.inside(ctx, c)
		if err == nil && seen {
			err = s.cutAddressee(ctx, c)
		}
		return seen, err
	}
	return s.rows.StayedTogether(ctx, s.user, c.UserID, c.Position)
}

// toldToNoOther reports whether only the user whom a change names is told.
func toldToNoOther(k storage.ChangeKind) bool {
	switch k {
	case storage.ChangeReadMarker, storage.ChangeSanctionCreated, storage.ChangeSanctionLifted,
		storage.ChangeUserBlocked, storage.ChangeUserUnblocked:
		return true
	}
	return false
}

// inside reports whether a change happened in a room of the user's at a time of
// which the user may know: that of a stay, or one before it, if the room hides
// nothing from those who come later. Where it does, what happens during a stay
// to messages from before is hidden as well.
func (s *sight) inside(ctx context.Context, c *storage.Change) (bool, error) {
	before := false
	for _, stay := range s.stays[c.RoomID] {
		switch {
		case stay.To != 0 && stay.To < c.Position:
			continue
		case stay.From > c.Position:
			before = true
			continue
		case firstSeq(c) > stay.Seq:
			return true, nil
		}
		hides, err := s.hides(ctx, c.RoomID)
		return err == nil && (!hides || cutHistory(c, stay.Seq)), err
	}
	if !before {
		return false, nil
	}
	hides, err := s.hides(ctx, c.RoomID)
	return err == nil && !hides, err
}

// hides reports whether a room hides its history, and remembers it.
func (s *sight) hides(ctx context.Context, room storage.RoomID) (bool, error) {
	if hidden, known := s.hidden[room]; known {
		return hidden, nil
	}
	hidden, err := s.rows.HistoryHidden(ctx, room)
	if err == nil {
		s.hidden[room] = hidden
	}
	return hidden, err
}

// cutAddressee takes out of what the user is told of an invite to an address
// whose that is: who invites may have guessed it.
func (s *sight) cutAddressee(ctx context.Context, c *storage.Change) error {
	if c.InviteID.IsZero() || c.UserID.IsZero() || c.UserID == s.user {
		return nil
	}
	i, err := s.rows.Invite(ctx, c.InviteID)
	there, err := found(err)
	if !there || i.Email != "" {
		c.UserID = storage.UserID{}
	}
	return err
}

// firstSeq returns the lowest Seq of the messages that a change is about, the
// highest number there is if it is about none.
func firstSeq(c *storage.Change) int64 {
	switch {
	case len(c.Purged) > 0:
		return c.Purged[0].First
	case !c.MessageID.IsZero():
		return c.Seq
	}
	return math.MaxInt64
}

// cutHistory takes messages up to a Seq out of a change that is about some of
// them, and reports whether anything is left.
func cutHistory(c *storage.Change, upTo int64) bool {
	var left []storage.SeqRange
	for _, r := range c.Purged {
		if r.First = max(r.First, upTo+1); r.First <= r.Last {
			left = append(left, r)
		}
	}
	c.Purged = left
	return len(left) > 0
}
