package storagetest

// Random histories of one room, and what they have to come to.

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// chronicle is a room with what was done in it.
type chronicle struct {
	*fixture
	random   *rand.Rand
	room     storage.RoomID
	users    []storage.UserID
	markers  map[storage.UserID]int64 // of members
	messages []storage.Message        // as they were stored, by Seq
	receipts []map[storage.UserID]time.Time
	purged   map[int]bool // by their place in messages
	done     []string     // in words
}

func (f *fixture) newChronicle(name string, seed uint64) *chronicle {
	f.t.Helper()
	h := &chronicle{
		fixture: f, random: rand.New(rand.NewPCG(seed, 7)), room: f.room(name, storage.UserID{}).ID,
		markers: map[storage.UserID]int64{}, purged: map[int]bool{},
	}
	for i := range 4 {
		user := f.user(fmt.Sprint(name, i))
		h.users = append(h.users, user.ID)
		if i > 0 { // the first begins outside
			f.join(h.room, user.ID)
			h.markers[user.ID] = 0
		}
	}
	return h
}

func (h *chronicle) last() int64 { return int64(len(h.messages)) }

// pass moves a marker forward.
func (h *chronicle) pass(user storage.UserID, to int64) {
	for i := h.markers[user]; i < to; i++ {
		if _, read := h.receipts[i][user]; !read && h.messages[i].AuthorID != user {
			h.receipts[i][user] = h.now()
		}
	}
	h.markers[user] = max(h.markers[user], to)
}

// step does something at random.
func (h *chronicle) step() {
	h.t.Helper()
	i := h.random.IntN(len(h.users))
	user := h.users[i]
	_, member := h.markers[user]
	n := h.random.IntN(20)
	h.done = append(h.done, fmt.Sprintf("user %d does %d at message %d", i, n, h.last()))
	switch {
	case n < 7 || h.last() == 0:
		h.send(user, n == 0)
	case n < 12:
		h.change(n)
	case n < 14:
		h.clock.advance(20 * time.Second)
	case !member:
		h.join(h.room, user)
		h.markers[user] = h.last()
	case n == 14:
		h.leave(h.room, user)
		delete(h.markers, user)
	case n < 17:
		to := h.random.Int64N(h.last()+1) + 1
		h.markRead(h.room, user, h.anchor(to))
		h.pass(user, min(to, h.last()))
	case n < 19:
		from := h.random.Int64N(h.last()) + 1
		h.markUnread(h.room, user, h.anchor(from))
		h.markers[user] = min(h.markers[user], from-1)
	default:
		h.single(user)
	}
}

// anchor names a message, by its identifier or by its place.
func (h *chronicle) anchor(seq int64) storage.Anchor {
	if seq > h.last() || h.random.IntN(2) == 0 {
		return storage.AtSeq(seq)
	}
	return storage.At(h.messages[seq-1].ID)
}

// send stores a message, or imports it.
func (h *chronicle) send(user storage.UserID, imported bool) {
	h.t.Helper()
	m := storage.Message{RoomID: h.room, AuthorID: user, MentionsAll: h.random.IntN(5) == 0, Mentions: h.someUsers()}
	if h.random.IntN(8) == 0 {
		m.Type = storage.MessageSystem
	}
	if h.random.IntN(5) == 0 {
		m.ExpiresAt = h.now().Add(time.Duration(h.random.IntN(3)) * time.Minute)
	}
	if imported {
		h.createMany(1, &m)
	} else {
		m = h.say(h.room, user, "x", func(to *storage.Message) { *to = m })
	}
	h.messages = append(h.messages, m)
	h.receipts = append(h.receipts, map[storage.UserID]time.Time{})
	if _, member := h.markers[user]; member && !imported {
		h.pass(user, m.Seq)
	}
}

func (h *chronicle) someUsers() []storage.UserID {
	return h.users[:h.random.IntN(len(h.users)+1)]
}

// alive picks a message that is there, if the one picked is.
func (h *chronicle) alive() (int, bool) {
	i := h.random.IntN(len(h.messages))
	return i, !h.purged[i] && !h.messages[i].Expired(h.now())
}

// change edits, deletes or purges a message.
func (h *chronicle) change(n int) {
	h.t.Helper()
	i, alive := h.alive()
	m := h.messages[i]
	switch {
	case n == 11 && !h.purged[i]:
		h.wipe(m)
		h.purged[i] = true
	case !alive:
	case n < 9 && !h.readMessage(m.ID).Deleted():
		users := h.someUsers()
		require.NoError(h.t, errOf(h.EditMessage(h.ctx, m.ID, m.AuthorID, storage.MessagePatch{
			Mentions: &users, MentionsAll: new(h.random.IntN(3) == 0),
		})))
	case n < 11:
		h.unsay(m)
	}
}

// single adds a receipt of one message.
func (h *chronicle) single(user storage.UserID) {
	h.t.Helper()
	i, alive := h.alive()
	if !alive {
		return
	}
	require.NoError(h.t, h.AddReadReceipt(h.ctx, h.messages[i].ID, user))
	if _, read := h.receipts[i][user]; !read && h.messages[i].AuthorID != user {
		h.receipts[i][user] = h.now()
	}
}

// check counts all that is unread anew.
func (h *chronicle) check() {
	h.t.Helper()
	for i, user := range h.users {
		marker, member := h.markers[user]
		if !member {
			continue
		}
		entry := h.inboxEntry(h.room, user)
		require.Equal(h.t, marker, entry.Membership.ReadSeq, "marker of user %d: %v", i, h.done)
		want := h.recounted(h.room, user)
		require.Equal(h.t, want, h.unread(h.room, user), "Unread of user %d: %v", i, h.done)
		require.Equal(h.t, want, entry.Unread, "Unread of Inbox of user %d: %v", i, h.done)
		listed := list(h.fixture, h.unreadMessages, storage.UnreadQuery{Room: h.room, User: user})
		require.Len(h.t, listed, int(want.Messages), "UnreadMessages of user %d: %v", i, h.done)
	}
}

// checkReceipts looks at who has read which message.
func (h *chronicle) checkReceipts() {
	h.t.Helper()
	for i, m := range h.messages {
		if h.purged[i] || m.Expired(h.now()) {
			continue
		}
		got := list(h.fixture, h.ReadReceipts, storage.ReceiptQuery{Message: m.ID})
		byUser := map[storage.UserID]time.Time{}
		for _, r := range got {
			byUser[r.UserID] = r.ReadAt
		}
		require.Equal(h.t, h.receipts[i], byUser, "receipts of Seq %d: %v", m.Seq, h.done)
		require.Len(h.t, got, len(byUser), "receipts of Seq %d", m.Seq)
		assert.True(h.t, slices.IsSortedFunc(got, func(a, b storage.ReadReceipt) int { return a.ReadAt.Compare(b.ReadAt) }))
	}
}

// testUnreadHistory does at random whatever can happen in a room, and counts
// anew after each step.
func testUnreadHistory(t *testing.T, f *fixture) {
	for seed := range uint64(3) {
		h := f.newChronicle(fmt.Sprint("hall", seed), seed)
		for range 100 {
			h.step()
			h.check()
		}
		h.checkReceipts()
	}
}
