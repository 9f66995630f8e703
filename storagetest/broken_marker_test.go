package storagetest_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/lairchat/lair/storage"
)

// markerFaults are about read markers, and about what writes them.
var markerFaults = []fault{
	{name: "reading moves the marker back", caught: "marker/read", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if err := w.MarkRead(ctx, p.room, p.user, p.Anchor); err != nil || p.Seq == 0 {
			return err
		}
		return w.MarkUnread(ctx, p.room, p.user, storage.AtSeq(p.Seq+1))
	}})},
	{name: "reading to the end reads nothing", caught: "marker/read", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if p.IsZero() {
			return nil
		}
		return w.MarkRead(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "reading leaves the last one unread", caught: "marker/read", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if p.Seq > 1 {
			p.Seq--
		}
		return w.MarkRead(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "reading beyond the end is refused", caught: "marker/read", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if room, err := w.Room(ctx, p.room); err == nil && p.Seq > room.LastSeq {
			return storage.WithOp("mark read", storage.Invalid("upTo", "beyond the end"))
		}
		return w.MarkRead(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "nothing is read up to what is gone", caught: "marker/read up to what is gone", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if _, err := w.Message(ctx, p.ID); !p.ID.IsZero() && err != nil {
			return err
		}
		return w.MarkRead(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "reading up to nothing reads all", caught: "marker/unknown anchors", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		err := w.MarkRead(ctx, p.room, p.user, p.Anchor)
		if errors.Is(err, storage.ErrNotFound) && !p.ID.IsZero() {
			return w.MarkRead(ctx, p.room, p.user, storage.Anchor{})
		}
		return err
	}})},
	{name: "who is no member reads", caught: "marker/who is no member", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		return unlessMember(w.MarkRead(ctx, p.room, p.user, p.Anchor))
	}})},
	{name: "an inactive room is not read", caught: "marker/inactive room", open: markerMoves(markers{read: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if room, err := w.Room(ctx, p.room); err == nil && !room.Active {
			return storage.WithOp("mark read", storage.Forbidden(storage.EntityRoom, room.ID.String(), storage.ReasonRoomInactive))
		}
		return w.MarkRead(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "unread begins behind the message", caught: "marker/unread", open: markerMoves(markers{unread: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if p.Seq > 0 && p.Seq < storage.MaxSeq {
			p.Seq++
		}
		return w.MarkUnread(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "unread moves the marker forward", caught: "marker/unread", open: markerMoves(markers{unread: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if err := w.MarkUnread(ctx, p.room, p.user, p.Anchor); err != nil || p.Seq < 2 {
			return err
		}
		return w.MarkRead(ctx, p.room, p.user, storage.AtSeq(p.Seq-1))
	}})},
	{name: "unread from nowhere is from the beginning", caught: "marker/invalid anchors", open: markerMoves(markers{unread: func(ctx context.Context, w storage.ReadWriter, p place) error {
		if p.IsZero() {
			p.Seq = 1
		}
		return w.MarkUnread(ctx, p.room, p.user, p.Anchor)
	}})},
	{name: "sending leaves the marker", caught: "marker/sending", open: writes(func(w storage.ReadWriter) storage.Writer {
		return unmarkedSends{w}
	})},
	{name: "a repeated request moves the marker", caught: "marker/sending again", open: writes(func(w storage.ReadWriter) storage.Writer {
		return marksAgain{w}
	})},
	{name: "imports move markers", caught: "marker/imports", open: writes(func(w storage.ReadWriter) storage.Writer {
		return markedImports{w}
	})},
	{name: "a tombstone moves its author's marker", caught: "marker/own messages go", open: writes(func(w storage.ReadWriter) storage.Writer {
		return markedTombstones{w}
	})},
	{name: "a purge moves the author's marker", caught: "marker/own messages go", open: writes(func(w storage.ReadWriter) storage.Writer {
		return markedPurges{w}
	})},
	{name: "several who join begin at the beginning", caught: "marker/several join", open: writes(func(w storage.ReadWriter) storage.Writer {
		return unreadJoins{w}
	})},
	{name: "a change of role reads all", caught: "marker/membership changes leave it", open: writes(func(w storage.ReadWriter) storage.Writer {
		return readsWithRole{w}
	})},
	{name: "who joins again goes on where he was", caught: "marker/joining again", open: func(o storage.Options) storage.Store {
		left := &leavers{markers: map[[2]string]int64{}}
		return writes(func(w storage.ReadWriter) storage.Writer { return remembersLeavers{w, left} })(o)
	}},
}

// place is where a marker shall move, and whose.
type place struct {
	room storage.RoomID
	user storage.UserID
	storage.Anchor
}

// markers says how MarkRead and MarkUnread do it; nil for rightly.
type markers struct {
	read, unread func(context.Context, storage.ReadWriter, place) error
}

func markerMoves(m markers) opener {
	return writes(func(w storage.ReadWriter) storage.Writer { return movingMarkers{w, m} })
}

type movingMarkers struct {
	storage.ReadWriter
	markers
}

func (w movingMarkers) MarkRead(ctx context.Context, room storage.RoomID, user storage.UserID, upTo storage.Anchor) error {
	if w.read == nil {
		return w.ReadWriter.MarkRead(ctx, room, user, upTo)
	}
	return w.read(ctx, w.ReadWriter, place{room, user, upTo})
}

func (w movingMarkers) MarkUnread(ctx context.Context, room storage.RoomID, user storage.UserID, from storage.Anchor) error {
	if w.unread == nil {
		return w.ReadWriter.MarkUnread(ctx, room, user, from)
	}
	return w.unread(ctx, w.ReadWriter, place{room, user, from})
}

// unlessMember forgives that somebody is no member.
func unlessMember(err error) error {
	var e *storage.Error
	if errors.As(err, &e) && e.Kind == storage.ErrNotFound && e.Entity == storage.EntityMembership {
		return nil
	}
	return err
}

type unmarkedSends struct{ storage.Writer }

func (w unmarkedSends) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	given := m.CreatedAt
	m.CreatedAt = time.Time{}
	n, err := w.CreateMessages(ctx, []*storage.Message{m})
	if err != nil {
		m.CreatedAt = given
	}
	return n == 1, err
}

type marksAgain struct{ storage.Writer }

func (w marksAgain) CreateMessage(ctx context.Context, m *storage.Message) (bool, error) {
	created, err := w.Writer.CreateMessage(ctx, m)
	if err == nil && !created {
		err = unlessMember(w.MarkRead(ctx, m.RoomID, m.AuthorID, storage.Anchor{}))
	}
	return created, err
}

type markedImports struct{ storage.Writer }

func (w markedImports) CreateMessages(ctx context.Context, ms []*storage.Message) (int, error) {
	created, err := w.Writer.CreateMessages(ctx, ms)
	if err != nil {
		return created, err
	}
	for _, m := range ms {
		if err := unlessMember(w.MarkRead(ctx, m.RoomID, m.AuthorID, storage.AtSeq(m.Seq))); err != nil {
			return 0, err
		}
	}
	return created, nil
}

type markedTombstones struct{ storage.Writer }

func (w markedTombstones) DeleteMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := w.Writer.DeleteMessage(ctx, id, by)
	if err == nil {
		err = unlessMember(w.MarkUnread(ctx, m.RoomID, m.AuthorID, storage.At(id)))
	}
	return m, err
}

type markedPurges struct{ storage.ReadWriter }

func (w markedPurges) PurgeMessage(ctx context.Context, id storage.MessageID) (storage.PurgeResult, error) {
	m, gone := w.Message(ctx, id)
	r, err := w.ReadWriter.PurgeMessage(ctx, id)
	if err == nil && gone == nil {
		err = unlessMember(w.MarkUnread(ctx, m.RoomID, m.AuthorID, storage.At(id)))
	}
	return r, err
}

type unreadJoins struct{ storage.Writer }

func (w unreadJoins) AddMembers(ctx context.Context, room storage.RoomID, role storage.MemberRole, users ...storage.UserID) (int, error) {
	added, err := w.Writer.AddMembers(ctx, room, role, users...)
	if err != nil {
		return added, err
	}
	for _, user := range users {
		if err := w.MarkUnread(ctx, room, user, storage.AtSeq(1)); err != nil {
			return 0, err
		}
	}
	return added, nil
}

type readsWithRole struct{ storage.Writer }

func (w readsWithRole) SetMemberRole(ctx context.Context, room storage.RoomID, user storage.UserID, role storage.MemberRole) error {
	if err := w.Writer.SetMemberRole(ctx, room, user, role); err != nil {
		return err
	}
	return w.MarkRead(ctx, room, user, storage.Anchor{})
}

// leavers are the markers of those who have left.
type leavers struct {
	mu      sync.Mutex
	markers map[[2]string]int64
}

type remembersLeavers struct {
	storage.ReadWriter
	left *leavers
}

func (w remembersLeavers) RemoveMember(ctx context.Context, room storage.RoomID, user storage.UserID) error {
	m, missing := w.Membership(ctx, room, user)
	err := w.ReadWriter.RemoveMember(ctx, room, user)
	if err == nil && missing == nil {
		w.left.mu.Lock()
		defer w.left.mu.Unlock()
		w.left.markers[[2]string{room.String(), user.String()}] = m.ReadSeq
	}
	return err
}

func (w remembersLeavers) AddMember(ctx context.Context, m *storage.Membership) error {
	if err := w.ReadWriter.AddMember(ctx, m); err != nil {
		return err
	}
	w.left.mu.Lock()
	defer w.left.mu.Unlock()
	seq, known := w.left.markers[[2]string{m.RoomID.String(), m.UserID.String()}]
	if !known {
		return nil
	}
	m.ReadSeq = seq
	return w.MarkUnread(ctx, m.RoomID, m.UserID, storage.AtSeq(seq+1))
}
