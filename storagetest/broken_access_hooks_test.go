package storagetest_test

import (
	"context"

	"github.com/lairchat/lair/storage"
)

// accessWriter is a writer of which some calls are others. Those that are nil
// are the good ones.
type accessWriter struct {
	storage.ReadWriter
	accessWrites
}

// accessWrites are calls that get what they call instead.
type accessWrites struct {
	open           func(ctx context.Context, w storage.ReadWriter, a, b storage.UserID) (storage.Room, bool, error)
	createInvite   func(ctx context.Context, w storage.ReadWriter, i *storage.Invite) (storage.Secret, error)
	redeem         func(ctx context.Context, w storage.ReadWriter, code storage.Secret, user storage.UserID) (storage.Membership, error)
	accept         func(ctx context.Context, w storage.ReadWriter, id storage.InviteID, user storage.UserID) (storage.Membership, error)
	revoke         func(ctx context.Context, w storage.ReadWriter, id storage.InviteID) error
	createSanction func(ctx context.Context, w storage.ReadWriter, s *storage.Sanction) error
	lift           func(ctx context.Context, w storage.ReadWriter, id storage.SanctionID, by storage.UserID) (storage.Sanction, error)
	addMember      func(ctx context.Context, w storage.ReadWriter, m *storage.Membership) error
	setRole        func(ctx context.Context, w storage.ReadWriter, room storage.RoomID, user storage.UserID, role storage.MemberRole) error
	send           func(ctx context.Context, w storage.ReadWriter, m *storage.Message) (bool, error)
	sendMany       func(ctx context.Context, w storage.ReadWriter, ms []*storage.Message) (int, error)
	react          func(ctx context.Context, w storage.ReadWriter, m storage.MessageID, user storage.UserID, emoji string) (bool, error)
	unreact        func(ctx context.Context, w storage.ReadWriter, m storage.MessageID, user storage.UserID, emoji string) (bool, error)
}

// opener opens stores with these calls.
func (c accessWrites) opener() opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return accessWriter{w, c} })
}

func (w accessWriter) OpenDirectRoom(ctx context.Context, a, b storage.UserID) (storage.Room, bool, error) {
	if w.open == nil {
		return w.ReadWriter.OpenDirectRoom(ctx, a, b)
	}
	return w.open(ctx, w.ReadWriter, a, b)
}

func (w accessWriter) CreateInvite(ctx context.Context, i *storage.Invite) (storage.Secret, error) {
	if w.createInvite == nil {
		return w.ReadWriter.CreateInvite(ctx, i)
	}
	return w.createInvite(ctx, w.ReadWriter, i)
}

func (w accessWriter) RedeemInvite(ctx context.Context, code storage.Secret, user storage.UserID) (storage.Membership, error) {
	if w.redeem == nil {
		return w.ReadWriter.RedeemInvite(ctx, code, user)
	}
	return w.redeem(ctx, w.ReadWriter, code, user)
}

func (w accessWriter) AcceptInvite(ctx context.Context, id storage.InviteID, user storage.UserID) (storage.Membership, error) {
	if w.accept == nil {
		return w.ReadWriter.AcceptInvite(ctx, id, user)
	}
	return w.accept(ctx, w.ReadWriter, id, user)
}

func (w accessWriter) RevokeInvite(ctx context.Context, id storage.InviteID) error {
	if w.revoke == nil {
		return w.ReadWriter.RevokeInvite(ctx, id)
	}
	return w.revoke(ctx, w.ReadWriter, id)
}

func (w accessWriter) CreateSanction(ctx context.Context, s *storage.Sanction) error {
	if w.createSanction == nil {
		return w.ReadWriter.CreateSanction(ctx, s)
	}
	return w.createSanction(ctx, w.ReadWriter, s)
}

func (w accessWriter) LiftSanction(ctx context.Context, id storage.SanctionID, by storage.UserID) (storage.Sanction, error) {
	if w.lift == nil {
		return w.ReadWriter.LiftSanction(ctx, id, by)
	}
	return w.lift(ctx, w.ReadWriter, id, by)
}

func (w accessWriter) AddMember(ctx context.Context, m *storage.Membership) error {
	if w.addMember == nil {
		return w.ReadWriter.AddMember(ctx, m)
	}
	return w.addMember(ctx, w.ReadWriter, m)
}

func (w accessWriter) SetMemberRole(ctx context.Context, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
	if w.setRole == nil {
		return w.ReadWriter.SetMemberRole(ctx, room, user, role)
	}
	return w.setRole(ctx, w.ReadWriter, room, user, role)
}

func (w accessWriter) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if w.send == nil {
		return w.ReadWriter.CreateMessage(ctx, m)
	}
	return w.send(ctx, w.ReadWriter, m)
}

func (w accessWriter) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	if w.sendMany == nil {
		return w.ReadWriter.CreateMessages(ctx, ms)
	}
	return w.sendMany(ctx, w.ReadWriter, ms)
}

func (w accessWriter) AddReaction(ctx context.Context, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	if w.react == nil {
		return w.ReadWriter.AddReaction(ctx, m, user, emoji)
	}
	return w.react(ctx, w.ReadWriter, m, user, emoji)
}

func (w accessWriter) RemoveReaction(ctx context.Context, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	if w.unreact == nil {
		return w.ReadWriter.RemoveReaction(ctx, m, user, emoji)
	}
	return w.unreact(ctx, w.ReadWriter, m, user, emoji)
}

// accessReader is a reader that changes queries and records on their way.
type accessReader struct {
	storage.Reader
	accessReads
}

// accessReads are changes; those that are nil do nothing.
type accessReads struct {
	direct    func(a, b storage.UserID) (storage.UserID, storage.UserID)
	invite    func(*storage.Invite)
	invites   func(*storage.InviteQuery)
	keep      func(storage.Invite) bool // those to be listed
	sanctions func(*storage.SanctionQuery)
	active    func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error)
}

// opener opens stores with these changes.
func (c accessReads) opener() opener {
	return reads(func(r storage.Reader) storage.Reader { return accessReader{r, c} })
}

func (r accessReader) DirectRoom(ctx context.Context, a, b storage.UserID) (storage.Room, error) {
	if r.direct != nil {
		a, b = r.direct(a, b)
	}
	return r.Reader.DirectRoom(ctx, a, b)
}

func (r accessReader) Invite(ctx context.Context, id storage.InviteID) (storage.Invite, error) {
	i, err := r.Reader.Invite(ctx, id)
	return apply(r.invite, i, err)
}

func (r accessReader) Invites(ctx context.Context, q storage.InviteQuery) (storage.Page[storage.Invite], error) {
	p, err := r.Reader.Invites(ctx, asked(r.invites, true, q))
	var kept []storage.Invite
	for _, i := range p.Items {
		if r.keep == nil || q.Invitee.IsZero() || r.keep(i) {
			kept = append(kept, i)
		}
	}
	p.Items = kept
	return p, err
}

func (r accessReader) Sanctions(ctx context.Context, q storage.SanctionQuery) (storage.Page[storage.Sanction], error) {
	return r.Reader.Sanctions(ctx, asked(r.sanctions, true, q))
}

func (r accessReader) ActiveSanction(
	ctx context.Context, user storage.UserID, room storage.RoomID, kind storage.SanctionKind,
) (storage.Sanction, error) {
	if r.active == nil {
		return r.Reader.ActiveSanction(ctx, user, room, kind)
	}
	return r.active(ctx, r.Reader, user, room, kind)
}
