package storagetest

// What is due, and is taken away by Maintain.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lairchat/lair/storage"
)

var maintainCases = []testCase{
	{"nothing is due", testMaintainNothing},
	{"expired messages", testMaintainExpired},
	{"many expired messages", testMaintainMany},
	{"unattached attachments", testMaintainUnattached},
	{"a day unless told", testMaintainDay},
	{"attachments of deleted rooms", testMaintainRooms},
	{"attachments of tombstones", testMaintainTombstones},
	{"blobs", testMaintainBlobs},
	{"changes by age", testMaintainChangesFor},
	{"changes beyond the newest", testMaintainChangesKeep},
	{"many changes", testMaintainChangesMany},
	{"changes that consumers wait for", testMaintainConsumers},
	{"sessions", testMaintainSessions},
	{"many sessions", testMaintainSessionsMany},
	{"login attempts", testMaintainLogins},
	{"audit entries", testMaintainAudit},
	{"a dry run", testMaintainDry},
	{"a dry run of retention", testMaintainDryRetention},
	{"a dry run of what goes together", testMaintainDryTogether},
	{"a dry run by the nanosecond", testMaintainDryNanoseconds},
	{"dry runs at random", testMaintainDryRandom},
	{"a dry run refused", testMaintainDryRefused},
	{"invalid", testMaintainInvalid},
}

// maintain calls Maintain and returns the report without Scrubbed.
func (f *fixture) maintain(unattachedFor time.Duration) storage.MaintainReport {
	f.t.Helper()
	r, err := storage.Maintain(f.ctx, f, storage.MaintainOptions{UnattachedFor: unattachedFor})
	require.NoError(f.t, err)
	r.Expired = f.unscrubbed(r.Expired, nil)
	require.False(f.t, r.Attachments.Scrubbed, "Scrubbed of attachments")
	return r
}

func testMaintainNothing(t *testing.T, f *fixture) {
	require.Zero(t, f.maintain(0), "an empty store")
	m, _, _ := f.carrier()
	f.upload(m.RoomID, m.AuthorID, "fresh")
	f.remove(f.say(m.RoomID, m.AuthorID, "x").ID, m.AuthorID)
	f.say(m.RoomID, m.AuthorID, "later", func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Minute) })
	before := f.dump()
	require.Zero(t, f.maintain(0))
	require.Zero(t, f.maintain(time.Microsecond))
	require.Equal(t, before, f.dump())
}

func testMaintainExpired(t *testing.T, f *fixture) {
	m, others := f.expiring()
	a := f.upload(m.RoomID, m.AuthorID, "a")
	f.say(m.RoomID, m.AuthorID, "with a file", carrying(a), func(m *storage.Message) { m.ExpiresAt = f.now().Add(time.Hour) })
	f.clock.advance(time.Minute - time.Microsecond)
	require.Zero(t, f.maintain(0))
	f.clock.advance(time.Microsecond)
	require.Equal(t, storage.MaintainReport{Expired: storage.PurgeResult{Messages: 1}}, f.maintain(0))
	require.Equal(t, int64(3), f.readRoom(m.RoomID).MessageCount)
	f.clock.advance(time.Hour)
	want := storage.MaintainReport{Expired: storage.PurgeResult{Messages: 1, Attachments: 1, Blobs: []string{a.Blob}}}
	require.Equal(t, want, f.maintain(0))
	require.Equal(t, others, list(f, f.Messages, storage.MessageQuery{Room: m.RoomID, Order: storage.OldestFirst}))
	require.Zero(t, f.maintain(0))
	wantNotFound(t, errOf(f.PurgeMessage(f.ctx, m.ID)), storage.EntityMessage)
}

