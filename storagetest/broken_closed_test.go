package storagetest_test

import (
	"context"
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
)

var closedFaults = []fault{
	{name: "the banned create rooms", caught: "room closed/of one who is banned everywhere", open: laxly("CreateRoom", storage.ReasonBanned)},
	{name: "inactive rooms take edits", caught: "room closed/takes nothing new", open: laxly("EditMessage", storage.ReasonRoomInactive)},
	{name: "expired rooms take edits", caught: "room closed/takes nothing new", open: laxly("EditMessage", storage.ReasonRoomExpired)},
	{name: "inactive rooms take pins", caught: "room closed/takes nothing new", open: laxly("PinMessage", storage.ReasonRoomInactive)},
	{name: "expired rooms take pins", caught: "room closed/takes nothing new", open: laxly("PinMessage", storage.ReasonRoomExpired)},
	{name: "inactive rooms take reactions", caught: "room closed/takes nothing new", open: laxly("AddReaction", storage.ReasonRoomInactive)},
	{name: "expired rooms take reactions", caught: "room closed/takes nothing new", open: laxly("AddReaction", storage.ReasonRoomExpired)},
	{name: "a pin again is refused in a closed room", caught: "room closed/what is there already", open: strictly(strict{
		pin: inClosedRooms,
	})},
	{name: "closed rooms keep reactions", caught: "room closed/takes away", open: strictly(strict{unreact: inClosedRooms})},
	{name: "closed rooms keep pins", caught: "room closed/takes away", open: strictly(strict{unpin: inClosedRooms})},
	{name: "closed rooms keep messages", caught: "room closed/takes away", open: strictly(strict{remove: inClosedRooms})},
	{name: "the muted delete nothing", caught: "sanction/what stays allowed", open: strictly(strict{remove: byMuted})},
	{name: "the muted pin nothing", caught: "sanction/what stays allowed", open: strictly(strict{pin: byMuted})},
	{name: "nobody edits what the muted said", caught: "sanction/what stays allowed", open: strictly(strict{edit: ofMuted})},
	{name: "the muted edit", caught: "sanction/a mute", open: laxly("EditMessage", storage.ReasonMuted)},
	{name: "the banned edit", caught: "sanction/a ban in a room", open: laxly("EditMessage", storage.ReasonBanned)},
	{name: "the muted upload", caught: "sanction/a mute", open: laxly("CreateAttachment", storage.ReasonMuted)},
	{name: "the banned upload", caught: "sanction/a ban in a room", open: laxly("CreateAttachment", storage.ReasonBanned)},
	{name: "the banned pin", caught: "sanction/a ban in a room", open: laxly("PinMessage", storage.ReasonBanned)},
	{name: "limits of direct rooms", caught: "direct/neither a time nor a limit", open: laxly("UpdateRoomSettings", "")},
	{name: "every room expires", caught: "temporary/every type", open: laxly("UpdateRoom", "")},
	{name: "every new room expires", caught: "temporary/every type", open: laxly("CreateRoom", "")},
	{name: "sanctions end before they begin", caught: "sanction/a time that comes meanwhile", open: accessWrites{
		createSanction: func(ctx context.Context, w storage.ReadWriter, s *storage.Sanction) error {
			given := s.ExpiresAt
			err := w.CreateSanction(ctx, s)
			if errors.Is(err, storage.ErrInvalid) && s.Kind == storage.SanctionMute && given.After(clockYear) {
				s.ExpiresAt = time.Time{}
				err = w.CreateSanction(ctx, s)
				s.ExpiresAt = given
			}
			return err
		},
	}.opener()},
	{name: "invites end before they begin", caught: "invite/a time that comes meanwhile", open: accessWrites{
		createInvite: func(ctx context.Context, w storage.ReadWriter, i *storage.Invite) (storage.Secret, error) {
			given := i.ExpiresAt
			code, err := w.CreateInvite(ctx, i)
			if errors.Is(err, storage.ErrInvalid) && given.After(clockYear) {
				i.ExpiresAt = time.Time{}
				code, err = w.CreateInvite(ctx, i)
				i.ExpiresAt = given
			}
			return code, err
		},
	}.opener()},
	{name: "invites that are over tell of rooms", caught: "access/a hidden room", open: accessReads{
		invites: func(q *storage.InviteQuery) { q.Live = nil },
	}.opener()},
	{name: "invites of others tell of rooms", caught: "access/a hidden room", open: accessReads{
		invites: func(q *storage.InviteQuery) { q.Invitee = storage.UserID{} },
	}.opener()},
	{name: "an invite that is used up is a membership twice", caught: "race/last use of an invite by whom it names", open: accessWrites{
		accept: func(ctx context.Context, w storage.ReadWriter, id storage.InviteID, user storage.UserID) (storage.Membership, error) {
			m, err := w.AcceptInvite(ctx, id, user)
			if i, lost := w.Invite(ctx, id); lost == nil && i.Uses > 0 && errors.Is(err, storage.ErrNotFound) {
				return m, &storage.Error{Op: "accept invite", Entity: storage.EntityMembership, Kind: storage.ErrDuplicate}
			}
			return m, err
		},
	}.opener()},
}

