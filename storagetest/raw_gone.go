package storagetest

// Dumps of what is left of what is gone.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

// purgeOne purges a message that is there.
func (f *fixture) purgeOne(m storage.MessageID) {
	f.t.Helper()
	_, err := f.PurgeMessage(f.ctx, m)
	require.NoError(f.t, err)
}

// known gives a message an identifier that is the same in every store.
func known(n byte) func(*storage.Message) {
	return func(m *storage.Message) { m.ID = id[storage.Message](n) }
}

// testRawReceipts has receipts come from markers, from messages, and alone, of
// members and of one who has left.
func testRawReceipts(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(6, c.room, c.ann)
	tick := func() { f.clock.advance(time.Minute) }
	tick()
	require.NoError(t, f.MarkRead(f.ctx, c.room, c.bob, storage.AtSeq(2)))
	tick()
	require.NoError(t, f.AddReadReceipt(f.ctx, ms[4].ID, c.bob))
	tick()
	f.say(c.room, c.cid, "all read")
	tick()
	require.NoError(t, f.MarkRead(f.ctx, c.room, c.bob, storage.AtSeq(6)))
	require.NoError(t, f.MarkUnread(f.ctx, c.room, c.bob, storage.AtSeq(4)))
	tick()
	f.purgeOne(ms[2].ID)
	require.NoError(t, f.RemoveMember(f.ctx, c.room, c.cid))
	require.NoError(t, f.AddReadReceipt(f.ctx, f.say(c.room, c.ann, "seven").ID, c.bob))
	g := f.moved()
	tick()
	for _, h := range []*fixture{f, g} {
		require.NoError(t, h.MarkRead(f.ctx, c.room, c.bob, storage.AtSeq(8)))
		h.say(c.room, c.bob, "me too", known(1))
	}
	require.Equal(t, f.dump().Receipts, g.dump().Receipts, "receipts after markers moved on")
	require.Equal(t, f.dumps(secretly), g.dumps(secretly))
}

// testRawGoneUsers requires that what a deleted user has left stays nobody's.
func testRawGoneUsers(t *testing.T, f *fixture) {
	c := f.circle()
	dan, eve := f.user("dan"), f.user("eve", func(u *storage.User) { u.ID = id[storage.User](7) })
	pair := f.direct(dan.ID, c.ann)
	for _, who := range []storage.UserID{dan.ID, eve.ID} {
		f.send(storage.Message{RoomID: c.room, AuthorID: who, Body: "once", Nonce: "n"})
	}
	hey := f.say(c.room, c.ann, "hey", mentioning(eve.ID, c.bob))
	for _, who := range []storage.UserID{dan.ID, eve.ID} {
		require.NoError(t, f.DeleteUser(f.ctx, who))
	}
	g := f.moved()
	for _, h := range []*fixture{f, g} {
		h.send(storage.Message{ID: id[storage.Message](1), RoomID: c.room, Body: "once", Nonce: "n"})
		again := h.user("eve", func(u *storage.User) { u.ID = eve.ID })
		h.send(storage.Message{ID: id[storage.Message](2), RoomID: c.room, AuthorID: again.ID, Body: "once", Nonce: "n"})
		require.Empty(t, list(h, h.Messages, storage.MessageQuery{Mentioned: again.ID}), "a later user is not mentioned")
		require.Len(t, list(h, h.Messages, storage.MessageQuery{Mentioned: c.bob}), 1)
		require.Equal(t, hey.Mentions, h.readMessage(hey.ID).Mentions)
		require.Equal(t, int64(1), h.readRoom(pair.ID).MemberCount)
	}
	require.Equal(t, f.dumps(secretly), g.dumps(secretly))
	h := g.moved()
	require.Empty(t, list(h, h.Messages, storage.MessageQuery{Mentioned: eve.ID}), "a later user is not mentioned after another load")
}

// testRawGoneRooms requires that of deleted rooms their files and their feed are
// left.
func testRawGoneRooms(t *testing.T, f *fixture) {
	c := f.circle()
	shed := f.room("shed", c.ann)
	for _, room := range []storage.RoomID{shed.ID, c.room} {
		f.say(room, c.ann, "file", carrying(f.upload(room, c.ann, "carried in "+room.String())))
		f.upload(room, c.bob, "loose in "+room.String())
		f.react(f.say(room, c.ann, "x").ID, c.bob, "👍")
	}
	attic := f.room("attic", c.ann)
	f.upload(attic.ID, c.ann, "kept")
	require.NoError(t, f.DeleteRoom(f.ctx, c.room))
	require.NoError(t, f.DeleteRoom(f.ctx, shed.ID))
	g := f.moved()
	for range 5 {
		q := storage.AttachmentPurge{Limit: 1}
		require.Equal(t, f.purgeAttachments(q), g.purgeAttachments(q))
	}
	require.Equal(t, f.changesOf(storage.ChangeQuery{User: c.bob}), g.changesOf(storage.ChangeQuery{User: c.bob}))
	f.moved()
}

