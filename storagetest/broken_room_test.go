package storagetest_test

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/lairchat/lair/storage"
)

var roomFaults = []fault{
	{name: "room names are looked up case-sensitively", caught: "room name/names that are the same", open: reads(func(r storage.Reader) storage.Reader {
		return exactRoomNames{r}
	})},
	{name: "a room name twice", caught: "room name/names that are the same", open: writes(func(w storage.ReadWriter) storage.Writer {
		return secondRoom{w}
	})},
	{name: "the creator is no member", caught: "room/the creator is the owner", open: writes(func(w storage.ReadWriter) storage.Writer {
		return absentCreator{w}
	})},
	{name: "the creator is a plain member", caught: "room/the creator is the owner", open: writes(func(w storage.ReadWriter) storage.Writer {
		return humbleCreator{w}
	})},
	{name: "a room's stale version", caught: "room change/patch on a version", open: writes(func(w storage.ReadWriter) storage.Writer {
		return staleRooms{w}
	})},
	{name: "a patch that changes nothing raises a room's version", caught: "room change/patch that changes nothing", open: writes(func(w storage.ReadWriter) storage.Writer {
		return restlessRooms{w}
	})},
	{name: "messages raise the room's version", caught: "room change/what raises no version", open: (&hooks{
		room: func(r *storage.Room) { r.Version += r.LastSeq },
	}).opener()},
	{name: "members are not counted", caught: "membership/leave and come back", open: (&hooks{
		room: func(r *storage.Room) { r.MemberCount = min(r.MemberCount, 1) },
	}).opener()},
	{name: "deleted messages are counted", caught: "message/counters of the room", open: (&hooks{
		room: func(r *storage.Room) { r.MessageCount = r.LastSeq },
	}).opener()},
	{name: "only the first of the types", caught: "room list/every filter in every order", open: (&hooks{rooms: func(q *storage.RoomQuery) {
		q.Types = q.Types[:min(len(q.Types), 1)]
	}}).opener()},
	{name: "only the first word of a room's text", caught: "text/rooms by what they are called", open: (&hooks{rooms: func(q *storage.RoomQuery) {
		q.Text, _, _ = strings.Cut(q.Text, " ")
	}}).opener()},
	{name: "rooms by members are by name", caught: "room list/by members under equal numbers", open: otherRoomOrder(storage.RoomsByMembers, storage.RoomsByName)},
	{name: "rooms by activity are by creation", caught: "room list/by activity under equal times", open: otherRoomOrder(storage.RoomsByActivity, storage.RoomsByCreation)},
	{name: "messages outlive the room", caught: "room delete/messages go", open: roomGhosts()},
	{name: "direct rooms are made", caught: "room/create refuses", open: writes(func(w storage.ReadWriter) storage.Writer {
		return directRooms{w}
	})},
}

type exactRoomNames struct{ storage.Reader }

func noRoom() error {
	return &storage.Error{Op: "read room", Entity: storage.EntityRoom, Kind: storage.ErrNotFound}
}

func (r exactRoomNames) RoomByName(ctx context.Context, name string) (storage.Room, error) {
	room, err := r.Reader.RoomByName(ctx, name)
	if err == nil && room.Name != name {
		return storage.Room{}, noRoom()
	}
	return room, err
}

type secondRoom struct{ storage.Writer }

func (w secondRoom) CreateRoom(ctx context.Context, r *storage.Room) error {
	err := w.Writer.CreateRoom(ctx, r)
	var e *storage.Error
	if errors.As(err, &e) && e.Kind == storage.ErrDuplicate && e.Field == "Name" {
		next := r.Clone()
		next.Name += "2"
		return w.Writer.CreateRoom(ctx, &next)
	}
	return err
}

type absentCreator struct{ storage.Writer }

func (w absentCreator) CreateRoom(ctx context.Context, r *storage.Room) error {
	if err := w.Writer.CreateRoom(ctx, r); err != nil || r.CreatorID.IsZero() {
		return err
	}
	return w.RemoveMember(ctx, r.ID, r.CreatorID)
}

type humbleCreator struct{ storage.Writer }

func (w humbleCreator) CreateRoom(ctx context.Context, r *storage.Room) error {
	if err := w.Writer.CreateRoom(ctx, r); err != nil || r.CreatorID.IsZero() {
		return err
	}
	return w.SetMemberRole(ctx, r.ID, r.CreatorID, storage.MemberMember)
}

type staleRooms struct{ storage.Writer }

func (w staleRooms) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	p.IfVersion = min(p.IfVersion, 0)
	return w.Writer.UpdateRoom(ctx, id, p)
}

type restlessRooms struct{ storage.ReadWriter }

func (w restlessRooms) UpdateRoom(ctx context.Context, id storage.RoomID, p storage.RoomPatch) (storage.Room, error) {
	before, _ := w.Room(ctx, id)
	after, err := w.ReadWriter.UpdateRoom(ctx, id, p)
	if err != nil || after.Version != before.Version {
		return after, err
	}
	if err := w.DeactivateRoom(ctx, id); err != nil {
		return after, err
	}
	if err := w.ReactivateRoom(ctx, id); err != nil {
		return after, err
	}
	return w.Room(ctx, id)
}

// otherRoomOrder lists in one order what is asked for in another.
func otherRoomOrder(asked, given storage.RoomOrder) opener {
	return (&hooks{rooms: func(q *storage.RoomQuery) {
		if q.Order == asked {
			q.Order = given
		}
	}}).opener()
}

// roomGhosts keeps the rows of a deleted room, and hides the room only.
func roomGhosts() opener {
	return func(o storage.Options) storage.Store {
		gone := new(sync.Map)
		read := func(r storage.Reader) storage.Reader { return roomGhostReader{r, gone} }
		write := func(w storage.ReadWriter) storage.Writer { return roomGhostWriter{w, gone} }
		return newBroken(memoryStore(o), read, write)
	}
}

type roomGhostReader struct {
	storage.Reader
	gone *sync.Map
}

func (r roomGhostReader) Room(ctx context.Context, id storage.RoomID) (storage.Room, error) {
	if _, ok := r.gone.Load(id); ok {
		return storage.Room{}, noRoom()
	}
	return r.Reader.Room(ctx, id)
}

type roomGhostWriter struct {
	storage.Writer
	gone *sync.Map
}

func (w roomGhostWriter) DeleteRoom(ctx context.Context, id storage.RoomID) error {
	_, err := w.UpdateRoom(ctx, id, storage.RoomPatch{Name: new("")})
	w.gone.Store(id, true)
	return err
}

type directRooms struct{ storage.Writer }

func (w directRooms) CreateRoom(ctx context.Context, r *storage.Room) error {
	if r.Type == storage.RoomDirectMessage && r.Name == "" {
		r.Type = storage.RoomGroup
	}
	return w.Writer.CreateRoom(ctx, r)
}
