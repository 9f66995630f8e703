package storagetest

// Purges in batches.

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testPurgeRoomOrder(_ *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.wantPurged(e, storage.PurgeQuery{Room: e.hall, Limit: 4}, "acdf", "hi")
	f.wantPurged(e, storage.PurgeQuery{Room: e.attic, Limit: 4}, "begj")
}

func testPurgeAuthorOrder(_ *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.wantPurged(e, storage.PurgeQuery{Author: e.ann, Limit: 2}, "ad", "ei", "g")
}

func testPurgeExpiryOrder(_ *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.wantPurged(e, storage.PurgeQuery{Expired: true, Limit: 2}, "fi", "b")
}

func testPurgeAgeOrder(_ *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.wantPurged(e, storage.PurgeQuery{To: f.now(), Limit: 4}, "abcj", "defg", "hi")
}

func testPurgeTombstoneOrder(_ *testing.T, f *fixture) {
	e := f.newEstate(0)
	f.wantPurged(e, storage.PurgeQuery{Tombstones: true, Limit: 2}, "ci", "e")
}

func testPurgeDefault(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	ms := f.numbered(2*storage.DefaultPurge, ann.ID, room.ID)
	f.say(f.room("attic", ann.ID).ID, ann.ID, "kept")
	q := storage.PurgeQuery{Room: room.ID}
	require.Equal(t, storage.PurgeResult{Messages: storage.DefaultPurge, More: true}, f.purge(q))
	require.Equal(t, ms[storage.DefaultPurge:], f.there(ms))
	require.Equal(t, storage.PurgeResult{Messages: storage.DefaultPurge}, f.purge(q))
	require.Empty(t, f.there(ms))
	q.Limit = storage.MaxLimit + 1
	require.Zero(t, f.purge(q))
	require.Equal(t, int64(len(ms)), f.readRoom(room.ID).LastSeq)
}

func testPurgeNothing(t *testing.T, f *fixture) {
	ann, bob := f.user("ann"), f.user("bob")
	room, empty := f.room("hall", ann.ID), f.room("attic", ann.ID)
	m := f.say(room.ID, ann.ID, "x", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Microsecond) })
	before := f.dump()
	for _, q := range []storage.PurgeQuery{
		{Room: empty.ID}, {Room: nowhere}, {Author: bob.ID}, {Author: nobody}, {Expired: true}, {Tombstones: true},
		{To: m.CreatedAt}, {Room: room.ID, Keep: 1}, {Room: room.ID, Author: bob.ID}, {Author: bob.ID, Expired: true},
		{Room: nowhere, Keep: 1, Expired: true},
	} {
		require.Zero(t, f.purge(q), "%+v", q)
	}
	require.Equal(t, before, f.dump())
	f.clock.advance(time.Microsecond)
	require.Equal(t, storage.PurgeResult{Messages: 1}, f.purge(storage.PurgeQuery{Expired: true}))
}

// testPurgeDeletedRoom looks for messages of a deleted room, and of a deleted
// author.
func testPurgeDeletedRoom(t *testing.T, f *fixture) {
	e := f.newEstate(0)
	require.NoError(t, f.DeleteRoom(f.ctx, e.hall))
	f.wantPurged(e, storage.PurgeQuery{Room: e.hall})
	f.wantPurged(e, storage.PurgeQuery{Tombstones: true}, "e")
	f.wantPurged(e, storage.PurgeQuery{Expired: true}, "b")
	require.NoError(t, f.DeleteUser(f.ctx, e.bob))
	f.wantPurged(e, storage.PurgeQuery{Author: e.bob})
	f.wantPurged(e, storage.PurgeQuery{To: f.now()}, "gj")
}

func testPurgeInvalid(t *testing.T, f *fixture) {
	f.newEstate(0)
	for field, qs := range map[string][]storage.PurgeQuery{
		"Room":  {{}, {KeepPinned: true}, {Limit: 5}},
		"Keep":  {{Room: nowhere, Keep: -1}, {Expired: true, Keep: 1}, {Author: nobody, Keep: 1}},
		"Limit": {{Room: nowhere, Limit: -1}},
		"To":    {{To: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}},
	} {
		for _, q := range qs {
			f.refused(t, func() error { return errOf(f.PurgeMessages(f.ctx, q)) }, storage.ErrInvalid, field)
			r, err := storage.Purge(f.ctx, f, q)
			wantErr(t, err, storage.ErrInvalid, field)
			require.Zero(t, r)
		}
	}
}

// purgeDisputes are invalid, and about nobody and nowhere.
func purgeDisputes() []dispute {
	return []dispute{
		{"purge in no room: keeps less than nothing", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.PurgeMessages(ctx, storage.PurgeQuery{Room: nowhere, Keep: -1}))
		}},
		{"purge of nobody: negative limit", storage.ErrInvalid, func(ctx context.Context, s storage.ReadWriter) error {
			return errOf(s.PurgeMessages(ctx, storage.PurgeQuery{Author: nobody, Limit: -1}))
		}},
	}
}

// testPurgeAll adds up the results of all batches.
func testPurgeAll(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	var ms []storage.Message
	for i := range 7 {
		a := f.upload(room.ID, ann.ID, fmt.Sprint(i), func(a *storage.Attachment) { a.Blob = fmt.Sprint("blob", (6-i)/2) })
		ms = append(ms, f.say(room.ID, ann.ID, "x", carrying(a)))
	}
	require.Equal(t, storage.PurgeResult{Messages: 7, Attachments: 7, Blobs: []string{"blob0", "blob1", "blob2", "blob3"}},
		f.unscrubbed(storage.Purge(f.ctx, f, storage.PurgeQuery{Room: room.ID, Limit: 2})))
	require.Empty(t, f.there(ms))
	require.Zero(t, f.unscrubbed(storage.Purge(f.ctx, f, storage.PurgeQuery{Room: room.ID, Limit: 2})))

	f.numbered(4, ann.ID, room.ID)
	some, err := storage.Purge(f.ctx, &failingPurger{MessagePurger: f, after: 1}, storage.PurgeQuery{Room: room.ID, Limit: 3})
	require.ErrorIs(t, err, storage.ErrConnection)
	require.Equal(t, int64(3), some.Messages, "what was purged before an error")
}

// failingPurger is a purger that fails after some calls.
type failingPurger struct {
	storage.MessagePurger
	after int
}

// PurgeMessages fails if it was called often enough.
func (p *failingPurger) PurgeMessages(ctx context.Context, q storage.PurgeQuery) (storage.PurgeResult, error) {
	if p.after--; p.after < 0 {
		return storage.PurgeResult{}, &storage.Error{Op: "purge messages", Kind: storage.ErrConnection}
	}
	return p.MessagePurger.PurgeMessages(ctx, q)
}

// testPurgeBatchBlobs has messages of one batch share blobs.
func testPurgeBatchBlobs(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room, other := f.room("hall", ann.ID), f.room("attic", ann.ID)
	blobs := []string{"z", "y", "z", "x", "y", "x", "kept"}
	for i, blob := range blobs {
		a := f.upload(room.ID, ann.ID, fmt.Sprint(i), func(a *storage.Attachment) { a.Blob = blob })
		f.say(room.ID, ann.ID, "m", carrying(a))
	}
	f.upload(other.ID, ann.ID, "elsewhere", func(a *storage.Attachment) { a.Blob = "kept" })
	want := slices.Compact(slices.Sorted(slices.Values(blobs)))[1:]
	require.Equal(t, storage.PurgeResult{Messages: 7, Attachments: 7, Blobs: want}, f.purge(storage.PurgeQuery{Room: room.ID}))
}
