package storagetest_test

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

var sanctionFaults = []fault{
	{name: "bans that let in", caught: "sanction/a ban in a room", open: sanctioning(storage.SanctionBan, func(s *storage.Sanction) { s.Kind = storage.SanctionKick })},
	{name: "bans that leave people in", caught: "sanction/a ban in a room", open: sanctioning(storage.SanctionBan, func(s *storage.Sanction) { s.Kind = storage.SanctionMute })},
	{name: "kicks that last", caught: "sanction/a kick", open: sanctioning(storage.SanctionKick, func(s *storage.Sanction) { s.Kind = storage.SanctionBan })},
	{name: "mutes that put out", caught: "sanction/a mute", open: sanctioning(storage.SanctionMute, func(s *storage.Sanction) { s.Kind = storage.SanctionBan })},
	{name: "bans that do not expire", caught: "sanction/expiry", open: sanctioning(storage.SanctionBan, func(s *storage.Sanction) { s.ExpiresAt = time.Time{} })},
	{name: "mutes that do not expire", caught: "sanction/expiry", open: sanctioning(storage.SanctionMute, func(s *storage.Sanction) { s.ExpiresAt = time.Time{} })},
	{name: "reasons are lost", caught: "sanction/as it is stored", open: sanctioning(storage.SanctionBan, func(s *storage.Sanction) { s.Reason = "" })},
	{name: "moderators are lost", caught: "sanction/as it is stored", open: sanctioning(storage.SanctionBan, func(s *storage.Sanction) { s.ModeratorID = storage.UserID{} })},
	{name: "the last owner cannot be banned", caught: "sanction/of the last owner", open: accessWrites{
		createSanction: func(ctx context.Context, w storage.ReadWriter, s *storage.Sanction) error {
			if m, err := w.Membership(ctx, s.RoomID, s.UserID); err == nil && m.Role == storage.MemberOwner {
				return &storage.Error{Op: "create sanction", Kind: storage.ErrForbidden, Reason: storage.ReasonLastOwner}
			}
			return w.CreateSanction(ctx, s)
		},
	}.opener()},
	{name: "mutes stop imports", caught: "sanction/imports are free", open: accessWrites{sendMany: oneByOne}.opener()},
	{name: "mutes stop what is repeated", caught: "sanction/a nonce repeated", open: accessWrites{
		send: func(ctx context.Context, w storage.ReadWriter, m *storage.Message) (bool, error) {
			if err := silenced(ctx, w, m.RoomID, m.AuthorID); err != nil {
				return false, err
			}
			return w.CreateMessage(ctx, m)
		},
	}.opener()},
	{name: "the muted react", caught: "sanction/a mute", open: accessWrites{
		react: func(ctx context.Context, w storage.ReadWriter, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
			added, err := w.AddReaction(ctx, m, user, emoji)
			return added, without(err, storage.ErrForbidden)
		},
	}.opener()},
	{name: "the muted take nothing back", caught: "sanction/what stays allowed", open: accessWrites{
		unreact: func(ctx context.Context, w storage.ReadWriter, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
			if err := silenced(ctx, w, storage.RoomID{}, user); err != nil {
				return false, err
			}
			return w.RemoveReaction(ctx, m, user, emoji)
		},
	}.opener()},
	{name: "the banned are added", caught: "sanction/a ban in a room", open: accessWrites{
		addMember: func(ctx context.Context, w storage.ReadWriter, m *storage.Membership) error {
			return without(w.AddMember(ctx, m), storage.ErrForbidden)
		},
	}.opener()},
	{name: "sanctions are lifted by nobody", caught: "sanction/lifting", open: accessWrites{
		lift: func(ctx context.Context, w storage.ReadWriter, id storage.SanctionID, _ storage.UserID) (storage.Sanction, error) {
			return w.LiftSanction(ctx, id, storage.UserID{})
		},
	}.opener()},
	{name: "sanctions are lifted twice", caught: "sanction/lifting", open: accessWrites{
		lift: func(ctx context.Context, w storage.ReadWriter, id storage.SanctionID, by storage.UserID) (storage.Sanction, error) {
			s, err := w.LiftSanction(ctx, id, by)
			if err == nil && !s.LiftedAt.IsZero() {
				s.LiftedBy = by
			}
			return s, err
		},
	}.opener()},
	{name: "kicks are lifted", caught: "sanction/lifting what has ended", open: accessWrites{
		lift: func(ctx context.Context, w storage.ReadWriter, id storage.SanctionID, by storage.UserID) (storage.Sanction, error) {
			s, err := w.LiftSanction(ctx, id, by)
			if err == nil && s.LiftedAt.IsZero() {
				s.LiftedAt = s.CreatedAt
			}
			return s, err
		},
	}.opener()},
	{name: "the newest sanction is the active one", caught: "sanction/the one that is active", open: accessReads{active: newestActive}.opener()},
	{name: "sanctions everywhere are not active", caught: "sanction/the one that is active", open: accessReads{
		active: func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error) {
			s, err := r.ActiveSanction(ctx, user, room, kind)
			if err == nil && s.RoomID != room {
				return storage.Sanction{}, &storage.Error{Op: "read active sanction", Entity: storage.EntitySanction, Kind: storage.ErrNotFound}
			}
			return s, err
		},
	}.opener()},
	{name: "a kick is asked for", caught: "sanction/none is active", open: accessReads{
		active: func(ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID, kind storage.SanctionKind) (storage.Sanction, error) {
			return r.ActiveSanction(ctx, user, room, min(kind, storage.SanctionMute))
		},
	}.opener()},
	{name: "sanctions against all", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.User = storage.UserID{} })},
	{name: "sanctions in all rooms", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.Room = storage.RoomID{} })},
	{name: "sanctions everywhere and elsewhere", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.Everywhere = false })},
	{name: "sanctions of the first kind", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.Kinds = q.Kinds[:min(len(q.Kinds), 1)] })},
	{name: "sanctions by all moderators", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.Moderator = storage.UserID{} })},
	{name: "sanctions in force or not", caught: "sanction/list", open: listedSanctions(func(q *storage.SanctionQuery) { q.InForce = false })},
	{name: "a room and everywhere", caught: "sanction/list refused", open: listedSanctions(func(q *storage.SanctionQuery) { q.Everywhere = q.Everywhere && q.Room.IsZero() })},
}

