package storagetest_test

// Legal holds, and retention, which passes over what they cover.

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// holding reports whether a hold stands on a room, by its ID, or on a user.
func (m *model) holding(room storage.RoomID, user storage.UserID) bool {
	return slices.ContainsFunc(m.holds, func(h storage.Hold) bool {
		return h.Stands() && (!room.IsZero() && h.RoomID == room || !user.IsZero() && h.UserID == user)
	})
}

// messageKept, fileKept, roomKept and userKept report whether a hold covers what is
// there.

func (m *model) messageKept(i int) bool {
	message := m.messages[i]
	return m.holding(message.RoomID, message.AuthorID) ||
		slices.ContainsFunc(slices.Concat(message.files, message.left), func(k int) bool {
			return !m.files[k].gone && m.holding(storage.RoomID{}, m.files[k].UploaderID)
		})
}

func (m *model) fileKept(k int) bool {
	if m.holding(m.files[k].RoomID, m.files[k].UploaderID) {
		return true
	}
	for i, message := range m.messages {
		if m.held(i) && slices.Contains(slices.Concat(message.files, message.left), k) && m.holding(storage.RoomID{}, message.AuthorID) {
			return true
		}
	}
	return false
}

// kept walks what is covered: the rooms in which it is, and whose it is.
func (m *model) kept() (rooms map[storage.RoomID]bool, users map[storage.UserID]bool) {
	rooms, users = map[storage.RoomID]bool{}, map[storage.UserID]bool{}
	for i, message := range m.messages {
		if m.held(i) && m.messageKept(i) {
			rooms[message.RoomID], users[message.AuthorID] = true, true
		}
	}
	for k, f := range m.files {
		if !f.gone && !m.rooms[f.room].gone && m.fileKept(k) {
			rooms[f.RoomID], users[f.UploaderID] = true, true
		}
	}
	return rooms, users
}

func (m *model) roomKept(id storage.RoomID) error {
	if rooms, _ := m.kept(); rooms[id] || m.holding(id, storage.UserID{}) {
		return storage.Forbidden(storage.EntityRoom, id.String(), storage.ReasonHeld)
	}
	return nil
}

func (m *model) userKept(id storage.UserID) error {
	if _, users := m.kept(); users[id] || m.holding(storage.RoomID{}, id) {
		return storage.Forbidden(storage.EntityUser, id.String(), storage.ReasonHeld)
	}
	return nil
}

func (m *model) holdAt(id storage.HoldID) (int, error) {
	i := slices.IndexFunc(m.holds, func(h storage.Hold) bool { return h.ID == id })
	if i < 0 {
		return i, storage.NotFound(storage.EntityHold, id.String())
	}
	return i, nil
}

func (m *model) Hold(_ context.Context, id storage.HoldID) (storage.Hold, error) {
	i, err := m.holdAt(id)
	if err != nil {
		return storage.Hold{}, err
	}
	return m.holds[i], nil
}

func (m *model) Holds(_ context.Context, q storage.HoldQuery) (storage.Page[storage.Hold], error) {
	var all []storage.Hold
	for _, h := range m.holds {
		if (q.Room.IsZero() || h.RoomID == q.Room) && (q.User.IsZero() || h.UserID == q.User) && (q.WithReleased || h.Stands()) {
			all = append(all, h)
		}
	}
	key := func(h storage.Hold) storage.Keyset { return storage.Keyset{Int: h.CreatedAt.UnixMicro(), ID: h.ID} }
	slices.SortFunc(all, func(a, b storage.Hold) int { return compareKeys(key(b), key(a)) })
	return modelPage(all, key, true, q.Limit, q.Cursor)
}

func (m *model) CreateHold(_ context.Context, h *storage.Hold) error {
	if err := h.Validate(); err != nil {
		return err
	}
	if !h.RoomID.IsZero() && m.roomAt(h.RoomID) < 0 {
		return storage.NotFound(storage.EntityRoom, h.RoomID.String())
	}
	if err := m.mayBe(h.UserID, "UserID"); err != nil {
		return err
	}
	if err := m.mayBe(h.CreatedBy, "CreatedBy"); err != nil {
		return err
	}
	if _, err := m.holdAt(h.ID); err == nil {
		return storage.Duplicate(storage.EntityHold, h.ID.String(), "ID")
	}
	h.CreatedAt = m.now()
	m.holds = append(m.holds, *h)
	return nil
}

