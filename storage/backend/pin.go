package backend

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// PinMessage implements storage.PinWriter.
func (w Writer) PinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	return writeOne(ctx, w.in, "pin message", unchecked, func(t *rules) (storage.Message, error) {
		m, err := t.pinnable(ctx, id, by)
		if err != nil || !m.PinnedAt.IsZero() {
			return m, err
		}
		if err := t.admits(ctx, m.RoomID, by, storage.SanctionBan); err != nil {
			return m, err
		}
		if err := undeleted(m); err != nil {
			return m, err
		}
		return t.setPin(ctx, m, t.now, storage.ChangeMessagePinned, by)
	})
}

// UnpinMessage implements storage.PinWriter.
func (w Writer) UnpinMessage(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	return writeOne(ctx, w.in, "unpin message", unchecked, func(t *rules) (storage.Message, error) {
		m, err := t.pinnable(ctx, id, by)
		if err != nil || m.PinnedAt.IsZero() {
			return m, err
		}
		return t.setPin(ctx, m, time.Time{}, storage.ChangeMessageUnpinned, by)
	})
}

// pinnable is changeable for a message that is returned.
func (t *rules) pinnable(ctx context.Context, id storage.MessageID, by storage.UserID) (storage.Message, error) {
	m, err := t.changeable(ctx, id, by)
	if err != nil {
		return m, err
	}
	return t.fillIn(ctx, m)
}

// setPin pins a message, or unpins it, and tells the feed.
func (t *rules) setPin(ctx context.Context, m storage.Message, at time.Time, kind storage.ChangeKind, by storage.UserID) (storage.Message, error) {
	m.PinnedAt = at
	m.Version++
	if err := t.rows.PinMessage(ctx, m.ID, at, m.Version); err != nil {
		return m, err
	}
	return m, t.changed(ctx, storage.Change{
		Kind: kind, Actor: by, RoomID: m.RoomID, MessageID: m.ID, Seq: m.Seq, Version: m.Version,
	})
}