func listedSanctions(change func(*storage.SanctionQuery)) opener {
	return accessReads{sanctions: change}.opener()
}

// sanctioning stores other sanctions of a kind than it was given.
func sanctioning(kind storage.SanctionKind, change func(*storage.Sanction)) opener {
	return accessWrites{
		createSanction: func(ctx context.Context, w storage.ReadWriter, s *storage.Sanction) error {
			if s.Kind == kind {
				change(s)
			}
			return w.CreateSanction(ctx, s)
		},
	}.opener()
}

// silenced refuses who is muted.
func silenced(ctx context.Context, r storage.Reader, room storage.RoomID, user storage.UserID) error {
	if _, err := r.ActiveSanction(ctx, user, room, storage.SanctionMute); err != nil {
		return nil
	}
	return &storage.Error{Op: "ask for sanctions", Kind: storage.ErrForbidden, Reason: storage.ReasonMuted}
}

func newestActive(
	ctx context.Context, r storage.Reader, user storage.UserID, room storage.RoomID, kind storage.SanctionKind,
) (storage.Sanction, error) {
	q := storage.SanctionQuery{User: user, Kinds: []storage.SanctionKind{kind}, InForce: true}
	for s, err := range storage.All(ctx, r.Sanctions, q) {
		if err != nil || s.RoomID.IsZero() || s.RoomID == room {
			return s, err
		}
	}
	return r.ActiveSanction(ctx, user, room, kind)
}
