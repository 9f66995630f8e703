package storagetest_test

// What histories do.

import (
	"context"
	"fmt"
	"time"

	"github.com/lairchat/lair/storage"
)

// step does something, mostly one call.
func (h *history) step() {
	switch h.below(24) {
	case 22:
		h.clock = h.clock.Add(oneOf(h.draws, time.Second, time.Microsecond, time.Minute, time.Hour))
		h.t.Logf("%v", say("the clock says %s", h.clock))
	case 23:
		if h.oneIn(3) {
			h.reopen()
			return
		}
		commit := h.below(3) > 0
		h.t.Logf("begin")
		h.update(func() error {
			for range 1 + h.below(5) {
				h.write()
				if h.oneIn(2) {
					h.look()
				}
			}
			if commit {
				h.t.Logf("commit")
				return nil
			}
			h.t.Logf("roll back")
			return errRollback
		})
	default:
		h.write()
	}
}

// write makes one call that writes.
func (h *history) write() {
	if h.oneIn(20) {
		h.writeRarely()
		return
	}
	switch h.below(16) {
	case 0, 1, 2, 3:
		h.create()
	case 4:
		h.edit()
	case 5:
		h.remove()
	case 6:
		h.react()
	case 7, 8:
		h.mark()
	case 9:
		h.createFile()
	case 10:
		h.createMany()
	case 11:
		h.purgeMessages()
	case 12:
		h.pin()
	case 13:
		h.join()
	case 14:
		h.again()
	case 15:
		h.removeFiles()
	}
}

// writeRarely does what would soon leave nothing to look at.
func (h *history) writeRarely() {
	switch h.below(8) {
	case 0:
		h.createUser()
	case 1:
		h.createRoom()
	case 2, 3:
		h.setActive()
	case 4:
		h.removeMany()
	case 5:
		h.maintain()
	case 6:
		user := h.user()
		h.call(say("DeleteUser(%s)", user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.DeleteUser(ctx, user)
		})
	case 7:
		room := h.room()
		h.call(say("DeleteRoom(%s)", room), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.DeleteRoom(ctx, room)
		})
	}
}

func (h *history) createUser() {
	if len(h.model.users) > 3 {
		return
	}
	id := storage.UserID(h.id())
	h.users = append(h.users, id)
	h.call(say("CreateUser(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return nil, s.CreateUser(ctx, &storage.User{ID: id, Username: fmt.Sprintf("user%d", len(h.users))})
	})
}

func (h *history) createRoom() {
	id := storage.RoomID(h.id())
	if len(h.rooms) > 2 {
		id = h.rooms[h.below(len(h.rooms))] // which may have been deleted
	} else {
		h.rooms = append(h.rooms, id)
	}
	h.call(say("CreateRoom(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		r := storage.Room{ID: id, Type: storage.RoomGroup}
		err := s.CreateRoom(ctx, &r)
		return r, err
	})
}

func (h *history) setActive() {
	room, activate := h.room(), h.below(3) > 0
	h.call(say("set active %s: %s", room, activate), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		if activate {
			return nil, s.ReactivateRoom(ctx, room)
		}
		return nil, s.DeactivateRoom(ctx, room)
	})
}

func (h *history) join() {
	room := h.room()
	switch user := h.user(); h.below(4) {
	case 0:
		users := []storage.UserID{user, h.user(), h.user()}
		h.call(say("AddMembers(%s, %s)", room, users), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.AddMembers(ctx, room, storage.MemberGuest, users...))
		})
	case 1:
		user = h.member(room)
		h.call(say("RemoveMember(%s, %s)", room, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.RemoveMember(ctx, room, user)
		})
	default:
		h.call(say("AddMember(%s, %s)", room, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			m := storage.Membership{RoomID: room, UserID: user}
			err := s.AddMember(ctx, &m)
			return m, err
		})
	}
}

// create sends a message.
func (h *history) create() { h.send(h.newMessage()) }

// again sends a message again that had a nonce, or nearly the same.
func (h *history) again() {
	if len(h.requests) == 0 {
		return
	}
	m := h.requests[h.below(len(h.requests))].Clone()
	m.ID = h.id()
	h.messages = append(h.messages, m.ID)
	if h.oneIn(4) {
		m.Body += " again"
	}
	h.send(m)
}

func (h *history) send(m storage.Message) {
	h.call(say("CreateMessage(%s)", m), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := m.Clone()
		created, err := s.CreateMessage(ctx, &next)
		return []any{created, next}, err
	})
}

