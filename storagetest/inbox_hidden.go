package storagetest

// The last messages of rooms that hide their history.

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// The inbox shows no last message from before its user joined, as long as the
// room hides it.
func testInboxHidden(t *testing.T, f *fixture) {
	ann, bob := f.user("ann").ID, f.user("bob").ID
	hall, attic := f.room("hall", ann, hidingHistory).ID, f.room("attic", ann).ID
	wantLast := func(room storage.RoomID, user storage.UserID, want storage.Message) {
		t.Helper()
		require.Equal(t, want, f.inboxEntry(room, user).LastMessage)
	}
	none := storage.Message{}
	before, open := f.say(hall, ann, "before"), f.say(attic, ann, "open")
	f.join(hall, bob)
	f.join(attic, bob)
	wantLast(hall, bob, none)
	wantLast(attic, bob, open)
	wantLast(hall, ann, before)
	f.hides(hall, false)
	wantLast(hall, bob, before)
	f.hides(attic, true)
	wantLast(attic, bob, none)
	wantLast(hall, bob, before)
	f.hides(hall, true)
	wantLast(hall, bob, none)
	entry := f.inboxEntry(hall, bob)
	require.Equal(t, f.readRoom(hall), entry.Room, "of the room everything is told")
	after := f.say(hall, ann, "after")
	wantLast(hall, bob, after)
	require.NoError(t, errOf(f.PurgeMessage(f.ctx, after.ID)))
	wantLast(hall, bob, none)
	wantLast(hall, ann, before)
	last := f.say(hall, ann, "last")
	wantLast(hall, bob, last)
	f.leave(hall, bob)
	f.join(hall, bob)
	wantLast(hall, bob, none)
}