func testMaintainMany(t *testing.T, f *fixture) {
	ann := f.user("ann")
	rooms := []storage.Room{f.room("hall", ann.ID), f.room("attic", ann.ID)}
	for i := range 2*storage.DefaultPurge + 1 {
		f.say(rooms[i%2].ID, ann.ID, "x", func(m *storage.Message) { m.ExpiresAt = f.now() })
	}
	require.Equal(t, storage.PurgeResult{Messages: 2*storage.DefaultPurge + 1}, f.maintain(0).Expired)
	for _, room := range rooms {
		require.Zero(t, f.readRoom(room.ID).MessageCount)
	}
}

func testMaintainUnattached(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	old := f.upload(room.ID, ann.ID, "old")
	f.clock.advance(time.Minute)
	young := f.upload(room.ID, ann.ID, "young")
	carriedOne := f.upload(room.ID, ann.ID, "carried")
	f.say(room.ID, ann.ID, "x", carrying(carriedOne))
	f.clock.advance(time.Minute - time.Microsecond)
	require.Zero(t, f.maintain(2*time.Minute))
	f.clock.advance(time.Microsecond)
	want := storage.MaintainReport{Attachments: storage.PurgeResult{Attachments: 1, Blobs: []string{old.Blob}}}
	require.Equal(t, want, f.maintain(2*time.Minute))
	wantNotFound(t, errOf(f.Attachment(f.ctx, old.ID)), storage.EntityAttachment)
	require.Equal(t, young, f.readAttachment(young.ID))
	f.clock.advance(time.Hour)
	require.Equal(t, []string{young.Blob}, f.maintain(2*time.Minute).Blobs())
	require.Equal(t, carriedOne.ID, f.readAttachment(carriedOne.ID).ID)
}

func testMaintainDay(t *testing.T, f *fixture) {
	ann := f.user("ann")
	a := f.upload(f.room("hall", ann.ID).ID, ann.ID, "a")
	f.clock.advance(24*time.Hour - time.Microsecond)
	require.Zero(t, f.maintain(0))
	f.clock.advance(time.Microsecond)
	require.Equal(t, []string{a.Blob}, f.maintain(0).Blobs())
}

func testMaintainRooms(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	loose := f.upload(m.RoomID, m.AuthorID, "loose")
	kept := f.upload(f.room("attic", m.AuthorID).ID, m.AuthorID, "kept")
	require.NoError(t, f.DeleteRoom(f.ctx, m.RoomID))
	r := f.maintain(0)
	require.Equal(t, int64(3), r.Attachments.Attachments)
	require.ElementsMatch(t, []string{a.Blob, b.Blob, loose.Blob}, r.Blobs())
	require.Equal(t, kept, f.readAttachment(kept.ID))
	require.Zero(t, f.maintain(0))
}

func testMaintainTombstones(t *testing.T, f *fixture) {
	m, a, b := f.carrier()
	f.clock.advance(time.Hour)
	f.remove(m.ID, m.AuthorID)
	require.Zero(t, f.maintain(time.Microsecond))
	f.clock.advance(time.Hour - time.Microsecond)
	require.Zero(t, f.maintain(time.Hour), "as old as that, but carried until then")
	f.clock.advance(time.Microsecond)
	r := f.maintain(time.Hour)
	require.Zero(t, r.Expired)
	require.ElementsMatch(t, []string{a.Blob, b.Blob}, r.Blobs())
	require.Equal(t, m.ID, f.readMessage(m.ID).ID, "the tombstone stays")
}

// testMaintainBlobs has what expired share blobs with what nothing carries.
func testMaintainBlobs(t *testing.T, f *fixture) {
	ann := f.user("ann")
	room := f.room("hall", ann.ID)
	with := func(blob string) func(*storage.Attachment) {
		return func(a *storage.Attachment) { a.Blob = blob }
	}
	one, two := f.upload(room.ID, ann.ID, "1", with("b")), f.upload(room.ID, ann.ID, "2", with("c"))
	f.say(room.ID, ann.ID, "x", carrying(one, two), func(m *storage.Message) { m.ExpiresAt = f.now() })
	f.upload(room.ID, ann.ID, "3", with("b"))
	f.upload(room.ID, ann.ID, "4", with("a"))
	f.clock.advance(24 * time.Hour)
	r := f.maintain(0)
	require.Equal(t, storage.MaintainReport{
		Expired:     storage.PurgeResult{Messages: 1, Attachments: 2, Blobs: []string{"c"}},
		Attachments: storage.PurgeResult{Attachments: 2, Blobs: []string{"a", "b"}},
	}, r)
	require.Equal(t, []string{"a", "b", "c"}, r.Blobs())
}