// createMany imports messages.
func (h *history) createMany() {
	ms := make([]storage.Message, 1+h.below(3))
	for i := range ms {
		ms[i] = h.newMessage()
		if h.oneIn(2) {
			ms[i].CreatedAt = h.moment()
		}
	}
	h.call(say("CreateMessages(%s)", ms), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := make([]*storage.Message, len(ms))
		for i := range ms {
			next[i] = new(ms[i].Clone())
		}
		created, err := s.CreateMessages(ctx, next)
		return []any{created, next}, err
	})
}

func (h *history) edit() {
	id, by, p := h.message(), h.maybe(), h.patch()
	h.call(say("EditMessage(%s, %s, %s)", id, by, p), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.EditMessage(ctx, id, by, p))
	})
}

func (h *history) remove() {
	id, by := h.message(), h.maybe()
	h.call(say("DeleteMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.DeleteMessage(ctx, id, by))
	})
}

func (h *history) removeMany() {
	q, by := h.query(), h.maybe()
	h.call(say("DeleteMessages(%s, %s)", q, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		n, more, err := s.DeleteMessages(ctx, q, by)
		return []any{n, more}, err
	})
}

func (h *history) pin() {
	id, by, unpin := h.message(), h.maybe(), h.oneIn(3)
	if unpin {
		h.call(say("UnpinMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.UnpinMessage(ctx, id, by))
		})
		return
	}
	h.call(say("PinMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.PinMessage(ctx, id, by))
	})
}

func (h *history) react() {
	id, user, emoji := h.message(), h.user(), oneOf(h.draws, modelEmoji...)
	if h.oneIn(3) {
		h.call(say("RemoveReaction(%s, %s, %s)", id, user, emoji), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.RemoveReaction(ctx, id, user, emoji))
		})
		return
	}
	h.call(say("AddReaction(%s, %s, %s)", id, user, emoji), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.AddReaction(ctx, id, user, emoji))
	})
}

func (h *history) mark() {
	room := h.room()
	user, a := h.member(room), h.anchor(room)
	switch h.below(4) {
	case 0, 1:
		h.call(say("MarkRead(%s, %s, %s)", room, user, a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.MarkRead(ctx, room, user, a)
		})
	case 2:
		h.call(say("MarkUnread(%s, %s, %s)", room, user, a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.MarkUnread(ctx, room, user, a)
		})
	case 3:
		id := h.messageIn(room)
		h.call(say("AddReadReceipt(%s, %s)", id, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.AddReadReceipt(ctx, id, user)
		})
	}
}

func (h *history) createFile() {
	a := storage.Attachment{
		ID: h.id(), RoomID: h.room(), UploaderID: h.maybe(), Name: "a file", Size: 7,
		Blob: oneOf(h.draws, modelBlobs...), Hash: oneOf(h.draws, "", "hash"), Duration: time.Duration(h.below(2)),
	}
	if h.oneIn(30) {
		a.ID = h.file()
	}
	h.files = append(h.files, a.ID)
	h.call(say("CreateAttachment(%s)", a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := a.Clone()
		err := s.CreateAttachment(ctx, &next)
		return next, err
	})
}

func (h *history) removeFiles() {
	if id := h.file(); h.below(3) > 0 {
		h.call(say("DeleteAttachment(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.DeleteAttachment(ctx, id))
		})
		return
	}
	q := storage.AttachmentPurge{UnattachedFor: oneOf(h.draws, 0, time.Second, time.Minute, time.Hour), Limit: storage.MaxLimit}
	h.call(say("PurgeAttachments(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.PurgeAttachments(ctx, q))
	})
}

func (h *history) purgeMessages() {
	if h.below(3) == 0 {
		id := h.message()
		h.call(say("PurgeMessage(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return purged(s.PurgeMessage(ctx, id))
		})
		return
	}
	q := h.draws.purge()
	if h.oneIn(4) {
		h.call(say("Purge(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return purged(storage.Purge(ctx, s, q))
		})
		return
	}
	h.call(say("PurgeMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return purged(s.PurgeMessages(ctx, q))
	})
}

// purged is the result of a purge without what depends on the backend.
func purged(r storage.PurgeResult, err error) (any, error) {
	r.Scrubbed = false
	return r, err
}

// maintain calls Maintain, unless a transaction is open.
func (h *history) maintain() {
	if _, open := h.subjects[1].on.(storage.Store); !open {
		return
	}
	o := storage.MaintainOptions{UnattachedFor: oneOf(h.draws, 0, time.Second, time.Minute)}
	h.call(say("Maintain(%s)", o), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		r, err := storage.Maintain(ctx, s.(storage.Store), o)
		r.Expired.Scrubbed, r.Attachments.Scrubbed = false, false
		return r, err
	})
}

// value fits what a call returns to what is compared.
func value[T any](v T, err error) (any, error) { return v, err }
