package storagetest

// Messages whose time is over.

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// expiring stores a message that expires in a minute, between two that stay.
func (f *fixture) expiring() (m storage.Message, others []storage.Message) {
	f.t.Helper()
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	others = append(others, f.say(room.ID, bob.ID, "before"))
	m = f.say(room.ID, ann.ID, "ephemeral", func(m *storage.Message) { m.ExpiresAt, m.Nonce = f.now().Add(time.Minute), "n" })
	others = append(others, f.say(room.ID, bob.ID, "after"))
	return m, others
}

func testMessageExpiry(t *testing.T, f *fixture) {
	m, others := f.expiring()
	require.ElementsMatch(t, everyWay(f), f.waysTo(m), "ways to a message with time left")
	f.clock.advance(time.Minute - time.Microsecond)
	require.ElementsMatch(t, everyWay(f), f.waysTo(m), "ways to a message in its last microsecond")
	f.clock.advance(time.Microsecond)
	require.Empty(t, f.waysTo(m), "ways to a message at its ExpiresAt")
	f.clock.advance(24 * time.Hour)
	require.Empty(t, f.waysTo(m), "ways to a message a day after its ExpiresAt")
	page, err := f.Messages(f.ctx, storage.MessageQuery{Room: m.RoomID, Order: storage.OldestFirst, Limit: 2})
	require.NoError(t, err)
	require.Equal(t, others, page.Items)
	require.Empty(t, page.Next)
	n, err := f.CountMessages(f.ctx, storage.MessageQuery{Room: m.RoomID})
	require.NoError(t, err)
	require.Equal(t, int64(2), n, "CountMessages")
}

func testMessageExpired(t *testing.T, f *fixture) {
	m, others := f.expiring()
	other := f.room("attic", storage.UserID{})
	f.clock.advance(time.Minute)
	_, err := f.EditMessage(f.ctx, m.ID, m.AuthorID, storage.MessagePatch{Body: new("still here")})
	wantNotFound(t, err, storage.EntityMessage)
	_, err = f.DeleteMessage(f.ctx, m.ID, m.AuthorID)
	wantNotFound(t, err, storage.EntityMessage)
	require.Equal(t, int64(4), f.say(m.RoomID, m.AuthorID, "more").Seq, "Seq after an expired message")
	f.refuseMessage(t, storage.Message{ID: m.ID, RoomID: other.ID}, storage.ErrDuplicate, "ID")

	for _, anchor := range []storage.Anchor{storage.At(m.ID), storage.AtSeq(m.Seq)} {
		page, err := f.Messages(f.ctx, storage.MessageQuery{Room: m.RoomID, Before: anchor})
		require.NoError(t, err, "Messages before an expired message")
		require.Equal(t, others[:1], page.Items)
	}

	born := f.say(m.RoomID, m.AuthorID, "stillborn", func(m *storage.Message) { m.ExpiresAt = f.now() })
	require.Equal(t, int64(5), born.Seq)
	_, err = f.Message(f.ctx, born.ID)
	wantNotFound(t, err, storage.EntityMessage)
}

func testMessageExpiryInTx(t *testing.T, f *fixture) {
	m, _ := f.expiring()
	f.clock.advance(time.Minute)
	require.NoError(t, f.View(f.ctx, func(ctx context.Context, r storage.Reader) error {
		require.Empty(t, waysTo(f, r, m), "ways in a View")
		return nil
	}))
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		require.Empty(t, waysTo(f, tx, m), "ways in an Update")
		_, err := tx.DeleteMessage(ctx, m.ID, storage.UserID{})
		wantNotFound(t, err, storage.EntityMessage)
		return nil
	}))
}
