package storagetest_test

import (
	"context"
	"errors"

	"github.com/lairchat/lair/storage"
)

// errorFaults are about what a call that fails says and leaves.
var errorFaults = []fault{
	{name: "an error without its operation", caught: "user/create refuses", open: failing(func(e *storage.Error) { e.Op = "" })},
	{name: "an error without its kind of record", caught: "user/read by no key", open: failing(func(e *storage.Error) { e.Entity = "" })},
	{name: "an error without its field", caught: "user name/emails that are the same", open: failing(func(e *storage.Error) { e.Field = "" })},
	{name: "a bare error", caught: "user/create refuses", open: writes(func(w storage.ReadWriter) storage.Writer { return bareErrors{w} })},
	{name: "forbidden without a reason", caught: "owner/the last owner stays", open: writes(func(w storage.ReadWriter) storage.Writer {
		return noReasons{w}
	})},
	{name: "a constraint instead of a duplicate", caught: "user name/emails that are the same", open: failing(func(e *storage.Error) {
		if e.Kind == storage.ErrDuplicate {
			e.Kind = storage.ErrConstraint
		}
	})},
	{name: "not found before invalid", caught: "message/order of errors", open: writes(func(w storage.ReadWriter) storage.Writer {
		return looksFirst{w}
	})},
	{name: "forbidden before not found", caught: "message/order of errors", open: writes(func(w storage.ReadWriter) storage.Writer {
		return judgesFirst{w}
	})},
	{name: "conflict before not found", caught: "edit/order of errors", open: writes(func(w storage.ReadWriter) storage.Writer {
		return conflictsFirst{w}
	})},
	{name: "a user who was not stored is filled in", caught: "user/create refuses", open: writes(func(w storage.ReadWriter) storage.Writer {
		return fillsUsers{w}
	})},
	{name: "a room that was not stored is filled in", caught: "room/create refuses", open: writes(func(w storage.ReadWriter) storage.Writer {
		return fillsRooms{w}
	})},
	{name: "a message that was not stored is filled in", caught: "message/unknown references", open: writes(func(w storage.ReadWriter) storage.Writer {
		return fillsMessages{w}
	})},
	{name: "a record beside an error", caught: "user change/patch refused", open: writes(func(w storage.ReadWriter) storage.Writer {
		return generous{w}
	})},
	{name: "half of a refused room stays", caught: "room/the creator is the owner", open: writes(func(w storage.ReadWriter) storage.Writer {
		return roomsWithout{w}
	})},
	{name: "a message that is nil", caught: "message/nil", open: stores(func(s storage.Store) storage.Store {
		return noMessage{s}
	})},
}

// failing changes the errors of the operations on users.
func failing(edit func(*storage.Error)) opener {
	return func(o storage.Options) storage.Store {
		read := func(r storage.Reader) storage.Reader { return failingReader{r, edit} }
		write := func(w storage.ReadWriter) storage.Writer { return failingWriter{w, edit} }
		return newBroken(memoryStore(o), read, write)
	}
}

func edited(err error, edit func(*storage.Error)) error {
	var e *storage.Error
	if !errors.As(err, &e) {
		return err
	}
	other := *e
	edit(&other)
	return &other
}

type failingReader struct {
	storage.Reader
	edit func(*storage.Error)
}

func (r failingReader) User(ctx context.Context, id storage.UserID) (storage.User, error) {
	u, err := r.Reader.User(ctx, id)
	return u, edited(err, r.edit)
}

type failingWriter struct {
	storage.Writer
	edit func(*storage.Error)
}

func (w failingWriter) CreateUser(ctx context.Context, u *storage.User) error {
	return edited(w.Writer.CreateUser(ctx, u), w.edit)
}

type bareErrors struct{ storage.Writer }

func (w bareErrors) CreateUser(ctx context.Context, u *storage.User) error {
	err := w.Writer.CreateUser(ctx, u)
	var e *storage.Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return err
}

type noReasons struct{ storage.Writer }

func (w noReasons) RemoveMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	err := w.Writer.RemoveMember(ctx, room, user)
	return edited(err, func(e *storage.Error) { e.Reason = "" })
}

// looksFirst looks for the room before it looks at the message.
type looksFirst struct{ storage.ReadWriter }

func (w looksFirst) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if _, err := w.Room(ctx, m.RoomID); errors.Is(err, storage.ErrNotFound) {
		return false, err
	}
	return w.ReadWriter.CreateMessage(ctx, m)
}

// judgesFirst asks whether the room is active before it looks for the author.
type judgesFirst struct{ storage.ReadWriter }

func (w judgesFirst) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.ReadWriter.CreateMessage(ctx, m)
	if room, _ := w.Room(ctx, m.RoomID); errors.Is(err, storage.ErrNotFound) && !room.ID.IsZero() && !room.Active {
		return false, &storage.Error{
			Op: "create message", Entity: storage.EntityRoom, ID: m.RoomID.String(),
			Kind: storage.ErrForbidden, Reason: storage.ReasonRoomInactive,
		}
	}
	return created, err
}

// conflictsFirst looks at the version before it looks for the editor.
type conflictsFirst struct{ storage.ReadWriter }

func (w conflictsFirst) EditMessage(ctx context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	after, err := w.ReadWriter.EditMessage(ctx, id, by, p)
	m, _ := w.Message(ctx, id)
	if stale := p.IfVersion > 0 && p.IfVersion != m.Version; errors.Is(err, storage.ErrNotFound) && (stale || m.Deleted()) {
		return storage.Message{}, &storage.Error{Op: "edit message", Entity: storage.EntityMessage, Kind: storage.ErrConflict}
	}
	return after, err
}

type fillsUsers struct{ storage.Writer }

func (w fillsUsers) CreateUser(ctx context.Context, u *storage.User) error {
	if u.Role == 0 {
		u.Role = storage.RoleUser
	}
	return w.Writer.CreateUser(ctx, u)
}

type fillsRooms struct{ storage.Writer }

func (w fillsRooms) CreateRoom(ctx context.Context, r *storage.Room) error {
	if r.Type == 0 {
		r.Type = storage.RoomChannel
	}
	return w.Writer.CreateRoom(ctx, r)
}

type fillsMessages struct{ storage.Writer }

func (w fillsMessages) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	if m.Type == 0 {
		m.Type = storage.MessageText
	}
	return w.Writer.CreateMessage(ctx, m)
}

// generous returns the user as it is beside the error that it was not changed.
type generous struct{ storage.ReadWriter }

func (w generous) UpdateUser(ctx context.Context, id storage.UserID, p storage.UserPatch) (storage.User, error) {
	after, err := w.ReadWriter.UpdateUser(ctx, id, p)
	if err != nil {
		after, _ = w.User(ctx, id)
	}
	return after, err
}

// roomsWithout stores a room whose creator does not exist, without one, and
// says that it has not.
type roomsWithout struct{ storage.Writer }

func (w roomsWithout) CreateRoom(ctx context.Context, r *storage.Room) error {
	err := w.Writer.CreateRoom(ctx, r)
	if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	next := r.Clone()
	next.CreatorID = storage.UserID{}
	return errors.Join(err, w.Writer.CreateRoom(ctx, &next))
}

// noMessage panics where there is no message.
type noMessage struct{ storage.Store }

func (s noMessage) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	next := m.Clone()
	created, err := s.Store.CreateMessage(ctx, &next)
	if err == nil {
		*m = next
	}
	return created, err
}
