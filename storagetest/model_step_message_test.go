package storagetest_test

// What histories do with messages.

import (
	"context"
	"time"

	"github.com/lairchat/lair/storage"
)

// create sends a message.
func (h *history) create() { h.send(h.newMessage()) }

// again sends a message again that had a nonce, or nearly the same.
func (h *history) again() {
	if len(h.requests) == 0 {
		return
	}
	m := h.requests[h.below(len(h.requests))].Clone()
	m.ID = h.id()
	h.messages = append(h.messages, m.ID)
	if h.oneIn(4) {
		m.Body += " again"
	}
	h.send(m)
}

func (h *history) send(m storage.Message) {
	h.call(say("CreateMessage(%s)", m), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := m.Clone()
		created, err := s.CreateMessage(ctx, &next)
		return []any{created, next}, err
	})
}

// createMany imports messages.
func (h *history) createMany() {
	ms := make([]storage.Message, 1+h.below(3))
	for i := range ms {
		ms[i] = h.newMessage()
		if h.oneIn(2) {
			ms[i].CreatedAt = h.moment().Add(-24 * time.Hour * oneOf(h.draws, time.Duration(0), 0, 7, 30))
		}
	}
	h.call(say("CreateMessages(%s)", ms), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := make([]*storage.Message, len(ms))
		for i := range ms {
			next[i] = new(ms[i].Clone())
		}
		created, err := s.CreateMessages(ctx, next)
		return []any{created, next}, err
	})
}

func (h *history) edit() {
	id, by, p := h.message(), h.maybe(), h.patch()
	h.call(say("EditMessage(%s, %s, %s)", id, by, p), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.EditMessage(ctx, id, by, p))
	})
}

func (h *history) remove() {
	id, by := h.message(), h.maybe()
	h.call(say("DeleteMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.DeleteMessage(ctx, id, by))
	})
}

func (h *history) removeMany() {
	q, by := h.query(), h.maybe()
	h.call(say("DeleteMessages(%s, %s)", q, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		n, more, err := s.DeleteMessages(ctx, q, by)
		return []any{n, more}, err
	})
}

func (h *history) pin() {
	id, by, unpin := h.message(), h.maybe(), h.oneIn(3)
	if unpin {
		h.call(say("UnpinMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.UnpinMessage(ctx, id, by))
		})
		return
	}
	h.call(say("PinMessage(%s, %s)", id, by), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.PinMessage(ctx, id, by))
	})
}

func (h *history) react() {
	id, user, emoji := h.message(), h.user(), oneOf(h.draws, modelEmoji...)
	if h.oneIn(3) {
		h.call(say("RemoveReaction(%s, %s, %s)", id, user, emoji), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.RemoveReaction(ctx, id, user, emoji))
		})
		return
	}
	h.call(say("AddReaction(%s, %s, %s)", id, user, emoji), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.AddReaction(ctx, id, user, emoji))
	})
}

func (h *history) mark() {
	room := h.room()
	user, a := h.member(room), h.anchor(room)
	switch h.below(4) {
	case 0, 1:
		h.call(say("MarkRead(%s, %s, %s)", room, user, a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.MarkRead(ctx, room, user, a)
		})
	case 2:
		h.call(say("MarkUnread(%s, %s, %s)", room, user, a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.MarkUnread(ctx, room, user, a)
		})
	case 3:
		id := h.messageIn(room)
		h.call(say("AddReadReceipt(%s, %s)", id, user), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return nil, s.AddReadReceipt(ctx, id, user)
		})
	}
}

func (h *history) createFile() {
	a := storage.Attachment{
		ID: h.id(), RoomID: h.room(), UploaderID: h.maybe(), Name: oneOf(h.draws, "a file", "plum scroll"), Size: 7,
		Blob: oneOf(h.draws, modelBlobs...), Hash: oneOf(h.draws, "", "hash"), Duration: time.Duration(h.below(2)),
	}
	if h.oneIn(30) {
		a.ID = h.file()
	}
	h.files = append(h.files, a.ID)
	h.call(say("CreateAttachment(%s)", a), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		next := a.Clone()
		err := s.CreateAttachment(ctx, &next)
		return next, err
	})
}

func (h *history) removeFiles() {
	if id := h.file(); h.below(3) > 0 {
		h.call(say("DeleteAttachment(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return value(s.DeleteAttachment(ctx, id))
		})
		return
	}
	q := storage.AttachmentPurge{UnattachedFor: oneOf(h.draws, 0, time.Second, time.Minute, time.Hour), Limit: storage.MaxLimit}
	h.call(say("PurgeAttachments(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return value(s.PurgeAttachments(ctx, q))
	})
}

func (h *history) purgeMessages() {
	if h.below(3) == 0 {
		id := h.message()
		h.call(say("PurgeMessage(%s)", id), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return purged(s.PurgeMessage(ctx, id))
		})
		return
	}
	q := h.draws.purge()
	if h.oneIn(4) {
		h.call(say("Purge(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
			return purged(storage.Purge(ctx, s, q))
		})
		return
	}
	h.call(say("PurgeMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		return purged(s.PurgeMessages(ctx, q))
	})
}

// purged is the result of a purge without what depends on the backend.
func purged(r storage.PurgeResult, err error) (any, error) {
	r.Scrubbed = false
	return r, err
}

// value fits what a call returns to what is compared.
func value[T any](v T, err error) (any, error) { return v, err }
