package storagetest

// Who misses something when changes are pruned, and who does not.

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var prunedCases = []testCase{
	{"of a quiet room", testPrunedRoom},
	{"of a deleted room", testPrunedRoomDeleted},
	{"of a user's rooms", testPrunedUser},
	{"of rooms that a user left", testPrunedLeft},
	{"of rooms that a user joined", testPrunedJoined},
	{"of no room", testPrunedNowhere},
	{"of whom an invite or a sanction names", testPrunedNamed},
	{"of a deleted user", testPrunedUserDeleted},
	{"rolled back", testPrunedRolledBack},
	{"reopen", testPrunedReopen},
}

// pruneAll prunes all changes that there are, and returns the newest.
func (f *fixture) pruneAll() storage.Position {
	f.t.Helper()
	f.clock.advance(time.Hour)
	for f.head().Oldest <= f.head().Newest {
		require.NoError(f.t, errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour, Limit: 3})))
	}
	return f.head().Newest
}

// wantMissed requires that a query misses something after each position before
// from, and nothing from there on, and that what there is follows.
func (f *fixture) wantMissed(from storage.Position, q storage.ChangeQuery, rest ...storage.Change) {
	f.t.Helper()
	head := f.head()
	for q.After = 0; q.After < head.Oldest; q.After++ {
		if q.After < from {
			f.wantGone(q)
			continue
		}
		f.wantChanges(rest, q)
	}
}

func testPrunedRoom(_ *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}).ID, f.room("attic", storage.UserID{}).ID
	f.say(hall, storage.UserID{}, "last")
	last := f.head().Newest
	f.saying(3, attic, storage.UserID{})
	pruned := f.pruneAll()
	f.wantMissed(last, storage.ChangeQuery{Room: hall})
	f.wantMissed(pruned, storage.ChangeQuery{Room: attic})
	f.wantMissed(pruned, storage.ChangeQuery{Room: nowhere})
	f.wantMissed(pruned, storage.ChangeQuery{})
	f.wantMissed(pruned, storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeUserBlocked}})
	f.say(attic, storage.UserID{}, "more")
	f.say(hall, storage.UserID{}, "more")
	all := f.wantGapless()
	f.wantMissed(last, storage.ChangeQuery{Room: hall}, all[1])
	f.wantMissed(pruned, storage.ChangeQuery{Room: attic}, all[0])
	again := f.pruneAll()
	f.wantMissed(again-1, storage.ChangeQuery{Room: attic})
	f.wantMissed(again, storage.ChangeQuery{Room: hall})
}

func testPrunedRoomDeleted(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}).ID, f.room("attic", storage.UserID{}).ID
	last := f.head().Newest - 1
	pruned := f.pruneAll()
	require.NoError(t, f.DeleteRoom(f.ctx, hall))
	f.wantMissed(last, storage.ChangeQuery{Room: hall}, f.wantGapless()...)
	f.say(attic, storage.UserID{}, "more")
	again := f.pruneAll()
	f.wantMissed(again, storage.ChangeQuery{Room: hall})
	require.Equal(t, pruned+2, again)
	newest := f.room("new", storage.UserID{})
	f.wantMissed(0, storage.ChangeQuery{Room: newest.ID}, f.wantGapless()...)
}

func testPrunedUser(_ *testing.T, f *fixture) {
	c := f.circle()
	attic := f.room("attic", c.ann).ID
	f.say(c.room, c.ann, "last")
	last := f.head().Newest
	f.saying(3, attic, c.ann)
	pruned := f.pruneAll()
	f.wantMissed(last, storage.ChangeQuery{User: c.bob})
	f.wantMissed(pruned, storage.ChangeQuery{User: c.ann})
	f.wantMissed(last, storage.ChangeQuery{User: c.ann, Room: c.room})
	f.wantMissed(last, storage.ChangeQuery{User: c.cid, Room: c.room})
	f.say(attic, c.ann, "more")
	f.say(c.room, c.ann, "more")
	f.wantMissed(last, storage.ChangeQuery{User: c.bob}, f.wantGapless()[1])
	f.wantMissed(pruned, storage.ChangeQuery{User: nobody})
}

// What was forgotten of who was where is not forgotten of what was missed.
func testPrunedLeft(_ *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "with bob")
	f.leave(c.room, c.bob)
	left := f.head().Newest
	f.say(c.room, c.ann, "without bob")
	pruned := f.pruneAll()
	f.wantMissed(left, storage.ChangeQuery{User: c.bob})
	f.wantMissed(pruned, storage.ChangeQuery{User: c.cid})
}

