package storagetest

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var bulkCases = []testCase{
	{"create", testBulkCreate},
	{"empty", testBulkEmpty},
	{"order and rooms", testBulkOrder},
	{"given times", testBulkTimes},
	{"replies within a batch", testBulkReplies},
	{"all or none", testBulkAtomic},
	{"invalid", testBulkInvalid},
	{"nonces", testBulkNonces},
	{"ID twice", testBulkTwice},
	{"limit", testBulkLimit},
	{"no aliasing", testBulkAliasing},
}

// createMany stores messages and requires that as many are new.
func (f *fixture) createMany(created int, ms ...*storage.Message) {
	f.t.Helper()
	n, err := f.CreateMessages(f.ctx, ms)
	require.NoError(f.t, err)
	require.Equal(f.t, created, n, "messages created")
	for _, m := range ms {
		read := f.readMessage(m.ID)
		read.Thread = m.Thread // to which later messages of the batch may have added
		require.Equal(f.t, *m, read, "what CreateMessages gave, and what is read")
	}
}

func testBulkCreate(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room := f.room("hall", ann.ID)
	at := time.Date(1999, 12, 31, 23, 59, 59, 999_999_999, time.FixedZone("", 3600))
	full := &storage.Message{
		RoomID: room.ID, AuthorID: ann.ID, Body: "hello", Type: storage.MessageCode, Nonce: "n", CreatedAt: at,
		Mentions: []storage.UserID{bob.ID, bob.ID}, Tags: []string{"a", "a"}, Custom: json.RawMessage(`{}`),
		Seq: 9, Version: 9, EditedAt: at, DeletedAt: at, DeletedBy: ann.ID, PinnedAt: at, RootID: id[storage.Message](1),
	}
	plain := &storage.Message{RoomID: room.ID, Body: "plain"}
	f.createMany(2, full, plain)
	require.Equal(t, storage.Message{
		ID: full.ID, RoomID: room.ID, Seq: 1, AuthorID: ann.ID, Type: storage.MessageCode, Body: "hello", Nonce: "n",
		Mentions: []storage.UserID{bob.ID}, Tags: []string{"a"}, Custom: json.RawMessage(`{}`),
		CreatedAt: storage.Timestamp(at), Version: 1,
	}, *full)
	require.Equal(t, storage.Message{
		ID: plain.ID, RoomID: room.ID, Seq: 2, Type: storage.MessageText, Body: "plain", CreatedAt: f.now(), Version: 1,
	}, *plain)
}

func testBulkEmpty(t *testing.T, f *fixture) {
	f.room("hall", storage.UserID{})
	for _, none := range [][]*storage.Message{nil, {}} {
		n, err := f.CreateMessages(f.ctx, none)
		require.NoError(t, err)
		require.Zero(t, n)
	}
}

func testBulkOrder(t *testing.T, f *fixture) {
	hall, attic := f.room("hall", storage.UserID{}), f.room("attic", storage.UserID{})
	f.say(hall.ID, storage.UserID{}, "before")
	var ms []*storage.Message
	for i := range 30 {
		room := hall.ID
		if i%3 == 0 {
			room = attic.ID
		}
		ms = append(ms, &storage.Message{RoomID: room, Body: fmt.Sprint(i), CreatedAt: clockStart.Add(-time.Duration(i) * time.Hour)})
	}
	f.createMany(30, ms...)
	seq := map[storage.RoomID]int64{hall.ID: 1}
	for _, m := range ms {
		seq[m.RoomID]++
		require.Equal(t, seq[m.RoomID], m.Seq, "Seq of message %s", m.Body)
	}
	require.Equal(t, int64(22), f.say(hall.ID, storage.UserID{}, "after").Seq)
	require.Equal(t, int64(22), f.readRoom(hall.ID).MessageCount)
	require.Equal(t, int64(10), f.readRoom(attic.ID).MessageCount)
}

