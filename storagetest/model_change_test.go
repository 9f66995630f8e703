package storagetest_test

import (
	"context"
	"slices"
	"time"

	"github.com/lairchat/lair/storage"
)

func (m *model) EditMessage(_ context.Context, id storage.MessageID, by storage.UserID, p storage.MessagePatch) (storage.Message, error) {
	if p.IfVersion < 0 {
		return storage.Message{}, storage.Invalid("IfVersion", "negative")
	}
	i, err := m.changeable(id, by)
	if err != nil {
		return storage.Message{}, err
	}
	old := m.messages[i].Message
	next := old.Clone()
	changed := p.Apply(&next)
	for _, user := range next.Mentions {
		if err := m.needUser(user, "Mentions"); err != nil && !slices.Contains(old.Mentions, user) {
			return storage.Message{}, err
		}
	}
	if err := m.admits(m.messages[i].room, by, storage.SanctionBan, storage.SanctionMute); err != nil {
		return storage.Message{}, err
	}
	if old.Deleted() || p.IfVersion != 0 && p.IfVersion != old.Version {
		return storage.Message{}, storage.Conflict(storage.EntityMessage, id.String(), "")
	}
	if changed {
		next.EditedAt = m.now()
		next.Version++
		m.messages[i].Message = next
		m.messages[i].revisions = append(slices.Clone(m.messages[i].revisions), storage.Revision{
			MessageID: id, Version: old.Version, Body: old.Body, Mentions: old.Mentions, MentionsAll: old.MentionsAll,
			Tags: old.Tags, Custom: old.Custom, ReplacedAt: m.now(), ReplacedBy: by,
		})
	}
	return m.filled(i, storage.UserID{}), nil
}

// changeable returns the index of a message for somebody to change.
func (m *model) changeable(id storage.MessageID, by storage.UserID) (int, error) {
	i, err := m.live(id)
	if err != nil {
		return i, err
	}
	return i, m.mayBe(by, "by")
}

func (m *model) DeleteMessage(_ context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	i, err := m.changeable(id, by)
	if err != nil {
		return storage.Message{}, err
	}
	if !m.messages[i].Deleted() && m.messageKept(i) {
		return storage.Message{}, storage.Forbidden(storage.EntityMessage, id.String(), storage.ReasonHeld)
	}
	m.bury(i, by)
	return m.filled(i, storage.UserID{}), nil
}

// bury turns a message into its tombstone.
func (m *model) bury(i int, by storage.UserID) {
	message := &m.messages[i]
	if message.Deleted() {
		return
	}
	for _, k := range message.files {
		m.files[k].MessageID, m.files[k].DetachedAt = storage.MessageID{}, m.now()
	}
	message.Tombstone(by, m.now())
	message.left = message.files
	message.files, message.reactions, message.revisions = nil, nil, nil
}

func (m *model) DeleteMessages(_ context.Context, q storage.MessageQuery, by storage.UserID) (int, bool, error) {
	switch {
	case !q.Around.IsZero():
		return 0, false, storage.Invalid("Around", "")
	case q.WithDeleted:
		return 0, false, storage.Invalid("WithDeleted", "")
	}
	if err := q.Validate(); err != nil {
		return 0, false, err
	}
	if err := m.mayBe(by, "by"); err != nil {
		return 0, false, err
	}
	low, high, err := m.bounds(q)
	if err != nil {
		return 0, false, err
	}
	all := slices.DeleteFunc(m.selected(q, low, high), m.messageKept)
	limit, err := storage.Limit(q.Limit)
	if err != nil {
		return 0, false, err
	}
	n := min(limit, len(all))
	for _, i := range all[:n] {
		m.bury(i, by)
	}
	return n, len(all) > n, nil
}

func (m *model) PinMessage(_ context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	i, err := m.changeable(id, by)
	if err != nil {
		return storage.Message{}, err
	}
	if !m.messages[i].PinnedAt.IsZero() {
		return m.filled(i, storage.UserID{}), nil
	}
	if err := m.admits(m.messages[i].room, by, storage.SanctionBan); err != nil {
		return storage.Message{}, err
	}
	if m.messages[i].Deleted() {
		return storage.Message{}, storage.Conflict(storage.EntityMessage, id.String(), "deleted")
	}
	m.messages[i].PinnedAt = m.now()
	m.messages[i].Version++
	return m.filled(i, storage.UserID{}), nil
}

func (m *model) UnpinMessage(_ context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	i, err := m.changeable(id, by)
	if err != nil {
		return storage.Message{}, err
	}
	if !m.messages[i].PinnedAt.IsZero() {
		m.messages[i].PinnedAt = time.Time{}
		m.messages[i].Version++
	}
	return m.filled(i, storage.UserID{}), nil
}

// reactable returns the index of a message for somebody to react to.
func (m *model) reactable(id storage.MessageID, user storage.UserID) (int, error) {
	i, err := m.live(id)
	if err != nil {
		return i, err
	}
	if err := m.needUser(user, "user"); err != nil {
		return i, err
	}
	return i, nil
}

// whole refuses a tombstone.
func (m *model) whole(i int) error {
	if !m.messages[i].Deleted() {
		return nil
	}
	return storage.Conflict(storage.EntityMessage, m.messages[i].ID.String(), "deleted")
}

func (m *model) AddReaction(_ context.Context, id storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	i, err := m.reactable(id, user)
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(m.messages[i].reactions, func(r storage.Reaction) bool { return r.UserID == user && r.Emoji == emoji }) {
		return false, nil
	}
	if err := m.admits(m.messages[i].room, user, storage.SanctionBan, storage.SanctionMute); err != nil {
		return false, err
	}
	if err := m.whole(i); err != nil {
		return false, err
	}
	m.messages[i].reactions = append(slices.Clone(m.messages[i].reactions), storage.Reaction{
		MessageID: id, UserID: user, Emoji: emoji, CreatedAt: m.now(),
	})
	m.emoji = append(m.emoji, modelToldEmoji{i, user})
	return true, nil
}

func (m *model) RemoveReaction(_ context.Context, id storage.MessageID, user storage.UserID, emoji string) (bool, error) {
	i, err := m.reactable(id, user)
	if err != nil {
		return false, err
	}
	if err := m.whole(i); err != nil {
		return false, err
	}
	before := m.messages[i].reactions
	m.messages[i].reactions = slices.DeleteFunc(slices.Clone(before), func(r storage.Reaction) bool {
		return r.UserID == user && r.Emoji == emoji
	})
	removed := len(m.messages[i].reactions) < len(before)
	if removed {
		m.emoji = append(m.emoji, modelToldEmoji{i, user})
	}
	return removed, nil
}
