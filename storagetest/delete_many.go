package storagetest

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var deleteManyCases = []testCase{
	{"tombstones", testDeleteMany},
	{"every condition", testDeleteManyFilters},
	{"bounds", testDeleteManyBounds},
	{"order and limit", testDeleteManyOrder},
	{"default and largest limit", testDeleteManyLimits},
	{"nothing to delete", testDeleteManyNothing},
	{"already deleted and expired ones", testDeleteManyPassed},
	{"what goes with them", testDeleteManyTakes},
	{"unknown user", testDeleteManyUnknown},
	{"unknown anchors", testDeleteManyAnchors},
	{"invalid", testDeleteManyInvalid},
	{"rolled back", testDeleteManyRolledBack},
}

// removeMany deletes messages and requires that so many were, and whether
// there are more.
func (f *fixture) removeMany(q storage.MessageQuery, by storage.UserID, want int, more bool) {
	f.t.Helper()
	n, rest, err := f.DeleteMessages(f.ctx, q, by)
	require.NoError(f.t, err)
	require.Equal(f.t, want, n, "messages deleted")
	require.Equal(f.t, more, rest, "whether there are more")
}

func testDeleteMany(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	first, second := f.say(room.ID, ann.ID, "first", tagged("t")), f.say(room.ID, bob.ID, "second")
	kept := f.say(other.ID, ann.ID, "kept")
	f.clock.advance(time.Minute)
	f.removeMany(storage.MessageQuery{Room: room.ID}, bob.ID, 2, false)
	for _, m := range []storage.Message{first, second} {
		m.Tombstone(bob.ID, f.now())
		require.Equal(t, m, f.readMessage(m.ID))
	}
	require.Equal(t, kept, f.readMessage(kept.ID))
	hall := f.readRoom(room.ID)
	require.Zero(t, hall.MessageCount)
	require.Equal(t, int64(2), hall.LastSeq)
	require.Equal(t, int64(3), f.say(room.ID, ann.ID, "next").Seq)
	f.removeMany(storage.MessageQuery{Author: ann.ID}, storage.UserID{}, 2, false)
	require.Zero(t, f.readMessage(kept.ID).DeletedBy)
}

// testDeleteManyFilters deletes what a query selects, and that alone.
func testDeleteManyFilters(t *testing.T, f *fixture) {
	h := f.newThreads()
	from, to := clockStart.Add(2*time.Minute), clockStart.Add(6*time.Minute)
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID, Pinned: true},
		{Room: h.room.ID, Tags: []string{"red", "blue"}},
		{Mentioned: h.ann.ID, To: from},
		{Thread: h.roots[3], Types: []storage.MessageType{storage.MessageCode}},
		{Thread: h.roots[0], Limit: 1000},
		{Author: h.bob.ID, From: from, To: to},
		{Room: h.room.ID, Author: h.ann.ID},
		{Mentioned: h.bob.ID},
		{Room: h.room.ID},
	} {
		want := h.selected(q, f.now())
		require.NotEmpty(t, want, "%+v", q)
		f.removeMany(q, h.ann.ID, len(want), false)
		f.readAgain(h.history)
		gone := 0
		for _, m := range h.all {
			chosen := slices.ContainsFunc(want, func(w storage.Message) bool { return w.ID == m.ID })
			if chosen {
				require.True(t, m.Deleted(), "%q of %+v", m.Body, q)
				gone++
			}
		}
		require.Equal(t, len(want), gone)
		f.wantHistory(h.history, storage.MessageQuery{Room: h.room.ID})
		f.wantHistory(h.history, storage.MessageQuery{Room: h.side.ID, WithDeleted: true})
		f.wantSummaries(h.room.ID)
	}
}

