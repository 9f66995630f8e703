package storagetest

// What is taken away, what is refused, and what all changes have in common.

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

func testChangeAttachments(t *testing.T, f *fixture) {
	c := f.circle()
	loose := storage.Attachment{ID: id[storage.Attachment](1), RoomID: c.room, UploaderID: c.bob, Name: "a", Blob: "a"}
	created := storage.Change{
		Kind: storage.ChangeAttachmentCreated, RoomID: c.room, AttachmentID: loose.ID, UserID: c.bob,
	}
	f.makes(func() error { return f.CreateAttachment(f.ctx, &loose) }, created)
	given := storage.Attachment{ID: id[storage.Attachment](2), RoomID: c.room, Name: "b", Blob: "b"}
	created.AttachmentID, created.UserID = given.ID, storage.UserID{}
	f.makes(func() error { return f.CreateAttachment(f.ctx, &given) }, created)

	f.makes(func() error { return errOf(f.DeleteAttachment(f.ctx, loose.ID)) },
		storage.Change{Kind: storage.ChangeAttachmentDeleted, RoomID: c.room, AttachmentID: loose.ID})
	f.say(c.room, c.ann, "before")
	m := f.say(c.room, c.ann, "look", carrying(given))
	f.makes(func() error { return errOf(f.DeleteAttachment(f.ctx, given.ID)) }, storage.Change{
		Kind: storage.ChangeAttachmentDeleted, RoomID: c.room, AttachmentID: given.ID, MessageID: m.ID, Seq: 2, Version: 2,
	})
	require.Equal(t, int64(2), f.readMessage(m.ID).Version)
}

func testChangeAttachmentsPurged(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	attic := f.room("attic", m.AuthorID)
	f.upload(attic.ID, m.AuthorID, "dust")
	f.unsay(m)
	require.NoError(t, f.DeleteRoom(f.ctx, attic.ID))
	f.clock.advance(time.Hour)
	all := f.made(func() error {
		return errOf(f.PurgeAttachments(f.ctx, storage.AttachmentPurge{UnattachedFor: time.Minute}))
	})
	var want []storage.Change
	for _, id := range []storage.AttachmentID{a.ID, b.ID, loose.ID} {
		want = append(want, storage.Change{Kind: storage.ChangeAttachmentDeleted, RoomID: m.RoomID, AttachmentID: id})
	}
	require.ElementsMatch(t, want, all)
	f.makes(func() error {
		return errOf(f.PurgeAttachments(f.ctx, storage.AttachmentPurge{UnattachedFor: time.Minute}))
	})
}

// purged is the change of a purge in a room.
func purged(room storage.RoomID, ranges ...storage.SeqRange) storage.Change {
	return storage.Change{Kind: storage.ChangeMessagesPurged, RoomID: room, Purged: ranges}
}

func testChangePurges(t *testing.T, f *fixture) {
	c := f.circle()
	ms := f.saying(9, c.room, c.ann)
	f.makes(func() error { return errOf(f.PurgeMessage(f.ctx, ms[4].ID)) },
		purged(c.room, storage.SeqRange{First: 5, Last: 5}))
	f.unsay(ms[1])
	f.pin(ms[6].ID, c.ann)
	q := storage.PurgeQuery{Room: c.room, Keep: 1, KeepPinned: true}
	f.makes(func() error { return errOf(f.PurgeMessages(f.ctx, q)) }, purged(c.room,
		storage.SeqRange{First: 1, Last: 4}, storage.SeqRange{First: 6, Last: 6}, storage.SeqRange{First: 8, Last: 8},
	))
	f.makes(func() error { return errOf(f.PurgeMessages(f.ctx, q)) })
	f.unsay(ms[8])
	q = storage.PurgeQuery{Room: c.room, Tombstones: true}
	f.makes(func() error { return errOf(f.PurgeMessages(f.ctx, q)) }, purged(c.room, storage.SeqRange{First: 9, Last: 9}))
}

// What hangs on a message goes with it, without changes of its own.
func testChangePurgesRooms(t *testing.T, f *fixture) {
	m, _, _ := f.carrier()
	attic := f.room("attic", m.AuthorID)
	f.react(m.ID, m.AuthorID, "👍")
	f.saying(2, attic.ID, m.AuthorID)
	f.saying(1, m.RoomID, m.AuthorID)
	all := f.made(func() error { return errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Author: m.AuthorID})) })
	require.ElementsMatch(t, []storage.Change{
		purged(m.RoomID, storage.SeqRange{First: 1, Last: 2}), purged(attic.ID, storage.SeqRange{First: 1, Last: 2}),
	}, all)
}

