package storagetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func (s *benchStore) unread(g *generator) error {
	rank := g.IntN(len(s.rooms))
	readers := s.readersOf(rank)
	_, err := s.Unread(s.ctx, s.rooms[rank], readers[g.IntN(len(readers))])
	return err
}

func (s *benchStore) readReceipts(g *generator) error {
	_, err := s.ReadReceipts(s.ctx, storage.ReceiptQuery{Message: s.known[g.IntN(len(s.known))]})
	return err
}

// compareMarkRead compares marking 10,000 messages read with marking ten.
func (s *benchStore) compareMarkRead(b *testing.B) {
	const many, few = 10_000, 10
	room := storage.Room{Name: "long " + s.someName()}
	require.NoError(b, s.CreateRoom(s.ctx, &room))
	g := s.generator()
	text := func() *storage.Message {
		return &storage.Message{RoomID: room.ID, AuthorID: s.users[g.IntN(benchMembers)], Body: g.text()}
	}
	for range many/benchBatch + 1 {
		_, err := s.CreateMessages(s.ctx, g.batch(benchBatch, text))
		require.NoError(b, err)
	}
	last := int64(many + benchBatch)
	mark := func(unread int64) func() float64 {
		return func() float64 {
			user := s.memberBehind(b, room.ID, last-unread+1)
			return micros(b, func() error { return s.MarkRead(s.ctx, room.ID, user, storage.Anchor{}) })
		}
	}
	compare(b, measure{fmt.Sprint(few, "-unread-µs"), mark(few)}, measure{fmt.Sprint(many, "-unread-µs"), mark(many)})
}

// memberBehind returns a new member of a room to whom all from a message on is
// unread, and who has never read any of it.
func (s *benchStore) memberBehind(b *testing.B, room storage.RoomID, from int64) storage.UserID {
	user := storage.User{Username: "latecomer" + s.someName()}
	err := s.Update(s.ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := tx.CreateUser(ctx, &user); err != nil {
			return err
		}
		if err := tx.AddMember(ctx, &storage.Membership{RoomID: room, UserID: user.ID}); err != nil {
			return err
		}
		return tx.MarkUnread(ctx, room, user.ID, storage.AtSeq(from))
	})
	require.NoError(b, err, "making a member")
	return user.ID
}
