package memory

import (
	"cmp"
	"context"
	"iter"
	"strings"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// UserRooms looks at one message, one reaction and one mention for each room, and steps over
// the rest.
func (r *rows) UserRooms(_ context.Context, user storage.UserID) (ids []storage.RoomID, err error) {
	k := r.userKey(user)
	if k == 0 {
		return nil, nil
	}
	rooms := map[key]struct{}{}
	for p := range within(&r.memberOf, spanOf(k), false) {
		rooms[p.minor()] = struct{}{}
	}
	for p := range within(&r.readIn, spanOf(k), false) {
		rooms[p.minor()] = struct{}{}
	}
	for at := range perRoom(func(beyond pair) (next pair, ok bool) {
		r.authored.Ascend(authorship{k, beyond}, func(a authorship) bool {
			next, ok = a.message, a.author == k
			return false
		})
		return next, ok
	}) {
		rooms[at] = struct{}{}
	}
	for at := range perRoom(func(beyond pair) (next pair, ok bool) {
		r.reactionsBy.Ascend(reaction{user: k, message: beyond}, func(v reaction) bool {
			next, ok = v.message, v.user == k
			return false
		})
		return next, ok
	}) {
		rooms[at] = struct{}{}
	}
	for at := range perRoom(func(beyond pair) (next pair, ok bool) {
		r.mentions.Ascend(mention{k, beyond}, func(m mention) bool {
			next, ok = m.message, m.user == k
			return false
		})
		return next, ok
	}) {
		rooms[at] = struct{}{}
	}
	for at := range rooms {
		if room, ok := r.rooms.Get(at); ok {
			ids = append(ids, room.row.ID)
		}
	}
	return ids, nil
}

// perRoom walks the rooms of messages, which next gives from a place on.
func perRoom(next func(from pair) (pair, bool)) iter.Seq[key] {
	return func(yield func(key) bool) {
		for at, ok := next(0); ok && yield(at.major()); at, ok = next(pairOf(at.major()+1, 0)) {
		}
	}
}

func (r *rows) UserReactions(_ context.Context, s backend.TraceScan) (all []storage.Reaction, err error) {
	user := r.userKey(s.User)
	if user == 0 {
		return nil, nil
	}
	visit := func(v reaction) bool {
		m, _ := r.messages.Get(v.message)
		if v.user != user || !r.selectsReaction(&s, v, m) {
			return v.user == user
		}
		all = append(all, storage.Reaction{MessageID: m.ID, UserID: s.User, Emoji: v.emoji, CreatedAt: v.at})
		return len(all) < s.Limit
	}
	if s.Desc {
		r.reactionsBy.Descend(reaction{user: user + 1}, visit)
	} else {
		r.reactionsBy.Ascend(reaction{user: user}, visit)
	}
	return all, nil
}

func (r *rows) selectsReaction(s *backend.TraceScan, v reaction, m *message) bool {
	room, there := r.rooms.Get(v.message.major())
	if !there || !s.Room.IsZero() && room.row.ID != s.Room || !s.Now.IsZero() && m.Expired(s.Now) {
		return false
	}
	if s.After == nil {
		return true
	}
	place := cmp.Or(cmp.Compare(int64(v.message.minor()), s.After.Int), strings.Compare(v.emoji, s.After.Text))
	return place != 0 && (place < 0) == s.Desc
}

func (r *rows) UserReceipts(_ context.Context, s backend.TraceScan) (all []storage.MessageReceipt, err error) {
	user, room := r.userKey(s.User), r.roomKey(s.Room)
	if user == 0 || room == 0 {
		return nil, nil
	}
	scan := backend.MessageScan{MessageQuery: storage.MessageQuery{Room: s.Room}}
	if k := s.After; k != nil && s.Desc {
		scan.High = k.Int
	} else if k != nil {
		scan.Low = k.Int
	}
	for at, m := range within(&r.messages, r.spanOfRoom(&scan), s.Desc) {
		read, ok := r.readingOf(at, user)
		if !ok || m.author == user || m.Expired(s.Now) {
			continue
		}
		all = append(all, storage.MessageReceipt{MessageID: m.ID, Seq: m.Seq, ReadAt: read.at})
		if len(all) == s.Limit {
			break
		}
	}
	return all, nil
}
