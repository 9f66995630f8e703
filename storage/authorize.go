package storage

import (
	"context"
	"errors"
	"time"
)

// Authorize reads what [Can] needs and asks it whether a user may do something
// in a room, as one who has given no password.
//
// A user or room that does not exist is ErrNotFound, and so, in the same words,
// is a private or direct room to one who is no member, may not do it, and whom
// no live invite to it names (by identifier, or by the address that the user
// has now): who must not know of a room is not told of it, whatever the action.
// An unknown action is ErrInvalid.
//
// Over a Store it reads what is committed at several moments; within View it
// is one, and within Update, r being the Tx, the answer still holds when the
// write is done. The time is that of r where it tells one, as a Tx does, and
// the system's otherwise.
func Authorize(ctx context.Context, r Reader, user UserID, room RoomID, action Action) error {
	return WithOp("authorize", authorize(ctx, r, user, room, action))
}

func authorize(ctx context.Context, r Reader, user UserID, room RoomID, action Action) error {
	if !action.Valid() {
		return Invalid("action", "unset or unknown")
	}
	a, err := readAccess(ctx, r, user, room)
	if err != nil {
		return err
	}
	refusal := Can(a, action)
	private := a.Room.Privacy == PrivacyPrivate || a.Room.Type == RoomDirectMessage
	if refusal == nil || !private || a.Membership != nil {
		return refusal
	}
	invited, err := isInvited(ctx, r, user, room)
	switch {
	case err != nil:
		return err
	case !invited:
		return NotFound(EntityRoom, room.String())
	}
	return refusal
}

// isInvited reports whether a live invite to a room names the user.
func isInvited(ctx context.Context, r Reader, user UserID, room RoomID) (bool, error) {
	p, err := r.Invites(ctx, InviteQuery{Room: room, Invitee: user, Live: new(true), Limit: 1})
	return len(p.Items) > 0, err
}

// readAccess reads what there is to decide from.
func readAccess(ctx context.Context, r Reader, user UserID, room RoomID) (a Access, err error) {
	a.Now = timeOf(r)
	if a.User, err = r.User(ctx, user); err != nil {
		return a, missing(err, EntityUser, user.String())
	}
	if a.Room, err = r.Room(ctx, room); err != nil {
		return a, missing(err, EntityRoom, room.String())
	}
	m, err := r.Membership(ctx, room, user)
	if is, err := exists(err); err != nil {
		return a, err
	} else if is {
		a.Membership = &m
	}
	for _, kind := range []SanctionKind{SanctionBan, SanctionMute} {
		s, err := r.ActiveSanction(ctx, user, room, kind)
		if is, err := exists(err); err != nil {
			return a, err
		} else if is {
			s.ExpiresAt = time.Time{} // r says that it is in force, by a clock that may be another than timeOf's
			a.Sanctions = append(a.Sanctions, s)
		}
	}
	return a, nil
}

// missing gives ErrNotFound the words of Authorize: those of the call that
// found nothing would tell a room that is not there from one that is hidden.
func missing(err error, entity Entity, id string) error {
	if errors.Is(err, ErrNotFound) {
		return NotFound(entity, id)
	}
	return err
}

// timeOf returns the time by which r decides what has expired.
func timeOf(r Reader) time.Time {
	if clock, ok := r.(interface{ Now() time.Time }); ok {
		return clock.Now()
	}
	return time.Now()
}
