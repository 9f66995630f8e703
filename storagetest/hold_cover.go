package storagetest

// What legal holds forbid, and what goes on.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var holdCoverCases = []testCase{
	{"a room", testHoldCoversRoom},
	{"a user", testHoldCoversUser},
	{"uploads of a user", testHoldCoversUploads},
	{"what a tombstone carried", testHoldCoversDetached},
	{"a tombstone", testHoldCoversTombstone},
	{"rooms in which a user said something", testHoldCoversRoomsOfUser},
	{"users who said something in a room", testHoldCoversUsersOfRoom},
	{"until it is released", testHoldUntilReleased},
	{"two on the same", testHoldTwice},
	{"what goes on", testHoldAllows},
	{"what is new", testHoldCoversNew},
	{"what was deleted before", testHoldAfterDeletion},
	{"reopen", testHoldReopen},
}

// stake is what a hold may cover: ann and bob have said something in two rooms,
// each with an attachment, and cid nothing.
type stake struct {
	circle
	other storage.RoomID
	files map[storage.MessageID]storage.Attachment

	annHere, bobHere, annThere, bobThere storage.Message
}

func (f *fixture) stake() stake {
	f.t.Helper()
	s := stake{circle: f.circle(), files: map[storage.MessageID]storage.Attachment{}}
	s.other = f.room("attic", s.ann).ID
	say := func(room storage.RoomID, author storage.UserID, name string) storage.Message {
		a := f.upload(room, author, name)
		m := f.say(room, author, name, carrying(a))
		s.files[m.ID] = a
		return m
	}
	s.annHere, s.bobHere = say(s.room, s.ann, "a"), say(s.room, s.bob, "b")
	s.annThere, s.bobThere = say(s.other, s.ann, "c"), say(s.other, s.bob, "d")
	return s
}

// taking is a call that takes something away.
type taking func(storage.Writer) error

// takings are all the calls that take away a message or its attachment.
func (f *fixture) takings(s stake, m storage.Message) map[string]taking {
	return map[string]taking{
		"DeleteMessage":    func(w storage.Writer) error { return errOf(w.DeleteMessage(f.ctx, m.ID, s.ann)) },
		"PurgeMessage":     func(w storage.Writer) error { return errOf(w.PurgeMessage(f.ctx, m.ID)) },
		"DeleteAttachment": func(w storage.Writer) error { return errOf(w.DeleteAttachment(f.ctx, s.files[m.ID].ID)) },
	}
}

func (f *fixture) deletingRoom(room storage.RoomID) map[string]taking {
	return map[string]taking{"DeleteRoom": func(w storage.Writer) error { return w.DeleteRoom(f.ctx, room) }}
}

func (f *fixture) deletingUser(user storage.UserID) map[string]taking {
	return map[string]taking{
		"DeleteUser":    func(w storage.Writer) error { return w.DeleteUser(f.ctx, user) },
		"EraseUserData": func(w storage.Writer) error { return errOf(w.EraseUserData(f.ctx, user, storage.EraseOptions{})) },
		"EraseUserData, keeping": func(w storage.Writer) error {
			return errOf(w.EraseUserData(f.ctx, user, storage.EraseOptions{Messages: storage.EraseKeep}))
		},
	}
}

// wantHeld requires that calls are refused because of a hold, and change nothing.
func (f *fixture) wantHeld(calls ...map[string]taking) {
	f.t.Helper()
	for _, some := range calls {
		for name, call := range some {
			e := f.refused(f.t, func() error { return call(f) }, storage.ErrForbidden)
			require.Equal(f.t, storage.ReasonHeld, e.Reason, name)
		}
	}
}

// wantFree requires that calls succeed, and undoes them.
func (f *fixture) wantFree(calls ...map[string]taking) {
	f.t.Helper()
	for _, some := range calls {
		for name, call := range some {
			f.rollBack(func(tx storage.Tx) error {
				require.NoError(f.t, call(tx), name)
				return nil
			})
		}
	}
}

func testHoldCoversRoom(t *testing.T, f *fixture) {
	s := f.stake()
	f.hold(storage.Hold{RoomID: s.room})
	f.wantHeld(f.takings(s, s.annHere), f.takings(s, s.bobHere), f.deletingRoom(s.room))
	f.wantFree(f.takings(s, s.annThere), f.takings(s, s.bobThere), f.deletingRoom(s.other))
	empty := f.room("empty", s.ann)
	f.wantFree(f.deletingRoom(empty.ID))
	f.hold(storage.Hold{RoomID: empty.ID})
	f.wantHeld(f.deletingRoom(empty.ID))
	e := f.refused(t, func() error { return errOf(f.PurgeMessage(f.ctx, s.annHere.ID)) }, storage.ErrForbidden)
	require.Equal(t, storage.EntityMessage, e.Entity)
	require.Equal(t, s.annHere.ID.String(), e.ID)
}