func (m *model) ReleaseHold(_ context.Context, id storage.HoldID, by storage.UserID) (storage.Hold, error) {
	i, err := m.holdAt(id)
	if err != nil {
		return storage.Hold{}, err
	}
	if err := m.mayBe(by, "by"); err != nil {
		return storage.Hold{}, err
	}
	if m.holds[i].Stands() {
		m.holds[i].ReleasedAt, m.holds[i].ReleasedBy = m.now(), by
	}
	return m.holds[i], nil
}

// RoomsDue looks at every message.
func (m *model) RoomsDue(_ context.Context, q storage.RetentionQuery) (storage.Page[storage.RoomDue], error) {
	var all []storage.RoomDue
	created := map[storage.RoomID]int64{}
	for i, room := range m.rooms {
		if room.gone || m.holding(room.ID, storage.UserID{}) {
			continue
		}
		d, live := storage.RoomDue{Room: room.ID}, int64(0)
		created[room.ID] = room.CreatedAt.UnixMicro()
		age := cmp.Or(time.Duration(room.Settings.RetentionDays)*24*time.Hour, q.For)
		to := m.now().Add(-age)
		for k, message := range m.messages {
			if message.room != i || !m.held(k) {
				continue
			}
			if age > 0 && message.CreatedAt.Before(to) {
				d.To = to
			}
			if !message.Deleted() && !message.Expired(m.now()) {
				live++
			}
		}
		if most := cmp.Or(room.Settings.RetentionMax, q.Keep); most > 0 && live > most {
			d.Keep = most
		}
		if d.Keep > 0 || !d.To.IsZero() {
			all = append(all, d)
		}
	}
	key := func(d storage.RoomDue) storage.Keyset { return storage.Keyset{Int: created[d.Room], ID: d.Room} }
	slices.SortFunc(all, func(a, b storage.RoomDue) int { return compareKeys(key(a), key(b)) })
	return modelPage(all, key, false, q.Limit, q.Cursor)
}

// DeleteInvites and DeleteSanctions take all at once.

func (m *model) DeleteInvites(_ context.Context, before time.Time, _ int) (int, error) {
	n := len(m.invites)
	m.invites = slices.DeleteFunc(m.invites, func(i modelInvite) bool { return m.ended(i.EndsAt(), before) })
	return n - len(m.invites), nil
}

func (m *model) DeleteSanctions(_ context.Context, before time.Time, _ int) (int, error) {
	n := len(m.sanctions)
	m.sanctions = slices.DeleteFunc(m.sanctions, func(s modelSanction) bool { return m.ended(s.EndsAt(), before) })
	return n - len(m.sanctions), nil
}

func (m *model) ended(end, before time.Time) bool {
	return !end.IsZero() && end.Before(before) && !end.After(m.now())
}

// hold puts a hold, or ends one: most of the time, few stand.
func (h *history) hold() {
	var standing []storage.HoldID
	for _, v := range h.model.holds {
		if v.Stands() || h.oneIn(8) {
			standing = append(standing, v.ID)
		}
	}
	if len(standing) > 0 && h.below(3) > 0 {
		id, by := standing[h.below(len(standing))], h.maybe()
		h.call(say("ReleaseHold(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.ReleaseHold(ctx, id, by))
		})
		return
	}
	v := storage.Hold{ID: h.id(), Reason: "why", CreatedBy: h.maybe()}
	if h.oneIn(2) {
		v.RoomID = h.room()
	} else {
		v.UserID = h.user()
	}
	h.call(say("CreateHold(%s)", v), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := v
		err := s.CreateHold(ctx, &next)
		return next, err
	})
}

func (h *history) lookAtHolds(q storage.HoldQuery) {
	h.quietly(say("Holds(%s)", q), walk(func(s storage.ReadWriter) lister[storage.HoldQuery, storage.Hold] { return s.Holds }, q))
}

func (h *history) lookAtDue() {
	q := storage.RetentionQuery{For: oneOf(h.draws, 0, time.Minute), Keep: oneOf(h.draws, int64(0), 3), Limit: 1 + h.below(2)}
	h.quietly(say("RoomsDue(%s)", q), walk(func(s storage.ReadWriter) lister[storage.RetentionQuery, storage.RoomDue] { return s.RoomsDue }, q))
}
