package backend

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// skipPruned moves the walk to what is kept, if nothing that it selects was
// pruned.
func (w *changeWalker) skipPruned(ctx context.Context, head storage.ChangeHead) error {
	p := prunedFeed{rows: w.rows, after: w.q.After, last: head.Oldest - 1}
	if p.after >= p.last {
		return nil
	}
	missed, err := true, error(nil)
	switch {
	case !w.q.Room.IsZero():
		missed, err = p.ofRoom(ctx, w.q.Room)
	case w.sight != nil:
		missed, err = p.of(ctx, w.sight)
	}
	if err == nil && missed {
		err = &storage.Error{Field: "After", Kind: storage.ErrGone, Oldest: head.Oldest}
	}
	w.q.After = p.last
	return err
}

// prunedFeed is what was pruned of the feed, as seen from a position.
type prunedFeed struct {
	rows        Rows
	after, last storage.Position
}

// ofRoom reports whether something was pruned of a room after the position.
func (p prunedFeed) ofRoom(ctx context.Context, room storage.RoomID) (bool, error) {
	at, err := p.roomAt(ctx, room)
	return at > p.after, err
}

// roomAt returns where the last pruned change of a room was. Of one that is not
// there nothing is known: it may have been the last of all.
func (p prunedFeed) roomAt(ctx context.Context, room storage.RoomID) (storage.Position, error) {
	at, err := p.rows.Pruned(ctx, room)
	if err != nil || at > 0 {
		return at, err
	}
	_, err = p.rows.RoomState(ctx, room)
	if there, err := found(err); err != nil || there {
		return 0, err
	}
	return p.last, nil
}

// of reports whether something was pruned after the position that a user might
// have seen. What happened in no room everybody might.
func (p prunedFeed) of(ctx context.Context, s *sight) (bool, error) {
	for _, subject := range [][16]byte{{}, s.user} {
		if at, err := p.rows.Pruned(ctx, subject); err != nil || at > p.after {
			return true, err
		}
	}
	_, err := p.rows.User(ctx, s.user)
	if there, err := found(err); err != nil || !there {
		return true, err
	}
	for room, stays := range s.stays {
		for _, stay := range stays {
			if missed, err := p.ofStay(ctx, s, room, stay); err != nil || missed {
				return true, err
			}
		}
	}
	return false, nil
}

// ofStay is of for one stay.
func (p prunedFeed) ofStay(ctx context.Context, s *sight, room storage.RoomID, stay Stay) (bool, error) {
	if stay.To != 0 && stay.To <= p.after {
		return false, nil
	}
	at, err := p.roomAt(ctx, room)
	if err != nil || at <= p.after {
		return false, err
	}
	if at >= stay.From {
		return true, nil
	}
	hides, err := s.hides(ctx, room)
	return !hides, err
}