func testHoldCoversUser(t *testing.T, f *fixture) {
	s := f.stake()
	f.hold(storage.Hold{UserID: s.bob})
	f.wantHeld(f.takings(s, s.bobHere), f.takings(s, s.bobThere), f.deletingUser(s.bob))
	f.wantFree(f.takings(s, s.annHere), f.takings(s, s.annThere), f.deletingUser(s.ann), f.deletingUser(s.cid))
	f.hold(storage.Hold{UserID: s.cid})
	f.wantHeld(f.deletingUser(s.cid))
}

// testHoldCoversUploads has one user's file carried by another's message.
func testHoldCoversUploads(t *testing.T, f *fixture) {
	s := f.stake()
	loose, given := f.upload(s.room, s.cid, "loose"), f.upload(s.room, s.cid, "given")
	m := f.say(s.room, s.ann, "look", carrying(given))
	s.files[m.ID] = given
	h := f.hold(storage.Hold{UserID: s.cid})
	f.wantHeld(f.takings(s, m), f.deletingRoom(s.room), map[string]taking{
		"DeleteAttachment": func(w storage.Writer) error { return errOf(w.DeleteAttachment(f.ctx, loose.ID)) },
	})
	f.wantFree(f.takings(s, s.annHere), f.deletingRoom(s.other), f.deletingUser(s.bob))
	f.wantHeld(f.deletingUser(s.ann))
	f.rollBack(func(tx storage.Tx) error {
		require.NoError(t, errOf(tx.ReleaseHold(f.ctx, h.ID, s.ann)))
		require.NoError(t, tx.CreateHold(f.ctx, &storage.Hold{UserID: s.ann, Reason: "x"}))
		wantForbidden(t, tx.DeleteUser(f.ctx, s.cid), storage.ReasonHeld)
		return tx.DeleteUser(f.ctx, s.bob)
	})
}

func testHoldCoversDetached(t *testing.T, f *fixture) {
	s := f.stake()
	gift := f.upload(s.room, s.bob, "gift")
	m := f.say(s.room, s.ann, "look", carrying(gift))
	f.remove(m.ID, s.bob)
	h := f.hold(storage.Hold{UserID: s.ann})
	take := map[string]taking{"DeleteAttachment": func(w storage.Writer) error { return errOf(w.DeleteAttachment(f.ctx, gift.ID)) }}
	purge := map[string]taking{"PurgeMessage": func(w storage.Writer) error { return errOf(w.PurgeMessage(f.ctx, m.ID)) }}
	f.wantHeld(take, purge)
	f.release(h.ID)
	f.wantFree(take, purge)
	f.hold(storage.Hold{UserID: s.bob})
	f.wantHeld(take, purge)
}

func testHoldCoversTombstone(t *testing.T, f *fixture) {
	s := f.stake()
	stone := f.remove(s.bobHere.ID, s.ann)
	f.hold(storage.Hold{UserID: s.bob})
	f.wantHeld(map[string]taking{"PurgeMessage": func(w storage.Writer) error { return errOf(w.PurgeMessage(f.ctx, stone.ID)) }})
	before := f.dump()
	again, err := f.DeleteMessage(f.ctx, stone.ID, s.cid)
	require.NoError(t, err, "deleting it again takes nothing away")
	require.Equal(t, stone, again)
	require.Equal(t, before, f.dump())
}

func testHoldCoversRoomsOfUser(t *testing.T, f *fixture) {
	s := f.stake()
	lone := f.room("lone", s.ann)
	m := f.say(lone.ID, s.ann, "alone")
	f.hold(storage.Hold{UserID: s.bob})
	f.wantHeld(f.deletingRoom(s.room), f.deletingRoom(s.other))
	f.wantFree(f.deletingRoom(lone.ID))
	f.remove(m.ID, s.ann)
	h := f.hold(storage.Hold{UserID: s.ann})
	f.wantHeld(f.deletingRoom(lone.ID))
	f.release(h.ID)
	f.wantFree(f.deletingRoom(lone.ID))
	f.upload(lone.ID, s.bob, "plan")
	f.wantHeld(f.deletingRoom(lone.ID))
}

func testHoldCoversUsersOfRoom(t *testing.T, f *fixture) {
	s := f.stake()
	lone := f.room("lone", s.ann)
	f.hold(storage.Hold{RoomID: lone.ID})
	f.wantFree(f.deletingUser(s.ann), f.deletingUser(s.bob), f.deletingUser(s.cid))
	h := f.hold(storage.Hold{RoomID: s.other})
	f.wantHeld(f.deletingUser(s.ann), f.deletingUser(s.bob))
	f.wantFree(f.deletingUser(s.cid))
	f.upload(s.other, s.cid, "plan")
	f.wantHeld(f.deletingUser(s.cid))
	f.release(h.ID)
	f.wantFree(f.deletingUser(s.ann), f.deletingUser(s.bob), f.deletingUser(s.cid))
}

