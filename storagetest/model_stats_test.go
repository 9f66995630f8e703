package storagetest_test

// Statistics, counted anew for each answer, and what histories ask of them.

import (
	"bytes"
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

// modelEvent is what is counted beside messages.
type modelEvent struct {
	at   time.Time
	room int // -1 for the server
	user storage.UserID
	what func(*storage.Bucket) *int64
}

func joinings(b *storage.Bucket) *int64      { return &b.Joins }
func leavings(b *storage.Bucket) *int64      { return &b.Leaves }
func registrations(b *storage.Bucket) *int64 { return &b.Registrations }

func (m *model) count(room int, user storage.UserID, what func(*storage.Bucket) *int64) {
	m.events = append(m.events, modelEvent{m.now(), room, user, what})
}

// leave takes a member out of a room.
func (m *model) leave(seat modelSeat) {
	delete(m.members, seat)
	m.count(seat.room, seat.user, leavings)
}

// unknown reports whether a query is about a room or a user who is not there.
func (m *model) unknown(room storage.RoomID, user storage.UserID) bool {
	return !room.IsZero() && m.roomAt(room) < 0 || !user.IsZero() && !m.users[user]
}

// saidBy returns the messages that stand of a room and an author, or of all.
func (m *model) saidBy(room storage.RoomID, user storage.UserID) (all []storage.Message) {
	if m.unknown(room, user) {
		return nil
	}
	for i, message := range m.messages {
		if m.held(i) && !message.Deleted() && !message.Expired(m.now()) &&
			(room.IsZero() || message.RoomID == room) && (user.IsZero() || message.AuthorID == user) {
			all = append(all, message.Message)
		}
	}
	return all
}

func (m *model) MessageStats(_ context.Context, q storage.StatsQuery) (storage.MessageStats, error) {
	const quarter = 15 * time.Minute
	s := storage.MessageStats{ByType: map[storage.MessageType]int64{}}
	rooms, users := map[storage.RoomID]int64{}, map[storage.UserID]int64{}
	for _, message := range m.saidBy(q.Room, q.User) {
		began := message.CreatedAt.Truncate(quarter)
		for days, n := range map[int]*int64{1: &s.Recent.Day, 7: &s.Recent.Week, 30: &s.Recent.Month} {
			if !began.After(m.now()) && began.Add(quarter).After(m.now().Add(time.Duration(-days)*24*time.Hour)) {
				*n++
			}
		}
		if !q.From.IsZero() && !began.Add(quarter).After(q.From) || !q.To.IsZero() && !began.Before(q.To) {
			continue
		}
		s.Total++
		s.ByType[message.Type]++
		rooms[message.RoomID]++
		if !message.AuthorID.IsZero() {
			users[message.AuthorID]++
		}
	}
	s.Authors = int64(len(users))
	for _, id := range ranked(rooms, q.Top) {
		s.MostActiveRooms = append(s.MostActiveRooms, storage.RoomCount{RoomID: id, Count: rooms[id]})
	}
	for _, id := range ranked(users, q.Top) {
		s.MostActiveUsers = append(s.MostActiveUsers, storage.UserCount{UserID: id, Count: users[id]})
	}
	if s.Members = int64(len(m.users)); !q.Room.IsZero() {
		s.Members = 0
		if i := m.roomAt(q.Room); i >= 0 {
			s.Members = m.counted(i).MemberCount
		}
	}
	if s.Members > 0 {
		s.PerMember = float64(s.Total) / float64(s.Members)
	}
	return s, nil
}

// ranked returns those who come first.
func ranked[K ~[16]byte](counts map[K]int64, top int) []K {
	ids := slices.SortedFunc(maps.Keys(counts), func(a, b K) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), bytes.Compare(a[:], b[:]))
	})
	return ids[:min(len(ids), cmp.Or(top, storage.DefaultTop))]
}