// Who joins a room that shows its history misses what was pruned of it.
func testPrunedJoined(_ *testing.T, f *fixture) {
	c := f.circle()
	shown := f.room("shown", c.ann).ID
	hidden := circle{room: f.room("hidden", c.ann).ID}
	f.hidden(hidden)
	dan, eve := f.user("dan").ID, f.user("eve").ID
	last := f.head().Newest
	f.say(shown, c.ann, "x")
	before := f.head().Newest
	f.say(hidden.room, c.ann, "x")
	pruned := f.pruneAll()
	f.join(shown, dan)
	f.join(hidden.room, eve)
	all := f.wantGapless()
	f.wantMissed(before, storage.ChangeQuery{User: dan}, all[0])
	f.wantMissed(last, storage.ChangeQuery{User: eve}, all[1])
	f.wantMissed(pruned, storage.ChangeQuery{User: c.ann}, all...)
}

// What happened in no room anybody may have missed who watches with some user's
// eyes, but nobody in a room.
func testPrunedNowhere(_ *testing.T, f *fixture) {
	c := f.circle()
	room := f.head().Newest
	f.user("dan")
	nowhere := f.head().Newest
	f.pruneAll()
	f.wantMissed(nowhere, storage.ChangeQuery{User: c.bob})
	f.wantMissed(room, storage.ChangeQuery{User: c.bob, Room: c.room})
	f.wantMissed(room, storage.ChangeQuery{Room: c.room})
}

func testPrunedNamed(t *testing.T, f *fixture) {
	c := f.circle()
	dan, eve, fay := f.user("dan").ID, f.user("eve").ID, f.user("fay").ID
	before := f.head().Newest
	f.invite(storage.Invite{RoomID: c.room, InviteeID: dan})
	f.invite(storage.Invite{RoomID: c.room})
	invited := f.head().Newest - 1
	require.NoError(t, f.CreateSanction(f.ctx, &storage.Sanction{RoomID: c.room, UserID: eve, Kind: storage.SanctionMute}))
	pruned := f.pruneAll()
	f.wantMissed(invited, storage.ChangeQuery{User: dan})
	f.wantMissed(pruned, storage.ChangeQuery{User: eve})
	f.wantMissed(before, storage.ChangeQuery{User: fay})
	f.wantMissed(pruned, storage.ChangeQuery{User: c.bob})
}

func testPrunedUserDeleted(t *testing.T, f *fixture) {
	c := f.circle()
	last := f.head().Newest
	dan := f.user("dan").ID
	f.pruneAll()
	require.NoError(t, f.DeleteUser(f.ctx, c.bob))
	require.NoError(t, f.DeleteUser(f.ctx, dan))
	pruned := f.pruneAll()
	for _, user := range []storage.UserID{c.ann, c.bob, dan} {
		f.wantMissed(pruned, storage.ChangeQuery{User: user})
	}
	f.wantMissed(last, storage.ChangeQuery{Room: c.room})
}

func testPrunedRolledBack(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "x")
	f.clock.advance(time.Hour)
	before := f.dump()
	f.rollBack(func(tx storage.Tx) error {
		return errOf(tx.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour, Limit: storage.MaxLimit}))
	})
	require.Equal(t, before, f.dump())
	f.wantChanges(f.selected(func(change storage.Change) bool { return change.RoomID == c.room }), storage.ChangeQuery{Room: c.room})
	require.NoError(t, f.Update(f.ctx, func(ctx context.Context, tx storage.Tx) error {
		if err := errOf(tx.PruneChanges(ctx, storage.ChangePrune{Age: time.Hour, Limit: storage.MaxLimit})); err != nil {
			return err
		}
		err := errOf(tx.Changes(ctx, storage.ChangeQuery{Room: c.room, After: 1}))
		require.ErrorIs(t, err, storage.ErrGone)
		return errors.Join(errOf(tx.Changes(ctx, storage.ChangeQuery{Room: c.room, After: before.Head.Newest})))
	}))
}

func testPrunedReopen(_ *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		return
	}
	rooms := map[storage.RoomID]storage.Position{}
	for i := range 5 {
		room := f.room(fmt.Sprint("room", i), storage.UserID{}).ID
		f.say(room, storage.UserID{}, "x")
		rooms[room] = f.head().Newest
	}
	f.pruneAll()
	f.reopen()
	for room, last := range rooms {
		f.wantMissed(last, storage.ChangeQuery{Room: room})
	}
}
