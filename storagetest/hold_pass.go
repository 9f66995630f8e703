package storagetest

// What works on many passes over what legal holds cover, and comes to an end.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var holdPassCases = []testCase{
	{"purges", testHoldPurges},
	{"purges of what is left", testHoldPurgeAll},
	{"purges of uploads", testHoldPurgeUploads},
	{"deletions", testHoldDeletions},
	{"deletions of a thread", testHoldDeletesThread},
	{"attachments", testHoldAttachments},
	{"expired messages", testHoldExpired},
	{"expired rooms", testHoldExpiredRooms},
	{"expired rooms of others", testHoldExpiredRoomsOfUser},
	{"more expired rooms than a page", testHoldExpiredRoomsMany},
	{"released at last", testHoldPassReleased},
}

// Of the messages of an estate, those by ann, by bob, and in the hall.
const (
	byAnn, byBob = "adegi", "bcfj"
	inHall       = "acdfhi"
)

func testHoldPurges(t *testing.T, f *fixture) {
	on := map[string]func(e *estate) storage.Hold{
		inHall: func(e *estate) storage.Hold { return storage.Hold{RoomID: e.hall} },
		byAnn:  func(e *estate) storage.Hold { return storage.Hold{UserID: e.ann} },
		byBob:  func(e *estate) storage.Hold { return storage.Hold{UserID: e.bob} },
	}
	n := 0
	for held, hold := range on {
		for _, c := range []purgeCase{
			{"acdfhi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall} }},
			{"begj", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.attic} }},
			{"adieg", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Author: e.ann} }},
			{"jabc", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{To: e.at('d').CreatedAt} }},
			{"fib", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Expired: true} }},
			{"fi", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Expired: true} }},
			{"cie", func(*estate) storage.PurgeQuery { return storage.PurgeQuery{Tombstones: true} }},
			{"cei", func(e *estate) storage.PurgeQuery {
				return storage.PurgeQuery{Tombstones: true, To: e.at('i').CreatedAt.Add(1)}
			}},
			{"ac", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, To: e.at('d').CreatedAt} }},
			{"acd", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1} }},
			{"ac", func(e *estate) storage.PurgeQuery { return storage.PurgeQuery{Room: e.hall, Keep: 1, KeepPinned: true} }},
		} {
			n++
			e := f.newEstate(n)
			h := f.hold(hold(e))
			q := c.q(e)
			q.Limit = 1
			f.wantPurged(e, q, singles(missingFrom(c.want, held))...)
			f.release(h.ID)
			require.NoError(t, f.DeleteRoom(f.ctx, e.hall))
			require.NoError(t, f.DeleteRoom(f.ctx, e.attic))
		}
	}
}

func testHoldPurgeAll(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.hold(storage.Hold{RoomID: e.hall})
	f.hold(storage.Hold{UserID: e.bob})
	before := f.readRoom(e.hall)
	r, err := storage.Purge(f.ctx, f, storage.PurgeQuery{To: f.now(), Limit: 1})
	require.NoError(t, err)
	require.Equal(t, int64(2), r.Messages)
	require.Equal(t, "abcdfhij", e.letters(f.there(e.all)))
	require.Equal(t, before, f.readRoom(e.hall))
	require.Equal(t, int64(2), f.readRoom(e.attic).MessageCount)
}

func testHoldPurgeUploads(t *testing.T, f *fixture) {
	s := f.stake()
	gift := f.upload(s.room, s.cid, "gift")
	m := f.say(s.room, s.ann, "look", carrying(gift))
	stone := f.say(s.room, s.ann, "look again", carrying(f.upload(s.room, s.cid, "another")))
	f.remove(stone.ID, s.ann)
	f.hold(storage.Hold{UserID: s.cid})
	got := f.purge(storage.PurgeQuery{Room: s.room, Limit: 1})
	require.Equal(t, int64(1), got.Messages)
	require.True(t, got.More)
	require.Equal(t, int64(1), f.purge(storage.PurgeQuery{Room: s.room, Limit: 1}).Messages)
	require.Zero(t, f.purge(storage.PurgeQuery{Room: s.room, Limit: 1}))
	require.Equal(t, carried(m.ID, gift), f.readMessage(m.ID).Attachments)
	require.True(t, f.readMessage(stone.ID).Deleted())
}

