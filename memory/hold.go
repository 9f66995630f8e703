package memory

import (
	"context"

	"github.com/tidwall/btree"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// hold is a legal hold as it is kept.
type hold struct {
	storage.Hold // never changed
	key          key
	room, user   key // 0: not on one
}

func (h *hold) creation() entry {
	return entry{n: backend.Micros(h.CreatedAt), id: h.ID, key: h.key}
}

func (s *state) hold(id storage.HoldID) (*hold, bool) {
	e, _ := s.holdIDs.Get(identified[key]{id: id})
	return s.holds.Get(e.key)
}

func (r *rows) Hold(_ context.Context, id storage.HoldID) (storage.Hold, error) {
	h, ok := r.hold(id)
	if !ok {
		return storage.Hold{}, storage.ErrNotFound
	}
	return h.Hold, nil
}

func (r *rows) Holds(_ context.Context, s backend.HoldScan) ([]storage.Hold, error) {
	selects := func(h *hold) bool {
		return (s.Room.IsZero() || h.RoomID == s.Room) && (s.User.IsZero() || h.UserID == s.User) &&
			(s.WithReleased || h.Stands())
	}
	return byTime(&r.holdTimes, s.Scan, r.holds.Get, selects, func(h *hold) storage.Hold { return h.Hold }), nil
}

func (r *rows) InsertHold(_ context.Context, record *storage.Hold) error {
	if _, taken := r.hold(record.ID); taken {
		return storage.ErrDuplicate
	}
	r.lastHold++
	h := &hold{Hold: *record, key: r.lastHold, room: r.roomKey(record.RoomID), user: r.userKey(record.UserID)}
	r.holdIDs.Set(identified[key]{h.ID, h.key})
	r.holdTimes.Set(h.creation())
	r.setHold(h)
	return nil
}

func (r *rows) UpdateHold(_ context.Context, next *storage.Hold) error {
	old, ok := r.hold(next.ID)
	if !ok {
		return storage.ErrNotFound
	}
	h := *old
	h.ReleasedAt, h.ReleasedBy = next.ReleasedAt, next.ReleasedBy
	r.setHold(&h)
	return nil
}

// setHold stores a hold, and what it covers while it stands.
func (s *state) setHold(h *hold) {
	s.holds.Set(h.key, h)
	on, what := &s.heldRooms, h.room
	if what == 0 {
		on, what = &s.heldUsers, h.user
	}
	if h.Stands() {
		on.Set(pairOf(what, h.key), struct{}{})
	} else {
		on.Delete(pairOf(what, h.key))
	}
}

// roomIsHeld and userIsHeld report whether a hold stands on a room, or on a user.

func (s *state) roomIsHeld(room key) bool { return hasAny(&s.heldRooms, room) }

func (s *state) userIsHeld(user key) bool { return hasAny(&s.heldUsers, user) }

// messageIsHeld reports whether a hold covers a message: its room, its author, or
// who uploaded what it carries, or carried.
func (s *state) messageIsHeld(m *message) bool {
	if s.roomIsHeld(m.at.major()) || s.userIsHeld(m.author) {
		return true
	}
	carried, _ := s.carried.Get(m.at)
	for _, k := range carried {
		if a, _ := s.attachments.Get(k); s.userIsHeld(a.uploader) {
			return true
		}
	}
	return false
}

// attachmentIsHeld reports whether a hold covers an attachment: its room, its
// uploader, or the author of the message that carries it, or carried it.
func (s *state) attachmentIsHeld(a *attachment) bool {
	if s.roomIsHeld(a.room) || s.userIsHeld(a.uploader) {
		return true
	}
	m, ok := s.messages.Get(a.message)
	return ok && s.userIsHeld(m.author)
}

func (r *rows) MessageHeld(_ context.Context, id storage.MessageID) (bool, error) {
	at, _ := r.place(id)
	m, ok := r.messages.Get(at)
	return ok && r.messageIsHeld(m), nil
}

func (r *rows) AttachmentHeld(_ context.Context, id storage.AttachmentID) (bool, error) {
	a, ok := r.attachment(id)
	return ok && r.attachmentIsHeld(a), nil
}

// RoomHeld looks at what users who are held have said and uploaded in a room.
func (r *rows) RoomHeld(_ context.Context, id storage.RoomID) (bool, error) {
	room := r.roomKey(id)
	if room == 0 || r.roomIsHeld(room) {
		return room != 0, nil
	}
	held := false
	r.heldUsers.Scan(func(on pair, _ struct{}) bool {
		held = r.saidIn(on.major(), room) || r.uploaded(on.major(), func(a *attachment) bool { return a.room == room })
		return !held
	})
	return held, nil
}

// UserHeld looks at what a user has said in rooms that are held, at the user's
// uploads, and at those of who is held.
func (r *rows) UserHeld(_ context.Context, id storage.UserID) (bool, error) {
	user := r.userKey(id)
	if user == 0 || r.userIsHeld(user) {
		return user != 0, nil
	}
	held := false
	r.heldRooms.Scan(func(on pair, _ struct{}) bool {
		held = r.saidIn(user, on.major())
		return !held
	})
	held = held || r.uploaded(user, r.attachmentIsHeld)
	r.heldUsers.Scan(func(on pair, _ struct{}) bool {
		held = held || r.uploaded(on.major(), func(a *attachment) bool {
			m, ok := r.messages.Get(a.message)
			return ok && m.author == user
		})
		return !held
	})
	return held, nil
}

// saidIn reports whether there are messages of a user in a room.
func (s *state) saidIn(user, room key) bool {
	for range s.authoredWithin(user, spanOf(room), false) {
		return true
	}
	return false
}

// uploaded reports whether there are such uploads of a user.
func (s *state) uploaded(user key, such func(*attachment) bool) bool {
	for a := range s.attachmentsIn(attachmentList{by: byUploader, owner: user}, nil, false) {
		if such(a) {
			return true
		}
	}
	return false
}

// hasAny reports whether a tree has a pair with a major key.
func hasAny(m *btree.Map[pair, struct{}], major key) bool {
	if major == 0 {
		return false
	}
	for range places(m, spanOf(major), false) {
		return true
	}
	return false
}