func testHoldUntilReleased(t *testing.T, f *fixture) {
	s := f.stake()
	room, user := f.hold(storage.Hold{RoomID: s.room}), f.hold(storage.Hold{UserID: s.bob})
	f.release(room.ID)
	f.wantFree(f.takings(s, s.annHere), f.deletingUser(s.cid))
	f.wantHeld(f.takings(s, s.bobHere), f.deletingRoom(s.room), f.deletingUser(s.bob))
	f.release(user.ID)
	f.wantFree(f.takings(s, s.bobHere), f.deletingRoom(s.room), f.deletingUser(s.bob))
}

func testHoldTwice(t *testing.T, f *fixture) {
	s := f.stake()
	for _, h := range []storage.Hold{{RoomID: s.room}, {UserID: s.ann}} {
		one, other := f.hold(h), f.hold(h)
		f.release(one.ID)
		f.release(one.ID)
		f.wantHeld(f.takings(s, s.annHere))
		f.release(other.ID)
		f.wantFree(f.takings(s, s.annHere))
	}
}

// testHoldAllows calls what takes away nothing that was said.
func testHoldAllows(t *testing.T, f *fixture) {
	s := f.stake()
	f.react(s.annHere.ID, s.bob, "x")
	f.pin(s.annHere.ID, s.ann)
	for _, h := range []storage.Hold{{RoomID: s.room}, {UserID: s.ann}, {UserID: s.bob}, {UserID: s.cid}} {
		f.hold(h)
	}
	m := f.edit(s.annHere.ID, s.bob, storage.MessagePatch{Body: new("changed"), Tags: &[]string{"t"}})
	require.Equal(t, "changed", m.Body)
	revisions := list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID})
	require.Len(t, revisions, 1)
	require.Equal(t, "a", revisions[0].Body, "what it said before")
	require.NoError(t, errOf(f.RemoveReaction(f.ctx, m.ID, s.bob, "x")))
	f.unpin(m.ID, s.ann)
	f.say(s.room, s.cid, "more")
	require.NoError(t, f.MarkUnread(f.ctx, s.room, s.bob, storage.At(m.ID)))
	require.NoError(t, errOf(f.UpdateRoom(f.ctx, s.room, storage.RoomPatch{Topic: new("another")})))
	require.NoError(t, errOf(f.UpdateUser(f.ctx, s.bob, storage.UserPatch{Username: new("robert")})))
	require.NoError(t, f.DeactivateUser(f.ctx, s.bob))
	require.NoError(t, f.RemoveMember(f.ctx, s.room, s.bob))
	require.NoError(t, f.DeactivateRoom(f.ctx, s.room))
}

// testHoldCoversNew says something after the hold was put.
func testHoldCoversNew(t *testing.T, f *fixture) {
	s := f.stake()
	f.hold(storage.Hold{RoomID: s.room})
	f.hold(storage.Hold{UserID: s.bob})
	for _, m := range []storage.Message{{RoomID: s.room, AuthorID: s.cid}, {RoomID: s.room}, {RoomID: s.other, AuthorID: s.bob}} {
		a := f.upload(m.RoomID, m.AuthorID, "new")
		m = f.say(m.RoomID, m.AuthorID, "new", carrying(a))
		s.files[m.ID] = a
		f.wantHeld(f.takings(s, m))
	}
	f.wantHeld(f.deletingUser(s.cid))
	f.createMany(1, &storage.Message{RoomID: s.room, AuthorID: s.cid, Body: "imported"})
	f.wantHeld(f.deletingUser(s.cid))
}

func testHoldAfterDeletion(t *testing.T, f *fixture) {
	s := f.stake()
	loose := f.upload(s.room, s.bob, "loose")
	require.NoError(t, f.DeleteRoom(f.ctx, s.room))
	f.hold(storage.Hold{UserID: s.bob})
	got := f.purgeAttachments(storage.AttachmentPurge{})
	require.Equal(t, int64(3), got.Attachments, "of a room that was deleted before")
	require.Contains(t, got.Blobs, loose.Blob)
	wantNotFound(t, errOf(f.PurgeMessage(f.ctx, s.bobHere.ID)), storage.EntityMessage)
	wantNotFound(t, f.DeleteRoom(f.ctx, s.room), storage.EntityRoom)
	f.forget(s.annThere.ID)
	wantNotFound(t, errOf(f.DeleteMessage(f.ctx, s.annThere.ID, s.ann)), storage.EntityMessage)
}

func testHoldReopen(t *testing.T, f *fixture) {
	if f.backend.lacks(FeatureReopen) {
		return
	}
	s := f.stake()
	f.hold(storage.Hold{RoomID: s.room})
	f.release(f.hold(storage.Hold{UserID: s.bob}).ID)
	f.clock.advance(time.Second)
	before := f.dump()
	f.reopen()
	require.Equal(t, before, f.dump())
	f.wantHeld(f.takings(s, s.annHere), f.deletingRoom(s.room))
	f.wantFree(f.takings(s, s.bobThere))
}