func testHoldDeletions(t *testing.T, f *fixture) {
	s := f.stake()
	f.say(s.room, s.bob, "x", tagged("t"))
	f.say(s.room, s.ann, "y", tagged("t"))
	h := f.hold(storage.Hold{UserID: s.ann})
	f.removeMany(storage.MessageQuery{Room: s.room, Order: storage.OldestFirst, Limit: 1}, s.cid, 1, true)
	require.True(t, f.readMessage(s.bobHere.ID).Deleted(), "beyond what is held")
	require.False(t, f.readMessage(s.annHere.ID).Deleted())
	f.removeMany(storage.MessageQuery{Room: s.room, Tags: []string{"t"}, Limit: 5}, s.cid, 1, false)
	f.removeMany(storage.MessageQuery{Room: s.room}, s.cid, 0, false)
	f.removeMany(storage.MessageQuery{Author: s.ann}, s.cid, 0, false)
	f.hold(storage.Hold{RoomID: s.other})
	f.removeMany(storage.MessageQuery{Author: s.bob}, s.cid, 0, false)
	f.release(h.ID)
	f.removeMany(storage.MessageQuery{Author: s.ann, Limit: 5}, s.cid, 2, false)
	require.False(t, f.readMessage(s.annThere.ID).Deleted(), "in the room that is held")
}

func testHoldDeletesThread(t *testing.T, f *fixture) {
	c := f.circle()
	root := f.say(c.room, c.ann, "root")
	reply := func(author storage.UserID) storage.Message {
		return f.say(c.room, author, "reply", func(m *storage.Message) { m.ParentID = root.ID })
	}
	one, two := reply(c.bob), reply(c.ann)
	f.pin(one.ID, c.ann)
	f.hold(storage.Hold{UserID: c.bob})
	f.removeMany(storage.MessageQuery{Room: c.room, Pinned: true}, c.ann, 0, false)
	f.removeMany(storage.MessageQuery{Thread: root.ID, Order: storage.OldestFirst}, c.ann, 2, false)
	require.False(t, f.readMessage(one.ID).Deleted())
	require.True(t, f.readMessage(two.ID).Deleted())
	require.True(t, f.readMessage(root.ID).Deleted())
}

func testHoldAttachments(t *testing.T, f *fixture) {
	s := f.stake()
	annHere, bobHere := f.upload(s.room, s.ann, "1"), f.upload(s.room, s.bob, "2")
	annThere, bobThere := f.upload(s.other, s.ann, "3"), f.upload(s.other, s.bob, "4")
	for _, m := range []storage.Message{s.annHere, s.bobHere, s.annThere, s.bobThere} {
		f.remove(m.ID, s.cid)
	}
	gift := f.upload(s.other, s.cid, "5")
	f.remove(f.say(s.other, s.bob, "6", carrying(gift)).ID, s.bob)
	f.hold(storage.Hold{RoomID: s.room})
	h := f.hold(storage.Hold{UserID: s.bob})
	f.clock.advance(time.Hour)
	q := storage.AttachmentPurge{UnattachedFor: time.Minute, Limit: 1}
	freed := []string{annThere.Blob, s.files[s.annThere.ID].Blob}
	var got []string
	for range freed {
		r := f.purgeAttachments(q)
		require.Equal(t, int64(1), r.Attachments)
		require.Equal(t, len(got) == 0, r.More)
		got = append(got, r.Blobs...)
	}
	require.ElementsMatch(t, freed, got)
	require.Zero(t, f.purgeAttachments(q), "what is held is passed over")
	require.Zero(t, f.maintain(time.Minute))
	for _, a := range []storage.Attachment{annHere, bobHere, bobThere, gift, s.files[s.bobThere.ID]} {
		require.Equal(t, a.Blob, f.readAttachment(a.ID).Blob)
	}
	f.release(h.ID)
	r := f.maintain(time.Minute)
	require.ElementsMatch(t, []string{bobThere.Blob, gift.Blob, s.files[s.bobThere.ID].Blob}, r.Blobs())
}

