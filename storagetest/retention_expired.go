package storagetest

// Retention beside what expires.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// brief stores messages that expire within an hour.
func (f *fixture) brief(n int, room storage.RoomID, author storage.UserID) (ms []storage.Message) {
	f.t.Helper()
	for range n {
		ms = append(ms, f.say(room, author, "brief", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) }))
	}
	return ms
}

// testRetentionExpired has what nobody sees any more take no place of what they do.
func testRetentionExpired(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	own := f.room("hall", ann, func(r *storage.Room) { r.Settings.RetentionMax = 3 }).ID
	other := f.room("attic", ann).ID
	var kept []storage.Message
	for _, room := range []storage.RoomID{own, other} {
		f.brief(2, room, ann)
		kept = append(kept, f.saying(3, room, ann)...)
		f.remove(f.brief(3, room, ann)[1].ID, ann)
	}
	q := storage.RetentionQuery{Keep: 3}
	wantList(t, []storage.RoomDue{{Room: own, Keep: 3}, {Room: other, Keep: 3}}, f.duePages(q))
	f.clock.advance(2 * time.Hour)
	wantList(t, nil, f.duePages(q))
	wantList(t, []storage.RoomDue{{Room: other, Keep: 2}}, f.duePages(storage.RetentionQuery{Keep: 2}))
	want := storage.MaintainReport{Expired: storage.PurgeResult{Messages: 10}}
	require.Equal(t, want, f.maintained(storage.MaintainOptions{MessagesKeep: 3}))
	require.Equal(t, kept, f.there(kept))
	f.wantRetained(1, storage.MaintainOptions{MessagesKeep: 2})
	require.Equal(t, append(kept[:3:3], kept[4:]...), f.there(kept))
}

// testRetentionExpiredHeld has a hold keep what has expired in its place, and no
// more than that.
func testRetentionExpiredHeld(t *testing.T, f *fixture) {
	c := f.circle()
	early := f.saying(3, c.room, c.bob)
	brief := f.brief(3, c.room, c.ann)
	kept := f.saying(1, c.room, c.bob)
	f.hold(storage.Hold{UserID: c.ann})
	f.clock.advance(2 * time.Hour)
	require.Zero(t, f.maintained(storage.MaintainOptions{MessagesKeep: 4}))
	wantList(t, nil, f.duePages(storage.RetentionQuery{Keep: 4}))
	require.Equal(t, storage.PurgeResult{}, f.purge(storage.PurgeQuery{Room: c.room, Keep: 4}))
	require.Equal(t, int64(2), f.maintained(storage.MaintainOptions{MessagesKeep: 2}).Retention.Messages)
	require.Equal(t, early[2:], f.there(early))
	require.Equal(t, int64(1), f.maintained(storage.MaintainOptions{MessagesKeep: 1}).Retention.Messages)
	require.Equal(t, append(brief, kept...), f.there(append(brief, kept...)))
}