func testBulkTimes(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	var ms []*storage.Message
	for _, at := range []time.Time{
		{}, time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 1000, time.UTC), time.Unix(0, 0),
		time.Unix(0, 1000), time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), clockStart.Add(time.Nanosecond),
	} {
		ms = append(ms, &storage.Message{RoomID: room.ID, AuthorID: ann.ID, CreatedAt: at})
	}
	given := make([]time.Time, len(ms))
	for i, m := range ms {
		given[i] = m.CreatedAt
	}
	f.createMany(len(ms), ms...)
	require.Equal(t, f.now(), ms[0].CreatedAt, "no time given")
	for i, m := range ms[1:] {
		require.Equal(t, storage.Timestamp(given[i+1]), m.CreatedAt)
	}
	require.Equal(t, ms[5].CreatedAt, f.readRoom(room.ID).LastMessageAt, "LastMessageAt")
	want := make([]storage.Message, 0, len(ms))
	for _, m := range ms {
		want = append(want, *m)
	}
	slices.SortFunc(want, func(a, b storage.Message) int {
		if order := a.CreatedAt.Compare(b.CreatedAt); order != 0 {
			return order
		}
		return a.ID.Compare(b.ID)
	})
	wantList(t, want, f.messagePages(storage.MessageQuery{Author: ann.ID, Order: storage.OldestFirst}))

	for _, field := range []string{"CreatedAt", "ExpiresAt"} {
		m := storage.Message{RoomID: room.ID}
		far := time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
		if m.CreatedAt = far; field == "ExpiresAt" {
			m.CreatedAt, m.ExpiresAt = time.Time{}, far
		}
		_, err := f.CreateMessages(f.ctx, []*storage.Message{&m})
		wantErr(t, err, storage.ErrInvalid, "[0]."+field)
	}
}

func testBulkReplies(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	root := &storage.Message{ID: id[storage.Message](1), RoomID: room.ID, Body: "root"}
	reply := &storage.Message{ID: id[storage.Message](2), RoomID: room.ID, Body: "reply", ParentID: root.ID}
	second := &storage.Message{RoomID: room.ID, Body: "reply to the reply", ParentID: reply.ID}
	f.createMany(3, root, reply, second)
	require.Equal(t, root.ID, reply.RootID)
	require.Equal(t, root.ID, second.RootID)
}

// refuseMany requires that a batch fails with a kind of error about one of its
// messages, and changes neither the store nor the messages.
func (f *fixture) refuseMany(t *testing.T, ms []*storage.Message, kind error, field string) {
	t.Helper()
	var before []storage.Message
	for _, m := range ms {
		if m != nil {
			before = append(before, *m)
		}
	}
	e := f.refused(t, func() error {
		n, err := f.CreateMessages(f.ctx, ms)
		require.Zero(t, n, "messages created beside an error")
		return err
	}, kind)
	require.Truef(t, strings.HasPrefix(e.Field, field), "Field of %v is %q, want %s…", e, e.Field, field)
	ms = slices.DeleteFunc(slices.Clone(ms), func(m *storage.Message) bool { return m == nil })
	for i, m := range ms {
		require.Equal(t, before[i], *m, "message %d after %v", i, e)
	}
}

func testBulkAtomic(t *testing.T, f *fixture) {
	ann := f.user("ann")
	hall, attic, shut := f.room("hall", ann.ID), f.room("attic", ann.ID), f.room("shed", ann.ID)
	taken := f.say(attic.ID, ann.ID, "taken", func(m *storage.Message) { m.Nonce = "n" })
	require.NoError(t, f.DeactivateRoom(f.ctx, shut.ID))
	for _, c := range []struct {
		bad  storage.Message
		kind error
	}{
		{storage.Message{RoomID: hall.ID, Body: "\x00"}, storage.ErrInvalid},
		{storage.Message{RoomID: hall.ID, ParentID: taken.ID}, storage.ErrInvalid},
		{storage.Message{RoomID: id[storage.Room](1)}, storage.ErrNotFound},
		{storage.Message{RoomID: hall.ID, AuthorID: id[storage.User](1)}, storage.ErrNotFound},
		{storage.Message{RoomID: hall.ID, ParentID: id[storage.Message](1)}, storage.ErrNotFound},
		{storage.Message{RoomID: hall.ID, Mentions: []storage.UserID{id[storage.User](1)}}, storage.ErrNotFound},
		{storage.Message{RoomID: shut.ID}, storage.ErrForbidden},
		{storage.Message{RoomID: attic.ID, AuthorID: ann.ID, Nonce: "n", Body: "other"}, storage.ErrConflict},
		{storage.Message{RoomID: hall.ID, ID: taken.ID}, storage.ErrDuplicate},
	} {
		var ms []*storage.Message
		for i := range 6 {
			ms = append(ms, &storage.Message{RoomID: []storage.RoomID{hall.ID, attic.ID}[i%2], AuthorID: ann.ID, Body: "undone", Nonce: fmt.Sprint(i)})
		}
		ms[3] = &c.bad
		f.refuseMany(t, ms, c.kind, "[3]")
		require.Empty(t, f.searchAll(storage.SearchQuery{Text: "undone"}), "found after %v", c.kind)
	}
	m := f.say(hall.ID, ann.ID, "first", func(m *storage.Message) { m.Nonce = "0" })
	require.Equal(t, int64(1), m.Seq, "Seq after batches that failed")
}