// testHoldExpired has a held message expire, which is hidden and kept.
func testHoldExpired(t *testing.T, f *fixture) {
	m, others := f.expiring()
	h := f.hold(storage.Hold{UserID: m.AuthorID})
	f.clock.advance(time.Hour)
	wantNotFound(t, errOf(f.Message(f.ctx, m.ID)), storage.EntityMessage)
	require.Zero(t, f.maintain(0))
	wantNotFound(t, errOf(f.Message(f.ctx, m.ID)), storage.EntityMessage)
	require.Len(t, f.there([]storage.Message{m}), 1)
	wantForbidden(t, errOf(f.PurgeMessage(f.ctx, m.ID)), storage.ReasonHeld)
	wantNotFound(t, errOf(f.DeleteMessage(f.ctx, m.ID, storage.UserID{})), storage.EntityMessage)
	f.release(h.ID)
	require.Equal(t, int64(1), f.maintain(0).Expired.Messages)
	require.Empty(t, f.there([]storage.Message{m}))
	require.Len(t, f.there(others), len(others))
}

func testHoldExpiredRooms(t *testing.T, f *fixture) {
	ann := f.user("ann").ID
	var rooms []storage.Room
	for range 5 {
		rooms = append(rooms, f.room("", ann, expiring(f.now().Add(time.Minute))))
	}
	one, two := f.hold(storage.Hold{RoomID: rooms[0].ID}), f.hold(storage.Hold{RoomID: rooms[3].ID})
	f.clock.advance(time.Hour)
	require.Equal(t, storage.MaintainReport{Rooms: 3}, f.maintain(0))
	require.Equal(t, rooms[0], f.readRoom(rooms[0].ID))
	_, err := f.CreateMessage(f.ctx, &storage.Message{RoomID: rooms[3].ID})
	wantForbidden(t, err, storage.ReasonRoomExpired)
	require.Zero(t, f.maintain(0))
	f.release(one.ID)
	require.Equal(t, storage.MaintainReport{Rooms: 1}, f.maintain(0))
	f.release(two.ID)
	require.Equal(t, storage.MaintainReport{Rooms: 1}, f.maintain(0))
}

func testHoldExpiredRoomsOfUser(t *testing.T, f *fixture) {
	c := f.circle()
	tent := f.room("tent", c.ann, expiring(f.now().Add(time.Minute)))
	m := f.say(tent.ID, c.bob, "in the tent")
	h := f.hold(storage.Hold{UserID: c.bob})
	f.clock.advance(time.Hour)
	require.Zero(t, f.maintain(0))
	require.Equal(t, m.ID, f.readMessage(m.ID).ID)
	f.release(h.ID)
	require.Equal(t, storage.MaintainReport{Rooms: 1}, f.maintain(0))
}

func testHoldExpiredRoomsMany(t *testing.T, f *fixture) {
	held := map[storage.RoomID]bool{}
	for i := range storage.DefaultLimit + 9 {
		room := f.room("", storage.UserID{}, expiring(f.now()))
		if i%2 == 0 {
			held[f.hold(storage.Hold{RoomID: room.ID}).RoomID] = true
		}
	}
	require.Equal(t, storage.MaintainReport{Rooms: int64(storage.DefaultLimit + 9 - len(held))}, f.maintain(0))
	for _, room := range list(f, f.Rooms, storage.RoomQuery{}) {
		require.True(t, held[room.ID])
		delete(held, room.ID)
	}
	require.Empty(t, held)
}

func testHoldPassReleased(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	holds := []storage.Hold{f.hold(storage.Hold{RoomID: e.hall}), f.hold(storage.Hold{UserID: e.ann})}
	q := storage.PurgeQuery{To: f.now()}
	f.wantPurged(e, q, "bj")
	f.release(holds[0].ID)
	f.wantPurged(e, q, "cfh")
	f.release(holds[1].ID)
	f.wantPurged(e, q, strings.Join(singles(byAnn), ""))
}
