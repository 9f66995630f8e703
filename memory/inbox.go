package memory

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

func (r *rows) InboxPlaces(_ context.Context, s backend.InboxScan) ([]backend.InboxPlace, error) {
	top := newTop(intAfter(s.After), s.Scan)
	for p := range within(&r.memberOf, spanOf(r.userKey(s.User)), false) {
		room, _ := r.rooms.Get(p.minor())
		if selectsInbox(&s, room.row) {
			top.add(roomEntry(storage.RoomsByActivity, room))
		}
	}
	var found []backend.InboxPlace
	for _, e := range top.first() {
		room, _ := r.rooms.Get(e.key)
		found = append(found, backend.InboxPlace{Room: e.id, LastMessageAt: room.lastMessageAt})
	}
	return found, nil
}

func selectsInbox(s *backend.InboxScan, room *backend.RoomRow) bool {
	ofType := len(s.Types) == 0 || slices.Contains(s.Types, room.Type)
	return ofType && (s.Active == nil || *s.Active == room.Active)
}

func (r *rows) InboxEntries(_ context.Context, user storage.UserID, rooms []storage.RoomID, now time.Time) ([]storage.InboxEntry, error) {
	var entries []storage.InboxEntry
	for _, id := range rooms {
		m, ok := r.membership(id, user)
		if !ok {
			return nil, storage.ErrNotFound
		}
		room, _ := r.roomAt(m.room)
		e := storage.InboxEntry{Room: room, Membership: r.readMember(m), Unread: r.unread(m, now)}
		for _, message := range within(&r.messages, spanOf(m.room), true) {
			if !message.Expired(now) {
				e.LastMessage = r.readMessage(message)
				break
			}
		}
		entries = append(entries, e.Clone())
	}
	return entries, nil
}