func testDeleteManyBounds(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	var ms []storage.Message
	for _, body := range []string{"1", "2", "3", "4", "5", "6"} {
		ms = append(ms, f.say(room.ID, storage.UserID{}, body))
	}
	left := func(want ...string) {
		t.Helper()
		require.Equal(t, want, bodies(list(f, f.Messages, storage.MessageQuery{Room: room.ID, Order: storage.OldestFirst})))
	}
	f.removeMany(storage.MessageQuery{Room: room.ID, After: storage.At(ms[4].ID)}, storage.UserID{}, 1, false)
	left("1", "2", "3", "4", "5")
	f.removeMany(storage.MessageQuery{Room: room.ID, After: storage.AtSeq(2), Before: storage.At(ms[5].ID), Limit: 2}, storage.UserID{}, 2, true)
	left("1", "2", "3")
	f.forget(ms[1].ID)
	f.removeMany(storage.MessageQuery{Room: room.ID, Before: storage.At(ms[1].ID)}, storage.UserID{}, 1, false)
	left("3")
}

func testDeleteManyOrder(t *testing.T, f *fixture) {
	h := f.newHistory()
	for _, q := range []storage.MessageQuery{
		{Room: h.room.ID, Limit: 3}, {Room: h.room.ID, Limit: 2, Order: storage.OldestFirst},
		{Author: h.ann.ID, Limit: 2}, {Author: h.bob.ID, Limit: 2, Order: storage.OldestFirst},
	} {
		all := h.selected(q, f.now())
		f.removeMany(q, h.ann.ID, q.Limit, len(all) > q.Limit)
		f.readAgain(h)
		require.Equal(t, all[q.Limit:], h.selected(q, f.now()))
		f.wantHistory(h, storage.MessageQuery{Room: h.room.ID})
		f.wantHistory(h, storage.MessageQuery{Author: q.Author, Room: q.Room})
	}
	left := len(h.selected(storage.MessageQuery{Room: h.room.ID}, f.now()))
	f.removeMany(storage.MessageQuery{Room: h.room.ID, Limit: left}, h.ann.ID, left, false)
}

func testDeleteManyLimits(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	ms := make([]*storage.Message, storage.DefaultLimit+storage.MaxLimit+2)
	for i := range ms {
		ms[i] = &storage.Message{RoomID: room.ID}
	}
	_, err := f.CreateMessages(f.ctx, ms)
	require.NoError(t, err)
	f.removeMany(storage.MessageQuery{Room: room.ID}, storage.UserID{}, storage.DefaultLimit, true)
	f.removeMany(storage.MessageQuery{Room: room.ID, Limit: 1 << 40}, storage.UserID{}, storage.MaxLimit, true)
	f.removeMany(storage.MessageQuery{Room: room.ID, Limit: 1}, storage.UserID{}, 1, true)
	f.removeMany(storage.MessageQuery{Room: room.ID}, storage.UserID{}, 1, false)
	f.removeMany(storage.MessageQuery{Room: room.ID}, storage.UserID{}, 0, false)
}

func testDeleteManyNothing(t *testing.T, f *fixture) {
	h := f.newHistory()
	before := f.dump()
	for _, q := range []storage.MessageQuery{
		{Room: nowhere}, {Author: nobody}, {Thread: id[storage.Message](255)}, {Mentioned: nobody},
		{Room: h.room.ID, Tags: []string{"none"}}, {Room: h.room.ID, Pinned: true}, {Room: h.room.ID, After: storage.AtSeq(1000)},
	} {
		f.removeMany(q, h.ann.ID, 0, false)
	}
	require.Equal(t, before, f.dump())
}

func testDeleteManyPassed(t *testing.T, f *fixture) {
	m, others := f.expiring()
	stone := f.remove(others[0].ID, m.AuthorID)
	f.clock.advance(time.Minute)
	f.removeMany(storage.MessageQuery{Room: m.RoomID, Limit: 1}, others[0].AuthorID, 1, false)
	require.Equal(t, stone, f.readMessage(stone.ID), "a tombstone stays as it was")
	require.True(t, f.readMessage(others[1].ID).Deleted())
	f.removeMany(storage.MessageQuery{Room: m.RoomID}, m.AuthorID, 0, false)
	require.Equal(t, int64(1), f.readRoom(m.RoomID).MessageCount, "what has expired and was not purged counts")
}

