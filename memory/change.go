package memory

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
	"github.com/lairchat/lair/storage/backend"
)

// emojiChange is a change that has an emoji.
type emojiChange struct {
	message storage.MessageID
	at      storage.Position
}

func lessEmojiChanges(a, b emojiChange) bool {
	return cmp.Or(a.message.Compare(b.message), cmp.Compare(a.at, b.at)) < 0
}

// emojiOfUser is the same, of the user whose emoji it is.
type emojiOfUser struct {
	user storage.UserID
	at   storage.Position
}

func lessEmojiOfUsers(a, b emojiOfUser) bool {
	return cmp.Or(a.user.Compare(b.user), cmp.Compare(a.at, b.at)) < 0
}

// noteEmoji notes a change that may have an emoji.
func (s *state) noteEmoji(c *storage.Change) {
	if c.Emoji != "" {
		s.emoji.Set(emojiChange{c.MessageID, c.Position})
		s.emojiBy.Set(emojiOfUser{c.UserID, c.Position})
	}
}

// dropEmoji is the inverse of noteEmoji.
func (s *state) dropEmoji(c *storage.Change) {
	s.emoji.Delete(emojiChange{c.MessageID, c.Position})
	s.emojiBy.Delete(emojiOfUser{c.UserID, c.Position})
}

// forgetEmoji takes out of the feed what reactions to a message said.
func (s *state) forgetEmoji(message storage.MessageID) {
	var said []storage.Position
	s.emoji.Ascend(emojiChange{message: message}, func(e emojiChange) bool {
		if e.message == message {
			said = append(said, e.at)
		}
		return e.message == message
	})
	s.silence(said)
}

// silence takes the emoji off changes.
func (s *state) silence(said []storage.Position) {
	for _, at := range said {
		c, _ := s.changes.Get(at)
		silent := *c
		silent.Emoji = ""
		s.changes.Set(at, &silent)
		s.dropEmoji(c)
	}
}

func (r *rows) AppendChange(_ context.Context, c *storage.Change) error {
	r.lastChange++
	c.Position = r.lastChange
	if c.Tx == 0 {
		c.Tx = c.Position
	}
	kept := c.Clone()
	r.changes.Set(kept.Position, &kept)
	r.noteEmoji(&kept)
	return nil
}

func (r *rows) ChangeHead(context.Context) (storage.ChangeHead, error) { return r.changeHead(), nil }

func (s *state) changeHead() storage.ChangeHead {
	head := storage.ChangeHead{Newest: s.lastChange, Oldest: s.lastChange + 1}
	if first, _, ok := s.changes.Min(); ok {
		head.Oldest = first
	}
	return head
}

func (r *rows) Changes(_ context.Context, s backend.ChangeScan) ([]storage.Change, storage.Position, error) {
	var all []storage.Change
	looked, through := 0, s.After
	r.changes.Ascend(s.After+1, func(at storage.Position, c *storage.Change) bool {
		looked++
		through = at
		if selectsChange(&s, c) {
			all = append(all, c.Clone())
		}
		return len(all) < s.Limit && looked < s.Walk
	})
	return all, through, nil
}

func selectsChange(s *backend.ChangeScan, c *storage.Change) bool {
	return (s.Room.IsZero() || s.Room == c.RoomID) && (s.Kinds == nil || slices.Contains(s.Kinds, c.Kind))
}

func (r *rows) PruneChanges(_ context.Context, p backend.ChangePruning) (int, error) {
	last := r.lastToPrune(p)
	var deletions []*storage.Change
	pruned := 0
	for {
		at, c, ok := r.changes.Min()
		if !ok || at > last {
			break
		}
		r.changes.Delete(at)
		r.dropEmoji(c)
		r.notePruned(c)
		if c.Kind == storage.ChangeRoomDeleted || c.Kind == storage.ChangeUserDeleted {
			deletions = append(deletions, c)
		}
		pruned++
	}
	if pruned > 0 {
		r.removeStaysUpTo(last)
	}
	for _, c := range deletions {
		r.forgetPruned(c)
	}
	return pruned, nil
}

// lastToPrune returns the end of the last transaction that is to go.
func (s *state) lastToPrune(p backend.ChangePruning) storage.Position {
	head := s.changeHead()
	last, all := head.Oldest-1, true
	s.changes.Scan(func(at storage.Position, c *storage.Change) bool {
		if at == c.Tx {
			last = at - 1
		}
		old := !p.Until.IsZero() && !c.At.After(p.Until) || p.Keep > 0 && int64(head.Newest-at) >= p.Keep
		all = old && at <= p.Last && int(last-head.Oldest)+1 < p.Limit
		return all
	})
	if all {
		return head.Newest
	}
	return last
}
