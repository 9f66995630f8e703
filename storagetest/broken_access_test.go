package storagetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

var accessFaults = []fault{
	{name: "a direct room one way only", caught: "direct/the same room either way", open: accessReads{
		direct: func(a, b storage.UserID) (storage.UserID, storage.UserID) {
			if a.Compare(b) > 0 {
				return a, a
			}
			return a, b
		},
	}.opener()},
	{name: "no room with oneself", caught: "direct/with oneself", open: accessReads{
		direct: func(a, b storage.UserID) (storage.UserID, storage.UserID) {
			if a == b {
				return a, storage.UserID{}
			}
			return a, b
		},
	}.opener()},
	{name: "a direct room is always new", caught: "direct/the same room either way", open: opening(
		func(_ context.Context, _ storage.ReadWriter, room storage.Room, _ bool, _ storage.UserID) (storage.Room, bool, error) {
			return room, true, nil
		})},
	{name: "opening reactivates", caught: "direct/opening reactivates nothing", open: opening(
		func(ctx context.Context, w storage.ReadWriter, room storage.Room, created bool, _ storage.UserID) (storage.Room, bool, error) {
			if err := w.ReactivateRoom(ctx, room.ID); err != nil {
				return room, created, err
			}
			room, err := w.Room(ctx, room.ID)
			return room, created, err
		})},
	{name: "who comes back has everything unread", caught: "direct/opening brings back who left", open: opening(
		func(ctx context.Context, w storage.ReadWriter, room storage.Room, created bool, b storage.UserID) (storage.Room, bool, error) {
			if created {
				return room, created, nil
			}
			return room, created, w.MarkUnread(ctx, room.ID, b, storage.AtSeq(1))
		})},
	{name: "opening brings nobody back", caught: "direct/opening brings back who left", open: accessWrites{
		open: func(ctx context.Context, w storage.ReadWriter, a, b storage.UserID) (storage.Room, bool, error) {
			if room, err := w.DirectRoom(ctx, a, b); err == nil {
				return room, false, nil
			}
			return w.OpenDirectRoom(ctx, a, b)
		},
	}.opener()},
	{name: "the banned open direct rooms", caught: "direct/the banned", open: accessWrites{
		open: func(ctx context.Context, w storage.ReadWriter, a, b storage.UserID) (storage.Room, bool, error) {
			room, created, err := w.OpenDirectRoom(ctx, a, b)
			if errors.Is(err, storage.ErrForbidden) {
				room, err = w.DirectRoom(ctx, a, b)
			}
			return room, created, err
		},
	}.opener()},
	{name: "members of direct rooms", caught: "direct/nobody is added", open: accessWrites{
		addMember: func(ctx context.Context, w storage.ReadWriter, m *storage.Membership) error {
			return without(w.AddMember(ctx, m), storage.ErrConstraint)
		},
	}.opener()},
	{name: "roles in direct rooms", caught: "direct/no roles", open: accessWrites{
		setRole: func(ctx context.Context, w storage.ReadWriter, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
			return without(w.SetMemberRole(ctx, room, user, role), storage.ErrConstraint)
		},
	}.opener()},
	{name: "owners of direct rooms", caught: "direct/as it is made", open: (&hooks{
		member: func(m *storage.Membership) { m.Role = storage.MemberOwner },
	}).opener()},
	{name: "rooms by VisibleTo are those of a member", caught: "room visible/every case", open: (&hooks{
		rooms: func(q *storage.RoomQuery) { q.VisibleTo, q.Member = storage.UserID{}, q.VisibleTo },
	}).opener()},
	{name: "imports into expired rooms", caught: "temporary/takes nothing more", open: accessWrites{
		sendMany: func(ctx context.Context, w storage.ReadWriter, ms []*storage.Message) (int, error) {
			n, err := w.CreateMessages(ctx, ms)
			return n, without(err, storage.ErrForbidden)
		},
	}.opener()},
	{name: "no limit of rate", caught: "rate/a minute from the first", open: accessWrites{
		send: func(ctx context.Context, w storage.ReadWriter, m *storage.Message) (bool, error) {
			created, err := w.CreateMessage(ctx, m)
			if errors.Is(err, storage.ErrForbidden) {
				n, err := w.CreateMessages(ctx, []*storage.Message{m})
				return n > 0, err
			}
			return created, err
		},
	}.opener()},
	{name: "RetryAfter in seconds", caught: "rate/a minute from the first", open: accessWrites{
		send: func(ctx context.Context, w storage.ReadWriter, m *storage.Message) (bool, error) {
			created, err := w.CreateMessage(ctx, m)
			var e *storage.Error
			if errors.As(err, &e) {
				e.RetryAfter = e.RetryAfter.Truncate(time.Second)
			}
			return created, err
		},
	}.opener()},
	{name: "imports are limited", caught: "rate/imports are free", open: accessWrites{sendMany: oneByOne}.opener()},
}

// opening changes what is opened.
func opening(
	change func(ctx context.Context, w storage.ReadWriter, room storage.Room, created bool, b storage.UserID) (storage.Room, bool, error),
) opener {
	return accessWrites{
		open: func(ctx context.Context, w storage.ReadWriter, a, b storage.UserID) (storage.Room, bool, error) {
			room, created, err := w.OpenDirectRoom(ctx, a, b)
			if err != nil {
				return room, created, err
			}
			return change(ctx, w, room, created, b)
		},
	}.opener()
}

// without lets a kind of error pass for success.
func without(err, kind error) error {
	if errors.Is(err, kind) {
		return nil
	}
	return err
}

// oneByOne imports as if everything was sent.
func oneByOne(ctx context.Context, w storage.ReadWriter, ms []*storage.Message) (int, error) {
	for _, m := range ms {
		if _, err := w.CreateMessage(ctx, m); err != nil {
			return 0, err
		}
	}
	return len(ms), nil
}
