package storagetest

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// household is what happens in some rooms, at random.
type household struct {
	*fixture
	*rand.Rand
	users []storage.UserID
	rooms []storage.RoomID
	ms    []storage.Message
	holds []storage.HoldID
}

// testMaintainDryRandom has dry runs tell what is then taken, and no room lose what
// it is to keep.
func testMaintainDryRandom(_ *testing.T, f *fixture) {
	h := &household{fixture: f, Rand: rand.New(rand.NewPCG(8, 1))}
	for i := range 4 {
		h.users = append(h.users, f.user(fmt.Sprint("user", i)).ID)
		h.addRoom()
	}
	for range 30 {
		for range 12 {
			h.step()
		}
		o := storage.MaintainOptions{UnattachedFor: h.span(20)}
		if h.IntN(2) == 0 {
			o.MessagesFor = h.span(60)
		}
		if h.IntN(3) > 0 {
			o.MessagesKeep = h.Int64N(8)
		}
		want := h.newest(o)
		f.wantDry(o)
		for room, ms := range want {
			if len(ms) > 0 {
				require.Subset(f.t, list(f, f.Messages, storage.MessageQuery{Room: room}), ms, "the newest of a room after %+v", o)
			}
		}
	}
}

// span returns up to so many hours, in parts of microseconds.
func (h *household) span(hours int64) time.Duration {
	return time.Duration(1 + h.Int64N(hours*int64(time.Hour)))
}

func (h *household) addRoom() {
	h.rooms = append(h.rooms, h.room("", h.users[0], func(r *storage.Room) {
		switch h.IntN(4) {
		case 0:
			r.Settings.RetentionMax = 1 + h.Int64N(6)
		case 1:
			r.Settings.RetentionDays = 1 + h.Int64N(3)
		case 2:
			r.Type, r.ExpiresAt = storage.RoomTemporary, h.now().Add(h.span(200))
		}
	}).ID)
}

// step does one thing. What it happens upon may be gone, or held.
func (h *household) step() {
	h.clock.advance(time.Duration(h.IntN(3000)) * time.Second)
	room, user := h.rooms[h.IntN(len(h.rooms))], h.users[h.IntN(len(h.users))]
	var m storage.Message
	if len(h.ms) > 0 {
		m = h.ms[h.IntN(len(h.ms))]
	}
	switch k := h.IntN(16); {
	case k < 9:
		h.send(room, user)
	case k < 11:
		_, _ = h.PinMessage(h.ctx, m.ID, user)
	case k < 13:
		_, _ = h.DeleteMessage(h.ctx, m.ID, user)
	case k == 13 && len(h.holds) < 3:
		hold := storage.Hold{Reason: "asked for", UserID: user}
		if h.IntN(3) == 0 {
			hold.UserID, hold.RoomID = storage.UserID{}, room
		}
		if h.CreateHold(h.ctx, &hold) == nil {
			h.holds = append(h.holds, hold.ID)
		}
	case k > 13 && len(h.holds) > 0:
		h.release(h.holds[0])
		h.holds = h.holds[1:]
	case k == 14:
		h.addRoom()
	}
}

// send stores a message, with a time, an end and a file of its own or none.
func (h *household) send(room storage.RoomID, author storage.UserID) {
	m := storage.Message{RoomID: room, AuthorID: author, Body: "x"}
	if h.IntN(3) == 0 {
		m.CreatedAt = h.now().Add(-h.span(72))
	}
	if h.IntN(3) == 0 {
		m.ExpiresAt = h.now().Add(h.span(9))
	}
	if h.IntN(3) == 0 {
		a := storage.Attachment{RoomID: room, UploaderID: h.users[h.IntN(len(h.users))], Name: "n", Blob: fmt.Sprint("blob", h.IntN(5))}
		if h.CreateAttachment(h.ctx, &a) == nil && h.IntN(3) > 0 {
			m.Attachments = []storage.Attachment{{ID: a.ID}}
		}
	}
	if _, err := h.CreateMessages(h.ctx, []*storage.Message{&m}); err == nil {
		h.ms = append(h.ms, m)
	}
}

// newest returns what readers see of each room that stays: the newest messages
// that it keeps, but those that are too old.
func (h *household) newest(o storage.MaintainOptions) map[storage.RoomID][]storage.Message {
	all := map[storage.RoomID][]storage.Message{}
	for _, id := range h.rooms {
		room, err := h.Room(h.ctx, id)
		if err != nil || room.Expired(h.now()) {
			continue
		}
		age, keep := o.MessagesFor, o.MessagesKeep
		if room.Settings.RetentionDays > 0 {
			age = time.Duration(room.Settings.RetentionDays) * aDay
		}
		if room.Settings.RetentionMax > 0 {
			keep = room.Settings.RetentionMax
		}
		ms := list(h.fixture, h.Messages, storage.MessageQuery{Room: id, Order: storage.NewestFirst})
		if keep > 0 {
			ms = ms[:min(len(ms), int(keep))]
		}
		for _, m := range ms {
			if age == 0 || !m.CreatedAt.Before(h.now().Add(-age)) {
				all[id] = append(all[id], m)
			}
		}
	}
	return all
}