func testBulkInvalid(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	good := func() *storage.Message { return &storage.Message{RoomID: room.ID, Body: "x"} }
	for _, c := range []struct {
		m     *storage.Message
		field string
	}{
		{&storage.Message{}, "[1].RoomID"},
		{&storage.Message{RoomID: room.ID, Type: 99}, "[1].Type"},
		{&storage.Message{RoomID: room.ID, Body: "\xff"}, "[1].Body"},
		{&storage.Message{RoomID: room.ID, Tags: []string{""}}, "[1].Tags"},
		{nil, "[1]"},
	} {
		f.refuseMany(t, []*storage.Message{good(), c.m, good()}, storage.ErrInvalid, c.field)
	}
}

// A nonce that is there already is no error: the message is the first one, and
// is not counted.
func testBulkNonces(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	batch := func(bodies ...string) (ms []*storage.Message) {
		for _, body := range bodies {
			ms = append(ms, &storage.Message{RoomID: room.ID, AuthorID: ann.ID, Body: body, Nonce: "n" + body, CreatedAt: clockStart.Add(-time.Hour)})
		}
		return ms
	}
	first := batch("1", "2", "3")
	f.createMany(3, first...)
	f.clock.advance(time.Hour)
	again := batch("2", "4", "1", "3")
	f.createMany(1, again...)
	require.Equal(t, []*storage.Message{first[1], first[0], first[2]}, []*storage.Message{again[0], again[2], again[3]})
	require.Equal(t, int64(4), again[1].Seq)
	f.createMany(0, batch("1", "2", "3", "4")...)

	twice := batch("5", "5", "6", "5")
	f.createMany(2, twice...)
	require.Equal(t, twice[0], twice[1], "a nonce twice in a batch")
	require.Equal(t, twice[0], twice[3], "a nonce thrice in a batch")
	require.Equal(t, int64(6), f.readRoom(room.ID).MessageCount)

	differ := batch("7", "7")
	differ[1].Body = "other"
	f.refuseMany(t, differ, storage.ErrConflict, "[1]")
	stone := f.remove(first[0].ID, ann.ID)
	again = batch("1")
	f.createMany(0, again...)
	require.Equal(t, stone, *again[0])
}

func testBulkTwice(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	f.refuseMany(t, []*storage.Message{
		{ID: id[storage.Message](1), RoomID: room.ID}, {ID: id[storage.Message](2), RoomID: room.ID}, {ID: id[storage.Message](1), RoomID: room.ID},
	}, storage.ErrDuplicate, "[2].ID")
}

func testBulkLimit(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	ms := make([]*storage.Message, storage.MaxBatch+1)
	for i := range ms {
		ms[i] = &storage.Message{RoomID: room.ID}
	}
	_, err := f.CreateMessages(f.ctx, ms)
	wantErr(t, err, storage.ErrInvalid)
	require.Zero(t, f.readRoom(room.ID).LastSeq)
	n, err := f.CreateMessages(f.ctx, ms[1:])
	require.NoError(t, err)
	require.Equal(t, storage.MaxBatch, n)
	require.Equal(t, int64(storage.MaxBatch), f.readRoom(room.ID).MessageCount)
	require.Equal(t, int64(storage.MaxBatch), ms[storage.MaxBatch].Seq)
}

func testBulkAliasing(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	m := &storage.Message{RoomID: room.ID, Mentions: []storage.UserID{ann.ID}, Tags: []string{"a"}, Custom: json.RawMessage(`{"a":1}`)}
	given := *m
	f.createMany(1, m)
	want := f.readMessage(m.ID)
	for _, spoiled := range []storage.Message{given, *m} {
		spoiled.Mentions[0], spoiled.Tags[0], spoiled.Custom[2] = storage.UserID{}, "spoiled", 'X'
		require.Equal(t, want, f.readMessage(want.ID), "after spoiling what CreateMessages was given, and gave")
	}
}