// clockYear is before the times of the suite that are to come.
var clockYear = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// lax lets one reason to refuse one call pass for success, or everything that is
// invalid where the reason is empty.
type lax struct {
	storage.Writer
	call   string
	reason storage.Reason
}

func laxly(call string, reason storage.Reason) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return lax{w, call, reason} })
}

func (w lax) pass(call string, err error) error {
	var e *storage.Error
	if !errors.As(err, &e) || call != w.call || e.Reason != w.reason {
		return err
	}
	if w.reason == "" && !errors.Is(err, storage.ErrInvalid) {
		return err
	}
	return nil
}

func (w lax) CreateRoom(ctx context.Context, r *storage.Room) error {
	return w.pass("CreateRoom", w.Writer.CreateRoom(ctx, r))
}

func (w lax) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	r, err := w.Writer.UpdateRoom(ctx, id, p)
	return r, w.pass("UpdateRoom", err)
}

func (w lax) UpdateRoomSettings(ctx context.Context, id storage.RoomID, s storage.RoomSettings) (storage.Room, error) {
	r, err := w.Writer.UpdateRoomSettings(ctx, id, s)
	return r, w.pass("UpdateRoomSettings", err)
}

func (w lax) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	m, err := w.Writer.EditMessage(ctx, id, by, p)
	return m, w.pass("EditMessage", err)
}

func (w lax) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.PinMessage(ctx, id, by)
	return m, w.pass("PinMessage", err)
}

func (w lax) AddReaction(ctx context.Context, m storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	added, err := w.Writer.AddReaction(ctx, m, user, emoji)
	return added, w.pass("AddReaction", err)
}

func (w lax) CreateAttachment(ctx context.Context, a *storage.Attachment) error {
	return w.pass("CreateAttachment", w.Writer.CreateAttachment(ctx, a))
}

// strict are reasons to refuse calls about a message by somebody; those that are
// nil refuse nothing.
type strict struct {
	pin, unpin, edit, remove, unreact func(ctx context.Context, r storage.Reader, m storage.MessageID, by storage.UserID) error
}

// inClosedRooms refuses what is in a room that takes nothing new.
func inClosedRooms(ctx context.Context, r storage.Reader, id storage.MessageID, _ storage.UserID) error {
	m, err := r.Message(ctx, id)
	if err != nil {
		return nil
	}
	room, err := r.Room(ctx, m.RoomID)
	if err != nil || room.Active {
		return nil
	}
	return &storage.Error{Op: "ask for the room", Kind: storage.ErrForbidden, Reason: storage.ReasonRoomInactive}
}

// byMuted refuses what somebody does who is muted everywhere.
func byMuted(ctx context.Context, r storage.Reader, _ storage.MessageID, by storage.UserID) error {
	return silenced(ctx, r, storage.RoomID{}, by)
}

// ofMuted refuses what is done to what somebody said who is muted everywhere.
func ofMuted(ctx context.Context, r storage.Reader, id storage.MessageID, _ storage.UserID) error {
	m, err := r.Message(ctx, id)
	if err != nil {
		return nil
	}
	return silenced(ctx, r, storage.RoomID{}, m.AuthorID)
}