func testDeleteManyTakes(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	reply := f.reply(m, m.AuthorID, "reply", mentions(m.AuthorID))
	f.react(m.ID, m.AuthorID, "x")
	f.edit(m.ID, m.AuthorID, storage.MessagePatch{Body: new("edited needle")})
	f.pin(m.ID, m.AuthorID)
	f.removeMany(storage.MessageQuery{Author: m.AuthorID}, m.AuthorID, 2, false)
	require.Zero(t, f.readMessage(m.ID).Thread)
	require.Empty(t, f.attached(m.ID))
	for _, a := range []storage.Attachment{a, b} {
		require.Equal(t, detached(f.now(), a), f.readAttachment(a.ID))
	}
	require.Empty(t, f.reactions(m.ID))
	require.Empty(t, list(f, f.MessageRevisions, storage.RevisionQuery{Message: m.ID}))
	f.wantMentioned(m.AuthorID)
	require.Empty(t, f.pinned(m.RoomID))
	require.Equal(t, m.ID, f.readMessage(reply.ID).RootID)
	if !f.backend.lacks(FeatureSearch) {
		require.Empty(t, f.found(storage.SearchQuery{Text: "needle"}))
	}
}

func testDeleteManyUnknown(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "x")
	for _, q := range []storage.MessageQuery{{Room: room.ID}, {Room: nowhere}} {
		e := f.refused(t, func() error { return f.deleteMany(q, nobody) }, storage.ErrNotFound, "by")
		require.Equal(t, storage.EntityUser, e.Entity)
	}
}

// deleteMany requires that nothing is returned beside an error, which it
// returns.
func (f *fixture) deleteMany(q storage.MessageQuery, by storage.UserID) error {
	f.t.Helper()
	n, more, err := f.DeleteMessages(f.ctx, q, by)
	require.Error(f.t, err)
	require.Zero(f.t, n)
	require.False(f.t, more)
	return err
}

func testDeleteManyAnchors(t *testing.T, f *fixture) {
	room, other := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "x")
	elsewhere := f.say(other.ID, storage.UserID{}, "y")
	for _, at := range []storage.MessageID{elsewhere.ID, id[storage.Message](1)} {
		for _, q := range []storage.MessageQuery{{Before: storage.At(at)}, {After: storage.At(at)}} {
			q.Room = room.ID
			e := f.refused(t, func() error { return f.deleteMany(q, storage.UserID{}) }, storage.ErrNotFound)
			require.Equal(t, storage.EntityMessage, e.Entity)
		}
	}
}

func testDeleteManyInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.say(room.ID, storage.UserID{}, "x")
	f.say(room.ID, storage.UserID{}, "y")
	for _, c := range []struct {
		field string
		q     storage.MessageQuery
	}{
		{"Around", storage.MessageQuery{Room: room.ID, Around: storage.AtSeq(1)}},
		{"WithDeleted", storage.MessageQuery{Room: room.ID, WithDeleted: true}},
		{"Cursor", storage.MessageQuery{Room: room.ID, Cursor: next(t, f.messagePages(storage.MessageQuery{Room: room.ID}))}},
		{"Room", storage.MessageQuery{}},
		{"Limit", storage.MessageQuery{Room: room.ID, Limit: -1}},
		{"Types", storage.MessageQuery{Room: room.ID, Types: []storage.MessageType{99}}},
		{"Tags", storage.MessageQuery{Room: room.ID, Tags: []string{""}}},
		{"Order", storage.MessageQuery{Room: room.ID, Order: 99}},
		{"To", storage.MessageQuery{Room: room.ID, From: clockStart, To: clockStart.Add(-1)}},
		{"Before", storage.MessageQuery{Author: nobody, Before: storage.AtSeq(1)}},
		{"After", storage.MessageQuery{Room: room.ID, After: storage.AtSeq(-1)}},
	} {
		f.refused(t, func() error { return f.deleteMany(c.q, nobody) }, storage.ErrInvalid, c.field)
	}
}

func testDeleteManyRolledBack(t *testing.T, f *fixture) {
	h := f.newThreads()
	before := f.dump()
	f.rollBack(func(tx storage.Tx) error {
		n, _, err := tx.DeleteMessages(f.ctx, storage.MessageQuery{Room: h.room.ID}, h.ann.ID)
		require.NotZero(t, n)
		return err
	})
	require.Equal(t, before, f.dump())
	f.wantHistory(h.history, storage.MessageQuery{Room: h.room.ID})
	f.wantHistory(h.history, storage.MessageQuery{Room: h.room.ID, Tags: []string{"red"}})
}