func (m *model) RoomStats(_ context.Context, q storage.StatsQuery) (storage.RoomStats, error) {
	s := storage.RoomStats{ByType: map[storage.RoomType]int64{}, ByPrivacy: map[storage.Privacy]int64{}}
	members, all := map[storage.RoomID]int64{}, int64(0)
	for i, r := range m.rooms {
		if r.gone {
			continue
		}
		s.Total++
		if r.Active {
			s.Active++
		}
		s.ByType[r.Type]++
		s.ByPrivacy[r.Privacy]++
		m.lately(&s.New, r.CreatedAt)
		if n := m.counted(i).MemberCount; n > 0 {
			members[r.ID] = n
			all += n
		}
	}
	if s.Total > 0 {
		s.AverageMembers = float64(all) / float64(s.Total)
	}
	for _, id := range ranked(members, q.Top) {
		s.Largest = append(s.Largest, storage.RoomCount{RoomID: id, Count: members[id]})
	}
	return s, nil
}

// lookAtStats compares statistics of something.
func (h *history) lookAtStats() {
	q := storage.StatsQuery{Top: oneOf(h.draws, 0, 1, 2)}
	if h.oneIn(2) {
		q.Room = h.room()
	}
	if h.oneIn(2) {
		q.User = h.user()
	}
	if h.oneIn(2) {
		q.From = h.moment()
		q.To = q.From.Add(oneOf(h.draws, 0, time.Minute, time.Hour, 24*time.Hour))
	}
	h.lookAtCountsOf(q)
	h.lookAtActivity(storage.ActivityQuery{
		Room: q.Room, User: q.User, TimeZone: oneOf(h.draws, modelZones...),
		Unit: oneOf(h.draws, 0, storage.ActivityHour, storage.ActivityDay, storage.ActivityWeek, storage.ActivityMonth),
		From: h.moment().Add(-48 * time.Hour), To: h.moment(),
	})
	h.lookAtSums(q)
}

// lookAtSums compares the statistics that are about the server.
func (h *history) lookAtSums(q storage.StatsQuery) {
	h.quietly(say("RoomStats(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.RoomStats(ctx, q))
	})
	h.quietly(say("UserStats()"), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.UserStats(ctx))
	})
	h.quietly(say("SessionStats()"), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.SessionStats(ctx))
	})
	h.quietly(say("AuditStats(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.AuditStats(ctx, q))
	})
}

func (h *history) lookAtCountsOf(q storage.StatsQuery) {
	h.quietly(say("MessageStats(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.MessageStats(ctx, q))
	})
}

func (h *history) lookAtActivity(q storage.ActivityQuery) {
	h.quietly(say("Activity(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.Activity(ctx, q))
	})
}

// lookAtAllStats compares statistics of all there is.
func (h *history) lookAtAllStats() {
	all := []storage.StatsQuery{{}}
	for _, room := range h.rooms {
		all = append(all, storage.StatsQuery{Room: room}, storage.StatsQuery{Room: room, User: h.user()})
	}
	for _, user := range h.users {
		all = append(all, storage.StatsQuery{User: user})
	}
	begin, end := h.began.Add(-32*24*time.Hour), h.clock.Add(48*time.Hour) // with all that was imported
	for i, q := range all {
		h.lookAtCountsOf(q)
		activity := storage.ActivityQuery{
			Room: q.Room, User: q.User, Unit: storage.ActivityHour + storage.ActivityUnit(i%4), TimeZone: modelZones[i/2%4], From: begin, To: end,
		}
		if activity.Unit == storage.ActivityHour { // which are many
			activity.From = h.began.Add(-48 * time.Hour)
		}
		h.lookAtActivity(activity)
	}
	for _, zone := range modelZones {
		h.lookAtActivity(storage.ActivityQuery{Unit: storage.ActivityDay, TimeZone: zone, From: begin, To: end})
	}
	h.lookAtSums(storage.StatsQuery{})
}
