package storagetest_test

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
)

var memberFaults = []fault{
	{name: "the last owner may leave", caught: "owner/the last owner stays", open: writes(func(w storage.ReadWriter) storage.Writer {
		return ownersLeave{w}
	})},
	{name: "the last owner may be demoted", caught: "owner/the last owner stays", open: writes(func(w storage.ReadWriter) storage.Writer {
		return ownersFall{w}
	})},
	{name: "capacity is not enforced", caught: "membership/add refuses", open: writes(func(w storage.ReadWriter) storage.Writer {
		return crowded{w}
	})},
	{name: "a member twice", caught: "membership/add refuses", open: writes(func(w storage.ReadWriter) storage.Writer {
		return welcoming{w}
	})},
	{name: "joining starts unread", caught: "membership/joining starts with nothing unread", open: (&hooks{
		member: func(m *storage.Membership) { m.ReadSeq = 0 },
	}).opener()},
	{name: "members already are counted as added", caught: "owner/add several", open: writes(func(w storage.ReadWriter) storage.Writer {
		return countsAll{w}
	})},
	{name: "half of the new members stay", caught: "owner/add several, all or none", open: writes(func(w storage.ReadWriter) storage.Writer {
		return halfOfMembers{w}
	})},
	{name: "removing nobody is no error", caught: "membership/every writer needs the membership", open: writes(func(w storage.ReadWriter) storage.Writer {
		return removesNobody{w}
	})},
	{name: "an owner who transfers stays one", caught: "owner/transfer", open: writes(func(w storage.ReadWriter) storage.Writer {
		return twoOwners{w}
	})},
	{name: "anybody transfers ownership", caught: "owner/transfer refused", open: writes(func(w storage.ReadWriter) storage.Writer {
		return anybodyTransfers{w}
	})},
	{name: "who invited is forgotten", caught: "membership/add keeps and overwrites", open: (&hooks{
		member: func(m *storage.Membership) { m.InvitedBy = storage.UserID{} },
	}).opener()},
	{name: "ActiveSince is exclusive", caught: "membership list/every filter in every order", open: (&hooks{members: func(q *storage.MembershipQuery) {
		q.ActiveSince = later(q.ActiveSince)
	}}).opener()},
	{name: "members by activity are by joining", caught: "membership list/of a room, by activity under equal times", open: (&hooks{
		members: func(q *storage.MembershipQuery) { q.Order = min(q.Order, storage.MembersByJoining) },
	}).opener()},
	{name: "everybody is a member", caught: "membership/who is no member", open: reads(func(r storage.Reader) storage.Reader {
		return everybody{r}
	})},
}

// forbidden reports whether an operation was forbidden for a reason.
func forbidden(err error, reason storage.Reason) bool {
	var e *storage.Error
	return errors.As(err, &e) && e.Kind == storage.ErrForbidden && e.Reason == reason
}

// ownersLeave acknowledges what it must refuse, and so does ownersFall.
type ownersLeave struct{ storage.Writer }

func (w ownersLeave) RemoveMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	err := w.Writer.RemoveMember(ctx, room, user)
	if forbidden(err, storage.ReasonLastOwner) {
		return nil
	}
	return err
}

type ownersFall struct{ storage.Writer }

func (w ownersFall) SetMemberRole(ctx context.Context, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
	err := w.Writer.SetMemberRole(ctx, room, user, role)
	if forbidden(err, storage.ReasonLastOwner) {
		return nil
	}
	return err
}

type crowded struct{ storage.ReadWriter }

func (w crowded) AddMember(ctx context.Context, m *storage.Membership) error {
	err := w.ReadWriter.AddMember(ctx, m)
	if !forbidden(err, storage.ReasonRoomFull) {
		return err
	}
	room, err := w.Room(ctx, m.RoomID)
	if err != nil {
		return err
	}
	limit := room.Settings
	room.Settings.MaxMembers = 0
	if _, err := w.UpdateRoomSettings(ctx, room.ID, room.Settings); err != nil {
		return err
	}
	if err := w.ReadWriter.AddMember(ctx, m); err != nil {
		return err
	}
	_, err = w.UpdateRoomSettings(ctx, room.ID, limit)
	return err
}

// welcoming replaces the membership of who is a member already.
type welcoming struct{ storage.Writer }

func (w welcoming) AddMember(ctx context.Context, m *storage.Membership) error {
	err := w.Writer.AddMember(ctx, m)
	if errors.Is(err, storage.ErrDuplicate) {
		return w.UpdateMemberSettings(ctx, m.RoomID, m.UserID, m.Settings)
	}
	return err
}

type countsAll struct{ storage.Writer }

func (w countsAll) AddMembers(ctx context.Context, room storage.RoomID, role storage.MemberRole, users ...storage.UserID) (int, error) {
	if _, err := w.Writer.AddMembers(ctx, room, role, users...); err != nil {
		return 0, err
	}
	return len(users), nil
}

// halfOfMembers adds one after the other, up to the first who cannot be.
type halfOfMembers struct{ storage.Writer }

func (w halfOfMembers) AddMembers(ctx context.Context, room storage.RoomID, role storage.MemberRole, users ...storage.UserID) (int, error) {
	added := 0
	for _, user := range users {
		n, err := w.Writer.AddMembers(ctx, room, role, user)
		if err != nil {
			return 0, err
		}
		added += n
	}
	return added, nil
}

type removesNobody struct{ storage.Writer }

func (w removesNobody) RemoveMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	err := w.Writer.RemoveMember(ctx, room, user)
	if errors.Is(err, storage.ErrNotFound) {
		return nil
	}
	return err
}

type twoOwners struct{ storage.Writer }

func (w twoOwners) TransferOwnership(ctx context.Context, room storage.RoomID, from, to storage.UserID) error {
	if err := w.Writer.TransferOwnership(ctx, room, from, to); err != nil {
		return err
	}
	return w.SetMemberRole(ctx, room, from, storage.MemberOwner)
}

type anybodyTransfers struct{ storage.Writer }

func (w anybodyTransfers) TransferOwnership(ctx context.Context, room storage.RoomID, from, to storage.UserID) error {
	err := w.Writer.TransferOwnership(ctx, room, from, to)
	if forbidden(err, storage.ReasonNotOwner) {
		return w.SetMemberRole(ctx, room, to, storage.MemberOwner)
	}
	return err
}

type everybody struct{ storage.Reader }

func (r everybody) IsMember(ctx context.Context, room storage.RoomID, user storage.UserID) (bool, error) {
	_, err := r.Reader.IsMember(ctx, room, user)
	return err == nil, err
}
