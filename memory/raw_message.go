package memory

import (
	"errors"
	"time"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// rawOfMessages lists raw records of messages and of what hangs on them, of which
// that in deleted rooms waits for the sweep.
func (s *state) rawOfMessages(page *backend.RawPage, after storage.Keyset, kind storage.RawKind) error {
	switch kind {
	case storage.RawStubs:
		s.rawStubs(page, after)
	case storage.RawMessages:
		s.rawMessages(page, after)
	case storage.RawRevisions:
		s.rawRevisions(page, after)
	case storage.RawReactions:
		s.rawReactions(page, after)
	case storage.RawReceipts:
		return s.rawReceipts(page, after)
	default:
		return errors.New("memory: a kind of raw records that other rows list")
	}
	return nil
}

func (s *state) rawStubs(page *backend.RawPage, after storage.Keyset) {
	s.stubs.Ascend(pair(after.Int)+1, func(at pair, id storage.MessageID) bool {
		room, there := s.roomAt(at.major())
		if !there {
			return true
		}
		raw := &storage.RawStub{ID: id, RoomID: room.ID, Seq: int64(at.minor())}
		return page.Add(storage.Keyset{Int: int64(at)}, 0, storage.Raw{Stub: raw})
	})
}

func (s *state) rawMessages(page *backend.RawPage, after storage.Keyset) {
	s.stored.Ascend(key(after.Int)+1, func(document key, at pair) bool {
		if s.roomGone(at) {
			return true
		}
		m, _ := s.messages.Get(at)
		return page.Add(storage.Keyset{Int: int64(document)}, len(m.Body)+len(m.Custom), storage.Raw{Message: s.rawMessage(m)})
	})
}

func (s *state) rawMessage(m *message) *storage.RawMessage {
	raw := &storage.RawMessage{Message: s.readMessage(m).Clone()}
	if m.Nonce != "" {
		raw.AuthorGone = m.author != 0 && raw.AuthorID.IsZero()
		raw.Digest = m.digest[:]
	}
	alive := make(map[storage.UserID]bool, len(m.mentioned))
	for _, user := range m.mentioned {
		alive[s.userID(user)] = true
	}
	for _, user := range raw.Mentions {
		if !alive[user] {
			raw.Missed = append(raw.Missed, user)
		}
	}
	keys, _ := s.carried.Get(m.at)
	for _, k := range keys {
		a, _ := s.attachments.Get(k)
		raw.AttachmentIDs = append(raw.AttachmentIDs, a.ID)
	}
	return raw
}

// placeOf returns the room of a message, and its identifier, unless the room is
// deleted.
func (s *state) placeOf(at pair) (room storage.RoomID, id storage.MessageID, there bool) {
	r, there := s.rooms.Get(at.major())
	m, ok := s.messages.Get(at)
	if !there || !ok {
		return room, id, false
	}
	return r.row.ID, m.ID, true
}

func (s *state) rawRevisions(page *backend.RawPage, after storage.Keyset) {
	from := revision{message: pair(after.Int), version: after.Low + 1}
	s.revisions.Ascend(from, func(v revision) bool {
		room, _, there := s.placeOf(v.message)
		if !there {
			return true
		}
		raw := &storage.RawRevision{Revision: s.readRevision(v).Clone(), RoomID: room}
		place := storage.Keyset{Int: int64(v.message), Low: v.version}
		return page.Add(place, len(raw.Body)+len(raw.Custom), storage.Raw{Revision: raw})
	})
}

func (s *state) rawReactions(page *backend.RawPage, after storage.Keyset) {
	from := reaction{message: pair(after.Int), emoji: after.Text, user: key(after.Low) + 1}
	s.reactions.Ascend(from, func(v reaction) bool {
		room, id, there := s.placeOf(v.message)
		if !there {
			return true
		}
		raw := &storage.RawReaction{
			Reaction: storage.Reaction{MessageID: id, UserID: s.userID(v.user), Emoji: v.emoji, CreatedAt: v.at}, RoomID: room,
		}
		place := storage.Keyset{Int: int64(v.message), Text: v.emoji, Low: int64(v.user)}
		return page.Add(place, 0, storage.Raw{Reaction: raw})
	})
}

// rawReceipts takes the readings of one member at a time. After holds the room's
// key and the user's, and up to which Seq runs are listed already.
func (s *state) rawReceipts(page *backend.RawPage, after storage.Keyset) error {
	from := reading{room: key(after.Int), user: key(after.Low)}
	for listed := after.High; ; listed = 0 {
		var next reading
		s.readings.Ascend(from, func(r reading) bool { next = r; return false })
		if next.room == 0 {
			return nil
		}
		if next.room != from.room || next.user != from.user {
			listed = 0
		}
		full, err := s.rawReceiptsOf(page, next.room, next.user, listed)
		if full || err != nil {
			return err
		}
		from = reading{room: next.room, user: next.user + 1}
	}
}

func (s *state) rawReceiptsOf(page *backend.RawPage, room, user key, listed int64) (full bool, err error) {
	found, there := s.rooms.Get(room)
	if !there {
		return false, nil
	}
	var spans []backend.ReadSpan
	for v := range s.readingsOf(room, user, 0) {
		spans = append(spans, backend.ReadSpan{From: int64(v.from), To: int64(v.to), At: backend.Micros(v.at)})
	}
	runs, err := backend.ReadRuns(spans, func(seq int64) (bool, error) {
		m, there := s.messages.Get(pairOf(room, key(seq)))
		return !there || m.author == user, nil
	})
	if err != nil {
		return false, err
	}
	for _, run := range runs {
		if run.To <= listed {
			continue
		}
		raw := &storage.RawReceipt{
			RoomID: found.row.ID, UserID: s.userID(user), ReadAt: time.UnixMicro(run.At).UTC(),
			Range: storage.SeqRange{First: run.From + 1, Last: run.To},
		}
		place := storage.Keyset{Int: int64(room), Low: int64(user), High: run.To}
		if !page.Add(place, 0, storage.Raw{Receipt: raw}) {
			return true, nil
		}
	}
	return false, nil
}
