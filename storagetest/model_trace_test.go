package storagetest_test

import (
	"cmp"
	"context"
	"slices"

	"github.com/lairchat/lair/storage"
)

// lookAtTraces asks what a user has left in a room.
func (h *history) lookAtTraces(room storage.RoomID, user storage.UserID) {
	q := storage.TraceQuery{Room: room, User: user, Limit: storage.MaxLimit}
	q.WithExpired = h.oneIn(2)
	h.quietly(say("UserMessages(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		p, err := s.UserMessages(ctx, q)
		return p.Items, err
	})
	h.quietly(say("UserReceipts(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		p, err := s.UserReceipts(ctx, q)
		return p.Items, err
	})
	h.quietly(say("UserReactions(%s)", q), func(ctx context.Context, s storage.ReadWriter) (any, error) {
		p, err := s.UserReactions(ctx, q)
		return p.Items, err
	})
}

// traced returns the messages of a room whose time is not over, or all, by Seq.
func (m *model) traced(q storage.TraceQuery) (all []int) {
	for i, message := range m.messages {
		if m.held(i) && message.RoomID == q.Room && (q.WithExpired || !message.Expired(m.now())) && m.users[q.User] {
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(i, k int) int { return cmp.Compare(m.messages[i].Seq, m.messages[k].Seq) })
	return all
}

func (m *model) UserMessages(_ context.Context, q storage.TraceQuery) (p storage.Page[storage.Message], err error) {
	for _, i := range m.traced(q) {
		if m.messages[i].AuthorID == q.User {
			message := m.filled(i, storage.UserID{})
			message.Reactions, message.Thread = nil, storage.Thread{}
			p.Items = append(p.Items, message)
		}
	}
	return p, nil
}

func (m *model) UserReceipts(_ context.Context, q storage.TraceQuery) (p storage.Page[storage.MessageReceipt], err error) {
	for _, i := range m.traced(q) {
		message := m.messages[i]
		if r := m.receipt(i, q.User); !r.ReadAt.IsZero() && message.AuthorID != q.User {
			p.Items = append(p.Items, storage.MessageReceipt{MessageID: message.ID, Seq: message.Seq, ReadAt: r.ReadAt})
		}
	}
	return p, nil
}

func (m *model) UserReactions(_ context.Context, q storage.TraceQuery) (p storage.Page[storage.Reaction], err error) {
	for _, i := range m.traced(q) {
		var own []storage.Reaction
		for _, r := range m.messages[i].reactions {
			if r.UserID == q.User {
				own = append(own, r)
			}
		}
		slices.SortFunc(own, func(a, b storage.Reaction) int { return cmp.Compare(a.Emoji, b.Emoji) })
		p.Items = append(p.Items, own...)
	}
	return p, nil
}