func testMaintainInvalid(t *testing.T, f *fixture) {
	f.expiring()
	f.clock.advance(time.Hour)
	before := f.dump()
	for field, o := range map[string]storage.MaintainOptions{
		"UnattachedFor": {UnattachedFor: -1}, "ChangesFor": {ChangesFor: -1}, "ChangesKeep": {ChangesFor: 1, ChangesKeep: -1},
		"SessionsFor": {SessionsFor: -1}, "LoginsFor": {LoginsFor: -1}, "AuditFor": {AuditFor: -1},
		"MessagesFor": {MessagesFor: -1}, "MessagesKeep": {MessagesKeep: -1}, "InvitesFor": {InvitesFor: -1}, "SanctionsFor": {SanctionsFor: -1},
	} {
		r, err := storage.Maintain(f.ctx, f, o)
		wantErr(t, err, storage.ErrInvalid, field)
		require.Zero(t, r)
	}
	require.Equal(t, before, f.dump())
}

// maintains requires that Maintain prunes so many changes and does nothing else.
func (f *fixture) maintains(o storage.MaintainOptions, want int64) {
	f.t.Helper()
	r, err := storage.Maintain(f.ctx, f, o)
	require.NoError(f.t, err)
	r.Expired = f.unscrubbed(r.Expired, nil)
	require.Equal(f.t, storage.MaintainReport{Changes: want}, r)
}

func testMaintainChangesFor(t *testing.T, f *fixture) {
	f.hourly(5)
	f.maintains(storage.MaintainOptions{}, 0)
	f.maintains(storage.MaintainOptions{ChangesFor: 5 * time.Hour}, 0)
	f.maintains(storage.MaintainOptions{ChangesFor: 3 * time.Hour}, 2)
	require.Equal(t, storage.ChangeHead{Newest: 5, Oldest: 3}, f.head())
	f.maintains(storage.MaintainOptions{ChangesFor: 3 * time.Hour}, 0)
}

func testMaintainChangesKeep(t *testing.T, f *fixture) {
	f.hourly(5)
	f.maintains(storage.MaintainOptions{ChangesKeep: 5}, 0)
	f.maintains(storage.MaintainOptions{ChangesKeep: 4}, 1)
	f.maintains(storage.MaintainOptions{ChangesFor: 2 * time.Hour, ChangesKeep: 4}, 2)
	f.maintains(storage.MaintainOptions{ChangesFor: 24 * time.Hour, ChangesKeep: 1}, 1)
	require.Equal(t, storage.ChangeHead{Newest: 5, Oldest: 5}, f.head())
}

func testMaintainChangesMany(t *testing.T, f *fixture) {
	room := f.room("hall", storage.UserID{})
	for range 3 {
		f.toggle(room.ID, storage.MaxLimit)
	}
	f.user("ann")
	f.clock.advance(time.Hour)
	f.maintains(storage.MaintainOptions{ChangesFor: time.Hour}, 3*storage.MaxLimit+2)
	require.Equal(t, storage.ChangeHead{Newest: 3*storage.MaxLimit + 2, Oldest: 3*storage.MaxLimit + 3}, f.head())
}

func testMaintainConsumers(t *testing.T, f *fixture) {
	f.hourly(5)
	f.advance("push", 2)
	f.maintains(storage.MaintainOptions{ChangesFor: time.Minute, ChangesKeep: 1}, 2)
	f.advance("push", 5)
	f.maintains(storage.MaintainOptions{ChangesKeep: 1}, 2)
	require.Equal(t, storage.ChangeHead{Newest: 5, Oldest: 5}, f.head())
}