// What tells clients nothing makes no changes.
func testChangeNothing(t *testing.T, f *fixture) {
	c := f.circle()
	f.makes(func() error { return f.SetTyping(f.ctx, c.room, c.ann, f.now().Add(time.Minute)) })
	f.makes(func() error { return f.ClearTyping(f.ctx, c.room, c.ann) })
	f.makes(func() error { return f.AdvanceConsumer(f.ctx, "outbox", 1) })
	f.makes(func() error { return f.DeleteConsumer(f.ctx, "outbox") })
	f.clock.advance(time.Hour)
	f.makes(func() error { return f.TouchUser(f.ctx, c.ann) })
	f.makes(func() error { return f.TouchMember(f.ctx, c.room, c.ann) })
	f.makes(func() error { return errOf(f.CreateMessages(f.ctx, nil)) })
	f.makes(func() error { return errOf(f.PurgeMessages(f.ctx, storage.PurgeQuery{Expired: true})) })
	f.makes(func() error { return errOf(storage.Maintain(f.ctx, f, storage.MaintainOptions{})) })
	f.makes(func() error { return errOf(f.PruneChanges(f.ctx, storage.ChangePrune{Age: time.Minute})) })
}

func testChangeRefused(t *testing.T, f *fixture) {
	for _, d := range f.disputes() {
		before := f.head()
		require.Error(t, d.call(f.ctx, f), d.name)
		require.Equal(t, before, f.head(), d.name)
	}
	m := f.say(f.room("attic", storage.UserID{}).ID, storage.UserID{}, "x")
	f.makes(func() error { return nil })
	batch := []*storage.Message{{RoomID: m.RoomID, Body: "fits"}, {RoomID: m.RoomID, ParentID: id[storage.Message](9)}}
	before := f.head()
	wantErr(t, errOf(f.CreateMessages(f.ctx, batch)), storage.ErrNotFound)
	require.Equal(t, before, f.head(), "after a batch that failed half-way")
}

// The feed says what happened, never what was said, called or kept secret.
func testChangeSilent(t *testing.T, f *fixture) {
	w := f.world()
	changeAll(t, f.ctx, f, w)
	code, err := f.CreateInvite(f.ctx, &storage.Invite{RoomID: w.hall.ID, Email: "gil@example.com"})
	require.NoError(t, err)
	require.NoError(t, f.CreateSanction(f.ctx, &storage.Sanction{UserID: w.fay.ID, Kind: storage.SanctionMute, Reason: "noise"}))
	text, err := json.Marshal(f.wantGapless())
	require.NoError(t, err)
	for _, secret := range []string{
		"morning", "hammer", "dust", "hash", "example.com", "greeting", "early", "ann", "hall", "lobby", "bobby", "photo",
		"blobs", "noise", "n1", string(code),
	} {
		require.NotContains(t, string(text), secret)
	}
}

func testChangeTime(t *testing.T, f *fixture) {
	ann := f.user("ann")
	for _, step := range []time.Duration{time.Hour, -2 * time.Hour, time.Microsecond} {
		f.clock.advance(step)
		f.makes(func() error { return f.DeactivateUser(f.ctx, ann.ID) },
			storage.Change{Kind: storage.ChangeUserUpdated, UserID: ann.ID, Version: f.readUser(ann.ID).Version + 1})
		require.NoError(t, f.ReactivateUser(f.ctx, ann.ID))
	}
	old := storage.Message{RoomID: f.room("hall", ann.ID).ID, CreatedAt: f.now().Add(-time.Hour)}
	all := f.made(func() error { return errOf(f.CreateMessages(f.ctx, []*storage.Message{&old})) })
	require.Equal(t, []storage.Change{about(storage.ChangeMessageCreated, old, storage.UserID{})}, all)
}

func testChangeGapless(t *testing.T, f *fixture) {
	require.Equal(t, storage.ChangeHead{Oldest: 1}, f.head(), "of an empty store")
	require.Empty(t, f.changesOf(storage.ChangeQuery{}))
	w := f.world()
	changeAll(t, f.ctx, f, w)
	f.wantGapless()
}

// wantGapless requires that the feed is whole, and returns it.
func (f *fixture) wantGapless() []storage.Change {
	f.t.Helper()
	head := f.head()
	all := f.changesOf(storage.ChangeQuery{After: head.Oldest - 1, Limit: storage.MaxLimit})
	require.Len(f.t, all, int(head.Newest-head.Oldest)+1)
	wantAdjacent(f.t, head.Oldest, all)
	return all
}

// wantAdjacent requires that changes follow one another from a position on,
// and that those of one transaction are marked by the first of them.
func wantAdjacent(t testing.TB, first storage.Position, all []storage.Change) {
	t.Helper()
	for i, c := range all {
		require.Equal(t, first+storage.Position(i), c.Position, "Position")
		if i == 0 || c.Tx != all[i-1].Tx {
			require.Equal(t, c.Position, c.Tx, "Tx of the first change of a transaction")
		}
	}
}

func testChangeAliasing(t *testing.T, f *fixture) {
	c := f.circle()
	f.wipe(f.say(c.room, c.ann, "x"))
	q := storage.ChangeQuery{Kinds: []storage.ChangeKind{storage.ChangeMessagesPurged}}
	first := f.changesOf(q)
	require.Len(t, first, 1)
	first[0].Purged[0].Last = 99
	require.Equal(t, []storage.SeqRange{{First: 1, Last: 1}}, f.changesOf(q)[0].Purged)
}
