package memory

import (
	"context"
	"encoding/hex"
	"math"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

var _ backend.RawRows = (*rows)(nil)

// RawRecords implements backend.RawRows.
func (r *rows) RawRecords(_ context.Context, s backend.RawScan) ([]backend.PlacedRaw, bool, error) {
	page := &backend.RawPage{Limit: s.Limit}
	var after storage.Keyset
	if s.After != nil {
		after = *s.After
	}
	switch s.Kind {
	case storage.RawUsers:
		r.rawUsers(page, after, s.Secrets)
	case storage.RawBlocks:
		r.rawBlocks(page, after)
	case storage.RawRooms:
		r.rawRooms(page, after, s.Secrets)
	case storage.RawMemberships:
		r.rawMemberships(page, after)
	case storage.RawLeftovers:
		r.rawLeftovers(page, s.After)
	case storage.RawInvites:
		r.rawInvites(page, s)
	case storage.RawSessions:
		r.rawSessions(page, s)
	case storage.RawPruned:
		r.rawPruned(page, s.After)
	case storage.RawStays:
		r.rawStays(page, s.After)
	case storage.RawActivities:
		all, err := r.rawActivities(backend.ActivityAt(s.After), s.Limit+1)
		if err != nil {
			return nil, false, err
		}
		page.PlaceActivities(all)
	default:
		if err := r.rawOfMessages(page, after, s.Kind); err != nil {
			return nil, false, err
		}
	}
	return page.Records, page.More, nil
}

func secretIf(wanted bool, s storage.Secret) storage.Secret {
	if !wanted {
		return ""
	}
	return s
}

func (s *state) rawUsers(page *backend.RawPage, after storage.Keyset, secrets bool) {
	s.users.Ascend(key(after.Int)+1, func(k key, u *backend.UserRow) bool {
		raw := &storage.RawUser{User: u.User.Clone(), PasswordHash: secretIf(secrets, u.PasswordHash)}
		return page.Add(storage.Keyset{Int: int64(k)}, len(raw.Profile.Custom), storage.Raw{User: raw})
	})
}

func (s *state) rawBlocks(page *backend.RawPage, after storage.Keyset) {
	s.userIDs.Ascend(identified[key]{id: after.ID}, func(e identified[key]) bool {
		var blocked []storage.Block
		for p := range within(&s.blocks, spanOf(e.key), false) {
			if b := s.block(p); e.id != after.ID || string(b.BlockedID[:]) > after.Text {
				blocked = append(blocked, b)
			}
		}
		slices.SortFunc(blocked, func(a, b storage.Block) int { return a.BlockedID.Compare(b.BlockedID) })
		for i := range blocked {
			place := storage.Keyset{ID: e.id, Text: string(blocked[i].BlockedID[:])}
			if !page.Add(place, 0, storage.Raw{Block: &blocked[i]}) {
				return false
			}
		}
		return true
	})
}

func (s *state) rawRooms(page *backend.RawPage, after storage.Keyset, secrets bool) {
	pairs := make(map[key]pair)
	s.directRooms.Scan(func(p pair, room key) bool {
		pairs[room] = p
		return true
	})
	s.rooms.Ascend(key(after.Int)+1, func(k key, room *room) bool {
		raw := &storage.RawRoom{Room: s.readRoom(room).Clone()}
		raw.PasswordHash = secretIf(secrets, raw.Room.PasswordHash)
		raw.MessageCount, raw.MemberCount = 0, 0
		first, second := s.userID(pairs[k].major()), s.userID(pairs[k].minor())
		if !first.IsZero() && !second.IsZero() {
			raw.Pair = [2]storage.UserID{first, second}
			slices.SortFunc(raw.Pair[:], storage.UserID.Compare)
		}
		return page.Add(storage.Keyset{Int: int64(k)}, len(raw.Settings.Custom), storage.Raw{Room: raw})
	})
}

func (s *state) rawMemberships(page *backend.RawPage, after storage.Keyset) {
	s.members.Ascend(pair(after.Int)+1, func(p pair, m *member) bool {
		raw := s.readMember(m).Clone()
		return page.Add(storage.Keyset{Int: int64(p)}, len(raw.Settings.Custom), storage.Raw{Membership: &raw})
	})
}

func (s *state) rawLeftovers(page *backend.RawPage, after *storage.Keyset) {
	first, begin := key(0), intAfter(after)
	if after != nil {
		first = key(after.Low)
	}
	s.deletedWithFiles.Ascend(first, func(room key, _ struct{}) (more bool) {
		more, next := true, room != first || after == nil
		for a := range s.attachmentsIn(attachmentList{by: byRoom, owner: room}, begin, false) {
			raw := &storage.RawLeftover{Attachment: s.readAttachment(a).Clone(), Next: next}
			raw.RoomID, raw.MessageID = storage.RoomID{}, storage.MessageID{}
			place := storage.Keyset{Int: backend.Micros(a.CreatedAt), ID: a.ID, Low: int64(room)}
			if more = page.Add(place, len(raw.Custom), storage.Raw{Leftover: raw}); !more {
				break
			}
			next = false
		}
		begin = nil
		return more
	})
}

func (s *state) rawInvites(page *backend.RawPage, scan backend.RawScan) {
	for e := range beyond(&s.inviteTimes, intAfter(scan.After), false) {
		i, _ := s.invites.Get(e.key)
		raw := &storage.RawInvite{Invite: s.readInvite(i)}
		raw.CodeHash = secretIf(scan.Secrets, storage.Secret(hex.EncodeToString(i.code[:])))
		if !page.Add(storage.Keyset{Int: e.n, ID: e.id}, 0, storage.Raw{Invite: raw}) {
			return
		}
	}
}

func (s *state) rawSessions(page *backend.RawPage, scan backend.RawScan) {
	if !scan.Secrets {
		return
	}
	for e := range beyond(&s.sessionTimes, intAfter(scan.After), false) {
		v, _ := s.sessions.Get(e.key)
		raw := &storage.RawSession{Session: readSession(v), TokenHash: storage.Secret(hex.EncodeToString(v.token[:]))}
		if !page.Add(storage.Keyset{Int: e.n, ID: e.id}, len(raw.Metadata.Custom), storage.Raw{Session: raw}) {
			return
		}
	}
}

func (s *state) rawPruned(page *backend.RawPage, after *storage.Keyset) {
	from := ""
	if after != nil {
		from = string(after.ID[:]) + "\x00" // the next text there can be
	}
	s.pruned.Ascend(from, func(subject string, at storage.Position) bool {
		id := storage.ID[storage.RawPrune]([]byte(subject))
		return page.Add(storage.Keyset{ID: id}, 0, storage.Raw{Pruned: &storage.RawPrune{Subject: id, Position: at}})
	})
}

func (s *state) rawStays(page *backend.RawPage, after *storage.Keyset) {
	from := stay{from: math.MinInt64}
	if after != nil {
		from = stay{user: after.ID, from: storage.Position(after.Int) + 1}
		copy(from.room[:], after.Text)
	}
	oldest := s.changeHead().Oldest
	s.stays.Ascend(from, func(v stay) bool {
		if v.to != 0 && v.to < oldest {
			return true
		}
		raw := &storage.RawStay{UserID: v.user, RoomID: v.room, From: v.from, To: v.to, Seq: v.seq}
		place := storage.Keyset{ID: v.user, Text: string(v.room[:]), Int: int64(v.from)}
		return page.Add(place, 0, storage.Raw{Stay: raw})
	})
}
