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
		h.clock = h.clock.Add(oneOf(h.draws, time.Second, time.Microsecond, time.Minute, time.Hour, 10*time.Minute, 12*time.Hour, 7*24*time.Hour))
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
	switch h.below(24) {
	case 20, 21:
		h.enter()
	case 22:
		h.account()
	case 23:
		h.keep()
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
	case 16, 17, 18, 19:
		h.access()
	}
}

// keep makes one call that is about what a server keeps for itself.
func (h *history) keep() {
	switch h.below(8) {
	case 0, 1, 2:
		h.appendAudit()
	case 3:
		h.changeAudit()
	case 4, 5:
		h.setConfig()
	case 6:
		h.block()
	case 7:
		h.setMember()
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
		if h.oneIn(2) {
			h.erase()
			return
		}
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
	name := fmt.Sprintf("user%d", len(h.users))
	u := storage.User{ID: id, Username: name, Email: name + "@example.org", PasswordHash: modelHashes()[len(h.users)%5]}
	h.call(say("CreateUser(%s)", u), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := u
		err := s.CreateUser(ctx, &next)
		return next, err
	})
}

func (h *history) createRoom() {
	id := storage.RoomID(h.id())
	if len(h.rooms) > 2 {
		id = h.rooms[h.below(len(h.rooms))] // which may have been deleted
	} else {
		h.rooms = append(h.rooms, id)
	}
	r := storage.Room{ID: id, Type: storage.RoomGroup}
	if h.oneIn(3) {
		h.furnish(&r)
	}
	h.call(say("CreateRoom(%s)", r), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := r.Clone()
		err := s.CreateRoom(ctx, &next)
		return next, err
	})
}

// furnish draws what distinguishes a room.
func (h *history) furnish(r *storage.Room) {
	r.Name, r.Description = oneOf(h.draws, modelNames...), h.text()
	r.Type = oneOf(h.draws, storage.RoomGroup, storage.RoomChannel, storage.RoomTemporary, storage.RoomSystem)
	r.Privacy, r.CreatorID, r.Settings = oneOf(h.draws, modelPrivacies...), h.maybe(), h.rules()
	if r.Type == storage.RoomTemporary {
		r.ExpiresAt = h.later()
	}
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