// testRawPurged requires that stubs keep their places, threads their replies,
// and tombstones what they carried.
func testRawPurged(t *testing.T, f *fixture) {
	c := f.circle()
	root := f.say(c.room, c.ann, "root")
	reply := f.say(c.room, c.bob, "reply", func(m *storage.Message) { m.ParentID = root.ID })
	file := f.upload(c.room, c.ann, "file")
	carrier := f.say(c.room, c.ann, "carrier", carrying(file, f.upload(c.room, c.ann, "other")))
	f.remove(carrier.ID, c.ann)
	f.purgeOne(root.ID)
	last := f.say(c.room, c.ann, "last")
	f.purgeOne(last.ID)
	g := f.moved()
	for _, h := range []*fixture{f, g} {
		_, err := h.CreateMessage(f.ctx, &storage.Message{ID: root.ID, RoomID: c.room, Body: "again"})
		wantErr(t, err, storage.ErrDuplicate, "ID")
		require.Equal(t, int64(5), h.say(c.room, c.bob, "another", known(1), func(m *storage.Message) { m.ParentID = reply.ID }).Seq)
		thread := list(h, h.Messages, storage.MessageQuery{Thread: root.ID})
		require.Len(t, thread, 2, "replies to a message that was purged")
		page, err := h.Messages(f.ctx, storage.MessageQuery{Room: c.room, Before: storage.At(last.ID)})
		require.NoError(t, err)
		require.Len(t, page.Items, 1, "before a message that was purged")
		result, err := h.PurgeMessage(f.ctx, carrier.ID)
		require.NoError(t, err)
		require.Equal(t, int64(2), result.Attachments, "attachments of a tombstone")
	}
	require.Equal(t, f.dumps(secretly), g.dumps(secretly))
}

// testRawFeed requires that followers go on where they were.
func testRawFeed(t *testing.T, f *fixture) {
	c := f.circle()
	f.say(c.room, c.ann, "old")
	f.advance("push", 2)
	f.clock.advance(time.Hour)
	f.user("dan")
	require.NoError(t, f.RemoveMember(f.ctx, c.room, c.cid))
	_, err := f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Hour, PastConsumers: true})
	require.NoError(t, err)
	late := f.say(c.room, c.ann, "late")
	g := f.moved()
	for _, q := range []storage.ChangeQuery{{}, {After: 1}, {Room: c.room}, {User: c.cid}, {User: c.bob, After: 3}, {User: c.bob, After: f.head().Oldest}} {
		want, wantErr := f.Changes(f.ctx, q)
		got, gotErr := g.Changes(f.ctx, q)
		require.Equal(t, wantErr, gotErr, "%+v", q)
		require.Equal(t, want, got, "%+v", q)
	}
	before := g.head().Newest
	g.say(c.room, c.bob, "later")
	require.Equal(t, before+1, g.head().Newest)
	g.advance("push", before+1)
	page, err := g.Changes(f.ctx, storage.ChangeQuery{After: before - 1, User: c.bob})
	require.NoError(t, err)
	require.Len(t, page.Items, 2)
	require.Equal(t, late.ID, page.Items[0].MessageID)
}

// testRawAudit requires that the chain verifies, that what was erased stays so,
// and that a head that tells of what is not there still does.
func testRawAudit(t *testing.T, f *fixture) {
	ann := f.user("ann")
	f.auditLog(4)
	f.audit(fullAudit(ann.ID, ann.ID, storage.RoomID{}))
	f.clock.advance(time.Hour)
	f.audit(storage.AuditEntry{Action: "last", ActorID: ann.ID, Actor: storage.AuditActor{Name: "ann"}})
	f.prunedAudit(2, f.now(), 2)
	saved := f.auditHead()
	f.erased(2, ann.ID, 10)
	g := f.moved()
	g.verified(saved)
	require.Equal(t, f.chain(), g.chain())
	next := g.audit(storage.AuditEntry{Action: "next"})
	require.Equal(t, saved.Position+1, next.Position)
	require.Equal(t, saved.Hash, next.Prev)
	g.verified(saved)
	q := storage.AuditQuery{Text: "last"}
	require.Equal(t, list(f, f.AuditEntries, q), list(g, g.AuditEntries, q))
	_, err := g.PruneAudit(f.ctx, f.now().Add(time.Hour), 0)
	require.NoError(t, err)
	h := g.moved()
	require.Equal(t, g.auditHead(), h.auditHead(), "the head of an empty log")
}

// testRawHolds requires that holds go on to hold, and that those that were
// released tell of what is gone.
func testRawHolds(t *testing.T, f *fixture) {
	c := f.circle()
	eve := f.user("eve")
	f.release(f.hold(storage.Hold{UserID: eve.ID, Reason: "over", CreatedBy: c.ann}).ID)
	require.NoError(t, f.DeleteUser(f.ctx, eve.ID))
	m := f.say(c.room, c.bob, "evidence")
	standing := f.hold(storage.Hold{UserID: c.bob, Reason: "inquiry", CreatedBy: c.ann})
	g := f.moved()
	q := storage.HoldQuery{WithReleased: true}
	require.Equal(t, list(f, f.Holds, q), list(g, g.Holds, q))
	require.Len(t, list(g, g.Holds, q), 2)
	_, err := g.PurgeMessage(f.ctx, m.ID)
	wantForbidden(t, err, storage.ReasonHeld)
	wantForbidden(t, g.DeleteRoom(f.ctx, c.room), storage.ReasonHeld)
	g.release(standing.ID)
	g.purgeOne(m.ID)
	require.NoError(t, g.loads(f.dumps(secretly), merging))
	require.False(t, g.readHold(standing.ID).Stands(), "a hold that is in both stays as the store has it")
}
